#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Runs the six examples of the languages named against the live service, and compares what they print.

All languages print the same lines.
"""

import argparse
import re
import subprocess
import sys
import traceback

from world import ROOT, StackError, World

sys.path.insert(0, str(ROOT / "tests" / "docs"))
from otap_file import scratchpad_file  # noqa: E402

# Two gateways, of which the second has a sink that has been configured.
SIMULATORS = [["--gateways", "2", "--sinks", "1", "--nodes", "3", "--rate", "20"]]
NETWORK = "1193046"
SINKS = ["sim-gw-0/sink0", "sim-gw-1/sink0"]
_PATIENCE = 120


class Failure(Exception):
    """An example does not do what it should."""


class Examples:
    def __init__(self, language, world):
        self._program = ROOT / "clients" / language / "examples" / "run"
        self._world = world

    def _run(self, name, *arguments, code=0):
        done = subprocess.run([self._program, name, "--target", self._world.address, *arguments],
                              capture_output=True, text=True, timeout=_PATIENCE, check=False,
                              cwd=ROOT)
        if done.returncode != code:
            raise Failure(f"{name} ends with {done.returncode} and not {code}:\n"
                          f"{done.stdout}{done.stderr}")
        return done.stdout.splitlines(), done.stderr.splitlines()

    @staticmethod
    def _expect(lines, *patterns, ordered=True):
        """As many lines as patterns, each matched as a whole."""
        found = lines if ordered else sorted(lines)
        if len(found) != len(patterns) or not all(map(re.fullmatch, patterns, found)):
            raise Failure("expected:\n" + "\n".join(patterns) + "\nprinted:\n" + "\n".join(lines))

    def list_sinks(self):
        out, _ = self._run("list_sinks")
        self._expect(out, *(rf"{sink} network={NETWORK} address=\d+ channel=\d+" for sink in SINKS))

    def send_to_all_sinks(self):
        out, _ = self._run("send_to_all_sinks", NETWORK, "0102ff")
        self._expect(out, *(f"{sink} sent" for sink in SINKS))
        self._world.control({"command": "faults", "faults": {
            "error_codes": {"send_data": "SINK_OUT_OF_MEMORY"}}}, "sim-gw-1")
        out, _ = self._run("send_to_all_sinks", NETWORK, "0102ff", code=1)
        self._world.control({"command": "clear_faults"})
        self._expect(out, f"{SINKS[0]} sent", f"{SINKS[1]} failed: .*SINK_OUT_OF_MEMORY.*")

    def print_uplinks(self):
        out, _ = self._run("print_uplinks", "--count", "3")
        self._expect(out, *[r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z sim-gw-[01]/sink0 node=\d+ "
                            r"endpoints=1->1 payload=[0-9a-f]{64}"] * 3)

    def configure_sink(self):
        out, _ = self._run("configure_sink", "sim-gw-0", "sink0", "9")
        self._expect(out, f"{SINKS[0]} channel=9")
        out, err = self._run("configure_sink", "sim-gw-0", "nosuch", "9", code=1)
        self._expect(out)
        self._expect(err, r"NOT_FOUND SINK_NOT_KNOWN: .* \(gateway sim-gw-0, sink nosuch, "
                          r"RESULT_CODE_INVALID_SINK_ID\)")

    def discover_nodes(self):
        out, _ = self._run("discover_nodes", "--seconds", "3")
        if not out:
            raise Failure("no node is discovered")
        self._expect(out, *[rf"network={NETWORK} node=\d+ packets=\d+ last=sim-gw-[01]/sink0"]
                     * len(out))
        nodes = [int(re.search(r"node=(\d+)", line).group(1)) for line in out]
        if nodes != sorted(set(nodes)):
            raise Failure(f"nodes are not in order, or twice: {nodes}")

    def otap(self):
        file = self._world.folder / "firmware.otap"
        file.write_bytes(scratchpad_file(bytes(range(256)) * 4))
        out, _ = self._run("otap", NETWORK, str(file))
        for sink in SINKS:
            states = [line for line in out if line.startswith(sink)]
            if not re.fullmatch(rf"({sink} uploading \d+/1056\n)*{sink} done\n{sink} target set\n",
                                "".join(line + "\n" for line in states)):
                raise Failure("printed:\n" + "\n".join(out))
        if not any(re.fullmatch(r"loaded 2 of 2 sinks, sequence \d+", line) for line in out):
            raise Failure("no summary:\n" + "\n".join(out))
        self._world.control({"command": "faults", "faults": {
            "error_codes": {"otap_load_scratchpad": "ACCESS_DENIED"}}}, "sim-gw-1")
        out, _ = self._run("otap", NETWORK, str(file), code=1)
        self._world.control({"command": "clear_faults"})
        if not any(re.fullmatch(rf"{SINKS[1]} failed: .*ACCESS_DENIED.*", line) for line in out):
            raise Failure("printed:\n" + "\n".join(out))
        if not any(line.startswith("loaded 1 of 2 sinks") for line in out):
            raise Failure("printed:\n" + "\n".join(out))

    def without_a_service(self):
        self._world.service_down()
        try:
            out, err = self._run("list_sinks", code=1)
            self._expect(out)
            self._expect(err, r"UNAVAILABLE: \S.*")
        finally:
            self._world.service_up()


CASES = ("list_sinks", "send_to_all_sinks", "print_uplinks", "configure_sink", "discover_nodes",
         "otap", "without_a_service")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("languages", nargs="+", metavar="LANGUAGE")
    passed = failed = 0
    for language in parser.parse_args().languages:
        with World(SIMULATORS, []) as world:
            examples = Examples(language, world)
            for case in CASES:
                try:
                    getattr(examples, case)()
                    passed += 1
                    print(f"ok      {language} {case}", flush=True)
                except (Failure, StackError) as problem:
                    failed += 1
                    print(f"FAILED  {language} {case}: {problem}", flush=True)
                except subprocess.TimeoutExpired:
                    failed += 1
                    traceback.print_exc()
    print(f"{passed} passed, {failed} failed")
    return 0 if passed and not failed else 1


if __name__ == "__main__":
    sys.exit(main())
