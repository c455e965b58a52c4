# SPDX-License-Identifier: Apache-2.0
"""What is measured of a process under load: CPU time, system calls, allocations, memory; and an exact number of requests."""
import os
import re
import shutil
import signal
import socket
import subprocess
import time

HERE = os.path.dirname(os.path.abspath(__file__))


class Unavailable(Exception):
    """Something cannot be measured on this machine."""


def cpu_seconds(pids):
    """CPU time of all threads so far, by the scheduler's own account."""
    total = 0
    for pid in pids:
        for task in os.listdir(f"/proc/{pid}/task"):
            with open(f"/proc/{pid}/task/{task}/schedstat", encoding="ascii") as file:
                total += int(file.read().split()[0])
    return total / 1e9


def resident_bytes(pids):
    total = 0
    for pid in pids:
        with open(f"/proc/{pid}/status", encoding="ascii") as file:
            total += int(re.search(r"VmRSS:\s+(\d+)", file.read())[1]) * 1024
    return total


def head(cookie=None, fields=None, path="/"):
    lines = {**(fields or {"Host": "bench"}), **({"Cookie": cookie} if cookie else {})}
    return (f"GET {path} HTTP/1.1\r\n" + "".join(f"{name}: {value}\r\n" for name, value in lines.items()) + "\r\n").encode()


class Clients:
    """Keep-alive connections that send an exact number of requests, a round on all of them at a time."""

    def __init__(self, port, connections=32):
        self.socks = [socket.create_connection(("127.0.0.1", port), 10) for _ in range(connections)]
        for sock in self.socks:
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def send(self, requests, data, seconds=0.0):
        """-> how many were sent: the next multiple of the number of connections. `seconds` spreads them over that time."""
        done, begun = 0, time.monotonic()
        while done < requests:
            time.sleep(max(0.0, begun + seconds * done / requests - time.monotonic()))
            for sock in self.socks:
                sock.sendall(data)
            for sock in self.socks:
                self._receive(sock)
            done += len(self.socks)
        return done

    def _receive(self, sock):
        answer = sock.recv(65536)
        while b"\r\n\r\n" not in answer:
            more = sock.recv(65536)
            if not more:
                raise RuntimeError("a connection ended")
            answer += more
        if not answer.startswith(b"HTTP/1.1 200"):
            raise RuntimeError(f"answered {answer[:60]!r}")
        before, _, body = answer.partition(b"\r\n\r\n")
        left = int(re.search(rb"(?i)content-length: *(\d+)", before)[1]) - len(body)
        while left > 0:
            left -= len(sock.recv(left))

    def close(self):
        for sock in self.socks:
            sock.close()


def system_calls(pids, port, requests, data):
    """System calls per request, {name: count}, counted by strace while exactly so many requests pass."""
    if not shutil.which("strace"):
        raise Unavailable("strace is not installed")
    clients = Clients(port)
    try:
        clients.send(2000, data)  # connections and pools as in steady state
        attach = [part for pid in pids for part in ("-p", str(pid))]
        tracer = subprocess.Popen(["strace", "-c", "-f", "-U", "calls,name", *attach], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                  stderr=subprocess.PIPE, text=True)
        _wait_traced(pids, tracer)
        sent = clients.send(requests, data)
        tracer.send_signal(signal.SIGINT)
        _, report = tracer.communicate(timeout=30)
    finally:
        clients.close()
    counts = {name: int(calls) for calls, name in re.findall(r"^\s*(\d+)\s+([a-z_0-9]+)\s*$", report, re.M) if name != "total"}
    if not counts:
        raise Unavailable(f"strace said: {report.strip()[:300]}")
    return sum(counts.values()) / sent, {name: calls / sent for name, calls in sorted(counts.items(), key=lambda pair: -pair[1])}


def _wait_traced(pids, tracer):
    end = time.monotonic() + 10
    threads = [f"/proc/{pid}/task/{task}/status" for pid in pids for task in os.listdir(f"/proc/{pid}/task")]
    while time.monotonic() < end:
        if tracer.poll() is not None:
            raise Unavailable(f"strace cannot attach: {tracer.stderr.read().strip()[:300]}")
        if all(_tracer_of(path) for path in threads):
            return
        time.sleep(0.02)
    tracer.kill()
    raise Unavailable("strace did not attach within 10 s")


def _tracer_of(path):
    with open(path, encoding="ascii") as file:
        return int(re.search(r"TracerPid:\s+(\d+)", file.read())[1])


def compiled(directory, target, source, *flags):
    """What a C file of this folder becomes: `target` in `directory`."""
    compiler = shutil.which("cc") or shutil.which("gcc")
    if not compiler:
        raise Unavailable("no C compiler")
    path = os.path.join(directory, target)
    subprocess.run([compiler, "-O2", "-Wall", *flags, "-o", path, os.path.join(HERE, source)], check=True)
    return path


def allocations(bench, name, world, request_of, few=2000, many=20000):
    """Allocations per request of `request_of(port)`: the difference of two runs that differ only in the number of requests. They take equally long, so that
    what the process does by the clock and not by the request falls out."""
    counter = compiled(bench.directory, "malloc_count.so", "malloc_count.c", "-shared", "-fPIC")
    totals, took = [], 0.0
    for requests in (many, few):
        told = os.path.join(bench.directory, f"allocations-{name}-{world}-{requests}")
        with open(told, "w", encoding="ascii"):
            os.chmod(told, 0o666)  # a worker may run as another user
        program, port = bench.start(name, world, environment={"LD_PRELOAD": counter, "MALLOC_COUNT_FILE": told})
        try:
            data = request_of(port)
            clients = Clients(port)
            begun = time.monotonic()
            sent = clients.send(requests, data, took)
            took = time.monotonic() - begun
            clients.close()
        finally:
            program.stop(signal.SIGUSR1 if name == "haproxy" else signal.SIGTERM)  # its SIGTERM skips what runs at exit
        with open(told, encoding="ascii") as file:
            totals.append((sent, sum(int(line.split()[1]) for line in file)))
    (sent_many, many_count), (sent_few, few_count) = totals
    return (many_count - few_count) / (sent_many - sent_few)
