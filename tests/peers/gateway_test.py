# SPDX-License-Identifier: Apache-2.0
"""The service with the reference gateway: what there is, sending, configuration."""

import base64
import unittest

from gateway_case import (APP_CONFIG, CHUNK_SIZE, DEADLINE_EXCEEDED, FAILED_PRECONDITION,
                          INTERNAL, INVALID_ARGUMENT, NOT_FOUND, PERMISSION_DENIED,
                          RESOURCE_EXHAUSTED, GatewayCase, uplinks)
from grpc_client import CallError
from network import eventually
from reference_gateway import GATEWAY, MODEL, NETWORK, VERSION
from views import text

FEATURES = ["GATEWAY_FEATURE_SCRATCHPAD_CHUNK_V1", "GATEWAY_FEATURE_CONFIGURATION_DATA_V1",
            "GATEWAY_FEATURE_SINK_KEY_MANAGEMENT_V1"]

# What the sink service gives, and what it becomes.
SEND_RESULTS = {
    4: (INVALID_ARGUMENT, "INVALID_PARAM"), 5: (INTERNAL, "INTERNAL_ERROR"),
    9: (FAILED_PRECONDITION, "INVALID_SINK_STATE"), 10: (FAILED_PRECONDITION, "INVALID_ROLE"),
    11: (INVALID_ARGUMENT, "INVALID_DEST_ADDRESS"), 16: (PERMISSION_DENIED, "ACCESS_DENIED"),
    17: (INVALID_ARGUMENT, "INVALID_DATA_PAYLOAD"), 28: (INTERNAL, "INTERNAL_ERROR"),
    99: (INTERNAL, "INTERNAL_ERROR"),
}


class GatewayTest(GatewayCase):
    # ---- what there is ----

    def test_lists_the_gateway(self):
        [gateway] = self.client.call("ListGateways")["gateways"]
        self.assertRegex(gateway.pop("status_time"), r"\dZ$")
        self.assertEqual(gateway, {
            "gateway_id": GATEWAY, "online": True, "model": MODEL, "version": VERSION,
            "features": FEATURES, "max_scratchpad_size": CHUNK_SIZE,
            "sink_ids": ["sink0", "sink1"]})

    def test_gets_what_the_gateway_tells_of_itself(self):
        info = self.client.call("GetGatewayInfo", {"gateway_id": GATEWAY})["info"]
        self.assertRegex(info.pop("current_time"), r"\dZ$")
        self.assertEqual(info, {
            "gateway_id": GATEWAY, "model": MODEL, "version": VERSION,
            "implemented_api_version": 2, "features": FEATURES,
            "max_scratchpad_size": CHUNK_SIZE})

    def test_a_sink_that_was_never_configured_comes_and_goes(self):
        changes = self.watch_network()
        self.sinks.add("blank", NodeRole=None, NodeAddress=None, NetworkAddress=None,
                       NetworkChannel=None, StackStatus=1, ACRangeMinCur=None)
        added = self.wait_for_event(changes, "SINK_ADDED")["sink"]
        self.assertEqual(added, {"gateway_id": GATEWAY, "sink_id": "blank", "config": {
            "keys_set": False, "max_mtu": 102, "channel_limits": {"minimum": 1, "maximum": 40},
            "access_cycle_limits": {"minimum": "2s", "maximum": "8s"}, "hardware_magic": 3,
            "stack_profile": 1, "app_config_max_size": 80, "sink_on": False,
            "firmware_version": {"major": 5, "minor": 4, "development": 77},
            "scratchpad_status": {
                "stored": {}, "stored_state": "SCRATCHPAD_STATE_SUCCESS",
                "stored_type": "SCRATCHPAD_TYPE_BLANK", "processed": {}, "firmware_area_id": 3,
                # With every action the gateway gives all three, as zeros.
                "target": {"action": "SCRATCHPAD_ACTION_NO_OTAP", "sequence": 0, "crc": 0,
                           "raw": 0}}}})
        self.sinks.remove("blank")
        self.wait_for_event(changes, "SINK_REMOVED",
                            lambda event: event["sink"]["sink_id"] == "blank")
        self.assertEqual(self.client.call("ListGateways")["gateways"][0]["sink_ids"],
                         ["sink0", "sink1"])

    # ---- sending ----

    def message(self, destination=1, **fields):
        return {"destination_address": destination, "source_endpoint": 10,
                "destination_endpoint": 11, "payload": text(b"hello"), **fields}

    def test_sends_a_message_with_all_that_it_says(self):
        for destination in (1, 0x7FFFFFFF, 0x80000005, 0x81000000, 0xFFFFFFFD, 0xFFFFFFFF):
            with self.subTest(hex(destination)):
                self.call("SendMessage", message=self.message(
                    destination, qos=1, initial_delay="1.500s", unacknowledged_csma_ca=True,
                    hop_limit=15))
                self.assertEqual(self.sinks.take_calls("sink0", "SendMessage"),
                                 [[destination, 10, 11, 1500, 1, True, 15, b"hello".hex()]])
        self.assertEqual(self.sinks.take_calls("sink1", "SendMessage"), [])

    def test_broadcasts_through_both_sinks(self):
        self.sinks.fail("sink1", SendMessage=16)
        results = self.client.call("BroadcastMessage", {
            "scope": {"network_address": NETWORK}, "message": self.message(0xFFFFFFFF)})["results"]
        self.assertEqual([result["sink"]["sink_id"] for result in results], ["sink0", "sink1"])
        self.assertIn("sent", results[0])
        self.assertEqual(results[1]["error"]["code"], PERMISSION_DENIED)
        for sink in ("sink0", "sink1"):
            self.assertEqual(self.sinks.take_calls(sink, "SendMessage"),
                             [[0xFFFFFFFF, 10, 11, 0, 0, False, 0, b"hello".hex()]])

    def send_by_network(self, destination, **fields):
        return self.client.call("SendMessage", {
            "network_address": NETWORK, "message": self.message(destination), **fields})

    def sink_for(self, node):
        """Through which sink a message by network goes; none before the node was heard."""
        try:
            return self.send_by_network(node)["sink"]["sink_id"]
        except CallError as error:
            self.assertEqual(error.code, NOT_FOUND, error)
            return None

    def hear(self, sink, node):
        """The node is heard by the sink, and then by the service."""
        responses = self.open("SubscribeUplink")
        self.sinks.receive(sink, {"source": node, "payload": b"here"})
        responses.wait(uplinks, "the uplink")
        responses.close()

    def test_sends_by_network_through_the_sink_that_heard_the_node_last(self):
        node = 70001
        for sink in ("sink0", "sink1", "sink0", "sink1"):
            with self.subTest(sink):
                self.hear(sink, node)
                # The registry sees a packet some milliseconds after a subscriber may.
                eventually(lambda wanted=sink: self.sink_for(node) == wanted,
                           f"messages to go through {sink}")
                self.assertEqual(self.sinks.take_calls(sink, "SendMessage")[-1],
                                 [node, 10, 11, 0, 0, False, 0, b"hello".hex()])

    def test_sends_a_broadcast_by_network_through_both_sinks(self):
        response = self.send_by_network(0xFFFFFFFF)
        self.assertEqual([result["sink"] for result in response["results"]],
                         [{"gateway_id": GATEWAY, "sink_id": sink} for sink in ("sink0", "sink1")])
        self.assertEqual([result for result in response["results"] if "sent" not in result], [])
        for sink in ("sink0", "sink1"):
            self.assertEqual(self.sinks.take_calls(sink, "SendMessage"),
                             [[0xFFFFFFFF, 10, 11, 0, 0, False, 0, b"hello".hex()]])

    def test_sends_many_messages(self):
        self.sinks.fail("sink1", SendMessage=11)
        requests = [{"correlation_id": i, "request": self.with_sink(
            "SendMessage", {"message": self.message(100 + i)}, ("sink0", "sink1", "nosuch")[i % 3])}
                    for i in range(30)]
        responses = self.client.call_stream("SendMessages", requests)
        codes = {int(response.get("correlation_id", 0)): response.get("error", {}).get("code", 0)
                 for response in responses}
        self.assertEqual(codes, {i: (0, INVALID_ARGUMENT, NOT_FOUND)[i % 3] for i in range(30)})
        self.assertEqual(sorted(arguments[0] for arguments in
                                self.sinks.take_calls("sink0", "SendMessage")),
                         [100 + i for i in range(0, 30, 3)])

    def test_tells_why_a_sink_refuses_a_message(self):
        for number, (code, result) in SEND_RESULTS.items():
            with self.subTest(number):
                self.sinks.fail("sink0", SendMessage=number)
                error = self.refusal("SendMessage", message=self.message())
                self.check_error(error, code, result)

    def test_tells_when_a_sink_has_no_room_until_the_deadline(self):
        self.sinks.fail("sink0", SendMessage=21)
        error = self.refusal("SendMessage", message=self.message(), seconds=3)
        self.check_error(error, RESOURCE_EXHAUSTED, "SINK_OUT_OF_MEMORY")

    def test_tries_again_while_a_sink_has_no_room(self):
        self.sinks.fail("sink0", SendMessage=[21, 21, 0])
        response = self.call("SendMessage", message=self.message())
        self.assertEqual(response["sent"]["retry_count"], 2)
        self.assertEqual(len(self.sinks.take_calls("sink0", "SendMessage")), 3)

    def test_sends_every_one_of_many_messages_while_a_sink_has_no_room(self):
        self.sinks.fail("sink0", SendMessage=[0, 21, 21, 0, 21])
        requests = [self.with_sink("SendMessage", {"message": self.message(i)}, "sink0")
                    for i in range(1, 6)]
        responses = self.client.call_stream("SendMessages", [
            {"correlation_id": i, "request": request} for i, request in enumerate(requests)])
        self.assertEqual([response for response in responses if "error" in response], [])
        self.assertEqual(len(self.sinks.take_calls("sink0", "SendMessage")), 8)

    def test_sees_what_is_sent_with_its_answer(self):
        responses = self.open("SubscribeDownlink")
        self.sinks.fail("sink1", SendMessage=17)
        self.call("SendMessage", message=self.message())
        self.refusal("SendMessage", sink="sink1", message=self.message())

        def downlinks(objects):
            return [downlink for response in objects
                    for downlink in response.get("downlinks", [])]

        seen = downlinks(responses.wait(lambda o: len(downlinks(o)) >= 2, "2 downlinks"))
        self.assertEqual(
            [(d["gateway_id"], d["sink_id"], d["message"]["payload"], d["answer"]["result"])
             for d in seen],
            [(GATEWAY, "sink0", text(b"hello"), "RESULT_CODE_OK"),
             (GATEWAY, "sink1", text(b"hello"), "RESULT_CODE_INVALID_DATA_PAYLOAD")])

    def test_tells_of_an_unknown_sink(self):
        item = {"endpoint": 1, "payload": text(b"x")}
        for method, request in {
                "SendMessage": {"message": self.message()},
                "SetSinkConfig": {"update": {"network_channel": 5}},
                "SetConfigurationDataItem": {"item": item},
                "GetScratchpadStatus": {}, "ProcessScratchpad": {},
                "UploadScratchpad": {"sequence": 5, "scratchpad": text(bytes(64))},
                "SetTargetScratchpad": {"target": {"action": "SCRATCHPAD_ACTION_NO_OTAP"}},
        }.items():
            with self.subTest(method):
                self.check_error(self.refusal(method, sink="nosuch", **request), NOT_FOUND,
                                   "INVALID_SINK_ID")
        with self.subTest("GetConfigurationDataItem"):
            # Gateway 1.6.2 fails there by itself and does not answer.
            error = self.refusal("GetConfigurationDataItem", sink="nosuch", endpoint=1, seconds=1)
            self.assertEqual(error.code, DEADLINE_EXCEEDED, error)

    # ---- configuration ----

    def told_network(self, sink):
        """The network of the sink, as far as the service knows."""
        [config] = [each["config"] for each in self.client.call("ListSinks")["sinks"]
                    if each["sink_id"] == sink]
        return config.get("network_address")

    def test_configures_a_sink(self):
        changes = self.watch_network()
        before = self.sinks.get("sink0")
        # In this order, last to first: the gateway tells what the sink is then.
        self.addCleanup(eventually, lambda: self.told_network("sink0") == NETWORK,
                        "the sink to be in its network again")
        self.addCleanup(self.sinks.restart, "sink0")
        self.addCleanup(self.sinks.set, "sink0", **{name: before[name] for name in (
            "NodeRole", "NodeAddress", "NetworkAddress", "NetworkChannel")})
        config = self.call("SetSinkConfig", update={
            "node_role": {"base_role": "BASE_ROLE_SINK", "low_latency": False},
            "node_address": 4711,
            "network_address": 0xABCDE, "network_channel": 7,
            "app_config": {"diagnostics_interval": "60s", "data": text(b"abc"), "sequence": 9},
            "keys": {"cipher_key": text(bytes(16)), "authentication_key": text(bytes(16))},
        })["sink"]["config"]
        told = {"node_role": {"base_role": "BASE_ROLE_SINK", "low_latency": False,
                              "autorole": False}, "node_address": 4711,
                "network_address": 0xABCDE, "network_channel": 7, "keys_set": True,
                # The sink gives all its room, with zeros behind the data.
                "app_config": {"diagnostics_interval": "60s", "sequence": 9,
                               "data": text(b"abc".ljust(80, b"\x00"))}}
        self.assertEqual({name: config[name] for name in told}, told)
        state = self.sinks.get("sink0")
        self.assertEqual(
            [state[name] for name in ("NodeRole", "NodeAddress", "NetworkAddress",
                                      "NetworkChannel", "CipherKeySet", "AuthenticationKeySet")],
            [1, 4711, 0xABCDE, 7, True, True])
        self.assertEqual(state["app_config"], [9, 60, b"abc".hex()])
        # The gateway stops the stack for it and starts it again.
        self.assertEqual(self.sinks.take_calls("sink0", "SetStackState"), [[False], [True]])
        self.wait_for_event(changes, "SINK_UPDATED",
                            lambda event: event["sink"]["config"]["network_channel"] == 7)

    def test_stops_and_starts_a_sink(self):
        for on in (False, True):
            config = self.call("SetSinkConfig", update={"sink_on": on})["sink"]["config"]
            self.assertEqual(config["sink_on"], on)
            self.assertEqual(self.sinks.take_calls("sink0", "SetStackState"), [[on]])

    def test_tells_which_value_a_sink_refuses(self):
        app_config = {"diagnostics_interval": "60s", "data": "", "sequence": 1}
        for update, result in [({"network_channel": 41}, "INVALID_PARAM"),
                               ({"app_config": {**app_config, "diagnostics_interval": "7s"}},
                                "INVALID_DIAG_INTERVAL"),
                               ({"app_config": {**app_config, "data": text(bytes(81))}},
                                "INVALID_PARAM"),
                               ({"app_config": {**app_config, "sequence": 255}},
                                "INVALID_SEQUENCE_NUMBER")]:
            with self.subTest(update):
                self.check_error(self.refusal("SetSinkConfig", update=update), INVALID_ARGUMENT,
                                   result)

    def test_a_refused_configuration_may_be_done_in_part(self):
        error = self.refusal("SetSinkConfig", sink="sink1",
                             update={"node_address": 4712, "network_channel": 41})
        self.check_error(error, INVALID_ARGUMENT, "INVALID_PARAM")
        self.assertEqual(self.sink_config("sink1")["node_address"], 4712)

    def test_this_gateway_passes_over_the_access_cycle_range(self):
        config = self.call("SetSinkConfig", update={"access_cycle_range": {
            "minimum": "4s", "maximum": "4s"}})["sink"]["config"]
        self.assertEqual(config["access_cycle_range"], {"minimum": "2s", "maximum": "8s"})
        self.assertEqual(self.sinks.take_calls("sink0", "SetACRange"), [])

    def test_sets_numbered_keys(self):
        keys = [bytes([i] * 16) for i in range(4)]
        self.call("SetSinkConfig", sink="sink1", update={
            "network_keys": {"cipher_key": text(keys[0]), "authentication_key": text(keys[1]),
                             "sequence": 3},
            "management_keys": {"cipher_key": text(keys[2]), "authentication_key": text(keys[3]),
                                "sequence": 4}})
        self.assertEqual(
            self.sinks.take_calls("sink1", "SetNetworkSecurityKeys", "SetManagementSecurityKeys"),
            [[keys[0].hex(), keys[1].hex(), 3], [keys[2].hex(), keys[3].hex(), 4]])

    def test_sets_reads_and_clears_configuration_data_items(self):
        items = [{"endpoint": endpoint, "payload": text(bytes([endpoint % 256]) * 5)}
                 for endpoint in (300, 65535, 2)]
        for item in items:
            self.call("SetConfigurationDataItem", item=item)
        for item in items:
            read = self.call("GetConfigurationDataItem", endpoint=item["endpoint"])
            self.assertEqual(read["item"], item)
        self.assertEqual(self.sink_config()["configuration_data_items"],
                         sorted(items, key=lambda item: item["endpoint"]))
        for item in items:
            self.call("SetConfigurationDataItem", item={"endpoint": item["endpoint"]})
        self.assertNotIn("configuration_data_items", self.sink_config())

    def test_tells_of_a_refused_configuration_data_item(self):
        item = {"endpoint": 1, "payload": text(bytes(81))}
        self.check_error(self.refusal("SetConfigurationDataItem", item=item), INVALID_ARGUMENT,
                           "INVALID_PARAM")

    def test_reads_an_item_that_is_not_set(self):
        self.assertEqual(self.call("GetConfigurationDataItem", endpoint=4321), {})

    def test_a_sink_may_have_a_high_unicast_address(self):
        self.addCleanup(self.sinks.set, "sink0", NodeAddress=1)
        for address in (0x81000000, 0xFFFFFFFD):
            response = self.call("SetSinkConfig", update={"node_address": address})
            self.assertEqual(response["sink"]["config"]["node_address"], address)

    def test_changes_entries_of_app_configs(self):
        for sink in ("sink0", "sink1"):
            self.call("SetSinkConfig", sink=sink, update={"app_config": {
                "diagnostics_interval": "0s", "data": "", "sequence": 254}})
        scope = {"sinks": [{"gateway_id": GATEWAY, "sink_id": sink}
                           for sink in ("sink0", "sink1")]}
        entries = [{"type": 5, "value": text(b"abc")}, {"type": 0x1234, "value": text(b"d")}]
        update = {"scope": scope, "set_entries": entries, "override_non_tlv": True}
        response = self.client.call(f"{APP_CONFIG}/UpdateAppConfig", update)
        self.assertTrue(response["complete"], response)
        self.client.call(f"{APP_CONFIG}/SetLocalProvisioning", {"scope": scope, "enabled": True})
        data = bytes.fromhex("f67e03 0503616263 34811264 c40101")
        for sink in ("sink0", "sink1"):
            # The sequence after 254 is 0.
            self.assertEqual(self.sinks.get(sink)["app_config"], [1, 0, data.hex()])

        def listed():
            return self.client.call(f"{APP_CONFIG}/ListAppConfigs", {"scope": scope})["app_configs"]

        # This gateway's older news may come after the newer, until its next status.
        expected = [*entries, {"type": 0xC4, "value": text(b"\x01")}]
        eventually(lambda: all(config.get("entries") == expected for config in listed()),
                   "the entries of both sinks")
        for config in listed():
            self.assertEqual(base64.b64decode(config["app_config"]["data"]),
                             data.ljust(80, b"\x00"))

    def check_update_keeps(self, data):
        """A new entry is put to the data, of which nothing else is lost."""
        self.sinks.set("sink0", app_config=[1, 0, data.hex()])
        response = self.client.call(f"{APP_CONFIG}/UpdateAppConfig", {
            "scope": {"sinks": [{"gateway_id": GATEWAY, "sink_id": "sink0"}]},
            "set_entries": [{"type": 7, "value": text(b"new")}]})
        self.assertTrue(response.get("complete"), response)
        changed = bytes.fromhex(self.sinks.get("sink0")["app_config"][2])
        self.assertTrue(changed.startswith(b"\xf6\x7e"), changed)
        return changed

    def test_what_stands_behind_the_entries_of_an_app_config_does_not_hide_them(self):
        self.assertIn(b"\x05\x03abc", self.check_update_keeps(b"\xf6\x7e\x01\x05\x03abc\xff\x01"))

    def test_a_type_that_is_twice_in_an_app_config_does_not_hide_the_entries(self):
        self.assertIn(b"\x06\x01z", self.check_update_keeps(
            b"\xf6\x7e\x03\x05\x01x\x05\x01y\x06\x01z"))


if __name__ == "__main__":
    unittest.main()
