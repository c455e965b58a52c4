#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A start that something comes in the way of: signals before it is ready."""
import json
import os
import signal
import socket
import subprocess
import unittest

import tool


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


if __name__ == "__main__":
    tool.main()
