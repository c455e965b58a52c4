#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Holds what is shipped for operators against a running gateway: its scrape is clean, every metric is documented, and alert rules and
dashboard ask for nothing that it does not have.

observability_test.py --binary build/dev/rhumb      needs promtool (Debian: prometheus)
"""
import json
import os
import re
import subprocess
import sys
import tempfile
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
sys.path.insert(0, os.path.join(HERE, "..", "support"))
from matching import load_yaml  # noqa: E402
from scenario import Scenario  # noqa: E402

NAME = re.compile(r"\b(?:rhumb|process)_[a-z0-9_]+\b")
SUFFIX = re.compile(r"_(?:bucket|sum|count)$")
RULES = os.path.join(ROOT, "packaging", "prometheus", "rhumb.rules.yaml")
RULES_TEST = os.path.join(ROOT, "packaging", "prometheus", "rhumb.rules.test.yaml")
DASHBOARD = os.path.join(ROOT, "packaging", "grafana", "rhumb.json")
PAGE = os.path.join(ROOT, "docs", "observability.md")


def read(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


def promtool(*arguments, text=None):
    done = subprocess.run(["promtool", *arguments], input=text, capture_output=True, text=True, timeout=200, check=False)
    return done.returncode, done.stdout + done.stderr


class Scraped(Scenario):
    """Keeps the last scrape before everything ends."""
    scrape = ""

    def tear_down(self):
        if self.gateway is not None and self.gateway.addresses:
            self.scrape = self.gateway.admin("/metrics").body.text
        return super().tear_down()


def scrape_of(binary):
    scenario = Scraped(os.path.join(HERE, "scrape.yaml"), os.path.abspath(binary))
    if problems := scenario.run():
        sys.exit("\n".join(problems))
    return scenario.scrape


class Held(unittest.TestCase):
    text = ""  # of the scrape

    @property
    def families(self):
        return {line.split()[2]: line.split()[3] for line in self.text.splitlines() if line.startswith("# TYPE ")}

    @property
    def series(self):
        return {re.match(r"[a-z0-9_]+", line)[0] for line in self.text.splitlines() if line and not line.startswith("#")}

    def has(self, expression, where):
        for name in NAME.findall(re.sub(r"\b(?:job|job_region):\w+(?::\w+)?", "", expression)):
            self.assertIn(name, self.series, f"{where}: no such series in the scrape")
            if SUFFIX.search(name):
                self.assertEqual(self.families.get(SUFFIX.sub("", name)), "histogram", where)


class Scrape(Held):
    def test_is_clean(self):
        code, said = promtool("check", "metrics", text=self.text)
        self.assertEqual((code, said.strip()), (0, ""))

    def test_helps_people(self):
        helped = {line.split()[2]: line.split(None, 3)[3] for line in self.text.splitlines() if line.startswith("# HELP ")}
        self.assertEqual(set(helped), set(self.families))
        for name, text in helped.items():
            self.assertRegex(text, r"^[A-Z0-9].{10,}\.$", name)

    def test_and_page_name_the_same(self):
        rows = re.findall(r"^\| `([a-z0-9_]+)(?:\{([a-z_,]*)\})?` \| (\w+) \|", read(PAGE), re.M)
        self.assertEqual(len(rows), len({name for name, _, _ in rows}), "a metric stands on the page twice")
        self.assertEqual({name: kind for name, _, kind in rows}, self.families)

    def test_has_the_labels_of_the_page(self):
        for name, labels, _ in re.findall(r"^\| `([a-z0-9_]+)(?:\{([a-z_,]*)\})?` \| (\w+) \|", read(PAGE), re.M):
            for line in self.text.splitlines():
                found = re.match(rf"{name}(?:_bucket|_sum|_count)?(?:\{{(.*)\}})? ", line)
                if found:
                    told = re.findall(r'([a-z_]+)="', found[1] or "")
                    self.assertEqual(sorted(set(told) - {"le"}), sorted(filter(None, labels.split(","))), line)


class Rules(Held):
    rules = [rule for group in load_yaml(read(RULES))["groups"] for rule in group["rules"]]

    def test_are_sound(self):
        code, said = promtool("check", "rules", RULES)
        self.assertEqual(code, 0, said)

    def test_hold_their_own_tests(self):
        code, said = promtool("test", "rules", RULES_TEST)
        self.assertEqual(code, 0, said)

    def test_each_is_tested_firing_and_quiet(self):
        names = {test["name"] for test in load_yaml(read(RULES_TEST))["tests"]}
        for rule in self.rules:
            if "alert" in rule:
                self.assertIn(rule["alert"] + " fires", names)
                if rule["alert"] != "RhumbWatchdog":
                    self.assertIn(rule["alert"] + " stays quiet", names)

    def test_ask_for_what_there_is(self):
        for rule in self.rules:
            self.has(rule["expr"], rule.get("alert", rule.get("record")))

    def test_recorded_ones_are_used(self):
        for rule in self.rules:
            if "record" in rule:
                self.assertTrue(any(rule["record"] in other["expr"] for other in self.rules if other is not rule), rule["record"])

    def test_each_leads_to_its_runbook(self):
        headings = {re.sub(r"[^a-z0-9 -]", "", line.lstrip("# ").lower()).replace(" ", "-")
                    for line in read(PAGE).splitlines() if line.startswith("#")}
        for rule in self.rules:
            if "alert" in rule:
                self.assertEqual(rule["annotations"]["runbook_url"], f"docs/observability.md#{rule['alert'].lower()}")
                self.assertIn(rule["alert"].lower(), headings)
                self.assertIn(rule["labels"]["severity"], ("page", "ticket", "none"))


class Dashboard(Held):
    dashboard = json.loads(read(DASHBOARD))

    def expressions(self):
        for panel in self.dashboard["panels"]:
            for target in panel.get("targets", []):
                yield panel["title"], target["expr"]
        for annotation in self.dashboard["annotations"]["list"]:
            if "expr" in annotation:
                yield annotation["name"], annotation["expr"]
        for variable in self.dashboard["templating"]["list"]:
            if variable["type"] == "query":
                yield variable["name"], variable["query"]["query"]

    def test_asks_for_what_there_is(self):
        self.assertGreater(len(list(self.expressions())), 30)
        for where, expression in self.expressions():
            self.has(expression, where)

    def test_asks_in_sound_promql(self):
        rules = [{"record": f"panel:{i}", "expr": expression.replace("$__rate_interval", "5m")}
                 for i, (_, expression) in enumerate(self.expressions()) if "label_values" not in expression]
        with tempfile.NamedTemporaryFile("w", suffix=".yaml") as file:
            json.dump({"groups": [{"name": "dashboard", "rules": [{**rule, "record": rule["record"].replace(":", ":p")} for rule in rules]}]}, file)
            file.flush()
            code, said = promtool("check", "rules", file.name)
        self.assertEqual(code, 0, said)

    def test_panels_have_their_own_places(self):
        ids = [panel["id"] for panel in self.dashboard["panels"]]
        self.assertEqual(len(ids), len(set(ids)))
        taken = set()
        for panel in self.dashboard["panels"]:
            at = panel["gridPos"]
            cells = {(x, y) for x in range(at["x"], at["x"] + at["w"]) for y in range(at["y"], at["y"] + at["h"])}
            self.assertLessEqual(at["x"] + at["w"], 24, panel["title"])
            self.assertFalse(cells & taken, panel["title"])
            taken |= cells

    def test_shows_what_an_operator_looks_for(self):
        all_of = " ".join(expression for _, expression in self.expressions())
        for name in ("rhumb_requests_total", "rhumb_request_duration_seconds_bucket", "rhumb_proxy_overhead_seconds_bucket",
                     "rhumb_route_decisions_total", "rhumb_loop_lag_seconds_bucket", "rhumb_requests_ended_total", "rhumb_region_info",
                     "rhumb_region_failovers_total", "rhumb_config_generation"):
            self.assertIn(name, all_of)
        self.assertIn("geomap", {panel["type"] for panel in self.dashboard["panels"]})


if __name__ == "__main__":
    if sys.argv[1:2] != ["--binary"] or len(sys.argv) < 3:
        sys.exit(__doc__)
    Held.text = scrape_of(sys.argv[2])
    unittest.main(argv=sys.argv[:1] + sys.argv[3:])
