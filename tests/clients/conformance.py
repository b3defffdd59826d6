#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Has the clients of the languages named play the scenario against the live service.

The scenario is in scenario/*.json, the same for all languages; README.md describes it. What
`world` says in a file is started anew for each language and file.
"""

import argparse
import json
import re
import sys
import tempfile
import time
from pathlib import Path

from driver import Driver, DriverError
from player import Failure, Player
from world import ROOT_PROTO, StackError, World

FOLDER = Path(__file__).resolve().parent
FILES = sorted((FOLDER / "scenario").glob("*.json"))


def all_rpcs():
    """Every RPC that the .proto files have."""
    found = set()
    for path in ROOT_PROTO.glob("*_service.proto"):
        text = path.read_text(encoding="utf-8")
        service = re.search(r"^service (\w+)", text, re.MULTILINE).group(1)
        found |= {f"{service}/{rpc}" for rpc in re.findall(r"^  rpc (\w+)", text, re.MULTILINE)}
    return found


def called_rpcs(value):
    """Those that a part of the scenario calls."""
    if isinstance(value, list):
        return set().union(*map(called_rpcs, value)) if value else set()
    if not isinstance(value, dict):
        return set()
    own = {value["call"]} if isinstance(value.get("call"), str) else set()
    if "subscribe" in value:
        own.add("NetworkService/SubscribeUplink")
    return own.union(*(called_rpcs(part) for part in value.values())) if value else own


def play(language, path, only, logs):
    """Returns how many cases of a file have passed, and how many failed."""
    scenario = json.loads(path.read_text(encoding="utf-8"))
    cases = [case for case in scenario["cases"] if re.search(only, case["name"])]
    values = dict(scenario.get("values", {}))
    passed = 0
    if not cases:
        return 0, 0
    with World(**scenario["world"]) as world:
        log = logs / f"driver-{language}-{path.stem}.log"
        with Driver(language, world.address, log) as driver:
            for case in cases:
                begin = time.monotonic()
                try:
                    Player(world, driver, values).play(case["steps"])
                    passed += 1
                    print(f"ok      {language} {path.stem}: {case['name']} "
                          f"({time.monotonic() - begin:.1f} s)", flush=True)
                except (Failure, DriverError, StackError) as problem:
                    print(f"FAILED  {language} {path.stem}: {case['name']}\n        {problem}",
                          flush=True)
            if (code := driver.close()) != 0:
                print(f"FAILED  {language} {path.stem}: the driver ends with {code}")
                passed -= 1
    return passed, len(cases) - passed


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("languages", nargs="+", metavar="LANGUAGE")
    parser.add_argument("--only", default="", metavar="REGEX", help="cases whose name matches")
    parser.add_argument("--files", default="", metavar="REGEX", help="files whose name matches")
    arguments = parser.parse_args()
    called = set().union(*(called_rpcs(json.loads(path.read_text(encoding="utf-8")))
                           for path in FILES))
    if missing := sorted(all_rpcs() - called):
        print(f"FAILED  the scenario calls no {', no '.join(missing)}")
        return 1
    logs = Path(tempfile.mkdtemp(prefix="wirepas-clients-"))
    passed = failed = 0
    for language in arguments.languages:
        for path in FILES:
            if re.search(arguments.files, path.stem):
                ok, bad = play(language, path, arguments.only, logs)
                passed, failed = passed + ok, failed + bad
    print(f"logs of the drivers: {logs}")
    print(f"{passed} passed, {failed} failed")
    return 0 if passed and not failed else 1


if __name__ == "__main__":
    sys.exit(main())
