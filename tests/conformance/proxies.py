# SPDX-License-Identifier: Apache-2.0
"""The proxies a case can be played through, each in front of one upstream: Rhumb, and the two peers as a careful operator sets them up.

The peers: HTTP/1.1 and keep-alive to the upstream, connections shared by all clients, forwarding fields set and not believed,
WebSocket passed on, everything else as their packages come. `short` is for cases about time-outs.
"""
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time

from gateway import Gateway, prepare
from matching import dump_yaml, merged

QUIET = 0.25  # seconds after its answer in which a peer may say more, or end the connection; of Rhumb the case says what comes

NGINX = """worker_processes 1;
daemon off;
pid {dir}/nginx.pid;
error_log {dir}/error.log;
events {{ worker_connections 512; }}
http {{
  access_log off;
  client_body_temp_path {dir}/body; proxy_temp_path {dir}/proxy; fastcgi_temp_path {dir}/f; uwsgi_temp_path {dir}/u; scgi_temp_path {dir}/s;
  {times}
  map $http_upgrade $connection_upgrade {{ default upgrade; '' ''; }}
  upstream a {{ server {upstream}; keepalive 16; }}
  server {{
    listen {address};
    server_name example.test;
    location / {{
      proxy_pass http://a;
      proxy_http_version 1.1;
      proxy_set_header Host $host;
      proxy_set_header Connection $connection_upgrade;
      proxy_set_header Upgrade $http_upgrade;
      proxy_set_header X-Forwarded-For $remote_addr;
      proxy_set_header X-Forwarded-Proto $scheme;
      proxy_set_header X-Forwarded-Host $host;
      proxy_set_header X-Real-IP $remote_addr;
      proxy_set_header Forwarded "";
    }}
  }}
}}
"""
NGINX_SHORT = "client_header_timeout 600ms; client_body_timeout 600ms; keepalive_timeout 600ms; send_timeout 600ms; proxy_read_timeout 600ms;"

HAPROXY = """global
  maxconn 512
  nbthread 1
defaults
  mode http
  timeout connect 1s
  timeout client {client}
  timeout server {server}
  timeout http-request {request}
  timeout http-keep-alive {keep}
  timeout tunnel 1h
frontend f
  bind {address}
  http-request del-header X-Forwarded-For
  http-request del-header Forwarded
  http-request set-header X-Forwarded-Proto http
  http-request set-header X-Forwarded-Host %[req.hdr(host)]
  http-request set-header X-Real-IP %[src]
  option forwardfor
  default_backend b
backend b
  http-reuse always
  server s {upstream}
"""


def free_address():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return "127.0.0.1:%d" % one.getsockname()[1]


class Rhumb:
    """The gateway itself: one region with one endpoint, one route for everything unless the group's `config` says otherwise."""

    def __init__(self, group, upstream, binary):
        self.directory = tempfile.mkdtemp(prefix="rhumb-conformance-")
        times = {"request_head": "600ms", "request_body": "600ms", "keep_alive": "600ms", "write": "600ms"} if group.short else {}
        route_times = {"response_head": "600ms", "response_idle": "600ms", "tunnel": "600ms"} if group.short else {}
        base = {
            "version": 1, "gateway": {"workers": 1, "drain_timeout": "1s"}, "access_log": {"path": "off"},
            "listeners": [{"name": "web", "address": "127.0.0.1:0", "timeouts": times}],
            "regions": [{"name": "a", "location": {"latitude": 50.1, "longitude": 8.7}, "endpoints": [upstream], "health": {"enabled": False}}],
            "routes": [{"name": "default", "timeouts": route_times}],
        }
        path = os.path.join(self.directory, "rhumb.yaml")
        with open(path, "w", encoding="utf-8") as file:
            file.write(dump_yaml(merged(base, group.config)))
        self.gateway = Gateway(os.path.abspath(binary), path, self.directory)
        self.gateway.wait_ready(20)
        self.address = self.gateway.addresses["web"]

    def stop(self):
        problems = self.gateway.finish()
        shutil.rmtree(self.directory, ignore_errors=True)
        return problems


class Peer:
    def __init__(self, command, text, name):
        self.directory = tempfile.mkdtemp(prefix="rhumb-conformance-")
        self.address = free_address()
        path = os.path.join(self.directory, name)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text.replace("{address}", self.address).replace("{dir}", self.directory))
        command = [one.replace("{path}", path).replace("{dir}", self.directory) for one in command]
        self.process = subprocess.Popen(command, cwd=self.directory, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                        stderr=subprocess.PIPE, start_new_session=True, preexec_fn=prepare)
        self._wait_listening()

    def _wait_listening(self):
        host, _, port = self.address.rpartition(":")
        end = time.monotonic() + 10
        while time.monotonic() < end and self.process.poll() is None:
            try:
                return socket.create_connection((host, int(port)), 1).close()
            except OSError:
                time.sleep(0.02)
        self.stop()
        raise RuntimeError(f"{self.process.args[0]} does not listen: {self.process.stderr.read().decode('latin-1')}")

    def stop(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(5)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        shutil.rmtree(self.directory, ignore_errors=True)
        return []


def nginx(group, upstream, _):
    text = NGINX.format(dir="{dir}", address="{address}", upstream=upstream, times=NGINX_SHORT if group.short else "")
    return Peer(["/usr/sbin/nginx", "-p", "{dir}", "-e", "{dir}/error.log", "-c", "{path}"], text, "nginx.conf")


def haproxy(group, upstream, _):
    times = dict.fromkeys(("client", "server", "request", "keep"), "600ms") if group.short else {"client": "30s", "server": "30s", "request": "10s", "keep": "60s"}
    return Peer(["/usr/sbin/haproxy", "-db", "-f", "{path}"], HAPROXY.format(address="{address}", upstream=upstream, **times), "haproxy.cfg")


START = {"rhumb": Rhumb, "nginx": nginx, "haproxy": haproxy}
