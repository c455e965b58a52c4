#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""rhumb(1) and rhumb.yaml(5): groff and man take them without a warning, and they hold every command and key."""
import os
import re
import unittest

import tool


class Man(tool.Folder):
    def setUp(self):
        super().setUp()
        done = tool.run([str(tool.ROOT / "scripts" / "pages"), "--binary", tool.binary, "--into", str(self.folder), "man"])
        self.assertEqual(done.returncode, 0, done.stderr)

    def rendered(self, name):
        """The page as text; without a word of complaint."""
        page = str(self.folder / name)
        groff = tool.run(["groff", "-man", "-Tutf8", "-ww", "-P-c", "-P-b", "-P-u", page])
        self.assertEqual((groff.returncode, groff.stderr), (0, ""))
        reader = tool.run(["man", "--warnings", "-E", "UTF-8", "-l", page], env={**os.environ, "MANWIDTH": "80", "LC_ALL": "C.UTF-8"})
        self.assertEqual((reader.returncode, reader.stderr), (0, ""))
        return re.sub(r"\s+", " ", groff.stdout)

    def test_the_page_of_the_command(self):
        text = self.rendered("rhumb.1")
        self.assertNotIn("@", text.replace("@GLIBC", ""))
        for command in ("rhumb run", "rhumb check", "rhumb config show", "rhumb config diff", "rhumb geo build", "rhumb help"):
            self.assertIn(command, text)
        self.assertIn("rhumb config diff OLD NEW [--json] What changes in meaning", text)
        for heading in ("SIGNALS", "EXIT STATUS", "ENVIRONMENT", "FILES", "EXAMPLES"):
            self.assertIn(heading, text)
        self.assertNotIn("__", text, "hidden commands stay hidden")

    def test_the_page_of_the_file(self):
        text = self.rendered("rhumb.yaml.5")
        self.assertIn("regions[].health", text)
        self.assertIn("routes[].filters[].ip_acl", text)
        self.assertIn("Time between two probes of an endpoint, plus jitter.", text)
        self.assertIn('name: web, address: "127.0.0.1:8080"', text)


if __name__ == "__main__":
    tool.main()
