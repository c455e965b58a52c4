#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""One endpoint of the soak: origin.py NAME HOST:PORT BOOK SEED [RUDE]

Answers as the query of a request says, and writes down what it ran: first `run` (the whole request was here, before a byte of the
answer left), then `out`. RUDE is the share of requests that it runs and then hangs up on without a word. A line "die K" on standard input kills it, as SIGKILL does, when K more bytes of answers have left.
"""
import base64
import hashlib
import os
import pathlib
import random
import signal
import socket
import struct
import sys
import threading
import time
import urllib.parse

sys.path[:0] = [str(pathlib.Path(__file__).resolve().parent.parent / "support")]
from ledger import CANARY, NAME, Book, body_of  # noqa: E402
from wire import Ended, Head, Reader, TimedOut, WireError, send_all  # noqa: E402

PATIENCE = 30.0
GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"


class Death:
    """Lets so many bytes of answers through, and then kills the process in the middle of them."""

    def __init__(self):
        self._lock = threading.Lock()
        self._left = None

    def watch_stdin(self):
        for line in sys.stdin:
            with self._lock:
                self._left = int(line.split()[1])
        os._exit(0)  # whoever started it is gone

    def send(self, sock, data):
        with self._lock:
            left = self._left
            if left is not None and left > len(data):
                self._left -= len(data)
        if left is not None and left <= len(data):
            try:
                send_all(sock, data[:left], time.monotonic() + 1)
            finally:
                os.kill(os.getpid(), signal.SIGKILL)
        send_all(sock, data, time.monotonic() + PATIENCE)


class Connection(threading.Thread):
    def __init__(self, sock, name, book, death, rude):
        super().__init__(daemon=True)
        self.sock, self.name_, self.book, self.death, self.rude = sock, name, book, death, rude
        sock.setblocking(False)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.reader = Reader(sock)

    def run(self):
        try:
            while self.one():
                pass
        except (WireError, OSError, ValueError):
            pass
        finally:
            self.sock.close()

    def one(self):
        head = Head(self.reader.until(b"\r\n\r\n", time.monotonic() + 3600))
        method, target, _ = head.start.split(" ")
        path, _, query = target.partition("?")
        if not path.startswith("/q/"):
            self.death.send(self.sock, b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
            return True
        options = dict(urllib.parse.parse_qsl(query))
        canary = head.get(CANARY, "")
        entry = {"id": path[3:], "m": method, "at": self.name_, "problems": head.problems}
        if head.get("Upgrade"):
            return self.tunnel(head, entry)
        if "early" not in options:
            if head.get("Expect") and not self.reader.buffer:
                self.death.send(self.sock, b"HTTP/1.1 100 Continue\r\n\r\n")
            self.read_body(head, canary, entry)
        self.book.write(run=1, **entry)
        if "pause" in options:
            time.sleep(float(options["pause"]))
        if self.rude():
            return False
        self.answer(method, options, canary, entry)
        return "early" not in options and options.get("shape") != "close"

    def read_body(self, head, canary, entry):
        """All of it, or Ended; what is not the canary's is noted."""
        kind, size = head.framing()
        got, foreign = 0, 0

        def take(data):
            nonlocal got, foreign
            foreign += data != body_of(canary, len(data), got)
            got += len(data)

        try:
            if kind == "length":
                while got < size:
                    take(self.reader.some(size - got, time.monotonic() + PATIENCE))
            while kind == "chunked":
                left = int(self.reader.until(b"\r\n", time.monotonic() + PATIENCE), 16)
                if left == 0:
                    self.reader.until(b"\r\n", time.monotonic() + PATIENCE)
                    break
                while left:
                    piece = self.reader.some(left, time.monotonic() + PATIENCE)
                    left -= len(piece)
                    take(piece)
                self.reader.until(b"\r\n", time.monotonic() + PATIENCE)
        except (Ended, TimedOut):
            self.book.write(run=0, in_=got, foreign=foreign, **entry)
            raise
        entry.update(in_=got, foreign=foreign)

    def answer(self, method, options, canary, entry):
        size, shape = int(options.get("size", 0)), options.get("shape", "length")
        fields = f"HTTP/1.1 200 OK\r\n{NAME}: {entry['id']}\r\n{CANARY}: {canary}\r\n"
        fields += {"length": f"Content-Length: {size}\r\n\r\n", "chunked": "Transfer-Encoding: chunked\r\n\r\n",
                   "close": "Connection: close\r\n\r\n"}[shape]
        body = b"" if method == "HEAD" else body_of(canary, size)
        if shape == "chunked" and method != "HEAD":
            body = b"".join(b"%x\r\n%b\r\n" % (len(body[at:at + 7000]), body[at:at + 7000]) for at in range(0, size, 7000)) + b"0\r\n\r\n"
        data = fields.encode("latin-1") + body
        cut = options.get("cut")
        if cut:  # a share of the body in hundredths; the head is whole
            data = data[:len(fields) + len(body) * int(cut) // 100]
        self.death.send(self.sock, data)
        self.book.write(out=len(data), **entry)
        if cut:
            self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", shape == "close", 0))
            raise Ended("reset", "on purpose")

    def tunnel(self, head, entry):
        self.book.write(run=1, **entry)
        accept = base64.b64encode(hashlib.sha1(head.get("Sec-WebSocket-Key").encode() + GUID).digest())
        self.death.send(self.sock, b"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
                        b"Sec-WebSocket-Accept: " + accept + b"\r\n" + f"{NAME}: {entry['id']}\r\n\r\n".encode())
        while True:  # says back what it hears; ends when the other side does
            self.death.send(self.sock, self.reader.some(65536, time.monotonic() + PATIENCE))


def main():
    name, address, path, seed = sys.argv[1:5]
    dice, share = random.Random(seed), float((sys.argv[5:] or ["0"])[0])
    host, _, port = address.rpartition(":")
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    listener.bind((host, int(port)))
    listener.listen(1024)
    book, death = Book(path), Death()
    threading.Thread(target=death.watch_stdin, daemon=True).start()
    while True:
        sock, _ = listener.accept()
        Connection(sock, name, book, death, lambda: dice.random() < share).start()


if __name__ == "__main__":
    main()
