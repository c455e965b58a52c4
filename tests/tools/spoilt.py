# SPDX-License-Identifier: Apache-2.0
"""Configurations with a seeded secret in a place that can hold one, spoilt in many manners. The places come from the tables, as
`rhumb schema --as markdown` prints them."""
import json
import re

TOKEN = "the-token-of-this-test-0123456789abcdef"
MARK = "S33D"  # stands in no other text; each piece of a seed has one
SEED = MARK * 10
OTHER = SEED + MARK
NEVER_SHOWN = "Its values are never shown."
SAMPLES = {"a text": "x1", "a whole number": 1, "a number": 1, "an address": "127.0.0.1:0", "true or false": True, "a path": "/tmp/x1"}


class Row:
    def __init__(self, path, name, value, notes):
        self.path, self.name, self.value, self.notes = path, name, value, notes

    @property
    def secret(self):
        return NEVER_SHOWN in self.notes

    @property
    def section(self):
        return self.value.startswith(("a list of mappings", "a list of filters")) or self.value == "a mapping"

    @property
    def many(self):
        return self.value.startswith(("a list of ", "a mapping of "))

    def sample(self):
        for what, value in SAMPLES.items():
            if self.value.startswith(what):
                return value
        return re.split(r", | or ", self.value)[0]  # the first of some words


def rows_of(reference):
    rows, path = [], None
    for line in reference.split("\n## Diagnostics")[0].splitlines():
        if heading := re.match(r"##+ (.+)$", line):
            path = "" if heading[1] == "The top level" else heading[1]
        elif cells := re.match(r"\| (?:`([^`]+)`|\[([^\]]+)\]\([^)]*\)) \| (.*?) \| (.*?) \| (.*) \|$", line):
            if path is not None:
                rows.append(Row(path, cells[1] or cells[2], cells[3], cells[5]))
    return rows


# ------------------------------------------------------------------------------------------ documents
class Hole:
    """The mapping that is looked at: what it needs besides, and lines of its own, or one line in its place."""

    def __init__(self, needs):
        self.needs, self.lines, self.flow = needs, (lambda indent: []), None


def emit(value, indent, out, first=""):
    """Block style; `first` stands at the beginning of the first line."""
    lead = first or " " * indent
    if isinstance(value, Hole):
        lines = [f"{' ' * indent}{key}: {json.dumps(needed)}" for key, needed in value.needs.items()] + value.lines(" " * indent)
        if first and lines:
            lines[0] = first + lines[0][indent:]
        out += lines
        return
    for key, below in value.items():
        if isinstance(below, Hole) and below.flow is not None:
            out.append(f"{lead}{key}: {below.flow}")
        elif isinstance(below, (dict, Hole)):
            out.append(f"{lead}{key}:")
            emit(below, indent + 2, out)
        elif isinstance(below, list) and any(isinstance(item, (dict, Hole)) for item in below):
            out.append(f"{lead}{key}:")
            for item in below:
                if isinstance(item, Hole) and item.flow is not None:
                    out.append(f"{' ' * indent}  - {item.flow}")
                else:
                    emit(item, indent + 4, out, first=" " * (indent + 2) + "- ")
        else:
            out.append(f"{lead}{key}: {json.dumps(below)}")
        lead = " " * indent


class Documents:
    """Configurations that are good but for what stands in the hole."""

    def __init__(self, rows, upstream):
        self.rows, self.upstream = rows, upstream

    def base(self):
        return {"version": 1, "gateway": {"workers": 1}, "access_log": {"path": "off"},
                "listeners": [{"name": "web", "address": "127.0.0.1:0"}],
                "admin": {"address": "127.0.0.1:0", "tokens": [{"name": "ops", "role": "admin", "secret": TOKEN}]},
                "regions": [{"name": "a", "endpoints": [self.upstream], "health": {"enabled": False}}],
                "routes": [{"name": "all", "strategy": "weighted"}]}

    def needs(self, path):
        return {row.name: row.sample() for row in self.rows if row.path == path and "Required." in row.notes and not row.section}

    def at(self, path, needs=None):
        """(document, hole): the mapping at `path` is the hole."""
        document = at = self.base()
        parts = path.split(".") if path else []
        hole = Hole(self.needs(path) if needs is None else needs)
        for i, part in enumerate(parts):
            name, last = part.removesuffix("[]"), i + 1 == len(parts)
            fresh = hole if last else {}
            if part.endswith("[]"):
                items = at.setdefault(name, [])
                if last or name in ("filters", "keys") or not items:
                    if not last:
                        fresh = self.needs(".".join(parts[:i + 1])) if name != "filters" else {}
                    items.append(fresh)
                at = items[-1]
            elif last:
                at[name] = hole
            else:
                at = at.setdefault(name, self.needs(".".join(parts[:i + 1])))
        if not path:
            return document, document
        return document, hole

    @staticmethod
    def text(document):
        out = []
        emit(document, 0, out)
        return "\n".join(out) + "\n"

    def with_lines(self, path, lines, needs=None):
        document, hole = self.at(path, needs)
        if hole is document:
            return self.text(document) + "\n".join(lines("")) + "\n"
        hole.lines = lines
        return self.text(document)

    def with_flow(self, path, flow):
        document, hole = self.at(path)
        hole.flow = flow
        return self.text(document)


def spoilt(row, needs):
    """{name: lines(indent)} for a row that holds a secret, in block style."""
    many = row.many
    key = "x-key" if many else row.name

    def entry(text):
        """The line(s) of the one value; `text` begins behind its indentation."""
        def lines(indent):
            inner = indent + ("  " if many else "")
            return ([f"{indent}{row.name}:"] if many else []) + [inner + line for line in text(inner).split("\n")]
        return lines

    def of(text):
        return entry(lambda inner: text)

    misspelt = key[:-2] + key[-1] + key[-2] if not many else row.name + "x"
    cases = {
        "alias": of(f"{key}: *{SEED}"), "anchor": of(f"{key}: &{SEED} x"), "tag": of(f"{key}: !{SEED} x"), "known tag": of(f"{key}: !!{SEED} x"),
        "file without quotes": of(f"{key}: !file {SEED}"), "no space": of(f"{key}:{SEED}"), "no colon": of(f"{key} {SEED}"), "equals": of(f"{key} = {SEED}"),
        "list": of(f"{key}: [{SEED}]"), "mapping": of(f"{key}: {{{SEED}: 1}}"), "mapping in it": of(f"{key}: {{a: {SEED}}}"),
        "one in braces": of(f"{key}: {{{SEED}}}"), "unterminated": of(f'{key}: "{SEED}'), "unterminated, one": of(f"{key}: '{SEED}"),
        "bad escape": of(f'{key}: "{MARK}\\{SEED}"'), "comma": of(f"{key}: {SEED}, role: x"), "colon in it": of(f"{key}: {MARK}: {SEED}"),
        "two lines": of(f"{key}: {SEED}\n {SEED} and more"), "block": of(f"{key}: |\n  {SEED}\n  {SEED}: more"), "block, less": of(f"{key}: |\n    {SEED}\n  {SEED}: x"),
        "twice": of(f"{key}: {SEED}\n{key}: {SEED}"), "tab": entry(lambda inner: f"\t{key}: {SEED}"),
        "control character": of(f'{key}: "{SEED}\\x07{SEED}"'), "comment": of(f"{key}: [1] # {SEED}"), "commented": of(f"# {key}: {SEED}\n{key}: [x]"),
        "variable in it": of(f'{key}: "{MARK}${{{MARK.lower()}}}{SEED}"'), "default": of(f'{key}: "${{UNSET_HERE:-{SEED}}}\\x07"'),
        "bad variable": of(f'{key}: "${{{SEED}"'), "variable": of(f'{key}: "${{SEEDED}}\\x07"'), "question": of(f"? {key}\n: {SEED}: x"),
        "null": of(f"{key}:\n{SEED}:"), "indented more": of(f"{key}:\n      {SEED}\n    {SEED}: 1"),
        "misspelt": (lambda indent: [f"{indent}{misspelt}: {SEED}"] if not many else [f"{indent}{misspelt}:", f"{indent}  x-key: {SEED}"]),
        "one column more": (lambda indent: [f"{indent} {row.name}: {SEED}"]), "one column less": (lambda indent: [f"{indent[1:]}{row.name}: {SEED}"]),
        "one level less": (lambda indent: [f"{indent[2:]}{row.name}: {SEED}"]), "its own list": (lambda indent: [f"{indent}{row.name}: [x: {SEED}]"]),
        "at the top": (lambda indent: [f"{row.name}: {SEED}"]), "text for it": (lambda indent: [f"{indent}{row.name}: !!str {SEED}"]),
        "second": (lambda indent: [f"{indent}{row.name}: {SEED}", "---", f"{row.name}: {SEED}"]), "after the end": (lambda indent: ["...", f"{row.name}: {SEED}"]),
    }
    if many:
        cases |= {"variable of a template": of(f'{key}: "%{{{SEED}}}"'), "bad template": of(f'{key}: "%{SEED}"'),
                  "bad name": (lambda indent: [f"{indent}{row.name}:", f'{indent}  "{SEED} x": {SEED}']),
                  "names without values": (lambda indent: [f"{indent}{row.name}: {{x-key, {SEED}}}"]), "one text": (lambda indent: [f"{indent}{row.name}: {SEED}"]),
                  "list of one": (lambda indent: [f"{indent}{row.name}:", f"{indent}  - x-key: {SEED}"])}
    else:
        cases |= {"short": of(f"{key}: {MARK}"), "short file": of(f'{key}: "!file {{folder}}/short.key"'), "open file": of(f'{key}: "!file {{folder}}/open.key"'),
                  "needless file": of(f'{key}: "!file {SEED}"'), "needless path": of(f'{key}: "!file {MARK}/{SEED}"'), "variable's file": of(f'{key}: "!file ${{SEEDED}}"'),
                  "variable's path": of(f'{key}: "!file /${{SEEDED}}"'), "long": of(f"{key}: {SEED}\\x20" + SEED * 30), "blank in it": of(f'{key}: "{SEED} {SEED}"')}
    return cases


def flows(row, needs):
    """{name: text} in one line."""
    value = {"x-key": SEED} if row.many else SEED
    good = json.dumps({**needs, row.name: value})
    pair = f'"{"x-key" if row.many else row.name}": "{SEED}"'
    name = "x-key" if row.many else row.name
    return {"unknown beside": good[:-1] + ', "wrogn": 1}', "unknown in front": '{"wrogn": 1, ' + good[1:], "without space": good.replace(pair, f"{name}:{SEED}"),
            "without colon": good.replace(pair, f"{name} {SEED}"), "with equals": good.replace(pair, f"{name}={SEED}"), "open": good.replace(pair, pair[:-1]),
            "no end": good[:-1], "comma lost": good.replace(", ", " "), "comma lost, plain": good.replace(pair, f"{name} {SEED}").replace(",", "").replace('"', ""),
            "all quotes lost": good.replace('"', ""), "twice": good.replace(pair, f"{pair}, {pair}"), "bad sibling": good.replace('"x1"', '"x 1"').replace("1,", "1x,")}
