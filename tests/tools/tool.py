# SPDX-License-Identifier: Apache-2.0
"""What the tests here share: the binary they are given (--binary FILE), how it is run, and the files that are shipped."""
import argparse
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.dont_write_bytecode = True
sys.path[:0] = [str(ROOT / "tests" / "support"), str(ROOT / "scripts" / "lib")]
SHIPPED = sorted([*(ROOT / "packaging" / "examples").glob("*.yaml"), *(ROOT / "packaging" / "demo").glob("*.yaml")])
binary = None


def shipped():
    """[(path, text)]; $name in the demo's is an address that its script fills in."""
    return [(path, re.sub(r"\$[a-z_]+", "127.0.0.1:9001", path.read_text(encoding="utf-8"))) for path in SHIPPED]


def main():
    global binary
    parser = argparse.ArgumentParser()
    parser.add_argument("--binary", required=True)
    known, rest = parser.parse_known_args()
    sys.modules["tool"].binary = binary = str(pathlib.Path(known.binary).resolve())
    unittest.main(module="__main__", argv=[sys.argv[0], *rest])


def rhumb(*arguments, code=0):
    """Standard output of the binary; its exit code must be `code`."""
    done = run([sys.modules["tool"].binary, *map(str, arguments)])
    if done.returncode != code:
        raise AssertionError(f"rhumb {arguments}: exit {done.returncode}, not {code}\n{done.stdout}{done.stderr}")
    return done.stdout


def run(command, **more):
    return subprocess.run(command, capture_output=True, text=True, encoding="utf-8", timeout=60, check=False, **more)


class Folder(unittest.TestCase):
    """A test with a directory of its own."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="rhumb-tool-")
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def write(self, name, text):
        path = self.folder / name
        path.write_text(text, encoding="utf-8")
        return path
