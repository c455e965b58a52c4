#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A shared cache in front of the gateway gives no client what is another's: its cookie, its country.

Two caches: one that stores, updates and gives out all that RFC 9111 allows, and nginx where there is one, told to store answers with a
cookie too, as operators do. Clients come through them one after the other, keep the cookie they are given, and have addresses of their own.
"""
import http.server
import json
import os
import re
import threading
import unittest

import tool
from gateway import Gateway
from raw_client import Client

NGINX = "/usr/sbin/nginx"
NGINX_FILE = """worker_processes 1;
daemon off;
master_process off;
pid {dir}/nginx.pid;
error_log {dir}/error.log;
events {{ worker_connections 64; }}
http {{
  access_log off;
  client_body_temp_path {dir}/body; proxy_temp_path {dir}/proxy; fastcgi_temp_path {dir}/f; uwsgi_temp_path {dir}/u; scgi_temp_path {dir}/s;
  proxy_cache_path {dir}/cache keys_zone=all:1m;
  server {{
    listen {address};
    location / {{
      proxy_pass http://{upstream};
      proxy_set_header X-Forwarded-For $http_x_forwarded_for;
      proxy_set_header Host example.test;
      proxy_cache all;
      proxy_cache_key $uri;
      proxy_cache_valid 200 301 404 10m;
      proxy_ignore_headers Set-Cookie;
      add_header X-Cache $upstream_cache_status always;
    }}
  }}
}}
"""
# What the region answers: path -> (status, fields).
ANSWERS = {
    "/public": (200, {"Cache-Control": "public, max-age=60"}),
    "/max-age": (200, {"Cache-Control": "max-age=60"}),
    "/s-maxage": (200, {"Cache-Control": "s-maxage=60"}),
    "/immutable": (200, {"Cache-Control": "max-age=31536000, immutable"}),
    "/no-cache": (200, {"Cache-Control": "no-cache"}),
    "/expires": (200, {"Expires": "Thu, 01 Dec 2033 16:00:00 GMT"}),
    "/plain": (200, {}),
    "/vary": (200, {"Cache-Control": "max-age=60", "Vary": "Cookie"}),
    "/301": (301, {"Location": "/x"}),
    "/404": (404, {}),
    "/fields": (200, {"Cache-Control": "private=\"x-a\", max-age=60"}),
    "/malformed": (200, {"Cache-Control": "max-age=60, x=\"private"}),
    "/cdn": (200, {"Cache-Control": "private", "CDN-Cache-Control": "max-age=60"}),
    "/accel": (200, {"Cache-Control": "no-cache", "X-Accel-Expires": "60"}),
    "/private": (200, {"Cache-Control": "private, max-age=60"}),
    "/no-store": (200, {"Cache-Control": "no-store"}),
}
STORED_WITHOUT_A_WORD = (200, 203, 204, 206, 300, 301, 308, 404, 405, 410, 414, 501)
COUNTRIES = {"198.51.100.1": "DE", "203.0.113.1": "US", "192.0.2.1": "FR"}
WORLD = "network,country,latitude,longitude\n198.51.100.0/24,DE,52,13\n203.0.113.0/24,US,40,-74\n192.0.2.0/24,FR,48,2\n"


class Region(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        status, fields = ANSWERS[self.path.removeprefix("/geo")]
        body = b"" if self.command == "HEAD" else b"hello"
        if self.headers.get("If-None-Match") == '"v1"' and status == 200:
            status, body = 304, b""
        self.send_response(status)
        for name, value in {**fields, "ETag": '"v1"'}.items():
            self.send_header(name, value)
        if status != 304:
            self.send_header("Content-Length", "5")
        self.end_headers()
        self.wfile.write(body)

    do_HEAD = do_GET

    def log_message(self, *_):
        pass


class Answer:
    def __init__(self, response):
        self.status, self.fields = response.status, {}
        for name, value in response.head.fields:
            self.fields.setdefault(name.lower(), []).append(value)

    def one(self, name):
        return ", ".join(self.fields.get(name, [])) or None


def ask(address, method, path, client, fields=()):
    lines = [f"{method} {path} HTTP/1.1", "Host: example.test", f"X-Forwarded-For: {client}", "Connection: close", *fields]
    wire = Client(address)
    try:
        wire.send("\r\n".join([*lines, "", ""]).encode())
        return Answer(wire.read_response(10.0, method))
    finally:
        wire.close()


def directives(text):
    """{name: argument or True}; what is behind something that cannot be read is not there."""
    found, at, one = {}, 0, re.compile(r'[\s,]*([!#$%&\'*+.^_`|~0-9A-Za-z-]+)(?:=("(?:[^"\\]|\\.)*"|[!#$%&\'*+.^_`|~0-9A-Za-z-]+))?[ \t]*(?=,|$)')
    while match := one.match(text, at):
        found.setdefault(match[1].lower(), match[2] or True)
        at = match.end()
    return found


class SharedCache:
    """All that RFC 9111 allows, and a CDN's field (RFC 9213). Everything stored is fresh until expire()."""

    def __init__(self, upstream):
        self.upstream, self.stored, self.fresh, self.hits = upstream, {}, set(), 0

    def expire(self):
        self.fresh.clear()

    def ask(self, method, path, client, fields):
        kept = self.stored.get(path)
        if method == "GET" and kept and path in self.fresh and "no-cache" not in directives(kept.one("cache-control") or ""):
            self.hits += 1
            return kept
        answer = ask(self.upstream, method, path, client, [*fields, *(['If-None-Match: "v1"'] if kept and method == "GET" else [])])
        if kept and (answer.status == 304 or (method == "HEAD" and answer.status == 200)):  # 3.2, 4.3.4, 4.3.5
            kept.fields.update(answer.fields)
            self.fresh.add(path)
            self.hits += 1
            return kept if method == "GET" else answer
        if method == "GET" and self.may_store(answer):
            self.stored[path] = answer
            self.fresh.add(path)
        return answer

    @staticmethod
    def may_store(answer):
        said = directives(answer.one("cdn-cache-control") or answer.one("cache-control") or "")
        if "no-store" in said or said.get("private") is True:
            return False
        return bool(said.keys() & {"public", "max-age", "s-maxage"}) or bool(answer.one("expires")) or answer.status in STORED_WITHOUT_A_WORD


class Nginx:
    def __init__(self, test, upstream):
        from proxies import Peer  # pylint: disable=import-outside-toplevel
        text = NGINX_FILE.format(dir="{dir}", address="{address}", upstream=upstream)
        peer = Peer([NGINX, "-p", "{dir}", "-e", "{dir}/error.log", "-c", "{path}"], text, "nginx.conf")
        test.addCleanup(peer.stop)
        self.address, self.hits = peer.address, 0

    def expire(self):
        pass

    def ask(self, method, path, client, fields):
        answer = ask(self.address, method, path, client, fields)
        self.hits += answer.one("x-cache") == "HIT"
        return answer


class Shared(tool.Folder):
    def setUp(self):
        super().setUp()
        self.region = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Region)
        self.addCleanup(self.region.server_close)
        self.addCleanup(self.region.shutdown)
        threading.Thread(target=self.region.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        self.write("world.csv", WORLD)
        tool.rhumb("geo", "build", self.folder / "world.csv", "--out", self.folder / "world.mmdb")

    def gateway(self, cacheable):
        self.write("rhumb.yaml", json.dumps({
            "version": 1, "gateway": {"workers": 1}, "access_log": {"path": "off"},
            "listeners": [{"name": "web", "address": "127.0.0.1:0"}],
            "geo": {"overlays": [f"{self.folder}/world.mmdb"], "trusted_proxies": ["127.0.0.0/8"]},
            "regions": [{"name": "a", "endpoints": ["127.0.0.1:%d" % self.region.server_address[1]], "health": {"enabled": False}}],
            "sessions": {"cacheable": cacheable, "keys": [{"id": 1, "secret": "0123456789abcdef0123456789abcdef"}]},
            "routes": [{"name": "geo", "match": {"path_prefix": "/geo"}, "strategy": "weighted", "affinity": {"key": "cookie"}, "geo_headers": True},
                       {"name": "sticky", "strategy": "weighted", "affinity": {"key": "cookie"}}]}))
        gateway = Gateway(tool.binary, str(self.folder / "rhumb.yaml"), str(self.folder))
        self.addCleanup(gateway.finish)
        gateway.wait_ready(20)
        return gateway.addresses["web"]

    def play(self, cache, path):
        """What clients are given, in the order they came: [(client, cookie, country)]. The first comes back with its cookie, so that
        what it is given then may be stored; the others are new, and the third asks for what has to be validated."""
        first, second, third = COUNTRIES
        given, cookies = [], {}
        for method, client in (("GET", first), ("GET", first), ("GET", second), ("HEAD", second), (None, None), ("GET", third), ("GET", second)):
            if method is None:
                cache.expire()
                continue
            answer = cache.ask(method, path, client, [f"Cookie: {cookies[client]}"] if client in cookies else [])
            self.assertIn(answer.status, (200, 301, 404), path)
            given.append((client, answer.one("set-cookie"), answer.one("x-geo-country")))
            if given[-1][1]:
                cookies[client] = given[-1][1].partition(";")[0]
        return given

    def check(self, cache, cacheable):
        cookies = countries = 0
        for path in (prefix + one for prefix in ("", "/geo") for one in ANSWERS):
            owner = {}
            for client, cookie, country in self.play(cache, path):
                self.assertIn(country, (None, COUNTRIES[client]), f"{path}, {cacheable}: {client} is told of another one's")
                if cookie:
                    self.assertEqual(owner.setdefault(cookie, client), client, f"{path}, {cacheable}: {client} is given another one's cookie")
                cookies += cookie is not None
                countries += country is not None
        self.assertTrue(cookies and countries, "nobody is given a cookie or told a country: this shows nothing")
        self.assertGreater(cache.hits, 0, "the cache gave nothing out: this shows nothing")

    def test_no_client_is_given_by_a_shared_cache_what_is_anothers(self):
        for cacheable in ("private", "skip"):
            with self.subTest(cacheable=cacheable):
                self.check(SharedCache(self.gateway(cacheable)), cacheable)

    def test_no_client_is_given_by_nginx_what_is_anothers(self):
        if not os.access(NGINX, os.X_OK):
            print(f"skipped: there is no {NGINX}; the other cache has shown the same")
            return
        for cacheable in ("private", "skip"):
            with self.subTest(cacheable=cacheable):
                self.check(Nginx(self, self.gateway(cacheable)), cacheable)


if __name__ == "__main__":
    tool.sys.path.append(str(tool.ROOT / "tests" / "conformance"))
    tool.main()
