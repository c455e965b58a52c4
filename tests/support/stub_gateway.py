#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A stand-in for the binary, so that the scenario runner can be tested: it passes connections on to the first region, byte by byte.

The configuration's `x-stub` makes it misbehave: exit_code, say (a line for stderr), print (a line for stdout), leave_child,
ignore_term, refuse (exit 78 at once), answer (raw text for whatever is not a canary of the conformance cases, instead of passing it
on), canary (raw text for those).
"""
import os
import select
import signal
import socket
import subprocess
import sys
import threading
import tty

import yaml


def pump(one, other):
    ends = {one: other, other: one}
    while ends:
        for sock in select.select(list(ends), [], [])[0]:
            try:
                data = sock.recv(65536)
                if data:
                    ends[sock].sendall(data)
                    continue
                ends.pop(sock).shutdown(socket.SHUT_WR)
            except OSError:
                ends = {}
                break
    one.close()
    other.close()


def answered(client, stub):
    """A canned answer for what comes first, if there is one for it."""
    if not {"answer", "canary"} & set(stub):
        return False
    canary = client.recv(11, socket.MSG_PEEK).startswith(b"GET /canary")
    text = stub.get("canary" if canary else "answer")
    if text is None:
        return False
    client.sendall(text.encode("latin-1"))
    client.shutdown(socket.SHUT_WR)
    while client.recv(65536):
        pass
    client.close()
    return True


def serve(listener, target, stub):
    host, _, port = target.rpartition(":")
    while True:
        client, _ = listener.accept()
        threading.Thread(target=serve_one, args=(client, host, port, stub), daemon=True).start()


def serve_one(client, host, port, stub):
    try:
        if answered(client, stub):
            return
        upstream = socket.create_connection((host, int(port)))
    except ConnectionRefusedError:
        client.sendall(b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        client.close()
        return
    except OSError:  # the client left meanwhile
        client.close()
        return
    pump(client, upstream)


def watch(spoil):
    """A command that goes on until it is interrupted, and may leave its terminal raw."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    if spoil:
        tty.setraw(0)
    print("stub: watching", "a terminal" if sys.stdout.isatty() else "no terminal", flush=True)
    signal.pause()


def main():
    if sys.argv[1:2] == ["watch"]:
        return watch("--spoil" in sys.argv)
    if sys.argv[1:2] != ["run"]:
        print("stub:", *sys.argv[1:], *(sys.stdin.read().split() if sys.argv[1:2] == ["read"] else []))
        return 0
    with open(sys.argv[3], encoding="utf-8") as file:
        config = yaml.safe_load(file)
    stub = config.get("x-stub", {})
    if stub.get("refuse"):
        print("rhumb.yaml:1:1: error: no", file=sys.stderr)
        return 78
    wanted = {signal.SIGTERM, signal.SIGHUP}
    signal.pthread_sigmask(signal.SIG_BLOCK, wanted)
    if stub.get("leave_child"):
        subprocess.Popen(["sleep", "60"])
    listener = socket.create_server(("127.0.0.1", 0), backlog=128)
    threading.Thread(target=serve, args=(listener, config["regions"][0]["endpoints"][0], stub), daemon=True).start()
    for stream, key in ((sys.stderr, "say"), (sys.stdout, "print")):
        if key in stub:
            print(stub[key], file=stream, flush=True)
    print("ready: web=127.0.0.1:%d workers=1" % listener.getsockname()[1], file=sys.stderr, flush=True)
    while signal.sigwait(wanted) != signal.SIGTERM or stub.get("ignore_term"):
        print("reload: applied", file=sys.stderr, flush=True)
    print("stopped: cut 0 requests and 0 tunnels", file=sys.stderr, flush=True)
    os._exit(stub.get("exit_code", 0))


if __name__ == "__main__":
    sys.exit(main())
