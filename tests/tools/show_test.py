#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`rhumb config show` and `diff` on the shipped files: what is shown is accepted again and means the same."""
import json
import unittest

import tool

EXAMPLE = tool.ROOT / "packaging" / "examples" / "full.yaml"


class Show(tool.Folder):
    def without_secrets(self, path, text):
        """A shipped file with nothing in it that is hidden: what is hidden cannot come back the same."""
        hidden = ("keys:", "headers:", "query:", "cookies:", "- headers:")
        return self.write(path.name, "\n".join(line for line in text.splitlines() if not line.strip().startswith(hidden)) + "\n")

    def test_what_is_shown_means_the_same(self):
        for path, text in tool.shipped():
            file = self.without_secrets(path, text)
            for options in ([], ["--effective", "--origin"]):
                again = self.write("again.yaml", tool.rhumb("config", "show", "-c", file, *options))
                tool.rhumb("check", again)
                self.assertEqual(tool.rhumb("config", "diff", file, again), "", (path, options))

    def test_no_secret_of_a_shipped_file_is_shown(self):
        for options in (["--effective", "--origin"], ["--json", "--effective", "--origin"]):
            text = tool.rhumb("config", "show", "-c", EXAMPLE, *options)
            self.assertNotIn("0123456789abcdef", text)
            self.assertNotIn("rhumb %{region}", text)
            self.assertIn("x-edge", text)

    def test_a_hidden_key_is_not_accepted_as_a_key(self):
        again = self.write("again.yaml", tool.rhumb("config", "show", "-c", EXAMPLE))
        tool.rhumb("check", again, code=78)

    def test_the_json_has_value_default_and_origin(self):
        shown = json.loads(tool.rhumb("config", "show", "-c", EXAMPLE, "--json", "--effective", "--origin"))
        self.assertEqual(shown["regions"][0]["weight"]["value"], 100)
        self.assertIs(shown["regions"][0]["weight"]["default"], False)
        self.assertRegex(shown["regions"][0]["weight"]["origin"], r"full\.yaml:\d+$")
        self.assertIs(shown["regions"][1]["weight"]["default"], True)
        self.assertEqual(shown["routes"][0]["filters"][0]["ip_acl"]["allow"]["value"], ["10.0.0.0/8"])

    def test_a_difference_is_exit_1_and_trouble_78(self):
        text = EXAMPLE.read_text(encoding="utf-8")
        other = self.write("other.yaml", text.replace("weight: 100", "weight: 50").replace("idle: 30m", "idle: 1800s"))
        self.assertEqual(tool.rhumb("config", "diff", EXAMPLE, other, code=1), "~ regions[eu-west].weight: 100 -> 50\n")
        changes = json.loads(tool.rhumb("config", "diff", EXAMPLE, other, "--json", code=1))
        self.assertEqual(changes, [{"path": "regions[eu-west].weight", "kind": "changed", "before": "100", "after": "50", "effect": "reload"}])
        bad = self.write("bad.yaml", text.replace("ip_acl", "ip_alc"))
        self.assertEqual(tool.rhumb("config", "diff", EXAMPLE, bad, code=78), "")
        self.assertEqual(tool.rhumb("config", "show", "-c", bad, code=78), "")


if __name__ == "__main__":
    tool.main()
