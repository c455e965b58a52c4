#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Completions in the shells themselves: what is offered behind some words."""
import shlex
import unittest

import tool


class Completions(tool.Folder):
    def setUp(self):
        super().setUp()
        done = tool.run([str(tool.ROOT / "scripts" / "pages"), "--binary", tool.binary, "--into", str(self.folder), "completions"])
        self.assertEqual(done.returncode, 0, done.stderr)
        self.write("mine.yaml", "")
        (self.folder / "data").mkdir()

    def shell(self, command):
        done = tool.run(command, cwd=self.folder)
        self.assertEqual((done.returncode, done.stderr), (0, ""), command)
        return done.stdout.splitlines()

    def bash(self, *words):
        """What is offered for the last of the words."""
        script = f"source ./rhumb.bash; COMP_WORDS=(rhumb {' '.join(map(shlex.quote, words))}); COMP_CWORD={len(words)}; _rhumb; printf '%s\\n' \"${{COMPREPLY[@]}}\""
        return {line for line in self.shell(["bash", "--norc", "-c", script]) if line}

    def fish(self, line):
        """What is offered that begins as the last word does; fish 4 offers what merely has its letters, too."""
        done = self.shell(["fish", "--no-config", "-c", f"source ./rhumb.fish; complete -C {shlex.quote(line)}"])
        return {offer.split("\t")[0] for offer in done if offer.startswith(line.rpartition(" ")[2])}

    def test_bash_knows_who_completes_rhumb(self):
        self.assertEqual(self.shell(["bash", "--norc", "-c", "source ./rhumb.bash; complete -p rhumb"]), ["complete -F _rhumb rhumb"])

    def test_bash_offers_commands(self):
        self.assertGreaterEqual(self.bash(""), {"run", "check", "config", "geo", "help"})
        self.assertEqual(self.bash("che"), {"check"})
        self.assertEqual(self.bash("config", ""), {"show", "diff"})
        self.assertNotIn("__cli", self.bash("_"))

    def test_bash_offers_options_and_their_values(self):
        self.assertEqual(self.bash("config", "show", "--e"), {"--effective"})
        self.assertEqual(self.bash("schema", "--as", ""), {"json", "markdown", "man"})
        self.assertEqual(self.bash("schema", "--as", "=", "ma"), {"markdown", "man"})
        self.assertEqual(self.bash("explain", "--ip", ""), set(), "an address cannot be guessed")

    def test_bash_offers_files(self):
        self.assertIn("mine.yaml", self.bash("run", "--config", ""))
        self.assertIn("mine.yaml", self.bash("check", "mi"))
        self.assertIn("mine.yaml", self.bash("config", "diff", "mine.yaml", "mi"))
        self.assertEqual(self.bash("geo", "fetch", "--into", ""), {"data"})

    def test_bash_offers_topics(self):
        self.assertEqual(self.bash("help", "regions.health.i"), {"regions.health.interval"})
        self.assertIn("E0103", self.bash("help", "E01"))
        self.assertIn("routes.filters.ip_acl.deny", self.bash("help", "routes.filters.ip"))

    def test_fish_offers_the_same(self):
        self.shell(["fish", "--no-config", "-n", "rhumb.fish"])
        self.assertEqual(self.fish("rhumb che"), {"check"})
        self.assertEqual(self.fish("rhumb config "), {"show", "diff"})
        self.assertEqual(self.fish("rhumb config show --e"), {"--effective"})
        self.assertEqual(self.fish("rhumb schema --as ma"), {"markdown", "man"})
        self.assertIn("mine.yaml", self.fish("rhumb run --config mi"))
        self.assertIn("mine.yaml", self.fish("rhumb check mi"))
        self.assertEqual(self.fish("rhumb help regions.health.i"), {"regions.health.interval"})

    def test_zsh_takes_it(self):
        self.shell(["zsh", "-f", "-n", "_rhumb"])
        script = "fpath=($PWD $fpath); autoload -Uz compinit; compinit -u -d ./dump; print -r -- $_comps[rhumb]; autoload -Uz +X _rhumb; whence -w _rhumb"
        self.assertEqual(self.shell(["zsh", "-f", "-c", script]), ["_rhumb", "_rhumb: function"])

    def test_zsh_offers_the_same(self):
        """In a terminal of its own, where the offers for a line are listed."""
        script = """
zmodload zsh/zpty
zpty shell zsh -f -i
w() { zpty -w shell "$1" }
w "PS1= PS2= RPS1=; fpath=($PWD \\$fpath); autoload -Uz compinit; compinit -u -d ./dump; unsetopt beep"
w "bindkey '^X' list-choices; LISTMAX=0; print rea''dy"
zpty -r shell out '*ready*'
zpty -w -n shell $'rhumb config \\C-X'
zpty -r shell out '*diff*show*'
print -r -- $out
zpty -d shell
"""
        offers = "\n".join(self.shell(["zsh", "-f", "-c", script]))
        self.assertIn("diff  -- What changes in meaning", offers)


if __name__ == "__main__":
    tool.main()
