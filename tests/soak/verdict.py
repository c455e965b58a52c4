# SPDX-License-Identifier: Apache-2.0
"""Compares the ledgers of a soak: what clients saw, what origins ran, what the gateway's log and counters say.

`facts`: {clients, origins, log: lists of entries; metrics: {'name{labels}': value}; run: {exit_code, problems, sanitized, memory: [warm, end],
descriptors: [base, end], ...}}. Each guarantee becomes (id, what it says, figures, list of violations).
"""
import collections
import re

from ledger import FENCE, FENCED, SAFE

MEMORY_RATIO, MEMORY_FLOOR = 1.10, 16 << 20  # growth after the warm-up: a tenth, or 16 MiB
# A sanitizer keeps freed memory on purpose, and its bookkeeping grows with what was ever in use at once.
MEMORY_FLOOR_SANITIZED = 32 << 20
TICK_TARGET, TICK_BOUND = 0.010, 0.100  # seconds, of the turns' p99.9


class Books:
    """The ledgers, indexed by request."""

    def __init__(self, facts):
        self.run, self.metrics = facts["run"], facts["metrics"]
        self.requests = [entry for entry in facts["clients"] if "id" in entry]
        self.troubles = [entry for entry in facts["clients"] if "trouble" in entry]
        self.origins, self.log = facts["origins"], facts["log"]
        self.runs, self.outs = collections.Counter(), collections.Counter()
        for entry in self.origins:
            self.runs[entry["id"]] += entry.get("run", 0)
            self.outs[entry["id"]] += "out" in entry
        self.lines = collections.defaultdict(list)
        for line in self.log:
            self.lines[line["path"][3:] if line["path"].startswith("/q/") else None].append(line)

    def of(self, *results):
        return [entry for entry in self.requests if entry["res"] in results]

    def sum(self, name, **labels):
        wanted = [f'{key}="{value}"' for key, value in labels.items()]
        return int(sum(value for key, value in self.metrics.items() if key.partition("{")[0] == name and all(one in key for one in wanted)))

    def line(self, entry):
        found = self.lines.get(entry["id"], [])
        return found[0] if len(found) == 1 else None


def say(entry):
    return f"{entry['id']} {entry['m']} {entry['kind']}: {entry['res']} {entry.get('status', '')} {entry['why']}".strip()


def quantile(books, share):
    """The upper bound of the bucket of rhumb_loop_turn_seconds in which this share of the turns lies."""
    buckets = sorted((float(match[1]), value) for key, value in books.metrics.items()
                     if (match := re.fullmatch(r'rhumb_loop_turn_seconds_bucket\{le="(.+)"\}', key)))
    total = buckets[-1][1] if buckets else 0
    return next((bound for bound, value in buckets if value >= total * share), float("inf")), int(total)


def g0(books):
    wrong = [] if books.run["exit_code"] == 0 else [f"exit code {books.run['exit_code']}"]
    wrong += books.run["problems"]
    bound, turns = quantile(books, 0.999)
    if not books.run["sanitized"] and bound > TICK_BOUND:
        wrong.append(f"99.9 % of the turns took up to {bound * 1000:g} ms, more than {TICK_BOUND * 1000:g} ms")
    figures = f"exit {books.run['exit_code']}; p99.9 of {turns} turns <= {bound * 1000:g} ms wall (target {TICK_TARGET * 1000:g}), "
    figures += f"{books.sum('rhumb_loop_stalls_total')} stalls, workers waited {books.run['cpu_wait'] * 100:.0f} % for a CPU"
    return "G0", "neither dies nor stalls", figures, wrong


def g1(books):
    begun, alive, ended = (books.sum(name) for name in ("rhumb_exchanges_total", "rhumb_exchanges", "rhumb_requests_ended_total"))
    by_outcome = {outcome: books.sum("rhumb_requests_ended_total", outcome=outcome) for outcome in ("answered", "client_gone", "aborted")}
    wrong = [] if begun == ended and alive == 0 else [f"{begun} requests begun, {ended} ended, {alive} alive at idle"]
    if (routed := books.sum("rhumb_requests_total")) != ended:
        wrong.append(f"{ended} ended, but {routed} by route")
    logged = collections.Counter((line["outcome"], line["flags"].get("cut", "none")) for line in books.log)
    for outcome, reason in {**logged, **{("answered", "none"): 0}}:
        if (counted := books.sum("rhumb_requests_ended_total", outcome=outcome, reason=reason)) != logged[outcome, reason]:
            wrong.append(f"{outcome}/{reason}: {counted} in the metrics, {logged[outcome, reason]} in the log")
    if len(books.log) != ended:
        wrong.append(f"{ended} ended, but {len(books.log)} lines in the log")
    wrong += [f"{name}: {len(lines)} lines in the log" for name, lines in books.lines.items() if name and len(lines) > 1]
    wrong += [say(entry) for entry in books.of("hang")]
    for entry in books.of("complete"):
        line = books.line(entry)
        if line is None or line["outcome"] != "answered" or line["status"] != entry["status"]:
            wrong.append(f"{say(entry)}; the log says {line and (line['outcome'], line['status'])}")
    figures = f"{begun} = {by_outcome['answered']} answered + {by_outcome['client_gone']} client gone + {by_outcome['aborted']} aborted"
    return "G1", "one outcome each", figures, wrong


def g2(books):
    wrong = [say(entry) for entry in books.requests if entry["broken"] in ("short", "malformed")]
    untold = [entry for entry in books.requests if entry["why"] == "cannot tell"]
    wrong += [f"{say(entry)}, though its origin said all of it" for entry in untold if books.outs[entry["id"]]]
    figures = f"{len(books.of('complete'))} whole, {len(books.of('cut'))} cut and seen as cut; {len(untold)} ended by a dead origin's close (HTTP cannot tell)"
    return "G2", "no cut answer looks whole", figures, wrong


def g3(books):
    unsafe = [entry for entry in books.requests if entry["m"] not in SAFE]
    wrong = [f"{say(entry)}; run {books.runs[entry['id']]} times" for entry in unsafe if books.runs[entry["id"]] > 1]
    wrong += [f"{say(entry)}; answered by an origin that has not run it" for entry in unsafe
              if entry["res"] == "complete" and entry.get("origin") and books.runs[entry["id"]] == 0]
    failed = [entry for entry in unsafe if entry["res"] == "complete" and entry["status"] >= 500]
    ran = sum(books.runs[entry["id"]] for entry in failed)
    again = sum(books.runs[entry["id"]] > 1 for entry in books.requests if entry["m"] in SAFE)
    return "G3", "no unsafe request runs twice", f"{len(unsafe)} unsafe, of these {len(failed)} answered 5xx ({ran} had run); {again} safe ones ran again", wrong


def g4(books):
    safe = [entry for entry in books.requests if entry["m"] in SAFE and entry["res"] not in ("left", "void")]
    wrong = [say(entry) for entry in safe if entry["res"] == "none" or (entry["res"] == "complete" and entry["status"] not in (200, 101))]
    retried = sum(line["retries"] for line in books.log)
    return "G4", "no safe request is lost", f"{len(safe)} safe, {sum(entry['res'] == 'cut' for entry in safe)} cut in their answer, {retried} retries", wrong


def g6(books):
    wrong = [say(entry) for entry in books.requests if entry["broken"] == "foreign"]
    wrong += [f"{entry['id']} at {entry['at']}: {entry.get('foreign')} pieces of a body that are not its own, {entry['problems']}"
              for entry in books.origins if entry.get("foreign") or entry["problems"]]
    known = {entry["id"] for entry in books.requests}
    wrong += [f"{entry['id']} at {entry['at']}: a request nobody made" for entry in books.origins if entry["id"] not in known]
    wrong += [f"{name}: logged, but nobody made it" for name in books.lines if name is not None and name not in known]
    seen = sum(entry.get("n", 0) for entry in books.requests)
    return "G6", "no byte reaches another", f"{len(known)} canaries in {seen / 1e6:.0f} MB of answers", wrong


def g7(books):
    fenced = {entry["id"] for entry in books.requests if entry["from"] == FENCED}
    inside = [entry for entry in books.origins if entry["id"] in fenced]
    wrong = [f"{entry['id']} at {entry['at']}, outside the fence" for entry in inside if not entry["at"].startswith(FENCE)]
    wrong += ["no request of a fenced client reached an origin"] * (not inside)
    retries = sum(line["retries"] for name in fenced for line in books.lines.get(name, []))
    return "G7", "no fence is left", f"{len(fenced)} requests of fenced clients, {retries} retries of them", wrong


def g8(books):
    (warm, end), (base, left) = books.run["memory"], books.run["descriptors"]
    floor = MEMORY_FLOOR_SANITIZED if books.run["sanitized"] else MEMORY_FLOOR
    wrong = []
    if end > max(warm * MEMORY_RATIO, warm + floor):
        wrong.append(f"memory grew from {warm / 2**20:.1f} to {end / 2**20:.1f} MiB")
    if left > base:
        wrong.append(f"{left - base} descriptors more than before the first client")
    return "G8", "memory and descriptors are flat", f"{warm / 2**20:.1f} -> {end / 2**20:.1f} MiB after the warm-up, descriptors {base} -> {left}", wrong


def g9(books):
    wrong = [f"{lost} lines of the log dropped" for lost in [books.sum("rhumb_log_lines_dropped_total")] if lost]
    seen = 0
    for entry in books.requests:
        failed = entry["res"] == "complete" and entry["status"] >= 500
        if not failed and entry["res"] not in ("cut", "none"):
            continue
        seen += 1
        line = books.line(entry)
        told = line is not None and ("fault" in line["flags"] if failed else line["outcome"] == "aborted")
        if not told:
            wrong.append(f"{say(entry)}; the log says {line and (line['outcome'], line['flags'])}")
    return "G9", "every loss is on record", f"{seen} losses clients saw, {books.sum('rhumb_faults_total')} faults counted", wrong


def enough(books):
    """A soak in which nothing happened proves nothing."""
    kinds = collections.Counter(entry["kind"] for entry in books.requests)
    wrong = [f"no client of the kind {kind}" for kind in books.run["kinds"] if not kinds[kind]]
    wrong += [f"not one of: {what}" for what, count in books.run["events"].items() if not count]
    wrong += [entry["trouble"] for entry in books.troubles]
    return "run", "everything took place", ", ".join(f"{count} {what}" for what, count in books.run["events"].items()), wrong


def judge(facts):
    books = Books(facts)
    return [check(books) for check in (g0, g1, g2, g3, g4, g6, g7, g8, g9, enough)]


def table(results):
    width = max(len(what) for _, what, _, _ in results)
    lines = []
    for name, what, figures, wrong in results:
        lines.append(f"{name:4} {what:{width}}  {'BROKEN' if wrong else 'holds '}  {figures}")
        lines += [f"     - {one}" for one in wrong[:8]]
        if len(wrong) > 8:
            lines.append(f"     - and {len(wrong) - 8} more")
    return "\n".join(lines)
