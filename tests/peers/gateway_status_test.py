# SPDX-License-Identifier: Apache-2.0
"""The service learns what the reference gateway tells of itself out of order, or not at all."""

import unittest

from gateway_case import GatewayCase, uplinks
from network import eventually
from reference_gateway import GATEWAY
from views import text

MESSAGE = {"destination_address": 1, "source_endpoint": 10, "destination_endpoint": 11,
           "payload": text(b"hello")}


class GatewayStatusTest(GatewayCase):
    # ---- what the gateway tells unasked ----

    def test_what_a_gateway_told_before_does_not_undo_what_it_told_after(self):
        before = self.sink_config()["network_channel"]
        changes = self.watch_network()
        self.gateway.cut_off()
        for channel in (20, 21, 22):
            mark = self.gateway.program.mark()
            self.sinks.set("sink0", NetworkChannel=channel)
            self.sinks.restart("sink0")
            self.gateway.program.wait_for("Status published", after=mark)
        # Statuses and answers wait in the gateway as packets do: the last comes out first. When
        # it has connected, a new status puts all right again.
        self.gateway.let_back()
        self.wait_for_event(changes, "GATEWAY_ONLINE")
        self.call("SetSinkConfig", update={"network_channel": 23})

        def channels(objects):
            return [event["sink"]["config"]["network_channel"] for response in objects
                    for event in response.get("events", [])
                    if event.get("sink", {}).get("sink_id") == "sink0"]

        told = channels(changes.wait(lambda objects: channels(objects)[-1] == 23, "channel 23"))
        self.assertEqual(list(dict.fromkeys(told)), [before, 22, 23])

    # ---- a gateway whose status somebody cleared ----

    def test_a_gateway_without_a_status_is_reachable_once_it_was_heard(self):
        self.addCleanup(self.bring_back)
        self.client.call("ClearGatewayStatus", {"gateway_id": GATEWAY})
        responses = self.open("SubscribeUplink")
        self.sinks.receive("sink0", {"source": 5, "payload": b"x"})
        responses.wait(uplinks, "the uplink")
        self.call("SendMessage", message=MESSAGE)
        self.assertEqual(len(self.sinks.take_calls("sink0", "SendMessage")), 1)

    def bring_back(self):
        self.gateway.stop()
        self.gateway.start(*self.gateway_options)
        eventually(lambda: [gateway.get("online") for gateway in
                            self.client.call("ListGateways").get("gateways", [])] == [True],
                   "its status")


if __name__ == "__main__":
    unittest.main()
