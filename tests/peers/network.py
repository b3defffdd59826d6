# SPDX-License-Identifier: Apache-2.0
"""What the tests with the reference libraries share: simulated gateways, the hand on
their controls, and the reference library as a client of the same broker.

Needs the environment of the reference libraries.
"""

import json
import queue
import threading
import time

import paho.mqtt.client as mqtt
import wirepas_mesh_messaging as wmm
from wirepas_mqtt_library import WirepasNetworkInterface

# Bound on every wait for something that is to come.
PATIENCE_SECONDS = 20

OK = wmm.GatewayResultCode.GW_RES_OK

# Three kinds of gateways at one broker, by the beginning of their ids. All are quiet
# until they are told to send.
NETWORK = 0x123456
CHUNKY_NETWORK = 0xABCDE
OLD_NETWORK = 0x777
CHUNK_SIZE = 512
KINDS = {
    "sim-gw-": ["--gateways", "2", "--sinks", "2", "--nodes", "3",
                "--network_address", str(NETWORK)],
    "chunky-": ["--gateways", "1", "--sinks", "2", "--nodes", "3",
                "--network_address", str(CHUNKY_NETWORK),
                "--max_scratchpad_size", str(CHUNK_SIZE)],
    "old-": ["--gateways", "1", "--sinks", "1", "--nodes", "3", "--old_gateway",
             "--network_address", str(OLD_NETWORK)],
}
GATEWAYS = {"sim-gw-0", "sim-gw-1", "chunky-0", "old-0"}
SINKS = {("sim-gw-0", "sink0"), ("sim-gw-0", "sink1"), ("sim-gw-1", "sink0"),
         ("sim-gw-1", "sink1"), ("chunky-0", "sink0"), ("chunky-0", "sink1"),
         ("old-0", "sink0")}


def start_gateways(stack):
    # The library sends a request before it is ready for the answer: an answer must take
    # some time, as one of a real gateway does.
    for prefix, options in KINDS.items():
        stack.start_simulator("--gateway_id_prefix", prefix, "--rate", "0",
                              "--endpoints", "10:11,20:21",
                              "--faults", '{"answer_delay_ms": 20}', *options)


def eventually(condition, what):
    """Waits until the condition holds, and gives what it gave."""
    end = time.monotonic() + PATIENCE_SECONDS
    while not (value := condition()):
        if time.monotonic() > end:
            raise AssertionError(f"waited {PATIENCE_SECONDS} s in vain for: {what}")
        time.sleep(0.02)
    return value


class Calls(list):
    """A callback that keeps what it is called with."""

    def __init__(self):
        super().__init__()
        self._changed = threading.Condition()

    def __call__(self, *args):
        with self._changed:
            self.append(args)
            self._changed.notify_all()

    def wait(self, condition, what):
        """Waits until the condition holds for the list of calls."""
        with self._changed:
            if not self._changed.wait_for(lambda: condition(self), PATIENCE_SECONDS):
                raise AssertionError(
                    f"waited {PATIENCE_SECONDS} s in vain for: {what}; {len(self)} calls came")
        return self


class Overheard:
    """What passes at the broker on topics that match a filter, as (topic, payload)."""

    def __init__(self, port, topic_filter):
        self.messages = Calls()
        self._client = mqtt.Client(client_id="peers-overheard")
        subscribed = threading.Event()
        self._client.on_subscribe = lambda *_: subscribed.set()
        self._client.on_message = lambda _c, _u, message: self.messages(
            message.topic, message.payload)
        self._client.connect("127.0.0.1", port)
        self._client.subscribe(topic_filter, 1)
        self._client.loop_start()
        if not subscribed.wait(PATIENCE_SECONDS):
            raise AssertionError("the broker does not confirm a subscription")

    def close(self):
        self._client.disconnect()
        self._client.loop_stop()


class Controls:
    """Tells the simulated gateways what to do, and waits until they have done it."""

    def __init__(self, port):
        self._answers = queue.Queue()
        self._next_id = 0
        self._client = mqtt.Client(client_id="peers-controls")
        subscribed = threading.Event()
        self._client.on_subscribe = lambda *_: subscribed.set()
        self._client.on_message = lambda _c, _u, message: self._answers.put(
            json.loads(message.payload))
        self._client.connect("127.0.0.1", port)
        self._client.subscribe("sim-control-ack/#", 1)
        self._client.loop_start()
        if not subscribed.wait(PATIENCE_SECONDS):
            raise AssertionError("the broker does not confirm a subscription")

    def close(self):
        self._client.disconnect()
        self._client.loop_stop()

    def tell(self, gateway, command, **fields):
        self._next_id += 1
        self._client.publish(f"sim-control/{gateway}", json.dumps(
            {"command": command, "id": self._next_id, **fields}), qos=1)
        end = time.monotonic() + PATIENCE_SECONDS
        while (left := end - time.monotonic()) > 0:
            try:
                answer = self._answers.get(timeout=left)
            except queue.Empty:
                break
            if answer.get("id") == self._next_id:
                if not answer["ok"]:
                    raise AssertionError(f"{gateway}: {command}: {answer.get('error')}")
                return answer
        raise AssertionError(f"{gateway} does not answer: {command}")


def connect_library(port, gateways=frozenset(GATEWAYS), **options):
    """The reference library, connected and subscribed, which takes it 2 s, once it sees these."""
    library = WirepasNetworkInterface("127.0.0.1", port, None, None, insecure=True, **options)
    try:
        eventually(lambda: set(library.get_gateways()) == gateways, "the library to see gateways")
    except BaseException:
        library.close()
        raise
    return library
