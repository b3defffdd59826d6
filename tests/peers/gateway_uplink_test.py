# SPDX-License-Identifier: Apache-2.0
"""The service with the reference gateway: packets, and what becomes of them and of the
gateway over outages and restarts."""

import time
import unittest
from datetime import datetime

import xxhash

from gateway_case import CHUNK_SIZE, NODES, UNAVAILABLE, GatewayCase, event_id, gaps, uplinks
from grpc_client import CallError
from network import Overheard, eventually
from reference_gateway import GATEWAY, NETWORK
from views import text

HIDDEN_ENDPOINT, IGNORED_ENDPOINT = 30, 31
MESSAGE = {"destination_address": 1, "source_endpoint": 10, "destination_endpoint": 11,
           "payload": text(b"hello")}


def packets(first, count, **fields):
    return [{"source": 100 + i % 7, "payload": b"packet %d" % i, **fields}
            for i in range(first, first + count)]


def payloads(first, count):
    return [text(packet["payload"]) for packet in packets(first, count)]


class CountedIdsTest(GatewayCase):
    """A gateway whose event ids are counted from 0 at each start."""

    gateway_options = (*GatewayCase.gateway_options, "--debug_incr_data_event_id", "True")

    def restart(self):
        changes = self.watch_network()
        self.gateway.stop()
        self.wait_for_event(changes, "GATEWAY_OFFLINE")
        self.gateway.start(*self.gateway_options)
        self.wait_for_event(changes, "GATEWAY_ONLINE")

    def test_a_gateway_that_counts_from_0_again_loses_no_packet(self):
        self.restart()
        responses = self.open("SubscribeUplink")
        self.sinks.receive("sink0", *[{"source": i, "payload": b"before"} for i in range(1, 21)])
        before = uplinks(responses.wait(lambda o: len(uplinks(o)) >= 20, "20 uplinks"))
        self.restart()
        self.sinks.receive("sink0", *[{"source": i, "payload": b"after"} for i in range(1, 31)])
        objects = responses.wait(lambda o: len(uplinks(o)) >= 50, "50 uplinks")
        after = uplinks(objects)[20:]
        self.assertEqual(sorted(event_id(uplink) for uplink in before), list(range(20)))
        self.assertEqual(sorted(event_id(uplink) for uplink in after), list(range(30)))
        self.assertEqual({uplink["payload"] for uplink in after}, {text(b"after")})
        self.assertEqual(gaps(objects), [])


class GatewayUplinkTest(GatewayCase):
    gateway_options = (
        "--gateway_max_scratchpad_size", str(CHUNK_SIZE),
        "--whitened_endpoints_filter", f"[{HIDDEN_ENDPOINT}]",
        "--ignored_endpoints_filter", f"[{IGNORED_ENDPOINT}]")

    def subscribe(self, **request):
        return self.open("SubscribeUplink", request)

    @staticmethod
    def wait(responses, count):
        return uplinks(responses.wait(lambda objects: len(uplinks(objects)) >= count,
                                      f"{count} uplinks"))

    def is_online(self):
        listed = self.client.call("ListGateways", {"include_offline": True}).get("gateways", [])
        return [gateway.get("online", False) for gateway in listed] == [True]

    # ---- packets ----

    def test_gives_packets_with_all_that_the_sink_tells(self):
        responses = self.subscribe()
        self.sinks.receive("sink1", {
            "source": 0x81000005, "destination": 2, "source_endpoint": 200,
            "destination_endpoint": 201, "payload": b"\x00\xff", "qos": 1, "hop_count": 255,
            "travel_time": 123456, "timestamp": 1_700_000_000_123})
        [uplink] = self.wait(responses, 1)
        self.assertNotEqual(uplink.pop("event_id"), "0")
        self.assertNotEqual(uplink.pop("packet_id"), "0")
        # The gateway makes the message now, whenever its sink received the packet.
        for name in ("publish_time", "arrival_time"):
            age = time.time() - datetime.fromisoformat(uplink.pop(name)[:19] + "+00:00").timestamp()
            self.assertTrue(-2 < age < 60, f"{name}: {age} s ago")
        self.assertEqual(uplink, {
            "gateway_id": GATEWAY, "sink_id": "sink1", "network_address": NETWORK,
            "source_address": 0x81000005, "destination_address": 2, "source_endpoint": 200,
            "destination_endpoint": 201, "qos": 1, "payload": text(b"\x00\xff"),
            "payload_size": 2, "hop_count": 255, "travel_time": "123.456s",
            "receive_time": "2023-11-14T22:13:20.123Z"})

    def test_gives_packets_with_a_hash_of_what_the_gateway_published_as_their_id(self):
        overheard = Overheard(self.stack.mqtt_port, f"gw-event/received_data/{GATEWAY}/#")
        self.addCleanup(overheard.close)
        responses = self.subscribe()
        self.sinks.receive("sink1", *[{"source": 5, "payload": bytes(size)}
                                      for size in (0, 50, 1500)])
        messages = overheard.messages.wait(lambda m: len(m) >= 3, "3 messages")
        self.assertEqual({int(uplink["packet_id"]) for uplink in self.wait(responses, 3)},
                         {xxhash.xxh3_64_intdigest(topic.encode() + b"\0" + payload)
                          for topic, payload in messages})

    def test_gives_packets_of_a_sink_whose_network_cannot_be_read(self):
        changes = self.watch_network()
        self.sinks.add("astray", NetworkAddress=None)
        self.addCleanup(self.sinks.remove, "astray")
        self.wait_for_event(changes, "SINK_ADDED")
        responses = self.subscribe(filter={"sink_ids": ["astray"]})
        self.sinks.receive("astray", {"source": 5, "payload": b"x"})
        [uplink] = self.wait(responses, 1)
        self.assertNotIn("network_address", uplink)
        self.assertEqual((uplink["source_address"], uplink["payload"]), (5, text(b"x")))

    def test_gives_empty_and_large_and_hidden_ones_and_not_those_that_the_gateway_ignores(self):
        responses = self.subscribe()
        self.sinks.receive("sink0", {"source": 5, "payload": b""},
                           {"source": 5, "payload": bytes(1500)},
                           {"source": 5, "payload": b"secret",
                            "destination_endpoint": HIDDEN_ENDPOINT},
                           {"source": 5, "payload": b"ignored",
                            "destination_endpoint": IGNORED_ENDPOINT},
                           {"source": 5, "payload": b"last"})
        # The gateway may swap packets.
        given = {(uplink.get("payload"), uplink.get("payload_size", 0))
                 for uplink in self.wait(responses, 4)}
        self.assertEqual(given, {("", 0), (text(bytes(1500)), 1500), (None, 6),
                                 (text(b"last"), 4)})

    def test_gives_every_packet_of_a_burst_once(self):
        responses = self.subscribe()
        for sink in ("sink0", "sink1"):
            self.sinks.receive(sink, *packets(0, 300))
        given = self.wait(responses, 600)
        self.assertEqual(sorted((uplink["sink_id"], uplink["payload"]) for uplink in given),
                         sorted((sink, payload) for sink in ("sink0", "sink1")
                                for payload in payloads(0, 300)))
        self.assertEqual(gaps(responses.wait(len, "responses")), [])

    def test_knows_the_nodes(self):
        self.client.call(f"{NODES}/ListNodes")
        responses = self.subscribe()
        self.sinks.receive("sink0", *[{"source": 9001, "payload": b"x", "hop_count": hops}
                                      for hops in (1, 3)])
        self.sinks.receive("sink1", {"source": 9002, "payload": b"x"})
        self.wait(responses, 3)

        def nodes():
            listed = self.client.call(f"{NODES}/ListNodes").get("nodes", [])
            return {node["node_address"]: node for node in listed
                    if node["node_address"] in (9001, 9002)}

        found = eventually(lambda: len(nodes()) == 2 and nodes(), "both nodes")
        self.assertEqual((found[9001]["packet_count"], found[9001]["mean_hop_count"]), ("2", 2))
        self.assertEqual(found[9002]["last_sink"], {"gateway_id": GATEWAY, "sink_id": "sink1"})

    def test_tells_a_watcher_of_its_nodes(self):
        responses = self.subscribe()
        watched = self.open(f"{NODES}/WatchNodes")
        self.sinks.receive("sink1", {"source": 9003, "payload": b"x", "hop_count": 4})
        self.wait(responses, 1)

        def told(objects):
            return [event["node"] for response in objects for event in response.get("events", [])
                    if event["node"]["node_address"] == 9003]

        node = told(watched.wait(told, "the node"))[0]
        self.assertEqual((node["packet_count"], node["mean_hop_count"]), ("1", 4))

    def test_the_network_of_packets_follows_the_sink(self):
        self.addCleanup(self.call, "SetSinkConfig", update={"network_address": NETWORK})
        self.call("SetSinkConfig", update={"network_address": 0xBBBBBB})
        responses = self.subscribe(filter={"network_addresses": [0xBBBBBB]})
        self.sinks.receive("sink0", *packets(0, 1))
        self.assertEqual(self.wait(responses, 1)[0]["network_address"], 0xBBBBBB)

    # ---- outages ----

    def test_gives_what_the_gateway_buffered_last_in_first_out(self):
        responses = self.subscribe()
        changes = self.watch_network()
        self.sinks.receive("sink0", *packets(0, 3))
        self.wait(responses, 3)
        self.gateway.cut_off()
        self.wait_for_event(changes, "GATEWAY_OFFLINE")
        self.gateway.receive_while_cut_off("sink0", *packets(3, 100))
        error = self.refusal("SendMessage", message=MESSAGE)
        self.assertEqual(error.code, UNAVAILABLE, error)
        self.gateway.let_back()
        given = [uplink["payload"] for uplink in self.wait(responses, 103)]
        self.assertEqual(given[3:], payloads(3, 100)[::-1])
        self.assertEqual(gaps(responses.wait(len, "responses")), [])
        self.wait_for_event(changes, "GATEWAY_ONLINE")
        self.call("SendMessage", message=MESSAGE)

    def test_a_gateway_that_restarts_is_known_with_its_sinks_all_the_time(self):
        responses = self.subscribe()
        changes = self.watch_network()
        self.sinks.receive("sink0", *packets(0, 5))
        before = self.wait(responses, 5)
        self.gateway.stop()
        gateway = self.wait_for_event(changes, "GATEWAY_OFFLINE")["gateway"]
        # Its last will has neither sinks nor features nor the limit.
        self.assertEqual(
            (gateway["sink_ids"], len(gateway["features"]), gateway["max_scratchpad_size"]),
            (["sink0", "sink1"], 3, CHUNK_SIZE))
        self.assertEqual(self.client.call("ListGateways").get("gateways"), None)
        with self.assertRaises(CallError) as refused:
            self.client.call("GetGatewayInfo", {"gateway_id": GATEWAY})
        self.assertEqual(refused.exception.code, UNAVAILABLE)
        self.gateway.start(*self.gateway_options)
        eventually(self.is_online, "the gateway to be online")
        self.sinks.receive("sink0", *packets(5, 5))
        after = self.wait(responses, 10)[5:]
        self.assertEqual(sorted(uplink["payload"] for uplink in after), sorted(payloads(5, 5)))
        # By default the ids are random.
        self.assertTrue({event_id(uplink) for uplink in before}.isdisjoint(
            event_id(uplink) for uplink in after))
        self.call("SendMessage", message=MESSAGE)

    def test_packets_come_from_a_gateway_whose_status_was_cleared(self):
        responses = self.subscribe()
        self.client.call("ClearGatewayStatus", {"gateway_id": GATEWAY})
        self.assertFalse(self.is_online())
        self.sinks.receive("sink0", *packets(0, 5))
        self.assertEqual(len(self.wait(responses, 5)), 5)
        # It tells its status again as soon as it connects, or one of its sinks changes.
        self.sinks.set("sink0", NetworkChannel=6)
        self.sinks.add("another")
        eventually(self.is_online, "the gateway's status")
        self.sinks.remove("another")


if __name__ == "__main__":
    unittest.main()
