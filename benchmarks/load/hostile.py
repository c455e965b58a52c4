#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What one address can do to the others: hostile.py --binary build/release/rhumb [--seconds 4] [--case NAME ...]

For each kind of costly request, connections of one address (127.0.0.2) send as much of it as the gateway takes, on a table of routes made for it. Meanwhile a client of another address
(127.0.0.3) asks for something small, again and again. Printed: its latencies, the longest turn of the worker's loop (a bucket's upper end), stalls, connections that were closed as
costly, and whether the process lives. One worker on a core of its own; the clients share the other. Figures, not a test: the suite's are in tests/unit/proxy/turns_test.cc.
"""
import argparse
import multiprocessing
import os
import pathlib
import re
import selectors
import socket
import statistics
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parents[1] / "tests" / "support")]
from gateway import Gateway  # noqa: E402  (after the path is known)
from proxies import Bench  # noqa: E402

ATTACKER, BYSTANDER = "127.0.0.2", "127.0.0.3"


def head(path="/x", fields="", method="GET"):
    return f"{method} {path} HTTP/1.1\r\nHost: h.example\r\n{fields}\r\n"


def routes(count, match):
    return "".join(f"  - {{name: r{i}, {match(i)}}}\n" for i in range(count))


def conditions(kind, count):
    return routes(count, lambda i: f'match: {{path_prefix: /x, {kind}: {{name{i}: "value{i}"}}}}')


COOKIES = "Cookie: " + ";" * 31_000 + "\r\n"
LONG_NAMES = "".join(f"X-{'n' * 300}-{i}: v\r\n" for i in range(90))
CHUNKS = "POST /x HTTP/1.1\r\nHost: h.example\r\nTransfer-Encoding: chunked\r\n\r\n"
BYTES = b"1\r\nx\r\n" * 20_000


class Case:
    """`request` is sent over and over on `connections`; `once` before it, one time each."""

    def __init__(self, request, routes_text="", connections=60, once=b"", extra="", listener=""):
        self.request, self.routes, self.connections, self.once, self.extra, self.listener = request, routes_text, connections, once, extra, listener


def requests_of(text):
    encoded = text.encode()
    return encoded * max(1, 65_536 // len(encoded))


CASES = {
    "small-404": lambda: Case(requests_of(head("/nothing")), routes(1, lambda i: "match: {path: /only}"), connections=250),
    "cookies-split": lambda: Case(requests_of(head(fields=COOKIES)), routes(20, lambda i: f'match: {{path_prefix: /x}}, split: {{percent: 1%, key: "cookie:c{i}"}}')),
    "cookies-match": lambda: Case(requests_of(head(fields=COOKIES)), conditions("cookies", 200)),
    "query-match": lambda: Case(requests_of(head("/x?" + "&" * 7_900)), conditions("query", 200)),
    "header-match": lambda: Case(requests_of(head(fields=LONG_NAMES)), conditions("headers", 200)),
    "path-patterns": lambda: Case(requests_of(head("/" + "ab" * 3_800)), routes(2, lambda i: f'match: {{path_pattern: "/(a|b|ab)*{"x" * (i + 1)}"}}')),
    "forwarded": lambda: Case(requests_of(head(fields="Forwarded: " + ",".join(["for=1.2.3.4"] * 2_500) + "\r\n")), extra=f"geo: {{trusted_proxies: [{ATTACKER}/32]}}\n"),
    "forwarded-for": lambda: Case(requests_of(head(fields="X-Forwarded-For: " + ",".join(["1.2.3.4"] * 3_800) + "\r\n")), extra=f"geo: {{trusted_proxies: [{ATTACKER}/32]}}\n"),
    "query-redacted": lambda: Case(requests_of(head("/nothing?" + "&".join(["a=b"] * 1_950))), routes(1, lambda i: "match: {path: /only}"),
                                   extra="access_log: {path: /dev/null}\n"),
    "redirect": lambda: Case(requests_of(head("/x" + "y" * 7_000)), routes(1, lambda i: 'filters: [{redirect: {to: "https://other.example%{path}"}}]')),
    "upload-bytes": lambda: Case(BYTES, connections=60, once=CHUNKS.encode()),
    "thousand-routes": lambda: Case(requests_of(head(fields=COOKIES)), conditions("cookies", 1_000), connections=5),
}


def attack(port, case, until):
    """Sends and takes whatever comes, without a thought, on all connections; one that is closed is made anew."""
    selector = selectors.DefaultSelector()

    def dial():
        sock = socket.socket()
        sock.bind((ATTACKER, 0))
        try:
            sock.connect(("127.0.0.1", port))
        except OSError:
            sock.close()
            return
        sock.setblocking(False)
        selector.register(sock, selectors.EVENT_READ | selectors.EVENT_WRITE, [case.once + case.request, 0])

    for _ in range(case.connections):
        dial()
    while time.monotonic() < until:
        for key, events in selector.select(0.05):
            sock, state = key.fileobj, key.data
            try:
                if events & selectors.EVENT_READ and not sock.recv(1 << 18):
                    raise ConnectionError
                if events & selectors.EVENT_WRITE:
                    state[1] += sock.send(memoryview(state[0])[state[1]:])
                    if state[1] == len(state[0]):
                        state[0], state[1] = case.request, 0
            except BlockingIOError:
                pass
            except OSError:
                selector.unregister(sock)
                sock.close()
                dial()


def bystander(port, until):
    """-> latencies in milliseconds, how many went wrong."""
    latencies, wrong, sock = [], 0, None
    request = b"GET /bystander HTTP/1.1\r\nHost: h.example\r\n\r\n"
    while time.monotonic() < until:
        begun = time.monotonic()
        try:
            if sock is None:
                sock = socket.socket()
                sock.settimeout(15)
                sock.bind((BYSTANDER, 0))
                sock.connect(("127.0.0.1", port))
            sock.sendall(request)
            if not sock.recv(65536).startswith(b"HTTP/1.1 "):
                raise ConnectionError
            latencies.append((time.monotonic() - begun) * 1000)
        except OSError:
            wrong += 1
            sock = None
        time.sleep(0.005)
    return latencies, wrong


def longest_turn(metrics):
    """Upper end of the histogram's last bucket that holds a turn, in milliseconds."""
    last, total = 0.0, 0
    for bound, count in re.findall(r'rhumb_loop_turn_seconds_bucket\{[^}]*le="([^"]+)"[^}]*\} (\d+)', metrics):
        if int(count) > total:
            total, last = int(count), float(bound) * 1000
    return last


def run(name, case, options, bench, directory):
    path = directory / "rhumb.yaml"
    path.write_text(f"""version: 1
gateway: {{workers: 1}}
admin: {{address: "127.0.0.1:0"}}
{case.extra if 'access_log' in case.extra else 'access_log: {path: off}' + chr(10) + case.extra}listeners: [{{name: web, address: "127.0.0.1:0", max_requests: 1000000000}}]
regions:
  - {{name: a, location: {{latitude: 50, longitude: 8}}, endpoints: ["127.0.0.1:{bench.origin_port}"]}}
routes:
{case.routes}  - {{name: rest, match: {{path_prefix: /bystander}}}}
{'' if case.routes else '  - {name: all}'}
""", encoding="utf-8")
    gateway = Gateway(os.path.abspath(options.binary), str(path), str(directory))
    gateway.wait_ready(30)
    cores = sorted(os.sched_getaffinity(0))
    if len(cores) > 1:
        for task in os.listdir(f"/proc/{gateway.pid}/task"):
            os.sched_setaffinity(int(task), {cores[1]})
    port = int(gateway.addresses["web"].rpartition(":")[2])
    until = time.monotonic() + options.seconds
    attacker = multiprocessing.Process(target=attack, args=(port, case, until), daemon=True)
    attacker.start()
    if len(cores) > 1:
        os.sched_setaffinity(attacker.pid, {cores[0]})
    latencies, wrong = bystander(port, until)
    attacker.join()
    alive = gateway.process.poll() is None
    metrics = gateway.admin("/metrics", 30).body.text if alive else ""
    stalls = sum(int(float(n)) for n in re.findall(r"rhumb_loop_stalls_total\{[^}]*\} (\d+)", metrics))
    costly = sum(int(float(n)) for n in re.findall(r'rhumb_faults_total\{[^}]*connection_costly[^}]*\} (\d+)', metrics))
    latencies.sort()
    p99 = latencies[int(len(latencies) * 0.99)] if latencies else float("nan")
    print(f"{name:16} {len(latencies):6} {statistics.median(latencies) if latencies else 0:8.1f} {p99:8.1f} {max(latencies, default=0):8.1f} {wrong:6} "
          f"{longest_turn(metrics):9.1f} {stalls:6} {costly:6}  {'lives' if alive else 'ENDED'}", flush=True)
    if alive:
        gateway.finish(timeout=30)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--binary", default=str(HERE.parents[1] / "build" / "release" / "rhumb"))
    parser.add_argument("--seconds", type=float, default=4)
    parser.add_argument("--case", nargs="*", choices=sorted(CASES), default=list(CASES))
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as text:
        directory = pathlib.Path(text)
        directory.chmod(0o755)  # the origin's worker is nobody
        bench = Bench(text, options.binary)
        print(f"{'case':16} {'others':>6} {'p50 ms':>8} {'p99 ms':>8} {'max ms':>8} {'wrong':>6} {'turn<= ms':>9} {'stalls':>6} {'costly':>6}")
        try:
            for name in options.case:
                run(name, CASES[name](), options, bench, directory)
        finally:
            bench.close()


if __name__ == "__main__":
    main()
