# SPDX-License-Identifier: Apache-2.0
"""A client that sends exactly the bytes it is told and reads answers strictly. One object per connection; one thread."""
import select
import socket
import struct
import threading
import time

from wire import Body, Ended, Head, Malformed, Reader, TimedOut, pattern, read_body, send_all, wait_for

BODILESS = (204, 304)


class Response:
    """One answer: its interim responses, head, body and how complete it is."""

    def __init__(self):
        self.interim = []
        self.version = self.reason = ""
        self.status = None
        self.head = None
        self.framing = None
        self.body = Body()
        self.ended = None  # 'eof' or 'reset' when the connection ended before the answer was whole
        self.problems = []

    @property
    def complete(self):
        return self.head is not None and self.body.complete


def _status_line(head):
    version, _, rest = head.start.partition(" ")
    code, _, reason = rest.partition(" ")
    if version not in ("HTTP/1.0", "HTTP/1.1") or len(code) != 3 or not code.isdigit():
        raise Malformed(f"status line {head.start!r}")
    return version, int(code), reason


class Client:
    def __init__(self, address, source=None, receive_buffer=None, timeout=5.0):
        host, _, port = address.rpartition(":")
        local = address.startswith("unix:")
        self.sock = socket.socket(socket.AF_UNIX if local else socket.AF_INET)
        if receive_buffer:
            self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        if source:
            # Many connections come from few source addresses; the port is chosen when the connection is made.
            self.sock.setsockopt(socket.IPPROTO_IP, getattr(socket, "IP_BIND_ADDRESS_NO_PORT", 24), 1)
            self.sock.bind((source, 0))
        self.sock.settimeout(timeout)
        try:
            self.sock.connect(address.removeprefix("unix:") if local else (host, int(port)))
        except OSError:
            self.sock.close()
            raise
        self.sock.setblocking(False)
        if not local:
            self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.reader = Reader(self.sock)
        self.methods = []  # of requests not answered yet
        self.send_error = None
        self._sender = None

    def send(self, data, timeout=10.0, pieces=None, pause=0.001):
        """All bytes; `pieces` sends so many at a time. A peer that does not listen any more is noted, not raised."""
        deadline = time.monotonic() + timeout
        try:
            for at in range(0, len(data), pieces or max(1, len(data))):
                send_all(self.sock, data[at:at + pieces] if pieces else data, deadline)
                if pieces:
                    time.sleep(pause)  # so that the pieces travel apart
        except (Ended, OSError) as error:
            self.send_error = error

    def send_pattern(self, size, chunk=None, timeout=60.0, finish=True):
        """`size` bytes of the test body, plain or in chunks of `chunk` bytes."""
        step = chunk or 1 << 18
        for at in range(0, size, step):
            piece = pattern(at, min(step, size - at))
            if chunk:
                piece = b"%x\r\n%b\r\n" % (len(piece), piece)
            self.send(piece, timeout)
            if self.send_error:
                return
        if chunk and finish:
            self.send(b"0\r\n\r\n", timeout)

    def in_background(self, function, *arguments, **options):
        self._sender = threading.Thread(target=function, args=arguments, kwargs=options, daemon=True)
        self._sender.start()

    def join(self, timeout):
        if self._sender:
            self._sender.join(timeout)
            if self._sender.is_alive():
                raise TimedOut("the sender in the background is not done")
            self._sender = None

    def read_response(self, timeout=5.0, method=None, pace=None, response=None):
        """The next answer. It may come back incomplete (`ended` says how); silence raises TimedOut (`response` then has what came)."""
        end = time.monotonic() + timeout
        response = response or Response()
        if method is None:
            method = self.methods.pop(0) if self.methods else "GET"
        try:
            self._read_heads(response, end)
            if response.status == 101:
                response.body.complete = True
                return response
            response.framing = self._framing(response, method)
            read_body(self.reader, response.framing, lambda: end, response.body, pace)
        except Ended as error:
            response.ended = error.how
        response.problems += response.head.problems if response.head else []
        return response

    def _read_heads(self, response, end):
        while True:
            head = Head(self.reader.until(b"\r\n\r\n", end))
            version, status, reason = _status_line(head)
            if status >= 200 or status == 101:
                response.head, response.version, response.status, response.reason = head, version, status, reason
                return
            response.interim.append((status, head))

    def _framing(self, response, method):
        framing = response.head.framing()
        if method == "HEAD" or response.status in BODILESS:
            return ("none", None)
        return ("close", None) if framing[0] == "none" else framing

    def read_bytes(self, size, timeout=5.0):
        end = time.monotonic() + timeout
        data = b""
        while len(data) < size:
            data += self.reader.some(size - len(data), end)
        return data

    def read_end(self, timeout=5.0):
        """'eof' or 'reset'; anything else the peer says before is Malformed, silence is TimedOut."""
        end = time.monotonic() + timeout
        if self.reader.buffer or self.reader.fill(end):
            raise Malformed(f"unexpected bytes: {bytes(self.reader.buffer[:200])!r}")
        return self.reader.ended

    def quiet(self, seconds):
        """True when the connection stays open and silent for so long."""
        if self.reader.buffer or self.reader.ended:
            return False
        try:
            wait_for(self.sock, select.POLLIN, time.monotonic() + seconds)
        except TimedOut:
            return True
        return False

    def half_close(self):
        self.sock.shutdown(socket.SHUT_WR)

    def close(self):
        self.sock.close()

    def reset(self):
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.sock.close()

    @property
    def source(self):
        return self.sock.getsockname()[0]
