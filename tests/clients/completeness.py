# SPDX-License-Identifier: Apache-2.0
"""What of the API the scenario leaves out.

Every RPC is called by some case; every field of every message is set in a request or expected in a
response, and every value of every enum is there somewhere; every status and result code of
docs/errors.md is expected. EXCEPTIONS has what clients cannot bring about, with the reason.
"""

import json
import re
import sys
from pathlib import Path

from world import ROOT, ROOT_PROTO

sys.path.insert(0, str(ROOT / "tests" / "docs"))
import pages  # noqa: E402

FILES = sorted((Path(__file__).resolve().parent / "scenario").glob("*.json"))

# A name, or the beginning of names with a "*" behind it, and why no case has it. The values 0, which
# enums have for what is not set, need none.
EXCEPTIONS = {
    "BROKER_DISCONNECT_REASON_*": "needs another broker or network: tests/core/mqtt has them",
    "BrokerState.impaired_subscriptions": "needs a broker that refuses subscriptions",
    "ImpairedSubscription.*": "the same",
    "SubscriptionRefusal.*": "the same",
    "ERROR_REASON_BROKER_DENIES": "needs a broker that refuses requests",
    "ERROR_REASON_CANCELLED": "whoever cancels a call hears it from the own gRPC library",
    "ERROR_REASON_INTERNAL": "what the service does not foresee",
    "ERROR_REASON_MALFORMED_REQUEST": "the clients send none",
    "ERROR_REASON_NO_SEQUENCE_LEFT": "needs 254 sinks",
    "ERROR_REASON_OUT_OF_TIME": "comes together with the client's own deadline",
    "ERROR_REASON_REQUEST_ID_IN_USE": "the service would have to draw the id that one chooses",
    "ERROR_REASON_STORAGE_FAILED": "needs a broken disk",
    "ERROR_REASON_TOO_LARGE": "needs a request of many megabytes",
    "GAP_REASON_STORAGE_LOSS": "needs a broken disk",
    "NETWORK_EVENT_TYPE_GATEWAY_UPDATED": "simulated gateways stay what they are",
    "SCRATCHPAD_STATE_ERROR": "simulated sinks process whatever they store",
}

# No client can bring it about: the service would have to draw the very id that one chooses.
STATUSES_NOT_FOR_CLIENTS = {"ALREADY_EXISTS"}
# Those that only parts of responses have, as numbers.
PART_CODES = {15: "DATA_LOSS"}


class Api:
    """The messages, enums and RPCs of the .proto files."""

    def __init__(self):
        self.messages = {}  # by name: the types of its fields, by their names
        self.enums = {}  # by name: its values
        self.rpcs = {}  # "Service/Rpc": the messages of request and response
        for path in sorted(ROOT_PROTO.glob("*.proto")):
            self._read(re.sub(r"//.*", "", path.read_text(encoding="utf-8")))

    def _read(self, text):
        for kind, name, block in re.findall(
                r"^(message|enum|service) (\w+) \{(\}|.*?^\})", text, re.MULTILINE | re.DOTALL):
            if kind == "message":
                self.messages[name] = {
                    field: kind.rpartition(".")[2] for kind, field in re.findall(
                        r"^ +(?:optional |repeated )?([\w.]+) (\w+) = \d+;", block, re.MULTILINE)}
            elif kind == "enum":
                self.enums[name] = re.findall(r"^ +(\w+) = \d+;", block, re.MULTILINE)
            else:
                for rpc, request, response in re.findall(
                        r"rpc (\w+)\((?:stream )?(\w+)\)\s*returns \((?:stream )?(\w+)\)", block):
                    self.rpcs[f"{name}/{rpc}"] = (request, response)

    def names(self):
        """What cases have to have: "Message.field" and values of enums."""
        yield from (f"{message}.{field}" for message, fields in self.messages.items()
                    for field in fields)
        yield from (value for values in self.enums.values() for value in values[1:])


class Coverage:
    """What the cases of the scenario set and expect."""

    def __init__(self, api):
        self._api = api
        self._values = {}  # of the file: "$name"
        self.calls = set()
        self.names = set()
        self.unknown = set()  # what cases have and the API has not

    def add_file(self, scenario):
        self._values = scenario.get("values", {})
        for case in scenario["cases"]:
            running = {}
            for step in case["steps"]:
                self._add_step(step, running)

    def _add_step(self, step, running):
        status = step.get("status")
        if isinstance(status, dict):
            self._add("GatewayError", status.get("gateway_error"))
            self._add("ErrorReason", status.get("reason"))
        if "subscribe" in step:
            self.calls.add("NetworkService/SubscribeUplink")
            self._add("SubscribeUplinkRequest", step.get("request"))
        if "subscribed" in step:
            self._add("Gap", step.get("gaps"))
            last = step.get("last", {}).get("status", {})
            self._add("ErrorReason", last.get("reason"))
        if "wait" in step:
            line = step["line"]
            self._add(running.get(step["wait"]), line.get("response"))
            # What the client makes of responses.
            self._add("SubscribeUplinkResponse", {
                name: line[key] for key, name in (("uplink", "uplinks"), ("gap", "gap"))
                if key in line})
        rpc = step.get("call")
        if rpc is not None:
            if rpc not in self._api.rpcs:
                self.unknown.add(rpc)
                return
            self.calls.add(rpc)
            request, response = self._api.rpcs[rpc]
            self._add(request, step.get("requests", step.get("request")))
            if "as" in step:
                running[step["as"]] = response
        else:
            response = running.get(step.get("end"))
        if response:
            self._add(response, [step.get(name) for name in ("response", "responses", "until")])

    def _add(self, kind, value):
        """A part of a case that is a message or enum of this name."""
        if isinstance(value, str) and value.startswith("$"):
            value = self._values.get(value[1:])
        if isinstance(value, list):
            for one in value:
                self._add(kind, one)
        elif isinstance(value, dict) and "any_of" in value:
            self._add(kind, value["any_of"])
        elif kind in self._api.enums:
            self._add_value(kind, value)
        elif isinstance(value, dict) and kind in self._api.messages:
            for name, part in value.items():
                self._add_field(kind, name, part)

    def _add_value(self, enum, value):
        if not isinstance(value, str) or value.startswith(("…", "/")):
            return
        (self.names if value in self._api.enums[enum] else self.unknown).add(value)

    def _add_field(self, message, name, value):
        if name not in self._api.messages[message]:
            self.unknown.add(f"{message}.{name}")
        elif value is not None:  # null: is not expected
            self.names.add(f"{message}.{name}")
            self._add(self._api.messages[message][name], value)


def _excepted(name):
    return [pattern for pattern in EXCEPTIONS
            if name == pattern or pattern.endswith("*") and name.startswith(pattern[:-1])]


def _table_of_errors():
    """The statuses and result codes that docs/errors.md has in its table."""
    rows = pages.table_rows(pages.read(pages.ERRORS))
    return {word for row in rows for cell in row for word in pages.code_words(cell)
            if re.fullmatch(r"[A-Z_]+[A-Z]", word)}


def _expected_errors(value):
    """Those that a part of the scenario expects of a call, a subscription or a part of either."""
    if isinstance(value, list):
        return set().union(*map(_expected_errors, value)) if value else set()
    if not isinstance(value, dict):
        return set()
    own = {value[name] for name in ("status", "code", "result", "outcome")
           if isinstance(value.get(name), str)}
    own |= {name for number, name in PART_CODES.items() if value.get("code") == number}
    return own.union(*(_expected_errors(part) for part in value.values())) if value else own


def shortcomings():
    """A line for each."""
    api = Api()
    coverage = Coverage(api)
    scenario = [json.loads(path.read_text(encoding="utf-8")) for path in FILES]
    for file in scenario:
        coverage.add_file(file)
    missing = {name for name in api.names() if name not in coverage.names}
    needless = set(EXCEPTIONS).difference(*(_excepted(name) for name in missing))
    return [
        *(f"no case calls {rpc}" for rpc in sorted(set(api.rpcs) - coverage.calls)),
        *(f"no case has {name}" for name in sorted(missing) if not _excepted(name)),
        *(f"the API has no {name}" for name in sorted(coverage.unknown)),
        *(f"no exception is needed for {name}" for name in sorted(needless)),
        *(f"no case expects {name}" for name in sorted(
            _table_of_errors() - STATUSES_NOT_FOR_CLIENTS - _expected_errors(scenario))),
    ]


if __name__ == "__main__":
    lines = shortcomings()
    print("\n".join(lines) or "the scenario has all of the API")
    sys.exit(1 if lines else 0)
