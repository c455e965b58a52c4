#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`rhumb schema`: a real validator takes every file the gateway takes, and refuses what is wrong by itself."""
import json
import re
import unittest

import jsonschema
import tool
from matching import load_yaml, merged
from scenario import Scenario

GOOD = """
listeners: [{name: web, address: "127.0.0.1:8080"}]
regions: [{name: a, location: {latitude: 1, longitude: 1}, endpoints: ["127.0.0.1:9001"]}]
"""
# What is merged into GOOD, and must not pass.
BROKEN = {
    "unknown key at the top": "regoins: []",
    "unknown key below": "gateway: {wrokers: 2}",
    "unknown filter": "routes: [{name: a, filters: [{ip_alc: {deny: [10.0.0.0/8]}}]}]",
    "unknown option of a filter": "routes: [{name: a, filters: [{ip_acl: {dney: [10.0.0.0/8]}}]}]",
    "two filters in one entry": "routes: [{name: a, filters: [{ip_acl: {}, geo_acl: {}}]}]",
    "a filter of the gateway itself": "routes: [{name: a, filters: [client_ip]}]",
    "a filter without its required option": "routes: [{name: a, filters: [methods]}]",
    "no name": "routes: [{strategy: score}]",
    "no unit": "gateway: {drain_timeout: 30}",
    "wrong unit": "gateway: {drain_timeout: 30sec}",
    "a size as a duration": "gateway: {drain_timeout: 5KiB}",
    "no percent sign": "latency: {exploration: 1}",
    "out of range": "listeners: [{name: web, address: '127.0.0.1:8080', backlog: 0}]",
    "a fraction": "listeners: [{name: web, address: '127.0.0.1:8080', backlog: 1.5}]",
    "a text for a number": "listeners: [{name: web, address: '127.0.0.1:8080', backlog: many}]",
    "a text for a boolean": "sessions: {secure: 'yes'}",
    "not one of the words": "gateway: {log_level: loud}",
    "an address without a port": "listeners: [{name: web, address: 127.0.0.1}]",
    "a name for an address": "listeners: [{name: web, address: 'localhost:80'}]",
    "not a network": "geo: {trusted_proxies: [10.0.0.0/8/8]}",
    "not a country": "fence: [{countries: [UK], regions: [a]}]",
    "a list for a mapping": "gateway: []",
    "a mapping for a list": "regions: {a: {}}",
    "a list for a value": "gateway: {log_level: [info]}",
    "nothing for a section": "gateway: null",
}
# Codes of the golden files whose cause a schema can see: an unknown, missing or empty key, a wrong kind, number, boolean, unit, word.
SEEN = {"E0130", "E0131", "E0132", "E0133", "E0134", "E0135", "E0136"}


class Schema(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.schema = json.loads(tool.rhumb("schema"))
        cls.validator = jsonschema.Draft202012Validator(cls.schema)

    def errors(self, config):
        return [f"{'.'.join(map(str, e.absolute_path))}: {e.message[:200]}" for e in self.validator.iter_errors(config)]

    def test_it_is_a_schema_itself(self):
        jsonschema.Draft202012Validator.check_schema(self.schema)

    def test_it_takes_what_is_shipped(self):
        self.assertGreaterEqual(len(tool.SHIPPED), 4)
        for path, text in tool.shipped():
            self.assertEqual(self.errors(load_yaml(text)), [], path)

    def test_it_takes_what_the_scenarios_run(self):
        count = 0
        for path in sorted((tool.ROOT / "tests" / "scenarios").glob("*.yaml")):
            scenario = Scenario(path, None)
            if not scenario.spec.get("start", True) or "exit_code" in scenario.spec:
                continue  # not a configuration that a gateway runs with
            if "config_text" in scenario.spec:
                config = load_yaml(scenario.spec["config_text"])
            else:
                scenario.upstreams = dict.fromkeys(scenario.spec.get("upstreams") or {})
                config = merged(scenario.default_config(), scenario.spec.get("config") or {})
            self.assertEqual(self.errors(config), [], path)
            count += 1
        self.assertGreater(count, 100)

    def test_it_refuses_what_is_broken(self):
        self.assertEqual(self.errors(load_yaml(GOOD)), [])
        for what, change in BROKEN.items():
            self.assertNotEqual(self.errors({**load_yaml(GOOD), **load_yaml(change)}), [], what)

    def test_it_refuses_what_the_loader_refuses_for_the_same_reason(self):
        seen = set()
        for path in sorted((tool.ROOT / "tests" / "golden" / "config").glob("E*.yaml")):
            code = path.name[:5]
            if code in SEEN:
                self.assertNotEqual(self.errors(load_yaml(path.read_text(encoding="utf-8"))), [], path.name)
                seen.add(code)
        self.assertEqual(seen, SEEN, "each has a golden file")

    def test_one_value_is_a_list_of_one_and_a_variable_may_stand_for_any_value(self):
        config = load_yaml(GOOD)
        config["geo"] = {"trusted_proxies": "10.0.0.0/8", "countries": {"DE": "${REGION}"}}
        config["listeners"][0]["backlog"] = "${BACKLOG:-100}"
        config["sessions"] = {"secure": "${SECURE}", "idle": "${MINUTES}m", "same_site": "${SITE}"}
        config["fence"] = [{"countries": "${COUNTRY}", "regions": "a"}]
        config["x-mine"] = {"anything": [1, None]}
        self.assertEqual(self.errors(config), [])

    def test_every_default_passes_its_own_definition(self):
        count = 0
        def walk(node):
            nonlocal count
            if isinstance(node, dict):
                if "default" in node and "description" in node:
                    count += 1
                    errors = list(self.validator.evolve(schema={**node, "$defs": self.schema["$defs"]}).iter_errors(node["default"]))
                    self.assertEqual(errors, [], node["description"])
                for below in node.values():
                    walk(below)
            elif isinstance(node, list):
                for below in node:
                    walk(below)
        walk(self.schema)
        self.assertGreater(count, 80)

    def test_patterns_are_those_of_every_dialect(self):
        for pattern in re.findall(r'"pattern": "((?:[^"\\]|\\.)*)"', json.dumps(self.schema)):
            self.assertNotRegex(pattern, r"\(\?", "no look-around, no flags")


if __name__ == "__main__":
    tool.main()
