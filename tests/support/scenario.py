# SPDX-License-Identifier: Apache-2.0
"""One scenario: its file, its upstreams and gateway, its steps one after the other, and what must hold at its end.

The format is described in tests/scenarios/README.md.
"""
import os
import re
import shutil
import subprocess
import tempfile
import threading
import time

import steps_client
import steps_commands
import steps_gateway
from gateway import TROUBLE, Failure, Gateway, environment
from matching import dump_yaml, load_yaml, merged
from scripted_upstream import Gates, ScriptedUpstream
from wire import WireError, quantity

KEYS = {"name", "covers", "overlays", "files", "upstreams", "config", "config_text", "listener", "region", "route", "start", "deadline",
        "steps", "environment", "allow_problems", "exit_code", "needs", "descriptors", "run_options", "file_size"}
LIMIT = 30.0
PLACES = {"frankfurt": (50.1, 8.7, "DE"), "virginia": (38.9, -77.4, "US"), "singapore": (1.35, 103.8, "SG"), "sydney": (-33.9, 151.2, "AU"),
          "ireland": (53.3, -6.2, "IE")}
ELSEWHERE = [(50.1, 8.7, "DE"), (38.9, -77.4, "US"), (1.35, 103.8, "SG"), (-33.9, 151.2, "AU"), (-23.5, -46.6, "BR")]
VERBS = {**steps_client.VERBS, **steps_gateway.VERBS, **steps_commands.VERBS}


class Scenario:
    def __init__(self, path, binary):
        with open(path, encoding="utf-8") as file:
            self.spec = load_yaml(file)
        self.path, self.binary = path, binary
        check_spec(self.spec)
        self.clients, self.variables, self.traffic, self.commands = {}, {}, {}, {}
        self.upstreams, self.gateway, self.gates = {}, None, Gates()
        self.used_records = set()
        self.limit = float(self.spec.get("deadline", LIMIT))
        self.started = time.monotonic()
        self.reload_mark = 0

    # ------------------------------------------------------------------------------------------ running
    def run(self, keep=False):
        """-> list of problems, empty when the scenario holds."""
        self.directory = tempfile.mkdtemp(prefix="rhumb-scenario-")
        watchdog = threading.Timer(self.limit + 15, os._exit, (3,))
        watchdog.daemon = True
        watchdog.start()
        problems = []
        try:
            self.set_up()
            for number, step in enumerate(self.spec["steps"], 1):
                self.do(step, f"step {number}")
        except (Failure, WireError, OSError, ValueError, KeyError) as error:
            problems.append(str(error) if isinstance(error, Failure) else f"{type(error).__name__}: {error}")
        finally:
            problems += self.tear_down()
            watchdog.cancel()
            if not keep:
                shutil.rmtree(self.directory, ignore_errors=True)
        return problems

    def missing(self):
        """What the scenario needs and this machine has not."""
        have = {"ipv6": os.path.exists("/proc/sys/net/ipv6") and os.path.exists("/proc/net/if_inet6")}
        return [one for one in self.spec.get("needs", []) if not have[one]]

    def do(self, step, place):
        verb = verb_of(step, place)
        if self.left() <= 0:
            raise Failure(f"{place}: the scenario took more than {self.limit:g} s")
        try:
            options = self.filled({key: value for key, value in step.items() if key != verb})
            VERBS[verb](self, self.filled(step[verb]) if verb not in LATE else step[verb], options)
        except Failure as error:
            raise Failure(f"{place} ({verb}): {error}") from None
        except (WireError, OSError, ValueError, KeyError, TypeError) as error:
            raise Failure(f"{place} ({verb}): {type(error).__name__}: {error}") from error

    def left(self):
        return self.started + self.limit - time.monotonic()

    def patience(self, options, default=5.0):
        """How long a step may wait."""
        return max(0.01, min(float(options.get("within", default)), self.left()))

    # ------------------------------------------------------------------------------------------ parts
    def set_up(self):
        for name, script in (self.spec.get("upstreams") or {}).items():
            self.upstreams[name] = ScriptedUpstream(name, self.filled(script), self.gates)
            self.variables[name] = self.upstreams[name].address
            self.variables[f"{name}.port"] = self.upstreams[name].address.rpartition(":")[2]
        self.variables["dir"] = self.directory
        self.variables["config"] = os.path.join(self.directory, "rhumb.yaml")
        for name, text in (self.spec.get("files") or {}).items():
            self.write_file(name, self.filled(text))
        for name, text in (self.spec.get("overlays") or {}).items():
            self.build_overlay(name, text)
        self.config = merged(self.default_config(), self.spec.get("config") or {})
        self.write_config()
        if self.spec.get("start", True):
            self.start_gateway()

    def start_gateway(self):
        self.gateway = Gateway(self.binary, self.variables["config"], self.directory, self.spec.get("environment"), self.spec.get("descriptors"),
                               self.spec.get("run_options", ()), quantity(self.spec["file_size"]) if "file_size" in self.spec else None)
        self.gateway.wait_ready(min(20, self.left()))
        self.variables.update(self.gateway.addresses)

    def default_config(self):
        regions = []
        for i, name in enumerate(self.upstreams):
            latitude, longitude, country = PLACES.get(name, ELSEWHERE[i % len(ELSEWHERE)])
            region = {"name": name, "location": {"latitude": latitude, "longitude": longitude, "country": country}, "priority": i + 1,
                      "endpoints": [f"${{{name}}}"]}
            regions.append(merged({**region, "health": {"enabled": "health" in (self.spec.get("region") or {})}}, self.spec.get("region") or {}))
        return {
            "version": 1,
            "gateway": {"workers": 1, "drain_timeout": "2s"},
            "admin": {"address": "127.0.0.1:0"},
            "access_log": {"path": "stdout"},
            "listeners": [merged({"name": "web", "address": "127.0.0.1:0"}, self.spec.get("listener") or {})],
            "regions": regions,
            "routes": [merged({"name": "default"}, self.spec.get("route") or {})],
        }

    def write_config(self):
        text = self.spec.get("config_text") or dump_yaml(self.config)
        self.write_file("rhumb.yaml", self.filled(text))

    def write_file(self, name, text):
        """In one step, so that nobody reads half a file."""
        path = os.path.join(self.directory, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path + ".new", "wb") as file:
            file.write(text if isinstance(text, bytes) else text.encode("utf-8"))
        os.replace(path + ".new", path)

    def build_overlay(self, name, text):
        self.write_file(f"{name}.csv", text)
        out = os.path.join(self.directory, f"{name}.mmdb")
        done = subprocess.run([self.binary, "geo", "build", os.path.join(self.directory, f"{name}.csv"), "--out", out],
                              capture_output=True, text=True, timeout=20, env=environment(), check=False)
        if done.returncode != 0:
            raise Failure(f"geo build of overlay {name}: exit {done.returncode}\n{done.stdout}{done.stderr}")
        self.variables[f"overlay.{name}"] = out

    def filled(self, value):
        """${name} replaced wherever the name is known, ${text*9} by nine times the text; other ${...} is the gateway's business."""
        if isinstance(value, str):
            value = re.sub(r"\$\{([^{}]+)\*(\d+)\}", lambda m: m[1] * int(m[2]), value)
            return re.sub(r"\$\{([\w.-]+)\}", lambda m: str(self.variables.get(m[1], m[0])), value)
        if isinstance(value, dict):
            return {self.filled(key) if isinstance(key, str) else key: self.filled(one) for key, one in value.items()}
        if isinstance(value, list):
            return [self.filled(one) for one in value]
        return value

    # ------------------------------------------------------------------------------------------ end
    def tear_down(self):
        problems = []
        for name, traffic in self.traffic.items():
            traffic.stop()
            problems += [f"traffic {name}: {problem}" for problem in traffic.problems[:5]]
        for client in self.clients.values():
            client.close()
        for name, command in self.commands.items():
            problems += [f"command {name}: {problem}" for problem in command.shut_down()]
        if self.gateway is not None:
            wrong = self.gateway.finish()
            allowed = self.spec.get("exit_code", 0)
            problems += [line for line in wrong if line != f"exit code {allowed}"]
            if allowed != 0 and self.gateway.exit_code != allowed:
                problems.append(f"expected exit code {allowed}, got {self.gateway.exit_code}")
        for upstream in self.upstreams.values():
            upstream.shut_down()
            problems += upstream.problems
            problems += [f"{upstream.name} was sent: {problem}" for request in upstream.requests for problem in request.problems]
        if self.spec.get("allow_problems"):
            problems = [line for line in problems if not re.search(self.spec["allow_problems"], line)]
        return problems

    def tail(self, lines=25):
        """The end of what the gateway said; from a sanitizer's report on, if there is one."""
        said = self.gateway.stderr_lines if self.gateway else []
        trouble = next((i for i, line in enumerate(said) if TROUBLE.search(line)), None)
        return said[-lines:] if trouble is None else said[trouble:trouble + 70]


def check_spec(spec):
    """A misspelt key must not make a test that cannot fail."""
    if not isinstance(spec, dict) or "name" not in spec or "steps" not in spec:
        raise ValueError("a scenario needs a name and steps")
    if unknown := set(spec) - KEYS:
        raise ValueError(f"unknown keys: {sorted(unknown)}")
    for number, step in enumerate(spec["steps"], 1):
        check_step(step, f"step {number}")


def verb_of(step, place):
    """The first key of a step that says what to do; what stands behind it are options."""
    for key in step:
        if key in VERBS:
            return key
    raise ValueError(f"{place}: a verb is needed, one of {sorted(VERBS)}; got {sorted(step)}")


def check_step(step, place):
    verb = verb_of(step, place)
    known = {verb, "within", "note"} | OPTIONS.get(verb, set())
    if unknown := set(step) - known:
        raise ValueError(f"{place}: unknown {sorted(unknown)} beside {verb}; known: {sorted(known)}")
    if "expect" in step and verb in ("request", "raw", "refused", "admin", "expect"):
        if unknown := set(step["expect"]) - steps_client.EXPECTATIONS:
            raise ValueError(f"{place}: unknown expectations {sorted(unknown)}; known: {sorted(steps_client.EXPECTATIONS)}")
    for inner in step["repeat"]["steps"] if verb == "repeat" else []:
        check_step(inner, place)


OPTIONS = {**steps_client.OPTIONS, **steps_gateway.OPTIONS, **steps_commands.OPTIONS}
LATE = ("repeat", "distribution")  # fill their ${...} anew in every round
