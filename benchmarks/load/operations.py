#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What operating a gateway costs the requests that pass meanwhile: operations.py --binary build/release/rhumb [storm] [upgrades] [flood]

storm     reloads (every fifth of a file that is refused) under 5,000 requests/s of mixed load: what failed, p99 before, during and after, memory
upgrades  upgrades under a closed loop and mixed load: what failed, on kept and on fresh connections
flood     50 connections ask /metrics of the admin listener as fast as they can: requests/s and p99 of the data path without and with it

Needs nginx, h2load and wrk, and an otherwise idle machine: generator, origin and gateway share its cores.
"""
import argparse
import contextlib
import json
import os
import pathlib
import re
import signal
import statistics
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parents[1] / "tests" / "support")]
from gateway import Gateway  # noqa: E402  (after the path is known)
from measure import resident_bytes  # noqa: E402
from proxies import Bench  # noqa: E402

UNITS = {"us": 0.001, "ms": 1.0, "s": 1000.0}
RATE, CLIENTS = 5000, 40


class World:
    """An origin and a gateway in front of it."""

    def __init__(self, stack, options, workers):
        self.directory = pathlib.Path(stack.enter_context(tempfile.TemporaryDirectory()))
        self.directory.chmod(0o755)  # the origin's worker is nobody
        self.bench = Bench(str(self.directory), options.binary)
        stack.callback(self.bench.close)
        self.path, self.workers = self.directory / "rhumb.yaml", workers
        self.write(0)
        self.gateway = Gateway(os.path.abspath(options.binary), str(self.path), str(self.directory))
        stack.callback(self.end)
        self.gateway.wait_ready(20)
        self.port = int(self.gateway.addresses["web"].rpartition(":")[2])

    def write(self, turn, good=True):
        self.path.write_text(f"""version: 1
gateway: {{workers: {self.workers}}}
admin: {{address: "127.0.0.1:0"}}
access_log: {{path: "{self.directory}/access.log"}}
listeners: [{{name: web, address: "127.0.0.1:0", max_requests: 1000000000, limits: {{connections_per_ip: 0}}}}]
regions:
  - {{name: a, weight: {50 + turn % 50}, location: {{latitude: 50, longitude: 8}}, endpoints: ["127.0.0.1:{self.bench.origin_port}"]}}
  - {{name: b, weight: {50 - turn % 50}, location: {{latitude: 38, longitude: -77}}, endpoints: ["127.0.0.1:{self.bench.origin_port}"]}}
routes: [{{name: default, strategy: priority}}]
{'' if good else 'nonsense: true'}
""", encoding="utf-8")

    def end(self):
        for problem in self.gateway.finish(timeout=30):
            print(f"PROBLEM: {problem}")


@contextlib.contextmanager
def bystanders(port):
    """Clients of other kinds; what they say of it in the end is printed."""
    process = subprocess.Popen([sys.executable, str(HERE / "bystanders.py"), str(port)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        yield
    finally:
        for name, what in json.loads(process.communicate()[0]).items():
            print(f"  {name}: {what['done']} {'bytes' if name == 'long' else 'answered'}, {what['failed']} failed {what['wrong'] or ''}")


# ---------------------------------------------------------------------------------------------- storm
class Steady:
    """h2load at a steady rate; each request's time and status are in its log."""

    def __init__(self, directory, port, seconds):
        self.log = directory / "requests.log"
        self.log.unlink(missing_ok=True)
        self.process = subprocess.Popen(["h2load", "--h1", "-t1", f"-c{CLIENTS}", f"--rps={RATE // CLIENTS}", f"-D{seconds}", f"--log-file={self.log}",
                                         f"http://127.0.0.1:{port}/"], stdout=subprocess.PIPE, text=True)

    def figures(self):
        said = self.process.communicate()[0]
        rows = [line.split() for line in self.log.read_text(encoding="ascii").splitlines()]
        times = sorted(int(row[2]) / 1000 for row in rows)
        failed = sum(row[1] != "200" for row in rows) + int(re.search(r"(\d+) failed", said)[1])
        return len(rows), failed, times[len(times) * 99 // 100], times[len(times) // 2]


def told(name, figures):
    count, failed, p99, median = figures
    print(f"  {name}: {count} requests, {failed} failed, median {median:.2f} ms, p99 {p99:.2f} ms")


def reload_once(world, turn):
    """-> the first word of the verdict"""
    line = len(world.gateway.stderr_lines)
    world.write(turn, good=turn % 5 != 4)
    world.gateway.signal(signal.SIGHUP)
    found = []

    def verdict():
        found[:] = re.findall(r"reload: (applied|refused)", world.gateway.stderr_from(line))
        return found
    if not world.gateway.wait(verdict, 20):
        raise RuntimeError("a reload had no verdict within 20 s: " + world.gateway.stderr_from(line))
    return found[0]


def storm(stack, options):
    world, verdicts = World(stack, options, 2), []
    with bystanders(world.port):
        told("before", Steady(world.directory, world.port, options.seconds).figures())
        began = resident_bytes([world.gateway.pid])
        load = Steady(world.directory, world.port, options.reloads // 20)
        begun = time.monotonic()
        for turn in range(options.reloads):
            verdicts.append(reload_once(world, turn))
            time.sleep(max(0.0, begun + (turn + 1) / 20 - time.monotonic()))
            if turn == options.reloads // 10:
                after_some = resident_bytes([world.gateway.pid])
        took = time.monotonic() - begun
        told("during", load.figures())
        ended = resident_bytes([world.gateway.pid])
        told("after", Steady(world.directory, world.port, options.seconds).figures())
        alive = world.gateway.metrics()["rhumb_config_generations_alive"]
    print(f"  {verdicts.count('applied')} applied, {verdicts.count('refused')} refused in {took:.0f} s; resident MiB before {began / 2**20:.1f}, "
          f"after a tenth of them {after_some / 2**20:.1f}, at the end {ended / 2**20:.1f}; generations alive while the long download ran: {alive:.0f}")


# ---------------------------------------------------------------------------------------------- upgrades, flood
def wrk(address, path, seconds, connections, *more):
    return subprocess.Popen(["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--latency", *more, f"http://{address}{path}"], stdout=subprocess.PIPE,
                            text=True)


def figures(output):
    """-> requests per second, p99 in ms, failures"""
    value, unit = re.search(r"99%\s+([\d.]+)(us|ms|s)", output).groups()
    errors = [int(number) for line in re.findall(r"(?:Socket errors|Non-2xx).*", output) for number in re.findall(r"(?<![\w-])\d+", line)]
    return float(re.search(r"Requests/sec:\s+([\d.]+)", output)[1]), float(value) * UNITS[unit], sum(errors)


def upgrades(stack, options):
    world = World(stack, options, 2)
    with bystanders(world.port):
        load = wrk(world.gateway.addresses["web"], "/", options.seconds * 2, CLIENTS)
        begun = time.monotonic()
        for turn in range(20):
            line = len(world.gateway.stderr_lines)
            world.gateway.signal(signal.SIGUSR2)
            if not world.gateway.wait(lambda at=line: re.search(r"upgrade: process (\d+) serves now", world.gateway.stderr_from(at)), 30):
                raise RuntimeError("no upgrade within 30 s")
            text = world.gateway.stderr_from(line)
            world.gateway.handed_over(int(re.search(r"upgrade: process (\d+) serves now", text)[1]))
            time.sleep(max(0.0, begun + (turn + 1) * options.seconds * 2 / 22 - time.monotonic()))
        rate, p99, failed = figures(load.communicate()[0])
    print(f"  20 upgrades; kept connections: {rate:.0f} requests/s, p99 {p99:.2f} ms, {failed} failed")


def control_seconds(pid):
    """CPU of the control thread, which is the process's first."""
    fields = pathlib.Path(f"/proc/{pid}/task/{pid}/stat").read_text(encoding="latin-1").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def flood(stack, options):
    world, found = World(stack, options, 1), {False: [], True: []}
    for _ in range(3):
        for flooded in found:
            before, begun = control_seconds(world.gateway.pid), time.monotonic()
            other = wrk(world.gateway.addresses["admin"], "/metrics", options.seconds, 50) if flooded else None
            rate, p99, failed = figures(wrk(world.gateway.addresses["web"], "/", options.seconds, 20).communicate()[0])
            if other is not None:
                other.communicate()
            found[flooded].append((rate, p99, failed, (control_seconds(world.gateway.pid) - before) / (time.monotonic() - begun)))
    for flooded, rounds in found.items():
        rate, p99, failed, control = (statistics.median(one) for one in zip(*rounds))
        print(f"  {'with a flood' if flooded else 'without'}: {rate:.0f} requests/s, p99 {p99:.2f} ms, {failed:.0f} failed, control thread {control:.1%} of a CPU")
    time.sleep(2)  # until there is room for us again, too
    answers = {key: value for key, value in world.gateway.metrics().items() if key.startswith("rhumb_admin_")}
    print("  " + "  ".join(f"{key}={value:.0f}" for key, value in answers.items()))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--binary", required=True)
    parser.add_argument("--seconds", type=int, default=15)
    parser.add_argument("--reloads", type=int, default=1000)
    parser.add_argument("what", nargs="*", choices=[[], "storm", "upgrades", "flood"])
    options = parser.parse_args()
    for name in options.what or ("storm", "upgrades", "flood"):
        print(f"{name}:", flush=True)
        with contextlib.ExitStack() as stack:
            globals()[name](stack, options)


if __name__ == "__main__":
    main()
