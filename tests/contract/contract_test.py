#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""That the contract's judge can say no."""
import copy
import importlib.machinery
import importlib.util
import pathlib
import unittest

LOADER = importlib.machinery.SourceFileLoader("contract", str(pathlib.Path(__file__).with_name("run")))
contract = importlib.util.module_from_spec(importlib.util.spec_from_loader("contract", LOADER))
LOADER.exec_module(contract)

SPEC = {
    "paths": {
        "/v1/things": {"get": {"x-role": "read", "responses": {"200": {"content": {"application/json": {"schema": {"type": "array"}}}}}}},
        "/v1/things/{thing}/x": {"put": {"x-role": "operate", "responses": {"204": {}, "409": {"$ref": "#/components/responses/Refused"}}}},
        "/v1/things/all/x": {"put": {"x-role": "admin", "responses": {"204": {}}}},
        "/v1/new": {"post": {"x-role": "admin", "requestBody": {"content": {"application/json": {"schema": {"required": ["ttl"]}}}},
                             "responses": {"200": {"content": {"application/json": {"schema": {}}}}}}},
    },
    "components": {
        "responses": {"Refused": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}}}},
        "schemas": {"Error": {"type": "object", "required": ["error"]}},
    },
}
INDEX = {"endpoints": [{"method": "GET", "path": "/v1/things", "role": "read"}, {"method": "PUT", "path": "/v1/things/{thing}/x", "role": "operate"},
                       {"method": "PUT", "path": "/v1/things/all/x", "role": "admin"}, {"method": "POST", "path": "/v1/new", "role": "admin"}]}
JSON = "application/json"


class Contract(unittest.TestCase):
    def problems(self, call, status, answer):
        return contract.problems_of(SPEC, {"call": call, "status": status}, answer)

    def test_both_sides_know_the_same(self):
        self.assertEqual(list(contract.mismatches(SPEC, INDEX)), [])

    def test_an_endpoint_the_file_does_not_know(self):
        more = copy.deepcopy(INDEX)
        more["endpoints"].append({"method": "DELETE", "path": "/v1/things", "role": "admin"})
        self.assertEqual(len(list(contract.mismatches(SPEC, more))), 1)

    def test_an_endpoint_the_gateway_does_not_have(self):
        self.assertEqual(len(list(contract.mismatches(SPEC, {"endpoints": INDEX["endpoints"][1:]}))), 1)

    def test_another_role(self):
        other = copy.deepcopy(INDEX)
        other["endpoints"][0]["role"] = "admin"
        self.assertEqual(len(list(contract.mismatches(SPEC, other))), 1)

    def test_a_call_means_the_operation_of_its_path(self):
        self.assertEqual(contract.operation_of(SPEC, "PUT /v1/things/a%20b/x?y=z"), ("PUT", "/v1/things/{thing}/x"))
        self.assertEqual(contract.operation_of(SPEC, "PUT /v1/things/all/x"), ("PUT", "/v1/things/all/x"))
        self.assertIsNone(contract.operation_of(SPEC, "PUT /v1/things/a/b/x"))
        self.assertIsNone(contract.operation_of(SPEC, "GET /v1/things/a/x"))

    def test_answers_that_fit(self):
        self.assertEqual(self.problems("GET /v1/things", 200, (200, JSON, "[]")), [])
        self.assertEqual(self.problems("PUT /v1/things/a/x", 204, (204, "", "")), [])
        self.assertEqual(self.problems("PUT /v1/things/a/x", 409, (409, JSON, '{"error": 1}')), [])
        self.assertEqual(self.problems("GET /v1/nothing", 404, (404, JSON, '{"error": 1}')), [])

    def test_answers_that_do_not(self):
        for call, status, answer in [("GET /v1/things", 200, (200, JSON, "{}")), ("GET /v1/things", 200, (500, JSON, "[]")),
                                     ("GET /v1/things", 200, (200, "text/plain", "[]")), ("PUT /v1/things/a/x", 204, (204, "", "x")),
                                     ("PUT /v1/things/a/x", 409, (409, JSON, "{}")), ("PUT /v1/things/a/x", 202, (202, JSON, "{}")),
                                     ("GET /v1/nothing", 404, (404, JSON, "[]")), ("GET /v1/nothing", 404, (404, "text/plain", "no"))]:
            self.assertEqual(len(self.problems(call, status, answer)), 1, (call, answer))

    def test_a_body_that_was_taken_fits_too(self):
        def asked(body):
            return contract.problems_of(SPEC, {"call": "POST /v1/new", "status": 200, "body": body}, (200, JSON, "{}"))
        self.assertEqual(asked({"ttl": "1s"}), [])
        self.assertEqual(len(asked({})), 1)

    def test_every_operation_needs_a_call_that_succeeds(self):
        calls = [{"call": "POST /v1/new", "status": 200}, {"call": "GET /v1/things", "status": 200}, {"call": "PUT /v1/things/all/x", "status": 204}]
        self.assertEqual(len(list(contract.without_call(SPEC, calls))), 1)
        self.assertEqual(len(list(contract.without_call(SPEC, calls + [{"call": "PUT /v1/things/a/x", "status": 409}]))), 1)
        self.assertEqual(list(contract.without_call(SPEC, calls + [{"call": "PUT /v1/things/a/x", "status": 204}])), [])
        self.assertEqual(list(contract.without_call(SPEC, calls + [{"without": "PUT /v1/things/a/x", "because": "no"}])), [])


if __name__ == "__main__":
    unittest.main()
