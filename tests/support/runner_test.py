#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The scenario runner tested with a stand-in gateway: what holds passes, and everything that does not hold is noticed."""
import glob
import os
import subprocess
import sys
import tempfile
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
from matching import dump_yaml, load_yaml  # noqa: E402
from scenario import check_spec  # noqa: E402

RUN = os.path.join(HERE, "..", "scenarios", "run")
STUB = os.path.join(HERE, "stub_gateway.py")


def run(*specs, jobs=1):
    with tempfile.TemporaryDirectory() as directory:
        files = []
        for i, spec in enumerate(specs):
            files.append(os.path.join(directory, f"s{i}.yaml"))
            with open(files[-1], "w", encoding="utf-8") as file:
                file.write(dump_yaml({"name": f"scenario {i}", "upstreams": {"a": "echo"}, **spec}))
        done = subprocess.run([sys.executable, RUN, "--binary", STUB, "--jobs", str(jobs), *files], capture_output=True, text=True, timeout=100, check=False)
    return done.returncode, done.stdout + done.stderr


ASK = {"request": {"path": "/x"}, "expect": {"status": 200, "json": {"target": "/x"}}}


class RunnerTest(unittest.TestCase):
    def check(self, spec, code, *texts):
        got, output = run(spec)
        self.assertEqual(got, code, output)
        for text in texts:
            self.assertIn(text, output)

    def test_passes_what_holds(self):
        self.check({"steps": [ASK, {"received": {"upstream": "a", "count": 1, "request": {"target": "/x"}}}]}, 0, "1 passed, 0 failed")

    def test_fails_what_does_not_hold(self):
        self.check({"steps": [{"request": {}, "expect": {"status": 404}}]}, 1, "step 1 (request)", "expected 404, got 200", "0 passed, 1 failed")

    def test_fails_on_an_exit_code(self):
        self.check({"steps": [ASK], "config": {"x-stub": {"exit_code": 3}}}, 1, "exit code 3")

    def test_fails_on_a_sanitizer_report(self):
        self.check({"steps": [ASK], "config": {"x-stub": {"say": "==1==ERROR: AddressSanitizer: heap-use-after-free"}}}, 1, "heap-use-after-free")

    def test_fails_on_a_child_left_behind(self):
        self.check({"steps": [ASK], "config": {"x-stub": {"leave_child": True}}}, 1, "left processes behind")

    def test_fails_on_output_that_is_no_record(self):
        self.check({"steps": [ASK], "config": {"x-stub": {"print": "hello"}}}, 1, "stdout is no JSON")

    def test_fails_when_it_does_not_become_ready_and_shows_why(self):
        self.check({"steps": [ASK], "config": {"x-stub": {"refuse": True}}}, 1, "did not become ready", "error: no")

    def test_fails_on_ambiguous_bytes_at_an_upstream(self):
        self.check({"steps": [{"raw": "GET / HTTP/1.1\r\nHost : a\r\n\r\n", "expect": {"status": 200}}]}, 1, "a was sent: field line")

    def test_a_command_is_given_what_it_reads(self):
        self.check({"steps": [{"run": ["read"], "input": "a b", "expect": {"stdout": "stub: read a b\n"}}]}, 0)

    def test_commands_run_beside_the_steps(self):
        watch = [{"begin": ["watch"], "as": "w"}, {"said": "w", "expect": {"stdout": "/watching no terminal/"}}]
        self.check({"steps": [*watch, ASK, {"end": "w", "signal": "INT", "exit": -2}]}, 0)
        self.check({"steps": [*watch, {"end": "w", "signal": "INT"}]}, 1, "step 3 (end): exit code -2", "stdout: stub: watching no terminal")
        self.check({"steps": [*watch, {"end": "w", "within": 0.1}]}, 1, "still running")
        self.check({"steps": [*watch, {"said": "w", "expect": {"stdout": "/something else/"}, "within": 0.1}]}, 1, "step 3 (said)", "expected /something else/")

    def test_commands_have_a_terminal_and_leave_it_as_it_was(self):
        keys = [{"said": "w", "expect": {"stdout": "/watching a terminal/"}}, {"type": "\x03", "on": "w"}, {"end": "w", "exit": -2}]
        self.check({"steps": [{"begin": ["watch"], "as": "w", "terminal": True}, *keys]}, 0)
        spoilt = [{"begin": ["watch", "--spoil"], "as": "w", "terminal": True}, keys[0]]
        self.check({"steps": [*spoilt, {"end": "w", "signal": "INT", "exit": -2}]}, 1, "the terminal is not as it was")
        self.check({"steps": spoilt}, 1, "command w: the terminal is not as it was")

    def test_refuses_misspelt_keys(self):
        self.check({"steps": [{"request": {}, "expects": {"status": 200}}]}, 1, "unknown ['expects']")
        self.check({"steps": [{"request": {}, "expect": {"statis": 200}}]}, 1, "unknown expectations ['statis']")
        self.check({"steps": [], "upstream": {}}, 1, "unknown keys: ['upstream']")

    def test_many_files_run_beside_each_other(self):
        code, output = run({"steps": [ASK]}, {"steps": [{"request": {}, "expect": {"status": 500}}]}, {"steps": [ASK]}, jobs=3)
        self.assertEqual(code, 1)
        self.assertIn("2 passed, 1 failed", output)

    def test_reload_and_exit_are_seen(self):
        self.check({"steps": [{"config": {"x-a": 1}}, {"signal": "TERM"}, {"exit": 0}, {"stderr": {"contains": "stopped:"}}]}, 0)

    def test_several_refusals_name_each_case_that_is_not(self):
        self.check({"steps": [{"refused": {"fine": "GET / HTTP/1.1\r\nHost: a\r\n\r\n"}}]}, 1, "1 of 1 cases", "fine:")


class FilesTest(unittest.TestCase):
    def test_every_scenario_is_well_formed_and_has_a_name_of_its_own(self):
        names = {}
        for path in sorted(glob.glob(os.path.join(HERE, "..", "scenarios", "*.yaml"))):
            with open(path, encoding="utf-8") as file:
                text = file.read()
            with self.subTest(os.path.basename(path)):
                self.assertTrue(text.startswith("# SPDX-License-Identifier: Apache-2.0"))
                spec = load_yaml(text)
                check_spec(spec)
                self.assertNotIn(spec["name"], names)
                self.assertTrue(spec["steps"])
                names[spec["name"]] = path


if __name__ == "__main__":
    unittest.main()
