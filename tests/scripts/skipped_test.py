#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""scripts/lib/skipped on what ctest and googletest print."""
import os
import subprocess
import sys
import tempfile
import unittest

SCRIPT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "scripts", "lib", "skipped")
SUMMARY = """100% tests passed, 0 tests failed out of 3

Total Test time (real) =   0.08 sec
"""
DID_NOT_RUN = """
The following tests did not run:
\t  2 - net.Tap.NeedsRoot (Skipped)
\t  3 - net.Tap.SaysNothing (Skipped)
"""
LOG = """1/3 Testing: net.Tap.NeedsRootNot
1/3 Test: net.Tap.NeedsRootNot
/src/tap_test.cc:1: Skipped
another one
[  SKIPPED ] Tap.NeedsRootNot (0 ms)
2/3 Testing: net.Tap.NeedsRoot
2/3 Test: net.Tap.NeedsRoot
[ RUN      ] Tap.NeedsRoot
/src/tap_test.cc:3: Skipped
only root can
open a tap

[  SKIPPED ] Tap.NeedsRoot (0 ms)
3/3 Testing: net.Tap.SaysNothing
[ RUN      ] Tap.SaysNothing
/src/tap_test.cc:4: Skipped


[  SKIPPED ] Tap.SaysNothing (0 ms)
"""


class Skipped(unittest.TestCase):
    def run_on(self, output, log):
        with tempfile.TemporaryDirectory() as folder:
            paths = [os.path.join(folder, name) for name in ("output", "log")]
            for path, text in zip(paths, (output, log)):
                with open(path, "w", encoding="utf-8") as file:
                    file.write(text)
            done = subprocess.run([sys.executable, SCRIPT, *paths], capture_output=True, text=True, timeout=60, check=True)
        return done.stdout

    def test_says_nothing_when_every_test_ran(self):
        self.assertEqual(self.run_on(SUMMARY, LOG), "")

    def test_names_each_with_its_reason_and_ends_with_the_summary(self):
        out = self.run_on("1/3 Test #1: ...\n" + SUMMARY + DID_NOT_RUN, LOG)
        self.assertIn("  net.Tap.NeedsRoot: only root can open a tap\n", out)
        self.assertIn("  net.Tap.SaysNothing: no reason given\n", out)
        self.assertTrue(out.endswith(SUMMARY + DID_NOT_RUN))


if __name__ == "__main__":
    unittest.main()
