#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Clients of other kinds beside a load generator: bystanders.py PORT, until its standard input ends. Prints one JSON object: how many requests of
each kind were answered whole, what went wrong, and how far the long download came.

fresh      100 a second, a connection each          download   10 a second of 1 MiB, on kept connections
upload     10 a second of 1 MiB                     long       one download of 100 MiB at 1 MiB a second, all the time
"""
import http.client
import json
import sys
import threading
import time

MIB = 1 << 20


class Kind:
    """Asks at its pace, on a connection that is kept as long as the answers allow, or on a fresh one each time."""

    def __init__(self, port, rate, method, path, body=None, length=None, fresh=False):
        self.port, self.rate, self.ask, self.length, self.fresh = port, rate, (method, path, body), length, fresh
        self.done, self.wrong, self.connection = 0, [], None

    def run(self, stopping):
        begun, asked = time.monotonic(), 0
        while not stopping.wait(max(0.0, begun + asked / self.rate - time.monotonic())):
            asked += 1
            try:
                self.one()
                self.done += 1
            except (OSError, http.client.HTTPException, ValueError) as error:
                self.wrong.append(f"{type(error).__name__}: {error}")
                self.connection = None

    def one(self):
        if self.connection is None:
            self.connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        method, path, body = self.ask
        self.connection.request(method, path, body, {"Connection": "close"} if self.fresh else {})
        answer = self.connection.getresponse()
        got = len(answer.read())
        if answer.status != 200 or (self.length is not None and got != self.length):
            raise ValueError(f"status {answer.status}, {got} bytes")
        if answer.will_close:
            self.connection.close()
            self.connection = None


class Long:
    """One answer that lasts as long as all this does."""

    def __init__(self, port):
        self.port, self.done, self.wrong = port, 0, []

    def run(self, stopping):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        try:
            connection.request("GET", "/100m.bin")
            answer = connection.getresponse()
            while not stopping.wait(0.1) and self.done < 100 * MIB:
                got = len(answer.read(MIB // 10))
                if got == 0:
                    raise ValueError(f"ended after {self.done} bytes")
                self.done += got
        except (OSError, http.client.HTTPException, ValueError) as error:
            self.wrong.append(f"{type(error).__name__}: {error}")
        connection.close()


def main():
    port, stopping = int(sys.argv[1]), threading.Event()
    kinds = {"fresh": Kind(port, 100, "GET", "/", fresh=True), "download": Kind(port, 10, "GET", "/1m.bin", length=MIB),
             "upload": Kind(port, 10, "POST", "/upload", b"u" * MIB), "long": Long(port)}
    threads = [threading.Thread(target=kind.run, args=(stopping,)) for kind in kinds.values()]
    for thread in threads:
        thread.start()
    sys.stdin.read()
    stopping.set()
    for thread in threads:
        thread.join()
    print(json.dumps({name: {"done": kind.done, "wrong": kind.wrong[:5], "failed": len(kind.wrong)} for name, kind in kinds.items()}))


if __name__ == "__main__":
    main()
