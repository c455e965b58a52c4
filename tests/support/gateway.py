# SPDX-License-Identifier: Apache-2.0
"""The gateway as a child process: start, addresses, log records, metrics, memory, and an end that leaves nothing behind."""
import ctypes
import json
import os
import re
import resource
import signal
import subprocess
import threading
import time

from raw_client import Client
from wire import WireError

TROUBLE = re.compile(r"ERROR: \w+Sanitizer|WARNING: ThreadSanitizer|runtime error:|SUMMARY: \w+Sanitizer|RHUMB_(ASSERT|BUG)|Assertion .* failed"
                     r"|terminate called")
SANITIZERS = {
    # A large quarantine of freed memory would look like growth.
    # Stacks that outlive their functions are the default of g++ 14 and cost megabytes where memory is counted; unit tests have them.
    "ASAN_OPTIONS": "detect_leaks=1:detect_stack_use_after_return=0:quarantine_size_mb=4:malloc_context_size=8:exitcode=99",
    "UBSAN_OPTIONS": "print_stacktrace=1:halt_on_error=1:exitcode=99",
    "TSAN_OPTIONS": "exitcode=99:second_deadlock_stack=1",
}


# Only root may count the descriptors of a process that cannot be dumped, or have strace look at it.
OPEN_TO_US = {} if os.geteuid() == 0 else {"RHUMB_GATEWAY_CORE_DUMPS": "true"}


class Failure(Exception):
    """An expectation that does not hold."""


def environment():
    return {**SANITIZERS, **os.environ}


def adopt_orphans():
    """Processes whose parent ends become our children, so that their end can be waited for: those of an upgrade."""
    ctypes.CDLL(None).prctl(36, 1)  # PR_SET_CHILD_SUBREAPER


def prepare(descriptors=None, file_size=None):
    """In the child: it dies with us, and may have so many descriptors, and write files of so many bytes (nothing: as we)."""
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)
    if descriptors is not None:
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(descriptors, 64), descriptors))
    if file_size is not None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (file_size, file_size))


def processes_in_session(session):
    """Ids of the processes of a session, from /proc."""
    found = []
    for name in os.listdir("/proc"):
        if not name.isdigit():
            continue
        try:
            with open(f"/proc/{name}/stat", encoding="latin-1") as stat:
                fields = stat.read().rpartition(")")[2].split()
        except OSError:
            continue  # gone meanwhile
        if int(fields[3]) == session and fields[0] != "Z":
            found.append(int(name))
    return found


class Gateway:
    def __init__(self, binary, config_path, directory, extra_env=None, descriptors=None, run_options=(), file_size=None):
        self.binary, self.config_path = binary, config_path
        self.records, self.strange_output, self.stderr_lines = [], [], []
        self.addresses = {}
        self.exit_code, self.expected_exit = None, 0
        self.before = []  # processes that have handed over; the exit code once it is known
        adopt_orphans()
        self._changed = threading.Condition()
        self.process = subprocess.Popen([binary, "run", *run_options, "--config", config_path], cwd=directory, stdin=subprocess.DEVNULL,
                                        stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True,
                                        env={**environment(), **OPEN_TO_US, **(extra_env or {})}, preexec_fn=lambda: prepare(descriptors, file_size))
        self.pid = self.process.pid
        self._threads = [threading.Thread(target=self._read_stdout, daemon=True), threading.Thread(target=self._read_stderr, daemon=True)]
        for thread in self._threads:
            thread.start()

    # ------------------------------------------------------------------------------------------ output
    def _read_stdout(self):
        for line in self.process.stdout:
            try:
                record = json.loads(line)
            except ValueError:
                record = None
            with self._changed:
                if isinstance(record, dict):
                    self.records.append(record)
                else:
                    self.strange_output.append(line.decode("latin-1").rstrip())
                self._changed.notify_all()

    def _read_stderr(self):
        for line in self.process.stderr:
            with self._changed:
                self.stderr_lines.append(line.decode("utf-8", "replace").rstrip("\n"))
                self._changed.notify_all()

    def wait(self, condition, timeout):
        """Waits until `condition()` holds; it is asked again whenever the gateway wrote something, and every 20 ms."""
        end = time.monotonic() + timeout
        with self._changed:
            while not (result := condition()):
                left = end - time.monotonic()
                if left <= 0:
                    return result
                self._changed.wait(min(left, 0.02))
            return result

    def stderr_from(self, line=0):
        return "\n".join(self.stderr_lines[line:])

    def wait_ready(self, timeout):
        def ready():
            return any("ready: " in line for line in self.stderr_lines) or self.process.poll() is not None

        self.wait(ready, timeout)
        for line in self.stderr_lines:
            if "ready: " in line:
                self.addresses = dict(re.findall(r"([\w-]+)=(unix:\S+|[0-9a-f.:\[\]]+:\d+)", line.split("ready: ", 1)[1]))
                return
        raise Failure(f"the gateway did not become ready (exit code {self.process.poll()}); it said:\n{self.stderr_from()}")

    # ------------------------------------------------------------------------------------------ outside view
    def admin(self, path, timeout=5.0):
        client = Client(self.addresses["admin"], timeout=timeout)
        try:
            client.send(f"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode("latin-1"))
            return client.read_response(timeout)
        finally:
            client.close()

    def metrics(self):
        """{'name{labels}': value} of everything at /metrics."""
        values = {}
        for line in self.admin("/metrics").body.text.splitlines():
            if line and not line.startswith("#"):
                name, _, value = line.rpartition(" ")
                values[name] = float(value)
        return values

    def memory(self):
        """Resident bytes."""
        with open(f"/proc/{self.pid}/status", encoding="latin-1") as status:
            return int(re.search(r"VmRSS:\s+(\d+) kB", status.read())[1]) * 1024

    def descriptors(self):
        return len(os.listdir(f"/proc/{self.pid}/fd"))

    # ------------------------------------------------------------------------------------------ end
    def signal(self, number):
        os.kill(self.pid, number)

    def handed_over(self, pid):
        """Another process is the gateway from now on; the one before ends by itself."""
        self.before.append(self.pid)
        self.pid = pid

    def _ended(self, pid, timeout):
        """The exit code of one of our processes (a negative number: the signal); None when it runs on."""
        if pid == self.process.pid:
            try:
                return self.process.wait(timeout)
            except subprocess.TimeoutExpired:
                return None
        end = time.monotonic() + timeout
        while True:
            try:
                got, status = os.waitpid(pid, os.WNOHANG)
            except ChildProcessError:
                got, status = 0, 0  # it is not ours yet: its parent lives
            if got:
                return os.waitstatus_to_exitcode(status)
            if time.monotonic() > end:
                return None
            time.sleep(0.02)

    def predecessors_ended(self, timeout):
        """What is wrong with how the processes that handed over ended: nothing, when all did with exit code 0."""
        problems = []
        while self.before:
            pid = self.before[0]
            code = self._ended(pid, timeout)
            if code != 0:
                problems.append(f"process {pid}, which had handed over, " + ("runs on" if code is None else f"ended with {code}"))
            if code is None:
                os.kill(pid, signal.SIGKILL)
                self._ended(pid, 5)
            del self.before[0]
        return problems

    def wait_exit(self, timeout):
        self.exit_code = self._ended(self.pid, timeout)
        if self.exit_code is None:
            return None
        for thread in self._threads:
            thread.join(5)
        return self.exit_code

    def finish(self, timeout=8.0):
        """Ends it; returns everything that is wrong with how it ended."""
        for pid in self.before:
            os.kill(pid, signal.SIGTERM)
        problems = self.predecessors_ended(timeout)
        if self.exit_code is None and (self.pid != self.process.pid or self.process.poll() is None):
            self.signal(signal.SIGTERM)
        if self.exit_code is None and self.wait_exit(timeout) is None:
            problems.append(f"still running {timeout:g} s after SIGTERM; killed")
            self.signal(signal.SIGKILL)
            self.wait_exit(5)
        if self.exit_code != self.expected_exit:
            problems.append(f"exit code {self.exit_code}")
        if left := processes_in_session(self.process.pid):
            problems.append(f"left processes behind: {left}")
            for pid in left:
                os.kill(pid, signal.SIGKILL)
        problems += [f"stderr: {line}" for line in self.stderr_lines if TROUBLE.search(line)][:20]
        problems += [f"stdout is no JSON: {line[:200]}" for line in self.strange_output[:5]]
        return problems


def metric(gateway, name, labels):
    """Sum over the samples of `name` that carry all of `labels`; None when there is none."""
    try:
        values = gateway.metrics()
    except (OSError, WireError):
        return None
    wanted = [f'{key}="{value}"' for key, value in (labels or {}).items()]
    found = [value for key, value in values.items() if key.partition("{")[0] == name and all(one in key for one in wanted)]
    return sum(found) if found else None
