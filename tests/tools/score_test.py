#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`rhumb score --grid` on the shipped files: the map as text is the committed one, as JSON and as SVG it can be read."""
import difflib
import json
import re
import unittest
import xml.etree.ElementTree

import tool

WORLD = tool.ROOT / "packaging" / "examples" / "regions-7.yaml"
GOLDEN = tool.ROOT / "tests" / "golden" / "score"
SVG = "{http://www.w3.org/2000/svg}"


def grid(*arguments, code=0):
    return tool.rhumb("score", "--grid", "--config", *arguments, code=code)


class Score(tool.Folder):
    def same(self, name, text):
        golden = (GOLDEN / name).read_text(encoding="utf-8")
        changes = list(difflib.unified_diff(golden.splitlines(), text.splitlines(), name, "now", lineterm="", n=0))
        self.assertEqual(changes, [], "\n" + "\n".join(changes[:20]))

    def without(self, region):
        """The seven parts of the world, one of them closed."""
        return self.write("new.yaml", WORLD.read_text(encoding="utf-8").replace(f"  - name: {region} ", f"  - dial: 0%\n    name: {region} "))

    def test_the_map_is_the_committed_one(self):
        self.same("regions-7.txt", grid(WORLD, "--by", "5"))
        self.same("regions-7-countries.txt", grid(WORLD, "--by", "country"))

    def test_each_example_has_one(self):
        for path in WORLD.parent.glob("*.yaml"):
            lines = grid(path, "--by", "5").splitlines()
            self.assertEqual(len([line for line in lines if not line.startswith("#")]), 36, path)

    def test_rows_add_up_and_totals_are_those_of_the_rows(self):
        cells = {}
        text = grid(WORLD, "--by", "2")
        for line in text.splitlines():
            runs = [(region, int(count)) for region, count in re.findall(r" (\S+)\*(\d+)", line)]
            self.assertTrue(line.startswith("#") or sum(count for _, count in runs) == 180, line)
            for region, count in runs:
                cells[region] = cells.get(region, 0) + count
        for region, count in cells.items():
            self.assertRegex(text, rf"# {re.escape(region)} +{count} ")

    def test_json_says_the_same(self):
        document = json.loads(grid(WORLD, "--by", "5", "--json"))
        self.assertEqual(len(document["rows"]), 36)
        winners = [cell[0] for row in document["rows"] for cell in row["cells"]]
        for region in document["regions"]:
            self.assertEqual(winners.count(region["region"]), region["cells"])
        self.assertAlmostEqual(sum(region["weight"] for region in document["regions"]), 1, places=3)

    def test_what_changes_is_said(self):
        new = self.without("sa-east-1")
        text = grid(new, "--by", "5", "--before", WORLD)
        self.assertRegex(text, r"(?m)^# sa-east-1 -> us-east-1: \d+ cells, ")
        self.assertIn("# nothing changes\n", grid(WORLD, "--by", "5", "--before", WORLD))
        changes = json.loads(grid(new, "--by", "country", "--before", WORLD, "--json"))["changes"]
        self.assertEqual({change["from"] for change in changes}, {"sa-east-1"})

    def test_a_region_that_is_down_wins_nothing(self):
        self.assertRegex(grid(WORLD, "--by", "5", "--down", "eu-west-1", "--down", "eu-central-1"), r"# eu-west-1 +0 +0.00%\n# eu-central-1 +0 +0.00%")

    def drawn(self, *arguments):
        path = self.folder / "map.svg"
        self.assertEqual(grid(*arguments, "--svg", path), "")
        self.assertLess(path.stat().st_size, 2_000_000)
        return xml.etree.ElementTree.parse(path).getroot()

    def test_the_picture_is_xml(self):
        root = self.drawn(WORLD)
        self.assertEqual(root.tag, SVG + "svg")
        self.assertEqual(len(root.findall(f".//{SVG}g[@class='areas']")), 1)
        names = {text.text for text in root.findall(f".//{SVG}g[@class='region']/{SVG}text")}
        self.assertTrue({"us-east-1", "sa-east-1"} <= names, names)

    def test_two_pictures_show_what_changes(self):
        root = self.drawn(self.without("sa-east-1"), "--by", "5", "--before", WORLD)
        self.assertEqual(len(root.findall(f".//{SVG}g[@class='areas']")), 2)
        (changed,) = root.findall(f".//{SVG}path[@class='changed']")
        self.assertTrue(changed.get("d").startswith("M"))

    def test_what_cannot_be_is_refused(self):
        grid(WORLD, "--by", "country", "--svg", self.folder / "map.svg", code=2)
        grid(WORLD, "--by", "7", code=2)
        grid(WORLD, "--route", "nowhere", code=1)
        grid(WORLD, "--down", "nowhere", code=1)
        grid(WORLD, "--by", "5", "--svg", self.folder, code=1)
        grid(self.folder / "missing.yaml", code=78)
        tool.rhumb("score", "--config", WORLD, code=2)


if __name__ == "__main__":
    tool.main()
