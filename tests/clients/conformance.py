#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Has the clients of the languages named play the scenario against the live service.

The scenario is in scenario/*.json, the same for all languages; README.md describes it. What
`world` says in a file is started anew for each language and file.
"""

import argparse
import itertools
import json
import re
import sys
import tempfile
import time
from pathlib import Path

from driver import Driver, DriverError, clients_of, name_of
from player import Failure, Player
from world import ROOT, ROOT_PROTO, StackError, World

sys.path.insert(0, str(ROOT / "tests" / "docs"))
import pages  # noqa: E402

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


# Those that only parts of responses have.
PART_CODES = {15: "DATA_LOSS"}
# No client can bring it about: the service would have to draw the very id that one chooses.
NOT_FOR_CLIENTS = {"ALREADY_EXISTS"}


def table_of_errors():
    """The statuses and result codes that docs/errors.md has in its table."""
    rows = pages.table_rows(pages.read(pages.ERRORS))
    return {word for row in rows for cell in row for word in pages.code_words(cell)
            if re.fullmatch(r"[A-Z_]+[A-Z]", word)}


def expected_errors(value):
    """Those that a part of the scenario expects of a call, a subscription or a part of either."""
    if isinstance(value, list):
        return set().union(*map(expected_errors, value)) if value else set()
    if not isinstance(value, dict):
        return set()
    own = {value[name] for name in ("status", "code", "result", "outcome")
           if isinstance(value.get(name), str)}
    # A part of a response has its code as a number.
    own |= {name for number, name in PART_CODES.items() if value.get("code") == number}
    return own.union(*(expected_errors(part) for part in value.values())) if value else own


def gaps_in_completeness():
    """What of the API the scenario leaves out."""
    scenario = [json.loads(path.read_text(encoding="utf-8")) for path in FILES]
    yield from sorted(all_rpcs() - called_rpcs(scenario))
    yield from sorted(table_of_errors() - NOT_FOR_CLIENTS - expected_errors(scenario))


def play(client, path, only, logs):
    """Returns how many cases of a file have passed, and how many failed."""
    scenario = json.loads(path.read_text(encoding="utf-8"))
    cases = [case for case in scenario["cases"] if re.search(only, case["name"])]
    values = dict(scenario.get("values", {}))
    who = f"{name_of(client)} {path.stem}"
    log = logs / f"driver-{who.replace(' ', '-')}.log"
    passed = 0
    if not cases:
        return 0, 0
    with World(**scenario["world"]) as world:
        # Cases with the same options share a driver.
        for options, group in itertools.groupby(cases, lambda case: case.get("client", [])):
            with Driver(client, world.target, log, world.filled(options)) as driver:
                passed += sum(play_case(who, case, world, driver, values) for case in group)
                if (code := driver.close()) != 0:
                    print(f"FAILED  {who}: the driver ends with {code}")
                    passed -= 1
    return passed, len(cases) - passed


def play_case(who, case, world, driver, values):
    begin = time.monotonic()
    try:
        Player(world, driver, values).play(case["steps"])
    except (Failure, DriverError, StackError) as problem:
        print(f"FAILED  {who}: {case['name']}\n        {problem}", flush=True)
        return False
    print(f"ok      {who}: {case['name']} ({time.monotonic() - begin:.1f} s)", flush=True)
    return True


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("languages", nargs="+", metavar="LANGUAGE")
    parser.add_argument("--only", default="", metavar="REGEX", help="cases whose name matches")
    parser.add_argument("--files", default="", metavar="REGEX", help="files whose name matches")
    arguments = parser.parse_args()
    if missing := list(gaps_in_completeness()):
        print(f"FAILED  the scenario has no {', no '.join(missing)}")
        return 1
    logs = Path(tempfile.mkdtemp(prefix="wirepas-clients-"))
    passed = failed = 0
    for language in arguments.languages:
        for client, path in itertools.product(clients_of(language), FILES):
            if re.search(arguments.files, path.stem):
                ok, bad = play(client, path, arguments.only, logs)
                passed, failed = passed + ok, failed + bad
    print(f"logs of the drivers: {logs}")
    print(f"{passed} passed, {failed} failed")
    return 0 if passed and not failed else 1


if __name__ == "__main__":
    sys.exit(main())
