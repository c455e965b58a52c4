# SPDX-License-Identifier: Apache-2.0
"""Plays one case through a proxy: sends, reads strictly, then asks for canaries. What was seen is judged elsewhere (judge.py).

Moves of a client, besides raw text: {pause: 20ms}, {answer: n} (read n answers now), {interim: status}, {forwarded: n} (until the
upstream has n requests), {get: text} (exactly these bytes come), {release: gate}, half_close, close and reset (as {half_close: true} ...).
"""
import secrets
import time

from raw_client import Client, Response
from scripted_upstream import Gates, ScriptedUpstream
from wire import Ended, Head, Malformed, TimedOut, quantity

CANARY = "/canary/"


class Recorder(ScriptedUpstream):
    """The upstream of all cases: answers canaries with their own token, does with everything else what the case says."""

    def begin(self, behaviours):
        """-> nothing of what was seen before belongs to the case."""
        self.gates = Gates()
        self.set_script({"script": behaviours[:-1], "otherwise": behaviours[-1]})
        self.requests.clear()
        self.problems.clear()
        self.ended_before = {one.number for one in self.connections if one.ended is not None}

    def next_behaviour(self, request):
        if not request.target.startswith(CANARY):
            return super().next_behaviour(request)
        self.requests.append(request)
        self.changed()
        token = request.target[len(CANARY):]
        return {"respond": {"headers": {"X-Canary": token}, "body": token}}

    def strays(self):
        """What came on connections that ended since, and was no request."""
        return [one.stray for one in list(self.connections) if one.stray and one.ended == "eof" and one.number not in self.ended_before]

    def of_case(self):
        return [one for one in list(self.requests) if not one.target.startswith(CANARY)]

    def canaries(self):
        return [one for one in list(self.requests) if one.target.startswith(CANARY)]


class Seen:
    """What happened at the client: answers, the fate of the connection (open, eof, reset), what was wrong whatever the case is about."""

    def __init__(self):
        self.answers, self.problems, self.canary_problems = [], [], []
        self.fate = "open"
        self.settled = False  # in the end every connection to the upstream is idle or closed


class Play:
    """One case (or one round of it). `wanted`: answers to wait for, or None to read until nothing more comes for `quiet` seconds."""

    def __init__(self, case, proxy, upstream, patience, quiet):
        self.case, self.proxy, self.upstream = case, proxy, upstream
        self.patience, self.quiet = patience, quiet
        self.seen, self.client = Seen(), None
        self.methods = case.request_methods
        self.gone = False  # the client ended the connection itself

    def run(self, moves, wanted, fate):
        self.client = Client(self.proxy.address, self.case.source)
        try:
            for move in moves:
                self._move(move)
            if not self.gone:
                self._read_answers(wanted)
                self._learn_fate(wanted, fate)
                if self._may_ask_on(wanted, fate):
                    self._canary(self.client, "on the case's own connection", must=wanted is not None)
        finally:
            if not self.gone:
                self.client.close()
        self._fresh_canaries()
        self.upstream.gates.release_all()
        self.seen.settled = self.upstream.wait(self.upstream.settled, self.patience)
        return self.seen

    # ------------------------------------------------------------------------------------------ the case
    def _move(self, move):
        if isinstance(move, bytes):
            self.client.send(move, pieces=self.case.pieces)
            return
        (name, value), = move.items()
        getattr(self, f"_do_{name}")(value)

    def _do_pause(self, value):
        time.sleep(quantity(value))

    def _do_answer(self, count):
        self._read_answers(len(self.seen.answers) + count)

    def _do_interim(self, status):
        try:
            head = Head(self.client.reader.until(b"\r\n\r\n", time.monotonic() + self.patience))
            got = head.start.split(" ")[1:2]
            if got != [str(status)]:
                self.seen.problems.append(f"expected the interim response {status}, got {head.start!r}")
        except (TimedOut, Ended, Malformed) as error:
            self.seen.problems.append(f"no interim response {status}: {error}")

    def _do_forwarded(self, count):
        self.upstream.wait(lambda: len(self.upstream.of_case()) >= count, self.patience)

    def _do_get(self, text):
        wanted = text.encode("latin-1")
        try:
            got = self.client.read_bytes(len(wanted), self.patience)
        except (TimedOut, Ended) as error:
            got = str(error).encode()
        if got != wanted:
            self.seen.problems.append(f"expected {wanted!r}, got {got!r}")

    def _do_release(self, gate):
        self.upstream.gates.release(gate)

    def _do_half_close(self, _):
        try:
            self.client.half_close()
        except OSError:
            pass  # it is over already: the fate tells

    def _do_close(self, _):
        self.gone = True
        self.client.close()

    def _do_reset(self, _):
        self.gone = True
        self.client.reset()

    # ------------------------------------------------------------------------------------------ the answers
    def _read_answers(self, wanted):
        seen, expected = self.seen, len(self.methods) if wanted is None else wanted
        while seen.fate == "open" and (wanted is None or len(seen.answers) < wanted):
            response = Response()
            method = self.methods[min(len(seen.answers), len(self.methods) - 1)]
            try:
                self.client.read_response(self.quiet if len(seen.answers) >= expected else self.patience, method, response=response)
            except TimedOut:
                if response.head is not None:
                    seen.answers.append(response)  # incomplete, and no end in sight
                return
            except (Malformed, ValueError) as error:
                seen.problems.append(f"malformed answer: {error}")
                return
            if response.head is not None:
                seen.answers.append(response)
            seen.fate = response.ended or (self.client.reader.ended if response.framing == ("close", None) else None) or seen.fate
            if response.status == 101 and wanted is None:
                return

    def _learn_fate(self, wanted, fate):
        if self.seen.fate != "open" or wanted is None or fate in ("open", "any"):
            return
        try:
            self.seen.fate = self.client.read_end(self.patience)
        except Malformed as error:
            self.seen.problems.append(f"after the last answer: {error}")
        except TimedOut:
            pass

    def _may_ask_on(self, wanted, fate):
        """Where the connection stands between two requests, the next one on it must be answered."""
        seen = self.seen
        if seen.fate != "open" or any(one.status == 101 or not one.complete for one in seen.answers):
            return False
        if wanted is not None:
            return fate == "open"
        return len(seen.answers) == len(self.methods) and (seen.answers[-1].head.get("connection") or "").lower() != "close"

    # ------------------------------------------------------------------------------------------ canaries
    def _canary(self, client, where, must=True):
        token = secrets.token_hex(16)
        client.send(f"GET {CANARY}{token} HTTP/1.1\r\nHost: canary.test\r\n\r\n".encode())
        try:
            response = client.read_response(self.patience, "GET")
        except (TimedOut, Malformed) as error:
            self.seen.canary_problems.append(f"canary {where}: {error}")
            return False
        if response.head is None and not must:
            self.seen.fate = response.ended  # closed before it could be asked: no answer, and no wrong one
            return False
        right = response.complete and response.status == 200 and response.body.text == token and response.head.get("x-canary") == token
        if not right:
            got = f"{response.status} {response.body.text[:80]!r}" if response.head else response.ended
            self.seen.canary_problems.append(f"canary {where}: got {got}")
        return right

    def _fresh_canaries(self):
        client = Client(self.proxy.address)
        try:
            for where in ("on a fresh connection", "after it on the same"):
                if not self._canary(client, where):
                    return
        finally:
            client.close()
