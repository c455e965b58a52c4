#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The test support tested against itself: scripted upstream, raw client, relay, matching."""
import os
import sys
import time
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from matching import differences, merged  # noqa: E402
from raw_client import Client  # noqa: E402
from relay import Relay  # noqa: E402
from scripted_upstream import ScriptedUpstream  # noqa: E402
from wire import Ended, Head, pattern, quantity  # noqa: E402


class WithUpstream(unittest.TestCase):
    def upstream(self, script=None):
        one = ScriptedUpstream("a", script)
        self.addCleanup(one.shut_down)
        return one

    def client(self, address, **options):
        one = Client(address, **options)
        self.addCleanup(one.close)
        return one

    def ask(self, script, data=b"GET / HTTP/1.1\r\nHost: a\r\n\r\n", method="GET"):
        upstream = self.upstream(script)
        client = self.client(upstream.address)
        client.send(data)
        return upstream, client, client.read_response(5, method)


class UpstreamTest(WithUpstream):
    def test_echoes_what_it_was_sent(self):
        upstream, _, response = self.ask("echo", b"POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc")
        self.assertEqual(response.status, 200)
        self.assertIn('"body": "abc"', response.body.text)
        self.assertEqual(upstream.requests[0].body.text, "abc")
        self.assertTrue(upstream.requests[0].body.complete)

    def test_takes_the_script_first_and_the_rest_after(self):
        upstream = self.upstream({"script": [{"respond": {"status": 500}}], "otherwise": {"respond": {"status": 404}}})
        client = self.client(upstream.address)
        statuses = []
        for _ in range(3):
            client.send(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
            statuses.append(client.read_response().status)
        self.assertEqual(statuses, [500, 404, 404])

    def test_cuts_a_response_at_a_byte(self):
        _, _, response = self.ask({"respond": {"body": "0123456789", "cut": 45}})
        self.assertFalse(response.complete)
        self.assertEqual(response.ended, "eof")

    def test_resets_in_the_middle_of_a_response(self):
        _, _, response = self.ask({"respond": {"size": 100000, "cut": 50000, "then": "reset"}})
        self.assertFalse(response.complete)
        self.assertEqual((response.ended, response.body.size), ("reset", 50000))

    def test_answers_in_chunks_with_trailers(self):
        _, _, response = self.ask({"respond": {"body": "abcdef", "chunk": 4, "trailers": {"x-sum": "1"}}})
        self.assertEqual((response.body.text, response.body.chunks, response.body.trailers), ("abcdef", 2, [("x-sum", "1")]))

    def test_streams_a_pattern_that_is_verified(self):
        _, _, response = self.ask({"respond": {"size": "3MiB", "chunk": 65536}})
        self.assertEqual((response.body.size, response.body.is_pattern, response.complete), (3 << 20, True, True))

    def test_sends_interim_responses_first(self):
        _, _, response = self.ask([{"interim": 103}, "ok"])
        self.assertEqual(([status for status, _ in response.interim], response.status), ([103], 200))

    def test_notes_what_no_message_may_have(self):
        upstream, _, _ = self.ask("ok", b"GET / HTTP/1.1\r\nHost : a\r\nContent-Length: 0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n")
        self.assertEqual(len(upstream.requests[0].problems), 2)

    def test_reads_a_chunked_request_strictly(self):
        upstream = self.upstream("ok")
        client = self.client(upstream.address)
        client.send(b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3;x=y\r\nabc\r\n0\r\n\r\n")
        self.assertEqual(client.read_end(), "eof")
        self.assertIn("chunk size line", upstream.problems[0])

    def test_does_not_answer_for_ever_but_notes_the_end(self):
        upstream = self.upstream("silent")
        client = self.client(upstream.address)
        client.send(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        self.assertTrue(upstream.wait(lambda: upstream.requests, 5))
        client.reset()
        self.assertTrue(upstream.wait(lambda: upstream.connections[0].ended == "reset", 5))

    def test_waits_at_a_gate(self):
        upstream = self.upstream([{"hold": "g"}, "ok"])
        client = self.client(upstream.address)
        client.send(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        self.assertTrue(upstream.gates.wait_reached("g", 5))
        upstream.gates.release("g")
        self.assertEqual(client.read_response().status, 200)

    def test_refuses_connections_while_stopped_and_serves_again(self):
        upstream = self.upstream("ok")
        upstream.stop()
        with self.assertRaises(ConnectionRefusedError):
            Client(upstream.address)
        upstream.start()
        client = self.client(upstream.address)
        client.send(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        self.assertEqual(client.read_response().status, 200)

    def test_resets_open_connections_when_stopped(self):
        upstream = self.upstream("silent")
        client = self.client(upstream.address)
        client.send(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        upstream.wait(lambda: upstream.requests, 5)
        upstream.stop()
        self.assertEqual(client.read_end(), "reset")

    def test_tunnels_after_a_handshake(self):
        upstream = self.upstream({"websocket": {}})
        client = self.client(upstream.address)
        client.send(b"GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n")
        response = client.read_response()
        self.assertEqual((response.status, response.head.get("sec-websocket-accept")), (101, "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="))
        client.send(b"\x81\x02hi")
        self.assertEqual(client.read_bytes(4), b"\x81\x02hi")

    def test_counts_probes_apart(self):
        upstream, _, response = self.ask({"health": {"respond": {"status": 503}}}, b"GET /health HTTP/1.1\r\nHost: a\r\nUser-Agent: rhumb-probe\r\n\r\n")
        self.assertEqual((response.status, len(upstream.requests), len(upstream.probes)), (503, 0, 1))


class ClientTest(WithUpstream):
    def test_comes_from_the_address_it_is_given(self):
        upstream = self.upstream("ok")
        self.client(upstream.address, source="127.0.3.9")
        self.assertTrue(upstream.wait(lambda: upstream.connections, 5))
        self.assertEqual(upstream.connections[0].peer[0], "127.0.3.9")

    def test_reads_pipelined_answers_in_order(self):
        upstream = self.upstream({"paths": {"/1": {"respond": {"body": "1"}}, "/2": {"respond": {"body": "2", "chunk": 1}}}})
        client = self.client(upstream.address)
        client.send(b"GET /1 HTTP/1.1\r\nHost: a\r\n\r\nGET /2 HTTP/1.1\r\nHost: a\r\n\r\n")
        self.assertEqual([client.read_response().body.text for _ in range(2)], ["1", "2"])

    def test_knows_that_a_close_delimited_body_was_reset(self):
        _, _, response = self.ask({"respond": {"framing": "close", "body": "abc", "then": "reset"}})
        self.assertEqual((response.complete, response.ended), (False, "reset"))

    def test_head_has_no_body(self):
        _, client, response = self.ask({"respond": {"body": "abc"}}, b"HEAD / HTTP/1.1\r\nHost: a\r\n\r\n", "HEAD")
        self.assertEqual((response.complete, response.body.size), (True, 0))
        self.assertTrue(client.quiet(0.02))

    def test_sends_patterns_in_chunks(self):
        upstream = self.upstream("ok")
        client = self.client(upstream.address)
        client.send(b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n")
        client.send_pattern(1 << 20, chunk=10000)
        self.assertEqual(client.read_response().status, 200)
        body = upstream.requests[0].body
        self.assertEqual((body.size, body.is_pattern, body.chunks), (1 << 20, True, 105))


class RelayTest(WithUpstream):
    def relay(self, *arguments, **options):
        one = Relay(*arguments, **options)
        self.addCleanup(one.close)
        return one

    def test_delays_each_direction_by_its_share(self):
        relay = self.relay(self.upstream("ok").address, 0.04)
        client = self.client(relay.address)
        client.send(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        client.read_response()  # the first pays for the connection, too
        begun = time.monotonic()
        client.send(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        self.assertEqual(client.read_response().status, 200)
        self.assertGreaterEqual(time.monotonic() - begun, 0.08)

    def test_passes_large_bodies_unchanged(self):
        relay = self.relay(self.upstream({"respond": {"size": "8MiB"}}).address, 0.005)
        client = self.client(relay.address)
        client.send(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        body = client.read_response(20).body
        self.assertEqual((body.size, body.is_pattern), (8 << 20, True))

    def test_holds_to_its_bandwidth(self):
        relay = self.relay(self.upstream({"respond": {"size": "200KiB"}}).address, bandwidth=2 << 20)
        client = self.client(relay.address)
        begun = time.monotonic()
        client.send(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        self.assertTrue(client.read_response(20).body.is_pattern)
        self.assertGreaterEqual(time.monotonic() - begun, 0.09)

    def test_cuts_and_refuses(self):
        relay = self.relay(self.upstream("ok").address)
        client = self.client(relay.address)
        client.send(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        client.read_response()
        relay.refuse()
        relay.cut()
        self.assertEqual(client.read_end(), "reset")
        with self.assertRaises(ConnectionRefusedError):
            Client(relay.address)
        relay.refuse(False)
        again = self.client(relay.address)
        again.send(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        self.assertEqual(again.read_response().status, 200)

    def test_passes_half_closes_on(self):
        upstream = self.upstream("ok")
        relay = self.relay(upstream.address)
        client = self.client(relay.address)
        client.send(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        client.half_close()
        self.assertEqual(client.read_response().status, 200)
        self.assertEqual(client.read_end(), "eof")


class MatchingTest(unittest.TestCase):
    def test_fits(self):
        for expected, got in [(1, 1), ("200", 200), ("/a+b/", "caab"), (None, None), ({"a": 1}, {"a": 1, "b": 2}), ([1, "/x/"], [1, "xx"]),
                              ({"at_least": 3}, 3), ({"one_of": [1, 2]}, 2), ({"contains": "b"}, "abc"), ({"contains": [{"a": 1}]}, [{"a": 1}]),
                              ({"a.b.0": 5}, {"a": {"b": [5]}}), ({"about": 10, "within": 1}, 10.5), ({"x": None}, {})]:
            self.assertEqual(differences(expected, got), [], (expected, got))

    def test_does_not_fit(self):
        for expected, got in [(1, 2), (True, 1), ("/z/", "abc"), (None, "x"), ({"a": 1}, {}), ([1], [1, 2]), ({"at_least": 3}, None), ({"not": 1}, 1),
                              ({"without": "b"}, "abc"), ({"a": {"b": 1}}, {"a": 3}), ({"about": 10, "within": 1}, 12), ({"contains": 1}, None)]:
            self.assertNotEqual(differences(expected, got), [], (expected, got))

    def test_merging_replaces_lists_and_merges_mappings(self):
        self.assertEqual(merged({"a": {"b": 1, "c": [1]}, "d": 1}, {"a": {"c": [2]}}), {"a": {"b": 1, "c": [2]}, "d": 1})


class WireTest(unittest.TestCase):
    def test_quantities(self):
        self.assertEqual([quantity(x) for x in ("200ms", "64KiB", 3, "1.5s")], [0.2, 65536, 3, 1.5])
        with self.assertRaises(ValueError):
            quantity("5 parsecs")

    def test_the_pattern_does_not_repeat_at_block_sizes(self):
        for block in (4096, 65536, 262144, 1 << 20):
            self.assertNotEqual(pattern(0, 64), pattern(block, 64))
        self.assertEqual(pattern(1000, 100)[50:], pattern(1050, 50))

    def test_a_head_names_its_problems(self):
        self.assertEqual(Head(b"GET / HTTP/1.1\r\nA: b\r\n\r\n").problems, [])
        for block in (b"GET / HTTP/1.1\nA: b\r\n\r\n", b"GET / HTTP/1.1\r\nA : b\r\n\r\n", b"GET / HTTP/1.1\r\nA: b\r\n c\r\n\r\n"):
            self.assertTrue(Head(block).problems, block)

    def test_an_end_says_how(self):
        self.assertEqual(Ended("reset").how, "reset")


if __name__ == "__main__":
    unittest.main()
