#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""scripts/sbom on small programs, and on texts of ldd."""
import hashlib
import importlib.machinery
import importlib.util
import json
import os
import subprocess
import sys
import tempfile
import unittest
from unittest import mock

sys.dont_write_bytecode = True
SCRIPT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "scripts", "sbom")
loader = importlib.machinery.SourceFileLoader("sbom", SCRIPT)
module = importlib.util.module_from_spec(importlib.util.spec_from_loader("sbom", loader))
loader.exec_module(module)


class Sbom(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name

    def build(self, name, text, *options):
        path = os.path.join(self.folder, name)
        subprocess.run(["gcc", "-x", "c", "-", "-x", "none", "-o", path, *options], input=text, text=True, check=True, timeout=60)
        return path

    def made(self, binary, *options, code=0):
        done = subprocess.run([SCRIPT, binary, *options], capture_output=True, text=True, timeout=60, check=False)
        self.assertEqual(done.returncode, code, done.stderr)
        return json.loads(done.stdout) if code == 0 else done.stderr

    def test_S34_names_each_package_with_its_version_once(self):
        bom = self.made(self.build("program", "int main(void) { return 0; }", "-Wl,--no-as-needed", "-lcrypto", "-lssl"), "--version", "1.2")
        self.assertEqual((bom["bomFormat"], bom["specVersion"]), ("CycloneDX", "1.5"))
        main = bom["metadata"]["component"]
        with open(os.path.join(self.folder, "program"), "rb") as file:
            self.assertEqual(main["hashes"], [{"alg": "SHA-256", "content": hashlib.sha256(file.read()).hexdigest()}])
        self.assertEqual((main["name"], main["version"]), ("rhumb", "1.2"))
        packages = {one["name"]: one for one in bom["components"]}
        self.assertEqual(len(packages), len(bom["components"]), "one package twice")
        for name, source, libraries in (("libc6", "glibc", 2), ("libssl3", "openssl", 2)):
            name = name if name in packages else name + "t64"  # as Debian 13 calls it
            version = subprocess.run(["dpkg-query", "-W", "-f", "${Version}", name], capture_output=True, text=True, check=True).stdout
            self.assertEqual(packages[name]["version"], version)
            self.assertIn(f"pkg:deb/debian/{name}@{version}?arch=", packages[name]["purl"])
            self.assertIn({"name": "debian:source", "value": source}, packages[name]["properties"])
            self.assertEqual(len(packages[name]["components"]), libraries, packages[name])
        references = [one["bom-ref"] for one in bom["components"]]
        self.assertEqual(bom["dependencies"], [{"ref": "rhumb", "dependsOn": references}])
        for component in bom["components"]:
            for file in component["components"]:
                self.assertEqual(len(file["hashes"][0]["content"]), 64)

    def test_S34_who_diverts_a_file_is_not_its_package(self):
        """As Debian 13 answers for the loader."""
        fake = os.path.join(self.folder, "dpkg-query")
        with open(fake, "w", encoding="utf-8") as file:
            file.write("#!/bin/sh\necho 'diversion by libc6 from: /lib64/ld.so'\necho 'diversion by libc6 to: /lib64/ld.so.usr-is-merged'\n"
                       "echo 'libc6:amd64, other: /lib64/ld.so'\n")
        os.chmod(fake, 0o755)
        with mock.patch.dict(os.environ, {"PATH": self.folder + ":" + os.environ["PATH"]}):
            self.assertEqual(module.package_of("/lib64/ld.so"), "libc6:amd64")

    def test_S34_a_library_of_no_package_is_named_by_its_file(self):
        own = self.build("libown.so", "int own(void) { return 1; }", "-shared", "-fPIC")
        program = self.build("program", "int own(void); int main(void) { return own(); }", own)
        bom = self.made(program, "--version", "1.2")
        self.assertIn(own, [one["name"] for one in bom["components"] if one["type"] == "file"])
        os.unlink(own)
        self.assertIn("libown.so is not here", self.made(program, "--version", "1.2", code=1))

    def test_reads_what_ldd_says(self):
        said = "\tlinux-vdso.so.1 (0x00007fff)\n\tlibc.so.6 => /lib/x86_64-linux-gnu/libc.so.6 (0x00007f)\n\t/lib64/ld-linux-x86-64.so.2 (0x00007f)\n"
        self.assertEqual(module.libraries(said), ["/lib/x86_64-linux-gnu/libc.so.6", "/lib64/ld-linux-x86-64.so.2"])
        with self.assertRaises(module.Missing):
            module.libraries("\tlibx.so.1 => not found\n")


if __name__ == "__main__":
    unittest.main()
