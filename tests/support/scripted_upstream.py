# SPDX-License-Identifier: Apache-2.0
"""An HTTP/1 server that does what a script says and writes down exactly what it was sent.

    upstream = ScriptedUpstream("a", {"script": [{"respond": {"status": 500}}, "reset"], "otherwise": "echo"})

The script has one behaviour per request, over all connections in order of arrival; `paths` overrides it by path; what is left
gets `otherwise` (echo unless said). A behaviour is a word, an action, or a list of actions (upstream_actions.py).
Probes (User-Agent rhumb-probe) get `health` and are counted apart. Threads: one per connection.
"""
import fcntl
import select
import socket
import struct
import termios
import threading
import time

import upstream_actions
from wire import Body, Ended, Head, Malformed, Reader, TimedOut, WireError, read_body

NO_TRAILERS = {"content-length", "transfer-encoding", "host", "connection", "authorization", "cookie", "x-forwarded-for", "te", "trailer"}
PATIENCE = 60.0  # no thread lives longer without progress


class Gates:
    """Named points at which a behaviour waits until a step of the test lets it go on."""

    def __init__(self):
        self._changed = threading.Condition()
        self._open = set()
        self._all_open = False
        self._waiting = {}

    def release(self, name):
        with self._changed:
            self._open.add(name)
            self._changed.notify_all()

    def release_all(self):
        with self._changed:
            self._all_open = True
            self._changed.notify_all()

    def hold(self, name, timeout=PATIENCE):
        with self._changed:
            self._waiting[name] = self._waiting.get(name, 0) + 1
            self._changed.notify_all()
            if not self._changed.wait_for(lambda: self._all_open or name in self._open, timeout):
                raise TimedOut(f"gate {name} stayed shut")

    def wait_reached(self, name, timeout, times=1):
        with self._changed:
            return self._changed.wait_for(lambda: self._waiting.get(name, 0) >= times, timeout)


class Request:
    """One request as received."""

    def __init__(self, connection, head):
        self.connection = connection.number
        self.number = connection.served + 1  # on its connection
        parts = head.start.split(" ")
        self.method, self.target, self.version = parts if len(parts) == 3 else (head.start, "", "")
        self.head = head
        self.framing = head.framing()
        self.body = Body()
        self.ended = None  # 'eof' or 'reset' when the request was cut
        self.problems = head.problems
        if len(parts) != 3:
            self.problems.append(f"request line {head.start!r}")

    def as_dict(self):
        return {
            "connection": self.connection, "number": self.number, "method": self.method, "target": self.target,
            "version": self.version, "headers": [list(pair) for pair in self.head.fields], "framing": self.framing[0],
            "body": self.body.text if self.body.size <= 65536 else "", "body_size": self.body.size, "complete": self.body.complete,
            "pattern": self.body.is_pattern, "chunks": self.body.chunks, "trailers": [list(pair) for pair in self.body.trailers],
            "ended": self.ended,
        }


class Connection:
    """One accepted connection; its thread runs the script's actions on it."""

    def __init__(self, upstream, sock, number, peer):
        self.upstream, self.sock, self.number, self.peer = upstream, sock, number, peer
        self.reader = Reader(sock)
        self.served = 0
        self.ended = None  # 'eof', 'reset' (by the peer), 'closed', 'aborted' (by us)
        self.stray = b""   # bytes that are no request
        self.busy = False  # with a request
        sock.setblocking(False)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def deadline(self):
        return time.monotonic() + PATIENCE

    def run(self):
        try:
            for action in upstream_actions.normalise(self.upstream.on_connect):
                upstream_actions.run(action, self, None)
            while self.ended is None and self._one():
                pass
        except WireError as error:
            self._note(error)
        finally:
            if self.ended is None:
                self.ended = self.reader.ended or "closed"
            self.sock.close()
            self.upstream.changed()

    def _note(self, error):
        if isinstance(error, Ended):
            self.ended = self.ended or error.how
        elif self.ended is None:
            self.upstream.problems.append(f"{self.upstream.name}: connection {self.number}: {error}")

    def _one(self):
        self.busy = False
        try:
            block = self.reader.until(b"\r\n\r\n", self.deadline())
        except (Ended, Malformed):
            self.stray = bytes(self.reader.buffer)
            raise
        self.busy = True
        request = Request(self, Head(block))
        behaviour = self.upstream.next_behaviour(request)
        for action in upstream_actions.normalise(behaviour, request=True):
            if self.ended is None:
                upstream_actions.run(action, self, request)
        self.served += 1
        return (request.head.get("connection") or "").lower() != "close"

    def read_request_body(self, request, pace=None):
        try:
            read_body(self.reader, request.framing, self.deadline, request.body, pace)
        except Ended as error:
            request.ended = error.how
            raise
        finally:
            request.problems += [f"trailer {name}" for name, _ in request.body.trailers if name.lower() in NO_TRAILERS]
            self.upstream.changed()

    def readable(self):
        try:
            return bool(select.select([self.sock], [], [], 0)[0])
        except (OSError, ValueError):
            return False  # closed just now by its own thread

    def finish(self, how):
        """'close', 'reset' or 'half_close' from our side."""
        if how == "half_close":
            self.sock.shutdown(socket.SHUT_WR)
            return
        self.ended = "aborted" if how == "reset" else "closed"
        if how == "reset":
            self.flush()
            self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.sock.close()

    def flush(self):
        """Waits until the peer's kernel has all that was sent, so that a reset cannot destroy it on this side."""
        for _ in range(2000):
            queued = struct.unpack("i", fcntl.ioctl(self.sock, termios.TIOCOUTQ, b"\0\0\0\0"))[0]
            if queued == 0:
                return
            time.sleep(0.001)


class ScriptedUpstream:
    KEYS = {"script", "paths", "otherwise", "health", "on_connect", "listening", "receive_buffer"}

    def __init__(self, name, script=None, gates=None, address="127.0.0.1"):
        self.name, self.gates = name, gates or Gates()
        self._lock = threading.Condition()
        self.requests, self.probes, self.connections, self.problems = [], [], [], []
        self.set_script(script)
        # Keeps the port ours while nothing listens on it, so that stopping and starting again is safe beside other tests.
        self._holder = self._bound(address, 0)
        self.address = "%s:%d" % self._holder.getsockname()
        self._listener, self._fillers = None, []
        if self._listening:
            self.start()

    def set_script(self, script):
        if not (isinstance(script, dict) and set(script) & self.KEYS):
            script = {"otherwise": script or "echo"}
        if unknown := set(script) - self.KEYS:
            raise ValueError(f"upstream {self.name}: unknown keys {sorted(unknown)}")
        self.script = list(script.get("script", []))
        self.paths = script.get("paths", {})
        self.otherwise = script.get("otherwise", "echo")
        self.health = script.get("health", "ok")
        self.on_connect = script.get("on_connect", [])
        self._listening = script.get("listening", True)
        self._receive_buffer = script.get("receive_buffer", 0)

    def _bound(self, address, port):
        sock = socket.socket()
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        if self._receive_buffer:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, self._receive_buffer)
        sock.bind((address, port))
        return sock

    def start(self):
        if self._listener is None:
            self._listener = self._bound(*self._holder.getsockname())
            if self._listening == "full":
                return self._fill()
            self._listener.listen(128)
            threading.Thread(target=self._accept, args=(self._listener,), daemon=True).start()

    def _fill(self):
        """Listens, but with a full queue that nobody empties: more connections get no answer."""
        self._listener.listen(0)
        for _ in range(4):
            sock = socket.socket()
            sock.setblocking(False)
            sock.connect_ex(self._holder.getsockname())
            self._fillers.append(sock)

    def stop(self, how="reset"):
        """No new connections; open ones are reset or closed (as after a kill), or kept."""
        if self._listener is not None:
            listener, self._listener = self._listener, None
            listener.shutdown(socket.SHUT_RDWR)
            listener.close()
        with self._lock:
            open_ones = [c for c in self.connections if c.ended is None]
        for connection in open_ones if how != "keep" else []:
            self._cut(connection, how)

    def _cut(self, connection, how):
        try:
            if how == "reset":
                connection.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            connection.ended = "aborted" if how == "reset" else "closed"
            connection.sock.shutdown(socket.SHUT_RD if how == "reset" else socket.SHUT_RDWR)
        except OSError:
            pass  # it ended by itself just now
        connection.sock.close()

    def shut_down(self):
        self.stop()
        for sock in [*self._fillers, self._holder]:
            sock.close()

    def _accept(self, listener):
        while True:
            try:
                sock, peer = listener.accept()
            except OSError:
                return
            with self._lock:
                connection = Connection(self, sock, len(self.connections) + 1, peer)
                self.connections.append(connection)
                self._lock.notify_all()
            threading.Thread(target=connection.run, daemon=True).start()

    def next_behaviour(self, request):
        with self._lock:
            if (request.head.get("user-agent") or "").startswith("rhumb-probe"):
                self.probes.append(request)
                self._lock.notify_all()
                return self.health
            self.requests.append(request)
            self._lock.notify_all()
            path = request.target.partition("?")[0]
            if path in self.paths:
                behaviour = self.paths[path]
                # A list of lists: one behaviour per request to this path, the last for all others.
                if isinstance(behaviour, list) and behaviour and isinstance(behaviour[0], list):
                    return behaviour.pop(0) if len(behaviour) > 1 else behaviour[0]
                return behaviour
            return self.script.pop(0) if self.script else self.otherwise

    def settled(self):
        """Nothing on its way here: nobody waits to be accepted, and every open connection is idle with nothing to read."""
        waiting = self._listener is not None and select.select([self._listener], [], [], 0)[0]
        return not waiting and not any(one.ended is None and (one.busy or one.reader.buffer or one.readable()) for one in list(self.connections))

    def changed(self):
        with self._lock:
            self._lock.notify_all()

    def wait(self, condition, timeout):
        """Waits until `condition()` holds; looks again whenever something happened."""
        end = time.monotonic() + timeout
        with self._lock:
            while not condition():
                left = end - time.monotonic()
                if left <= 0:
                    return False
                self._lock.wait(min(left, 0.05))
            return True
