# SPDX-License-Identifier: Apache-2.0
"""The reference library's helper for app configs in TLV form and the service read what
the other has written, and agree on what changes nothing."""

import base64
import unittest

import network
from grpc_client import Client
from network import CHUNKY_NETWORK, eventually
from stack import Stack
from wirepas_mqtt_library import WirepasTLVAppConfigHelper
from wirepas_mqtt_library.wirepas_tlv_app_config_helper import WirepasTLVAppConfig

SERVICE = "wirepas.mesh.v1.AppConfigService"
SCOPE = {"network_address": CHUNKY_NETWORK}
# Types and values of every kind: short, long, empty.
ENTRIES = {5: b"\x01\x02", 0xC4: b"\x01", 0x1234: b"", 0xFFFF: bytes(range(20)), 0: b"\x00"}


class AppConfigTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        stack = Stack()
        cls.addClassCleanup(stack.close)
        stack.start_broker()
        network.start_gateways(stack)
        stack.start_service()
        cls.client = Client(stack.address)
        cls.library = network.connect_library(stack.mqtt_port)
        cls.addClassCleanup(cls.library.close)

    def helper(self):
        return WirepasTLVAppConfigHelper(self.library, network=CHUNKY_NETWORK)

    def update(self, **request):
        """Updates through the service; the outcomes."""
        response = self.client.call(f"{SERVICE}/UpdateAppConfig", {"scope": SCOPE, **request})
        return {change["outcome"].removeprefix("APP_CONFIG_OUTCOME_")
                for change in response["changes"]}

    def seen_by_library(self):
        """Whatever both sinks have, as a list of dicts."""
        return [WirepasTLVAppConfig.from_value(config["app_config_data"]).entries
                for _, _, config in self.library.get_sinks(network_address=CHUNKY_NETWORK)]

    def seen_by_service(self):
        response = self.client.call(f"{SERVICE}/ListAppConfigs", {"scope": SCOPE, "refresh": True})
        return [{entry.get("type", 0): base64.b64decode(entry.get("value", ""))
                 for entry in config["entries"]} for config in response["app_configs"]]

    def test_library_reads_what_the_service_wrote(self):
        self.update(set_entries=[{"type": type_, "value": base64.b64encode(value).decode()}
                                 for type_, value in ENTRIES.items()], override_non_tlv=True)
        eventually(lambda: self.seen_by_library() == [ENTRIES, ENTRIES],
                   "the entries at the library")
        self.assertEqual(self.seen_by_service(), [ENTRIES, ENTRIES])
        # Written once more by the library, it is what the service has written.
        for _, _, config in self.library.get_sinks(network_address=CHUNKY_NETWORK):
            data = config["app_config_data"]
            self.assertEqual(bytes(WirepasTLVAppConfig.from_value(data).value), bytes(data))

    def test_service_reads_what_the_library_wrote(self):
        helper = self.helper()
        for type_, value in ENTRIES.items():
            helper.add_raw_entry(type_, value)
        self.assertTrue(helper.update_entries(override=True))
        for entries in self.seen_by_service():
            self.assertEqual({type_: entries[type_] for type_ in ENTRIES}, ENTRIES)
        self.assertEqual(self.update(set_entries=[
            {"type": type_, "value": base64.b64encode(value).decode()}
            for type_, value in ENTRIES.items()]), {"UNCHANGED"})

    def test_local_provisioning_is_the_same(self):
        def response(**request):
            return self.client.call(f"{SERVICE}/SetLocalProvisioning", {"scope": SCOPE, **request})

        key_id, key = b"abcd", bytes(range(32))
        cases = [({"enabled": True}, (True,)), ({}, (False,)),
                 ({"enabled": True, "key_id": base64.b64encode(key_id).decode(),
                   "key": base64.b64encode(key).decode()}, (True, key_id, key))]
        for request, arguments in cases:
            with self.subTest(arguments=arguments):
                self.assertTrue(self.helper().setup_local_provisioning(*arguments)
                                .update_entries(override=True))
                for change in response(**request)["changes"]:
                    self.assertEqual(change["outcome"], "APP_CONFIG_OUTCOME_UNCHANGED")


if __name__ == "__main__":
    unittest.main()
