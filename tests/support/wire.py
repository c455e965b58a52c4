# SPDX-License-Identifier: Apache-2.0
"""Bytes on a socket, seen strictly: waiting with deadlines, HTTP/1 heads and bodies, units, bodies with a pattern.

Shared by the scripted upstream and the raw client. Nothing here is lenient: whatever RFC 9112 does not allow is listed as a
problem or raised as Malformed, so that a test can tell what really went over the wire.
"""
import hashlib
import re
import select
import time


class WireError(Exception):
    """Something on the wire that ends the exchange."""


class TimedOut(WireError):
    pass


class Malformed(WireError):
    pass


class Ended(WireError):
    """The peer ended in the middle of something. `how` is 'eof' or 'reset'."""

    def __init__(self, how, what=""):
        super().__init__(f"{how} {what}".strip())
        self.how = how


_UNITS = {"": 1, "B": 1, "KiB": 1024, "MiB": 1024**2, "GiB": 1024**3, "us": 1e-6, "ms": 1e-3, "s": 1, "m": 60}


def quantity(value):
    """'200ms' -> 0.2, '64KiB' -> 65536, 3 -> 3."""
    if isinstance(value, (int, float)):
        return value
    match = re.fullmatch(r"([0-9.]+)\s*([A-Za-z]*)", str(value))
    if not match or match[2] not in _UNITS:
        raise ValueError(f"not a quantity: {value!r}")
    number = float(match[1]) * _UNITS[match[2]]
    return int(number) if number == int(number) and match[2] not in ("s", "m") else number


def raw_bytes(text):
    """Text of a scenario as bytes: one character, one byte."""
    return text if isinstance(text, (bytes, bytearray)) else str(text).encode("latin-1")


def wait_for(sock, events, deadline):
    poller = select.poll()
    poller.register(sock, events)
    while True:
        left = deadline - time.monotonic()
        if poller.poll(max(0, left * 1000)):
            return
        if left <= 0:
            raise TimedOut("nothing within the time")


def send_all(sock, data, deadline):
    """Everything, or Ended('reset') when the peer does not want it."""
    view = memoryview(data)
    while view:
        try:
            view = view[sock.send(view):]
        except BlockingIOError:
            wait_for(sock, select.POLLOUT, deadline)
        except OSError as error:  # reset, or closed by another thread
            raise Ended("reset", "while sending") from error


class Reader:
    """Buffered reading of a non-blocking socket."""

    def __init__(self, sock):
        self.sock = sock
        self.buffer = bytearray()
        self.ended = None  # 'eof' or 'reset'

    def fill(self, deadline, at_most=262144):
        """Receives once. False when the peer has ended."""
        while self.ended is None:
            try:
                data = self.sock.recv(at_most)
            except BlockingIOError:
                if self.sock.fileno() >= 0:  # else another thread has closed it: the next receive says so
                    wait_for(self.sock, select.POLLIN, deadline)
                continue
            except (ConnectionResetError, OSError):
                self.ended = "reset"
                break
            if data:
                self.buffer += data
                return True
            self.ended = "eof"
        return False

    def until(self, mark, deadline, limit=1 << 20):
        start = 0
        while (at := self.buffer.find(mark, start)) < 0:
            start = max(0, len(self.buffer) - len(mark) + 1)
            if len(self.buffer) > limit:
                raise Malformed(f"no {mark!r} within {limit} bytes")
            if not self.fill(deadline):
                raise Ended(self.ended, f"before {mark!r}")
        return self.take(at + len(mark))

    def take(self, size):
        data = bytes(self.buffer[:size])
        del self.buffer[:size]
        return data

    def some(self, size, deadline):
        """1 to `size` bytes."""
        if not self.buffer and not self.fill(deadline, max(1, min(size, 262144))):
            raise Ended(self.ended, "in the body")
        return self.take(size)


# ---------------------------------------------------------------------------------------------------- heads

_TOKEN = re.compile(rb"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")
_VALUE = re.compile(rb"[\t\x20-\x7e\x80-\xff]*")


class Head:
    """Start line and fields of one message, as received."""

    def __init__(self, block):
        self.problems = []
        lines = block[:-4].split(b"\r\n")
        if b"\n" in block.replace(b"\r\n", b"") or b"\r" in block.replace(b"\r\n", b""):
            self.problems.append("bare CR or LF")
        self.start = lines[0].decode("latin-1")
        self.fields = []
        for line in lines[1:]:
            name, colon, value = line.partition(b":")
            if not colon or not _TOKEN.fullmatch(name):
                self.problems.append(f"field line {line!r}")
            elif not _VALUE.fullmatch(value):
                self.problems.append(f"field value {line!r}")
            self.fields.append((name.decode("latin-1"), value.strip(b" \t").decode("latin-1")))

    def all(self, name):
        return [value for key, value in self.fields if key.lower() == name.lower()]

    def get(self, name, default=None):
        values = self.all(name)
        return ", ".join(values) if values else default

    def framing(self):
        """('chunked', None), ('length', n) or ('none', None); what is ambiguous goes to problems."""
        length, coding = self.all("content-length"), self.all("transfer-encoding")
        if length and coding:
            self.problems.append("both Content-Length and Transfer-Encoding")
        if len(length) > 1 or len(coding) > 1:
            self.problems.append("repeated framing field")
        if coding:
            if coding[0].lower() != "chunked":
                self.problems.append(f"Transfer-Encoding: {coding[0]}")
            return "chunked", None
        if length:
            if not re.fullmatch("[0-9]+", length[0]):
                raise Malformed(f"Content-Length: {length[0]}")
            return "length", int(length[0])
        return "none", None


def encode_fields(fields):
    """A mapping (a list as value repeats the field) or a list of pairs -> field lines."""
    pairs = fields.items() if isinstance(fields, dict) else [tuple(pair) for pair in fields or []]
    lines = []
    for name, value in pairs:
        for one in value if isinstance(value, list) else [value]:
            lines.append(f"{name}: {one}\r\n")
    return "".join(lines).encode("latin-1")


# --------------------------------------------------------------------------------------------------- bodies

_PERIOD = 65521  # a prime, so that no block size hides a shift
_PATTERN = b"".join(hashlib.sha256(b"%d" % i).digest() for i in range(_PERIOD // 32 + 1))[:_PERIOD] * 20


def pattern(start, size):
    """`size` bytes (at most 1 MiB) of the endless test body, from byte `start` on."""
    offset = start % _PERIOD
    return _PATTERN[offset:offset + size]


class Body:
    """A body as it came: all of it while it is small, else its size, digest and whether it is the pattern."""

    KEPT = 1 << 20

    def __init__(self):
        self.size = 0
        self.kept = bytearray()
        self.is_pattern = True
        self.complete = False
        self.trailers = []
        self.chunks = 0
        self.odd_sizes = []  # chunk size lines that are correct, but not in the one plain form
        self._digest = hashlib.sha256()

    def add(self, data):
        self._digest.update(data)
        for at in range(0, len(data), 1 << 20):
            piece = data[at:at + (1 << 20)]
            if self.is_pattern and piece != pattern(self.size + at, len(piece)):
                self.is_pattern = False
        self.size += len(data)
        if len(self.kept) < self.KEPT:
            self.kept += data[:self.KEPT - len(self.kept)]

    @property
    def text(self):
        return self.kept.decode("latin-1")

    @property
    def sha256(self):
        return self._digest.hexdigest()


def read_body(reader, framing, deadline, body, pace=None):
    """Fills `body`; raises Ended when it is cut. `pace(n)` is called for every n bytes taken."""
    kind, length = framing
    if kind == "length":
        _read_exactly(reader, length, deadline, body, pace)
    elif kind == "chunked":
        _read_chunks(reader, deadline, body, pace)
    elif kind == "close":
        while reader.buffer or reader.fill(deadline()):
            body.add(reader.take(len(reader.buffer)))
        if reader.ended == "reset":
            raise Ended("reset", "in a body that a close ends")
    body.complete = True


def _read_exactly(reader, size, deadline, body, pace):
    while size:
        data = reader.some(size, deadline())
        body.add(data)
        size -= len(data)
        if pace:
            pace(len(data))


def _read_chunks(reader, deadline, body, pace):
    while True:
        line = reader.until(b"\r\n", deadline(), 4096)[:-2]
        if not re.fullmatch(rb"[0-9A-Fa-f]{1,16}", line):
            raise Malformed(f"chunk size line {line!r}")
        size = int(line, 16)
        if line != b"%x" % size:
            body.odd_sizes.append(line.decode("ascii"))
        if size == 0:
            break
        body.chunks += 1
        _read_exactly(reader, size, deadline, body, pace)
        if (end := reader.until(b"\r\n", deadline(), 8)) != b"\r\n":
            raise Malformed(f"after a chunk: {end!r}")
    while (line := reader.until(b"\r\n", deadline(), 65536)) != b"\r\n":
        name, _, value = line[:-2].partition(b":")
        if not _TOKEN.fullmatch(name) or not _VALUE.fullmatch(value):
            raise Malformed(f"trailer line {line!r}")
        body.trailers.append((name.decode("latin-1"), value.strip().decode("latin-1")))


def chunked(data, size=None):
    """`data` in chunks of `size` bytes, without the last chunk."""
    out = bytearray()
    step = size or max(1, len(data))
    for at in range(0, len(data), step):
        piece = data[at:at + step]
        out += b"%x\r\n%b\r\n" % (len(piece), piece)
    return bytes(out)
