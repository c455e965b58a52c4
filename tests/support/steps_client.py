# SPDX-License-Identifier: Apache-2.0
"""What a scenario's clients do: connections with names, requests in words or raw bytes, and what must come back.

Every verb is a function (scenario, value, options); OPTIONS says what may stand beside it.
"""
import json
import threading
import time

from gateway import Failure
from matching import differences
from raw_client import Client
from wire import Ended, Malformed, TimedOut, chunked, encode_fields, quantity, raw_bytes

EXPECTATIONS = {"status", "version", "reason", "headers", "absent", "fields", "body", "size", "pattern", "framing", "interim", "interim_headers",
                "trailers", "json", "complete", "ended", "closed", "none", "save", "one_of", "method", "pace", "within"}


def connect(scenario, options):
    address = scenario.gateway.addresses[options.get("listener", "web")].replace("[::]", "127.0.0.1")
    buffer = quantity(options["receive_buffer"]) if "receive_buffer" in options else None
    return Client(address, options.get("from"), buffer)


def client_of(scenario, options):
    """The connection a step is about: a named one, or the one that was opened last."""
    name = options.get("on", "main")
    if name not in scenario.clients:
        scenario.clients[name] = connect(scenario, options)
    return scenario.clients[name]


# ---------------------------------------------------------------------------------------------- connections

def open_(scenario, name, options):
    if name in scenario.clients:
        scenario.clients[name].close()
    try:
        scenario.clients[name] = connect(scenario, options)
    except ConnectionResetError:
        if not options.get("or_refused"):
            raise


def turned_away(scenario, value, options):
    """A connection that the gateway ends at once, without a byte."""
    try:
        client = connect(scenario, options)
    except ConnectionResetError:
        return  # so quickly that connecting saw it
    try:
        client.read_end(scenario.patience(options))
    finally:
        client.close()


def send(scenario, text, options):
    """Raw bytes; a list is lines, each with CRLF, and the empty line behind them."""
    client = client_of(scenario, options)
    data = _raw(text)
    for method in options.get("methods", []):
        client.methods.append(method)
    client.send(data * options.get("times", 1), pieces=options.get("pieces"), pause=quantity(options.get("pause", "1ms")))


def _raw(text):
    if isinstance(text, list):
        return "".join(line + "\r\n" for line in text).encode("latin-1") + b"\r\n"
    return raw_bytes(text)


def send_body(scenario, value, options):
    client = client_of(scenario, options)
    size = quantity(value["size"])
    arguments = (size, value.get("chunk"))
    if value.get("background"):
        client.in_background(client.send_pattern, *arguments, finish=value.get("finish", True))
    else:
        client.send_pattern(*arguments, timeout=max(1, scenario.left()), finish=value.get("finish", True))


def sent(scenario, value, options):
    """Waits for a body sent in the background; `error: true` wants the peer to have refused it."""
    client = client_of(scenario, options)
    client.join(scenario.patience(options, 20))
    if bool(client.send_error) != bool((value or {}).get("error", False)):
        raise Failure(f"sending: {client.send_error or 'no error'}")


def close(scenario, name, options):
    client = scenario.clients.pop(name, None)
    if client is not None:
        client.close()
    elif not options.get("or_refused"):
        raise Failure(f"there is no connection {name}")


def reset(scenario, name, options):
    scenario.clients.pop(name).reset()


def half_close(scenario, name, options):
    scenario.clients[name].half_close()


def read(scenario, value, options):
    """Exactly these raw bytes: {bytes: n} or {text: "..."}; {until: "..."}: all that comes until this text has come, at most 64 KiB."""
    client = client_of(scenario, options)
    if "until" in value:
        wanted, data = raw_bytes(value["until"]), b""
        while wanted not in data:
            data += client.read_bytes(1, scenario.patience(options))
            if len(data) > 65536:
                raise Failure(f"{wanted!r} is not in {data[-500:]!r}")
        return
    wanted = raw_bytes(value["text"]) if "text" in value else None
    data = client.read_bytes(len(wanted) if wanted is not None else quantity(value["bytes"]), scenario.patience(options))
    if wanted is not None and data != wanted:
        raise Failure(f"expected {wanted!r}, got {data!r}")


def quiet(scenario, value, options):
    """The connection stays open and nothing comes, for so long."""
    if not client_of(scenario, options).quiet(quantity(value)):
        raise Failure("bytes came, or the connection ended")


def closed(scenario, name, options):
    """The gateway ends this connection without another byte. `how`: eof, reset or any."""
    how = scenario.clients[name].read_end(scenario.patience(options))
    if options.get("how", "any") not in ("any", how):
        raise Failure(f"ended by {how}")


# ------------------------------------------------------------------------------------------------- requests

def compose(spec):
    """A request in words -> bytes, method."""
    method = spec.get("method", "POST" if "body" in spec else "GET")
    fields = {"Host": spec.get("host", "example.org")}
    if spec.get("host", "") is None:
        fields = {}
    headers = spec.get("headers") or {}
    pairs = list(fields.items()) + (list(headers.items()) if isinstance(headers, dict) else [tuple(pair) for pair in headers])
    body = raw_bytes(spec.get("body", ""))
    if "chunk" in spec:
        pairs.append(("Transfer-Encoding", "chunked"))
        body = chunked(body, spec["chunk"] or None) + b"0\r\n" + encode_fields(spec.get("trailers")) + b"\r\n"
    elif "body" in spec or "length" in spec:
        pairs.append(("Content-Length", spec.get("length", len(body))))
    line = f"{method} {spec.get('path', '/')} HTTP/{spec.get('version', '1.1')}\r\n"
    return line.encode("latin-1") + encode_fields(pairs) + b"\r\n" + body, method


REQUEST_KEYS = {"method", "path", "host", "headers", "body", "chunk", "trailers", "length", "version"}


def request(scenario, spec, options):
    """One request and its answer. Without `on`, on a connection of its own that is closed afterwards."""
    if unknown := set(spec) - REQUEST_KEYS:
        raise Failure(f"unknown in request: {sorted(unknown)}; known: {sorted(REQUEST_KEYS)}")
    data, method = compose(spec)
    _exchange(scenario, data, method, options)


def raw(scenario, text, options):
    _exchange(scenario, _raw(text), options.get("method"), options)


def _exchange(scenario, data, method, options):
    client = client_of(scenario, options) if "on" in options else connect(scenario, options)
    try:
        client.send(data, pieces=options.get("pieces"))
        if options.get("half_closed"):
            client.half_close()
        if "expect" in options:
            check_response(scenario, client, options["expect"], scenario.patience(options), method)
    finally:
        if "on" not in options:
            client.close()


def refused(scenario, cases, options):
    """Each case on a connection of its own; all must meet the same expectation (default: 400, and the connection ends)."""
    expect = options.get("expect", {"status": 400, "closed": True})
    problems = []
    for name, text in cases.items():
        client = connect(scenario, options)
        try:
            client.send(_raw(text), pieces=options.get("pieces"))
            check_response(scenario, client, expect, scenario.patience(options), options.get("method"))
        except (Failure, TimedOut, Malformed, Ended) as error:
            problems.append(f"{name}: {type(error).__name__}: {error}")
        finally:
            client.close()
    if problems:
        raise Failure(f"{len(problems)} of {len(cases)} cases:\n    " + "\n    ".join(problems))


def expect(scenario, wanted, options):
    """The next answer on a connection."""
    check_response(scenario, client_of(scenario, options), wanted, scenario.patience(options), options.get("method"))


# ------------------------------------------------------------------------------------------------- answers

def check_response(scenario, client, wanted, timeout, method=None):
    timeout = float(wanted.get("within", timeout))
    if wanted.get("none"):
        how = client.read_end(timeout)
        return _fail([] if wanted["none"] in (True, how) else [f"ended by {how}"])
    pace = None
    if "pace" in wanted:
        rate, start, seen = quantity(wanted["pace"]), time.monotonic(), [0]

        def pace(size):
            seen[0] += size
            time.sleep(max(0.0, start + seen[0] / rate - time.monotonic()))

    response = client.read_response(timeout, wanted.get("method", method), pace)
    if response.head is None:
        raise Failure(f"no response: {response.ended}; expected {wanted}")
    problems = [f"malformed response: {problem}" for problem in response.problems]
    problems += differences(_wanted_parts(wanted), response_parts(response))
    problems += [f"header {name}: must be absent, is {response.head.get(name)!r}" for name in wanted.get("absent", [])
                 if response.head.get(name) is not None]
    if wanted.get("closed") and not problems:
        client.read_end(timeout)
    if problems:
        problems.append(f"the response was: {response.head.start} {dict(response.head.fields)} {response.body.text[:300]!r} {response.ended or ''}")
    _fail(problems)
    _save(scenario, wanted, response)


def _wanted_parts(wanted):
    parts = {key: wanted[key] for key in ("status", "version", "reason", "body", "size", "pattern", "framing", "trailers", "json", "ended") if key in wanted}
    if "headers" in wanted:
        parts["headers"] = {name.lower(): value for name, value in wanted["headers"].items()}
    parts["interim"] = wanted.get("interim", [])
    if "interim_headers" in wanted:
        parts["interim_headers"] = [{name.lower(): value for name, value in one.items()} for one in wanted["interim_headers"]]
    parts["complete"] = wanted.get("complete", True)
    if "one_of" in wanted:
        parts["status"] = {"one_of": wanted["one_of"]}
    return parts


def response_parts(response):
    parts = {
        "status": response.status, "version": response.version, "reason": response.reason,
        "headers": {name.lower(): response.head.get(name) for name, _ in response.head.fields},
        "body": response.body.text, "size": response.body.size, "pattern": response.body.is_pattern,
        "framing": response.framing[0] if response.framing else None,
        "trailers": {name.lower(): value for name, value in response.body.trailers},
        "interim": [status for status, _ in response.interim],
        "interim_headers": [{name.lower(): value for name, value in head.fields} for _, head in response.interim],
        "complete": response.complete, "ended": response.ended,
    }
    try:
        parts["json"] = _json(response.body.text)
    except ValueError:
        parts["json"] = None
    return parts


def _json(text):
    """JSON; an echo's list of fields also as a mapping with lower-case names."""
    value = json.loads(text)
    if isinstance(value, dict) and isinstance(value.get("headers"), list):
        value["fields"] = value["headers"]
        value["headers"] = by_name(value["headers"])
    return value


def by_name(fields):
    """[[name, value], ...] -> {lower-case name: values joined as in RFC 9110 5.3}."""
    out = {}
    for name, value in fields:
        out[name.lower()] = f"{out[name.lower()]}, {value}" if name.lower() in out else value
    return out


def _save(scenario, wanted, response):
    """save: {name: header} keeps a header's value; of Set-Cookie only the name=value part."""
    for name, header in wanted.get("save", {}).items():
        value = response.head.get(header)
        if value is None:
            raise Failure(f"no header {header} to save")
        scenario.variables[name] = value.partition(";")[0] if header.lower() == "set-cookie" else value


def _fail(problems):
    if problems:
        raise Failure("\n    ".join(problems))


# --------------------------------------------------------------------------------------------- many at once

class Traffic:
    """Clients that send one request after the other in the background, with a pause of `every` between them; a request that fails is a problem, and
    with `kept` the end of a connection as well."""

    def __init__(self, scenario, spec):
        self.stopping = threading.Event()
        self.done, self.problems = 0, []
        self.counts = {}
        self._lock = threading.Lock()
        self._spec = spec
        self._threads = [threading.Thread(target=self._run, args=(scenario,), daemon=True) for _ in range(spec.get("connections", 2))]
        for thread in self._threads:
            thread.start()

    def _run(self, scenario):
        data, method = compose(self._spec.get("request", {}))
        client = None
        try:
            while not self.stopping.is_set() and len(self.problems) < 5:
                client = client or connect(scenario, self._spec)
                client.send(data)
                response = client.read_response(5.0, method)
                self._count(response)
                self.stopping.wait(quantity(self._spec.get("every", 0)))
                if response.ended or (response.head.get("connection") or "").lower() == "close":
                    if self._spec.get("kept"):
                        self.problems.append("the connection was ended")
                    client.close()
                    client = None
        except (Ended, TimedOut, Malformed, OSError) as error:
            if not self.stopping.is_set():
                self.problems.append(f"{type(error).__name__}: {error}")
        finally:
            if client:
                client.close()

    def _count(self, response):
        wanted = self._spec.get("status", [200])
        with self._lock:
            self.done += 1
            key = response.head.get("x-upstream") if response.head else None
            self.counts[key] = self.counts.get(key, 0) + 1
            if response.status not in (wanted if isinstance(wanted, list) else [wanted]) or not response.complete:
                self.problems.append(f"status {response.status}, ended {response.ended}, {response.body.text[:120]!r}")

    def stop(self):
        self.stopping.set()
        for thread in self._threads:
            thread.join(10)


def traffic(scenario, name, options):
    scenario.traffic[name] = Traffic(scenario, options)


def stop_traffic(scenario, name, options):
    one = scenario.traffic.pop(name)
    if not scenario.gateway.wait(lambda: one.done >= options.get("at_least", 1) or one.problems, scenario.patience(options, 15)):
        raise Failure(f"only {one.done} requests went through")
    one.stop()
    if one.problems:
        raise Failure(f"{one.done} requests, problems: {one.problems[:5]}")


def distribution(scenario, spec, options):
    """Sends `requests` requests and counts which upstream answered; `expect` gives the wanted counts."""
    counts = {}
    reuse = spec.get("keep_alive", True)
    client = None
    for i in range(spec["requests"]):
        scenario.variables["i"] = i
        data, method = compose(scenario.filled(spec.get("request", {})))
        client = client if reuse and client else connect(scenario, scenario.filled(spec))
        client.send(data)
        response = client.read_response(5.0, method)
        key = str((response.head.get("x-upstream") if response.head else None) or response.status)
        counts[key] = counts.get(key, 0) + 1
        if not reuse or response.ended:
            client.close()
            client = None
    if client:
        client.close()
    _fail(differences(spec["expect"], counts, "counts"))


VERBS = {"open": open_, "turned_away": turned_away, "send": send, "send_body": send_body, "sent": sent, "close": close, "reset": reset, "half_close": half_close, "read": read,
         "quiet": quiet, "closed": closed, "request": request, "raw": raw, "refused": refused, "expect": expect, "traffic": traffic,
         "stop_traffic": stop_traffic, "distribution": distribution}
_CONNECT = {"on", "from", "listener", "receive_buffer"}
OPTIONS = {"open": _CONNECT | {"or_refused"}, "close": {"or_refused"}, "turned_away": _CONNECT, "send": _CONNECT | {"pieces", "pause", "times", "methods"}, "send_body": {"on"}, "sent": {"on"}, "read": {"on"}, "quiet": {"on"},
           "closed": {"how"}, "request": _CONNECT | {"expect", "pieces", "half_closed"}, "raw": _CONNECT | {"expect", "pieces", "half_closed", "method"},
           "refused": _CONNECT | {"expect", "pieces", "method"}, "expect": {"on", "method"},
           "traffic": {"connections", "every", "request", "status", "from", "listener", "kept"}, "stop_traffic": {"at_least"}}
