# SPDX-License-Identifier: Apache-2.0
"""What a scripted upstream can do with a request. A behaviour is a word, one action, or a list of actions:

  echo                       200 with what was received, as JSON       ok            200 "ok"
  silent                     never answers; waits for the peer to end  close, reset, half_close
  read: all|none|{bytes: n}|{rate: 1MiB}     how much of the request body to take, and how fast (all, unless said)
  respond: {status, reason, version, headers, body, size, length, chunk, trailers, framing, pieces, cut, then}
  interim: 103               or {status, headers}
  send: "raw bytes"          delay: 100ms       hold: gate       wait_end (until the peer ends)
  tunnel, tunnel_bytes: n    every byte, or so many bytes of the body, come back as they come in
  websocket: {accept: good|bad|none, status}    a handshake, then every byte comes back
"""
import base64
import hashlib
import json
import time

from wire import Ended, chunked, encode_fields, pattern, quantity, raw_bytes, send_all

REASONS = {100: "Continue", 101: "Switching Protocols", 103: "Early Hints", 200: "OK", 204: "No Content", 206: "Partial Content",
           301: "Moved Permanently", 304: "Not Modified", 404: "Not Found", 413: "Content Too Large", 500: "Internal Server Error",
           503: "Service Unavailable"}
WEBSOCKET_GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"


def normalise(behaviour, request=False):
    """-> list of (name, argument); a request's body is read first unless the behaviour says how."""
    actions = []
    for one in behaviour if isinstance(behaviour, list) else [behaviour]:
        if isinstance(one, str):
            actions.append((one, None))
        else:
            actions.extend(one.items())
    for name, _ in actions:
        if name not in ACTIONS:
            raise ValueError(f"unknown action {name!r}")
    if request and not any(name == "read" for name, _ in actions):
        actions.insert(0, ("read", "all"))
    return actions


def run(action, connection, request):
    name, argument = action
    ACTIONS[name](connection, request, argument)


def _put(connection, data):
    send_all(connection.sock, data, connection.deadline())


def _read(connection, request, how):
    if how == "none":
        return
    if how == "all":
        connection.read_request_body(request)
    elif "bytes" in how:
        left = quantity(how["bytes"])
        while left:
            data = connection.reader.some(left, connection.deadline())
            request.body.add(data)
            left -= len(data)
        connection.upstream.changed()
    else:
        rate, start, seen = quantity(how["rate"]), time.monotonic(), [0]

        def pace(size):
            seen[0] += size
            time.sleep(max(0.0, start + seen[0] / rate - time.monotonic()))

        connection.read_request_body(request, pace)


def _respond(connection, request, options):
    options = options or {}
    head = _response_head(options, request)
    if "size" in options and request.method != "HEAD":
        return _stream(connection, head, options)
    body = raw_bytes(options.get("body", ""))
    if request.method == "HEAD" and not options.get("body_anyway"):
        body = b""
    elif _framing(options) == "chunked":
        body = chunked(body, options.get("chunk")) + b"0\r\n" + encode_fields(options.get("trailers")) + b"\r\n"
    _write(connection, head + body, options)
    _end(connection, options)


def _framing(options):
    return options.get("framing") or ("chunked" if "chunk" in options or "trailers" in options else "length")


def _response_head(options, request):
    status = options.get("status", 200)
    framing = _framing(options)
    lines = f"{options.get('version', 'HTTP/1.1')} {status} {options.get('reason', REASONS.get(status, 'Status'))}\r\n".encode("latin-1")
    lines += encode_fields(options.get("headers"))
    if framing == "length" and status not in (204, 304):
        size = options.get("length", quantity(options.get("size", len(raw_bytes(options.get("body", ""))))))
        lines += b"Content-Length: %d\r\n" % size
    elif framing == "chunked":
        lines += b"Transfer-Encoding: chunked\r\n"
    return lines + b"\r\n"


def _write(connection, data, options):
    if "cut" in options:
        data = data[:quantity(options["cut"])]
    step = options.get("pieces")
    for at in range(0, len(data), step or max(1, len(data))):
        _put(connection, data[at:at + step] if step else data)
        if step:
            time.sleep(0.002)  # so that the pieces travel apart


def _end(connection, options):
    then = options.get("then") or ("close" if _framing(options) == "close" or "cut" in options else "keep")
    if then != "keep":
        connection.finish(then)


def _stream(connection, head, options):
    """A body of `size` bytes of pattern; `cut` ends it after so many bytes of body."""
    size, framing = quantity(options["size"]), _framing(options)
    stop = min(size, quantity(options.get("cut", size)))
    _put(connection, head)
    step = quantity(options.get("chunk", 1 << 18))
    for at in range(0, stop, step):
        piece = pattern(at, min(step, stop - at))
        _put(connection, chunked(piece) if framing == "chunked" else piece)
    if framing == "chunked" and stop == size:
        _put(connection, b"0\r\n" + encode_fields(options.get("trailers")) + b"\r\n")
    _end(connection, options)


def _echo(connection, request, _):
    text = json.dumps({"upstream": connection.upstream.name, **request.as_dict()}) + "\n"
    headers = {"Content-Type": "application/json", "X-Upstream": connection.upstream.name}
    _respond(connection, request, {"headers": headers, "body": text})


def _ok(connection, request, _):
    _respond(connection, request, {"headers": {"X-Upstream": connection.upstream.name}, "body": "ok"})


def _wait_end(connection, request, _):
    try:
        while True:
            connection.stray += connection.reader.some(65536, connection.deadline())
    except Ended as error:
        connection.ended = error.how
        connection.upstream.changed()


def _interim(connection, request, options):
    options = options if isinstance(options, dict) else {"status": options}
    status = options["status"]
    _put(connection, f"HTTP/1.1 {status} {REASONS.get(status, 'Interim')}\r\n".encode() + encode_fields(options.get("headers")) + b"\r\n")


def _websocket(connection, request, options):
    options = options or {}
    key = (request.head.get("sec-websocket-key") or "").encode()
    answer = base64.b64encode(hashlib.sha1(key + WEBSOCKET_GUID).digest()).decode()
    accept = {"good": answer, "bad": "AAAAAAAAAAAAAAAAAAAAAAAAAAA=", "none": None}[options.get("accept", "good")]
    fields = {"Upgrade": options.get("upgrade", "websocket"), "Connection": "Upgrade"}
    if accept:
        fields["Sec-WebSocket-Accept"] = accept
    fields.update(options.get("headers", {}))
    _put(connection, b"HTTP/1.1 101 Switching Protocols\r\n" + encode_fields(fields) + b"\r\n" + raw_bytes(options.get("early", "")))
    _tunnel(connection, request, None)


def _tunnel_bytes(connection, request, size):
    """So many bytes of the request's body come back while they come in."""
    left = quantity(size)
    while left:
        data = connection.reader.some(left, connection.deadline())
        request.body.add(data)
        _put(connection, data)
        left -= len(data)


def _tunnel(connection, request, _):
    """Every byte comes back, until the peer ends; then our end follows."""
    try:
        while True:
            data = connection.reader.some(65536, connection.deadline())
            request.body.add(data)
            _put(connection, data)
    except Ended as error:
        if error.how == "eof":
            connection.finish("close")
        connection.ended = error.how
        connection.upstream.changed()


ACTIONS = {
    "echo": _echo, "ok": _ok, "read": _read, "respond": _respond, "interim": _interim, "websocket": _websocket, "tunnel": _tunnel,
    "tunnel_bytes": _tunnel_bytes,
    "silent": _wait_end, "wait_end": _wait_end,
    "send": lambda connection, request, text: _put(connection, raw_bytes(text)),
    "delay": lambda connection, request, time_: time.sleep(quantity(time_)),
    "hold": lambda connection, request, gate: connection.upstream.gates.hold(gate),
    "close": lambda connection, request, _: connection.finish("close"),
    "reset": lambda connection, request, _: connection.finish("reset"),
    "half_close": lambda connection, request, _: connection.finish("half_close"),
}
