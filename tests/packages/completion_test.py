#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The completions of the package in real shells: what a line becomes when Tab is pressed."""

import os
import pty
import select
import tempfile
import time
import unittest
from pathlib import Path

import packages
from packages import run
from stack import find_program

PATIENCE_SECONDS = 20
# Ends a line in the tests: not of the shells' own meaning.
SHOW = "\x18"  # Ctrl-X

BASH = """\
PS1='ready> '
bind 'set bell-style none'
bind 'set completion-query-items 0'
bind 'set page-completions off'
show() {{ printf %s "$READLINE_LINE" >{line}.new; mv {line}.new {line}; }}
bind -x '"\\C-x": show'
source {completions}/bash-completion/completions/wirepas-grpcd
cd {folder}
"""
ZSH = """\
PS1='ready> '
unsetopt beep
fpath=({completions}/zsh/vendor-completions $fpath)
autoload -Uz compinit && compinit -u -D
LISTMAX=1000
show() {{ print -rn -- "$BUFFER" >{line}.new; mv {line}.new {line}; BUFFER=; }}
zle -N show
bindkey '^X' show
cd {folder}
"""


class Shell:
    """An interactive shell in a terminal of its own."""

    def __init__(self, argv, start, folder, completions):
        self._line = folder / "line"
        self._seen = ""
        text = start.format(line=self._line, folder=folder / "files",
                            completions=completions)
        (folder / "start").write_text(text)
        self._pid, self._terminal = pty.fork()
        if self._pid == 0:
            os.execve(argv[0], argv, {"HOME": str(folder), "TERM": "dumb", "PATH": os.defpath,
                                      "LC_ALL": "C.UTF-8"})
        self._send(f". {folder}/start; echo started-$((1 + 1))\r")
        self._until(lambda: "started-2" in self._seen, "its start")

    def _send(self, keys):
        os.write(self._terminal, keys.encode())

    def _until(self, condition, what):
        end = time.monotonic() + PATIENCE_SECONDS
        while not condition():
            if time.monotonic() > end:
                raise AssertionError(f"waited in vain for {what}; seen: {self._seen[-2000:]!r}")
            if select.select([self._terminal], [], [], 0.02)[0]:
                self._seen += os.read(self._terminal, 65536).decode(errors="replace")

    def complete(self, text):
        """What the line is after Tab."""
        self._line.unlink(missing_ok=True)
        self._send(text + "\t" + SHOW)
        self._until(self._line.exists, f"the line {text!r}")
        # Of the line nothing stays.
        self._send("\x15")
        return self._line.read_text().removeprefix("wirepas-grpcd ")

    def close(self):
        os.close(self._terminal)
        os.waitpid(self._pid, 0)


class CompletionTest(unittest.TestCase):

    @classmethod
    def setUpClass(cls):
        scratch = tempfile.TemporaryDirectory(prefix="wirepas-")
        cls.addClassCleanup(scratch.cleanup)
        cls.folder = Path(scratch.name)
        root = packages.unpack(packages.daemon_package(), cls.folder / "root")
        cls.completions = root / "usr/share"
        (cls.folder / "files" / "somewhere").mkdir(parents=True)
        (cls.folder / "files" / "some.conf").touch()

    def _shell(self, *argv, start):
        shell = Shell([find_program(argv[0]), *argv[1:]], start, self.folder, self.completions)
        self.addCleanup(shell.close)
        return shell

    def _same_in_bash_and_zsh(self, shell):
        def completed(text):
            return shell.complete(f"wirepas-grpcd {text}")

        for text, expected in (
                ("hea", "health "),
                ("--mqtt_hos", "--mqtt_hostname"),
                ("--max_conn", "--max_connections"),
                ("--no-r", "--no-reflection"),
                ("--log_level deb", "--log_level debug "),
                ("--log_level=warn", "--log_level=warning "),
                ("--mqtt_tls_version PROTOCOL_TLSv", "--mqtt_tls_version PROTOCOL_TLSv1_2 "),
                ("--config some.", "--config some.conf "),
                ("--config=some.", "--config=some.conf "),
                ("--state_dir some", "--state_dir somewhere/"),
                ("--mqtt_password_file some.", "--mqtt_password_file some.conf "),
                # The value is anybody's guess.
                ("--mqtt_password some.", "--mqtt_password some."),
                ("--log_level debug --log_f", "--log_level debug --log_format"),
                ("health --tls_n", "health --tls_name"),
                ("health --tls_ca some.", "health --tls_ca some.conf "),
                ("health --li", "health --live")):
            with self.subTest(text):
                # A zsh adds the sign between name and value, a bash a blank.
                self.assertEqual(completed(text).rstrip(" ="), expected.rstrip(" ="))

    def test_bash(self):
        shell = self._shell("bash", "--norc", "--noprofile", "-i", start=BASH)
        self._same_in_bash_and_zsh(shell)
        self.assertEqual(shell.complete("wirepas-grpcd --reflection=fa").rstrip(),
                         "--reflection=false")
        self.assertEqual(shell.complete("wirepas-grpcd --reflection --log_f").rstrip(),
                         "--reflection --log_format")

    def test_zsh(self):
        self._same_in_bash_and_zsh(self._shell("zsh", "-f", "-i", start=ZSH))

    def test_fish(self):
        def offered(line):
            script = (f"source {self.completions}/fish/vendor_completions.d/wirepas-grpcd.fish; "
                      f"cd {self.folder}/files; complete -C 'wirepas-grpcd {line}'")
            told = run(find_program("fish"), "--no-config", "-c", script,
                       env={"HOME": str(self.folder), "PATH": os.environ["PATH"]})
            return {word.split("\t")[0] for word in told.splitlines()}

        self.assertEqual(offered("hea"), {"health"})
        self.assertEqual(offered("--log_"), {"--log_level", "--log_format"})
        self.assertEqual(offered("--log_format "), {"human", "json"})
        self.assertEqual(offered("--log_level=de"), {"--log_level=debug"})
        self.assertEqual(offered("--config some."), {"some.conf"})
        self.assertEqual(offered("--state_dir some"), {"somewhere/"})
        self.assertEqual(offered("--no-"), {"--no-reflection"})
        self.assertEqual(offered("health --tls_n"), {"--tls_name"})
        self.assertNotIn("--log_level", offered("health --"))
        self.assertNotIn("health", offered("--log_level info h"))


if __name__ == "__main__":
    unittest.main()
