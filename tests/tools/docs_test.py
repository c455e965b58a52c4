#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""docs/reference.md is what the binary makes of its option tables."""
import difflib
import re
import unittest

import tool


class Reference(unittest.TestCase):
    def test_the_committed_page_is_the_generated_one(self):
        committed = (tool.ROOT / "docs" / "reference.md").read_text(encoding="utf-8").splitlines()
        generated = tool.rhumb("schema", "--as", "markdown").splitlines()
        changes = list(difflib.unified_diff(committed, generated, "docs/reference.md", "generated", lineterm="", n=0))
        self.assertEqual(changes, [], "\n\nThe option tables have changed: run `make docs` and commit docs/reference.md.\n" + "\n".join(changes[:20]))

    def test_every_link_leads_to_a_heading(self):
        page = tool.rhumb("schema", "--as", "markdown")
        anchors = {re.sub(r"[^a-z0-9_ -]", "", heading.lower()).replace(" ", "-") for heading in re.findall(r"^#+ (.*)$", page, re.M)}
        links = re.findall(r"\]\(#([^)]*)\)", page)
        self.assertGreater(len(links), 20)
        self.assertEqual([link for link in links if link not in anchors], [])


if __name__ == "__main__":
    tool.main()
