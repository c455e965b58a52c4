# SPDX-License-Identifier: Apache-2.0
"""Commands that run beside the steps, as somebody watching would have them: `rhumb events -f`, `rhumb top`; in a terminal, if wanted.

Every verb is a function (scenario, value, options); OPTIONS says what may stand beside it.
"""
import fcntl
import os
import pty
import signal as signals
import subprocess
import termios
import threading

from gateway import TROUBLE, Failure, environment, prepare
from matching import differences
from steps_gateway import _poll as poll


class Command:
    """The binary with arguments, in the background; what it says is kept as it comes. In a terminal all of it is stdout."""

    def __init__(self, binary, arguments, directory, terminal):
        self.said = {"stdout": b"", "stderr": b""}
        self.terminal = None
        if terminal:
            self.terminal, inner = pty.openpty()
            self._modes = termios.tcgetattr(self.terminal)
            ends = {"stdin": inner, "stdout": inner, "stderr": inner}
        else:
            ends = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}

        def begin():
            prepare()
            if terminal:
                fcntl.ioctl(0, termios.TIOCSCTTY, 0)

        self.process = subprocess.Popen([binary, *arguments], cwd=directory, env=environment(), start_new_session=True, preexec_fn=begin, **ends)
        sources = {"stdout": self.terminal} if terminal else {"stdout": self.process.stdout.fileno(), "stderr": self.process.stderr.fileno()}
        if terminal:
            os.close(inner)
        self._threads = [threading.Thread(target=self._read, args=one, daemon=True) for one in sources.items()]
        for thread in self._threads:
            thread.start()

    def _read(self, name, source):
        while True:
            try:
                data = os.read(source, 65536)
            except OSError:  # EIO: nobody has the terminal any more
                data = b""
            if not data:
                return
            self.said[name] += data

    def text(self):
        return {name: data.decode("utf-8", "replace").replace("\r\n", "\n") for name, data in self.said.items()}

    def type(self, text):
        if self.terminal is None:
            raise Failure("it has no terminal to type at")
        os.write(self.terminal, text.encode("utf-8"))

    def wait(self, timeout):
        """The exit code (a negative number: the signal that ended it); None when it runs on."""
        try:
            code = self.process.wait(timeout)
        except subprocess.TimeoutExpired:
            return None
        for thread in self._threads:
            thread.join(5)
        return code

    def shut_down(self):
        """Ends it, if it still runs; -> what is wrong with what it said, and with how it leaves its terminal."""
        if self.process.poll() is None:
            self.process.kill()
            self.wait(5)
        problems = [line for text in self.text().values() for line in text.splitlines() if TROUBLE.search(line)]
        if self.terminal is not None:
            if termios.tcgetattr(self.terminal) != self._modes:
                problems.append("the terminal is not as it was")
            os.close(self.terminal)
            self.terminal = None
        for pipe in (self.process.stdout, self.process.stderr):
            if pipe is not None:
                pipe.close()
        return problems


def begin(scenario, arguments, options):
    """The binary with these arguments, which goes on by itself under the name `as`; `terminal: true` gives it one."""
    name = options["as"]
    if name in scenario.commands:
        raise Failure(f"there is a command {name} already")
    scenario.commands[name] = Command(scenario.binary, [str(one) for one in arguments], scenario.directory, options.get("terminal", False))


def said(scenario, name, options):
    """What a command has said so far: {stdout, stderr}; waited for."""
    poll(scenario, options, lambda: differences(options["expect"], scenario.commands[name].text(), name))


def type_(scenario, text, options):
    """Keys, for a command in a terminal; \\x03 is Ctrl-C."""
    scenario.commands[options["on"]].type(text)


def end(scenario, name, options):
    """A command ends, by itself or by a `signal`, with an `exit` code (0 unless said; -2 is SIGINT), and leaves its terminal as it was."""
    command = scenario.commands[name]
    if "signal" in options:
        command.process.send_signal(getattr(signals, f"SIG{options['signal']}"))
    code = command.wait(scenario.patience(options))
    del scenario.commands[name]
    problems = [] if code == options.get("exit", 0) else ["still running" if code is None else f"exit code {code}"]
    problems += command.shut_down()
    if problems:
        raise Failure("\n    ".join([*problems, *(f"{stream}: {text[-1500:]}" for stream, text in command.text().items())]))


VERBS = {"begin": begin, "said": said, "type": type_, "end": end}
OPTIONS = {"begin": {"as", "terminal"}, "said": {"expect"}, "type": {"on"}, "end": {"signal", "exit"}}
