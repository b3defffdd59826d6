# SPDX-License-Identifier: Apache-2.0
"""What a page of the documentation shows is true: its commands are run, its links lead somewhere.

    python3 tests/docs/page_test.py docs/PAGE.md

Every block of the language `sh` is an example, and none may be left out:

- Commands that name the address of the service run against the network of demo_network.py, in the order
  of the page, with its addresses put in, in a folder with the files that pages use. A call that goes
  on until it is cancelled is ended when it has shown enough.
- The command that starts the service runs against a broker with TLS, and a `conf` block before it is
  the file that it names with --config.
- Commands for developers are run or checked by developer_commands.py, those for operators by
  operator_commands.py.

A `json` or `text` block right after an example is its output, from the first line to the last.
There, … stands for anything within a line, and alone on a line for any number of lines.

What is compared with a page besides, as a table, stands in <page>_test.py.
"""

import importlib
import json
import os
import re
import subprocess
import sys
import unittest
from pathlib import Path

import names
import operator_commands
import pages
from developer_commands import check_command
from demo_network import DAEMON, Daemon, Network

sys.path.insert(0, str(pages.ROOT / "tests" / "peers"))
from grpc_client import read_objects  # noqa: E402
from stack import find_grpcurl  # noqa: E402

PATIENCE_SECONDS = 30
# RPCs that last until they are cancelled.
ENDLESS = {"SubscribeUplink", "SubscribeDownlink", "WatchNetwork", "WatchBroker"}
# Endless RPCs that show something only when another example of the page runs meanwhile.
SHOWS_ONLY_WITH = {"SubscribeDownlink": "SendMessage"}
# RPCs whose responses come in any order, and the field to sort them by.
UNORDERED = {"SendMessages": "correlation_id"}


def rpc_of(commands):
    match = re.search(r"[\w.]+/(\w+)(?: \|\| true)?\s*$", commands)
    return match.group(1) if match else None


def is_endless(commands):
    return rpc_of(commands) in ENDLESS and "-max-time" not in commands


def logical_lines(commands):
    """The lines, those that a backslash continues as one, without blanks around."""
    return [line.strip() for line in commands.replace("\\\n", "").splitlines() if line.strip()]


class PageTest(unittest.TestCase):
    page = None  # set by the end of this file

    def setUp(self):
        self.text = pages.read(self.page)
        self.examples = pages.examples(self.text)

    def test_commands(self):
        network = None
        for example in self.examples:
            with self.subTest(f"{self.page.name} line {example.line}"):
                if re.match(rf"{DAEMON} (?!health)", example.commands):
                    with Daemon(example.commands, example.file) as daemon:
                        self.assertEqual(daemon.run(), 0)
                        if "--state_dir" in example.commands:
                            self.assertEqual(daemon.run(), 0, "the second time")
                elif operator_commands.is_for_operators(example.commands):
                    for line in logical_lines(example.commands):
                        operator_commands.check_command(self, line)
                elif re.search(r"\b(grpcurl|curl|wirepas-grpcd health)\b", example.commands):
                    if network is None:
                        network = Network(self.text)
                        self.addCleanup(network.close)
                    self.run_in(network, example)
                else:
                    for line in logical_lines(example.commands):
                        check_command(self, line)

    def run_in(self, network, example):
        self.assertTrue(network.names_an_address(example.commands),
                        "no test knows what to do with this example")
        if is_endless(example.commands):
            self.run_until_shown(network, example)
        else:
            self.run_to_end(network, example)

    def shell(self, network, commands):
        path = f"PATH={Path(find_grpcurl()).parent}:$PATH"
        return ["bash", "-euo", "pipefail", "-c", f"{path}\n{network.with_addresses(commands)}"]

    def run_to_end(self, network, example):
        done = subprocess.run(self.shell(network, example.commands), cwd=network.work,
                              capture_output=True, text=True, timeout=PATIENCE_SECONDS, check=False)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        output = done.stdout
        sort_key = UNORDERED.get(rpc_of(example.commands))
        if sort_key:
            responses = sorted(read_objects(output)[0], key=lambda response: response[sort_key])
            output = "".join(json.dumps(r, indent=2) + "\n" for r in responses)
        if example.output is None or '"error"' not in example.output:
            self.assertNotIn('"error"', output)
        if example.output is not None:
            pattern = pages.output_pattern(example.output)
            self.assertIsNotNone(pattern.fullmatch(output),
                                 f"shown:\n{example.output}\nreal:\n{output}")

    def run_until_shown(self, network, example):
        self.assertIsNotNone(example.output, "shows no output to wait for")
        # So that grpcurl itself gets the signal that ends it.
        commands = self.shell(network, f"exec {example.commands}")
        program = network.start(commands, cwd=network.work)
        if companion := SHOWS_ONLY_WITH.get(rpc_of(example.commands)):
            # Its first response says that the subscription stands.
            program.wait_for("^{")
            other = next(e for e in self.examples if rpc_of(e.commands) == companion)
            self.run_to_end(network, other)
        pattern = pages.output_pattern(example.output)
        program.wait_until(lambda output: pattern.match(output + "\n"),
                           f"shown:\n{example.output}", PATIENCE_SECONDS)
        self.assertTrue(program.running, "ended by itself")
        program.stop()

    def test_commands_are_in_blocks_that_are_tested(self):
        for language, _ in pages.blocks(self.text):
            self.assertNotIn(language, ("bash", "shell", "console", "zsh"),
                             f"commands are in blocks of the language {pages.COMMANDS}")
            self.assertTrue(language, "a block says its language")

    def test_begins_with_what_it_is_for(self):
        self.assertRegex(self.text, r"\A# [^\n]+\n\n[A-Z\[`]")

    def test_links_lead_somewhere(self):
        names.check_links(self, self.page)

    def test_names_exist(self):
        names.check_names(self, self.text)
        if not pages.is_of_a_client(self.page):
            names.check_options(self, self.text)


def own_tests(page):
    """The module with what is compared with this page alone, or None."""
    module = f"{page.stem.lower()}_test"
    if (Path(__file__).parent / f"{module}.py").exists():
        return importlib.import_module(module)
    return None


def load_tests(loader, _tests, _pattern):
    suite = unittest.TestSuite()
    # A client's commands are run by tests/clients/docs.py.
    for name in loader.getTestCaseNames(PageTest):
        if name != "test_commands" or not pages.is_of_a_client(PageTest.page):
            suite.addTest(PageTest(name))
    if module := own_tests(PageTest.page):
        suite.addTests(loader.loadTestsFromModule(module))
    return suite


if __name__ == "__main__":
    PageTest.page = pages.ROOT / os.path.normpath(sys.argv[1])
    if PageTest.page not in pages.all_pages():
        sys.exit(f"{PageTest.page} is no page of the documentation")
    unittest.main(argv=[sys.argv[0], *sys.argv[2:]], verbosity=2)
