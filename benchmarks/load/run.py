#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Rhumb beside nginx and HAProxy, one worker on one core each: requests per second, CPU, system calls, allocations, memory.

run.py --binary build/release/rhumb [--seconds 1] [--slices 4] [--repetitions 5] [--tasks plain,geo,...] [--proxies rhumb,nginx,haproxy]
"""
import argparse
import contextlib
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
from tasks import TASKS  # noqa: E402


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--binary", default=os.path.join(ROOT, "build", "release", "rhumb"))
    parser.add_argument("--seconds", type=int, default=1, help="of one slice under the generator")
    parser.add_argument("--slices", type=int, default=4, help="of a repetition: the proxies take turns")
    parser.add_argument("--repetitions", type=int, default=5, help="with fresh processes")
    parser.add_argument("--tasks", default=",".join(TASKS), help=", ".join(f"{name}: {task.what}" for name, task in TASKS.items()))
    parser.add_argument("--proxies", default="rhumb,nginx,haproxy")
    parser.add_argument("--out", default=os.path.join(ROOT, "build", "bench", "load"))
    return parser.parse_args()


def repetition(bench, names, task, options):
    """Fresh processes of all proxies; they are driven in turns of seconds, in random order, so that what the machine does meanwhile hits all alike.
    Gives the median of each figure over the slices, by proxy."""
    slices = {name: [] for name in names}
    with contextlib.ExitStack() as stack:
        programs = {}
        for name in names:
            programs[name] = bench.start(name, task.world)
            stack.callback(programs[name][0].stop)
        for _ in range(1 if task.once else options.slices):
            for name in random.sample(names, len(names)):
                slices[name].append(task.drive(bench, *programs[name], options.seconds))
    return {name: {key: statistics.median(one[key] for one in slices[name]) for key in slices[name][0]} for name in names}


def counts(bench, name, task):
    """What is counted, not timed: once is enough."""
    out = {}
    program, port = bench.start(name, task.world)
    try:
        request = task.request_of(port)
        measure.Clients(port, 1).send(1, request)
        out["system_calls"], out["system_calls_by_name"] = measure.system_calls(program.pids, port, 10000, request)
    except measure.Unavailable as error:
        out["system_calls_missing"] = str(error)
    finally:
        program.stop()
    try:
        out["allocations"] = max(0.0, measure.allocations(bench, name, task.world, task.request_of))
    except (measure.Unavailable, FileNotFoundError) as error:
        out["allocations_missing"] = str(error)
    return out


def summary(runs):
    return {key: {"median": statistics.median(run[key] for run in runs), "min": min(run[key] for run in runs), "max": max(run[key] for run in runs)}
            for key in runs[0]}


PEERS = ("nginx", "haproxy")
# heading, key, format
COLUMNS = [("requests/s", "requests_per_second", ",.0f"), ("CPU µs/request", "cpu_us", ",.1f"), ("GB/CPU second", "gb_per_cpu_second", ".2f"),
           ("p50 ms", "p50_ms", ".3f"), ("p99 ms", "p99_ms", ".3f"), ("p99.9 ms", "p999_ms", ".3f"), ("bytes/connection", "bytes_per_connection", ",.0f"),
           ("system calls/request", "system_calls", ".2f"), ("allocations/request", "allocations", ".3f"), ("RSS MiB", "rss_mib", ".1f")]


def cell(one, key, form, primary):
    figure = one.get(key)
    if figure is None:
        return ""
    if not isinstance(figure, dict):
        return format(figure, form)
    text = format(figure["median"], form)
    return f"{text} ({figure['min']:{form}}-{figure['max']:{form}})" if key == primary else text


def ratio(proxies, name, primary):
    """Rhumb's figure by the best peer's, of the medians of this run."""
    peers = [one[primary]["median"] for other, one in proxies.items() if other in PEERS]
    if name != "rhumb" or not peers:
        return ""
    best = max(peers) if primary == "gb_per_cpu_second" else min(peers)
    return f"**{proxies[name][primary]['median'] / best:.2f}**"


def table(results):
    lines = ["| task | proxy | " + " | ".join(heading for heading, _, _ in COLUMNS) + " | to the better peer |", "|---" * (len(COLUMNS) + 3) + "|"]
    for task, proxies in results.items():
        primary = TASKS[task].primary
        for name, one in proxies.items():
            lines.append(f"| {task} | {name} | " + " | ".join(cell(one, key, form, primary) for _, key, form in COLUMNS) + f" | {ratio(proxies, name, primary)} |")
    return "\n".join(lines)


def version(command):
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return (done.stdout + done.stderr).splitlines()[0]


def main():
    options = arguments()
    tasks, names = options.tasks.split(","), options.proxies.split(",")
    for needed in ["wrk", "h2load", "nginx", "taskset"] + [name for name in names if name == "haproxy"]:
        if not shutil.which(needed):
            print(f"bench: {needed} is needed and not installed", file=sys.stderr)
            return 1
    bench = Bench(options.out, options.binary)
    results = {}
    try:
        for task in tasks:
            runs = {name: [] for name in (*(TASKS[task].proxies or names), *TASKS[task].beside)}
            for number in range(options.repetitions):
                for name, figures in repetition(bench, list(runs), TASKS[task], options).items():
                    runs[name].append(figures)
                    print(f"{task} {number + 1}/{options.repetitions} {name:9} {TASKS[task].primary} {figures[TASKS[task].primary]:.3f}", flush=True)
            counted = TASKS[task].request_of is not None
            results[task] = {name: {**summary(runs[name]), **(counts(bench, name, TASKS[task]) if counted else {}), "runs": runs[name]} for name in runs}
    finally:
        bench.close()
    versions = {"rhumb": version([options.binary, "version"]), "nginx": version(["nginx", "-v"]), "haproxy": version(["haproxy", "-v"]) if "haproxy" in names else None}
    report = {"when": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()), "kernel": platform.release(), "cores": os.cpu_count(), "versions": versions,
              "seconds": options.seconds, "slices": options.slices, "repetitions": options.repetitions, "results": results}
    path = os.path.join(options.out, "load.json")
    with open(path, "w", encoding="utf-8") as file:
        json.dump(report, file, indent=1)
    print(f"\n{table(results)}\n\nwritten: {os.path.relpath(path)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
