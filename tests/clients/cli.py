#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The command `wirepas` against the live service: what each command prints, and its exit code."""

import json
import os
import re
import subprocess
import sys
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

    def run_command(self, *arguments, code=0, json_lines=False):
        """Its output, by lines or as objects, and what it complains of."""
        options = ["--json"] if json_lines else []
        done = subprocess.run(
            [WIREPAS, *options, *arguments], capture_output=True, text=True, timeout=60,
            check=False, env={**os.environ, "WIREPAS_TARGET": self.world.address, "COLUMNS": "160"})
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
        lines, _ = self.run_command("sinks", "set", "sim-gw-0", "sink0", "--channel", "9")
        self.assertRegex(lines[1], rf"sim-gw-0/sink0 +{NETWORK} +\d+ +9 +yes")
        found, _ = self.run_command("sinks", "list", "--gateway", "sim-gw-0", "--refresh",
                                    json_lines=True)
        self.assertEqual([sink["config"]["network_channel"] for sink in found], [9])

    def test_failures_have_a_line_and_exit_codes(self):
        _, complaint = self.run_command("sinks", "set", "sim-gw-0", "nosuch", "--on", code=1)
        self.assertRegex(complaint, r"^wirepas: NOT_FOUND: .*\(gateway sim-gw-0, sink nosuch, "
                                    r"RESULT_CODE_INVALID_SINK_ID\)\n$")
        self.run_command("sinks", "set", "sim-gw-0", "sink0", code=2)
        self.run_command("nosuch", code=2)
        self.run_command("send", "sim-gw-0", "sink0", "1", "xyz", code=2)
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
            self.assertRegex(line, rf"^\d{{4}}-.* sim-gw-[01]/sink0 +{NETWORK} +\d+ +1->1 +\d+ +[0-9a-f]+$")
        self.assertEqual(len(lines), 2)

    def test_nodes(self):
        for _ in range(100):
            found, _ = self.run_command("nodes", json_lines=True)
            if len(found) >= 3:
                break
        self.assertGreaterEqual(len(found), 3)
        lines, _ = self.run_command("nodes", "--network", NETWORK)
        self.assertRegex(lines[1], rf"{NETWORK} +\d+ +\d+ +\d+ +\d{{4}}-.* sim-gw-[01]/sink0")

    def test_messages(self):
        lines, _ = self.run_command("send", "sim-gw-0", "sink0", "1", "0102")
        self.assertEqual(lines, ["sim-gw-0/sink0 sent"])
        found, _ = self.run_command("send", "sim-gw-0", "sink0", "1", "0102", json_lines=True)
        self.assertRegex(found[0]["request_id"], r"^\d+$")
        lines, _ = self.run_command("broadcast", NETWORK, "0102")
        self.assertEqual(lines, ["sim-gw-0/sink0 sent", "sim-gw-1/sink0 sent"])
        self.fail_at("sim-gw-1", "send_data", "SINK_OUT_OF_MEMORY")
        lines, _ = self.run_command("broadcast", NETWORK, "0102", code=1)
        self.assertEqual(lines[0], "sim-gw-0/sink0 sent")
        self.assertRegex(lines[1], r"^sim-gw-1/sink0 failed: RESOURCE_EXHAUSTED: .*")

    def test_app_configs(self):
        self.run_command("app-config", "update", NETWORK, "--set", "1000=68656c6c6f", "--override")
        lines, _ = self.run_command("app-config", "list", NETWORK, "--refresh")
        self.assertRegex(lines[1], r"sim-gw-0/sink0 +1000 +68656c6c6f")
        lines, _ = self.run_command("app-config", "update", NETWORK, "--remove", "1000",
                                    "--dry-run")
        self.assertRegex(lines[1], r"sim-gw-0/sink0 +checked +\d+ +\d+")
        self.run_command("app-config", "update", NETWORK, "--set", "1000:68", code=2)

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
        lines, _ = self.run_command("otap", "ask", NETWORK)
        self.assertEqual(lines, ["sim-gw-0/sink0 asked", "sim-gw-1/sink0 asked"])
        for _ in range(100):
            found, _ = self.run_command("otap", "status", json_lines=True)
            if found:
                break
        self.assertTrue(found)
        self.fail_at("sim-gw-1", "otap_load_scratchpad", "ACCESS_DENIED")
        lines, complaint = self.run_command("otap", "load", NETWORK, str(file), code=1)
        self.assertRegex(complaint, r"sim-gw-1/sink0 failed: PERMISSION_DENIED")
        self.assertTrue(re.search(r"loaded 1 of 2 sinks", "\n".join(lines)))

    def test_completion(self):
        lines, _ = self.run_command("--show-completion", "bash", code=0)
        self.assertIn("_WIREPAS_COMPLETE", "\n".join(lines))


if __name__ == "__main__":
    unittest.main(verbosity=2)
