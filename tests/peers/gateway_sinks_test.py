# SPDX-License-Identifier: Apache-2.0
"""The service with the reference gateway: both of its sinks changed at once, and parts of their
configuration."""

import unittest

from gateway_case import FAILED_PRECONDITION, INVALID_ARGUMENT, GatewayCase
from network import eventually
from reference_gateway import GATEWAY, NETWORK
from views import text

SCOPE = {"network_address": NETWORK}


class GatewaySinksTest(GatewayCase):
    def change(self, method, **request):
        """What became of each sink, and the summary."""
        responses = self.client.call_stream(method, {"scope": SCOPE, **request})
        changes = {change["sink"]["sink_id"]: change
                   for response in responses for change in response.get("changes", [])}
        for change in changes.values():
            self.assertEqual(change["sink"]["gateway_id"], GATEWAY)
        summary = responses[-1]["summary"]
        return changes, summary

    def outcomes(self, method, **request):
        changes, _ = self.change(method, **request)
        return [changes[sink]["outcome"].removeprefix("SINK_CHANGE_OUTCOME_")
                for sink in ("sink0", "sink1")]

    def give_app_configs(self, interval=60, data=b"abc", sequence=9):
        for sink in ("sink0", "sink1"):
            self.call("SetSinkConfig", sink=sink, update={"app_config": {
                "diagnostics_interval": f"{interval}s", "data": text(data),
                "sequence": sequence}})

    def app_configs(self):
        return [self.sinks.get(sink)["app_config"] for sink in ("sink0", "sink1")]

    def test_changes_both_sinks_and_then_leaves_them_alone(self):
        update = {"network_channel": 9}
        self.addCleanup(self.change, "UpdateSinkConfigs", update={"network_channel": 5})
        changes, summary = self.change("UpdateSinkConfigs", update=update)
        self.assertEqual(summary, {"changed_count": 2, "complete": True}, changes)
        for sink in ("sink0", "sink1"):
            self.assertEqual(self.sinks.get(sink)["NetworkChannel"], 9)
            self.sinks.take_calls(sink)
        self.assertEqual(self.outcomes("UpdateSinkConfigs", update=update),
                         ["UNCHANGED", "UNCHANGED"])
        for sink in ("sink0", "sink1"):
            self.assertEqual(self.sinks.take_calls(sink, "SetStackState"), [])

    def test_a_part_of_an_app_config_leaves_the_rest(self):
        self.give_app_configs()
        self.call("SetSinkConfig", update={"app_config": {"data": text(b"new")}})
        self.assertEqual(self.app_configs(),
                         [[10, 60, b"new".hex()], [9, 60, b"abc".hex()]])
        # This gateway tells the data filled up with zeros, and so they are sent.
        self.assertEqual(self.outcomes("UpdateSinkConfigs", update={
            "app_config": {"diagnostics_interval": "120s"}}), ["CHANGED", "CHANGED"])
        self.assertEqual(self.app_configs(), [
            [11, 120, b"new".ljust(80, b"\x00").hex()], [10, 120, b"abc".ljust(80, b"\x00").hex()]])

    def test_zeros_behind_an_app_config_are_no_other_content(self):
        self.give_app_configs()
        update = {"app_config": {"data": text(b"abc")}}
        self.assertEqual(self.outcomes("UpdateSinkConfigs", update=update),
                         ["UNCHANGED", "UNCHANGED"])
        self.assertEqual(self.app_configs(), [[9, 60, b"abc".hex()]] * 2)

    def test_a_sink_that_never_had_an_app_config_must_be_given_all_of_it(self):
        self.sinks.add("fresh", NodeAddress=3, NetworkAddress=0x654321)
        self.addCleanup(self.sinks.remove, "fresh")
        eventually(lambda: "fresh" in self.client.call("ListGateways")["gateways"][0]["sink_ids"],
                   "the sink")
        error = self.refusal("SetSinkConfig", sink="fresh",
                             update={"app_config": {"data": text(b"new")}})
        self.assertEqual(error.code, FAILED_PRECONDITION, error)
        self.call("SetSinkConfig", sink="fresh", update={"app_config": {
            "diagnostics_interval": "60s", "data": text(b"new"), "sequence": 1}})
        self.assertEqual(self.sinks.get("fresh")["app_config"], [1, 60, b"new".hex()])

    def test_a_part_of_the_role_leaves_the_rest(self):
        self.addCleanup(self.sinks.set, "sink0", NodeRole=0x11)
        role = self.call("SetSinkConfig", update={"node_role": {"low_latency": False}})[
            "sink"]["config"]["node_role"]
        self.assertEqual(role, {"base_role": "BASE_ROLE_SINK", "low_latency": False,
                                "autorole": False})
        self.assertEqual(self.sinks.get("sink0")["NodeRole"], 1)

    def test_one_that_fails_does_not_keep_the_other_from_being_changed(self):
        self.addCleanup(self.change, "UpdateSinkConfigs", update={"network_channel": 5})
        self.sinks.fail("sink0", **{"set NetworkChannel": 4})
        changes, summary = self.change("UpdateSinkConfigs", update={"network_channel": 11})
        self.assertEqual(summary, {"changed_count": 1, "failed_count": 1})
        error = changes["sink0"]["error"]
        self.assertEqual((error["code"], error["gateway_error"]["result"]),
                         (INVALID_ARGUMENT, "RESULT_CODE_INVALID_PARAM"), error)
        self.assertEqual(self.sinks.get("sink1")["NetworkChannel"], 11)
        self.sinks.fail("sink0")

    def test_nothing_is_sent_when_a_sink_does_not_pass_the_check(self):
        changes, summary = self.change("UpdateSinkConfigs", update={"network_channel": 41})
        self.assertEqual(summary, {"refused_count": 2})
        self.assertEqual(changes["sink1"]["error"]["field"], "update.network_channel")
        self.assertEqual(self.outcomes("UpdateSinkConfigs", update={"network_channel": 12},
                                       dry_run=True), ["CHECKED", "CHECKED"])
        for sink in ("sink0", "sink1"):
            self.assertEqual(
                self.sinks.take_calls(sink, "SetStackState", "set NetworkChannel"), [])

    def test_sets_an_item_in_both_sinks(self):
        item = {"endpoint": 700, "payload": text(b"item")}
        self.call("SetConfigurationDataItem", sink="sink1", item=item)
        # Of a gateway that does not tell its sinks in time, nothing is known to be there.
        eventually(lambda: self.outcomes("SetConfigurationDataItems", item=item, dry_run=True)
                   == ["CHECKED", "UNCHANGED"], "what is there already to be seen")
        self.assertEqual(self.outcomes("SetConfigurationDataItems", item=item)[0], "CHANGED")
        for sink in ("sink0", "sink1"):
            self.assertEqual(
                self.call("GetConfigurationDataItem", sink=sink, endpoint=700)["item"], item)
        self.assertEqual(self.outcomes("SetConfigurationDataItems", item={"endpoint": 700}),
                         ["CHANGED", "CHANGED"])
        self.assertEqual(self.call("GetConfigurationDataItem", endpoint=700), {})


if __name__ == "__main__":
    unittest.main()
