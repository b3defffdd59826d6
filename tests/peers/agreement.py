# SPDX-License-Identifier: Apache-2.0
"""What a client of the reference library and a gRPC client of the service, at the same broker
at the same time, see: brought into one form and compared."""

from network import OK, Calls, eventually
from views import (config_of_library, config_of_service, milliseconds, scratchpad_info, seconds,
                   target, text)

# The gRPC status that stands for each code of a gateway.
STATUS_OF = {
    "INTERNAL_ERROR": 13, "INVALID_SINK_ID": 5, "INVALID_ROLE": 9, "INVALID_SINK_STATE": 9,
    "NO_SCRATCHPAD_PRESENT": 9, "ACCESS_DENIED": 7, "SINK_OUT_OF_MEMORY": 8, "SINK_TIMEOUT": 4,
}
INVALID_ARGUMENT = 3


class Agreement:
    """To be mixed into a test case that has both: `client` and `library`."""

    def open(self, method, request=None):
        responses = self.client.open(method, request)
        self.addCleanup(responses.close)
        responses.wait(len, f"the first response of {method}")
        return responses

    def listen(self, register, **filters):
        """Registers a callback at the library for the time of the test."""
        calls = Calls()
        registered = getattr(self.library, f"register_{register}_traffic_cb")(calls, **filters)
        self.addCleanup(getattr(self.library, f"unregister_{register}_traffic_cb"), registered)
        return calls

    # ---- sinks: both as dict from (gateway, sink) to config ----

    def sinks_of_library(self):
        return {(gateway, sink): config_of_library(config)
                for gateway, sink, config in self.library.get_sinks()}

    def sinks_of_service(self):
        sinks = self.client.call("ListSinks").get("sinks", [])
        return {(sink["gateway_id"], sink["sink_id"]): config_of_service(sink["config"])
                for sink in sinks}

    def check_sinks(self):
        """Both agree on all sinks, at once or once the news has reached both."""
        def agree():
            return self.sinks_of_library() == self.sinks_of_service()
        try:
            eventually(agree, "library and service to agree")
        except AssertionError:
            self.assertEqual(self.sinks_of_library(), self.sinks_of_service())

    # ---- uplinks and refusals ----

    @staticmethod
    def uplink_of_library(packet):
        payload = packet.data_payload
        return (packet.gw_id, packet.sink_id, packet.network_address, packet.event_id,
                packet.source_address, packet.destination_address, packet.source_endpoint,
                packet.destination_endpoint, packet.qos, packet.hop_count,
                milliseconds(packet.travel_time_ms), None if payload is None else text(payload),
                packet.data_size if payload is None else len(payload))

    @staticmethod
    def uplink_of_service(uplink):
        return (uplink["gateway_id"], uplink["sink_id"], uplink["network_address"],
                int(uplink.get("event_id", 0)), uplink["source_address"],
                uplink["destination_address"], uplink["source_endpoint"],
                uplink["destination_endpoint"], uplink.get("qos", 0),
                # The library has 0 where a gateway does not tell.
                uplink.get("hop_count", 0), seconds(uplink["travel_time"]), uplink.get("payload"),
                uplink.get("payload_size", 0))

    def check_refusal(self, refused, code, gateway, sink):
        """The service's error says what the library's result says."""
        # The library's first name for one of them is misspelt.
        name = code.name.removeprefix("GW_RES_").replace("INVLAID", "INVALID")
        error = refused.exception
        self.assertEqual(error.code, STATUS_OF.get(name, INVALID_ARGUMENT), error)
        self.assertEqual(error.gateway_error["result"], f"RESULT_CODE_{name}")
        self.assertEqual((error.gateway_error["gateway_id"], error.gateway_error["sink_id"]),
                         (gateway, sink))
        self.assertNotEqual(error.gateway_error["request_id"], "0")

    # ---- scratchpads ----

    def check_scratchpad_status(self, gateway, sink):
        """Both read the same status; returns the library's."""
        result, status = self.library.get_scratchpad_status(gateway, sink)
        self.assertEqual(result, OK)
        of_service = self.client.call("GetScratchpadStatus",
                                      {"gateway_id": gateway, "sink_id": sink})["status"]
        of_service.pop("firmware_area_id", None)  # the library does not give it
        processed = status["processed_scratchpad"]
        of_library = {
            "stored": scratchpad_info(status["stored_scratchpad"]),
            "stored_state": "SCRATCHPAD_STATE_"
                           + status["stored_status"].name.removeprefix("SCRATCHPAD_STATUS_"),
            "stored_type": status["stored_type"].name,
            "processed": scratchpad_info(processed) if processed else None,
            "target": target(status["target_scratchpad_and_action"]),
        }
        self.assertEqual(of_service,
                         {k: v for k, v in of_library.items() if v is not None})
        return status

    def upload_by_service(self, gateway, sink, sequence, scratchpad):
        return self.client.call_stream("UploadScratchpad", {
            "gateway_id": gateway, "sink_id": sink, "sequence": sequence,
            "scratchpad": text(scratchpad)})
