#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A seeded secret in every place that can hold one, spoilt in every manner, looked for on every surface: it is on none.

The places come from the tables (`rhumb schema --as markdown`): each row whose values are never shown, each mapping for a misspelt key, each
single value for a variable or an override of the environment. A new row is covered by itself."""
import json
import os
import pty
import re
import socket
import threading

import tool
from gateway import Gateway
from raw_client import Client
from scripted_upstream import Gates, ScriptedUpstream
from spoilt import MARK, NEVER_SHOWN, OTHER, SEED, TOKEN, Documents, flows, rows_of, spoilt


# ------------------------------------------------------------------------------------------ surfaces
class Notified:
    """Takes what the gateway tells the service manager."""

    def __init__(self, path):
        self.path, self.texts = str(path), []
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(self.path)
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self):
        while True:
            try:
                self.texts.append(self.socket.recv(1 << 16).decode("utf-8", "replace"))
            except OSError:
                return


class Secrets(tool.Folder):
    @classmethod
    def setUpClass(cls):
        cls.rows = rows_of(tool.rhumb("schema", "--as", "markdown"))

    def setUp(self):
        super().setUp()
        self.looks, self.leaks = 0, []
        self.upstream = ScriptedUpstream("a", "ok", Gates())
        self.addCleanup(self.upstream.shut_down)
        self.documents = Documents(self.rows, self.upstream.address)
        for name, text, mode in (("good.key", SEED, 0o600), ("short.key", MARK, 0o600), ("open.key", SEED, 0o644)):
            os.chmod(self.write(name, text + "\n"), mode)
        self.environment = {**os.environ, "SEEDED": SEED}

    def look(self, case, surface, text):
        self.looks += 1
        if MARK.lower() in text.lower():
            line = next(line for line in text.splitlines() if MARK.lower() in line.lower())
            self.leaks.append(f"{case}, {surface}: {line.strip()[:220]}")

    def verdict(self):
        self.assertEqual(self.leaks, [], f"{len(self.leaks)} of {self.looks} looks\n" + "\n".join(self.leaks[:400]))

    def rhumb(self, *arguments, **environment):
        return tool.run([tool.binary, *map(str, arguments)], env={**self.environment, **environment}, cwd=self.folder)

    def spoilt_documents(self):
        """{case: text} of all that may hold a secret and is wrong."""
        cases = {}
        for row in (row for row in self.rows if row.secret):
            needs = {name: value for name, value in self.documents.needs(row.path).items() if name != row.name}
            place = f"{row.path}.{row.name}"
            for name, lines in spoilt(row, needs).items():
                cases[f"{place}, {name}"] = self.documents.with_lines(row.path, lines, needs).replace("{folder}", str(self.folder))
            for name, flow in flows(row, needs).items():
                cases[f"{place}, in one line, {name}"] = self.documents.with_flow(row.path, flow)
        for path in sorted({row.path for row in self.rows}):
            cases[f"{path or 'top'}, unknown key"] = self.documents.with_lines(path, lambda indent: [f"{indent}secert: {SEED}"])
            if path:
                cases[f"{path}, text for the mapping"] = self.documents.with_flow(path, SEED)
        good = self.documents.text(self.documents.base())
        cases |= {"extension": good + f"x-mine: {{secret: {SEED}}}\nwrogn: 1\n", "filter's name": good + f"    filters: [headers set {SEED}]\n",
                  "filter nobody knows": good + f"    filters: [{{haeders: {{set: {SEED}}}}}]\n", "filter without options": good + f"    filters: [{{{SEED}}}]\n",
                  "password in a redirect": good + f'    filters: [{{redirect: {{to: "https://u:{SEED}@h/ "}}}}]\n',
                  "password in an endpoint": good.replace(self.upstream.address, f"http://u:{SEED}@127.0.0.1:1"),
                  "secret for a role": good.replace('"role": "admin"', f'"role": "{SEED}"').replace("role: \"admin\"", f"role: {SEED}")}
        # Each is refused for something else, too; where filters are looked at, that is found no earlier than what is wrong with those.
        return {case: text.replace('path: "off"', 'path: "off"\n  format: wrogn') if "ilter" in case or "redirect" in case else "wrogn: 1\n" + text
                for case, text in cases.items()}

    def files(self, cases):
        """{case: path}; bytes beside the secret that are no UTF-8, too."""
        made = {case: self.write(f"{i}.yaml", text) for i, (case, text) in enumerate(cases.items())}
        for row in (row for row in self.rows if row.secret):
            path = self.folder / f"bytes{len(made)}.yaml"
            lines = (lambda indent, row=row: [f"{indent}{row.name}: {SEED}\xff"])
            path.write_bytes(self.documents.with_lines(row.path, lines).encode("latin-1"))
            made[f"{row.path}.{row.name}, no UTF-8"] = path
        return made

    # ------------------------------------------------------------------------------------------ what the tables say
    def test_the_tables_were_understood(self):
        secret = {f"{row.path}.{row.name}" for row in self.rows if row.secret}
        self.assertGreaterEqual(secret, {"sessions.keys[].secret", "admin.tokens[].secret", "routes[].match.headers", "routes[].filters[].headers.request.set"})
        self.assertEqual(len(secret), tool.rhumb("schema", "--as", "markdown").count(NEVER_SHOWN))
        for row in (row for row in self.rows if row.secret):
            needs = {name: value for name, value in self.documents.needs(row.path).items() if name != row.name}
            value = json.dumps({"x-key": SEED} if row.many else SEED)
            file = self.write("good.yaml", self.documents.with_lines(row.path, lambda indent, row=row: [f"{indent}{row.name}: {value}"], needs))
            self.assertEqual(self.rhumb("check", file).returncode, 0, f"{row.path}.{row.name}: {self.rhumb('check', file).stderr}\n{file.read_text()}")

    # ------------------------------------------------------------------------------------------ the command line
    def test_S33_no_command_tells_it(self):
        made = self.files(self.spoilt_documents())
        good = self.write("base.yaml", self.documents.text(self.documents.base()))
        self.check_all(made, "--deep")
        self.check_all(dict(list(made.items())[::3]), "--json")
        for case, path in list(made.items())[::23]:
            for command in (["run", "--config", path], ["explain", "--config", path, "--ip", "192.0.2.1"], ["config", "show", "--config", path], ["config", "diff", good, path],
                            ["verify", path], ["plan", path]):
                done = self.rhumb(*command)
                self.assertNotEqual(done.returncode, 0, (case, command))
                self.look(case, " ".join(map(str, command[:2])), done.stdout + done.stderr)
        self.verdict()

    def check_all(self, made, option):
        """Many files at a time; whose output it is, the paths in it say."""
        cases = {str(path): case for case, path in made.items()}
        paths, refused = list(cases), set()
        for at in range(0, len(paths), 100):
            done = self.rhumb("check", option, *paths[at:at + 100])
            of = {}
            for line in (done.stdout + done.stderr).splitlines():
                found = re.search(re.escape(str(self.folder)) + r"/\w+\.yaml", line)
                path = found[0] if found else path
                of.setdefault(path, []).append(line)
                if " error: " in line or '"ok":false' in line:
                    refused.add(path)
            for path, lines in of.items():
                self.look(cases[path], f"check {option}", "\n".join(lines))
        self.assertEqual([cases[path] for path in paths if path not in refused], [])

    def test_a_terminal_is_shown_lines_without_it(self):
        shown = 0
        made = self.files({case: text for case, text in self.spoilt_documents().items() if case.endswith((", misspelt", "in front"))})
        for case, path in made.items():
            text = self.on_terminal("run", "--config", path)
            shown += "^" in text
            self.look(case, "run on a terminal", text)
        self.assertGreater(shown, len(made) / 2, "no line was shown")
        self.verdict()

    def on_terminal(self, *arguments):
        ours, theirs = pty.openpty()
        try:
            process = tool.subprocess.Popen([tool.binary, *map(str, arguments)], env=self.environment, stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True)
        finally:
            os.close(theirs)
        text = b""
        while True:
            try:
                piece = os.read(ours, 1 << 16)
            except OSError:  # the other side is closed
                break
            if not piece:
                break
            text += piece
        os.close(ours)
        self.assertNotEqual(process.wait(30), 0)
        return text.decode("utf-8", "replace")

    def test_what_the_environment_put_in_is_not_told(self):
        plain = [row for row in self.rows if not row.section and not row.many and row.name != "*"]
        for row in plain:
            needs = {name: value for name, value in self.documents.needs(row.path).items() if name != row.name}
            document = self.documents.with_lines(row.path, lambda indent, row=row: [f"{indent}{row.name}: ${{SEEDED}}"], needs) if row.path else \
                self.documents.text({**self.documents.base(), row.name: "${SEEDED}"})
            path = self.write("variable.yaml", document)
            done = self.rhumb("check", path, "--deep")
            self.look(f"{row.path}.{row.name} from a variable", "check --deep", done.stdout + done.stderr)
        base = self.write("base.yaml", self.documents.text(self.documents.base()))
        names = {f"RHUMB_{row.path}_{row.name}".upper(): SEED for row in plain if row.path and not re.search(r"[.\[]", row.path) and not row.secret}
        self.assertIn("RHUMB_GATEWAY_WORKERS", names)
        for command in (["check", base], ["check", base, "--json"], ["run", "--config", base]):
            done = self.rhumb(*command, **names)
            self.assertEqual(done.returncode, 78, done.stdout + done.stderr)
            self.look("overrides", " ".join(map(str, command)), done.stdout + done.stderr)
        self.verdict()

    def test_good_configurations_are_shown_without_it(self):
        for row in (row for row in self.rows if row.secret):
            needs = {name: value for name, value in self.documents.needs(row.path).items() if name != row.name}
            for name, text in (("text", SEED), ("variable", "${SEEDED}"), ("default", f"${{UNSET_HERE:-{SEED}}}"), ("file", f"!file {self.folder}/good.key")):
                if name == "file" and row.many:
                    continue
                files = []
                for value in (text, OTHER):
                    given = json.dumps({"x-key": value} if row.many else value)
                    files.append(self.write(f"good{len(files)}.yaml", self.documents.with_lines(row.path, lambda indent, row=row, given=given: [f"{indent}{row.name}: {given}"], needs)))
                for command in (["config", "show", "--config", files[0], "--effective", "--origin"], ["config", "show", "--config", files[0], "--json"],
                                ["config", "diff", *files], ["config", "diff", *files, "--json"], ["check", files[0], "--deep"]):
                    done = self.rhumb(*command)
                    self.assertIn(done.returncode, (0, 1), done.stderr)
                    self.look(f"{row.path}.{row.name} as {name}", " ".join(map(str, command)), done.stdout + done.stderr)
        self.verdict()

    # ------------------------------------------------------------------------------------------ a running gateway
    def ask(self, gateway, method, path, wait=60.0):
        client = Client(gateway.addresses["admin"], timeout=wait)
        try:
            client.send(f"{method} {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {TOKEN}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".encode())
            return client.read_response(wait)
        finally:
            client.close()

    def test_S33_no_running_gateway_tells_it(self):
        notified = Notified(self.folder / "notify")
        self.addCleanup(notified.socket.close)
        file = self.write("rhumb.yaml", self.documents.text(self.documents.base()))
        gateway = Gateway(tool.binary, str(file), str(self.folder), extra_env={"SEEDED": SEED, "NOTIFY_SOCKET": notified.path, "RHUMB_GATEWAY_CORE_DUMPS": ""})
        self.addCleanup(gateway.finish)
        gateway.wait_ready(30)
        statuses = []
        for i, (case, path) in enumerate(list(self.files(self.spoilt_documents()).items())[::2]):
            file.write_bytes(path.read_bytes())
            answer = self.ask(gateway, "POST", "/v1/config:reload")
            statuses.append(answer.status)
            self.look(case, "POST /v1/config:reload", answer.body.text)
            if i % 5 == 0:
                self.look(case, "GET /v1/config/diff", self.ask(gateway, "GET", "/v1/config/diff").body.text)
                self.look(case, "GET /v1/events", self.ask(gateway, "GET", "/v1/events?format=json").body.text)
        self.assertEqual(set(statuses), {422})
        for row in (row for row in self.rows if row.secret):
            needs = {name: value for name, value in self.documents.needs(row.path).items() if name != row.name}
            given = json.dumps({"x-key": SEED} if row.many else SEED)
            file.write_text(self.documents.with_lines(row.path, lambda indent, row=row, given=given: [f"{indent}{row.name}: {given}"], needs), encoding="utf-8")
            answer = self.ask(gateway, "POST", "/v1/config:reload")
            self.assertEqual(answer.status, 200, answer.body.text)
            for surface in ("GET /v1/config?effective=true&origin=true", "GET /v1/config?format=yaml", "GET /v1/explain?ip=192.0.2.1", "GET /v1/config/diff", "GET /v1/audit", "GET /metrics"):
                self.look(f"{row.path}.{row.name} in force", surface, self.ask(gateway, *surface.split(" ")).body.text)
        self.look("all", "GET /v1/events", self.ask(gateway, "GET", "/v1/events?format=json").body.text)
        self.assertTrue(any("REFUSED" in text for text in notified.texts), notified.texts[:5])
        for text in notified.texts:
            self.look("one of them", "STATUS", text)
        for line in gateway.stderr_lines:
            self.look("one of them", "standard error", line)
        self.assertIn("[E0103]", gateway.stderr_from())
        self.verdict()


if __name__ == "__main__":
    tool.main()
