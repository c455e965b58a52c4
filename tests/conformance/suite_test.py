#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The conformance suite tested with wrong gateways: every case must fail at one of them, or it would tell nothing.

The tunnel passes every byte on (what has to be refused or changed, fails), the refuser answers everything but canaries with a 400 (what
has to be passed on, fails), the liar gives canaries a wrong answer (everything fails).
"""
import json
import os
import subprocess
import sys
import tempfile
import unittest
from concurrent.futures import ThreadPoolExecutor

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(HERE, "..", "support")]
from suite import Case, Group, checks, load_groups  # noqa: E402

STUB = os.path.join(HERE, "..", "support", "stub_gateway.py")
REFUSAL = "HTTP/1.1 400 No\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
LIE = "HTTP/1.1 200 OK\r\nX-Canary: evil\r\nContent-Length: 4\r\n\r\nevil"


def play(group, stub, cases=()):
    """-> ids of the cases that failed, and of those that did not"""
    with tempfile.NamedTemporaryFile(suffix=".json") as file:
        command = [sys.executable, os.path.join(HERE, "run"), "--binary", STUB, "--group", group, "--json", file.name, "--patience", "0.15"]
        command += ["--whole", "--stub", json.dumps(stub)] + [word for case in cases for word in ("--case", case)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=100, check=False)
        if done.returncode not in (0, 1):
            raise AssertionError(f"{group}: {done.returncode}\n{done.stdout}{done.stderr}")
        results = json.load(file)
    return {one["id"] for one in results if one["problems"]}, {one["id"] for one in results if not one["problems"]}


def without_a_failure(group):
    """-> ids of the cases that pass at both; what has to be refused meets the tunnel first, all else the refuser."""
    refused = {case.id for case in group.cases if case.rhumb.get("forwarded") == 0}
    empty = set()
    for first, cases in ((False, refused), (True, {case.id for case in group.cases} - refused)):
        for refuser in (first, not first):
            cases = play(group.name, {"answer": REFUSAL} if refuser else {}, sorted(cases))[1] if cases else set()
        empty |= cases
    return empty


class RunnerTest(unittest.TestCase):
    def test_every_case_fails_at_a_wrong_gateway(self):
        with ThreadPoolExecutor(8) as pool:
            empty = set().union(*pool.map(without_a_failure, load_groups()))
        self.assertEqual(empty, set())

    def test_a_wrong_canary_fails_every_case(self):
        failed, passed = play("pipelining", {"canary": LIE})
        self.assertEqual(passed, set())
        self.assertIn("pipelining.three-in-order", failed)

    def test_ends_are_told_apart_at_every_byte(self):
        """The tunnel shows a cut answer as cut, but an upstream that dies before its head leaves the client without an answer."""
        command = [sys.executable, os.path.join(HERE, "run"), "--binary", STUB, "--case", "aborts-upstream.upstream-closes-in-a-length", "--patience", "0.3"]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
        self.assertEqual(done.returncode, 1)
        self.assertIn("upstream close after 0 bytes: 0 answers to one request", done.stdout)

    def test_nothing_selected_is_an_error(self):
        done = subprocess.run([sys.executable, os.path.join(HERE, "run"), "--binary", STUB, "--case", "no.such"], capture_output=True, check=False)
        self.assertEqual(done.returncode, 2)


class FilesTest(unittest.TestCase):
    def test_there_are_enough_and_each_says_where_it_comes_from(self):
        cases = [case for group in load_groups() for case in group.cases]
        self.assertGreaterEqual(len(cases), 300)
        self.assertEqual(len({case.id for case in cases}), len(cases))
        for case in cases:
            self.assertRegex(case.ref, r"^(RFC \d+ [\d.]+|CVE-\d+-\d+ class|CWE-\d+)", case.id)

    def test_misspelt_keys_are_refused(self):
        class Some:
            name = "g"
        good = {"send": "x", "grade": "must", "ref": "RFC 9112 3", "rhumb": "400 closed"}
        Case(Some, "a", good)
        for wrong in ({"sent": "x"}, {"grade": "maybe"}, {"rhumb": "400 close"}, {"rhumb": {"statis": 1}}, {"up": {"respnd": {}}}, {"rhumb": None}):
            with self.subTest(wrong), self.assertRaises(ValueError):
                Case(Some, "a", {**good, **wrong})
        with self.assertRaises(ValueError):
            checks("200 open sometimes", "x")

    def test_a_group_is_called_like_its_file(self):
        with tempfile.TemporaryDirectory() as directory:
            path = os.path.join(directory, "other.yaml")
            with open(path, "w", encoding="utf-8") as file:
                file.write("group: one\nabout: x\nsections: []\n")
            with self.assertRaises(ValueError):
                Group(path)


if __name__ == "__main__":
    unittest.main()
