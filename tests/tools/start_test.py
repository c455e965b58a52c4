#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A start that something comes in the way of: signals before it is ready, and no room for a thread."""
import json
import os
import resource
import shutil
import signal
import socket
import subprocess
import unittest

import tool

SOMEBODY = 54321  # who has no other process: the limit of processes does not bind root

FILLER = """
import sys, threading
end = threading.Event()
try:
    while True:
        threading.Thread(target=end.wait).start()
except RuntimeError:
    print("full", file=sys.stderr, flush=True)
sys.stdin.read()
end.set()
"""


class Start(tool.Folder):
    def command(self, **more):
        os.chmod(self.folder, 0o777)
        path = self.write("rhumb.yaml", json.dumps({
            "version": 1, "gateway": {"workers": 2}, "access_log": {"path": "off"},
            "listeners": [{"name": "web", "address": "127.0.0.1:0"}],
            "regions": [{"name": "a", "endpoints": ["127.0.0.1:9"], "health": {"enabled": False}}],
            "routes": [{"name": "all", "strategy": "priority"}], **more}))
        return [tool.binary, "run", "--config", str(path)]

    def begin(self, command, before, **more):
        environment = {**os.environ, "ASAN_OPTIONS": os.environ.get("ASAN_OPTIONS", "") + ":detect_leaks=0"}
        process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=environment, preexec_fn=before, **more)
        self.addCleanup(process.stderr.close)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        return process

    def read_until(self, process, words):
        for line in process.stderr:
            if words in line:
                return True
        return False

    @staticmethod
    def with_signal(number):
        """It waits for the process from before its first instruction."""
        def before():
            signal.pthread_sigmask(signal.SIG_BLOCK, [number])
            os.kill(os.getpid(), number)
        return before

    # ------------------------------------------------------------------------------------------ descriptors
    def test_with_too_few_descriptors_it_says_so(self):
        process = self.begin(self.command(), lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (96, 96)))
        self.assertIn("96 file descriptors are too few", process.stderr.read())
        self.assertEqual(process.wait(20), 1)

    # ------------------------------------------------------------------------------------------ signals
    def test_a_signal_does_not_change_how_a_start_fails(self):
        taken = str(self.folder / "admin.sock")
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(taken)
            listener.listen()
            for number in (signal.SIGHUP, signal.SIGUSR1, signal.SIGUSR2, signal.SIGTERM, signal.SIGINT):
                process = self.begin(self.command(admin={"address": "unix:" + taken}), self.with_signal(number))
                said = process.stderr.read()
                self.assertEqual(process.wait(20), 1, f"{number!r}: {said}")
                self.assertIn("somebody is listening there already", said)

    def test_a_signal_before_the_gateway_is_ready_waits_for_it(self):
        for number, word in ((signal.SIGHUP, "reload: applied"), (signal.SIGTERM, "stopped: cut 0"), (signal.SIGINT, "stopped: cut 0")):
            process = self.begin(self.command(), self.with_signal(number))
            self.assertTrue(self.read_until(process, "ready: "), number)
            self.assertTrue(self.read_until(process, word), number)
            if number == signal.SIGHUP:
                process.terminate()
            self.assertEqual(process.wait(20), 0, number)

    # ------------------------------------------------------------------------------------------ threads
    def command_of_somebody(self):
        """With a copy of the binary: the folders above the binary's own may be closed to him."""
        command = self.command()
        shutil.copy(command[0], self.folder / "rhumb")
        return [str(self.folder / "rhumb"), *command[1:]]

    @staticmethod
    def as_somebody(tasks):
        """He has room for so many threads, in all his processes."""
        def before():
            os.setgroups([])
            os.setgid(SOMEBODY)
            os.setuid(SOMEBODY)
            resource.setrlimit(resource.RLIMIT_NPROC, (tasks, resource.getrlimit(resource.RLIMIT_NPROC)[1]))
        return before

    def fill(self, tasks):
        """A process that takes all the room that is left, until its standard input ends."""
        process = self.begin(["/usr/bin/python3", "-c", FILLER], self.as_somebody(tasks), stdin=subprocess.PIPE)
        self.addCleanup(process.stdin.close)
        self.assertTrue(self.read_until(process, "full"))
        return process

    @unittest.skipUnless(os.getuid() == 0, "others have processes of their own, which count")
    def test_a_start_without_room_for_its_threads_says_so(self):
        command = self.command_of_somebody()
        for tasks in range(1, 20):
            process = self.begin(command, self.as_somebody(tasks))
            said = ""
            for line in process.stderr:
                said += line
                if "ready: " in line:
                    return self.assertGreater(tasks, 4, "there was room at once")
            self.assertIn(process.wait(20), (1, 78), f"{tasks}: {said}")
            self.assertRegex(said, "cannot start a thread: |Resource temporarily unavailable")
        self.fail("it never starts")

    @unittest.skipUnless(os.getuid() == 0, "others have processes of their own, which count")
    def test_a_reload_without_room_for_a_thread_is_refused_and_the_next_is_applied(self):
        process = self.begin(self.command_of_somebody(), self.as_somebody(40))
        self.assertTrue(self.read_until(process, "ready: "))
        for _ in range(2):
            filler = self.fill(40)
            process.send_signal(signal.SIGHUP)
            self.assertTrue(self.read_until(process, "cannot start a thread: "))
            self.assertTrue(self.read_until(process, "reload: refused"))
            filler.stdin.close()
            filler.wait()
            process.send_signal(signal.SIGHUP)
            self.assertTrue(self.read_until(process, "reload: applied"))
        process.terminate()
        self.assertEqual(process.wait(20), 0)


if __name__ == "__main__":
    tool.main()
