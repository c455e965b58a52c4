#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The gateway beside logs that nobody reads and disks that are full: it serves, obeys and ends, and says what is missing."""
import ctypes
import errno
import fcntl
import json
import os
import random
import re
import resource
import signal
import socket
import string
import subprocess
import time
import unittest

import tool
from gateway import environment
from raw_client import Client
from scripted_upstream import Gates, ScriptedUpstream

DROPPED = "rhumb_error_log_dropped_total"


def until(condition, what, seconds=20.0):
    end = time.monotonic() + seconds
    while not (result := condition()):
        if time.monotonic() > end:
            raise AssertionError(f"in vain: {what}")
        time.sleep(0.02)
    return result


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]


class Logs(tool.Folder):
    """A gateway whose standard error is a pipe that is read when a test says so."""

    def setUp(self):
        super().setUp()
        self.upstream = ScriptedUpstream("a", "ok", Gates())
        self.addCleanup(self.upstream.shut_down)
        self.web = f"127.0.0.1:{free_port()}"
        self.admin = f"unix:{self.folder}/admin.sock"
        self.reader, self.writer = os.pipe()
        fcntl.fcntl(self.writer, fcntl.F_SETPIPE_SZ, 4096)
        self.addCleanup(os.close, self.reader)
        self.stderr = b""
        self.process = None

    def configuration(self, log="off", **more):
        return {
            "version": 1, "gateway": {"workers": 1, "drain_timeout": "2s"}, "access_log": {"path": log, "format": "%{path} %{status}", "buffer": "64KiB"},
            "admin": {"address": self.admin}, "listeners": [{"name": "web", "address": self.web}],
            "regions": [{"name": "a", "endpoints": [self.upstream.address], "health": {"enabled": False}}], "routes": [{"name": "all", "strategy": "weighted"}], **more}

    def start(self, configuration, closed=()):
        self.write("rhumb.yaml", json.dumps(configuration))
        self.process = subprocess.Popen([tool.binary, "run", "--config", str(self.folder / "rhumb.yaml")], cwd=self.folder, stdin=subprocess.DEVNULL,
                                        stdout=subprocess.DEVNULL, stderr=self.writer, start_new_session=True, env=environment(),
                                        preexec_fn=lambda: [os.close(fd) for fd in closed])
        self.addCleanup(self.end_at_once)
        os.close(self.writer)
        until(self.ready, "it gets ready")

    def end_at_once(self):
        self.process.kill()
        self.process.wait()

    def ready(self):
        self.assertIsNone(self.process.poll(), self.said())
        try:
            return self.ask(self.admin, "/readyz").status == 200
        except OSError:
            return False

    def ask(self, address, path, method="GET", body=""):
        client = Client(address)
        try:
            client.send(f"{method} {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Type: application/json\r\n"
                        f"Content-Length: {len(body)}\r\n\r\n{body}".encode())
            return client.read_response(5.0)
        finally:
            client.close()

    def serves(self, path="/"):
        self.assertEqual(self.ask(self.web, path).status, 200)

    def metric(self, name):
        answer = until(lambda: (answer := self.ask(self.admin, "/metrics")).status == 200 and answer, "an answer of the admin listener")
        return sum(float(value) for value in re.findall(rf"(?m)^{name} (\S+)$", answer.body.text))

    def said(self):
        """All it has written to standard error so far."""
        os.set_blocking(self.reader, False)
        try:
            while more := os.read(self.reader, 1 << 20):
                self.stderr += more
        except BlockingIOError:
            pass
        return self.stderr.decode()

    def obeys(self):
        """It ends in order when it is told to."""
        self.process.send_signal(signal.SIGTERM)
        try:
            self.assertEqual(self.process.wait(20), 0, self.said())
        except subprocess.TimeoutExpired:
            self.fail("it does not obey SIGTERM")

    def make_it_talk(self):
        """Changes whose audit lines are all different, until the error log has no more room."""
        for i in range(2000):
            body = json.dumps({"dial": 1, "ttl": "1h", "reason": "".join(random.choices(string.ascii_lowercase, k=200))})
            self.ask(self.admin, "/v1/regions/a/dial", "PUT", body)  # past its rate it is refused, which is fine
            if i % 20 == 0 and self.metric(DROPPED) > 3:
                return
        self.fail("nothing is dropped")

    # -------------------------------------------------------------------------------------- standard error
    def test_an_error_log_that_nobody_reads_stops_nothing(self):
        self.start(self.configuration())
        self.make_it_talk()
        self.serves()
        self.obeys()

    def test_an_error_log_that_is_read_late_says_what_is_missing(self):
        self.start(self.configuration())
        self.make_it_talk()
        told = r"warning error log: (\d+) lines are missing here: nobody took them"
        until(lambda: re.search(told, self.said()), "it goes on, and says what is missing")
        self.process.send_signal(signal.SIGHUP)
        until(lambda: "reload: applied" in self.said(), "the log goes on")
        self.assertEqual(sum(map(int, re.findall(told, self.said()))), self.metric(DROPPED))
        # What is there is whole lines, and in order.
        times = re.findall(r"(?m)^(\d{4}-\S+Z) \w+ ", self.said())
        self.assertEqual(times, sorted(times))
        self.obeys()
        self.assertIn("stopped: cut 0 requests", self.said())

    def test_two_gateways_at_an_upgrade_share_a_pipe_that_nobody_reads(self):
        self.start(self.configuration())
        self.make_it_talk()
        tool.rhumb("upgrade", "--admin", self.admin)
        self.assertEqual(self.process.wait(20), 0)
        session = self.process.pid
        successor = until(lambda: [int(pid) for pid in os.listdir("/proc") if pid.isdigit() and self.is_of(int(pid), session)], "the next process")[0]
        try:
            self.serves()
        finally:
            os.kill(successor, signal.SIGTERM)
        until(lambda: not self.is_of(successor, session), "the next process obeys SIGTERM")

    def test_a_standard_error_that_is_closed_leads_nowhere_and_to_no_client(self):
        self.start(self.configuration(), closed=(0, 1, 2))
        for fd in (0, 1, 2):
            self.assertEqual(os.readlink(f"/proc/{self.process.pid}/fd/{fd}"), "/dev/null")
        self.serves()
        self.obeys()

    @staticmethod
    def is_of(pid, session):
        try:
            with open(f"/proc/{pid}/stat", encoding="latin-1") as stat:
                fields = stat.read().rpartition(")")[2].split()
        except OSError:
            return False
        return int(fields[3]) == session and fields[0] != "Z"

    # ------------------------------------------------------------------------------------------ access log
    def test_an_access_log_on_a_fifo_that_nobody_reads_stops_nothing(self):
        fifo = self.folder / "fifo"
        os.mkfifo(fifo)
        self.start(self.configuration(str(fifo)))
        for _ in range(3):
            self.serves()
        self.process.send_signal(signal.SIGUSR1)
        until(lambda: "fifo was opened anew" in self.said(), "SIGUSR1 is heeded")
        until(lambda: "nobody reads" in self.said(), "it is said")
        other = self.folder / "file"
        self.write("rhumb.yaml", json.dumps(self.configuration(str(other))))
        self.process.send_signal(signal.SIGHUP)
        until(lambda: other.exists() and other.read_text().count("\n") == 3, "a reload sends the lines elsewhere, and none is lost")
        self.write("rhumb.yaml", json.dumps(self.configuration(str(fifo))))
        self.process.send_signal(signal.SIGHUP)
        until(lambda: self.said().count("reload: applied") == 2, "the second reload")
        self.serves()
        self.obeys()

    def test_a_fifo_whose_reader_stands_still_fills_the_buffer_and_no_more(self):
        fifo = self.folder / "fifo"
        os.mkfifo(fifo)
        reader = os.open(fifo, os.O_RDONLY | os.O_NONBLOCK)
        self.addCleanup(os.close, reader)
        self.start(self.configuration(str(fifo)))
        client = Client(self.web)
        asked = 0
        while not self.metric('rhumb_log_lines_dropped_total{reason="ring_full"}'):
            self.assertLess(asked, 2000, "nothing is dropped")
            for _ in range(50):
                client.send(b"GET /" + b"x" * 1500 + b" HTTP/1.1\r\nHost: a\r\n\r\n")
                self.assertEqual(client.read_response(5.0).status, 200)
                asked += 1
        client.close()
        self.process.send_signal(signal.SIGUSR1)
        self.obeys()
        lines = b""
        try:
            while more := os.read(reader, 1 << 20):
                lines += more
        except BlockingIOError:
            pass
        self.assertEqual({len(line) for line in lines.split(b"\n")[:-1]}, {1505}, "half a line")

    def test_a_log_whose_name_a_fifo_has_taken_is_left_in_order(self):
        path = self.folder / "access.log"
        self.start(self.configuration(str(path)))
        self.serves("/before")
        until(lambda: path.read_text() == "/before 200\n", "the line is written")
        path.rename(self.folder / "access.log.1")
        os.mkfifo(path)
        self.process.send_signal(signal.SIGUSR1)
        until(lambda: "access.log was opened anew" in self.said(), "SIGUSR1 is heeded")
        self.serves("/after")
        self.obeys()

    # ------------------------------------------------------------------------------------------ full disks
    def expect_whole_lines(self, path, asked):
        """Of so many requests each has a line that is whole, or was counted."""
        lines = path.read_text().split("\n")
        self.assertEqual(lines.pop(), "", "it ends in half a line")
        for line in lines:
            self.assertRegex(line, r"^/[a-z]+\d+x{300} 200$")
        self.assertEqual(len(set(lines)), len(lines))
        self.assertEqual(len(lines) + self.metric('rhumb_log_lines_dropped_total{reason="not_written"}'), asked)

    def fill_and_mend(self, path, mend):
        """Requests past the end of the disk, and some once there is room again."""
        dropped = 'rhumb_log_lines_dropped_total{reason="not_written"}'
        asked = 0
        while not self.metric(dropped):
            self.assertLess(asked, 1000, "the disk is not full")
            self.serves(f"/full{asked}" + "x" * 300)
            asked += 1
        self.assertFalse(path.read_bytes().endswith(b"\n"), "no line was cut: this shows nothing")
        mend()
        for _ in range(5):
            self.serves(f"/after{asked}" + "x" * 300)
            asked += 1
        until(lambda: path.read_text().count("/after") + self.metric(dropped) >= 5, "lines are written again")
        until(lambda: "lines are written again" in self.said(), "and that is said")
        self.expect_whole_lines(path, asked)
        self.obeys()

    def test_lines_stay_whole_over_a_file_that_may_not_grow(self):
        path = self.folder / "access.log"
        self.start(self.configuration(str(path)))
        unlimited = resource.prlimit(self.process.pid, resource.RLIMIT_FSIZE)
        resource.prlimit(self.process.pid, resource.RLIMIT_FSIZE, (10_000, unlimited[1]))
        self.fill_and_mend(path, lambda: resource.prlimit(self.process.pid, resource.RLIMIT_FSIZE, unlimited))

    def test_lines_stay_whole_over_a_full_disk(self):
        libc = ctypes.CDLL(None, use_errno=True)
        disk = self.folder / "disk"
        disk.mkdir()
        if libc.mount(b"none", str(disk).encode(), b"tmpfs", 0, b"size=16k") != 0:
            self.skipTest(f"no file system can be mounted: {errno.errorcode[ctypes.get_errno()]}")
        self.addCleanup(libc.umount2, str(disk).encode(), 2)  # MNT_DETACH
        (disk / "other").write_bytes(b"x" * 4096)
        self.start(self.configuration(str(disk / "access.log")))
        self.fill_and_mend(disk / "access.log", (disk / "other").unlink)


if __name__ == "__main__":
    tool.main()
