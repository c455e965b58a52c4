# SPDX-License-Identifier: Apache-2.0
"""What clients and origins of the soak agree on: names, canaries, bodies, and the files they write their entries to.

A request is named by its path, /q/ID, and carries a canary of 128 bits in a field; both bodies consist of nothing but the canary,
over and over. So whoever sees a byte of somebody else's message can tell.
"""
import json
import os

CANARY = "X-Soak-Canary"
NAME = "X-Soak-Id"
SAFE = ("GET", "HEAD")
FENCED, FENCE = "127.0.3.9", "one"  # clients at this address may be served by this region alone


def body_of(canary, size, start=0):
    """`size` bytes of the body that belongs to a canary, from byte `start` on."""
    text = canary.encode("latin-1")
    shift = start % len(text)
    return (text * ((size + shift) // len(text) + 1))[shift:shift + size]


class Book:
    """A file of JSON lines. Each entry is one write, so that a process that is killed leaves only whole ones. Any thread."""

    def __init__(self, path):
        self._fd = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o644)

    def write(self, **entry):
        os.write(self._fd, json.dumps(entry, separators=(",", ":")).encode("latin-1") + b"\n")


def read_book(path):
    with open(path, encoding="utf-8") as lines:
        return [json.loads(line) for line in lines if line.strip()]
