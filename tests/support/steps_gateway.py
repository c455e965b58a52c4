# SPDX-License-Identifier: Apache-2.0
"""What a scenario does with the gateway, its files, its upstreams and its command line, and what it wants to see of them.

Every verb is a function (scenario, value, options); OPTIONS says what may stand beside it. Waiting is polling with a deadline.
"""
import ctypes
import json
import os
import re
import signal as signals
import subprocess
import time

from gateway import Failure, environment, metric
from matching import differences, merged
from steps_client import by_name, check_response
from wire import WireError, quantity


def _poll(scenario, options, problems_now, default=5.0):
    """Waits until problems_now() is empty; else fails with what it said last."""
    last = []

    def fits():
        last[:] = problems_now()
        return not last

    waiter = scenario.gateway if scenario.gateway else next(iter(scenario.upstreams.values()))
    if not waiter.wait(fits, scenario.patience(options, default)):
        raise Failure("\n    ".join(last))


# ------------------------------------------------------------------------------------------------- upstreams

def received(scenario, spec, options):
    """What an upstream was sent: {upstream, count, connections, probes, requests: [...], request: {...} (the last), stray}."""
    upstream = scenario.upstreams[spec["upstream"]]

    def view():
        requests = [_request_view(request) for request in upstream.requests]
        return {"count": len(requests), "requests": requests, "request": requests[-1] if requests else None, "probes": len(upstream.probes),
                "connections": len(upstream.connections), "open": sum(c.ended is None for c in upstream.connections),
                "ended": [c.ended for c in upstream.connections], "stray": "".join(c.stray.decode("latin-1") for c in upstream.connections)}

    wanted = {key: value for key, value in spec.items() if key != "upstream"}
    _poll(scenario, options, lambda: differences(_lower_headers(wanted), view(), spec["upstream"]))


def _request_view(request):
    view = request.as_dict()
    view["fields"] = view["headers"]
    view["names"] = [name.lower() for name, _ in view["headers"]]
    view["headers"] = by_name(view["headers"])
    view["trailers"] = by_name(view["trailers"])
    return view


def _lower_headers(wanted):
    if isinstance(wanted, dict):
        return {key: {name.lower(): one for name, one in value.items()} if key == "headers" else _lower_headers(value) for key, value in wanted.items()}
    return [_lower_headers(one) for one in wanted] if isinstance(wanted, list) else wanted


def upstream(scenario, name, options):
    """`do`: stop (resets what is open), close (ends it), refuse (keeps what is open), start, or script: a new script."""
    one = scenario.upstreams[name]
    if "script" in options:
        one.set_script(options["script"])
        return
    actions = {"stop": lambda: one.stop("reset"), "close": lambda: one.stop("close"), "refuse": lambda: one.stop("keep"), "start": one.start}
    actions[options["do"]]()


def release(scenario, gate, options):
    """Lets behaviours that hold at this gate go on; waits first until one is there."""
    if options.get("reached", True) and not scenario.gates.wait_reached(gate, scenario.patience(options), options.get("times", 1)):
        raise Failure("nobody came to this gate")
    scenario.gates.release(gate)


def reached(scenario, gate, options):
    if not scenario.gates.wait_reached(gate, scenario.patience(options), options.get("times", 1)):
        raise Failure("nobody came to this gate")


# ------------------------------------------------------------------------------------------ seen from outside

def log(scenario, wanted, options):
    """A record of the access log that fits and no earlier step has taken; `count` wants so many."""
    gateway = scenario.gateway

    def problems():
        fitting = [i for i, record in enumerate(gateway.records) if i not in scenario.used_records and not differences(wanted, record)]
        count = options.get("count", 1)
        if len(fitting) < count:
            rest = [record for i, record in enumerate(gateway.records) if i not in scenario.used_records]
            nearest = min((differences(wanted, record) for record in rest), key=len, default=["there is no record left"])
            return [f"{len(fitting)} of {count} records fit; the nearest differs in:"] + nearest
        scenario.used_records.update(fitting[:count])
        return []

    _poll(scenario, options, problems)


def no_log(scenario, wanted, options):
    """No record so far fits (whether an earlier step took it or not)."""
    fitting = [record for record in scenario.gateway.records if not differences(wanted, record)]
    if fitting:
        raise Failure(f"{len(fitting)} records fit, e.g. {fitting[0]}")


def secrets(scenario, words, options):
    """None of these stands in a record of the access log or in a line of stderr so far; there must be some of both."""
    gateway = scenario.gateway
    if not gateway.records or not gateway.stderr_lines:
        raise Failure("nothing was said yet")
    said = [json.dumps(record, ensure_ascii=False) for record in gateway.records] + gateway.stderr_lines + gateway.strange_output
    if found := [(word, line) for word in words for line in said if word in line]:
        raise Failure(f"{found[0][0]!r} stands in: {found[0][1][:500]}")


def metrics(scenario, name, options):
    """Sum of the samples of a metric that carry `labels`. `is`: a number or {at_least: ...}."""
    _poll(scenario, options, lambda: differences(options.get("is", {"at_least": 1}), metric(scenario.gateway, name, options.get("labels")), name))


def remember(scenario, value, options):
    """Keeps figures to compare with later: memory, descriptors."""
    scenario.variables["remembered.memory"] = scenario.gateway.memory()
    scenario.variables["remembered.descriptors"] = scenario.gateway.descriptors()


def memory(scenario, spec, options):
    """{grew_at_most: 32MiB} since `remember`."""
    grown = scenario.gateway.memory() - scenario.variables["remembered.memory"]
    if grown > quantity(spec["grew_at_most"]):
        raise Failure(f"grew by {grown / 2**20:.1f} MiB")


def descriptors(scenario, spec, options):
    """{grew_at_most: n} since `remember`, once what is ending has ended."""
    def problems():
        grown = scenario.gateway.descriptors() - scenario.variables["remembered.descriptors"]
        return [f"grew by {grown}"] if grown > spec["grew_at_most"] else []

    _poll(scenario, options, problems)


def admin(scenario, path, options):
    """GET of the admin listener, repeated until the answer fits."""
    def problems():
        response = None
        try:
            response = scenario.gateway.admin(path)
            check_response(scenario, _Answered(response), options.get("expect", {"status": 200}), 1)
        except Failure as error:
            return [str(error)]
        except (OSError, WireError) as error:
            return [f"{type(error).__name__}: {error}"]
        return []

    _poll(scenario, options, problems)


class _Answered:
    """A response that is already there, in the shape check_response asks for."""

    def __init__(self, response):
        self._response = response

    def read_response(self, *_):
        return self._response


def stderr(scenario, wanted, options):
    """Text the gateway writes to stderr, after the last change of its configuration or signal."""
    _poll(scenario, options, lambda: differences(wanted, scenario.gateway.stderr_from(scenario.reload_mark), "stderr"))


# ------------------------------------------------------------------------------------------------ from inside

def signal(scenario, name, options):
    scenario.reload_mark = len(scenario.gateway.stderr_lines)
    for _ in range(options.get("times", 1)):
        scenario.gateway.signal(getattr(signals, f"SIG{name}"))


def config(scenario, change, options):
    """Changes the configuration (mappings are merged, lists replaced) and writes the file; `reload` (default true) sends SIGHUP and
    waits for the verdict: applied or refused."""
    scenario.config = merged(scenario.config, change or {})
    scenario.write_config()
    _reload(scenario, options)


def config_text(scenario, text, options):
    scenario.write_file("rhumb.yaml", text)
    _reload(scenario, options)


def _reload(scenario, options):
    if not options.get("reload", True):
        return
    signal(scenario, "HUP", {})
    verdict = options.get("verdict", "applied")
    stderr(scenario, {"contains": [f"reload: {verdict}"]}, {"within": options.get("within", 10)})


def upgrade(scenario, verdict, options):
    """Sends SIGUSR2, or runs the binary with the arguments `command`, and waits for the verdict: serves (the new process is the gateway
    from then on) or refused."""
    if "command" in options:
        scenario.reload_mark = len(scenario.gateway.stderr_lines)
        run(scenario, options["command"], {"expect": {"exit": 0 if verdict == "serves" else 1}, "within": options.get("within", 20)})
    else:
        signal(scenario, "USR2", {})
    said = {"serves": r"upgrade: process (\d+) serves now", "refused": "upgrade: refused"}[verdict]
    stderr(scenario, f"/{said}/", {"within": options.get("within", 20)})
    if verdict == "serves":
        scenario.gateway.handed_over(int(re.search(said, scenario.gateway.stderr_from(scenario.reload_mark))[1]))


def predecessors(scenario, value, options):
    """The processes that have handed over end, with exit code 0."""
    if wrong := scenario.gateway.predecessors_ended(scenario.patience(options, 10)):
        raise Failure("\n    ".join(wrong))


def start(scenario, value, options):
    """Starts the gateway (for scenarios with `start: false`, or after an `exit`)."""
    if scenario.gateway is not None and (wrong := scenario.gateway.finish()):
        raise Failure(f"the gateway before: {wrong}")
    scenario.reload_mark = 0  # it has said nothing yet
    scenario.start_gateway()


def exit_(scenario, code, options):
    """The gateway ends by itself with this code."""
    got = scenario.gateway.wait_exit(scenario.patience(options, 10))
    scenario.gateway.expected_exit = code
    if got != code:
        raise Failure("still running" if got is None else f"exit code {got}")


def file(scenario, name, options):
    """`do`: delete, write (text), bytes (each character of `text` is one), truncate (in place, to `size`; larger is a hole), copy (over the
    file in place, from another), rename (`to` another name), directory, fifo, unreadable (nobody may read it), mode (its
    permissions become `mode`, "600"), or check (in time its text is what `expect` says)."""
    path = name if os.path.isabs(name) else os.path.join(scenario.directory, name)
    action = options["do"]
    if action == "delete":
        os.rmdir(path) if os.path.isdir(path) else os.unlink(path)
    elif action == "write":
        scenario.write_file(os.path.relpath(path, scenario.directory), options["text"])
    elif action == "bytes":
        scenario.write_file(os.path.relpath(path, scenario.directory), options["text"].encode("latin-1"))
    elif action == "truncate":
        os.truncate(path, quantity(options.get("size", 0)))
    elif action == "directory":
        os.mkdir(path)
    elif action == "fifo":
        os.mkfifo(path)
    elif action == "unreadable":
        os.chmod(path, 0)
    elif action == "mode":
        os.chmod(path, int(options["mode"], 8))
    elif action == "copy":
        with open(options["from"], "rb") as source, open(path, "wb") as target:
            target.write(source.read())
    elif action == "rename":
        os.rename(path, os.path.join(scenario.directory, options["to"]))
    elif action == "check":
        def problems():
            with open(path, encoding="utf-8") as source:
                return differences(options["expect"], source.read(), name)

        _poll(scenario, options, problems)
    else:
        raise Failure(f"unknown: {action}")


def overlay(scenario, name, options):
    """Builds an overlay anew from CSV text."""
    scenario.build_overlay(name, options["csv"])


def _without_override():
    """For a child process: root too may read only what the mode of a file lets it read."""
    for capability in (1, 2):  # CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH; whoever is not root has neither and may not drop them
        ctypes.CDLL(None).prctl(24, capability)  # PR_CAPBSET_DROP


def run(scenario, arguments, options):
    """The binary with these arguments, and `input` to read: {exit, stdout, stderr, json} must fit."""
    done = subprocess.run([scenario.binary, *[str(one) for one in arguments]], cwd=scenario.directory, capture_output=True, text=True, check=False,
                          timeout=scenario.patience(options, 15), input=options.get("input", ""),
                          preexec_fn=_without_override,
                          env={**environment(), **{key: str(value) for key, value in options.get("environment", {}).items()}})
    got = {"exit": done.returncode, "stdout": done.stdout, "stderr": done.stderr}
    wanted = {"exit": 0, **options.get("expect", {})}
    if "json" in wanted:
        try:
            got["json"] = json.loads(done.stdout)
        except ValueError:
            got["json"] = None
    if problems := differences(wanted, got):
        raise Failure("\n    ".join(problems + [f"stdout: {done.stdout[:1500]}", f"stderr: {done.stderr[:1500]}"]))


def wait_(scenario, value, options):
    """Only for watching that something does not happen; what does happen is waited for."""
    time.sleep(min(quantity(value), max(0.0, scenario.left())))


def repeat(scenario, spec, options):
    """`times` times the steps, with ${i} counting from `first` (0)."""
    for i in range(spec.get("first", 0), spec.get("first", 0) + spec["times"]):
        scenario.variables["i"] = i
        for number, step in enumerate(spec["steps"], 1):
            scenario.do(step, f"round {i}, step {number}")


VERBS = {"received": received, "upstream": upstream, "release": release, "reached": reached, "log": log, "no_log": no_log, "secrets": secrets, "metric": metrics,
         "remember": remember, "memory": memory, "descriptors": descriptors, "admin": admin, "stderr": stderr, "signal": signal, "config": config,
         "config_text": config_text, "upgrade": upgrade, "predecessors": predecessors, "start": start, "exit": exit_, "file": file, "overlay": overlay, "run": run, "repeat": repeat, "wait": wait_}
OPTIONS = {"upstream": {"do", "script"}, "upgrade": {"command"}, "release": {"reached", "times"}, "reached": {"times"}, "log": {"count"}, "metric": {"is", "labels"},
           "admin": {"expect"}, "signal": {"times"}, "config": {"reload", "verdict"}, "config_text": {"reload", "verdict"},
           "file": {"do", "text", "size", "from", "to", "mode", "expect"}, "overlay": {"csv"}, "run": {"expect", "environment", "input"}}
