#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The gateway as a process of the system: what others may see of it, and what is left of it when it is killed."""
import array
import ctypes
import json
import os
import re
import signal
import socket
import threading
import time
import unittest

import tool
from gateway import Gateway, processes_in_session
from raw_client import Client
from scripted_upstream import Gates, ScriptedUpstream

SESSION_KEY = "seeded-session-key-0123456789abcdef0123456789"
ADMIN_TOKEN = "seeded-admin-token-0123456789abcdef0123456789"


def like_any_user():
    """Root may look into every process by three capabilities. Without them, here and in what is started, root is a user like others."""
    libc = ctypes.CDLL(None, use_errno=True)
    header = (ctypes.c_uint32 * 2)(0x20080522, 0)
    sets = (ctypes.c_uint32 * 6)()  # effective, permitted, inheritable: their lower 32 bits, then their upper
    if libc.capget(header, sets) != 0:
        raise OSError(ctypes.get_errno(), "capget")
    for capability in (19, 21, 38):  # CAP_SYS_PTRACE, CAP_SYS_ADMIN, CAP_PERFMON
        libc.prctl(24, capability)  # PR_CAPBSET_DROP; whoever is not root may not, and has none
        for i in range(3):
            sets[3 * (capability // 32) + i] &= ~(1 << capability % 32)
    if libc.capset(header, sets) != 0:
        raise OSError(ctypes.get_errno(), "capset")


def mappings(pid):
    """(first, last, flags) of each mapping of a process that has pages in memory."""
    with open(f"/proc/{pid}/smaps", encoding="latin-1") as smaps:
        for line in smaps:
            if match := re.match(r"([0-9a-f]+)-([0-9a-f]+) ", line):
                first, last, resident = int(match[1], 16), int(match[2], 16), False
            elif match := re.match(r"Rss: +(\d+)", line):
                resident = match[1] != "0"
            elif line.startswith("VmFlags: ") and resident:
                yield first, last, line.split()[1:]


def pieces(pid, first, last):
    """The parts of a mapping that are in memory, of 4 MiB at most."""
    present, page = 1 << 63, os.sysconf("SC_PAGESIZE")
    with open(f"/proc/{pid}/pagemap", "rb") as pagemap:
        pagemap.seek(first // page * 8)
        entries = array.array("Q", pagemap.read((last - first) // page * 8))
    begin = None
    for i, entry in enumerate(entries):
        here = bool(entry & present)
        if begin is not None and (not here or i - begin >= 1024):
            yield first + begin * page, first + i * page
            begin = None
        if here and begin is None:
            begin = i
    if begin is not None:
        yield first + begin * page, first + len(entries) * page


def places_of(pid, words, most=1 << 30):
    """{word: [flags of each mapping it stands in]} for all memory of a process; larger mappings are the shadow of a sanitizer."""
    found = {word: [] for word in words}
    with open(f"/proc/{pid}/mem", "rb", buffering=0) as memory:
        for first, last, flags in mappings(pid):
            if "rd" not in flags or last - first > most:
                continue
            before, end = b"", None
            for begin, stop in pieces(pid, first, last):
                try:
                    memory.seek(begin)
                    block = (before if begin == end else b"") + memory.read(stop - begin)
                except OSError:
                    continue  # [vvar] and its like
                for word in words:
                    found[word] += [flags] * block.count(word.encode())
                before, end = block[-64:], stop
    return found


def wait_until(condition, seconds=20.0):
    end = time.monotonic() + seconds
    while not (result := condition()):
        if time.monotonic() > end:
            return result
        time.sleep(0.02)
    return result


class Process(tool.Folder):
    def setUp(self):
        super().setUp()
        self.upstream = ScriptedUpstream("a", "ok", Gates())
        self.addCleanup(self.upstream.shut_down)
        for name, text in (("session.key", SESSION_KEY), ("admin.token", ADMIN_TOKEN)):
            os.chmod(self.write(name, text + "\n"), 0o600)

    def configuration(self, health=None, **gateway):
        return {
            "version": 1, "gateway": {"workers": 2, **gateway}, "access_log": {"path": "off"},
            "listeners": [{"name": "web", "address": "127.0.0.1:0"}],
            "admin": {"address": "127.0.0.1:0", "tokens": [{"name": "ops", "role": "admin", "secret": f"!file {self.folder}/admin.token"}]},
            "regions": [{"name": "a", "endpoints": [self.upstream.address], "health": health or {"enabled": False}}],
            "sessions": {"keys": [{"id": 1, "secret": f"!file {self.folder}/session.key"}]},
            "routes": [{"name": "all", "strategy": "weighted", "affinity": {"key": "cookie"}}]}

    def start(self, configuration):
        self.write("rhumb.yaml", json.dumps(configuration))
        gateway = Gateway(tool.binary, str(self.folder / "rhumb.yaml"), str(self.folder), extra_env={"RHUMB_GATEWAY_CORE_DUMPS": ""})
        self.addCleanup(gateway.finish)
        gateway.wait_ready(20)
        return gateway

    def ask(self, gateway):
        client = Client(gateway.addresses["web"])
        try:
            client.send(b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
            return client.read_response(5.0)
        finally:
            client.close()

    def metrics(self, gateway):
        client = Client(gateway.addresses["admin"])
        try:
            client.send(f"GET /metrics HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {ADMIN_TOKEN}\r\nConnection: close\r\n\r\n".encode())
            return client.read_response(5.0).body.text
        finally:
            client.close()

    def reload(self, gateway, times=1):
        for _ in range(times):
            said = len(gateway.stderr_lines)
            gateway.signal(signal.SIGHUP)
            self.assertTrue(gateway.wait(lambda: "reload: applied" in gateway.stderr_from(said), 20), gateway.stderr_from(said))

    def upgrade(self, gateway):
        said = len(gateway.stderr_lines)
        gateway.signal(signal.SIGUSR2)
        serves = r"upgrade: process (\d+) serves now"
        self.assertTrue(gateway.wait(lambda: re.search(serves, gateway.stderr_from(said)), 30), gateway.stderr_from(said))
        gateway.handed_over(int(re.search(serves, gateway.stderr_from(said))[1]))

    # ------------------------------------------------------------------------------------------ secrets
    def test_S33_no_key_or_token_is_where_a_dump_or_a_list_of_processes_shows_it(self):
        gateway = self.start(self.configuration(core_dumps=True))
        self.assertIn("rhumb=", self.ask(gateway).head.get("set-cookie"))
        self.reload(gateway, 2)
        for generation in ("as it was started", "after an upgrade"):
            places = places_of(gateway.pid, [SESSION_KEY, ADMIN_TOKEN])
            for word, flags in places.items():
                self.assertTrue(flags, f"{word} is nowhere {generation}: the look at the memory proves nothing")
                self.assertEqual([one for one in flags if "dd" not in one], [], f"{word}, {generation}")
            for name in ("cmdline", "environ"):
                with open(f"/proc/{gateway.pid}/{name}", "rb") as file:
                    self.assertNotIn(b"seeded-", file.read(), f"{name} {generation}")
            if generation == "as it was started":
                self.upgrade(gateway)

    def test_S33_nobody_looks_into_the_process_unless_its_file_says_so(self):
        for allowed in (False, True):
            gateway = self.start(self.configuration(core_dumps=allowed))
            self.ask(gateway)
            for name in ("mem", "environ", "smaps"):
                try:
                    with open(f"/proc/{gateway.pid}/{name}", "rb", buffering=0) as file:
                        file.read(0 if name == "mem" else 100)
                    opened = True
                except PermissionError:
                    opened = False
                self.assertEqual(opened, allowed, f"/proc/PID/{name} with core_dumps: {allowed}")
            for name in ("process_resident_memory_bytes", "process_open_fds", "process_cpu_seconds_total"):  # what it reads of itself
                self.assertRegex(self.metrics(gateway), rf"(?m)^{name} [0-9.]*[1-9]")

    # ------------------------------------------------------------------------------------------ orphans
    def test_H9_nothing_is_left_of_a_gateway_that_is_killed_during_an_upgrade(self):
        # Its health check is never answered: the new process is there, has the sockets, and does not serve yet.
        silent = socket.create_server(("127.0.0.1", 0))
        self.addCleanup(silent.close)
        configuration = self.configuration(health={"interval": "10s", "timeout": "9s"})
        gateway = self.start(configuration)
        configuration["regions"][0]["endpoints"] = ["127.0.0.1:%d" % silent.getsockname()[1]]
        self.write("rhumb.yaml", json.dumps(configuration))
        said = len(gateway.stderr_lines)
        gateway.signal(signal.SIGUSR2)
        self.assertTrue(gateway.wait(lambda: "ready: " in gateway.stderr_from(said), 20), gateway.stderr_from(said))
        fresh = int(re.search(r"upgrade: process (\d+) was started", gateway.stderr_from(said))[1])
        self.assertIn(fresh, processes_in_session(gateway.process.pid))
        gateway.signal(signal.SIGKILL)
        self.assertEqual(gateway.wait_exit(10), -signal.SIGKILL)
        self.assertTrue(wait_until(lambda: processes_in_session(gateway.process.pid) == []), "processes are left")
        for name in ("web", "admin"):
            host, _, port = gateway.addresses[name].rpartition(":")
            socket.create_server((host, int(port))).close()

    def test_H9_nothing_is_left_of_a_gateway_that_is_killed_during_reloads(self):
        gateway = self.start(self.configuration())
        stop = threading.Event()

        def storm():
            while not stop.is_set():
                gateway.signal(signal.SIGHUP)

        thread = threading.Thread(target=storm, daemon=True)
        thread.start()
        self.assertTrue(wait_until(lambda: len(processes_in_session(gateway.process.pid)) > 1), "no checking process was seen")
        gateway.signal(signal.SIGKILL)
        stop.set()
        thread.join()
        self.assertEqual(gateway.wait_exit(10), -signal.SIGKILL)
        self.assertTrue(wait_until(lambda: processes_in_session(gateway.process.pid) == []), "processes are left")
        host, _, port = gateway.addresses["web"].rpartition(":")
        socket.create_server((host, int(port))).close()


if __name__ == "__main__":
    like_any_user()
    tool.main()
