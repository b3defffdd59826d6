# SPDX-License-Identifier: Apache-2.0
"""A client of the reference library and a gRPC client of the service, at the same
broker at the same time, see and do the same."""

import unittest

import network
import wirepas_mesh_messaging as wmm
from agreement import Agreement
from grpc_client import CallError, Client
from network import NETWORK, OK, eventually
from stack import Stack
from views import text

GATEWAY, SINK = "sim-gw-0", "sink0"


class AgreementTest(Agreement, unittest.TestCase):
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        stack = Stack()
        cls.addClassCleanup(stack.close)
        stack.start_broker()
        network.start_gateways(stack)
        stack.start_service()
        cls.client = Client(stack.address)
        cls.controls = network.Controls(stack.mqtt_port)
        cls.addClassCleanup(cls.controls.close)
        cls.library = network.connect_library(stack.mqtt_port)
        cls.addClassCleanup(cls.library.close)

    # ---- what there is ----

    def test_same_gateways(self):
        gateways = self.client.call("ListGateways")["gateways"]
        self.assertEqual({gateway["gateway_id"] for gateway in gateways}, network.GATEWAYS)
        self.assertEqual({gateway["gateway_id"] for gateway in gateways},
                         set(self.library.get_gateways()))

    def test_same_sinks_and_configs(self):
        self.assertEqual(set(self.sinks_of_service()), network.SINKS)
        self.check_sinks()

    def test_same_view_of_a_gateway_that_goes_is_cleared_and_comes_back(self):
        def ids(only_online):
            listed = self.client.call("ListGateways", {"include_offline": not only_online})
            return {gateway["gateway_id"] for gateway in listed["gateways"]}

        def both(only_online, there):
            eventually(lambda: ("sim-gw-1" in ids(only_online)) == there, "the service's view")
            eventually(lambda: ("sim-gw-1" in self.library.get_gateways(only_online)) == there,
                       "the library's view")

        self.controls.tell("sim-gw-1", "disconnect")
        both(only_online=True, there=False)
        both(only_online=False, there=True)
        self.client.call("ClearGatewayStatus", {"gateway_id": "sim-gw-1"})
        both(only_online=False, there=False)
        self.controls.tell("sim-gw-1", "start")
        both(only_online=True, there=True)
        self.check_sinks()

    # ---- uplinks ----

    def test_same_uplinks(self):
        seen_by_library = self.listen("uplink")
        responses = self.open("SubscribeUplink")
        for gateway in sorted(network.GATEWAYS):
            self.controls.tell(gateway, "burst", count=50)
        self.controls.tell(GATEWAY, "uplink", hidden=True, payload="001122", qos=1)
        count = 50 * len(network.GATEWAYS) + 1
        seen_by_library.wait(lambda calls: len(calls) >= count, f"{count} uplinks")

        def uplinks(objects):
            return [uplink for response in objects for uplink in response.get("uplinks", [])]

        objects = responses.wait(lambda o: len(uplinks(o)) >= count, f"{count} uplinks")
        self.assertFalse([response for response in objects if "gap" in response])
        of_library = [self.uplink_of_library(packet) for [packet] in seen_by_library]
        of_service = [self.uplink_of_service(uplink) for uplink in uplinks(objects)]
        self.assertEqual(len(of_service), count)
        for gateway in network.GATEWAYS:
            # Of one gateway in the same order too.
            self.assertEqual([u for u in of_service if u[0] == gateway],
                             [u for u in of_library if u[0] == gateway])

    def test_service_gives_once_what_comes_twice(self):
        seen_by_library = self.listen("uplink", gateway=GATEWAY)
        responses = self.open("SubscribeUplink", {"filter": {"gateway_ids": [GATEWAY]}})
        self.controls.tell(GATEWAY, "faults", faults={"duplicate_every": 2})
        self.addCleanup(self.controls.tell, GATEWAY, "faults", faults={"duplicate_every": 0})
        self.controls.tell(GATEWAY, "burst", count=20)
        seen_by_library.wait(lambda calls: len(calls) >= 30, "20 uplinks, half of them twice")

        def events(objects):
            return [int(uplink["event_id"]) for response in objects
                    for uplink in response.get("uplinks", [])]

        once = events(responses.wait(lambda o: len(events(o)) >= 20, "20 uplinks"))
        self.assertEqual(once, list(dict.fromkeys(
            packet.event_id for [packet] in seen_by_library)))

    # ---- sending ----

    def send_by_library(self, sink=SINK, payload=b"hello", gateway=GATEWAY):
        return self.library.send_message(gateway, sink, 1, 10, 11, payload)

    def send_by_service(self, sink=SINK, payload=b"hello", gateway=GATEWAY):
        return self.client.call("SendMessage", {
            "sink": {"gateway_id": gateway, "sink_id": sink},
            "message": {"destination_address": 1, "source_endpoint": 10,
                        "destination_endpoint": 11, "payload": text(payload)}})

    def test_both_send(self):
        self.assertEqual(self.send_by_library(), OK)
        self.assertNotEqual(self.send_by_service()["sent"]["request_id"], "0")

    def test_same_refusal_of_an_unknown_sink(self):
        code = self.send_by_library(sink="nosuch")
        self.assertEqual(code, wmm.GatewayResultCode.GW_RES_INVALID_SINK_ID)
        with self.assertRaises(CallError) as refused:
            self.send_by_service(sink="nosuch")
        self.check_refusal(refused, code, GATEWAY, "nosuch")

    def test_no_answer_to_either_from_an_unknown_gateway(self):
        with self.assertRaises(TimeoutError):
            self.send_by_library(gateway="nosuch")
        with self.assertRaises(CallError) as refused:
            self.send_by_service(gateway="nosuch")
        self.assertEqual(refused.exception.code, 5)

    def test_same_refusal_for_every_code(self):
        self.addCleanup(self.controls.tell, GATEWAY, "faults",
                        faults={"error_codes": {"send_data": None}})
        codes = [code for code in wmm.GatewayResultCode if code.value > 0]
        self.assertEqual(len(codes), 29)
        for code in codes:
            with self.subTest(code.name):
                self.controls.tell(GATEWAY, "faults",
                                   faults={"error_codes": {"send_data": code.value}})
                self.assertEqual(self.send_by_library(), code)
                with self.assertRaises(CallError) as refused:
                    self.send_by_service()
                self.check_refusal(refused, code, GATEWAY, SINK)

    def test_same_downlinks_whoever_sends(self):
        seen_by_library = self.listen("downlink", gateway=GATEWAY)
        responses = self.open("SubscribeDownlink", {"filter": {"gateway_ids": [GATEWAY]}})
        self.send_by_library(payload=b"of the library")
        self.send_by_service(payload=b"of the service")
        self.send_by_library(sink="nosuch", payload=b"refused")
        seen_by_library.wait(lambda calls: len(calls) >= 3, "3 downlinks")

        def downlinks(objects):
            return [downlink for response in objects
                    for downlink in response.get("downlinks", [])]

        objects = responses.wait(lambda o: len(downlinks(o)) >= 3, "3 downlinks")
        of_library = {
            (request.gw_id, request.sink_id, request.req_id, text(request.data_payload),
             request.destination_address, request.source_endpoint, request.destination_endpoint,
             response.res.name.removeprefix("GW_RES_"))
            for request, response in seen_by_library}
        of_service = {
            (d["gateway_id"], d["sink_id"], int(d["request_id"]), d["message"]["payload"],
             d["message"]["destination_address"], d["message"]["source_endpoint"],
             d["message"]["destination_endpoint"],
             d["answer"]["result"].removeprefix("RESULT_CODE_"))
            for d in downlinks(objects)}
        self.assertEqual(len(of_service), 3)
        self.assertEqual(of_service, of_library)

    # ---- configuration ----

    def test_service_sees_what_the_library_configures(self):
        changes = self.open("WatchNetwork", {"gateway_ids": [GATEWAY]})
        changes.wait(lambda objects: any(o.get("snapshot_complete") for o in objects), "a snapshot")
        self.assertEqual(self.library.set_sink_config(GATEWAY, "sink1", {
            "node_role": 0x11, "network_channel": 9, "app_config_diag": 30,
            "app_config_seq": 5, "app_config_data": b"\x00\xff",
            "cipher_key": bytes(16), "authentication_key": bytes(16)}), OK)

        def told(objects):
            return [event for response in objects for event in response.get("events", [])
                    if event["type"] == "NETWORK_EVENT_TYPE_SINK_UPDATED"
                    and event["sink"]["sink_id"] == "sink1"
                    and event["sink"]["config"]["network_channel"] == 9]

        changes.wait(told, "the change of the channel")
        self.check_sinks()

    def test_library_sees_what_the_service_configures(self):
        response = self.client.call("SetSinkConfig", {
            "gateway_id": "sim-gw-1", "sink_id": "sink0", "update": {
                "node_role": {"base_role": "BASE_ROLE_SINK"}, "node_address": 4712,
                "network_channel": 11, "app_config": {
                    "diagnostics_interval": "60s", "data": text(b"abc"), "sequence": 9},
                "access_cycle_range": {"minimum": "4s", "maximum": "8s"}}})
        self.assertEqual(response["sink"]["config"]["network_channel"], 11)
        self.check_sinks()
        self.assertEqual(self.sinks_of_library()[("sim-gw-1", "sink0")]["node_address"], 4712)

    def test_same_refusal_of_a_configuration(self):
        code = self.library.set_sink_config(GATEWAY, SINK, {"network_channel": 99})
        self.assertEqual(code, wmm.GatewayResultCode.GW_RES_INVALID_NETWORK_CHANNEL)
        with self.assertRaises(CallError) as refused:
            self.client.call("SetSinkConfig", {"gateway_id": GATEWAY, "sink_id": SINK,
                                               "update": {"network_channel": 99}})
        self.check_refusal(refused, code, GATEWAY, SINK)

    def test_same_configuration_data_items_whoever_sets_them(self):
        self.assertEqual(
            self.library.set_configuration_data_item(GATEWAY, SINK, 1000, b"by library"), OK)
        self.client.call("SetConfigurationDataItem", {
            "gateway_id": GATEWAY, "sink_id": SINK,
            "item": {"endpoint": 2000, "payload": text(b"by service")}})
        read = self.client.call("GetConfigurationDataItem", {
            "gateway_id": GATEWAY, "sink_id": SINK, "endpoint": 1000})
        self.assertEqual(read["item"], {"endpoint": 1000, "payload": text(b"by library")})
        eventually(lambda: {item["payload"] for item in self.sinks_of_library()[(GATEWAY, SINK)]
                            .get("configuration_data_items", [])}
                   >= {text(b"by library"), text(b"by service")}, "both items at the library")
        self.check_sinks()

    # ---- scratchpads ----

    def test_same_scratchpads_whoever_uploads_them(self):
        scratchpad = bytes(range(256)) * 9 + b"end"
        self.assertEqual(
            self.library.upload_scratchpad("chunky-0", "sink0", 21, scratchpad), OK)
        progress = self.upload_by_service("chunky-0", "sink1", 21, scratchpad)
        chunks = -(-len(scratchpad) // network.CHUNK_SIZE)
        self.assertEqual([p["accepted_bytes"] for p in progress],
                         [min(len(scratchpad), network.CHUNK_SIZE * (i + 1))
                          for i in range(chunks)])
        self.assertTrue(progress[-1]["done"])
        by_library = self.check_scratchpad_status("chunky-0", "sink0")["stored_scratchpad"]
        by_service = self.check_scratchpad_status("chunky-0", "sink1")["stored_scratchpad"]
        self.assertEqual(by_library, by_service)
        self.assertEqual((by_service["len"], by_service["seq"]), (len(scratchpad), 21))

    def test_same_status_after_processing(self):
        self.upload_by_service(GATEWAY, "sink1", 33, bytes(1024))
        self.client.call("ProcessScratchpad", {"gateway_id": GATEWAY, "sink_id": "sink1"})
        status = self.check_scratchpad_status(GATEWAY, "sink1")
        self.assertEqual(status["processed_scratchpad"]["seq"], 33)
        self.check_sinks()

    def test_same_targets_whoever_sets_them(self):
        self.assertEqual(self.library.set_target_scratchpad("sim-gw-1", "sink1", {
            "action": wmm.ScratchpadAction.ACTION_PROPAGATE_ONLY,
            "target_sequence": 5, "target_crc": 6}), OK)
        self.check_scratchpad_status("sim-gw-1", "sink1")
        self.client.call("SetTargetScratchpad", {
            "gateway_id": "sim-gw-1", "sink_id": "sink1", "target": {
                "action": "SCRATCHPAD_ACTION_PROPAGATE_AND_PROCESS_WITH_DELAY",
                "sequence": 7, "crc": 8, "delay": "SCRATCHPAD_DELAY_ONE_DAY"}})
        status = self.check_scratchpad_status("sim-gw-1", "sink1")
        self.assertEqual(status["target_scratchpad_and_action"]["target_sequence"], 7)
        self.check_sinks()

    def test_same_refusal_to_process_nothing(self):
        code = self.library.process_scratchpad("old-0", "sink0")
        self.assertEqual(code, wmm.GatewayResultCode.GW_RES_NO_SCRATCHPAD_PRESENT)
        with self.assertRaises(CallError) as refused:
            self.client.call("ProcessScratchpad", {"gateway_id": "old-0", "sink_id": "sink0"})
        self.check_refusal(refused, code, "old-0", "sink0")

    # ---- from nodes and back ----

    def test_both_hear_the_nodes_answer(self):
        heard_by_library = self.listen("uplink", network=NETWORK, src_ep=240, dst_ep=255)
        responses = self.open("SubscribeUplink", {"filter": {
            "network_addresses": [NETWORK], "source_endpoints": [240],
            "destination_endpoints": [255]}})
        results = self.client.call("BroadcastMessage", {
            "scope": {"network_address": NETWORK},
            "message": {"destination_address": 0xFFFFFFFF, "source_endpoint": 255,
                        "destination_endpoint": 240, "payload": text(b"\x19\x00")}})["results"]
        self.assertEqual({(r["sink"]["gateway_id"], r["sink"]["sink_id"])
                          for r in results if "sent" in r},
                         {(g, s) for g, s in network.SINKS if g.startswith("sim-gw-")})
        # 4 sinks with 3 nodes each.
        heard_by_library.wait(lambda calls: len(calls) >= 12, "12 answers")

        def answers(objects):
            return {(u["gateway_id"], int(u["event_id"]), u["payload"]) for response in objects
                    for u in response.get("uplinks", [])}

        objects = responses.wait(lambda o: len(answers(o)) >= 12, "12 answers")
        self.assertEqual(answers(objects),
                         {(packet.gw_id, packet.event_id, text(packet.data_payload))
                          for [packet] in heard_by_library})


if __name__ == "__main__":
    unittest.main()
