#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""scripts/check_binary on small programs, each with one protection left out."""
import os
import subprocess
import tempfile
import unittest

SCRIPT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "scripts", "check_binary")
PROGRAM = """
#include <cstdio>
#include <cstring>
int main(int count, char** words) { char copy[8]; std::strcpy(copy, words[0]); std::printf("%s%d", copy, count); }
"""
HTTP = """
extern "C" void* evhttp_new(void*);
void* volatile kept;
__attribute__((constructor)) static void use() { kept = evhttp_new(nullptr); }
"""
GOOD = ["-O2", "-fPIE", "-pie", "-fstack-protector-all", "-U_FORTIFY_SOURCE", "-D_FORTIFY_SOURCE=2", "-Wl,-z,relro,-z,now,-z,noexecstack", "-Wl,--no-as-needed"]


class CheckBinary(unittest.TestCase):
    def check(self, *changes, program=PROGRAM):
        with tempfile.TemporaryDirectory() as folder:
            binary = os.path.join(folder, "program")
            subprocess.run(["g++", *GOOD, *changes, "-w", "-x", "c++", "-", "-o", binary], input=program, text=True, check=True, timeout=60)
            done = subprocess.run([SCRIPT, binary], capture_output=True, text=True, timeout=60, check=False)
        return done.returncode, done.stdout

    def refused(self, words, *changes, **more):
        code, out = self.check(*changes, **more)
        self.assertEqual(code, 1, out)
        self.assertIn(words, out)

    def test_a_hardened_program_passes(self):
        code, out = self.check()
        self.assertEqual(code, 0, out)

    def test_position_dependence_is_seen(self):
        self.refused("no position independence", "-fno-pie", "-no-pie")

    def test_lazy_binding_is_seen(self):
        self.refused("no full RELRO", "-Wl,-z,lazy")

    def test_missing_relro_is_seen(self):
        self.refused("no RELRO segment", "-Wl,-z,norelro")

    def test_an_executable_stack_is_seen(self):
        self.refused("no stack without execution", "-Wl,-z,execstack")

    def test_a_missing_stack_protector_is_seen(self):
        self.refused("no stack protector", "-fno-stack-protector")

    def test_missing_fortification_is_seen(self):
        self.refused("no fortified calls", "-U_FORTIFY_SOURCE")

    def test_LIBEVENT_its_http_is_seen(self):
        self.refused("banned here", "-levent_extra", "-levent_core", program=PROGRAM + HTTP)

    def test_LIBEVENT_the_whole_of_it_is_seen(self):
        self.refused("more of libevent than its core", "-levent")


if __name__ == "__main__":
    unittest.main()
