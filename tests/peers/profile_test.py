# SPDX-License-Identifier: Apache-2.0
"""The simulator's linux profile beside the reference gateway: both get the same requests, and
every message that they publish is compared field by field."""

import queue
import threading
import unittest

import paho.mqtt.client as mqtt
from google.protobuf import text_format
from network import PATIENCE_SECONDS
from reference_gateway import MODEL, VERSION, ReferenceGateway
from stack import Stack
from wirepas_mesh_messaging.proto import GenericMessage

REAL, SIMULATED = "linux-real-0", "linux-mock-0"
SIZE = 512
# What the simulator's sinks start with and the fake ones do not.
SINK = {"FirmwareVersion": [5, 4, 0, 0], "app_config": [0, 0, ""]}

APP_CONFIG = "app_config {diag_interval_s: %d app_config_data: \"%s\" seq: %d}"
KEYS = "cipher: \"%s\" authentication: \"%s\""
CONFIGS = [
    "node_address: 4712 network_channel: 41", "network_channel: 7",
    "node_address: 0", "node_address: 0xFFFFFFFD", "node_address: 1",
    "network_address: 0xABCDEF network_channel: 0", "channel_map: 5",
    "node_role {role: SINK}", "node_role {role: SINK flags: [LOW_LATENCY]}",
    APP_CONFIG % (60, "abc", 9), APP_CONFIG % (7, "xyz", 9), APP_CONFIG % (60, "x" * 81, 9),
    APP_CONFIG % (60, "xyz", 255),
    "keys {%s}" % (KEYS % ("k" * 16, "l" * 16)), "keys {%s}" % (KEYS % ("short", "short")),
    "network_keys {%s sequence: 1}" % (KEYS % ("m" * 16, "n" * 16)),
    "management_keys {%s sequence: 1}" % (KEYS % ("o" * 16, "p" * 16)),
    "management_keys {%s sequence: 1}" % (KEYS % ("o", "p")),
    "current_ac_range {min_ms: 4000 max_ms: 4000}",
    "network_channel: 41 keys {%s}" % (KEYS % ("short", "short")),
    "sink_state: OFF", "network_channel: 8", "sink_state: ON",
]
TARGETS = [
    "action: PROPAGATE_ONLY", "action: PROPAGATE_ONLY target_sequence: 9 target_crc: 10",
    "action: PROPAGATE_AND_PROCESS target_sequence: 9 target_crc: 10 raw: 5",
    "action: PROPAGATE_AND_PROCESS_WITH_DELAY target_sequence: 9 target_crc: 10 raw: 134",
    "action: PROPAGATE_AND_PROCESS_WITH_DELAY target_sequence: 9 target_crc: 10 raw: 135",
    "action: PROPAGATE_AND_PROCESS_WITH_DELAY target_sequence: 9 target_crc: 10 delay: ONE_DAY",
    "action: PROPAGATE_AND_PROCESS_WITH_DELAY target_sequence: 9 target_crc: 10",
    "action: PROPAGATE_ONLY target_sequence: 255 target_crc: 10",
    "action: PROPAGATE_ONLY target_sequence: 0 target_crc: 10",
    "action: LEGACY_OTAP target_sequence: 9",
    "action: NO_OTAP target_sequence: 9 target_crc: 10",
]
PACKET = ("destination_address: %d source_endpoint: %d destination_endpoint: 1 qos: %d "
          "payload: \"%s\"")
PACKETS = [
    PACKET % (1, 1, 0, "x"), PACKET % (1, 1, 1, "x") + " hop_limit: 15",
    PACKET % (1, 1, 1, "x") + " hop_limit: 16", PACKET % (0, 1, 0, "x"), PACKET % (1, 256, 0, "x"),
    PACKET % (1, 1, 2, "x"), PACKET % (1, 1, 0, ""), PACKET % (1, 1, 0, "x" * 1501),
]
CHUNK = "seq: %d scratchpad: \"%s\" chunk_info {scratchpad_total_size: %d start_offset: %d}"
UPLOADS = [
    "seq: 5 scratchpad: \"%s\"" % ("s" * (SIZE + 1)), "seq: 5",
    # From the last to the first, one of them twice, and none with offset 0.
    CHUNK % (6, "cc", 5, 3), CHUNK % (6, "cc", 5, 3), CHUNK % (6, "b", 5, 1),
    CHUNK % (7, "aaa", 5, 0), CHUNK % (7, "bb", 5, 3),
    # Before an end that is not its own.
    CHUNK % (8, "aaaa", 4, 2),
]
ITEMS = ["endpoint: 300 payload: \"abc\"", "endpoint: 2 payload: \"d\"",
         "endpoint: 300 payload: \"\""]


class ProfileTest(unittest.TestCase):
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        cls.stack = Stack()
        cls.addClassCleanup(cls.stack.close)
        cls.stack.start_broker()
        cls.gateway = ReferenceGateway(cls.stack, REAL, sinks=())
        for index, sink in enumerate(("sink0", "sink1")):
            cls.gateway.sinks.add(sink, NodeAddress=index + 1, **SINK)
        cls.messages = {REAL: queue.Queue(), SIMULATED: queue.Queue()}
        cls.request_id = 0
        cls.start_listening()
        cls.gateway.start("--gateway_max_scratchpad_size", str(SIZE))
        cls.simulator = cls.stack.start_simulator(
            "--profile", "linux", "--gateway_id_prefix", SIMULATED[:-1], "--sinks", "2", "--rate",
            "0", "--max_scratchpad_size", str(SIZE), "--model", MODEL, "--version", VERSION)

    @classmethod
    def start_listening(cls):
        client = mqtt.Client(client_id="listener")
        subscribed = threading.Event()
        client.on_subscribe = lambda *_: subscribed.set()
        client.on_message = lambda _c, _u, message: cls.sort_in(message)
        client.connect("127.0.0.1", cls.stack.mqtt_port)
        client.subscribe([("gw-event/#", 2), ("gw-response/#", 2)])
        client.loop_start()
        cls.addClassCleanup(client.loop_stop)
        cls.addClassCleanup(client.disconnect)
        if not subscribed.wait(PATIENCE_SECONDS):
            raise AssertionError("the broker does not confirm a subscription")
        cls.client = client

    @classmethod
    def sort_in(cls, message):
        levels = message.topic.split("/")
        if levels[2] in cls.messages:
            cls.messages[levels[2]].put((levels, message.qos, message.payload))

    @staticmethod
    def plain(message):
        """The id of the request that it answers, if any, and what is to be the same of both."""
        levels, qos, payload = message
        generic = GenericMessage()
        generic.ParseFromString(payload)
        [(_, body)] = generic.wirepas.ListFields()
        header = body.header
        header.gw_id = ""
        header.time_ms_epoch = 0
        if hasattr(header, "event_id"):
            header.event_id = 0
        if hasattr(body, "info"):
            body.info.current_time_s_epoch = 0
        request_id = getattr(header, "req_id", None)
        for config in [*getattr(body, "configs", []),
                       *([body.config] if hasattr(body, "config") else [])]:
            # The order is the sink's own.
            items = sorted(config.configuration_data_content, key=lambda item: item.endpoint)
            del config.configuration_data_content[:]
            config.configuration_data_content.extend(items)
        return request_id, (levels[:2] + levels[3:], qos, text_format.MessageToString(generic))

    def wait_for(self, gateway, matches):
        """The first message of the gateway that matches, what came before it forgotten."""
        while True:
            try:
                message = self.messages[gateway].get(timeout=PATIENCE_SECONDS)
            except queue.Empty:
                raise AssertionError(f"{gateway} does not publish it") from None
            request_id, plain = self.plain(message)
            if matches(request_id, plain):
                return plain

    def check_answers(self, kind, request, sink="sink0"):
        """That both answer the request, a text, alike."""
        type(self).request_id += 1
        fields = {"set_config": "set_config_req", "send_data": "send_packet_req",
                  "get_configs": "get_configs_req", "get_gw_info": "get_gateway_info_req",
                  "otap_status": "get_scratchpad_status_req",
                  "otap_load_scratchpad": "upload_scratchpad_req",
                  "otap_process_scratchpad": "process_scratchpad_req",
                  "otap_set_target_scratchpad": "set_scratchpad_target_and_action_req",
                  "set_configuration_data_item": "set_configuration_data_item_req",
                  "get_configuration_data_item": "get_configuration_data_item_req"}
        header = f"header {{req_id: {self.request_id} sink_id: \"{sink}\"}}"
        generic = text_format.Parse(f"wirepas {{{fields[kind]} {{{header} {request}}}}}",
                                    GenericMessage())
        answers = []
        for gateway in (REAL, SIMULATED):
            topic = f"gw-request/{kind}/{gateway}"
            if kind not in ("get_configs", "get_gw_info"):
                topic += f"/{sink}"
            self.client.publish(topic, generic.SerializeToString(), qos=1)
            answers.append(self.wait_for(
                gateway, lambda request_id, _: request_id == self.request_id))
        self.assertEqual(*answers, f"{kind} {request}")

    def check_statuses(self, matches):
        statuses = [self.wait_for(gateway, lambda _, plain: plain[0][1] == "status"
                                  and matches(plain[2])) for gateway in (REAL, SIMULATED)]
        self.assertEqual(*statuses)

    # In the order of the alphabet, since sinks keep what they are told.

    def test_0_status_on_connecting(self):
        self.check_statuses(lambda text: "state: ON" in text)

    def test_1_what_they_tell_of_themselves(self):
        self.check_answers("get_gw_info", "")
        self.check_answers("get_configs", "")
        self.check_answers("otap_status", "")

    def test_2_configurations(self):
        for config in CONFIGS:
            with self.subTest(config):
                self.check_answers("set_config", f"config {{sink_id: \"sink0\" {config}}}")

    def test_3_targets(self):
        for target in TARGETS:
            with self.subTest(target):
                self.check_answers("otap_set_target_scratchpad", f"target_and_action {{{target}}}")
                self.check_answers("otap_status", "")

    def test_4_scratchpads(self):
        self.check_answers("otap_process_scratchpad", "")
        for upload in UPLOADS:
            with self.subTest(upload):
                self.check_answers("otap_load_scratchpad", upload)
                self.check_answers("otap_status", "")
        self.check_answers("otap_process_scratchpad", "")
        self.check_answers("otap_set_target_scratchpad",
                           "target_and_action {action: PROPAGATE_ONLY}")
        self.check_answers("otap_status", "")

    def test_5_packets(self):
        for packet in PACKETS:
            with self.subTest(packet):
                self.check_answers("send_data", packet)

    def test_6_configuration_data(self):
        for item in ITEMS:
            with self.subTest(item):
                self.check_answers("set_configuration_data_item",
                                   f"configuration_data_item {{{item}}}")
                self.check_answers("get_configs", "")
        self.check_answers("get_configuration_data_item", "endpoint: 2")
        self.check_answers("get_configuration_data_item", "endpoint: 5")  # It is not set.

    def test_7_unknown_sink(self):
        item = "configuration_data_item {endpoint: 1 payload: \"x\"}"
        for kind, request in {
                "send_data": PACKETS[0], "set_config": "config {sink_id: \"nosuch\"}",
                "otap_status": "", "otap_process_scratchpad": "",
                "otap_load_scratchpad": UPLOADS[0], "set_configuration_data_item": item,
                "otap_set_target_scratchpad": "target_and_action {action: NO_OTAP}"}.items():
            with self.subTest(kind):
                self.check_answers(kind, request, sink="nosuch")

    def test_8_status_after_a_change(self):
        for channel in (21, 22):
            self.check_answers("set_config",
                               f"config {{sink_id: \"sink1\" network_channel: {channel}}}", "sink1")
            self.check_statuses(lambda text, channel=channel:
                                f"network_channel: {channel}" in text)

    def test_9_last_will(self):
        self.gateway.stop()
        self.simulator.stop()
        self.check_statuses(lambda text: "state: OFF" in text)


if __name__ == "__main__":
    unittest.main()
