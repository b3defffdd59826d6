#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The command `wirepas` against the live service: what each command prints, and its exit code."""

import base64
import contextlib
import fcntl
import json
import os
import pty
import re
import struct
import subprocess
import sys
import termios
import time
import unittest

from world import ROOT, World

sys.path.insert(0, str(ROOT / "tests" / "docs"))
from otap_file import scratchpad_file  # noqa: E402

SIMULATORS = [["--gateways", "2", "--sinks", "1", "--nodes", "3", "--rate", "20"]]
NETWORK = "1193046"
WIREPAS = ROOT / "build" / "tools" / "python" / "bin" / "wirepas"


class CliTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.world = World(SIMULATORS, [])
        cls.addClassCleanup(cls.world.close)

    def environment(self, **more):
        return {**os.environ, "WIREPAS_TARGET": self.world.address, "COLUMNS": "160", **more}

    def run_command(self, *arguments, code=0, json_lines=False, environment=None):
        """Its output, by lines or as objects, and what it complains of."""
        options = ["--json"] if json_lines else []
        done = subprocess.run([WIREPAS, *arguments, *options], capture_output=True, text=True,
                              timeout=60, check=False, env=environment or self.environment())
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        lines = done.stdout.splitlines()
        return [json.loads(line) for line in lines] if json_lines else lines, done.stderr

    def fail_at(self, gateway, request, error):
        self.world.control({"command": "faults", "faults": {"error_codes": {request: error}}},
                           gateway)
        self.addCleanup(self.world.control, {"command": "clear_faults"})

    def test_gateways(self):
        lines, _ = self.run_command("gateways", "--all")
        self.assertRegex(lines[0], r"gateway +online +model +version +sinks")
        self.assertRegex(lines[1], r"sim-gw-0 +yes +simulated-gateway +1.0.0 +sink0")
        found, _ = self.run_command("gateways", json_lines=True)
        self.assertEqual([gateway["gateway_id"] for gateway in found], ["sim-gw-0", "sim-gw-1"])

    def test_sinks(self):
        self.run_command("sink-config", "sim-gw-0", "sink0", "--channel", "9")
        lines, _ = self.run_command("sinks", "--network", hex(int(NETWORK)))
        self.assertRegex(lines[1], rf"sim-gw-0/sink0 +{NETWORK} +\d+ +9 +yes")
        found, _ = self.run_command("sinks", "--gateway", "sim-gw-0", "--refresh", json_lines=True)
        self.assertEqual([sink["config"]["network_channel"] for sink in found], [9])
        lines, _ = self.run_command("sinks", "--sink-id", "sink0", "--sink-id", "nosuch")
        self.assertEqual(len(lines), 3)
        lines, _ = self.run_command("sinks", "--sink-id", "nosuch")
        self.assertEqual(len(lines), 1)

    def test_sink_config(self):
        lines, _ = self.run_command(
            "sink-config", "sim-gw-1", "sink0", "--channel", "0x8", "--role", "sink",
            "--low-latency", "--access-cycle", "4000-8000", "--app-config", "0102ff",
            "--sequence", "7", "--diagnostics", "60", "--off")
        changed = dict(re.split(r"  +", line, maxsplit=1) for line in lines)
        for field, value in {"network_channel": "8", "node_role.base_role": "sink",
                             "access_cycle_range.minimum": "4 s", "app_config.data": "0102ff",
                             "app_config.diagnostics_interval": "60 s", "app_config.sequence": "7",
                             "sink_on": "no"}.items():
            self.assertEqual(changed.get(field), value, field)
        shown, _ = self.run_command("sink-config", "sim-gw-1", "sink0", json_lines=True)
        self.assertEqual(shown[0]["config"]["app_config"]["data"], "AQL/")
        self.run_command("sink-config", "sim-gw-1", "sink0", "--on")
        _, complaint = self.run_command("sink-config", "sim-gw-1", "nosuch", code=1)
        self.assertEqual(complaint,
                         "wirepas: sim-gw-1/nosuch: the gateway is offline, or has no such sink\n")
        # What is not given stays, also within the role, the range and the app config.
        lines, _ = self.run_command("sink-config", "sim-gw-1", "sink0", "--app-config", "aa",
                                    "--no-low-latency", "--access-cycle", "-6000")
        changed = dict(re.split(r"  +", line, maxsplit=1) for line in lines)
        for field, value in {"node_role.base_role": "sink", "node_role.low_latency": "no",
                             "access_cycle_range.minimum": "4 s",
                             "access_cycle_range.maximum": "6 s", "app_config.data": "aa",
                             "app_config.diagnostics_interval": "60 s",
                             "app_config.sequence": "8"}.items():
            self.assertEqual(changed.get(field), value, field)
        self.run_command("sink-config", "sim-gw-1", "sink0", "--app-config", "xy", code=2)
        self.run_command("sink-config", "sim-gw-1", "sink0", "--access-cycle", "-", code=2)

    def test_update_sinks(self):
        lines, _ = self.run_command("update-sinks", NETWORK, "--channel", "11", "--dry-run")
        self.assertEqual(lines[-1], "2 checked")
        # As they come, in any order.
        lines, _ = self.run_command("update-sinks", NETWORK, "--channel", "11", "--at-once", "1")
        self.assertEqual((sorted(lines[:-1]), lines[-1]),
                         (["sim-gw-0/sink0 changed", "sim-gw-1/sink0 changed"], "2 changed"))
        lines, _ = self.run_command("update-sinks", NETWORK, "--channel", "11", "--sink",
                                    "sim-gw-1/sink0")
        self.assertEqual(lines, ["sim-gw-1/sink0 unchanged", "1 unchanged"])
        self.fail_at("sim-gw-1", "set_config", "INVALID_SINK_STATE")
        lines, _ = self.run_command("update-sinks", NETWORK, "--channel", "12", code=1)
        self.assertRegex("\n".join(sorted(lines)),
                         r"^1 changed, 1 failed\nsim-gw-0/sink0 changed\n"
                         r"sim-gw-1/sink0 failed: FAILED_PRECONDITION GATEWAY_REFUSED: ")
        found, _ = self.run_command("update-sinks", NETWORK, "--channel", "12", "--gateway",
                                    "sim-gw-0", json_lines=True)
        self.assertEqual(found, [{"sink": {"gateway_id": "sim-gw-0", "sink_id": "sink0"},
                                  "outcome": "SINK_CHANGE_OUTCOME_UNCHANGED"}])
        _, complaint = self.run_command("update-sinks", NETWORK, code=1)
        self.assertRegex(complaint, r"^wirepas: INVALID_ARGUMENT INVALID_FIELD: .*update")

    def test_configuration_data(self):
        lines, _ = self.run_command("config-data", "set", NETWORK, "5", "0102", "--dry-run")
        self.assertEqual(lines[-1], "2 checked")
        lines, _ = self.run_command("config-data", "set", NETWORK, "5", "0102")
        self.assertEqual((sorted(lines[:-1]), lines[-1]),
                         (["sim-gw-0/sink0 changed", "sim-gw-1/sink0 changed"], "2 changed"))
        lines, _ = self.run_command("config-data", "get", "sim-gw-1", "sink0", "5")
        self.assertEqual(lines, ["0102"])
        found, _ = self.run_command("config-data", "set", NETWORK, "5", "0102", "--sink",
                                    "sim-gw-0/sink0", json_lines=True)
        self.assertEqual([one["outcome"] for one in found], ["SINK_CHANGE_OUTCOME_UNCHANGED"])
        self.run_command("config-data", "set", NETWORK, "5", "")
        _, complaint = self.run_command("config-data", "get", "sim-gw-1", "sink0", "5", code=1)
        self.assertEqual(complaint, "wirepas: sim-gw-1/sink0 has no item for endpoint 5\n")
        self.run_command("config-data", "set", NETWORK, "5", "x", code=2)

    def test_failures_have_a_line_and_exit_codes(self):
        _, complaint = self.run_command("sink-config", "sim-gw-0", "nosuch", "--on", code=1)
        self.assertRegex(complaint, r"^wirepas: NOT_FOUND SINK_NOT_KNOWN: .*\(gateway sim-gw-0, "
                                    r"sink nosuch, RESULT_CODE_INVALID_SINK_ID\)\n$")
        self.run_command("nosuch", code=2)
        for wrong in (["1", "xyz"], ["x", "01"], ["4294967296", "01"], ["-1", "01"]):
            self.run_command("send", "--sink", "sim-gw-0/sink0", "--", *wrong, code=2)
        _, complaint = self.run_command("--target", "127.0.0.1:1", "gateways", code=1)
        self.assertRegex(complaint, r"^wirepas: UNAVAILABLE: ")
        self.run_command("--target", "example.com:1", "--plaintext", "--token", "x", "gateways",
                         code=2)

    def test_uplinks(self):
        found, _ = self.run_command("uplinks", "--gateway", "sim-gw-1", "--count", "3",
                                    json_lines=True)
        self.assertEqual([packet["gateway_id"] for packet in found], ["sim-gw-1"] * 3)
        lines, _ = self.run_command("uplinks", "--count", "2")
        for line in lines:
            # When it was received, published, and taken by the service.
            self.assertRegex(line, rf"^\d{{4}}-\S+Z( +\S*\d\d:\d\d:\d\d\.\d{{3}}Z){{2}} +"
                                   rf"sim-gw-[01]/sink0 +{NETWORK} +\d+ +1->1 +\d+ +[0-9a-f]+$")
        self.assertEqual(len(lines), 2)
        self.assertIn("arrival_time", found[0])

    def test_uplinks_are_gathered(self):
        begin = time.monotonic()
        self.run_command("uplinks", "--count", "1", "--max-delay", "1")
        self.assertGreater(time.monotonic() - begin, 1)
        self.run_command("uplinks", "--count", "1", "--max-delay", "11", code=2)

    def test_uplinks_go_on_after_the_place_that_is_kept(self):
        file = self.world.folder / "cursor"

        def run(count):
            found, _ = self.run_command("uplinks", "--gateway", "sim-gw-0", "--cursor", str(file),
                                        "--count", str(count), json_lines=True)
            # Each packet begins with its number.
            return [int.from_bytes(base64.b64decode(packet["payload"])[:8], "little")
                    for packet in found]

        first = run(20)
        second = run(20)
        self.assertIn(second[0], first)  # what came last is not known to be done with
        self.assertEqual(sorted({*first, *second}), list(range(first[0], second[-1] + 1)))

    def test_a_place_that_cannot_be_kept_is_a_failure(self):
        _, complaint = self.run_command("uplinks", "--cursor", "/nosuch/cursor", "--count", "1000",
                                        "--oldest", code=1)
        self.assertEqual(complaint.count("\n"), 1)
        self.assertIn("/nosuch/cursor", complaint)

    def test_uplinks_are_a_live_table_on_a_terminal(self):
        controller, terminal = pty.openpty()
        fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 160, 0, 0))
        done = subprocess.Popen([WIREPAS, "uplinks", "--count", "40"], stdin=terminal,
                                stdout=terminal, stderr=terminal,
                                env=self.environment(TERM="xterm"))
        os.close(terminal)
        text = b""
        with contextlib.suppress(OSError):  # the other side is closed
            while piece := os.read(controller, 65536):
                text += piece
        os.close(controller)
        self.assertEqual(done.wait(20), 0)
        # It was drawn over and over, and at last has the latest twenty.
        last = re.split(rb"\x1b\[2K(?=received)|\x1b\[2K.*received", text)
        self.assertGreater(len(last), 2)
        plain = re.sub(rb"\x1b\[[0-9;?]*[A-Za-z]", b"", last[-1]).decode()
        self.assertEqual(len(re.findall(rf"sim-gw-[01]/sink0 +{NETWORK} ", plain)), 20)

    def test_nodes(self):
        _, complaint = self.run_command("nodes", "--network", "99")
        self.assertIn(complaint, ("", "wirepas: the service begins to listen for nodes now: "
                                      "ask again, or use --wait\n"))
        lines, _ = self.run_command("nodes", "--wait", "1")
        self.assertGreater(len(lines), 3)
        for _ in range(100):
            found, _ = self.run_command("nodes", json_lines=True)
            if len(found) >= 3:
                break
        self.assertGreaterEqual(len(found), 3)
        some, _ = self.run_command("nodes", "--node", str(found[0]["node_address"]),
                                   json_lines=True)
        self.assertEqual([node["node_address"] for node in some], [found[0]["node_address"]])
        lines, _ = self.run_command("nodes", "--network", NETWORK)
        self.assertRegex(lines[1], rf"{NETWORK} +\d+ +\d+ +\d+ +\d{{4}}-.* sim-gw-[01]/sink0")

    def test_messages_by_network(self):
        self.run_command("nodes", "--wait", "1")
        found = []
        for _ in range(100):
            found, _ = self.run_command("nodes", "--network", NETWORK, json_lines=True)
            if found:
                break
        node = str(found[0]["node_address"])
        # Each node is heard by the sink of one gateway.
        sink = "{gateway_id}/{sink_id}".format(**found[0]["last_sink"])
        lines, _ = self.run_command("send", node, "0102", "--network", NETWORK)
        self.assertEqual(lines, [f"{sink} sent"])
        sent, _ = self.run_command("send", node, "0102", "--network", NETWORK, json_lines=True)
        self.assertEqual("{gateway_id}/{sink_id}".format(**sent[0]["sink"]), sink)
        _, complaint = self.run_command("send", "99999", "0102", "--network", NETWORK, code=1)
        self.assertRegex(complaint, r"^wirepas: NOT_FOUND NODE_NOT_HEARD: ")
        everywhere = ["sim-gw-0/sink0 sent", "sim-gw-1/sink0 sent"]
        lines, _ = self.run_command("send", "99999", "0102", "--network", NETWORK,
                                    "--all-if-unheard")
        self.assertEqual(lines, everywhere)
        lines, _ = self.run_command("send", "0xFFFFFFFF", "0102", "--network", NETWORK)
        self.assertEqual(lines, everywhere)
        self.fail_at("sim-gw-1", "send_data", "ACCESS_DENIED")
        lines, _ = self.run_command("send", "0xFFFFFFFF", "0102", "--network", NETWORK, code=1)
        self.assertEqual(lines[0], everywhere[0])
        self.assertRegex(lines[1],
                         r"^sim-gw-1/sink0 failed: PERMISSION_DENIED GATEWAY_REFUSED: .*")

    def test_messages(self):
        through = ["--sink", "sim-gw-0/sink0"]
        lines, _ = self.run_command("send", "1", "0102", *through)
        self.assertEqual(lines, ["sim-gw-0/sink0 sent"])
        found, _ = self.run_command("send", "1", "0102", *through, "--request-id",
                                    "0xfedcba9876543210", json_lines=True)
        self.assertEqual(found[0]["sent"]["request_id"], str(0xfedcba9876543210))
        _, complaint = self.run_command("send", "1", "0103", *through, "--request-id",
                                        "0xfedcba9876543210", code=1)
        self.assertRegex(complaint, r"^wirepas: INVALID_ARGUMENT INVALID_FIELD: .*request_id")
        for wrong in ([], [*through, "--network", NETWORK], [*through, "--all-if-unheard"],
                      ["--sink", "sink0"], [*through, "--request-id", "-1"]):
            self.run_command("send", "1", "0102", *wrong, code=2)

    def test_broadcast(self):
        lines, _ = self.run_command("broadcast", NETWORK, "0102")
        self.assertEqual(lines, ["sim-gw-0/sink0 sent", "sim-gw-1/sink0 sent"])
        lines, _ = self.run_command("broadcast", NETWORK, "0102", "--gateway", "sim-gw-1")
        self.assertEqual(lines, ["sim-gw-1/sink0 sent", "sim-gw-0/sink0 skipped: not-in-scope"])
        again = ["broadcast", NETWORK, "0102", "--request-id", "0x0123456789abcdef"]
        first, _ = self.run_command(*again, "--sink", "sim-gw-0/sink0", json_lines=True)
        second, _ = self.run_command(*again, json_lines=True)
        self.assertEqual(first[0], second[0])  # the answer of the first
        self.assertEqual([first[1]["reason"], second[1]["sink"]["gateway_id"]],
                         ["SKIP_REASON_NOT_IN_SCOPE", "sim-gw-1"])
        self.fail_at("sim-gw-1", "send_data", "SINK_OUT_OF_MEMORY")
        lines, _ = self.run_command("broadcast", NETWORK, "0102", code=1)
        self.assertEqual(lines[0], "sim-gw-0/sink0 sent")
        self.assertRegex(lines[1], r"^sim-gw-1/sink0 failed: RESOURCE_EXHAUSTED SINK_BUSY: .*")

    def test_app_configs(self):
        self.run_command("app-config", "update", NETWORK, "--set", "1000=68656c6c6f", "--override")
        lines, _ = self.run_command("app-config", "list", NETWORK, "--refresh")
        self.assertRegex(lines[1], r"sim-gw-0/sink0 +1000 +68656c6c6f")
        lines, _ = self.run_command("app-config", "update", NETWORK, "--remove", "1000",
                                    "--dry-run")
        self.assertRegex(lines[1], r"sim-gw-0/sink0 +checked +\d+ +\d+")
        lines, _ = self.run_command("app-config", "update", NETWORK, "--set", "7=01", "--sink",
                                    "sim-gw-1/sink0")
        self.assertEqual([line.split()[:2] for line in lines[1:]], [["sim-gw-1/sink0", "changed"]])
        self.run_command("app-config", "update", NETWORK, "--set", "1000:68", code=2)
        self.run_command("app-config", "list", NETWORK, "--sink", "sink0", code=2)

    def test_otap(self):
        file = self.world.folder / "firmware.otap"
        file.write_bytes(scratchpad_file(bytes(range(256)) * 4))
        lines, _ = self.run_command("otap", "load", NETWORK, str(file), "--sequence", "7")
        text = "\n".join(lines)
        self.assertRegex(text, r"sim-gw-0/sink0 .* 1\.0/1\.0 KiB +done")
        self.assertIn("loaded 2 of 2 sinks, sequence 7", text)
        lines, _ = self.run_command("otap", "list", NETWORK)
        self.assertRegex(lines[1], r"sim-gw-0/sink0 +7 +1056 +\d+")
        lines, _ = self.run_command("otap", "target", NETWORK, "process-with-delay", "--delay",
                                    "one-hour")
        self.assertEqual(lines, ["sim-gw-0/sink0 target set", "sim-gw-1/sink0 target set"])
        self.run_command("otap", "target", NETWORK, "process-with-delay", "--delay", "soon", code=2)
        lines, _ = self.run_command("otap", "process", NETWORK, "--gateway", "sim-gw-1")
        self.assertEqual(lines, ["sim-gw-1/sink0 processed"])
        lines, _ = self.run_command("otap", "ask", NETWORK)
        self.assertEqual(lines, ["sim-gw-0/sink0 asked", "sim-gw-1/sink0 asked"])
        for _ in range(100):
            found, _ = self.run_command("otap", "status", json_lines=True)
            if found:
                break
        self.assertTrue(found)
        self.fail_at("sim-gw-1", "otap_load_scratchpad", "ACCESS_DENIED")
        lines, complaint = self.run_command("otap", "load", NETWORK, str(file), code=1)
        self.assertRegex(complaint, r"sim-gw-1/sink0 failed: PERMISSION_DENIED GATEWAY_REFUSED: ")
        self.assertTrue(re.search(r"loaded 1 of 2 sinks", "\n".join(lines)))

    def test_completion(self):
        lines, _ = self.run_command("--show-completion", "bash", code=0)
        self.assertIn("_WIREPAS_COMPLETE", "\n".join(lines))
        for words, offered in (("wirepas sin", ["sinks", "sink-config"]),
                               ("wirepas otap l", ["load", "list"])):
            lines, _ = self.run_command(environment=self.environment(
                _WIREPAS_COMPLETE="complete_bash", COMP_WORDS=words,
                COMP_CWORD=str(len(words.split()) - 1)))
            self.assertEqual(lines, offered)

    def test_version(self):
        lines, _ = self.run_command("--version")
        self.assertRegex(lines[0], r"^wirepas \d+\.\d+\.\d+$")


if __name__ == "__main__":
    unittest.main(verbosity=2)
