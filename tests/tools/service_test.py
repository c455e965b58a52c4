#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The unit of systemd: what it says of itself holds, and what it starts exists."""
import re
import subprocess
import unittest

import tool

UNIT = tool.ROOT / "packaging" / "systemd" / "rhumb.service"
MOST_EXPOSED = 15  # tenths


class Service(unittest.TestCase):
    def test_is_exposed_as_little_as_promised(self):
        done = subprocess.run(["systemd-analyze", "security", "--offline=true", "--no-pager", f"--threshold={MOST_EXPOSED}", str(UNIT)],
                              capture_output=True, text=True, timeout=60, check=False)
        self.assertEqual(done.returncode, 0, (done.stdout + done.stderr)[-400:])
        self.assertIn("exposure level for rhumb.service", done.stdout)

    def test_starts_and_reloads_by_commands_that_there_are(self):
        commands = re.findall(r"^Exec(?:Start|Reload)=/usr/bin/rhumb (\w+)(.*)$", UNIT.read_text(encoding="utf-8"), re.M)
        self.assertEqual([command for command, _ in commands], ["run", "reload"])
        for command, options in commands:
            known = tool.rhumb(command, "--help")
            for option in re.findall(r"--[a-z-]+", options):
                self.assertIn(option, known)


if __name__ == "__main__":
    tool.main()
