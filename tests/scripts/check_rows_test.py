#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""scripts/check_rows on small trees."""
import importlib.machinery
import importlib.util
import os
import pathlib
import sys
import tempfile
import unittest

sys.dont_write_bytecode = True
SCRIPT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "scripts", "check_rows")
loader = importlib.machinery.SourceFileLoader("check_rows", SCRIPT)
module = importlib.util.module_from_spec(importlib.util.spec_from_loader("check_rows", loader))
loader.exec_module(module)


class CheckRows(unittest.TestCase):
    def findings(self, rows, files):
        with tempfile.TemporaryDirectory() as folder:
            root = pathlib.Path(folder)
            for name, text in {"layers.toml": "[layers]\nbase = []\nnet = ['base']\n", **files}.items():
                (root / name).parent.mkdir(parents=True, exist_ok=True)
                (root / name).write_text(text, encoding="utf-8")
            return list(module.findings(root, rows, list(module.tests_of(root))))

    def test_each_kind_of_test_counts(self):
        row = {"means": "something"}
        for files in ({"tests/scenarios/x.yaml": "name: x\ncovers: [codec, S1, C2]\n"},
                      {"tests/unit/net/x_test.cc": "TEST(Net, S1_Holds) {}\n"},
                      {"tests/unit/base/deep/x_test.cc": "TEST_F(Base,\n       S1_HoldsToo) {}\n"},
                      {"tests/scripts/x_test.py": "class X:\n    def test_S1_holds(self):\n"},
                      {"tests/tools/x_test.py": "class X:\n    def test_S1_holds(self):\n"}):
            self.assertEqual(self.findings({"S1": row}, files), [], files)

    def test_a_row_without_a_test_is_named(self):
        found = self.findings({"S1": {"means": "something"}}, {"tests/scenarios/x.yaml": "covers: [S11]\n", "tests/unit/net/x_test.cc": "TEST(Net, S12_Holds)\n"})
        self.assertIn("S1: no test is named after it (something)", found)

    def test_what_the_suite_does_not_run_does_not_count(self):
        files = {"tests/unit/elsewhere/x_test.cc": "TEST(X, S1_Holds) {}\n", "tests/unit/net/y_test.cc": "// TEST(X, S1_Holds)\nTEST(DISABLED_X, S1_Holds) {}\n",
                 "tests/scenarios/off/x.yaml": "covers: [S1]\n", "tests/scenarios/y.yaml": "#covers: [S1]\n"}
        self.assertEqual(len(self.findings({"S1": {"means": "something"}}, files)), 1)

    def test_an_excuse_counts_until_its_feature_is_there(self):
        row = {"means": "something", "not_yet": "no tunnels", "until": ["net/tunnel.*"]}
        self.assertEqual(self.findings({"S1": row}, {"net/other.cc": ""}), [])
        found = self.findings({"S1": row}, {"net/tunnel.cc": ""})
        self.assertEqual(found, ["S1: net/tunnel.cc is there, so its excuse is over: test it and remove not_yet"])

    def test_an_excuse_needs_an_end_and_no_test(self):
        self.assertIn("not until which source", self.findings({"S1": {"means": "x", "not_yet": "y"}}, {})[0])
        row = {"means": "something", "not_yet": "no tunnels", "until": ["net/tunnel.*"]}
        self.assertIn("scenario.x is named after it", self.findings({"S1": row}, {"tests/scenarios/x.yaml": "covers: [S1]\n"})[0])

    def test_misspelt_keys_and_unknown_rows_are_named(self):
        files = {"tests/scenarios/x.yaml": "covers: [S1, S99, S4.2, G8]\n"}
        found = self.findings({"S1": {"means": "x", "not-yet": "y"}}, files)
        self.assertEqual(len(found), 2, found)
        self.assertIn("S99", found[1])

    def test_a_row_says_what_it_means(self):
        self.assertIn("does not say", self.findings({"S1": {}}, {"tests/scenarios/x.yaml": "covers: [S1]\n"})[0])


if __name__ == "__main__":
    unittest.main()
