#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""scripts/check_mirror on small trees."""
import importlib.machinery
import importlib.util
import os
import pathlib
import sys
import tempfile
import unittest

sys.dont_write_bytecode = True
SCRIPT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "scripts", "check_mirror")
loader = importlib.machinery.SourceFileLoader("check_mirror", SCRIPT)
module = importlib.util.module_from_spec(importlib.util.spec_from_loader("check_mirror", loader))
loader.exec_module(module)


class CheckMirror(unittest.TestCase):
    def findings(self, files, exceptions):
        with tempfile.TemporaryDirectory() as folder:
            root = pathlib.Path(folder)
            (root / "layers.toml").write_text("[layers]\nbase = []\nnet = ['base']\n", encoding="utf-8")
            for name in files:
                (root / name).parent.mkdir(parents=True, exist_ok=True)
                (root / name).touch()
            return list(module.findings(root, exceptions))

    def test_twins_are_enough(self):
        self.assertEqual(self.findings(["base/ip.cc", "tests/unit/base/ip_test.cc", "net/a/b.cc", "tests/unit/net/a/b_test.cc", "base/only.h"], {}), [])

    def test_a_source_without_its_twin_is_named(self):
        found = self.findings(["net/loop.cc", "tests/unit/base/loop_test.cc"], {})
        self.assertEqual(len(found), 1)
        self.assertTrue(found[0].startswith("net/loop.cc: no tests/unit/net/loop_test.cc"))

    def test_an_exception_counts(self):
        self.assertEqual(self.findings(["net/loop.cc"], {"net/loop.cc": "because"}), [])

    def test_an_exception_that_is_not_needed_is_named(self):
        files = ["net/loop.cc", "tests/unit/net/loop_test.cc"]
        self.assertIn("it has a test", self.findings(files, {"net/loop.cc": "because"})[0])
        self.assertIn("it is gone", self.findings(files, {"net/gone.cc": "because"})[0])


if __name__ == "__main__":
    unittest.main()
