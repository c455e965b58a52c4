# SPDX-License-Identifier: Apache-2.0
"""The small world of the demo: three regions behind relays, and the gateway in front of them. All on loopback, all ended by stop()."""
import http.server
import json
import os
import re
import signal
import socket
import string
import subprocess
import sys
import threading
import time
import urllib.request

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
sys.path.insert(0, os.path.join(ROOT, "tests", "support"))
from raw_client import Client  # noqa: E402
from relay import Relay  # noqa: E402

WORK = os.path.join(ROOT, "build", "demo")
REGIONS = {"frankfurt": (50.11, 8.68, 5), "virginia": (38.95, -77.45, 90), "singapore": (1.35, 103.82, 180)}  # latitude, longitude, round trip in ms


class DemoError(Exception):
    """Something that ends the demo, in a sentence."""


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_GET(self):
        told = {"region": self.server.region, "path": self.path, "client": self.headers.get("X-Forwarded-For"), "id": self.headers.get("X-Request-Id")}
        body = (json.dumps(told) + "\n").encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def handle_error(self, request, client_address):
        pass  # a relay that is cut shows up here as a lost connection


class Region:
    """A web server, and a relay in front of it that takes as long as the way to it would."""

    def __init__(self, name, round_trip_ms):
        self.name, self.round_trip_ms = name, round_trip_ms
        self._server = Server(("127.0.0.1", 0), Handler)
        self._server.region = name
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        self.relay = Relay("127.0.0.1:%d" % self._server.server_address[1], round_trip_ms / 2000)

    def kill(self):
        self.relay.refuse()
        self.relay.cut()

    def revive(self):
        self.relay.refuse(False)

    def stop(self):
        self.relay.close()
        self._server.shutdown()
        self._server.server_close()


class Gateway:
    def __init__(self, binary, config):
        self._process = subprocess.Popen([binary, "run", "--config", config], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                         start_new_session=True)
        self.pid = self._process.pid  # in a session of its own, so that Ctrl-C reaches the demo alone, which then ends it
        self.said, self._records, self._changed = [], {}, threading.Condition()
        self.echo = False
        threading.Thread(target=self._read_log, daemon=True).start()
        threading.Thread(target=self._read_stderr, daemon=True).start()
        try:
            self._wait_ready()
        except BaseException:
            self.stop()
            raise

    def _read_log(self):
        for line in self._process.stdout:
            try:
                record = json.loads(line)
            except ValueError:
                continue
            with self._changed:
                if len(self._records) > 4096:
                    self._records.clear()  # the demo may run for days
                self._records[record.get("path")] = record
                self._changed.notify_all()
            if self.echo:
                print(f"  {record.get('client')} -> {record.get('region')} {record.get('status')} {record.get('path')}", flush=True)

    def _read_stderr(self):
        for raw in self._process.stderr:
            line = raw.decode("utf-8", "replace").rstrip()
            with self._changed:
                self.said = self.said[-200:] + [line]
                self._changed.notify_all()
            if self.echo:
                print(f"  {line}", flush=True)

    def _wait_ready(self):
        with self._changed:
            self._changed.wait_for(lambda: any("ready: " in line for line in self.said) or self._process.poll() is not None, 90)
            ready = [line for line in self.said if "ready: " in line]
        if not ready:
            raise DemoError("the gateway did not start:\n" + "\n".join(self.said))
        self.addresses = dict(re.findall(r"([\w-]+)=([0-9.]+:\d+)", ready[0].split("ready: ", 1)[1]))

    def admin(self, path):
        with urllib.request.urlopen(f"http://{self.addresses['admin']}{path}", timeout=5) as answer:
            return answer.read().decode()

    def regions(self):
        return {one["name"]: one for one in json.loads(self.admin("/v1/regions"))}

    def wait_regions(self, fits, seconds):
        """Waits until fits(regions) holds; how long it took, or None."""
        begun = time.monotonic()
        while time.monotonic() - begun < seconds:
            if fits(self.regions()):
                return time.monotonic() - begun
            time.sleep(0.01)
        return None

    def ask(self, path, source="127.0.0.1", forwarded_for=None, timeout=5):
        """One request; (status, body as JSON or None)."""
        client = Client(self.addresses["web"], source, timeout=timeout)
        try:
            field = f"X-Forwarded-For: {forwarded_for}\r\n" if forwarded_for else ""
            client.send(f"GET {path} HTTP/1.1\r\nHost: demo.example\r\n{field}Connection: close\r\n\r\n".encode())
            response = client.read_response(timeout)
        finally:
            client.close()
        try:
            return response.status, json.loads(response.body.text)
        except ValueError:
            return response.status, None

    def record(self, path, seconds=3):
        """The access-log record of a request with this path."""
        with self._changed:
            self._changed.wait_for(lambda: path in self._records, seconds)
            return self._records.get(path, {})

    def stop(self):
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)
        try:
            return self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            return self._process.wait()


def run(binary, *arguments, timeout=30):
    """The binary's output; a DemoError with what it said when it fails."""
    done = subprocess.run([binary, *arguments], capture_output=True, text=True, timeout=timeout, check=False)
    if done.returncode != 0:
        raise DemoError(f"rhumb {' '.join(arguments[:2])}: {(done.stderr or done.stdout).strip()}")
    return done.stdout


def fetch(binary, into, seconds):
    """Real geo data, fetched once: (files, what to say about it)."""
    def found():
        return sorted(os.path.join(into, name) for name in os.listdir(into) if name.endswith(".mmdb")) if os.path.isdir(into) else []

    if files := found():
        return files, f"real geo data from {os.path.relpath(into, ROOT)} (fetched before)"
    os.makedirs(into, exist_ok=True)
    process = subprocess.Popen([binary, "geo", "fetch", "--into", into], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True)
    try:
        output, _ = process.communicate(timeout=seconds)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
        return [], f"no real geo data: the fetch took more than {seconds} s"
    if process.returncode == 0 and (files := found()):
        return files, "real geo data fetched; " + output.strip().splitlines()[-1]
    lines = output.strip().splitlines()
    return [], "no real geo data: " + (lines[-1] if lines else f"rhumb geo fetch ended with {process.returncode}")


def write_config(path, values):
    with open(os.path.join(ROOT, "packaging", "demo", "rhumb.yaml"), encoding="utf-8") as template:
        text = string.Template(template.read()).substitute(values)
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)


def free_port():
    """A port nobody uses at the moment."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]
