# SPDX-License-Identifier: Apache-2.0
"""What README.md shows is true: its commands are run, its tables compared.

Every block of the language `sh` is an example, and none may be left out:

- grpcurl examples run against a broker, the simulated network of the quick start and
  the service, in the order of the README, with the address of the service put in. An
  example whose RPC goes on until it is cancelled is ended when it has shown enough.
- The command that starts the service runs against a broker with TLS and a password.
- The commands for building are compared with the presets.
- deploy/quickstart and tests/run are run elsewhere; that they are is checked.

A `json` or `text` block right after an example is its output, from the first line to
the last. There, … stands for anything within a line, and alone on a line for any number
of lines.
"""

import json
import re
import subprocess
import sys
import unittest
import urllib.request

import options_table
import readme

sys.path.insert(0, str(readme.ROOT / "tests" / "peers"))
from certificates import make_certificates  # noqa: E402
from grpc_client import Client, read_objects  # noqa: E402
from stack import (API, Stack, build_dir, find_grpcurl,  # noqa: E402
                   find_program, free_port)

OTAP = "wirepas.mesh.v1.OtapService"
NODES = "wirepas.mesh.v1.NodeService"
SHOWN_ADDRESS = "127.0.0.1:50051"
# As deploy/quickstart starts it; test_simulator_is_that_of_the_quick_start compares.
SIMULATOR_OPTIONS = "--gateways 2 --sinks 2 --nodes 5 --rate 2"
PATIENCE_SECONDS = 30

# RPCs that last until they are cancelled.
ENDLESS = {"SubscribeUplink", "SubscribeDownlink", "WatchNetwork", "WatchBroker"}
# Endless RPCs that show something only when another example runs meanwhile.
SHOWS_ONLY_WITH = {"SubscribeDownlink": "SendMessage"}
# RPCs whose responses come in any order, and the field to sort them by.
UNORDERED = {"SendMessages": "correlation_id"}

# Commands that other scripts run: where, and the line that does it.
RUN_ELSEWHERE = {
    "deploy/quickstart": ("tests/run", r"^\s*check quickstart deploy/quickstart --once$"),
    "tests/run": (".ci/run", r"exec .*tests/run"),
}
# Those of docs/performance.md.
BENCHMARK_RUN_ELSEWHERE = {
    "deploy/install-deps --tests": ("tests/run", "deploy/install-deps --tests\n"),
    "cmake --preset release && cmake --build --preset release":
        ("tests/run", 'cmake --preset "$preset" "$@" && cmake --build --preset "$preset"'),
    "tests/bench/run": ("tests/bench/CMakeLists.txt", "/run --smoke)"),
}
DAEMON = "build/release/service/wirepas-grpcd"


def rpc_of(commands):
    match = re.search(r"([\w.]+)/(\w+)(?: \|\| true)?\s*$", commands)
    return match.group(2) if match else None


def kind_of(commands):
    first = commands.split()[0]
    if commands.strip() in RUN_ELSEWHERE:
        return "elsewhere"
    if first == DAEMON:
        return "daemon"
    if first in ("cmake", "ctest"):
        return "build"
    if first == "grpcurl" or (first == "export" and "grpcurl" in commands):
        return "grpcurl"
    return None


def examples_of(kind):
    return [example for example in readme.examples() if kind_of(example.commands) == kind]


class CommandsTest(unittest.TestCase):
    """Commands that need no running service."""

    def test_every_example_is_of_a_kind_that_is_tested(self):
        examples = readme.examples()
        self.assertGreater(len(examples), 20)
        for example in examples:
            self.assertIsNotNone(
                kind_of(example.commands),
                f"README.md line {example.line}: no test knows what to do with this example")
        for kind in ("elsewhere", "daemon", "build", "grpcurl"):
            self.assertTrue(examples_of(kind), f"no example of the kind {kind}")

    def test_what_is_run_elsewhere_is_run_there(self):
        shown = {example.commands.strip() for example in examples_of("elsewhere")}
        self.assertEqual(shown, set(RUN_ELSEWHERE))
        for command, (script, line) in RUN_ELSEWHERE.items():
            with self.subTest(command):
                self.assertTrue((readme.ROOT / command).is_file())
                self.assertRegex((readme.ROOT / script).read_text(), re.compile(line, re.M))

    def test_simulator_is_that_of_the_quick_start(self):
        quickstart = (readme.ROOT / "deploy/quickstart").read_text()
        self.assertIn(SIMULATOR_OPTIONS, quickstart)

    def test_presets_exist(self):
        listed = subprocess.run(["cmake", "--list-presets=all"], cwd=readme.ROOT, check=True,
                                capture_output=True, text=True).stdout
        presets = {title: set(re.findall(r'"(\w+)"', body)) for title, body in
                   re.findall(r"Available (\w+) presets:\n\n((?:  .*\n)+)", listed)}
        kinds = {"cmake --preset": "configure", "cmake --build --preset": "build",
                 "ctest --preset": "test"}
        for example in examples_of("build"):
            for line in example.commands.splitlines():
                command, preset = re.fullmatch(r"(.*--preset) (\w+)( -L unit)?", line).group(1, 2)
                self.assertIn(preset, presets[kinds[command]], line)
        for preset in re.findall(r"`(\w+)`", readme.section("Building by hand")
                                 .split("Other presets:")[1].split("Each")[0]):
            self.assertIn(preset, presets["configure"])

    def test_links_lead_somewhere(self):
        for page in (readme.README, *readme.ROOT.glob("docs/*.md")):
            for link in re.findall(r"\]\(([^)]+)\)", page.read_text(encoding="utf-8")):
                if link.startswith("https://"):
                    continue
                with self.subTest(page=page.name, link=link):
                    path, _, anchor = link.partition("#")
                    target = page.parent / path if path else page
                    self.assertTrue(target.exists())
                    if anchor:
                        self.assertIn(anchor, readme.anchors(target.read_text(encoding="utf-8")))
        for row in readme.table_rows(readme.section("Layout")):
            for path in readme.code_words(row[0]):
                self.assertTrue((readme.ROOT / path).is_dir(), path)

    def test_performance_page_shows_what_there_is(self):
        content = (readme.ROOT / "docs/performance.md").read_text()
        shown = [line for block in re.findall(r"^```sh\n(.*?)^```$", content, re.M | re.S)
                 for line in block.splitlines()]
        self.assertEqual(shown, list(BENCHMARK_RUN_ELSEWHERE))
        for script, line in BENCHMARK_RUN_ELSEWHERE.values():
            self.assertIn(line, (readme.ROOT / script).read_text())
        texts = [subprocess.run([program, "--help"], check=True, capture_output=True, text=True)
                 .stdout for program in (readme.ROOT / "tests/bench/run",
                                         build_dir() / "tests/bench/bench_flood_broker")]
        texts.append(options_table.help_text())
        for option in set(re.findall(r"`(--\w+)`", content)):
            self.assertTrue(any(option in text for text in texts), option)
        for table in re.findall(r"^### `(\w+)`", content, re.M):
            self.assertIn(table, texts[0])

    def test_options_are_those_of_help(self):
        self.assertEqual(options_table.table_in_readme(), options_table.table(),
                         "run tests/docs/options_table.py")
        options = set(re.findall(r"^ +(?:-\w, )?(--\w+)", options_table.help_text(), re.M))
        table_options = set(re.findall(r"^\| `(--\w+)", options_table.table_in_readme(), re.M))
        self.assertEqual(options - table_options, {"--help", "--version"})
        # --mqtt_port and its kind, wherever the text or an example names one; other
        # programs' options have dashes or no underscore.
        named = set(re.findall(r"(--[a-z]+_\w+)", readme.text()))
        self.assertEqual(named - options, set())


class ServiceTest(unittest.TestCase):
    """Examples that talk to the service, and tables about what it serves."""

    @classmethod
    def setUpClass(cls):
        cls.stack = Stack()
        cls.addClassCleanup(cls.stack.close)
        cls.stack.start_broker()
        cls.stack.start_simulator(*SIMULATOR_OPTIONS.split())
        cls.metrics = f"127.0.0.1:{free_port()}"
        cls.stack.start_service("--metrics_listen", cls.metrics,
                                "--state_dir", cls.stack.folder / "state")
        cls.grpcurl = find_grpcurl()

    def start(self, example):
        commands = example.commands.strip()
        if rpc_of(commands) is not None:
            self.assertIn(SHOWN_ADDRESS, commands)
        commands = commands.replace(SHOWN_ADDRESS, self.stack.address)
        folder = self.grpcurl.rsplit("/", 1)[0]
        path = f"PATH={folder}:$PATH"
        if rpc_of(commands) in ENDLESS:
            commands = "exec " + commands  # so that grpcurl itself gets the signal
        return self.stack.start(["bash", "-euo", "pipefail", "-c", f"{path}\n{commands}"])

    def run_to_end(self, example):
        program = self.start(example)
        self.assertEqual(program.join(PATIENCE_SECONDS), 0, program.output())
        output = program.output() + "\n"
        if sort_key := UNORDERED.get(rpc_of(example.commands)):
            responses = sorted(read_objects(output)[0], key=lambda response: response[sort_key])
            output = "".join(json.dumps(r, indent=2) + "\n" for r in responses)
        if example.output is not None:
            pattern = readme.output_pattern(example.output)
            self.assertIsNotNone(pattern.fullmatch(output),
                                 f"shown:\n{example.output}\nreal:\n{output}")

    def run_until_shown(self, example):
        self.assertIsNotNone(example.output, "shows no output to wait for")
        program = self.start(example)
        companion = SHOWS_ONLY_WITH.get(rpc_of(example.commands))
        if companion:
            # Its first response says that the subscription stands.
            program.wait_for("^{")
            [other] = [e for e in examples_of("grpcurl") if rpc_of(e.commands) == companion]
            self.run_to_end(other)
        pattern = readme.output_pattern(example.output)
        program.wait_until(lambda output: pattern.match(output + "\n"),
                           f"shown:\n{example.output}", PATIENCE_SECONDS)
        self.assertTrue(program.running, "ended by itself")
        program.stop()

    def test_grpcurl_examples(self):
        for example in examples_of("grpcurl"):
            rpc = rpc_of(example.commands)
            with self.subTest(f"README.md line {example.line}", rpc=rpc):
                if rpc in ENDLESS:
                    self.run_until_shown(example)
                else:
                    self.run_to_end(example)

    def rpcs(self, service=API):
        listed = subprocess.run([self.grpcurl, "-plaintext", self.stack.address, "list", service],
                                capture_output=True, text=True, check=True).stdout
        return {line.rsplit(".", 1)[1] for line in listed.split()}

    def test_every_rpc_has_an_example(self):
        shown = {rpc_of(example.commands) for example in examples_of("grpcurl")
                 if f"{API}/" in example.commands}
        self.assertEqual(shown, self.rpcs())

    def test_every_rpc_takes_the_place_of_a_call(self):
        rows = readme.table_rows(readme.section("From the Python library"))
        named = {word for row in rows if len(row) == 3 for word in readme.code_words(row[1])
                 if not word.endswith("Service")}
        self.assertEqual({word for word in named if "." not in word}, self.rpcs())
        helpers = {word.split(".")[1] for word in named if "." in word}
        self.assertEqual(helpers, self.rpcs(OTAP) | self.rpcs(NODES))

    def test_metrics_are_those_of_the_table(self):
        with urllib.request.urlopen(f"http://{self.metrics}/metrics", timeout=10) as response:
            served = set(re.findall(r"^# TYPE (wirepas_grpc_\w+)", response.read().decode(), re.M))
        rows = readme.table_rows(readme.section("Health and metrics"))
        self.assertEqual({readme.code_words(row[0])[0] for row in rows}, served)

    def test_result_codes_are_those_of_the_api(self):
        described = subprocess.run(
            [self.grpcurl, "-plaintext", self.stack.address, "describe",
             "wirepas.mesh.v1.ResultCode"], capture_output=True, text=True, check=True).stdout
        codes = set(re.findall(r"RESULT_CODE_\w+", described))
        named = set(re.findall(r"RESULT_CODE_\w+[A-Z]\b", readme.section("Errors")))
        self.assertTrue(named)
        self.assertEqual(named - codes, set())
        # Those that one row stands for.
        others = {code for code in codes - named if not code.startswith("RESULT_CODE_INVALID_")}
        self.assertEqual(others, {"RESULT_CODE_OK", "RESULT_CODE_UNSPECIFIED"})


class OwnBrokerTest(unittest.TestCase):
    """The command that points the service at a broker with TLS and a password."""

    def setUp(self):
        self.stack = Stack()
        self.addCleanup(self.stack.close)
        [example] = examples_of("daemon")
        self.arguments = example.commands.split()[1:]

    def option(self, name):
        return self.arguments[self.arguments.index(name) + 1]

    def test_connects(self):
        folder = self.stack.folder
        make_certificates(folder, "broker")
        (folder / "mqtt-password").write_text("correct horse\n")
        subprocess.run([find_program("mosquitto_passwd"), "-c", "-b", folder / "users",
                        self.option("--mqtt_username"), "correct horse"], check=True)
        folder.chmod(0o755)  # mosquitto may give up root's rights
        for file in folder.iterdir():
            file.chmod(0o644)
        self.stack.start_broker(
            f"allow_anonymous false\npassword_file {folder}/users\ncertfile {folder}/broker.crt\n"
            f"keyfile {folder}/broker.key\n")
        # As shown, but for the broker's name and what a test needs to be alone.
        replaced = {self.option("--mqtt_hostname"): "localhost",
                    self.option("--mqtt_password_file"): str(folder / "mqtt-password")}
        arguments = [replaced.get(argument, argument) for argument in self.arguments]
        service = self.stack.start([
            build_dir() / "service" / "wirepas-grpcd", *arguments,
            "--mqtt_port", str(self.stack.mqtt_port), "--mqtt_ca_certs", folder / "ca.crt",
            "--listen", "127.0.0.1:0"])
        address = service.wait_for(r"listening on (127\.0\.0\.1:\d+)").group(1)
        service.wait_for("broker .*: connected")
        self.assertEqual(Client(address).call("ListGateways"), {})
        self.assertEqual(service.stop(), 0)


class DurabilityPageTest(unittest.TestCase):
    """docs/durability.md."""

    def setUp(self):
        self.content = (readme.ROOT / "docs/durability.md").read_text()

    def test_options_gaps_and_metrics_exist(self):
        for option in set(re.findall(r"`(--\w+)", self.content)):
            self.assertIn(f"  {option}", options_table.help_text())
        proto = (readme.ROOT / "proto/wirepas/mesh/v1/uplink.proto").read_text()
        for reason in set(re.findall(r"GAP_REASON_\w+", self.content)):
            self.assertIn(f"  {reason} =", proto)
        for metric in set(re.findall(r"wirepas_grpc_\w+", self.content)):
            self.assertIn(f"| `{metric}` |", readme.section("Health and metrics"))
        for link in re.findall(r"\]\(([^)#]+)", self.content):
            self.assertTrue((readme.ROOT / "docs" / link).exists(), link)

    def test_command_keeps_state(self):
        [block] = re.findall(r"^```sh\n(.*?)^```$", self.content, re.M | re.S)
        [command] = block.splitlines()
        program, *arguments = command.split()
        self.assertEqual(program, DAEMON)
        stack = Stack()
        self.addCleanup(stack.close)
        stack.start_broker()
        # As shown, but for what a test needs to be alone.
        replaced = {arguments[arguments.index("--mqtt_hostname") + 1]: "127.0.0.1",
                    arguments[arguments.index("--state_dir") + 1]: str(stack.folder / "state")}
        for start in ("fresh", "again"):
            with self.subTest(start):
                service = stack.start([
                    build_dir() / "service" / "wirepas-grpcd",
                    *(replaced.get(argument, argument) for argument in arguments),
                    "--mqtt_force_unsecure", "--mqtt_port", str(stack.mqtt_port),
                    "--listen", "127.0.0.1:0"])
                service.wait_for("state in .*: 0 uplinks and markers")
                service.wait_for("broker .*: connected")
                self.assertEqual(service.stop(), 0)


if __name__ == "__main__":
    unittest.main(verbosity=2)
