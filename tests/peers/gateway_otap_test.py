# SPDX-License-Identifier: Apache-2.0
"""The service with the reference gateway: scratchpads, and what nodes say of theirs."""

import binascii
import random
import struct
import unittest

from gateway_case import CHUNK_SIZE, FAILED_PRECONDITION, INVALID_ARGUMENT, OTAP, GatewayCase
from network import eventually
from reference_gateway import GATEWAY, NETWORK
from views import text

SCOPE = {"network_address": NETWORK}
SINKS = ("sink0", "sink1")
_FILE_TAG = bytes.fromhex("534352319a933082d9eb0afc3121e337")


def scratchpad_file(size):
    """With the head of such a file: its bytes and its checksum."""
    content = random.Random(size).randbytes(size - 32)
    checksum = binascii.crc_hqx(content, 0xFFFF)
    head = struct.pack("<IHBBII", len(content), checksum, 0, 0, 0, 0xFFFFFFFF)
    return _FILE_TAG + head + content, checksum


def node_report(sequence, checksum, length):
    """Of a node that has the scratchpad and knows of it as its target."""
    return b"\x99\x2f" + struct.pack(
        "<IHBBBIHBI4sIHBI4sBBHHH",
        length, checksum, sequence, 1, 255,                      # stored
        1000, 0x1111, 3, 0x10, bytes([5, 4, 0, 1]),              # the stack's
        2000, 0x2222, 4, 0x82838485, bytes([1, 2, 3, 4]),        # the application's
        1, sequence, checksum, 0, 0)                             # the target


class GatewayOtapTest(GatewayCase):
    def setUp(self):
        super().setUp()
        for sink in SINKS:
            self.sinks.set(sink, target=[0, 0, 0, 0], StoredLen=0, StoredCrc=0, StoredSeq=0,
                           StoredStatus=0, StoredType=0, ProcessedLen=0, ProcessedCrc=0,
                           ProcessedSeq=0)

    def status(self, sink="sink0"):
        return self.call("GetScratchpadStatus", sink)["status"]

    def upload(self, scratchpad, sequence=42, sink="sink0"):
        return self.client.call_stream("UploadScratchpad", self.with_sink(
            "UploadScratchpad", {"sequence": sequence, "scratchpad": text(scratchpad)}, sink))

    # ---- one sink ----

    def test_uploads_in_chunks(self):
        scratchpad, checksum = scratchpad_file(3 * CHUNK_SIZE + 100)
        progress = self.upload(scratchpad)
        self.assertEqual([p["accepted_bytes"] for p in progress],
                         [CHUNK_SIZE, 2 * CHUNK_SIZE, 3 * CHUNK_SIZE, len(scratchpad)])
        self.assertEqual(self.sinks.take_calls("sink0", "UploadScratchpad"),
                         [[42, scratchpad.hex()]])
        self.assertEqual(self.status(), {
            "stored": {"length": len(scratchpad), "crc": checksum, "sequence": 42},
            "stored_state": "SCRATCHPAD_STATE_NEW", "stored_type": "SCRATCHPAD_TYPE_PRESENT",
            "processed": {}, "firmware_area_id": 3,
            "target": {"action": "SCRATCHPAD_ACTION_NO_OTAP", "sequence": 0, "crc": 0, "raw": 0}})

    def test_uploads_at_once_what_fits_and_clears_it(self):
        scratchpad, _ = scratchpad_file(CHUNK_SIZE)
        self.assertEqual([p["accepted_bytes"] for p in self.upload(scratchpad)], [CHUNK_SIZE])
        self.client.call_stream("UploadScratchpad", self.with_sink(
            "UploadScratchpad", {}, "sink0"))
        self.assertEqual((self.status()["stored"], self.status()["stored_type"]),
                         ({}, "SCRATCHPAD_TYPE_BLANK"))

    def test_tells_why_a_sink_refuses_a_scratchpad(self):
        for size in (100, CHUNK_SIZE + 100):
            error = self.refusal("UploadScratchpad", sequence=5,
                                 scratchpad=text(b"BAD".ljust(size)))
            self.check_error(error, INVALID_ARGUMENT, "INVALID_SCRATCHPAD")
        # The gateway started it again all the same.
        self.assertEqual(self.sinks.get("sink0")["StackStatus"], 0)

    def test_processes_a_scratchpad(self):
        self.check_error(self.refusal("ProcessScratchpad"), FAILED_PRECONDITION,
                           "NO_SCRATCHPAD_PRESENT")
        scratchpad, checksum = scratchpad_file(CHUNK_SIZE)
        self.upload(scratchpad)
        self.call("ProcessScratchpad")
        status = self.status()
        self.assertEqual(
            (status["processed"], status["stored_state"], status["stored_type"]),
            ({"length": CHUNK_SIZE, "crc": checksum, "sequence": 42},
             "SCRATCHPAD_STATE_SUCCESS", "SCRATCHPAD_TYPE_PROCESS"))

    def test_sets_targets(self):
        # Sent, at the sink, and read back: the gateway knows the usual delays by their bytes.
        for sent, at_sink, told in [
                ({"action": "PROPAGATE_ONLY", "sequence": 7, "crc": 8}, [7, 8, 1, 0],
                 {"action": "PROPAGATE_ONLY", "sequence": 7, "crc": 8, "raw": 0}),
                ({"action": "PROPAGATE_AND_PROCESS", "sequence": 254, "crc": 65535},
                 [254, 65535, 2, 0],
                 {"action": "PROPAGATE_AND_PROCESS", "sequence": 254, "crc": 65535, "raw": 0}),
                ({"action": "PROPAGATE_AND_PROCESS_WITH_DELAY", "sequence": 7, "crc": 8,
                  "delay": "SCRATCHPAD_DELAY_ONE_DAY"}, [7, 8, 3, 0xC1],
                 {"action": "PROPAGATE_AND_PROCESS_WITH_DELAY", "sequence": 7, "crc": 8,
                  "delay": "SCRATCHPAD_DELAY_ONE_DAY"}),
                ({"action": "PROPAGATE_AND_PROCESS_WITH_DELAY", "sequence": 7, "crc": 8,
                  "raw": 0x81}, [7, 8, 3, 0x81],
                 {"action": "PROPAGATE_AND_PROCESS_WITH_DELAY", "sequence": 7, "crc": 8,
                  "delay": "SCRATCHPAD_DELAY_ONE_HOUR"}),
                ({"action": "PROPAGATE_AND_PROCESS_WITH_DELAY", "sequence": 7, "crc": 8,
                  "raw": 0x42}, [7, 8, 3, 0x42],
                 {"action": "PROPAGATE_AND_PROCESS_WITH_DELAY", "sequence": 7, "crc": 8,
                  "raw": 0x42}),
                ({"action": "LEGACY_OTAP", "sequence": 7, "crc": 8}, [0, 0, 4, 0],
                 {"action": "LEGACY_OTAP", "sequence": 0, "crc": 0, "raw": 0})]:
            with self.subTest(sent):
                self.call("SetTargetScratchpad", target={
                    **sent, "action": "SCRATCHPAD_ACTION_" + sent["action"]})
                self.assertEqual(self.sinks.get("sink0")["target"], at_sink)
                self.assertEqual(self.status()["target"], {
                    **told, "action": "SCRATCHPAD_ACTION_" + told["action"]})

    def test_sequence_and_checksum_of_a_target_may_be_left_out(self):
        self.sinks.set("sink0", StoredSeq=9, StoredCrc=0x1234, StoredLen=100, StoredType=1)
        for left_out, given in [({}, [9, 0x1234, 1, 0]), ({"sequence": 8}, [8, 0x1234, 1, 0]),
                                ({"crc": 7}, [9, 7, 1, 0])]:
            self.call("SetTargetScratchpad", target={
                "action": "SCRATCHPAD_ACTION_PROPAGATE_ONLY", **left_out})
            self.assertEqual(self.sinks.get("sink0")["target"], given)

    def test_tells_of_a_refused_target(self):
        error = self.refusal("SetTargetScratchpad", target={
            "action": "SCRATCHPAD_ACTION_PROPAGATE_AND_PROCESS_WITH_DELAY", "sequence": 7,
            "crc": 8, "raw": 0})
        self.check_error(error, INVALID_ARGUMENT, "INVALID_PARAM")

    # ---- all sinks ----

    def load(self, scratchpad, **request):
        responses = self.client.call_stream(f"{OTAP}/LoadScratchpad", {
            "scope": SCOPE, "scratchpad": text(scratchpad), **request})
        return responses[-1]["summary"]

    def test_stops_a_load(self):
        scratchpad, _ = scratchpad_file(1000)
        responses = self.open(f"{OTAP}/LoadScratchpad", {
            "scope": SCOPE, "scratchpad": text(scratchpad), "sequence": 98,
            "delay_between_sinks": "600s"})
        eventually(lambda: self.sinks.take_calls("sink0", "UploadScratchpad"), "the first sink")
        [load_id] = {response["load_id"] for response in responses.wait(len, "a response")}
        self.client.call(f"{OTAP}/StopLoadScratchpad", {"load_id": load_id})
        objects = responses.wait(lambda objects: "summary" in objects[-1], "the summary")
        self.assertLess(objects[-1]["summary"].get("done_count", 0), 2, objects[-1])
        self.assertEqual(self.sinks.take_calls("sink1", "UploadScratchpad"), [])

    def test_loads_all_sinks_and_updates_their_network(self):
        scratchpad, checksum = scratchpad_file(4 * CHUNK_SIZE)
        summary = self.load(scratchpad, sequence=99)
        self.assertEqual(summary.get("done_count"), 2, summary)
        stored = {"length": len(scratchpad), "crc": checksum, "sequence": 99}
        for sink in SINKS:
            self.assertEqual(self.sinks.take_calls(sink, "UploadScratchpad"),
                             [[99, scratchpad.hex()]])
        # Sequence and checksum are those of what each sink stores.
        results = self.client.call(f"{OTAP}/SetTarget", {"scope": SCOPE, "target": {
            "action": "SCRATCHPAD_ACTION_PROPAGATE_ONLY"}})["results"]
        self.assertEqual([result for result in results if "error" in result], [])
        listed = self.client.call(f"{OTAP}/ListScratchpads", {"scope": SCOPE})
        self.assertEqual((listed["stored_sequences"], listed["target_sequences"]), ([99], [99]))
        for sink in listed["sinks"]:
            self.assertEqual(sink["status"]["stored"], stored)
        processed = self.client.call_stream(f"{OTAP}/ProcessScratchpads", {"scope": SCOPE})
        results = [result for response in processed for result in response.get("results", [])]
        self.assertEqual([result.get("error") for result in results], [None, None])
        self.assertEqual([self.sinks.get(sink)["ProcessedSeq"] for sink in SINKS], [99, 99])

    def test_picks_a_sequence_that_no_sink_has(self):
        self.sinks.set("sink0", StoredSeq=1, StoredType=1, ProcessedSeq=2)
        self.assertEqual(self.load(scratchpad_file(1000)[0])["done_count"], 2)
        sequences = {self.sinks.get(sink)["StoredSeq"] for sink in SINKS}
        self.assertEqual(len(sequences), 1)
        self.assertTrue(sequences.isdisjoint({0, 1, 2}), sequences)

    def test_one_sink_that_refuses_fails_alone(self):
        self.sinks.fail("sink1", UploadScratchpad=26)
        summary = self.load(scratchpad_file(1000)[0], sequence=5)
        self.assertEqual((summary.get("done_count"), summary.get("failed_count")), (1, 1))
        error = summary["sinks"][1]["error"]
        self.assertEqual((error["code"], error["gateway_error"]["result"]),
                         (INVALID_ARGUMENT, "RESULT_CODE_INVALID_SCRATCHPAD"))

    def test_a_load_is_good_whose_length_sinks_report_without_tag_or_header(self):
        for sink, unreported in zip(SINKS, (16, 32)):
            self.sinks.set(sink, unreported_bytes=unreported)
            self.addCleanup(self.sinks.set, sink, unreported_bytes=0)
        summary = self.load(scratchpad_file(1000)[0])
        self.assertEqual(summary.get("done_count"), 2, summary)

    # ---- nodes ----

    def test_nodes_answer_for_their_scratchpads(self):
        self.sinks.set_nodes("sink0", {101: node_report(99, 0xABCD, 5000),
                                       102: node_report(98, 0xABCE, 6000)})
        self.sinks.set_nodes("sink1", {201: node_report(97, 0xABCF, 7000)})
        watched = self.open(f"{OTAP}/WatchNodeStatus",
                            {"filter": {"network_addresses": [NETWORK]}})
        asked = self.client.call(f"{OTAP}/RequestNodeStatus", {"scope": SCOPE})["results"]
        self.assertEqual([result for result in asked if "error" in result], [])

        def statuses(objects):
            return {status["node_address"]: status for response in objects
                    for status in response.get("statuses", [])}

        seen = statuses(watched.wait(lambda o: len(statuses(o)) == 3, "the status of 3 nodes"))
        listed = eventually(lambda: self.client.call(f"{OTAP}/ListNodeStatus").get("statuses"),
                            "the statuses")
        self.assertEqual({status["node_address"]: status for status in listed}, seen)
        status = seen[101]
        self.assertRegex(status.pop("receive_time"), r"\dZ$")
        self.assertRegex(status.pop("send_time"), r"\dZ$")
        self.assertEqual(status, {
            "network_address": NETWORK, "node_address": 101,
            "sink": {"gateway_id": GATEWAY, "sink_id": "sink0"}, "report_version": 3,
            "stored": {"length": 5000, "crc": 0xABCD, "sequence": 99},
            "stored_type": "NODE_SCRATCHPAD_TYPE_PRESENT",
            "stored_state": "NODE_SCRATCHPAD_STATE_NEW", "stored_state_code": 255,
            "stack": {"scratchpad": {"length": 1000, "crc": 0x1111, "sequence": 3},
                      "area_id": 0x10,
                      "version": {"major": 5, "minor": 4, "development": 1}},
            "application": {"scratchpad": {"length": 2000, "crc": 0x2222, "sequence": 4},
                            "area_id": 0x82838485,
                            "version": {"major": 1, "minor": 2, "maintenance": 3,
                                        "development": 4}},
            "target": {"action": "SCRATCHPAD_ACTION_PROPAGATE_ONLY", "sequence": 99,
                       "crc": 0xABCD, "delay": "0s", "remaining_delay": "0s"}})
        self.assertEqual(seen[201]["sink"]["sink_id"], "sink1")


if __name__ == "__main__":
    unittest.main()
