# SPDX-License-Identifier: Apache-2.0
"""What the proxies are asked to do under load, and who asks it: wrk as fast as it goes, h2load at a fixed rate, or 10,000 clients that wait.

A task names the configuration it needs (`world`, see proxies.py) and gives `drive(bench, program, port, seconds)`, which loads one freshly started proxy
and returns its figures.
"""
import os
import re
import socket
import statistics
import subprocess
import time
from dataclasses import dataclass
from typing import Callable

import measure
from proxies import LOAD_CORE, first_cookie

MIB = 1 << 20
IDLE_CONNECTIONS = 10000
RATE = 2000  # requests per second of the latency task

# What a current browser sends with a navigation, the cookie aside.
BROWSER = {
    "Host": "www.shop.example",
    "Connection": "keep-alive",
    "sec-ch-ua": '"Chromium";v="124", "Not-A.Brand";v="99"',
    "sec-ch-ua-mobile": "?0",
    "sec-ch-ua-platform": '"Linux"',
    "Upgrade-Insecure-Requests": "1",
    "User-Agent": "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/124.0.0.0 Safari/537.36",
    "Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8",
    "Sec-Fetch-Site": "same-origin",
    "Sec-Fetch-Mode": "navigate",
    "Sec-Fetch-Dest": "document",
    "Referer": "https://www.shop.example/catalogue",
    "Accept-Encoding": "gzip, deflate, br, zstd",
    "Accept-Language": "en-GB,en;q=0.9,de;q=0.8",
}


@dataclass
class Task:
    world: str  # configuration: plain or geo
    what: str
    drive: Callable
    primary: str = "cpu_us"  # the figure that is compared; less is better but for gb_per_cpu_second
    proxies: tuple = None  # these, whatever was asked for
    beside: tuple = ()  # and these beside the proxies
    once: bool = False  # drive() spoils the process for another
    request_of: Callable = None  # port -> the bytes of one request; then system calls and allocations are counted too


def cookie_of(port, world):
    """What a client would send from its second request on."""
    if world != "geo":
        return None
    cookie = first_cookie(port)
    if not cookie:
        raise RuntimeError("no cookie was set")
    return cookie


def lua(text):
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def wrk_script(bench, headers, method="GET", body_bytes=0):
    """A file for wrk: the request, and a last line with what it measured."""
    lines = [f"wrk.method = {lua(method)}"]
    lines += [f"wrk.headers[{lua(name)}] = {lua(value)}" for name, value in headers.items()]
    if body_bytes:
        lines.append(f'wrk.body = string.rep("x", {body_bytes})')
    lines.append("""function done(summary, latency, requests)
  local e = summary.errors
  io.write(string.format("figures %d %d %d %d %d %d %d\\n", summary.requests, summary.duration, latency:percentile(50),
    latency:percentile(99), latency:percentile(99.9), summary.bytes, e.connect + e.read + e.write + e.status + e.timeout))
end""")
    return bench.write("wrk.lua", "\n".join(lines) + "\n")


def run_wrk(script, port, path, seconds, connections):
    done = subprocess.run(["taskset", "-c", LOAD_CORE, "wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "-s", script, f"http://127.0.0.1:{port}{path}"],
                          capture_output=True, text=True, check=True)
    found = re.search(r"^figures (.*)$", done.stdout, re.M)
    if not found:
        raise RuntimeError(done.stdout + done.stderr)
    requests, duration, p50, p99, p999, received, errors = (int(figure) for figure in found[1].split())
    if errors or not received:
        raise RuntimeError(f"{errors} errors in {requests} requests\n{done.stdout}")
    return {"requests": requests, "requests_per_second": requests / duration * 1e6, "p50_ms": p50 / 1e3, "p99_ms": p99 / 1e3, "p999_ms": p999 / 1e3,
            "received": received}


def as_fast_as_it_goes(world, headers, path="/", method="GET", body_bytes=0, connections=32, answer_bytes=0):
    """A task's drive: wrk in a closed loop, after a second of warm-up."""
    def drive(bench, program, port, seconds):
        cookie = cookie_of(port, world)
        script = wrk_script(bench, {**headers, **({"Cookie": cookie} if cookie else {})}, method, body_bytes)
        run_wrk(script, port, path, 1, connections)
        pids = program.pids  # only now: the workers of nginx come a moment after its socket
        before = measure.cpu_seconds(pids)
        out = run_wrk(script, port, path, seconds, connections)
        used = measure.cpu_seconds(pids) - before
        out["cpu_us"] = used / max(1, out["requests"]) * 1e6
        out["gb_per_cpu_second"] = (body_bytes * out["requests"] or out["received"]) / used / 1e9
        out["rss_mib"] = measure.resident_bytes(pids) / MIB
        return out
    return drive


def at_a_fixed_rate(bench, program, port, seconds):
    """Latency seen by clients that do not hurry: h2load (its HTTP/1.1 mode) sends RATE requests per second, whatever the answers take."""
    clients = 20
    told = os.path.join(bench.directory, "h2load.log")
    if os.path.exists(told):
        os.unlink(told)
    first_cookie(port)
    pids = program.pids
    before = measure.cpu_seconds(pids)
    subprocess.run(["taskset", "-c", LOAD_CORE, "h2load", "--h1", f"-c{clients}", f"--rps={RATE // clients}", f"-D{seconds}", f"--log-file={told}",
                    f"http://127.0.0.1:{port}/"], capture_output=True, check=True)
    used = measure.cpu_seconds(pids) - before
    with open(told, encoding="ascii") as file:
        rows = [line.split() for line in file]
    took = sorted(int(row[2]) for row in rows if row[1] == "200")
    if len(took) < 0.9 * RATE * seconds:
        raise RuntimeError(f"{len(took)} answers of about {RATE * seconds}")
    at = {name: took[min(len(took) - 1, int(len(took) * share))] / 1e3 for name, share in (("p50_ms", 0.5), ("p99_ms", 0.99), ("p999_ms", 0.999))}
    return {**at, "mean_ms": statistics.fmean(took) / 1e3, "requests": len(took), "requests_per_second": len(took) / seconds,
            "cpu_us": used / len(took) * 1e6, "rss_mib": measure.resident_bytes(pids) / MIB}


def idle_connections(bench, program, port, seconds):
    """Memory of the process per client connection that has had its answer and is kept open."""
    del bench, seconds
    warm = measure.Clients(port, 64)
    warm.send(6400, measure.head())
    pids = program.pids
    before = measure.resident_bytes(pids)
    held = []
    try:
        for _ in range(IDLE_CONNECTIONS // 50):  # fewer at work at a time than in the warm-up, so that what grows is what waits
            some = [socket.create_connection(("127.0.0.1", port), 10) for _ in range(50)]
            held += some
            for sock in some:
                sock.sendall(measure.head())
            for sock in some:
                if not sock.recv(65536).startswith(b"HTTP/1.1 200"):
                    raise RuntimeError("an idle client was not answered")
        _settled(pids)
        after = measure.resident_bytes(pids)
    finally:
        for sock in held:
            sock.close()
        warm.close()
    return {"bytes_per_connection": (after - before) / IDLE_CONNECTIONS, "rss_mib": after / MIB, "requests": IDLE_CONNECTIONS}


def _settled(pids):
    """Waits until the process has nothing left to do: no CPU time used for half a second."""
    end, last = time.monotonic() + 20, -1.0
    while time.monotonic() < end:
        now = measure.cpu_seconds(pids)
        if now - last < 1e-3:
            return
        last = now
        time.sleep(0.5)


CLOSING = {"Host": "bench", "Connection": "close"}
PAGE = "/catalogue/summer?page=2"
TASKS = {
    "plain": Task("plain", "small GET, keep-alive, one origin", as_fast_as_it_goes("plain", {"Host": "bench"}), beside=("relay",),
                  request_of=lambda port: measure.head()),
    "geo": Task("geo", "geo look-up, region, sticky cookie, a browser's head", as_fast_as_it_goes("geo", BROWSER, PAGE),
                request_of=lambda port: measure.head(cookie_of(port, "geo"), BROWSER, PAGE)),
    "body-1m": Task("plain", "1 MiB response bodies", as_fast_as_it_goes("plain", {"Host": "bench"}, "/1m.bin", connections=8), "gb_per_cpu_second"),
    "body-100m": Task("plain", "100 MiB response bodies", as_fast_as_it_goes("plain", {"Host": "bench"}, "/100m.bin", connections=2), "gb_per_cpu_second"),
    "upload-1m": Task("plain", "1 MiB uploads", as_fast_as_it_goes("plain", {"Host": "bench"}, "/upload", "POST", MIB, connections=8)),
    "connect": Task("plain", "a client connection per request", as_fast_as_it_goes("plain", CLOSING)),
    "idle": Task("plain", f"{IDLE_CONNECTIONS:,} idle keep-alive connections", idle_connections, "bytes_per_connection", once=True),
    "log": Task("plain", "small GET, without and with the JSON access log", as_fast_as_it_goes("plain", {"Host": "bench"}), proxies=("rhumb", "rhumb_log")),
    "record": Task("geo", "as geo, without and with every decision recorded", as_fast_as_it_goes("geo", BROWSER, PAGE),
                   proxies=("rhumb", "rhumb_recorder"), request_of=lambda port: measure.head(cookie_of(port, "geo"), BROWSER, PAGE)),
    "rate": Task("plain", f"latency at {RATE:,} requests per second", at_a_fixed_rate, "p99_ms"),
}
