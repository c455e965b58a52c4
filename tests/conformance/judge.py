# SPDX-License-Identifier: Apache-2.0
"""What was seen against what has to hold. Three judges, each a list of sentences (nothing means it holds):

  invariants   whatever the case is about: nothing ambiguous was forwarded, no hidden request, no answer too many, canaries right
  conforms     the checks of a case: {is: "200 open", fields, absent, body, interim, trailers, version, upstream, forwarded, reused}
  of_cut       a round in which one side ended early: never a complete message where only a part was sent

In `is`: the statuses of the answers in order (4xx is a class, 400|501 a choice), then the fate of the connection: open, closed (eof or
reset), eof, reset, any. `cut`: the last answer must not look complete, unless it is an error. `none`: no answer. `refuse`: an error or an end, and nothing forwarded.
`broken`: an error or an end, and at most a part forwarded.
"""
import re

from matching import differences

TARGET = re.compile(r"/[!-~]*|\*")
OPTIONS = {"close", "keep-alive", "upgrade"}
HARMLESS = re.compile(r"field value b.(?!.*\\x00)|trailer [a-z-]+$")  # RFC 9110 5.5: other controls may stay; 6.5: trailers may pass


# ---------------------------------------------------------------------------------------------------- at the upstream

def request_parts(request):
    names = [name.lower() for name, _ in request.head.fields]
    return {"method": request.method, "target": request.target, "version": request.version, "names": names,
            "headers": {name: request.head.get(name) for name in names}, "framing": request.framing[0],
            "body": request.body.text, "size": request.body.size, "complete": request.body.complete,
            "trailers": {name.lower(): value for name, value in request.body.trailers}, "chunks": request.body.chunks}


def _connection_options(head):
    return {one.strip().lower() for one in (head.get("connection") or "").split(",") if one.strip()}


def ambiguous(request):
    """What a second reader of this request could read otherwise (RFC 9112)."""
    head, found = request.head, [one for one in request.problems if not HARMLESS.match(one)]
    if len(head.all("host")) != 1 and not (request.version == "HTTP/1.0" and not head.all("host")):
        found.append(f"{len(head.all('host'))} Host fields")
    if request.version not in ("HTTP/1.0", "HTTP/1.1"):
        found.append(f"version {request.version!r}")
    if request.version == "HTTP/1.0" and head.all("transfer-encoding"):
        found.append("Transfer-Encoding in HTTP/1.0")
    if "#" in request.target or not request.target:
        found.append(f"target {request.target!r}")
    return found + (["a hidden request"] if "smuggled" in request.target else [])


def _own_rules(request):
    """What Rhumb promises beyond that: nothing but what it has understood, in the one plain form."""
    head, options = request.head, _connection_options(request.head)
    found = [one for one in request.problems if HARMLESS.match(one)]
    found += [f"name {name!r}" for name, _ in head.fields if "_" in name] + [f"chunk size {one!r}" for one in request.body.odd_sizes]
    found += [f"hop-by-hop field {name}" for name in ("keep-alive", "proxy-connection", "te", "http2-settings") if head.all(name)]
    found += [f"Connection: {one}" for one in sorted(options - OPTIONS)]
    if not TARGET.fullmatch(request.target):
        found.append(f"target {request.target!r}")
    return found + (["Upgrade without Connection: upgrade"] if head.all("upgrade") and "upgrade" not in options else [])


# ---------------------------------------------------------------------------------------------------- at the client

def _answer_problems(case, response, own):
    head, found = response.head, [one for one in response.problems if own or not HARMLESS.match(one)]
    if case.old_client and head.all("transfer-encoding"):
        found.append("Transfer-Encoding for an HTTP/1.0 client")
    if case.old_client and response.interim:
        found.append("an interim response for an HTTP/1.0 client")
    if response.status == 204 and (head.all("content-length") or head.all("transfer-encoding")):
        found.append("a 204 with a length")
    return [f"answer {response.status}: {one}" for one in found]


def invariants(case, seen, upstream, own):
    found = list(seen.problems) + list(seen.canary_problems)
    for request in list(upstream.requests):
        found += [f"forwarded: {one}" for one in ambiguous(request) + (_own_rules(request) if own else [])]
    found += [f"forwarded: {one}" for one in upstream.problems]
    found += [f"forwarded: bytes that are no request: {one[:60]!r}" for one in upstream.strays()]
    for response in seen.answers:
        found += _answer_problems(case, response, own)
    if len(seen.answers) > len(case.request_methods):
        found.append(f"{len(seen.answers)} answers to {len(case.request_methods)} requests")
    if own and not seen.settled:
        found.append("a connection to the upstream is left in the middle of something")
    return found


# ---------------------------------------------------------------------------------------------------- the case

def _status_fits(status, choices):
    return any(str(status) == one or (one.endswith("xx") and str(status)[0] == one[0]) for one in choices)


def _answers_fit(seen, checks):
    got = [response.status for response in seen.answers]
    wanted = checks["answers"]
    if len(got) == len(wanted) and all(map(_status_fits, got, wanted)):
        return []
    return [f"expected the answers {' '.join('|'.join(one) for one in wanted) or 'none'}, got {got or 'none'}"]


def _fate_fits(seen, fate):
    ended = seen.fate in ("eof", "reset")
    fits = {"any": True, "open": not ended, "closed": ended}.get(fate, seen.fate == fate)
    return [] if fits else [f"expected the connection {fate}, it is {seen.fate}"]


def _refused(seen, forwarded):
    found = [f"answered {one.status} where an error was due" for one in seen.answers if one.status < 400]
    if not seen.answers and seen.fate == "open":
        found.append("neither an answer nor an end")
    return found + [f"forwarded {one.method} {one.target}" for one in forwarded]


def _upstream_fits(checks, upstream):
    found = []
    requests = [request_parts(one) for one in upstream.of_case()]
    if "forwarded" in checks:
        found += differences(checks["forwarded"], len(requests), "forwarded")
    if "upstream" in checks and requests:
        wanted = checks["upstream"]
        found += differences(wanted, requests if isinstance(wanted, list) else requests[0], "upstream")
    if "reused" in checks:
        used = {one.connection for one in upstream.of_case()} & {one.connection for one in upstream.canaries()}
        found += differences(checks["reused"], bool(used), "upstream connection reused")
    return found


def _last_answer_fits(seen, checks):
    if not seen.answers:
        return []
    last = seen.answers[-1]
    if checks.get("cut"):
        whole = last.complete and last.status < 500 and not (last.framing == ("close", None) and seen.fate == "reset")
        return ["a cut answer looks complete"] if whole else []
    found = ["the answer is not complete"] if "answers" in checks and not last.complete else []
    parts = {"body": last.body.text, "interim": [status for status, _ in last.interim], "version": last.version,
             "trailers": {name.lower(): value for name, value in last.body.trailers},
             "fields": {name.lower(): last.head.get(name) for name, _ in last.head.fields}}
    found += [f"field {name} must be absent, is {last.head.get(name)!r}" for name in checks.get("absent", []) if last.head.get(name) is not None]
    return found + differences({key: checks[key] for key in parts if key in checks}, parts, "answer")


def conforms(checks, seen, upstream, patience):
    found = _answers_fit(seen, checks) if "answers" in checks else []
    if checks.get("refuse"):
        found += _refused(seen, upstream.of_case())
    if checks.get("broken"):
        found += _refused(seen, [one for one in upstream.of_case() if one.body.complete])
    found += _fate_fits(seen, checks.get("fate", "any"))
    found += _last_answer_fits(seen, checks)
    if not found:
        upstream.wait(lambda: not _upstream_fits(checks, upstream), patience)
    return found + _upstream_fits(checks, upstream)


# ---------------------------------------------------------------------------------------------------- rounds

def of_client_cut(seen, upstream):
    found = [f"a part of a request was forwarded as a whole: {one.method} {one.target}" for one in upstream.of_case() if one.body.complete]
    return found + [f"a part of a request was answered {one.status}" for one in seen.answers if one.status < 400]


def of_upstream_cut(seen):
    if len(seen.answers) != 1:
        return [f"{len(seen.answers)} answers to one request, connection {seen.fate}"]
    last = seen.answers[0]
    whole = last.complete and not (last.framing == ("close", None) and seen.fate == "reset")
    return ["a cut answer looks complete"] if whole and last.status < 500 else []
