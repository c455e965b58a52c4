# SPDX-License-Identifier: Apache-2.0
"""The proxies under load, each with one worker on one core, doing the same thing: rhumb, nginx, haproxy; and the origin behind them.

Two configurations: `plain` passes every request to one origin; `geo` looks the client up in a database, maps it to one of three regions and
honours a cookie that names the region (Rhumb's is a sealed token, theirs the region's name). All are tuned for what they are asked: room for
10,000 connections, bodies streamed and not spooled, and spliced where the proxy knows how to.
"""
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time

from measure import compiled

ORIGIN_BODY = "hello, this is a small answer of the origin\n"
PROXY_CORE, LOAD_CORE = "1", "0"
REGIONS = {"eu": (50.1, 8.7), "us": (38.9, -77.4), "ap": (1.35, 103.8)}
NGINX_EVENTS = "worker_connections 16384;"
BODIES = {"1m.bin": 1 << 20, "100m.bin": 100 << 20}
NETWORKS = "network,country,latitude,longitude\n127.0.0.0/16,DE,52.5,13.4\n127.1.0.0/16,US,42.4,-71.1\n127.2.0.0/16,SG,1.35,103.8\n"


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def wait_port(port, process, seconds=10):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            if process.poll() is not None:
                break
            time.sleep(0.02)
    raise RuntimeError(f"nothing listens on port {port} (exit code {process.poll()})")


def children(pid):
    """A process and everything below it."""
    found = [pid]
    for one in found:
        for task in os.listdir(f"/proc/{one}/task"):
            with open(f"/proc/{one}/task/{task}/children", encoding="ascii") as file:
                found += [int(child) for child in file.read().split()]
    return found


class Program:
    """A started process, pinned to a core."""

    def __init__(self, command, core, environment=None, stderr=None, pinned=True):
        pin = ["taskset", "-c", core] if pinned and shutil.which("taskset") else []
        self.process = subprocess.Popen(pin + command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=stderr or subprocess.DEVNULL,
                                        env={**os.environ, **(environment or {})}, start_new_session=True)

    @property
    def pids(self):
        return children(self.process.pid)

    def stop(self, how=signal.SIGTERM):
        if self.process.poll() is None:
            self.process.send_signal(how)
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()


def started(program, port):
    """The program, once it listens; stopped when it does not."""
    try:
        wait_port(port, program.process)
    except BaseException:
        program.stop()
        raise
    return program


class Bench:
    """The directory, the origin and the database all proxies share."""

    def __init__(self, directory, binary, origin="nginx"):
        self.directory, self.binary = os.path.abspath(directory), os.path.abspath(binary)
        os.makedirs(self.directory, exist_ok=True)
        self.origin_port = free_port()
        self.database = os.path.join(self.directory, "networks.mmdb")
        self.write("networks.csv", NETWORKS)
        subprocess.run([self.binary, "geo", "build", os.path.join(self.directory, "networks.csv"), "--out", self.database], check=True, stdout=subprocess.DEVNULL)
        self.origin = getattr(self, f"start_{origin}_origin")()

    def write(self, name, text):
        path = os.path.join(self.directory, name)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        return path

    def start_nginx_origin(self):
        body = ORIGIN_BODY.replace("\n", "\\n")
        for name, size in BODIES.items():
            with open(os.path.join(self.directory, name), "wb") as file:
                file.truncate(size)
        path = self.write("origin.conf", self.nginx_frame("origin", "worker_connections 4096;", f"""
  keepalive_requests 1000000000;
  client_max_body_size 0;
  sendfile on;
  root {self.directory};
  upstream self {{ server 127.0.0.1:{self.origin_port}; keepalive 64; keepalive_requests 1000000000; }}
  server {{
    listen 127.0.0.1:{self.origin_port} backlog=4096;
    location / {{ return 200 "{body}"; }}
    location ~ [.]bin$ {{ }}
    # The whole body is read before the answer: "return" alone would answer first.
    location = /upload {{
      client_body_buffer_size 2m; proxy_pass_request_body off; proxy_set_header Content-Length ""; proxy_set_header Connection "";
      proxy_http_version 1.1; proxy_pass http://self/;
    }}
  }}"""))
        return started(Program(["nginx", "-p", self.directory, "-c", path], LOAD_CORE), self.origin_port)

    def start_python_origin(self):
        origin = os.path.join(os.path.dirname(os.path.abspath(__file__)), "origin.py")
        return started(Program([sys.executable, origin, str(self.origin_port)], LOAD_CORE, pinned=False), self.origin_port)

    def nginx_frame(self, name, events, http, modules=""):
        place = f"{self.directory}/{name}"
        temporary = "".join(f"  {kind}_temp_path {place}-{kind};\n" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
        return f"{modules}worker_processes 1;\nworker_rlimit_nofile 20000;\ndaemon off;\nenv MALLOC_COUNT_FILE;\npid {place}.pid;\nerror_log {place}.log;\nevents {{ {events} }}\nhttp {{\n  access_log off;\n{temporary}{http}\n}}\n"

    # ------------------------------------------------------------------------------------------ the three
    def start(self, name, task, **options):
        port = free_port()
        command = getattr(self, f"_{name}")(task, port)
        program = Program(command, PROXY_CORE, **options)
        return started(program, port), port

    def _rhumb(self, task, port):
        regions = REGIONS if task == "geo" else {"eu": REGIONS["eu"]}
        lines = [f"  - {{name: {name}, location: {{latitude: {lat}, longitude: {lon}}}, endpoints: [\"127.0.0.1:{self.origin_port}\"], "
                 f"health: {{enabled: false}}, keep_alive: {{idle: 256, max_requests: 1000000000}}}}" for name, (lat, lon) in regions.items()]
        route = "strategy: geographic, affinity: {key: cookie}" if task == "geo" else "strategy: priority"
        geo = f"geo: {{databases: [\"{self.database}\"]}}\nsessions: {{cookie: region, keys: [{{id: 1, secret: \"0123456789abcdef0123456789abcdef\"}}]}}\n"
        path = self.write(f"rhumb-{task}.yaml", f"""version: 1
gateway: {{workers: 1}}
access_log: {{path: "{self.access_log}"}}
{self.recorder}{geo if task == 'geo' else ''}listeners:
  - {{name: web, address: "127.0.0.1:{port}", max_requests: 1000000000, max_connections: 12000, limits: {{connections_per_ip: 0}}}}
regions:
{chr(10).join(lines)}
routes:
  - {{name: default, match: {{}}, {route}}}
""")
        return [self.binary, "run", "--config", path]

    access_log, recorder = "off", ""

    def _rhumb_recorder(self, task, port):
        """The same with every decision recorded."""
        self.recorder = f'recorder: {{directory: "{self.directory}/recorder", size: 512MiB}}\n'
        try:
            return self._rhumb(task, port)
        finally:
            self.recorder = ""

    def _rhumb_log(self, task, port):
        """The same with its access log in a file."""
        off, self.access_log = self.access_log, os.path.join(self.directory, "access.log")
        try:
            return self._rhumb(task, port)
        finally:
            self.access_log = off

    def _relay(self, task, port):
        """What passing bytes on costs without any HTTP: the floor."""
        return [compiled(self.directory, "relay", "relay.c"), str(port), str(self.origin_port)]

    def _nginx(self, task, port):
        shared = f"""
  keepalive_requests 1000000000;
  client_max_body_size 0;
  proxy_request_buffering off;
  proxy_buffer_size 16k;
  proxy_buffers 8 128k;
  proxy_busy_buffers_size 256k;
  proxy_max_temp_file_size 0;
  proxy_http_version 1.1;
  proxy_set_header Connection "";
  proxy_set_header Host $http_host;
  proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;"""
        pools = "".join(f"\n  upstream {name} {{ server 127.0.0.1:{self.origin_port}; keepalive 256; keepalive_requests 1000000000; }}" for name in REGIONS)
        if task == "plain":
            http = f"{shared}{pools}\n  server {{ listen 127.0.0.1:{port} backlog=4096; location / {{ proxy_pass http://eu; }} }}"
            return ["nginx", "-p", self.directory, "-c", self.write("nginx-plain.conf", self.nginx_frame("nginx-plain", NGINX_EVENTS, http))]
        http = f"""{shared}{pools}
  proxy_set_header X-Region $region;
  geoip2 {self.database} {{ $country default=XX source=$remote_addr country iso_code; }}
  map $country $geo_region {{ default us; DE eu; SG ap; }}
  map $cookie_region $region {{ default $geo_region; eu eu; us us; ap ap; }}
  map $cookie_region $new_cookie {{ default ""; "" "region=$geo_region; Path=/"; }}
  server {{
    listen 127.0.0.1:{port} backlog=4096;
    location / {{ proxy_pass http://$region; add_header Set-Cookie $new_cookie; }}
  }}"""
        modules = "load_module /usr/lib/nginx/modules/ngx_http_geoip2_module.so;\n"
        return ["nginx", "-p", self.directory, "-c", self.write("nginx-geo.conf", self.nginx_frame("nginx-geo", NGINX_EVENTS, http, modules))]

    def _haproxy(self, task, port):
        frame = """global
  maxconn 10200
  maxpipes 500
  no strict-limits
  nbthread 1
  tune.pipesize 1048576
defaults
  mode http
  timeout client 60s
  timeout server 60s
  timeout connect 1s
  option http-keep-alive
  option forwardfor
  option splice-request
  option splice-response
  http-reuse always
"""
        pools = "".join(f"backend {name}\n  server origin 127.0.0.1:{self.origin_port}\n" for name in REGIONS)
        if task == "plain":
            rules = "  default_backend eu\n"
        else:
            networks = self.write("networks.map", "127.0.0.0/16 eu\n127.1.0.0/16 us\n127.2.0.0/16 ap\n")
            rules = f"""  http-request set-var(txn.region) req.cook(region)
  http-request set-var(txn.new) src,map_ip({networks},us) unless {{ var(txn.region) -m str eu us ap }}
  http-request set-var(txn.region) var(txn.new) if {{ var(txn.new) -m found }}
  http-request set-header X-Region %[var(txn.region)]
  http-response set-header Set-Cookie "region=%[var(txn.new)]; Path=/" if {{ var(txn.new) -m found }}
  use_backend %[var(txn.region)]
"""
        path = self.write(f"haproxy-{task}.cfg", f"{frame}frontend web\n  bind 127.0.0.1:{port} backlog 4096\n{rules}{pools}")
        return ["haproxy", "-q", "-db", "-f", path]

    def close(self):
        self.origin.stop()


def first_cookie(port):
    """What a client would send from its second request on: the cookie the proxy sets, or None."""
    with socket.create_connection(("127.0.0.1", port), 5) as sock:
        sock.sendall(b"GET / HTTP/1.1\r\nHost: bench\r\nConnection: close\r\n\r\n")
        answer = b""
        while data := sock.recv(65536):
            answer += data
    head = answer.partition(b"\r\n\r\n")[0].decode("latin-1")
    if not head.startswith("HTTP/1.1 200"):
        raise RuntimeError(f"the proxy answered {head.splitlines()[0] if head else 'nothing'}")
    found = re.search(r"(?im)^set-cookie: *([^;\r\n]+)", head)
    return found[1] if found else None
