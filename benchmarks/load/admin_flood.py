#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What a flood of the admin listener costs the data path: admin_flood.py --binary build/release/rhumb [--seconds 10] [--rounds 3]

Rounds of wrk against the data path, by turns without and with another wrk that asks /metrics of the admin listener as fast as it can.
Prints requests a second, the 99th percentile, and the share of one CPU the control thread took. Needs wrk; an otherwise idle machine.
"""
import argparse
import os
import pathlib
import re
import socket
import statistics
import subprocess
import sys
import tempfile
import time

import yaml

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[1] / "tests" / "support"))
from gateway import Gateway  # noqa: E402  (after the path is known)

UNITS = {"us": 0.001, "ms": 1.0, "s": 1000.0}


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as sock:
        return sock.getsockname()[1]


def cpu_seconds(pid):
    """Of the control thread, which is the process's first."""
    fields = pathlib.Path(f"/proc/{pid}/task/{pid}/stat").read_text(encoding="latin-1").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def wrk(address, path, seconds, connections):
    return subprocess.Popen(["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--latency", f"http://{address}{path}"], stdout=subprocess.PIPE,
                            text=True)


def figures(output):
    rate = float(re.search(r"Requests/sec:\s+([\d.]+)", output)[1])
    value, unit = re.search(r"99%\s+([\d.]+)(us|ms|s)", output).groups()
    return rate, float(value) * UNITS[unit]


def measure(gateway, seconds, flood):
    before, begun = cpu_seconds(gateway.pid), time.monotonic()
    other = wrk(gateway.addresses["admin"], "/metrics", seconds, 50) if flood else None
    rate, p99 = figures(wrk(gateway.addresses["web"], "/", seconds, 20).communicate()[0])
    if other is not None:
        other.communicate()
    return rate, p99, (cpu_seconds(gateway.pid) - before) / (time.monotonic() - begun)


def rounds(gateway, options):
    found = {False: [], True: []}
    for _ in range(options.rounds):
        for flood in found:
            found[flood].append(measure(gateway, options.seconds, flood))
    for flood, of_rounds in found.items():
        rate, p99, control = (statistics.median(one) for one in zip(*of_rounds))
        print(f"{'with a flood' if flood else 'without     '}: {rate:.0f} requests/s, p99 {p99:.2f} ms, control thread {control:.1%} of a CPU")
    answers = {key: value for key, value in gateway.metrics().items() if key.startswith("rhumb_admin_")}
    print("  ".join(f"{key}={value:.0f}" for key, value in answers.items()))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--binary", required=True)
    parser.add_argument("--seconds", type=int, default=10)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    port = free_port()
    origin = subprocess.Popen([sys.executable, str(HERE / "origin.py"), str(port)])
    config = {"gateway": {"workers": 1}, "admin": {"address": "127.0.0.1:0"}, "access_log": {"path": "off"},
              "listeners": [{"name": "web", "address": "127.0.0.1:0"}],
              "regions": [{"name": "a", "endpoints": [f"127.0.0.1:{port}"], "health": {"enabled": False}}],
              "routes": [{"name": "default", "strategy": "priority"}]}
    with tempfile.TemporaryDirectory() as directory:
        path = pathlib.Path(directory, "rhumb.yaml")
        path.write_text(yaml.safe_dump(config), encoding="utf-8")
        gateway = Gateway(os.path.abspath(options.binary), str(path), directory)
        try:
            gateway.wait_ready(20)
            rounds(gateway, options)
        finally:
            problems = gateway.finish()
            origin.kill()
    return "\n".join(problems) or 0


if __name__ == "__main__":
    sys.exit(main())
