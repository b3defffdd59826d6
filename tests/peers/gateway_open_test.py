# SPDX-License-Identifier: Apache-2.0
"""What does not work yet with the reference gateway. Each of these tests is expected to fail,
and fails this file when it passes: then the mark goes, and the test moves to where the others
of its kind are."""

import unittest

from gateway_case import APP_CONFIG, OTAP, GatewayCase
from gateway_otap_test import SCOPE, SINKS, scratchpad_file
from reference_gateway import GATEWAY
from views import text

# How long what is not there yet is waited for.
SHORT_SECONDS = 3
MESSAGE = {"destination_address": 1, "source_endpoint": 10, "destination_endpoint": 11,
           "payload": text(b"hello")}


class GatewayOpenTest(GatewayCase):

    # ---- requests ----

    @unittest.expectedFailure
    def test_reads_an_item_that_is_not_set(self):
        self.assertEqual(self.call("GetConfigurationDataItem", endpoint=4321), {})

    @unittest.expectedFailure
    def test_a_sink_may_have_a_high_unicast_address(self):
        self.addCleanup(self.sinks.set, "sink0", NodeAddress=1)
        for address in (0x81000000, 0xFFFFFFFD):
            response = self.call("SetSinkConfig", update={"node_address": address})
            self.assertEqual(response["sink"]["config"]["node_address"], address)

    @unittest.expectedFailure
    def test_tries_again_while_a_sink_has_no_room(self):
        self.sinks.fail("sink0", SendMessage=[21, 21, 0])
        self.call("SendMessage", message=MESSAGE)
        self.assertEqual(len(self.sinks.take_calls("sink0", "SendMessage")), 3)

    @unittest.expectedFailure
    def test_sends_every_one_of_many_messages_while_a_sink_has_no_room(self):
        self.sinks.fail("sink0", SendMessage=[0, 21, 21, 0, 21])
        requests = [self.with_sink({"message": {**MESSAGE, "destination_address": i}}, "sink0")
                    for i in range(1, 6)]
        responses = self.client.call_stream("SendMessages", [
            {"correlation_id": i, "request": request} for i, request in enumerate(requests)])
        self.assertEqual([response for response in responses if "error" in response], [])
        self.assertEqual(len(self.sinks.take_calls("sink0", "SendMessage")), 8)

    # ---- scratchpads ----

    @unittest.expectedFailure
    def test_sequence_and_checksum_of_a_target_may_be_left_out(self):
        self.sinks.set("sink0", StoredSeq=9, StoredCrc=0x1234, StoredLen=100, StoredType=1)
        for left_out, given in [({}, [9, 0x1234, 1, 0]), ({"sequence": 8}, [8, 0x1234, 1, 0]),
                                ({"crc": 7}, [9, 7, 1, 0])]:
            self.call("SetTargetScratchpad", target={
                "action": "SCRATCHPAD_ACTION_PROPAGATE_ONLY", **left_out})
            self.assertEqual(self.sinks.get("sink0")["target"], given)

    @unittest.expectedFailure
    def test_a_load_is_good_whose_length_sinks_report_without_tag_or_header(self):
        scratchpad, _ = scratchpad_file(1000)
        for sink, unreported in zip(SINKS, (16, 32)):
            self.sinks.set(sink, unreported_bytes=unreported)
            self.addCleanup(self.sinks.set, sink, unreported_bytes=0)
        responses = self.client.call_stream(f"{OTAP}/LoadScratchpad", {
            "scope": SCOPE, "scratchpad": text(scratchpad)})
        self.assertEqual(responses[-1]["summary"].get("done_count"), 2, responses[-1])

    # ---- app configs ----

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

    @unittest.expectedFailure
    def test_what_stands_behind_the_entries_of_an_app_config_does_not_hide_them(self):
        self.assertIn(b"\x05\x03abc", self.check_update_keeps(b"\xf6\x7e\x01\x05\x03abc\xff\x01"))

    @unittest.expectedFailure
    def test_a_type_that_is_twice_in_an_app_config_does_not_hide_the_entries(self):
        self.assertIn(b"\x06\x01z", self.check_update_keeps(
            b"\xf6\x7e\x03\x05\x01x\x05\x01y\x06\x01z"))


if __name__ == "__main__":
    unittest.main()
