# SPDX-License-Identifier: Apache-2.0
"""The reference Python library, unmodified, works against the simulator as against
real gateways."""

import re
import struct
import tempfile
import unittest

import network
import wirepas_mesh_messaging as wmm
from network import (CHUNK_SIZE, CHUNKY_NETWORK, NETWORK, OK, OLD_NETWORK, Calls, eventually)
from stack import ROOT, Stack
from wirepas_mqtt_library import (WirepasNetworkInterface, WirepasOtapHelper,
                                  WirepasTLVAppConfigHelper)

Result = wmm.GatewayResultCode
GATEWAY, SINK = "sim-gw-0", "sink0"


class LibraryTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        stack = Stack()
        cls.addClassCleanup(stack.close)
        stack.start_broker()
        network.start_gateways(stack)
        cls.controls = network.Controls(stack.mqtt_port)
        cls.addClassCleanup(cls.controls.close)
        cls.connections = Calls()
        cls.library = network.connect_library(stack.mqtt_port, connection_cb=cls.connections)
        cls.addClassCleanup(cls.library.close)

    def sink_config(self, gateway=GATEWAY, sink=SINK):
        [config] = [c for g, s, c in self.library.get_sinks() if (g, s) == (gateway, sink)]
        return config

    def send(self, gateway=GATEWAY, sink=SINK, payload=b"hello", **options):
        return self.library.send_message(gateway, sink, 1, 10, 11, payload, **options)

    # ---- what the README says of it ----

    def test_readme_names_every_call(self):
        section = (ROOT / "README.md").read_text().split("## From the Python library")[1]
        named = set(re.findall(r"`(\w+)`", section.split("\n## ")[0]))
        calls = {name for name, value in vars(WirepasNetworkInterface).items()
                 if callable(value) and not name.startswith("_") and not isinstance(value, type)}
        self.assertGreater(len(calls), 15)
        self.assertEqual(calls - named, set())
        helpers = {WirepasOtapHelper.__name__, WirepasTLVAppConfigHelper.__name__}
        self.assertEqual(helpers - named, set())

    # ---- what there is ----

    def test_tells_the_connection(self):
        self.connections.wait(lambda calls: len(calls) > 0, "a call of connection_cb")
        self.assertEqual(self.connections[0],
                         (True, WirepasNetworkInterface.ConnectionErrorCode.OK))

    def test_finds_gateways_and_sinks(self):
        self.assertEqual(set(self.library.get_gateways()), network.GATEWAYS)
        self.assertEqual({(g, s) for g, s, _ in self.library.get_sinks()}, network.SINKS)

    def test_finds_the_sinks_of_a_network_and_of_a_gateway(self):
        chunky = {("chunky-0", "sink0"), ("chunky-0", "sink1")}
        by_network = self.library.get_sinks(network_address=CHUNKY_NETWORK)
        self.assertEqual({(g, s) for g, s, _ in by_network}, chunky)
        by_gateway = self.library.get_sinks(gateway=["chunky-0"])
        self.assertEqual({(g, s) for g, s, _ in by_gateway}, chunky)

    def test_asks_an_old_gateway_for_its_sinks(self):
        [(gateway, sink, config)] = self.library.get_sinks(network_address=OLD_NETWORK)
        self.assertEqual((gateway, sink, config["network_address"]),
                         ("old-0", "sink0", OLD_NETWORK))

    def test_reads_a_whole_sink_config(self):
        config = self.sink_config("sim-gw-1", "sink1")
        for key in ("node_role", "node_address", "network_address", "network_channel",
                    "app_config_diag", "app_config_seq", "app_config_data", "are_keys_set",
                    "started", "current_ac_range_min", "current_ac_range_max", "min_ac", "max_ac",
                    "max_mtu", "min_ch", "max_ch", "hw_magic", "stack_profile",
                    "app_config_max_size", "firmware_version"):
            self.assertIn(key, config)
        self.assertEqual(config["node_role"], 0x11)
        self.assertEqual(config["network_address"], NETWORK)

    def test_sees_a_gateway_go_come_and_be_cleared(self):
        online = self.library.get_gateways
        self.controls.tell("sim-gw-1", "disconnect")
        eventually(lambda: "sim-gw-1" not in online(), "the last will of sim-gw-1")
        self.assertIn("sim-gw-1", self.library.get_gateways(only_online=False))
        self.library.clear_gateway_status("sim-gw-1")
        eventually(lambda: "sim-gw-1" not in self.library.get_gateways(only_online=False),
                   "sim-gw-1 to be forgotten")
        self.controls.tell("sim-gw-1", "start")
        eventually(lambda: "sim-gw-1" in online(), "sim-gw-1 to come back")

    # ---- sending ----

    def test_sends_a_message(self):
        self.assertEqual(self.send(), OK)

    def test_sends_with_a_callback(self):
        calls = Calls()
        self.assertIsNone(self.send(cb=calls, param="mine"))
        calls.wait(lambda c: len(c) == 1, "the result of the message")
        self.assertEqual(calls[0], (OK, "mine"))

    def test_is_told_what_is_wrong_with_a_message(self):
        self.assertEqual(self.send(sink="nosuch"), Result.GW_RES_INVALID_SINK_ID)
        self.assertEqual(self.send(hop_limit=16), Result.GW_RES_INVALID_MAX_HOP_COUNT)
        self.assertEqual(self.send(payload=bytes(2000)), Result.GW_RES_INVALID_DATA_PAYLOAD)

    def test_waits_in_vain_for_an_unknown_gateway(self):
        with self.assertRaises(TimeoutError):
            self.send(gateway="nosuch")

    # ---- configuration ----

    def test_configures_a_sink(self):
        changes = Calls()
        self.library.set_config_changed_cb(changes)
        seen = len(changes)
        keys = {"cipher_key": bytes(range(16)), "authentication_key": bytes(range(16, 32))}
        self.assertEqual(self.library.set_sink_config(GATEWAY, SINK, {
            "node_role": 0x01, "node_address": 4711, "network_channel": 7,
            "app_config_diag": 60, "app_config_seq": 3, "app_config_data": b"\x01\x02\x03",
            **keys}), OK)
        changes.wait(lambda calls: len(calls) > seen, "a call of the config changed callback")
        config = self.sink_config()
        self.assertEqual(
            (config["node_role"], config["node_address"], config["network_channel"]),
            (0x01, 4711, 7))
        self.assertEqual((config["app_config_diag"], config["app_config_seq"],
                          config["app_config_data"]), (60, 3, b"\x01\x02\x03"))
        self.assertTrue(config["are_keys_set"])

    def test_stops_and_starts_a_sink(self):
        self.assertEqual(self.library.set_sink_config(GATEWAY, "sink1", {"started": False}), OK)
        eventually(lambda: not self.sink_config(GATEWAY, "sink1")["started"], "the sink to stop")
        self.assertEqual(self.library.set_sink_config(GATEWAY, "sink1", {"started": True}), OK)
        eventually(lambda: self.sink_config(GATEWAY, "sink1")["started"], "the sink to start")

    def test_is_told_what_is_wrong_with_a_configuration(self):
        self.assertEqual(self.library.set_sink_config(GATEWAY, SINK, {"network_channel": 99}),
                         Result.GW_RES_INVALID_NETWORK_CHANNEL)
        self.assertEqual(self.library.set_sink_config(GATEWAY, "nosuch", {"network_channel": 5}),
                         Result.GW_RES_INVALID_SINK_ID)

    def test_sets_and_clears_a_configuration_data_item(self):
        def items():
            return self.sink_config().get("configuration_data_content", [])

        item = {"endpoint": 1000, "payload": b"data"}
        self.assertEqual(
            self.library.set_configuration_data_item(GATEWAY, SINK, 1000, b"data"), OK)
        eventually(lambda: item in items(), "the item in the sink's config")
        self.assertEqual(self.library.set_configuration_data_item(GATEWAY, SINK, 1000, b""), OK)
        eventually(lambda: item not in items(), "the item to go")

    def test_changes_tlv_app_configs(self):
        helper = WirepasTLVAppConfigHelper(self.library, network=CHUNKY_NETWORK)
        helper.add_raw_entry(0x55, b"tlv")
        self.assertTrue(helper.update_entries(override=True))

        def all_have_it():
            return all(b"tlv" in config["app_config_data"] for _, _, config in
                       self.library.get_sinks(network_address=CHUNKY_NETWORK))

        eventually(all_have_it, "the entry in every sink")

    # ---- scratchpads ----

    def scratchpad_status(self, gateway, sink):
        result, status = self.library.get_scratchpad_status(gateway, sink)
        self.assertEqual(result, OK)
        return status

    def test_uploads_processes_and_clears_a_scratchpad(self):
        scratchpad = bytes(range(256)) * 5
        self.assertEqual(self.library.upload_scratchpad(GATEWAY, SINK, 42, scratchpad), OK)
        status = self.scratchpad_status(GATEWAY, SINK)
        self.assertEqual((status["stored_scratchpad"]["len"], status["stored_scratchpad"]["seq"]),
                         (len(scratchpad), 42))
        self.assertEqual(status["stored_type"], wmm.ScratchpadType.SCRATCHPAD_TYPE_PRESENT)
        self.assertEqual(self.library.process_scratchpad(GATEWAY, SINK), OK)
        processed = eventually(
            lambda: self.scratchpad_status(GATEWAY, SINK)["processed_scratchpad"],
            "the processed scratchpad")
        self.assertEqual(processed, status["stored_scratchpad"])
        self.assertEqual(self.library.upload_scratchpad(GATEWAY, SINK, 0, None), OK)
        self.assertEqual(self.scratchpad_status(GATEWAY, SINK)["stored_type"],
                         wmm.ScratchpadType.SCRATCHPAD_TYPE_BLANK)

    def test_uploads_a_scratchpad_in_chunks(self):
        scratchpad = bytes(range(256)) * 9 + b"end"
        self.assertGreater(len(scratchpad), 4 * CHUNK_SIZE)
        self.assertEqual(self.library.upload_scratchpad("chunky-0", "sink0", 7, scratchpad), OK)
        whole = self.scratchpad_status("chunky-0", "sink0")["stored_scratchpad"]
        self.assertEqual((whole["len"], whole["seq"]), (len(scratchpad), 7))
        # The same bytes at once have the same checksum.
        self.assertEqual(self.library.upload_scratchpad("sim-gw-1", SINK, 7, scratchpad), OK)
        self.assertEqual(self.scratchpad_status("sim-gw-1", SINK)["stored_scratchpad"], whole)

    def test_is_told_what_is_wrong_with_a_scratchpad(self):
        too_large = self.library.upload_scratchpad("chunky-0", "sink1", 7, bytes(CHUNK_SIZE + 1),
                                                   max_chunk_size=CHUNK_SIZE + 1)
        self.assertEqual(too_large, Result.GW_RES_INVALID_SCRATCHPAD_SIZE)
        self.assertEqual(self.library.process_scratchpad("sim-gw-1", "sink1"),
                         Result.GW_RES_NO_SCRATCHPAD_PRESENT)

    def test_sets_a_target(self):
        target = {"action": wmm.ScratchpadAction.ACTION_PROPAGATE_AND_PROCESS_WITH_DELAY,
                  "target_sequence": 12, "target_crc": 0x1234,
                  "delay": wmm.ProcessingDelay.DELAY_ONE_HOUR}
        self.assertEqual(self.library.set_target_scratchpad(GATEWAY, SINK, target), OK)
        reported = self.scratchpad_status(GATEWAY, SINK)["target_scratchpad_and_action"]
        self.assertEqual({key: reported[key] for key in
                          ("action", "target_sequence", "target_crc")},
                         {key: target[key] for key in
                          ("action", "target_sequence", "target_crc")})
        # Gateways report a delay as they got it or as the byte that the nodes read.
        self.assertTrue(reported.get("delay") == target["delay"] or reported.get("param") == 0x81,
                        reported)

    def test_updates_a_network_by_the_otap_helper(self):
        helper = WirepasOtapHelper(self.library, CHUNKY_NETWORK)
        scratchpad = bytes(range(251)) * 8
        with tempfile.NamedTemporaryFile() as file:
            file.write(scratchpad)
            file.flush()
            self.assertTrue(helper.load_scratchpad_to_all_sinks(
                file.name, seq=99, delay_between_sinks_s=0))
        self.assertEqual(helper.get_stored_scratchpad_seq_list(), {99})
        crc = self.scratchpad_status("chunky-0", "sink0")["stored_scratchpad"]["crc"]
        self.assertTrue(helper.set_propagate_scratchpad_to_all_sinks(99, crc))
        self.assertEqual(helper.get_target_scratchpad_seq_list(), {99})
        self.assertTrue(helper.send_remote_scratchpad_status())
        # 2 sinks with 3 nodes each.
        nodes = eventually(lambda: len(helper.get_current_nodes_status()) == 6 and
                           helper.get_current_nodes_status(), "the status of every node")
        for status in nodes.values():
            self.assertEqual((status["seq"], status["crc"], status["length"]),
                             (99, crc, len(scratchpad)))
            self.assertEqual((status["target_seq"], status["target_crc"]), (99, crc))

    # ---- traffic ----

    def test_receives_uplinks(self):
        everything, some = Calls(), Calls()
        ids = [self.library.register_uplink_traffic_cb(everything, gateway=GATEWAY),
               self.library.register_uplink_traffic_cb(some, gateway=[GATEWAY], sink=SINK,
                                                       network=NETWORK, src_ep=20, dst_ep=[21])]
        self.controls.tell(GATEWAY, "burst", count=40)
        everything.wait(lambda calls: len(calls) >= 40, "40 uplinks")
        packets = [packet for [packet] in everything]
        sequences = [struct.unpack("<Q", packet.data_payload[:8])[0] for packet in packets]
        self.assertEqual(sequences, list(range(sequences[0], sequences[0] + 40)))
        self.assertEqual({packet.network_address for packet in packets}, {NETWORK})
        wanted = [packet for packet in packets
                  if (packet.sink_id, packet.source_endpoint) == (SINK, 20)]
        self.assertGreater(len(wanted), 5)
        some.wait(lambda calls: len(calls) >= len(wanted), "the uplinks of one endpoint")
        self.assertEqual([packet.event_id for [packet] in some],
                         [packet.event_id for packet in wanted])
        for registered in ids:
            self.library.unregister_uplink_traffic_cb(registered)

    def test_takes_the_network_from_the_topic_of_an_old_gateway(self):
        calls = Calls()
        registered = self.library.register_uplink_traffic_cb(calls, network=OLD_NETWORK)
        self.controls.tell("old-0", "uplink", source_address=5, payload="AB")
        calls.wait(lambda c: len(c) == 1, "the uplink of the old gateway")
        [packet] = calls[0]
        self.assertEqual((packet.network_address, packet.data_payload), (OLD_NETWORK, b"\xab"))
        self.library.unregister_uplink_traffic_cb(registered)

    def test_receives_a_hidden_payload_as_its_size(self):
        calls = Calls()
        registered = self.library.register_uplink_traffic_cb(calls, gateway="chunky-0")
        self.controls.tell("chunky-0", "uplink", hidden=True, payload="00112233")
        calls.wait(lambda c: len(c) == 1, "the hidden uplink")
        [packet] = calls[0]
        self.assertEqual((packet.data_payload, packet.data_size), (None, 4))
        self.library.unregister_uplink_traffic_cb(registered)

    def test_sees_downlinks_with_their_answers(self):
        calls = Calls()
        registered = self.library.register_downlink_traffic_cb(calls, gateway=GATEWAY, src_ep=10)
        self.assertEqual(self.send(payload=b"seen"), OK)
        calls.wait(lambda c: len(c) == 1, "the downlink")
        request, response = calls[0]
        self.assertEqual((request.gw_id, request.sink_id, request.data_payload),
                         (GATEWAY, SINK, b"seen"))
        self.assertEqual((response.req_id, response.res), (request.req_id, OK))
        self.library.unregister_downlink_traffic_cb(registered)


if __name__ == "__main__":
    unittest.main()
