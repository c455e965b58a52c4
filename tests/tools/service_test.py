#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The unit of systemd and what is packaged beside it: what they say of themselves holds, and what they name exists."""
import pathlib
import re
import subprocess
import tempfile
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

    def test_bounds_its_memory_behind_the_steps_in_which_the_gateway_sheds_load(self):
        unit = UNIT.read_text(encoding="utf-8")
        shares = {name: int(share) for name, share in re.findall(r"(?m)^(MemoryHigh|MemoryMax)=(\d+)%$", unit)}
        self.assertEqual(set(shares), {"MemoryHigh", "MemoryMax"})
        self.assertLess(shares["MemoryMax"], 90, "the system needs some, too")
        self.assertLess(shares["MemoryHigh"], shares["MemoryMax"])
        self.assertGreater(shares["MemoryHigh"], 0.97 * shares["MemoryMax"], "the kernel would slow it before it accepts nobody any more")
        # A file whose check takes too much is refused; the service does not end for that.
        self.assertIn("\nOOMPolicy=continue\n", unit)
        page = (tool.ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
        for name, share in shares.items():
            self.assertIn(f"{name}={share}%", page)

    def test_says_nothing_that_systemd_does_not_know(self):
        with tempfile.TemporaryDirectory() as directory:
            unit = pathlib.Path(directory, UNIT.name)
            unit.write_text(UNIT.read_text(encoding="utf-8").replace("/usr/bin/rhumb", tool.binary), encoding="utf-8")
            done = subprocess.run(["systemd-analyze", "verify", "--recursive-errors=no", "--man=no", str(unit)], capture_output=True, text=True, timeout=60,
                                  check=False)
            self.assertEqual([line for line in done.stderr.splitlines() if UNIT.name in line], [])


class Packaged(unittest.TestCase):
    def test_the_profile_compiles(self):
        profile = tool.ROOT / "packaging" / "apparmor" / "rhumb"
        done = tool.run(["/usr/sbin/apparmor_parser", "--skip-kernel-load", "--skip-cache", str(profile)])
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("AppArmorProfile=-rhumb", UNIT.read_text(encoding="utf-8"))

    def test_the_configuration_as_shipped_says_what_is_missing_and_its_example_is_good(self):
        shipped = (tool.ROOT / "packaging" / "etc" / "rhumb.yaml").read_text(encoding="utf-8")
        example = re.sub(r"(?m)^# ?", "", shipped[shipped.index("# version: 1"):])
        with tempfile.TemporaryDirectory() as directory:
            path = pathlib.Path(directory, "rhumb.yaml")
            path.write_text(shipped, encoding="utf-8")
            tool.rhumb("check", path, code=78)
            path.write_text(re.sub(r"\[/\S*\.mmdb\]", "[]", example), encoding="utf-8")
            self.assertIn(": ok (1 listeners, 2 regions", tool.rhumb("check", path))

    def test_the_version_is_that_of_the_project(self):
        changelog = (tool.ROOT / "packaging" / "debian" / "changelog").read_text(encoding="utf-8")
        self.assertEqual(re.match(r"rhumb \(([^)~+-]+)", changelog)[1], tool.rhumb("version").split()[1])


if __name__ == "__main__":
    tool.main()
