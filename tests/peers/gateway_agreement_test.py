# SPDX-License-Identifier: Apache-2.0
"""A client of the reference library and a gRPC client of the service see the same of the
reference gateway and do the same with it."""

import tempfile
import unittest

import network
import wirepas_mesh_messaging as wmm
from agreement import Agreement
from gateway_case import APP_CONFIG, CHUNK_SIZE, OTAP, GatewayCase, uplinks
from gateway_otap_test import SCOPE, SINKS, node_report, scratchpad_file
from grpc_client import CallError
from network import OK, eventually
from reference_gateway import GATEWAY, NETWORK
from views import text
from wirepas_mqtt_library import WirepasOtapHelper, WirepasTLVAppConfigHelper

HIDDEN_ENDPOINT = 30

# Results of the sink service that the gateway makes different codes of.
SEND_RESULTS = (1, 4, 5, 9, 10, 11, 16, 17, 19, 22, 23, 26, 27, 28, 29, 99)


class GatewayAgreementTest(Agreement, GatewayCase):
    gateway_options = (*GatewayCase.gateway_options,
                       "--whitened_endpoints_filter", f"[{HIDDEN_ENDPOINT}]")

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.library = network.connect_library(cls.stack.mqtt_port, {GATEWAY})
        cls.addClassCleanup(cls.library.close)

    @classmethod
    def prepare_sinks(cls):
        # The library's view of a sink without one has holes.
        for sink in SINKS:
            cls.sinks.set(sink, app_config=[1, 0, ""])

    # ---- what there is ----

    def test_same_gateways_and_sinks(self):
        listed = self.client.call("ListGateways")["gateways"]
        self.assertEqual([gateway["gateway_id"] for gateway in listed],
                         list(self.library.get_gateways()))
        self.check_sinks()
        self.assertEqual(set(self.sinks_of_service()), {(GATEWAY, sink) for sink in SINKS})

    def test_same_view_of_a_sink_that_comes_and_goes(self):
        def both(there):
            for view in (self.sinks_of_library, self.sinks_of_service):
                eventually(lambda view=view: ((GATEWAY, "third") in view()) == there,
                           f"the third sink, {there}")

        self.sinks.add("third", NodeAddress=3, app_config=[1, 0, ""])
        both(True)
        self.check_sinks()
        self.sinks.remove("third")
        both(False)

    def test_same_view_of_a_gateway_that_restarts(self):
        def both(there):
            eventually(lambda: (GATEWAY in self.library.get_gateways()) == there,
                       "the library's view")
            eventually(lambda: ("gateways" in self.client.call("ListGateways")) == there,
                       "the service's view")

        self.gateway.stop()
        both(False)
        self.gateway.start(*self.gateway_options)
        both(True)
        self.check_sinks()

    # ---- uplinks ----

    def test_same_uplinks_in_the_same_order(self):
        seen_by_library = self.listen("uplink")
        responses = self.open("SubscribeUplink")
        for sink in SINKS:
            self.sinks.receive(sink, *[
                {"source": 10 + i, "payload": bytes([i % 256]) * (i % 5), "hop_count": i % 20,
                 "qos": i % 2, "travel_time": 1000 * i,
                 "destination_endpoint": HIDDEN_ENDPOINT if i % 3 == 0 else 11}
                for i in range(100)])
        seen_by_library.wait(lambda calls: len(calls) >= 200, "200 uplinks")
        objects = responses.wait(lambda o: len(uplinks(o)) >= 200, "200 uplinks")
        self.assertEqual([self.uplink_of_service(uplink) for uplink in uplinks(objects)],
                         [self.uplink_of_library(packet) for [packet] in seen_by_library])

    def test_same_uplinks_after_an_outage(self):
        seen_by_library = self.listen("uplink")
        responses = self.open("SubscribeUplink")
        self.gateway.cut_off()
        self.gateway.receive_while_cut_off(
            "sink0", *[{"source": 10 + i, "payload": b"x"} for i in range(60)])
        self.gateway.let_back()
        seen_by_library.wait(lambda calls: len(calls) >= 60, "60 uplinks")
        objects = responses.wait(lambda o: len(uplinks(o)) >= 60, "60 uplinks")
        of_library = [self.uplink_of_library(packet) for [packet] in seen_by_library]
        self.assertEqual([self.uplink_of_service(uplink) for uplink in uplinks(objects)],
                         of_library)
        eventually(lambda: GATEWAY in self.library.get_gateways(), "the library to see it again")
        eventually(lambda: "gateways" in self.client.call("ListGateways"), "the service likewise")

    # ---- sending ----

    def send_by_library(self, sink="sink0", payload=b"hello"):
        return self.library.send_message(GATEWAY, sink, 0x81000001, 10, 11, payload, qos=1,
                                         csma_ca_only=True, hop_limit=7)

    def send_by_service(self, sink="sink0", payload=b"hello"):
        return self.call("SendMessage", sink, message={
            "destination_address": 0x81000001, "source_endpoint": 10, "destination_endpoint": 11,
            "payload": text(payload), "qos": 1, "unacknowledged_csma_ca": True, "hop_limit": 7})

    def test_the_sink_gets_the_same_from_both(self):
        self.assertEqual(self.send_by_library(), OK)
        self.send_by_service()
        of_library, of_service = self.sinks.take_calls("sink0", "SendMessage")
        self.assertEqual(of_service, of_library)

    def test_same_refusals(self):
        for number in SEND_RESULTS:
            with self.subTest(number):
                self.sinks.fail("sink0", SendMessage=number)
                code = self.send_by_library()
                with self.assertRaises(CallError) as refused:
                    self.send_by_service()
                self.check_refusal(refused, code, GATEWAY, "sink0")
        code = self.send_by_library("nosuch")
        with self.assertRaises(CallError) as refused:
            self.send_by_service("nosuch")
        self.check_refusal(refused, code, GATEWAY, "nosuch")

    def test_same_downlinks_whoever_sends(self):
        seen_by_library = self.listen("downlink")
        responses = self.open("SubscribeDownlink")
        self.send_by_library(payload=b"of the library")
        self.send_by_service(payload=b"of the service")

        def downlinks(objects):
            return [downlink for response in objects
                    for downlink in response.get("downlinks", [])]

        seen_by_library.wait(lambda calls: len(calls) >= 2, "2 downlinks")
        objects = responses.wait(lambda o: len(downlinks(o)) >= 2, "2 downlinks")
        self.assertEqual(
            [(int(d["request_id"]), d["message"]["payload"], d["message"]["hop_limit"],
              d["answer"]["result"]) for d in downlinks(objects)],
            [(request.req_id, text(request.data_payload), request.hop_limit,
              "RESULT_CODE_" + response.res.name.removeprefix("GW_RES_"))
             for request, response in seen_by_library])

    # ---- configuration ----

    def test_same_configuration_whoever_sets_it(self):
        self.assertEqual(self.library.set_sink_config(GATEWAY, "sink0", {
            "node_role": 0x11, "node_address": 21, "network_channel": 9, "app_config_diag": 30,
            "app_config_seq": 5, "app_config_data": b"\x00\xff", "cipher_key": bytes(16),
            "authentication_key": bytes(16)}), OK)
        self.call("SetSinkConfig", "sink1", update={
            "node_role": {"base_role": "BASE_ROLE_SINK", "low_latency": True},
            "node_address": 22, "network_channel": 9,
            "app_config": {"diagnostics_interval": "30s", "sequence": 5,
                           "data": text(b"\x00\xff")},
            "keys": {"cipher_key": text(bytes(16)), "authentication_key": text(bytes(16))}})
        states = [self.sinks.get(sink) for sink in SINKS]
        self.assertEqual([state.pop("NodeAddress") for state in states], [21, 22])
        for state in states:  # what other tests have set
            for name in ("target", *(name for name in state if name.startswith(
                    ("Stored", "Processed")))):
                del state[name]
        self.assertEqual(*states)
        self.check_sinks()

    def test_same_refusals_of_configurations(self):
        for of_library, of_service in [
                ({"network_channel": 41}, {"network_channel": 41}),
                ({"app_config_diag": 7, "app_config_seq": 1, "app_config_data": b""},
                 {"app_config": {"diagnostics_interval": "7s", "sequence": 1, "data": ""}})]:
            code = self.library.set_sink_config(GATEWAY, "sink0", of_library)
            self.assertNotEqual(code, OK)
            with self.assertRaises(CallError) as refused:
                self.call("SetSinkConfig", update=of_service)
            self.check_refusal(refused, code, GATEWAY, "sink0")
        self.check_sinks()

    def test_same_configuration_data_items_whoever_sets_them(self):
        self.assertEqual(
            self.library.set_configuration_data_item(GATEWAY, "sink0", 1000, b"by library"), OK)
        self.call("SetConfigurationDataItem",
                  item={"endpoint": 500, "payload": text(b"by service")})
        eventually(lambda: len(self.sinks_of_library()[(GATEWAY, "sink0")].get(
            "configuration_data_items", [])) == 2, "both items at the library")
        # The gateway lists them as the sink does, the service in order.
        of_library, of_service = [
            view()[(GATEWAY, "sink0")]["configuration_data_items"]
            for view in (self.sinks_of_library, self.sinks_of_service)]
        self.assertEqual(of_service, sorted(of_library, key=lambda item: item["endpoint"]))
        for endpoint in (500, 1000):
            self.call("SetConfigurationDataItem", item={"endpoint": endpoint})

    def test_each_reads_the_entries_of_the_others_app_config(self):
        helper = WirepasTLVAppConfigHelper(self.library, network=NETWORK)
        helper.add_raw_entry(0x55, b"by library")
        self.assertTrue(helper.update_entries(override=True))
        scope = {"scope": SCOPE}
        self.client.call(f"{APP_CONFIG}/UpdateAppConfig", {
            **scope, "set_entries": [{"type": 0x66, "value": text(b"by service")}]})
        listed = self.client.call(f"{APP_CONFIG}/ListAppConfigs", scope)["app_configs"]
        for config in listed:
            self.assertEqual({entry["type"]: entry["value"] for entry in config["entries"]},
                             {0x55: text(b"by library"), 0x66: text(b"by service")})
        self.check_sinks()
        helper = WirepasTLVAppConfigHelper(self.library, network=NETWORK)
        helper.add_raw_entry(0x66, b"by service")
        before = [self.sinks.get(sink)["app_config"] for sink in SINKS]
        self.assertTrue(helper.update_entries())
        self.assertEqual([self.sinks.get(sink)["app_config"] for sink in SINKS], before)

    # ---- scratchpads ----

    def test_same_scratchpads_whoever_uploads_and_processes_them(self):
        scratchpad, _ = scratchpad_file(3 * CHUNK_SIZE + 7)
        self.assertEqual(self.library.upload_scratchpad(GATEWAY, "sink0", 21, scratchpad), OK)
        self.upload_by_service(GATEWAY, "sink1", 21, scratchpad)
        self.assertEqual(self.sinks.take_calls("sink0", "UploadScratchpad"),
                         self.sinks.take_calls("sink1", "UploadScratchpad"))
        self.assertEqual(*[self.check_scratchpad_status(GATEWAY, sink)["stored_scratchpad"]
                           for sink in SINKS])
        self.assertEqual(self.library.process_scratchpad(GATEWAY, "sink0"), OK)
        self.call("ProcessScratchpad", "sink1")
        self.assertEqual(*[self.check_scratchpad_status(GATEWAY, sink)["processed_scratchpad"]
                           for sink in SINKS])
        self.check_sinks()

    def test_same_targets_whoever_sets_them(self):
        for action, delay in (("PROPAGATE_ONLY", None),
                              ("PROPAGATE_AND_PROCESS_WITH_DELAY", "SIX_HOURS"),
                              ("NO_OTAP", None)):
            with self.subTest(action):
                of_library = {"action": wmm.ScratchpadAction[f"ACTION_{action}"],
                              "target_sequence": 5, "target_crc": 6}
                of_service = {"action": f"SCRATCHPAD_ACTION_{action}", "sequence": 5, "crc": 6}
                if delay:
                    of_library["delay"] = wmm.ProcessingDelay[f"DELAY_{delay}"]
                    of_service["delay"] = f"SCRATCHPAD_DELAY_{delay}"
                self.assertEqual(
                    self.library.set_target_scratchpad(GATEWAY, "sink0", of_library), OK)
                self.call("SetTargetScratchpad", "sink1", target=of_service)
                self.assertEqual(*[self.sinks.get(sink)["target"] for sink in SINKS])
                self.assertEqual(*[self.check_scratchpad_status(GATEWAY, sink)
                                   ["target_scratchpad_and_action"] for sink in SINKS])

    def test_same_view_of_an_update_by_the_librarys_helper(self):
        scratchpad, checksum = scratchpad_file(2 * CHUNK_SIZE)
        for i, sink in enumerate(SINKS):
            self.sinks.set_nodes(sink, {100 * i + n: node_report(77, checksum, len(scratchpad))
                                        for n in (1, 2)})
        watched = self.open(f"{OTAP}/WatchNodeStatus")
        helper = WirepasOtapHelper(self.library, NETWORK)
        with tempfile.NamedTemporaryFile() as file:
            file.write(scratchpad)
            file.flush()
            self.assertTrue(helper.load_scratchpad_to_all_sinks(file.name, seq=77,
                                                                delay_between_sinks_s=0))
        self.assertTrue(helper.set_propagate_scratchpad_to_all_sinks(77, checksum))
        listed = self.client.call(f"{OTAP}/ListScratchpads", {"scope": SCOPE})
        self.assertEqual(
            (set(listed["stored_sequences"]), set(listed["target_sequences"])),
            (helper.get_stored_scratchpad_seq_list(), helper.get_target_scratchpad_seq_list()))
        self.assertEqual(listed["stored_sequences"], [77])
        self.assertTrue(helper.send_remote_scratchpad_status())
        of_library = eventually(lambda: len(helper.get_current_nodes_status()) == 4
                                and helper.get_current_nodes_status(), "4 statuses")

        def statuses(objects):
            return {status["node_address"]: status for response in objects
                    for status in response.get("statuses", [])}

        of_service = statuses(watched.wait(lambda o: len(statuses(o)) == 4, "4 statuses"))
        self.assertEqual(
            {node: (s["stored"]["sequence"], s["stored"]["crc"], s["stored"]["length"],
                    s["target"]["sequence"], s["target"]["crc"])
             for node, s in of_service.items()},
            {node: (s["seq"], s["crc"], s["length"], s["target_seq"], s["target_crc"])
             for node, s in of_library.items()})


if __name__ == "__main__":
    unittest.main()
