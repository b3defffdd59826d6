#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Has the clients of the languages named play the scenario against the live service.

The scenario is in scenario/*.json, the same for all languages; README.md describes it. What
`world` says in a file is started anew for each language and file. Several files are played at a
time, those that take longest first.
"""

import argparse
import itertools
import json
import os
import re
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from completeness import FILES, shortcomings
from driver import Driver, DriverError, clients_of, name_of
from player import Failure, Player
from world import StackError, World

# Files that are played at the same time, each in a world of its own. Most of their time is waiting.
SIDE_BY_SIDE = (os.cpu_count() or 1) + 1


def play(client, path, only, logs):
    """Returns how many cases of a file have passed, and how many failed."""
    scenario = json.loads(path.read_text(encoding="utf-8"))
    scenario["cases"] = [case for case in scenario["cases"] if re.search(only, case["name"])]
    count = len(scenario["cases"])
    if count == 0:
        return 0, 0
    who = f"{name_of(client)} {path.stem}"
    begin = time.monotonic()
    try:
        passed = play_cases(client, scenario, who, logs / f"driver-{who.replace(' ', '-')}.log")
    except (DriverError, StackError) as problem:
        print(f"FAILED  {who}: {problem}", flush=True)
        passed = 0
    print(f"        {who}: {time.monotonic() - begin:.1f} s", flush=True)
    return passed, count - passed


def play_cases(client, scenario, who, log):
    """Returns how many have passed."""
    values = dict(scenario.get("values", {}))
    passed = 0
    with World(**scenario["world"]) as world:
        # Cases with the same options share a driver.
        for options, group in itertools.groupby(scenario["cases"], lambda case: case.get("client", [])):
            with Driver(client, world.target, log, world.filled(options)) as driver:
                passed += sum(play_case(who, case, world, driver, values) for case in group)
                if (code := driver.close()) != 0:
                    print(f"FAILED  {who}: the driver ends with {code}")
                    passed -= 1
    return passed


def seconds_of(path):
    """About how long a file takes."""
    return json.loads(path.read_text(encoding="utf-8")).get("seconds", 0)


def play_all(clients, files, only, logs):
    """The same of many. The first files of all clients come before the second."""
    files = sorted(files, key=seconds_of, reverse=True)
    with ThreadPoolExecutor(SIDE_BY_SIDE) as pool:
        plays = [pool.submit(play, client, path, only, logs)
                 for path, client in itertools.product(files, clients)]
        for each in plays:
            yield each.result()


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
    if missing := shortcomings():
        print("FAILED  the scenario:\n        " + "\n        ".join(missing))
        return 1
    logs = Path(tempfile.mkdtemp(prefix="wirepas-clients-"))
    clients = [client for language in arguments.languages for client in clients_of(language)]
    files = [path for path in FILES if re.search(arguments.files, path.stem)]
    results = list(play_all(clients, files, arguments.only, logs))
    passed = sum(ok for ok, _ in results)
    failed = sum(bad for _, bad in results)
    print(f"logs of the drivers: {logs}")
    print(f"{passed} passed, {failed} failed")
    return 0 if passed and not failed else 1


if __name__ == "__main__":
    sys.exit(main())
