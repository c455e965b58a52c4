#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The shape of the hot path, in counts and not in times: system calls and allocations per request in steady state.

hotpath_test.py --binary build/release/rhumb     exit code 77: cannot be counted here (no strace, no compiler)
"""
import argparse
import os
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(HERE, "..", "..", "benchmarks", "load")]
import measure  # noqa: E402
from gateway import OPEN_TO_US  # noqa: E402
from proxies import Bench  # noqa: E402
from tasks import TASKS  # noqa: E402

MAX_CALLS = 4.5
# Divided by 18,000 requests: a handful of allocations of the process as a whole (a buffer that grew, say) is no allocation per request.
MAX_ALLOCATIONS = 0.005
SKIPPED = 77


def check(bench, name, proxy="rhumb"):
    """-> list of problems."""
    problems = []
    task = TASKS[name]
    program, port = bench.start(proxy, task.world, pinned=False, environment=OPEN_TO_US)
    try:
        calls, by_name = measure.system_calls(program.pids, port, 6400, task.request_of(port))
    finally:
        program.stop()
    shown = ", ".join(f"{call} {count:.2f}" for call, count in by_name.items() if count >= 0.01)
    print(f"{name}: {calls:.2f} system calls per request ({shown})", flush=True)
    if calls > MAX_CALLS:
        problems.append(f"{name}: {calls:.2f} system calls per request, more than {MAX_CALLS}")
    allocations = measure.allocations(bench, proxy, task.world, task.request_of)
    print(f"{name}: {allocations:.4f} allocations per request", flush=True)
    if allocations > MAX_ALLOCATIONS:
        problems.append(f"{name}: {allocations:.4f} allocations per request in steady state, wanted none")
    return problems


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--binary", required=True)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="rhumb-hotpath-") as directory:
        bench = Bench(directory, options.binary, origin="python")
        bench.access_log = "stdout"  # as by default; the process's stdout goes nowhere
        try:
            runs = (("plain", "rhumb"), ("geo", "rhumb"), ("record", "rhumb_recorder"))
            problems = [problem for name, proxy in runs for problem in check(bench, name, proxy)]
        except measure.Unavailable as error:
            print(f"skipped: {error}")
            return SKIPPED
        finally:
            bench.close()
    for problem in problems:
        print(f"FAIL {problem}")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
