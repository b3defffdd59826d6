# SPDX-License-Identifier: Apache-2.0
"""Plays the steps of a case. README.md describes each kind of step."""

import base64
import hashlib
import time

from driver import DriverError
from match import mismatch
from world import API, StackError

_PATIENCE = 40  # seconds for whatever should come


class Failure(Exception):
    """A step went otherwise than the scenario says."""


def check(expected, actual, what):
    if problem := mismatch(expected, actual, what):
        raise Failure(problem)


def digest_of(uplinks):
    """The digest that a driver makes of the packets it gets."""
    text = "".join(f"{packet['source_address']}:{packet['event_id']}\n" for packet in uplinks)
    return hashlib.sha256(text.encode()).hexdigest()


class Player:
    def __init__(self, world, driver, values):
        self._world = world
        self._driver = driver
        self._values = values  # of names that stand as "$name"; shared by the cases of a file
        self._operations = {}

    def play(self, steps):
        try:
            for number, step in enumerate(steps, 1):
                kind = next(key for key in step if hasattr(self, f"_{key}"))
                try:
                    getattr(self, f"_{kind}")(self._filled(step))
                except (Failure, DriverError, StackError) as problem:
                    raise Failure(f"step {number}, {kind} {step[kind]}: {problem}") from None
        finally:
            for operation in self._operations.values():
                if "status" not in (operation.lines or [{}])[-1]:
                    self._driver.begin("cancel", target=operation.number).finish(_PATIENCE)

    def _filled(self, value):
        if isinstance(value, dict):
            return {key: self._filled(part) for key, part in value.items()}
        if isinstance(value, list):
            return [self._filled(part) for part in value]
        if isinstance(value, str) and value.startswith("$"):
            if value[1:] not in self._values:
                raise Failure(f"nothing has been kept as {value}")
            return self._values[value[1:]]
        return value

    # ---- calls ----
    def _begin_call(self, step):
        arguments = {"method": f"{API}.{step['call']}",
                     "requests": step.get("requests", [step.get("request", {})])}
        for name in ("deadline_ms", "stop_after"):
            if name in step:
                arguments[name] = step[name]
        return self._driver.begin("call", **arguments)

    def _call(self, step):
        """An RPC: its responses and its status. `as`: goes on in the background."""
        if "until" in step:
            return self._repeat(step)
        operation = self._begin_call(step)
        if "as" in step:
            self._operations[step["as"]] = operation
            return None
        return self._check_end(operation, step)

    def _repeat(self, step):
        end = time.monotonic() + _PATIENCE
        while True:
            operation = self._begin_call(step)
            status = operation.finish(_PATIENCE)["status"]
            problem = (mismatch(step["until"], operation.responses[-1], "response")
                       if operation.responses else f"no response: {status}")
            if problem is None:
                self._keep(step, operation.responses[-1:])
                return
            if time.monotonic() > end:
                raise Failure(problem)
            time.sleep(0.1)

    def _check_end(self, operation, step):
        status = operation.finish(_PATIENCE)["status"]
        expected = step.get("status", "OK")
        check({"code": expected} if isinstance(expected, str) else expected, status, "status")
        if "response" in step:
            check([step["response"]], operation.responses, "responses")
        if "responses" in step:
            check(step["responses"], operation.responses, "responses")
        self._keep(step, operation.responses[-1:])

    def _keep(self, step, values):
        for name, path in step.get("keep", {}).items():
            value = values[0]
            for part in path.split("."):
                value = value[int(part)] if part.isdigit() else value[part]
            self._values[name] = value

    def _wait(self, step):
        """For a line of what runs in the background."""
        operation = self._operations[step["wait"]]
        end = time.monotonic() + step.get("seconds", _PATIENCE)
        problem = "nothing came"
        while (left := end - time.monotonic()) > 0:
            line = operation.next(left)
            problem = mismatch(step["line"], line, "line")
            if problem is None:
                self._keep(step, [line])
                return
            if "status" in line:
                break
        raise Failure(problem)

    def _cancel(self, step):
        operation = self._operations[step["cancel"]]
        begin = time.monotonic()
        answer = self._driver.begin("cancel", target=operation.number).finish(_PATIENCE)
        check({"status": {"code": "OK"}}, answer, "cancel")
        check(step.get("status", {"code": "CANCELLED"}), operation.finish(_PATIENCE)["status"],
              "status")
        if "packets_and_lost" in step:
            lost = sum(int(line["gap"]["lost_packets"]) for line in operation.lines if "gap" in line)
            check(step["packets_and_lost"], operation.lines[-1]["packets"] + lost, "with the lost")
        if time.monotonic() - begin > 5:
            raise Failure(f"cancelling took {time.monotonic() - begin:.1f} s")

    def _end(self, step):
        self._check_end(self._operations[step["end"]], step)

    # ---- the subscription that survives ----
    def _subscribe(self, step):
        arguments = {name: step[name] for name in ("report", "packets", "slow_ms") if name in step}
        self._operations[step["subscribe"]] = self._driver.begin(
            "subscribe", request=step.get("request", {}), **arguments)

    def _subscribed(self, step):
        """The end of a subscription: what it counted, the gaps and reconnects it told."""
        operation = self._operations[step["subscribed"]]
        last = operation.finish(step.get("seconds", _PATIENCE))
        check(step.get("last", {"status": {"code": "OK"}}), last, "last line")
        check(step.get("gaps", []), [line["gap"] for line in operation.lines if "gap" in line],
              "gaps")
        reconnects = sum("reconnect" in line for line in operation.lines)
        check(step.get("reconnects", 0), reconnects, "reconnects")
        if step.get("as_kept"):
            uplinks = self._world.kept_uplinks(last["packets"])
            if len({packet["event_id"] for packet in uplinks}) != len(uplinks):
                raise Failure("the service keeps a packet twice")
            check({"digest": digest_of(uplinks), "payload_bytes": sum(
                len(base64.b64decode(packet.get("payload", ""))) for packet in uplinks)},
                {**last, "payload_bytes": int(last["payload_bytes"])}, "last line")
        if "keep" in step:
            self._values[step["keep"]] = last["cursor"]

    # ---- the world ----
    @staticmethod
    def _pause(step):
        """Time in which nothing is to be waited for, as of an absence."""
        time.sleep(step["pause"])

    def _metric(self, step):
        """A metric of the service; waits until it is as wanted."""
        end = time.monotonic() + step.get("seconds", _PATIENCE)
        while problem := mismatch(step["value"], self._world.metric(step["metric"]), "metric"):
            if time.monotonic() > end:
                raise Failure(problem)
            time.sleep(0.05)

    def _control(self, step):
        self._world.control(step["control"], step.get("gateway", "all"))

    def _broker(self, step):
        if step["broker"] == "stop":
            self._world.broker_down()
        else:
            self._world.broker_up()

    def _service(self, step):
        if step["service"] in ("stop", "kill", "restart"):
            self._world.service_down(kill=step["service"] == "kill")
        if step["service"] in ("start", "restart"):
            self._world.service_up()
