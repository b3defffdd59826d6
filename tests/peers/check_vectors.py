# SPDX-License-Identifier: Apache-2.0
"""Decodes the messages of tests/vectors/from_wirepas_grpc.json with
wirepas-mesh-messaging and checks what it understood, twice: every field of the
message, and the values that its classes give their users."""

import json
import pathlib
import sys

VECTORS = pathlib.Path(__file__).parents[1] / "vectors"
sys.path.insert(0, str(VECTORS))

from fields import fields_of, require_reference  # noqa: E402

require_reference()

import wirepas_mesh_messaging as wmm  # noqa: E402
from wirepas_mesh_messaging.proto import GenericMessage  # noqa: E402


def number(fields, path):
    return int(fields[path]) if path in fields else None


def octets(fields, path):
    return bytes.fromhex(fields[path]) if path in fields else None


def text(fields, path):
    return fields.get(path)


def flag(fields, path):
    return fields[path] == "true" if path in fields else None


# Per message: the class that reads it, and its attributes with the field each shows.
REQUEST = {"req_id": (number, "header.req_id"), "time_ms_epoch": (number, "header.time_ms_epoch")}
SINK_REQUEST = {**REQUEST, "sink_id": (text, "header.sink_id")}
ANSWER = {**REQUEST, "gw_id": (text, "header.gw_id"), "res.value": (number, "header.res")}
SINK_ANSWER = {**ANSWER, "sink_id": (text, "header.sink_id")}
EVENT = {
    "gw_id": (text, "header.gw_id"),
    "event_id": (number, "header.event_id"),
    "time_ms_epoch": (number, "header.time_ms_epoch"),
}
TARGET = {
    "action.value": (number, "target_and_action.action"),
    "target_sequence": (number, "target_and_action.target_sequence"),
    "target_crc": (number, "target_and_action.target_crc"),
    "param": (number, "target_and_action.raw"),
    "delay.value": (number, "target_and_action.delay"),
}


def inside(attribute, table):
    return {f"{attribute}.{name}": where for name, where in table.items()}


def scratchpad(attribute, path):
    return {f"{attribute}.{n}": (number, f"{path}.{n}") for n in ("len", "crc", "seq")}


def config(attribute, path):
    simple = (
        "node_address network_address network_channel channel_map max_mtu hw_magic "
        "stack_profile app_config_max_size firmware_area_id"
    ).split()
    table = {name: (number, f"{path}.{name}") for name in simple}
    table.update(
        {
            "sink_id": (text, f"{path}.sink_id"),
            "app_config_diag": (number, f"{path}.app_config.diag_interval_s"),
            "app_config_seq": (number, f"{path}.app_config.seq"),
            "app_config_data": (octets, f"{path}.app_config.app_config_data"),
            "are_keys_set": (flag, f"{path}.are_keys_set"),
            "current_ac_range_min": (number, f"{path}.current_ac_range.min_ms"),
            "current_ac_range_max": (number, f"{path}.current_ac_range.max_ms"),
            "min_ac": (number, f"{path}.ac_limits.min_ms"),
            "max_ac": (number, f"{path}.ac_limits.max_ms"),
            "min_ch": (number, f"{path}.channel_limits.min_channel"),
            "max_ch": (number, f"{path}.channel_limits.max_channel"),
            "firmware_version.0": (number, f"{path}.firmware_version.major"),
            "firmware_version.3": (number, f"{path}.firmware_version.dev"),
            "stored_status.value": (number, f"{path}.stored_status"),
            "stored_type.value": (number, f"{path}.stored_type"),
            "started": (lambda f, p: f[p] == "1" if p in f else None, f"{path}.sink_state"),
            "cipher_key": (octets, f"{path}.keys.cipher"),
            "authentication_key": (octets, f"{path}.keys.authentication"),
            "network_keys.cipher": (octets, f"{path}.network_keys.cipher"),
            "network_keys.sequence": (number, f"{path}.network_keys.sequence"),
            "management_keys.authentication": (octets, f"{path}.management_keys.authentication"),
            "configuration_data_content.0.endpoint": (
                number,
                f"{path}.configuration_data_content[0].endpoint",
            ),
            "configuration_data_content.1.payload": (
                octets,
                f"{path}.configuration_data_content[1].payload",
            ),
            **scratchpad("stored_scratchpad", f"{path}.stored_scratchpad"),
            **scratchpad("processed_scratchpad", f"{path}.processed_scratchpad"),
        }
    )
    target = {n: (f, f"{path}.{p}") for n, (f, p) in TARGET.items()}
    table.update(inside("target_and_action", target))
    return inside(attribute, table)


def without_ac_range(table):
    """SetConfigRequest does not show its users the access cycle range."""
    return {name: where for name, where in table.items() if "current_ac_range" not in name}


def plain(*names, read=number):
    return {name: (read, name) for name in names}


CHECKS = {
    "status_event": (
        wmm.StatusEvent,
        {
            **EVENT,
            **config("sink_configs.0", "configs[0]"),
            **config("sink_configs.1", "configs[1]"),
            "gateway_model": (text, "gw_model"),
            "gateway_version": (text, "gw_version"),
            "gateway_features.2.value": (number, "gw_features[2]"),
            "state.value": (lambda f, p: int(f[p]) - 1, "state"),
            **plain("version", "max_scratchpad_size"),
        },
    ),
    "packet_received_event": (
        wmm.ReceivedDataEvent,
        {
            **EVENT,
            **plain(
                "source_address", "destination_address", "source_endpoint",
                "destination_endpoint", "travel_time_ms", "rx_time_ms_epoch", "qos",
                "network_address",
            ),
            "sink_id": (text, "header.sink_id"),
            "data_payload": (octets, "payload"),
            "data_size": (number, "payload_size"),
            "hop_count": (lambda f, p: int(f.get(p, 0)), "hop_count"),
        },
    ),
    "get_configs_req": (wmm.GetConfigsRequest, REQUEST),
    "get_configs_resp": (
        wmm.GetConfigsResponse,
        {
            **ANSWER,
            **config("configs.0", "configs[0]"),
            **config("configs.1", "configs[1]"),
        },
    ),
    "set_config_req": (
        wmm.SetConfigRequest,
        {**SINK_REQUEST, **without_ac_range(config("new_config", "config"))},
    ),
    "set_config_resp": (wmm.SetConfigResponse, {**SINK_ANSWER, **config("config", "config")}),
    "get_gateway_info_req": (wmm.GetGatewayInfoRequest, REQUEST),
    "get_gateway_info_resp": (
        wmm.GetGatewayInfoResponse,
        {
            **ANSWER,
            "gateway_model": (text, "info.gw_model"),
            "gateway_version": (text, "info.gw_version"),
            "current_time_s_epoch": (number, "info.current_time_s_epoch"),
            "implemented_api_version": (number, "info.implemented_api_version"),
            "max_scratchpad_size": (number, "info.max_scratchpad_size"),
            "gateway_features.1.value": (number, "info.gw_features[1]"),
        },
    ),
    "send_packet_req": (
        wmm.SendDataRequest,
        {
            **SINK_REQUEST,
            **plain(
                "destination_address", "source_endpoint", "destination_endpoint", "qos",
                "initial_delay_ms", "hop_limit",
            ),
            "data_payload": (octets, "payload"),
            "is_unack_csma_ca": (flag, "is_unack_csma_ca"),
        },
    ),
    "send_packet_resp": (wmm.SendDataResponse, SINK_ANSWER),
    "get_scratchpad_status_req": (wmm.GetScratchpadStatusRequest, SINK_REQUEST),
    "get_scratchpad_status_resp": (
        wmm.GetScratchpadStatusResponse,
        {
            **SINK_ANSWER,
            **scratchpad("stored_scratchpad", "stored_scratchpad"),
            **scratchpad("processed_scratchpad", "processed_scratchpad"),
            **inside("target_scratchpad_and_action", TARGET),
            "stored_status.value": (number, "stored_status"),
            "stored_type.value": (number, "stored_type"),
            **plain("firmware_area_id"),
        },
    ),
    "upload_scratchpad_req": (
        wmm.UploadScratchpadRequest,
        {
            **SINK_REQUEST,
            **plain("seq"),
            "scratchpad": (octets, "scratchpad"),
            "chunk_info.total_size": (number, "chunk_info.scratchpad_total_size"),
            "chunk_info.offset": (number, "chunk_info.start_offset"),
        },
    ),
    "upload_scratchpad_resp": (wmm.UploadScratchpadResponse, SINK_ANSWER),
    "process_scratchpad_req": (wmm.ProcessScratchpadRequest, SINK_REQUEST),
    "process_scratchpad_resp": (wmm.ProcessScratchpadResponse, SINK_ANSWER),
    "set_scratchpad_target_and_action_req": (
        wmm.SetScratchpadTargetAndActionRequest,
        {**SINK_REQUEST, **inside("target", TARGET)},
    ),
    "set_scratchpad_target_and_action_resp": (
        wmm.SetScratchpadTargetAndActionResponse,
        SINK_ANSWER,
    ),
    "set_configuration_data_item_req": (
        wmm.SetConfigurationDataItemRequest,
        {
            **SINK_REQUEST,
            "cdc_endpoint": (number, "configuration_data_item.endpoint"),
            "cdc_payload": (octets, "configuration_data_item.payload"),
        },
    ),
    "set_configuration_data_item_resp": (wmm.SetConfigurationDataItemResponse, SINK_ANSWER),
    "get_configuration_data_item_req": (
        wmm.GetConfigurationDataItemRequest,
        {**SINK_REQUEST, "cdc_endpoint": (number, "endpoint")},
    ),
    "get_configuration_data_item_resp": (
        wmm.GetConfigurationDataItemResponse,
        {
            **SINK_ANSWER,
            "cdc_endpoint": (number, "configuration_data_item.endpoint"),
            "cdc_payload": (octets, "configuration_data_item.payload"),
        },
    ),
}


def attribute(value, path):
    """The attribute, dictionary entry or list element at a dotted path; None: not there."""
    for name in path.split("."):
        if value is None:
            return None
        if isinstance(value, dict):
            value = value.get(name)
        elif isinstance(value, (list, tuple)):
            value = value[int(name)] if int(name) < len(value) else None
        else:
            value = getattr(value, name)
    return value


def check(vector):
    """Yields what is wrong."""
    payload = bytes.fromhex(vector["hex"])
    expected = vector["fields"]
    content = getattr(GenericMessage.FromString(payload).wirepas, vector["message"])
    understood = fields_of(content)
    for path in sorted(expected.keys() | understood.keys()):
        if expected.get(path) != understood.get(path):
            yield f"{path}: {expected.get(path)!r} sent, {understood.get(path)!r} understood"
    reader, table = CHECKS[vector["message"]]
    message = reader.from_payload(payload)
    for name, (read, path) in table.items():
        wanted, found = read(expected, path), attribute(message, name)
        # A dotted path may lead through a part that the message does not have.
        if wanted != found:
            yield f"{reader.__name__}.{name}: {wanted!r} sent, {found!r} understood"


def main():
    vectors = json.loads((VECTORS / "from_wirepas_grpc.json").read_text(encoding="utf-8"))
    failures = 0
    for vector in vectors:
        for problem in check(vector):
            failures += 1
            print(f"{vector['name']}: {problem}")
    types = {vector["message"] for vector in vectors}
    if types != CHECKS.keys():
        failures += 1
        print(f"no vector of {sorted(CHECKS.keys() - types)}")
    if failures:
        sys.exit(f"FAILED: {failures} differences")
    print(f"{len(vectors)} messages of {len(types)} types are understood")


if __name__ == "__main__":
    main()
