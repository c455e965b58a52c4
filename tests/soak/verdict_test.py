#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The judge of the soak can say no: ledgers of a good run with one violation each."""
import copy
import pathlib
import sys
import unittest

sys.path[:0] = [str(pathlib.Path(__file__).resolve().parent)]
import verdict  # noqa: E402
from ledger import FENCED, body_of  # noqa: E402


def client(name, method="GET", res="complete", status=200, **more):
    entry = {"id": name, "m": method, "kind": "posts" if method == "POST" else "keep_alive", "res": res, "broken": "", "why": "", "from": "127.0.1.9"}
    if res in ("complete", "cut"):
        entry.update(status=status, n=10, origin=status == 200)
    return {**entry, **more}


def line(name, outcome="answered", status=200, retries=0, **flags):
    return {"path": f"/q/{name}" if name else "", "outcome": outcome, "status": status, "retries": retries, "flags": flags}


def ended(outcome, reason):
    return f'rhumb_requests_ended_total{{outcome="{outcome}",reason="{reason}"}}'


GOOD = {
    "clients": [client("get", **{"from": FENCED}), client("post", "POST"), client("cut", res="cut"), client("lost", "POST", status=502), client("left", res="left"),
                client("old", why="cannot tell"), {"nonsense": 400}],
    "origins": [{"id": name, "m": "GET", "at": "one0", "problems": [], "run": 1, "foreign": 0} for name in ("get", "post", "cut", "lost", "old")] +
               [{"id": name, "m": "GET", "at": "one0", "problems": [], "out": 10} for name in ("get", "post")],
    "log": [line("get", retries=1), line("post"), line("cut", "aborted", fault="upstream_truncated", cut="upstream_truncated"),
            line("lost", status=502, fault="upstream_reset"), line("left", "client_gone", 0, cut="client_gone"), line("old"),
            line("", status=400, fault="bad_request")],
    "metrics": {"rhumb_exchanges_total": 7, "rhumb_exchanges": 0, ended("answered", "none"): 5, ended("aborted", "upstream_truncated"): 1,
                ended("client_gone", "client_gone"): 1, 'rhumb_requests_total{route="a"}': 6, 'rhumb_requests_total{route=""}': 1,
                "rhumb_log_lines_dropped_total": 0, "rhumb_loop_stalls_total": 0, 'rhumb_loop_turn_seconds_bucket{le="0.01"}': 1000,
                'rhumb_loop_turn_seconds_bucket{le="0.25"}': 1000, 'rhumb_loop_turn_seconds_bucket{le="+Inf"}': 1000},
    "run": {"exit_code": 0, "problems": [], "sanitized": False, "memory": [50 << 20, 52 << 20], "descriptors": [20, 20], "cpu_wait": 0.5,
            "kinds": ["posts", "keep_alive"], "events": {"kills": 1}},
}


class Verdict(unittest.TestCase):
    def broken(self, doctor):
        """The guarantees that the doctored ledgers break."""
        facts = copy.deepcopy(GOOD)
        doctor(facts)
        results = verdict.judge(facts)
        self.assertIn("BROKEN" if any(wrong for *_, wrong in results) else "holds", verdict.table(results))
        return {name for name, _, _, wrong in results if wrong}

    def breaks(self, guarantee, doctor):
        self.assertIn(guarantee, self.broken(doctor))

    def breaks_only(self, guarantee, doctor):
        self.assertEqual({guarantee}, self.broken(doctor))

    def test_a_good_run_is_good(self):
        self.assertEqual(set(), self.broken(lambda facts: None))

    def test_g0(self):
        self.breaks_only("G0", lambda facts: facts["run"].update(exit_code=-6))
        self.breaks_only("G0", lambda facts: facts["run"].update(problems=["left processes behind: [7]"]))
        self.breaks_only("G0", lambda facts: facts["metrics"].update({'rhumb_loop_turn_seconds_bucket{le="0.01"}': 998}))

    def test_g1(self):
        self.breaks_only("G1", lambda facts: facts["metrics"].update(rhumb_exchanges_total=8))
        self.breaks_only("G1", lambda facts: facts["metrics"].update(rhumb_exchanges=1))
        self.breaks_only("G1", lambda facts: facts["metrics"].update({'rhumb_requests_total{route=""}': 0}))
        self.breaks_only("G1", lambda facts: facts["metrics"].update({ended("aborted", "upstream_truncated"): 0, ended("aborted", "internal"): 1}))
        self.breaks("G1", lambda facts: facts["log"].append(line("get")))
        self.breaks_only("G1", lambda facts: facts["log"].pop(0))
        self.breaks_only("G1", lambda facts: facts["log"][0].update(status=404))
        self.breaks("G1", lambda facts: facts["clients"][0].update(res="hang"))

    def test_g2(self):
        self.breaks_only("G2", lambda facts: facts["clients"][0].update(broken="short"))
        self.breaks_only("G2", lambda facts: facts["clients"][0].update(broken="malformed"))
        self.breaks_only("G2", lambda facts: facts["origins"].append({"id": "old", "at": "one0", "problems": [], "out": 10}))

    def test_g3(self):
        self.breaks_only("G3", lambda facts: facts["origins"].append({"id": "post", "at": "two0", "problems": [], "run": 1}))
        self.breaks_only("G3", lambda facts: facts["origins"].pop(1))

    def test_g4(self):
        self.breaks("G4", lambda facts: facts["clients"][0].update(status=502))
        self.breaks("G4", lambda facts: facts["clients"][0].update(res="none"))

    def test_g6(self):
        self.breaks_only("G6", lambda facts: facts["clients"][0].update(broken="foreign"))
        self.breaks_only("G6", lambda facts: facts["origins"][1].update(foreign=1))
        self.breaks_only("G6", lambda facts: facts["origins"][1].update(problems=["bare CR or LF"]))
        self.breaks_only("G6", lambda facts: facts["origins"].append({"id": "smuggled", "m": "GET", "at": "one0", "problems": [], "run": 1}))
        self.breaks("G6", lambda facts: facts["log"][0].update(path="/q/smuggled"))

    def test_g7(self):
        self.breaks_only("G7", lambda facts: facts["origins"][0].update(at="two1"))
        self.breaks_only("G7", lambda facts: facts["clients"][0].update({"from": "127.0.1.9"}))

    def test_g8(self):
        self.breaks_only("G8", lambda facts: facts["run"].update(memory=[50 << 20, 90 << 20]))
        self.breaks_only("G8", lambda facts: facts["run"].update(descriptors=[20, 21]))

    def test_g9(self):
        self.breaks_only("G9", lambda facts: facts["metrics"].update(rhumb_log_lines_dropped_total=1))
        self.breaks_only("G9", lambda facts: facts["log"][3].update(flags={}))
        self.breaks("G9", lambda facts: facts["log"][2].update(outcome="client_gone"))

    def test_a_run_in_which_nothing_happened_proves_nothing(self):
        self.breaks_only("run", lambda facts: facts["run"].update(events={"kills": 0}))
        self.breaks_only("run", lambda facts: facts["run"].update(kinds=["posts", "tunnel"]))
        self.breaks_only("run", lambda facts: facts["clients"].append({"trouble": "connect: refused"}))

    def test_a_body_belongs_to_its_canary_at_every_offset(self):
        whole = body_of("0123456789abcdef" * 2, 1000)
        self.assertEqual(1000, len(whole))
        self.assertEqual(whole[333:700], body_of("0123456789abcdef" * 2, 367, 333))
        self.assertNotEqual(whole, body_of("0123456789abcdee" * 2, 1000))


if __name__ == "__main__":
    unittest.main()
