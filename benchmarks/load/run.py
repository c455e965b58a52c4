#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Rhumb beside nginx and HAProxy, one worker on one core each: requests per second, CPU, system calls, allocations, memory.

run.py --binary build/release/rhumb [--seconds 4] [--repetitions 5] [--tasks plain,geo] [--proxies rhumb,nginx,haproxy]
"""
import argparse
import json
import os
import platform
import random
import shutil
import statistics
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
sys.path.insert(0, HERE)
import measure  # noqa: E402
from proxies import Bench  # noqa: E402


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--binary", default=os.path.join(ROOT, "build", "release", "rhumb"))
    parser.add_argument("--seconds", type=int, default=4, help="of one run under wrk")
    parser.add_argument("--repetitions", type=int, default=5)
    parser.add_argument("--connections", type=int, default=32)
    parser.add_argument("--tasks", default="plain,geo")
    parser.add_argument("--proxies", default="rhumb,nginx,haproxy")
    parser.add_argument("--out", default=os.path.join(ROOT, "build", "bench", "load"))
    return parser.parse_args()


def one_run(bench, name, task, options):
    """A fresh process, a warm-up, one measured run."""
    program, port = bench.start(name, task)
    try:
        cookie = measure.first_cookie_of(port, task)
        measure.wrk(port, 1, options.connections, cookie)
        pids = program.pids
        before = measure.cpu_seconds(pids)
        requests, rate, p99 = measure.wrk(port, options.seconds, options.connections, cookie)
        used = measure.cpu_seconds(pids) - before
        return {"requests_per_second": rate, "cpu_us": used / requests * 1e6, "p99_ms": p99, "rss_mib": measure.resident_bytes(pids) / 2**20}
    finally:
        program.stop()


def counts(bench, name, task):
    """What is counted, not timed: once is enough."""
    out = {}
    program, port = bench.start(name, task)
    try:
        out["system_calls"], out["system_calls_by_name"] = measure.system_calls(program.pids, port, 10000, measure.first_cookie_of(port, task))
    except measure.Unavailable as error:
        out["system_calls_missing"] = str(error)
    finally:
        program.stop()
    try:
        out["allocations"] = measure.allocations(bench, name, task)
    except (measure.Unavailable, FileNotFoundError) as error:
        out["allocations_missing"] = str(error)
    return out


def summary(runs):
    return {key: {"median": statistics.median(run[key] for run in runs), "min": min(run[key] for run in runs), "max": max(run[key] for run in runs)}
            for key in runs[0]}


def table(results):
    lines = ["| task | proxy | requests/s | CPU µs/request | system calls/request | allocations/request | p99 ms | RSS MiB |", "|---|---|---|---|---|---|---|---|"]
    for task, proxies in results.items():
        for name, one in proxies.items():
            cpu, calls, allocs = one["cpu_us"], one.get("system_calls"), one.get("allocations")
            lines.append(f"| {task} | {name} | {one['requests_per_second']['median']:,.0f} | {cpu['median']:.1f} ({cpu['min']:.1f}-{cpu['max']:.1f}) | "
                         f"{'?' if calls is None else format(calls, '.2f')} | {'?' if allocs is None else format(max(0.0, allocs), '.3f')} | "
                         f"{one['p99_ms']['median']:.2f} | {one['rss_mib']['median']:.1f} |")
    return "\n".join(lines)


def version(command):
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return (done.stdout + done.stderr).splitlines()[0]


def main():
    options = arguments()
    tasks, names = options.tasks.split(","), options.proxies.split(",")
    for needed in ["wrk", "nginx", "taskset"] + [name for name in names if name == "haproxy"]:
        if not shutil.which(needed):
            print(f"bench: {needed} is needed and not installed", file=sys.stderr)
            return 1
    bench = Bench(options.out, options.binary)
    results = {}
    try:
        for task in tasks:
            runs = {name: [] for name in names}
            for repetition in range(options.repetitions):
                # Interleaved and in random order, so that what the machine does meanwhile hits all alike.
                for name in random.sample(names, len(names)):
                    runs[name].append(one_run(bench, name, task, options))
                    last = runs[name][-1]
                    print(f"{task} {repetition + 1}/{options.repetitions} {name:8} {last['requests_per_second']:9,.0f}/s {last['cpu_us']:6.2f} us", flush=True)
            results[task] = {name: {**summary(runs[name]), **counts(bench, name, task), "runs": runs[name]} for name in names}
    finally:
        bench.close()
    versions = {"rhumb": version([options.binary, "version"]), "nginx": version(["nginx", "-v"]), "haproxy": version(["haproxy", "-v"]) if "haproxy" in names else None}
    report = {"when": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()), "kernel": platform.release(), "cores": os.cpu_count(), "versions": versions,
              "seconds": options.seconds, "repetitions": options.repetitions, "connections": options.connections, "results": results}
    path = os.path.join(options.out, "load.json")
    with open(path, "w", encoding="utf-8") as file:
        json.dump(report, file, indent=1)
    print(f"\n{table(results)}\n\nwritten: {os.path.relpath(path)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
