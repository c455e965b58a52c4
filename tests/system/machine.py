# SPDX-License-Identifier: Apache-2.0
"""What the checks have in their hands inside the booted root: commands, the unit's properties, an origin, clients."""
import http.client
import http.server
import subprocess
import threading
import time


def run(*command, expect=0):
    """What it said; fails when it does not end with `expect` (None: however it ends)."""
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    said = done.stdout + done.stderr
    if expect is not None and done.returncode != expect:
        raise AssertionError(f"{' '.join(command)}: exit {done.returncode}, not {expect}: {said[-600:]}")
    return said


def shown(name):
    return run("systemctl", "show", "--property", name, "--value", "rhumb.service").strip()


def until(condition, what, seconds=20):
    end = time.monotonic() + seconds
    while not (got := condition()):
        if time.monotonic() > end:
            raise AssertionError(f"not within {seconds} s: {what}")
        time.sleep(0.05)
    return got


def get(path="/", port=80):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request("GET", path)
        return connection.getresponse().status
    finally:
        connection.close()


class Origin(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Length", "3")
        self.end_headers()
        self.wfile.write(b"ok\n")

    def log_message(self, *_):
        pass


class Server(http.server.ThreadingHTTPServer):
    def handle_error(self, *_):
        """A gateway that was killed resets its connections."""


def serve(handler, port):
    server = Server(("127.0.0.1", port), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()


class Load:
    """Clients that ask without a pause, on kept and on fresh connections; whatever goes wrong is kept."""

    def __init__(self):
        self.done, self.wrong, self.stopping = 0, [], False
        self.lock = threading.Lock()
        self.threads = [threading.Thread(target=self.ask, args=(kept,)) for kept in (True, True, False, False)]
        for thread in self.threads:
            thread.start()

    def ask(self, kept):
        connection = None
        while not self.stopping:
            try:
                connection = connection or http.client.HTTPConnection("127.0.0.1", 80, timeout=10)
                connection.request("GET", "/", headers={} if kept else {"Connection": "close"})
                response = connection.getresponse()
                response.read()
                with self.lock:
                    self.done += 1
                    if response.status != 200:
                        self.wrong.append(f"status {response.status}")
                if response.will_close:
                    connection.close()
                    connection = None
            except OSError as error:
                with self.lock:
                    self.wrong.append(f"{type(error).__name__}: {error}")
                connection = None

    def stop(self):
        self.stopping = True
        for thread in self.threads:
            thread.join()
        if self.wrong or self.done < 50:
            raise AssertionError(f"{len(self.wrong)} of {self.done} requests failed, e.g. {self.wrong[:3]}")
        return f"{self.done} requests, none failed"
