#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Clients from all over the world behind one trusted proxy: clients.py PORT SEED, until standard input ends; then prints how many were answered.

Pipelined, so that one process asks some 20,000 times a second. A third of them come back with the session they were given.
"""
import random
import re
import select
import socket
import sys

DEPTH = 32
COOKIE = re.compile(rb"\r\nSet-Cookie: (rhumb=[^;\r]+)")
NETWORKS = ("203.0.113", "198.51.100", "192.0.2", "100.64.1", "100.64.2", "100.64.3")


def batch(rng, sessions):
    out = []
    for _ in range(DEPTH):
        client = f"{rng.choice(NETWORKS)}.{rng.randrange(1, 255)}"
        path = f"/app/{rng.randrange(40)}" if rng.random() < 0.7 else f"/static/{rng.randrange(20)}"
        tenant = f"X-Tenant: {rng.choice(('acme', 'initech'))}\r\n" if rng.random() < 0.3 else ""
        cookie = b"Cookie: " + rng.choice(sessions) + b"\r\n" if sessions and rng.random() < 0.33 else b""
        out.append(f"GET {path} HTTP/1.1\r\nHost: shop.test\r\nX-Forwarded-For: {client}\r\n{tenant}".encode() + cookie + b"\r\n")
    return b"".join(out)


def ask(sock, rng, sessions):
    """-> answers; the gateway may end a connection between two of them"""
    sock.sendall(batch(rng, sessions))
    data = b""
    while data.count(b"HTTP/1.1 ") < DEPTH or not data.endswith(b"\n"):
        more = sock.recv(1 << 18)
        if not more:
            break
        data += more
    for session in COOKIE.findall(data):
        if len(sessions) < 500:
            sessions.append(session)
        else:
            sessions[rng.randrange(500)] = session
    return data.count(b"HTTP/1.1 ")


def main():
    rng, sessions, answered = random.Random(sys.argv[2]), [], 0
    while not select.select([sys.stdin], [], [], 0)[0]:
        try:
            with socket.create_connection(("127.0.0.1", int(sys.argv[1])), 10) as sock:
                for _ in range(200):
                    answered += ask(sock, rng, sessions)
                    if select.select([sys.stdin], [], [], 0)[0]:
                        break
        except OSError:
            continue
    print(answered)


if __name__ == "__main__":
    main()
