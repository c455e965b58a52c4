# SPDX-License-Identifier: Apache-2.0
"""The cases: files of one group each, read, checked and made whole. Nothing runs here.

A file has sections, a section has cases; what a section says holds for each of its cases that does not say otherwise. Keys:

  ref, grade    the RFC section or class of weakness; security, must or should
  send          what the client sends: text, or a list of text and moves (play.py); `wrap` is put around it where it says @@
  pieces        bytes that travel together (all, unless said)        from     the client's address
  methods       of the requests sent, when the first bytes do not tell all (HEAD answers have no body)
  up, ups       what the upstream does with every request, or with the first, the second, ...: raw text, or actions (upstream_actions.py)
  cut, up_cut   the client (the upstream) ends like this after every number of bytes: close, reset, half_close
  rhumb         what Rhumb does; every: what any intermediary has to do. Both are judged by judge.py
  peers         false: says nothing about others (a matter of policy, or of fields that are Rhumb's own)
"""
import glob
import os
import re

from matching import load_yaml, merged
from upstream_actions import normalise

HERE = os.path.dirname(os.path.abspath(__file__))
GRADES = ("security", "must", "should")
INHERITED = {"ref", "grade", "wrap", "pieces", "from", "methods", "up", "ups", "cut", "up_cut", "rhumb", "every", "send", "peers"}
CASE_KEYS = INHERITED | {"note"}
GROUP_KEYS = {"group", "about", "config", "short", "peers", "sections"}
CHECKS = {"is", "fields", "absent", "body", "interim", "trailers", "version", "upstream", "forwarded", "reused"}
STATUS = re.compile(r"[1-5]\d\d|[2345]xx")
FATES = ("open", "closed", "eof", "reset", "any")


class Case:
    """One case, everything said. `rhumb` and `every` are mappings of checks."""

    def __init__(self, group, name, spec):
        self.id, self.name = f"{group.name}.{name}", name
        for key in INHERITED:
            setattr(self, key.replace("from", "source"), spec.get(key))
        self.note = spec.get("note", "")
        self._check(spec)
        self.rhumb, self.every = checks(spec.get("rhumb") or {}, self.id), checks(spec.get("every") or {}, self.id)
        self._expect_forwarded()
        self.moves = [self._wrapped(move) for move in (self.send if isinstance(self.send, list) else [self.send])]
        self.behaviours = [behaviour(one) for one in self.ups or [self.up or "ok"]]
        for one in self.behaviours:
            normalise(one)

    def _check(self, spec):
        if unknown := set(spec) - CASE_KEYS:
            raise ValueError(f"{self.id}: unknown keys {sorted(unknown)}")
        if self.grade not in GRADES or not self.ref or self.send is None:
            raise ValueError(f"{self.id}: needs a grade ({', '.join(GRADES)}), a ref and something to send")
        if not spec.get("rhumb"):
            raise ValueError(f"{self.id}: nothing says what Rhumb does")

    def _wrapped(self, move):
        if isinstance(move, dict):
            return move
        move = self.wrap.replace("@@", move) if self.wrap else move
        return re.sub(r"\$\{([^{}]+)\*(\d+)\}", lambda m: m[1] * int(m[2]), move).encode("latin-1")

    def _expect_forwarded(self):
        """Unless it says otherwise, Rhumb's answer tells whether the upstream was asked."""
        if "answers" in self.rhumb and "forwarded" not in self.rhumb:
            self.rhumb["forwarded"] = sum(one[0][0] in "123" or one[0] in ("502", "504") for one in self.rhumb["answers"])

    @property
    def first_bytes(self):
        return next((move for move in self.moves if isinstance(move, bytes)), b"")

    @property
    def request_methods(self):
        return list(self.methods or [self.first_bytes.lstrip(b"\r\n").partition(b" ")[0].decode("latin-1")])

    @property
    def old_client(self):
        return b" HTTP/1.0\r\n" in self.first_bytes.partition(b"\r\n")[0] + b"\r\n"


def behaviour(spec):
    """Raw text is sent as it is."""
    items = spec if isinstance(spec, list) else [spec]
    return [{"send": filled(one)} if isinstance(one, str) and ("\r" in one or " " in one or not one) else one for one in items]


def filled(text):
    return re.sub(r"\$\{([^{}]+)\*(\d+)\}", lambda m: m[1] * int(m[2]), text)


def checks(spec, place):
    """'200 open', '200 400 closed', '502 cut' or a mapping with that under `is` -> a mapping of checks, with `answers`, `fate` and `cut`."""
    spec = {"is": spec} if isinstance(spec, str) else dict(spec)
    if unknown := set(spec) - CHECKS:
        raise ValueError(f"{place}: unknown checks {sorted(unknown)}")
    if "is" not in spec:
        return spec
    answers, fate = [], "any"
    for word in str(spec.pop("is")).split():
        if word in FATES:
            fate = word
        elif word in ("cut", "refuse", "broken", "none"):
            spec[word] = True
        elif all(STATUS.fullmatch(one) for one in word.split("|")):
            answers.append(word.split("|"))
        else:
            raise ValueError(f"{place}: {word!r} is neither a status nor a fate")
    if answers or spec.get("none"):
        spec["answers"] = answers
    spec["fate"] = fate
    return spec


class Group:
    def __init__(self, path):
        with open(path, encoding="utf-8") as file:
            spec = load_yaml(file.read())
        if unknown := set(spec) - GROUP_KEYS:
            raise ValueError(f"{path}: unknown keys {sorted(unknown)}")
        self.name, self.about = spec["group"], spec["about"]
        self.config, self.short, self.peers = spec.get("config") or {}, spec.get("short", False), spec.get("peers", True)
        if self.name != os.path.splitext(os.path.basename(path))[0]:
            raise ValueError(f"{path}: the group is called {self.name}")
        self.cases = [case for section in spec["sections"] for case in self._cases_of(section)]
        names = [case.name for case in self.cases]
        if twice := {name for name in names if names.count(name) > 1}:
            raise ValueError(f"{path}: there twice: {sorted(twice)}")

    def _cases_of(self, section):
        if unknown := set(section) - INHERITED - {"cases"}:
            raise ValueError(f"{self.name}: unknown keys in a section: {sorted(unknown)}")
        shared = {key: value for key, value in section.items() if key != "cases"}
        for name, own in section["cases"].items():
            if not re.fullmatch(r"[a-z0-9-]+", name):
                raise ValueError(f"{self.name}: {name!r} is no name")
            yield Case(self, name, merged_case(shared, own))


def merged_case(shared, own):
    own = own if isinstance(own, dict) else {"send": own}
    spec = {**shared, **own}
    for key in ("rhumb", "every"):  # checks add up: a word replaces the word, a key the key
        if isinstance(shared.get(key), (dict, str)) and isinstance(own.get(key), dict):
            base = shared[key] if isinstance(shared[key], dict) else {"is": shared[key]}
            spec[key] = merged(base, own[key])
        elif isinstance(shared.get(key), dict) and isinstance(own.get(key), str):
            spec[key] = {**shared[key], "is": own[key]}
    return spec


def load_groups(names=()):
    """Those of these names (an unknown one is simply not there), or all."""
    paths = sorted(glob.glob(os.path.join(HERE, "cases", "*.yaml")))
    return [Group(path) for path in paths if not names or os.path.splitext(os.path.basename(path))[0] in names]
