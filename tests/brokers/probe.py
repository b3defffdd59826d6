# SPDX-License-Identifier: Apache-2.0
"""A bare MQTT client, which sees what a broker does.

Needs the environment of the reference libraries, for their MQTT client: see main.py.
"""

import queue
import random
import threading

import paho.mqtt.client as mqtt


class Probe:
    """A bare MQTT client, which sees what the broker does."""

    def __init__(self, port, patience_seconds):
        self._patience_seconds = patience_seconds
        self.messages = queue.Queue()
        self._granted = queue.Queue()
        self._client = mqtt.Client(client_id=f"probe-{random.getrandbits(32):08x}")
        self._client.on_message = lambda _c, _u, message: self.messages.put(message)
        self._client.on_subscribe = lambda _c, _u, _i, codes: self._granted.put(codes[0])
        connected = threading.Event()
        self._client.on_connect = lambda *_: connected.set()
        self._client.connect("127.0.0.1", port)
        self._client.loop_start()
        if not connected.wait(self._patience_seconds):
            raise AssertionError("the broker does not let the probe connect")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._client.disconnect()
        self._client.loop_stop()

    def subscribe(self, topic, qos=1):
        """The code that the broker grants it with."""
        self._client.subscribe(topic, qos)
        return self._granted.get(timeout=self._patience_seconds)

    def publish(self, topic, payload, qos=1):
        self._client.publish(topic, payload, qos)

    def retained(self, topic):
        """The retained messages of a topic."""
        self.subscribe(topic)
        # What is retained comes before what is published afterwards.
        marker = f"probe/{random.getrandbits(64):x}"
        self.subscribe(marker)
        found = []
        self.publish(marker, b"")
        while (message := self.messages.get(timeout=self._patience_seconds)).topic != marker:
            if message.retain and message.payload:
                found.append(message)
        return found
