# SPDX-License-Identifier: Apache-2.0
"""Expected against got. `differences(expected, got)` returns what does not fit, one line each; nothing means it fits.

  text, number, true     equal; text of the form /.../ is a regular expression that must be found
  null                   absent or null
  {key: expected, ...}   those keys must fit, others do not matter
  [a, b]                 a list of that length, item by item
  {at_least: 3} {at_most: 5} {contains: x} {without: x} {one_of: [..]} {not: x} {present: true} {length: n} {about: x, within: d}
"""
import copy
import re

import yaml

MISSING = object()


class Loader(yaml.SafeLoader):
    """YAML in which only true and false are truth values: `on`, `off`, `yes` and NO (Norway) are text."""


Loader.yaml_implicit_resolvers = {first: [pair for pair in pairs if pair[0] != "tag:yaml.org,2002:bool"]
                                  for first, pairs in yaml.SafeLoader.yaml_implicit_resolvers.items()}
Loader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile("^(?:true|false)$"), list("tf"))


def _unique(loader, node):
    keys = [loader.construct_object(key) for key, _ in node.value]
    if len(set(keys)) != len(keys):
        raise ValueError(f"line {node.start_mark.line + 1}: a key is there twice: {sorted(map(str, keys))}")
    return yaml.SafeLoader.construct_mapping(loader, node, deep=True)


Loader.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, _unique)


class Dumper(yaml.SafeDumper):
    """Writes repeated values out: the gateway's loader refuses aliases."""

    def ignore_aliases(self, data):
        return True


def load_yaml(text):
    return yaml.load(text, Loader)


def dump_yaml(value):
    return yaml.dump(value, Dumper=Dumper, sort_keys=False, allow_unicode=True, width=1000)


def _shown(value):
    text = "nothing" if value is MISSING else repr(value)
    return text if len(text) <= 600 else text[:600] + "..."


def _number(value):
    try:
        return float(value)
    except (TypeError, ValueError):
        return float("nan")


def _contains(got, wanted):
    if isinstance(got, list):
        return any(not differences(wanted, item) for item in got)
    return wanted in got if isinstance(got, (str, dict)) else False


OPERATORS = {
    "at_least": lambda got, limit, _: _number(got) >= limit,
    "at_most": lambda got, limit, _: _number(got) <= limit,
    "contains": lambda got, wanted, _: all(_contains(got, one) for one in (wanted if isinstance(wanted, list) else [wanted])),
    "without": lambda got, wanted, _: not any(_contains(got, one) for one in (wanted if isinstance(wanted, list) else [wanted])),
    "one_of": lambda got, wanted, _: any(not differences(one, got) for one in wanted),
    "not": lambda got, wanted, _: bool(differences(wanted, got)),
    "present": lambda got, wanted, _: (got is not MISSING and got is not None) == wanted,
    "length": lambda got, wanted, _: isinstance(got, (str, list, dict)) and not differences(wanted, len(got)),
    "about": lambda got, wanted, options: abs(_number(got) - wanted) <= options["within"],
    "within": lambda got, wanted, _: True,
}


def differences(expected, got, place=""):
    where = place or "value"
    if isinstance(expected, dict):
        if expected and set(expected) <= set(OPERATORS):
            return [f"{where}: expected {name} {_shown(value)}, got {_shown(got)}"
                    for name, value in expected.items() if not OPERATORS[name](got, value, expected)]
        if not isinstance(got, dict):
            return [f"{where}: expected a mapping, got {_shown(got)}"]
        return [line for key, value in expected.items() for line in differences(value, _look_up(got, key), f"{place}.{key}".lstrip("."))]
    if isinstance(expected, list):
        if not isinstance(got, list) or len(got) != len(expected):
            return [f"{where}: expected {len(expected)} items, got {_shown(got)}"]
        return [line for i, value in enumerate(expected) for line in differences(value, got[i], f"{place}[{i}]")]
    if expected is None:
        return [] if got is None or got is MISSING else [f"{where}: expected nothing, got {_shown(got)}"]
    if isinstance(expected, str) and len(expected) > 1 and expected.startswith("/") and expected.endswith("/"):
        fits = isinstance(got, str) and re.search(expected[1:-1], got, re.S)
        return [] if fits else [f"{where}: expected {expected}, got {_shown(got)}"]
    if isinstance(expected, bool) or isinstance(got, bool):
        return [] if expected is got else [f"{where}: expected {_shown(expected)}, got {_shown(got)}"]
    if isinstance(expected, str) != isinstance(got, str) and got is not MISSING and got is not None:
        expected, got = str(expected), str(got)
    return [] if expected == got else [f"{where}: expected {_shown(expected)}, got {_shown(got)}"]


def _look_up(mapping, key):
    """A key, or a path of keys and list positions joined by dots ('candidates.0.region')."""
    if key in mapping:
        return mapping[key]
    at = mapping
    for part in str(key).split("."):
        if isinstance(at, dict) and part in at:
            at = at[part]
        elif isinstance(at, list) and part.isdigit() and int(part) < len(at):
            at = at[int(part)]
        else:
            return MISSING
    return at


def merged(base, over):
    """Mappings are merged, everything else is replaced."""
    if isinstance(base, dict) and isinstance(over, dict):
        out = dict(base)
        for key, value in over.items():
            out[key] = merged(base.get(key), value) if key in base else copy.deepcopy(value)
        return out
    return copy.deepcopy(over)
