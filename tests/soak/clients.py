#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Clients of every kind, until standard input ends: clients.py PREFIX HOST:PORT BOOK SEED THREADS

Each request becomes one entry: `res` says how it ended for the client: complete, cut (a head, then less than it promised), none (the
connection ended without a head), hang (nothing within the patience), left (the client went away on purpose), void (pipelined behind a
response that ended the connection: it was never a request to anybody).
"""
import os
import pathlib
import random
import socket
import sys
import threading
import time

sys.path[:0] = [str(pathlib.Path(__file__).resolve().parent.parent / "support")]
from ledger import CANARY, FENCED, NAME, Book, body_of  # noqa: E402
from raw_client import Client  # noqa: E402
from wire import Ended, TimedOut, WireError, chunked  # noqa: E402

PATIENCE = 20.0
SOURCES = ("127.0.1.9", "127.0.2.9", FENCED)
SIZES = (0, 1, 200, 3000, 20000, 150000, 600000)
WEIGHTS = (4, 4, 30, 20, 8, 3, 1)
ASK_TUNNEL = ("Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
              "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n")


class Request:
    def __init__(self, person, method, kind, fields="", version="1.1", options="", sent=0, framing="none"):
        self.id, self.canary = person.new_id(), "%032x" % person.random.getrandbits(128)
        self.method, self.kind, self.size = method, kind, person.random.choices(SIZES, WEIGHTS)[0]
        shape = person.random.choices(("length", "chunked", "close"), (6, 3, 1))[0]
        if not options and person.random.random() < 0.02:
            options = "&cut=%d" % person.random.randrange(100)
        self.shape = shape
        head = f"{method} /q/{self.id}?size={self.size}&shape={shape}{options} HTTP/{version}\r\nHost: soak\r\n{CANARY}: {self.canary}\r\n{fields}"
        body = body_of(self.canary, sent)
        if framing == "length":
            head += f"Content-Length: {sent}\r\n"
        elif framing == "chunked":
            head += "Transfer-Encoding: chunked\r\n"
            body = chunked(body, person.random.choice((100, 5000))) + b"0\r\n\r\n"
        self.head, self.body = head.encode("latin-1") + b"\r\n", body


class Person(threading.Thread):
    """One client after another; kinds of behaviour in random order."""

    def __init__(self, prefix, address, book, seed, stop):
        super().__init__(daemon=True)
        self.prefix, self.address, self.book, self.stop = prefix, address, book, stop
        self.random, self.count, self.source = random.Random(seed), 0, ""

    def new_id(self):
        self.count += 1
        return f"{self.prefix}-{self.count}"

    def run(self):
        kinds = {self.keep_alive: 30, self.posts: 15, self.pipeline: 10, self.one_and_close: 8, self.old: 4, self.expects: 5, self.half_closes: 5,
                 self.reads_slowly: 4, self.writes_slowly: 5, self.leaves_asking: 8, self.leaves_reading: 8, self.tunnels: 6, self.early: 3,
                 self.nonsense: 3}
        while not self.stop.is_set():
            try:
                self.random.choices(list(kinds), list(kinds.values()))[0]()
            except OSError as error:  # no connection at all
                self.book.write(trouble=f"connect: {error}")
                time.sleep(0.1)

    # -------------------------------------------------------------------------------------------- entries
    def note(self, request, res, response=None, broken="", why=""):
        entry = {"id": request.id, "m": request.method, "kind": request.kind, "res": res, "broken": broken, "why": why, "from": self.source}
        if response is not None and response.head is not None:
            entry.update(status=response.status, n=response.body.size, origin=response.head.get(NAME) is not None)
        self.book.write(**entry)

    def judge(self, request, response):
        """What is wrong with what came, as far as it came: '', 'short' (but shown as complete), 'foreign' or 'malformed'; and why."""
        if response.head is None:
            return "", ""
        if response.problems:
            return "malformed", str(response.problems)
        if response.head.get(NAME) is None:
            return ("foreign", "an answer of 200 that is no origin's") if response.status == 200 else ("", "")
        body = bytes(response.body.kept)
        if response.head.get(NAME) != request.id or response.head.get(CANARY, request.canary) != request.canary:
            return "foreign", f"the answer of {response.head.get(NAME)}"
        if body != body_of(request.canary, len(body)):
            return "foreign", "bytes that are not its own"
        if response.complete and response.status == 200 and request.method != "HEAD" and response.body.size != request.size:
            return "short", f"{response.body.size} of {request.size} bytes"
        return "", ""

    def read(self, client, request, patience=PATIENCE, pace=None):
        """Reads and notes one answer. True when the connection goes on."""
        try:
            response = client.read_response(patience, request.method, pace)
        except TimedOut as error:
            self.note(request, "hang", why=str(error))
            return False
        except WireError as error:
            self.note(request, "cut", None, "malformed", str(error))
            return False
        self.note_answer(request, response)
        return response.complete and client.send_error is None and (response.head.get("Connection") or "").lower() != "close" \
            and response.framing[0] != "close"

    def note_answer(self, request, response):
        broken, why = self.judge(request, response)
        # An origin that dies in an answer that its close ends looks the same as one that has said all: HTTP/1 cannot tell.
        if broken == "short" and request.shape == "close":
            broken, why = "", "cannot tell"
        res = "complete" if response.complete else "none" if response.head is None else "cut"
        self.note(request, res, response, broken, why or response.ended or "")

    def connect(self, **options):
        self.source = self.random.choice(SOURCES)
        return Client(self.address, source=self.source, timeout=PATIENCE, **options)

    def ask(self, request, client=None, pieces=None, pause=0.0, **reading):
        """One request and its answer; on its own connection unless said. True when the connection goes on."""
        own = client is None
        client = client or self.connect()
        client.send(request.head + request.body, PATIENCE, pieces, pause)
        goes_on = self.read(client, request, **reading)
        if own:
            client.close()
        return goes_on

    # -------------------------------------------------------------------------------------------- kinds
    def keep_alive(self):
        client = self.connect()
        for _ in range(self.random.randrange(1, 30)):
            if not self.ask(Request(self, self.random.choices(("GET", "HEAD"), (9, 2))[0], "keep_alive", options=self.pause()), client):
                break
        client.close()

    def pause(self):
        return "&pause=%.3f" % self.random.uniform(0, 0.1) if self.random.random() < 0.1 else ""

    def post(self, kind, **options):
        """Something unsafe; a third has no body, so that only its method tells that it must not run twice."""
        framing = self.random.choice(("length", "chunked", "none"))
        sent = self.random.choices(SIZES, WEIGHTS)[0] if framing != "none" else 0
        return Request(self, self.random.choice(("POST", "PUT", "DELETE")), kind, sent=sent, framing=framing, **options)

    def posts(self):
        client = self.connect()
        for _ in range(self.random.randrange(1, 15)):
            if not self.ask(self.post("posts", options=self.pause()), client):
                break
        client.close()

    def pipeline(self):
        requests = [self.post("pipeline") if self.random.random() < 0.2 else Request(self, "GET", "pipeline") for _ in range(self.random.randrange(2, 8))]
        client = self.connect()
        client.in_background(client.send, b"".join(one.head + one.body for one in requests), PATIENCE)
        goes_on = True
        for one in requests:
            if goes_on:
                goes_on = self.read(client, one)
            else:
                self.note(one, "void")
        client.close()  # also frees the sender
        client.join(PATIENCE)

    def one_and_close(self):
        self.ask(Request(self, "GET", "close", "Connection: close\r\n"))

    def old(self):
        self.ask(Request(self, "GET", "old", version="1.0"))

    def expects(self):
        request = self.post("expects", fields="Expect: 100-continue\r\n")
        client = self.connect()
        client.send(request.head, PATIENCE)
        client.quiet(self.random.choice((0.05, 0.5)))
        if self.random.random() < 0.9:
            client.send(request.body, PATIENCE)
            self.read(client, request)
            client.close()
        else:
            self.leave(client, request)

    def half_closes(self):
        request = self.post("half_close") if self.random.random() < 0.3 else Request(self, "GET", "half_close")
        client = self.connect()
        client.send(request.head + request.body, PATIENCE)
        try:
            client.half_close()
        except OSError:
            pass  # it was answered, and the connection closed, already
        self.read(client, request)
        client.close()

    def reads_slowly(self):
        request = Request(self, "GET", "reads_slowly")
        client = self.connect(receive_buffer=8192)
        self.ask(request, client, pace=lambda size: time.sleep(min(0.02, size / 400000)))
        client.close()

    def writes_slowly(self):
        request = self.post("writes_slowly")
        pieces = max(50, (len(request.head) + len(request.body)) // 20)
        self.ask(request, pieces=pieces, pause=self.random.uniform(0, 0.03))

    def leave(self, client, request):
        self.note(request, "left")
        self.random.choice((client.reset, client.close))()

    def leaves_asking(self):
        request = self.post("leaves_asking") if self.random.random() < 0.6 else Request(self, "GET", "leaves_asking", options="&pause=0.05")
        client = self.connect()
        data = request.head + request.body
        client.send(data[:self.random.randrange(len(data) + 1)], PATIENCE)
        if self.random.random() < 0.5:
            time.sleep(self.random.uniform(0, 0.1))
        self.leave(client, request)

    def leaves_reading(self):
        request = Request(self, "GET", "leaves_reading")
        client = self.connect(receive_buffer=8192)
        client.send(request.head, PATIENCE)
        try:
            client.read_bytes(self.random.randrange(1, request.size + 300), PATIENCE)
        except WireError:
            pass  # less came than that; it leaves all the same
        self.leave(client, request)

    def tunnels(self):
        request = Request(self, "GET", "tunnel", ASK_TUNNEL)
        client = self.connect()
        client.send(request.head, PATIENCE)
        try:
            response = client.read_response(PATIENCE)
            if response.status != 101:
                return self.note_answer(request, response)
            why = self.talk(client, request)
            self.note(request, "left", response, "foreign" if why else "", why)
        except TimedOut as error:
            self.note(request, "hang", why=str(error))
        except WireError as error:  # its region went away in the middle
            self.note(request, "left", why=str(error))
        finally:
            self.random.choice((client.reset, client.close))()

    def talk(self, client, request):
        """Everything sent comes back, and nothing else. What is wrong, or nothing."""
        at = 0
        for _ in range(self.random.randrange(1, 8)):
            words = body_of(request.canary, self.random.choice((5, 700, 30000)), at)
            client.in_background(client.send, words, PATIENCE)
            heard = client.read_bytes(len(words), PATIENCE)
            client.join(PATIENCE)
            if heard != words:
                return "bytes that are not its own"
            at += len(words)
        if self.random.random() < 0.5:
            client.half_close()
            client.read_end(PATIENCE)
        return ""

    def early(self):
        """The origin answers before it has read the body."""
        self.ask(self.post("early", options="&early=1"))

    def nonsense(self):
        client = self.connect()
        client.send(self.random.choice((b"bad\r\n\r\n", b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", b"GET /%2f HTTP/1.1\r\nHost: a\r\n\r\n",
                                        b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n")))
        try:
            status = client.read_response(PATIENCE).status
        except WireError as error:
            status = str(error)
        self.book.write(nonsense=status)
        client.close()


def main():
    prefix, address, path, seed, threads = sys.argv[1:6]
    book, stop = Book(path), threading.Event()
    people = [Person(f"{prefix}{i}", address, book, f"{seed}-{prefix}-{i}", stop) for i in range(int(threads))]
    for person in people:
        person.start()
    sys.stdin.read()
    stop.set()
    end = time.monotonic() + 2 * PATIENCE
    for person in people:
        person.join(max(0.0, end - time.monotonic()))
    os._exit(sum(person.is_alive() for person in people))


if __name__ == "__main__":
    main()
