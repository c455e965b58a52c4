#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A minimal origin for counting, where nginx is not at hand: one thread, answers every request head with the same bytes."""
import selectors
import socket
import sys

BODY = b"hello, this is a small answer of the origin\n"
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: %d\r\n\r\n%b" % (len(BODY), BODY)


def main():
    selector = selectors.DefaultSelector()
    listener = socket.create_server(("127.0.0.1", int(sys.argv[1])), backlog=256, reuse_port=True)
    selector.register(listener, selectors.EVENT_READ)
    pending = {}
    while True:
        for key, _ in selector.select():
            if key.fileobj is listener:
                sock, _ = listener.accept()
                sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                selector.register(sock, selectors.EVENT_READ)
                pending[sock] = b""
                continue
            serve(selector, key.fileobj, pending)


def serve(selector, sock, pending):
    try:
        data = sock.recv(65536)
    except ConnectionError:
        data = b""
    if not data:
        selector.unregister(sock)
        pending.pop(sock)
        sock.close()
        return
    pending[sock] += data
    heads = pending[sock].count(b"\r\n\r\n")
    if heads:
        pending[sock] = pending[sock].rpartition(b"\r\n\r\n")[2]
        sock.sendall(ANSWER * heads)


if __name__ == "__main__":
    main()
