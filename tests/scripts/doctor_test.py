#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""scripts/doctor against a package system of paper: files in a folder are what is installed, a list is what apt knows."""
import os
import subprocess
import tempfile
import unittest

DOCTOR = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "scripts", "doctor")
FAKES = {
    "dpkg-query": 'test -e "$STATE/installed/${!#}" && printf installed',
    "apt-cache": 'grep -qx "${!#}" "$STATE/known" && echo "Package: ${!#}" || exit 100',
    "apt-get": '''echo "apt-get $*" >>"$STATE/calls"
case "$1" in
  update) if [ -e "$STATE/after_update" ]; then cat "$STATE/after_update" >>"$STATE/known"; fi ;;
  install)
    ls "$DOCTOR_POLICY" >>"$STATE/guard_seen"
    if [ -e "$STATE/fail_once" ]; then rm "$STATE/fail_once"; exit 100; fi
    for name in "$@"; do case "$name" in install|-*) ;; *) touch "$STATE/installed/$name" ;; esac; done ;;
esac''',
    "id": 'echo "${FAKE_UID:-0}"',
}


class Doctor(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.state = folder.name
        os.makedirs(os.path.join(self.state, "bin"))
        os.makedirs(os.path.join(self.state, "installed"))
        for name, body in FAKES.items():
            path = os.path.join(self.state, "bin", name)
            self.write(path, "#!/usr/bin/env bash\n" + body + "\n")
            os.chmod(path, 0o755)
        self.knows()
        self.policy = os.path.join(self.state, "policy-rc.d")

    def write(self, path, text):
        with open(os.path.join(self.state, path), "w", encoding="utf-8") as file:
            file.write(text)

    def read(self, path):
        try:
            with open(os.path.join(self.state, path), encoding="utf-8") as file:
                return file.read()
        except FileNotFoundError:
            return ""

    def knows(self, *names):
        self.write("known", "\n".join(["cmake", *names]) + "\n")

    def doctor(self, *arguments, uid=0):
        environment = dict(os.environ, PATH=f"{self.state}/bin:{os.environ['PATH']}", STATE=self.state, FAKE_UID=str(uid), DOCTOR_POLICY=self.policy)
        return subprocess.run([DOCTOR, *arguments], env=environment, capture_output=True, text=True, timeout=60, check=False)

    def has(self, *names):
        for name in names:
            self.write(f"installed/{name}", "")

    def missing(self, *purposes):
        """The packages that the printed line would install."""
        return self.doctor(*purposes).stdout.splitlines()[-1].split("--no-install-recommends ")[1].split()

    def test_names_what_is_missing_and_the_one_line(self):
        wanted = self.missing("test")
        self.has(*(name for name in wanted if name != "mmdb-bin"))
        done = self.doctor("test")
        self.assertEqual(done.returncode, 1)
        self.assertEqual(done.stdout.splitlines()[-1].strip(), "apt-get install --no-install-recommends mmdb-bin")
        self.assertEqual(self.read("calls"), "")

    def test_all_there_is_success(self):
        self.has(*self.missing("build"))
        done = self.doctor("build")
        self.assertEqual((done.returncode, done.stdout), (0, "doctor: all there (build)\n"))

    def test_a_user_is_told_to_use_sudo_and_nothing_is_installed(self):
        done = self.doctor("--install", "test", uid=1000)
        self.assertEqual(done.returncode, 1)
        self.assertIn("  sudo apt-get install", done.stdout)
        self.assertEqual(self.read("calls"), "")

    def test_without_an_index_the_line_fetches_one(self):
        self.write("known", "")
        self.assertIn("  sudo apt-get update && sudo apt-get install", self.doctor("test", uid=1000).stdout)

    def test_installs_as_root_and_tries_twice(self):
        self.write("fail_once", "")
        done = self.doctor("--install", "test")
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertEqual([line.split()[1] for line in self.read("calls").splitlines()], ["update", "install", "update", "install"])

    def test_no_service_starts_while_it_installs(self):
        self.doctor("--install", "bench")
        self.assertEqual(self.read("guard_seen").strip(), self.policy)
        self.assertFalse(os.path.exists(self.policy))

    def test_a_policy_that_is_there_is_left_alone(self):
        self.write("policy-rc.d", "mine")
        self.doctor("--install", "bench")
        self.assertEqual(self.read("policy-rc.d"), "mine")

    def test_takes_the_version_this_release_has(self):
        self.knows("clang-format-14", "clang-format")
        self.assertIn("clang-format-14", self.missing("tools"))
        self.knows("clang-format")
        self.assertIn("clang-format", self.missing("tools"))

    def test_names_are_chosen_after_the_index_is_there(self):
        self.write("known", "")
        self.write("after_update", "clang-format-14\nclang-tidy-14\n")
        self.assertEqual(self.doctor("--install", "tools").returncode, 0)
        self.assertTrue(os.path.exists(os.path.join(self.state, "installed", "clang-format-14")))

    def test_an_unknown_purpose_is_a_usage_error(self):
        self.assertEqual(self.doctor("everything").returncode, 2)


if __name__ == "__main__":
    unittest.main()
