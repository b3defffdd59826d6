# SPDX-License-Identifier: Apache-2.0
"""What the tests of the service with the reference gateway share."""

import unittest

from grpc_client import CallError, Client
from network import PATIENCE_SECONDS
from reference_gateway import GATEWAY, ReferenceGateway
from stack import Stack

OTAP = "wirepas.mesh.v1.OtapService"
NODES = "wirepas.mesh.v1.NodeService"
APP_CONFIG = "wirepas.mesh.v1.AppConfigService"

CHUNK_SIZE = 512

# gRPC status codes.
INVALID_ARGUMENT, DEADLINE_EXCEEDED, NOT_FOUND, PERMISSION_DENIED = 3, 4, 5, 7
RESOURCE_EXHAUSTED, FAILED_PRECONDITION, INTERNAL, UNAVAILABLE = 8, 9, 13, 14


def uplinks(responses):
    """Those in the responses of SubscribeUplink."""
    return [uplink for response in responses for uplink in response.get("uplinks", [])]


def gaps(responses):
    return [response["gap"] for response in responses if "gap" in response]


def event_id(uplink):
    return int(uplink.get("event_id", 0))


class GatewayCase(unittest.TestCase):
    """The reference gateway with the sinks sink0 and sink1, and the service, at one broker."""

    maxDiff = None
    gateway_options = ("--gateway_max_scratchpad_size", str(CHUNK_SIZE))

    @classmethod
    def setUpClass(cls):
        cls.stack = Stack()
        cls.addClassCleanup(cls.stack.close)
        cls.stack.start_broker()
        cls.gateway = ReferenceGateway(cls.stack)
        cls.sinks = cls.gateway.sinks
        cls.prepare_sinks()
        cls.gateway.start(*cls.gateway_options)
        cls.stack.start_service()
        cls.client = Client(cls.stack.address)

    @classmethod
    def prepare_sinks(cls):
        """Before the gateway sees them."""

    def setUp(self):
        if not self.gateway.program.running:  # left so by a test that failed
            self.gateway.start(*self.gateway_options)
        for sink in ("sink0", "sink1"):
            self.sinks.fail(sink)
            self.sinks.take_calls(sink)

    @staticmethod
    def with_sink(method, request, sink):
        """The request, for that sink."""
        ids = {"gateway_id": GATEWAY, "sink_id": sink}
        return {**({"sink": ids} if method == "SendMessage" else ids), **request}

    def call(self, method, sink="sink0", **request):
        """A unary RPC for a sink."""
        return self.client.call(method, self.with_sink(method, request, sink))

    def refusal(self, method, sink="sink0", seconds=PATIENCE_SECONDS, **request):
        """The error that an RPC for a sink ends with, which has a deadline."""
        with self.assertRaises(CallError) as refused:
            self.client.call_stream(method, self.with_sink(method, request, sink), seconds)
        return refused.exception

    def check_error(self, error, code, result):
        self.assertEqual((error.code, error.gateway_error["result"]),
                         (code, f"RESULT_CODE_{result}"), error)

    def open(self, method, request=None):
        """A stream of responses, once the first one has come."""
        responses = self.client.open(method, request)
        self.addCleanup(responses.close)
        responses.wait(len, f"the first response of {method}")
        return responses

    def watch_network(self):
        changes = self.open("WatchNetwork")
        changes.wait(lambda objects: any(o.get("snapshot_complete") for o in objects),
                     "a snapshot")
        return changes

    def wait_for_event(self, changes, kind, matches=lambda event: True):
        """The event of that kind among the responses of WatchNetwork."""
        def found(objects):
            return [event for response in objects for event in response.get("events", [])
                    if event["type"] == f"NETWORK_EVENT_TYPE_{kind}" and matches(event)]
        return found(changes.wait(found, kind))[0]

    def sink_config(self, sink="sink0"):
        """As the gateway tells it when it is asked."""
        listed = self.client.call("ListSinks", {"refresh": True})["sinks"]
        [config] = [s["config"] for s in listed if s["sink_id"] == sink]
        return config
