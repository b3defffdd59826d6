# SPDX-License-Identifier: Apache-2.0
"""Simulated gateways and the service at a broker, for one feature."""

import base64
import collections
import contextlib
import json
import queue
import time

from grpc_client import CallError, Client
from stack import Stack

# Bound on every wait for something that is to come.
PATIENCE_SECONDS = 30
GATEWAYS = ("sim-gw-0", "sim-gw-1")


def eventually(condition, what, seconds=PATIENCE_SECONDS):
    """Waits until the condition holds, and gives what it gave. An RPC that fails does not hold."""
    end, failure = time.monotonic() + seconds, None
    while True:
        try:
            if value := condition():
                return value
        except CallError as error:
            failure = error
        if time.monotonic() > end:
            raise AssertionError(f"waited {seconds} s in vain for: {what}; {failure or ''}")
        time.sleep(0.05)


def uplinks(responses):
    """Those in the responses of SubscribeUplink."""
    return [uplink for response in responses for uplink in response.get("uplinks", [])]


def wait_for_packets(responses, count):
    """The responses once they hold so many uplinks."""
    with contextlib.suppress(AssertionError):
        return responses.wait(lambda objects: len(uplinks(objects)) >= count, "packets",
                              PATIENCE_SECONDS)
    objects = responses.wait(lambda _: True, "")
    raise AssertionError(f"waited {PATIENCE_SECONDS} s in vain for {count} packets; came: "
                         f"{len(uplinks(objects))}; gaps: {gaps(objects)}")


def gaps(responses):
    return [response["gap"] for response in responses if "gap" in response]


def number(uplink):
    """Gateway and the simulator's number of a packet."""
    return (uplink["gateway_id"],
            int.from_bytes(base64.b64decode(uplink["payload"])[:8], "little"))


def repeated(uplinks_):
    """The packet ids that there are more than once."""
    counts = collections.Counter(uplink["packet_id"] for uplink in uplinks_)
    return [packet_id for packet_id, count in counts.items() if count > 1]


class World(Stack):
    """Gateways and the service at a broker that runs already."""

    def __init__(self, broker):
        super().__init__()
        self.broker = broker
        self.mqtt_port = broker.port
        self.client = None
        self.gateway_ids = ()
        self._control_ids = 0

    def probe(self):
        # Here, since who only reads what the features are has no such library.
        from probe import Probe
        return Probe(self.mqtt_port, PATIENCE_SECONDS)

    # ---- gateways ----

    def start_gateways(self, *options, count=len(GATEWAYS), rate=0):
        """GATEWAYS, or more, each with sink0 and sink1, which send so many packets a second
        together."""
        self.gateway_ids = [f"sim-gw-{i}" for i in range(count)]
        return self.start_simulator("--gateways", str(count), "--sinks", "2", "--nodes", "5",
                                    "--rate", str(rate), *options)

    def tell_gateways(self, command, gateway="all", again=False, **fields):
        """Waits until they have done it. again: tells them until they are there to hear it."""
        self._control_ids += 1
        with self.probe() as probe:
            probe.subscribe(f"sim-control-ack/{gateway}")
            text = json.dumps({"command": command, "id": self._control_ids, **fields})
            probe.publish(f"sim-control/{gateway}", text)
            end = time.monotonic() + PATIENCE_SECONDS
            while True:
                try:
                    message = probe.messages.get(timeout=1 if again else PATIENCE_SECONDS)
                except queue.Empty:
                    if time.monotonic() > end:
                        raise AssertionError(f"{gateway} does not answer: {command}") from None
                    probe.publish(f"sim-control/{gateway}", text)
                    continue
                answer = json.loads(message.payload)
                if answer.get("id") == self._control_ids:
                    if not answer["ok"]:
                        raise AssertionError(f"{gateway}: {command}: {answer.get('error')}")
                    return answer

    # ---- service ----

    def start_service(self, *options, port=None, reconnect=("100ms", "1s")):
        """port: of a relay to the broker. reconnect: the shortest and the longest pause."""
        with contextlib.ExitStack() as undo:
            undo.callback(setattr, self, "mqtt_port", self.mqtt_port)
            self.mqtt_port = port or self.mqtt_port
            super().start_service("--mqtt_reconnect_min_delay", reconnect[0],
                                  "--mqtt_reconnect_max_delay", reconnect[1], *options)
        self.client = Client(self.address)
        return self.service

    def open(self, method, request=None):
        """A stream of responses, once the first one has come."""
        responses = self.client.open(method, request)
        self.callback(responses.close)
        responses.wait(len, f"the first response of {method}")
        return responses

    def gateways(self):
        """The ids of those that the service knows."""
        listed = self.client.call("ListGateways", {"include_offline": True}).get("gateways", [])
        return {gateway["gateway_id"] for gateway in listed}

    def wait_for_gateways(self, seconds=PATIENCE_SECONDS):
        eventually(lambda: self.gateways() >= set(self.gateway_ids), "the gateways to be known",
                   seconds)

    def send(self, gateway=GATEWAYS[0], sink="sink0", seconds=PATIENCE_SECONDS):
        """One message. Raises CallError when no answer has come by then."""
        return self.client.call_stream("SendMessage", message_to(gateway, sink), seconds)

    def many_requests(self, count):
        """For SendMessages, over all sinks."""
        sinks = [(gateway, sink) for sink in ("sink0", "sink1") for gateway in self.gateway_ids]
        return [{"correlation_id": i, "request": message_to(*sinks[i % len(sinks)])}
                for i in range(count)]

    def send_many(self, count, seconds=PATIENCE_SECONDS):
        """Messages at once, over all sinks. Gives the responses of those that failed."""
        responses = self.client.call_stream("SendMessages", self.many_requests(count), seconds)
        if len(responses) != count:
            raise AssertionError(f"{count} messages, but {len(responses)} responses")
        return [response for response in responses if "sent" not in response]


def message_to(gateway, sink):
    return {"sink": {"gateway_id": gateway, "sink_id": sink}, "message": {
        "destination_address": 1, "source_endpoint": 10, "destination_endpoint": 11,
        "payload": base64.b64encode(b"hello").decode()}}
