#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes from_wirepas_mesh_messaging.json: messages of every type as
wirepas-mesh-messaging makes them, with all their fields.

Run it as `tests/peers/python tests/vectors/make_vectors.py`. With --check it writes
nothing and fails when the committed file differs from what it would write."""

import json
import pathlib
import sys

from fields import fields_of, require_reference

require_reference()

import wirepas_mesh_messaging as wmm  # noqa: E402
from wirepas_mesh_messaging.proto import GenericMessage  # noqa: E402

FILE = pathlib.Path(__file__).parent / "from_wirepas_mesh_messaging.json"

TIME_MS = 1700000000123
REQ_ID = 0xFEDCBA9876543210
OK = wmm.GatewayResultCode.GW_RES_OK

FULL_CONFIG = {
    "sink_id": "sink0",
    "node_role": 0x91,
    "node_address": 0x00ABCDEF,
    "network_address": 0x00FFFFFE,
    "network_channel": 11,
    "app_config_diag": 600,
    "app_config_seq": 254,
    "app_config_data": b"\x00\xf6\x7e\xff",
    "channel_map": 0x80000001,
    "started": True,
    "min_ac_cur": 2000,
    "max_ac_cur": 8000,
    "min_ac": 1000,
    "max_ac": 16000,
    "max_mtu": 102,
    "min_ch": 1,
    "max_ch": 27,
    "hw_magic": 5,
    "stack_profile": 3,
    "app_config_max_size": 80,
    "are_keys_set": True,
    "firmware_version": [5, 4, 3, 210],
    "configuration_data_content": [
        {"endpoint": 65535, "payload": b"\x01\x00\x02"},
        {"endpoint": 0, "payload": b""},
    ],
    "stored_scratchpad": {"len": 250000, "crc": 0xFFFF, "seq": 254},
    "stored_status": wmm.ScratchpadStatus.SCRATCHPAD_STATUS_NEW,
    "stored_type": wmm.ScratchpadType.SCRATCHPAD_TYPE_PROCESS,
    "processed_scratchpad": {"len": 240000, "crc": 1, "seq": 1},
    "firmware_area_id": 0x81020304,
    "target_and_action": {
        "action": wmm.ScratchpadAction.ACTION_PROPAGATE_AND_PROCESS_WITH_DELAY,
        "target_sequence": 254,
        "target_crc": 0xFFFF,
        "delay": wmm.ProcessingDelay.DELAY_SIX_HOURS,
    },
}

SMALL_CONFIG = {
    "sink_id": "sink1",
    "node_role": 2,
    "started": False,
    "are_keys_set": False,
    "stored_status": wmm.ScratchpadStatus.SCRATCHPAD_STATUS_ERROR,
    "stored_type": wmm.ScratchpadType.SCRATCHPAD_TYPE_BLANK,
}

NEW_CONFIG = {
    "node_role": 0x13,
    "node_address": 1,
    "network_address": 1,
    "network_channel": 40,
    "app_config_diag": 0,
    "app_config_seq": 0,
    "app_config_data": b"",
    "channel_map": 7,
    "started": False,
    "cipher_key": b"\xff" * 16,
    "authentication_key": b"\x00" * 16,
    "network_keys": {
        "cipher": b"0123456789abcdef",
        "authentication": b"fedcba9876543210",
        "sequence": 1,
    },
    "management_keys": {
        "cipher": b"ABCDEFGHIJKLMNOP",
        "authentication": b"PONMLKJIHGFEDCBA",
        "sequence": 0xFFFFFFFF,
    },
}


def request(**more):
    return {"req_id": REQ_ID, "time_ms_epoch": TIME_MS, **more}


def response(res=OK, **more):
    return {"req_id": REQ_ID, "gw_id": "gateway 1", "res": res, "time_ms_epoch": TIME_MS, **more}


def error(name):
    return response(wmm.GatewayResultCode["GW_RES_" + name], sink_id="sink0")


def events():
    yield "status_online", wmm.StatusEvent(
        "gateway 1",
        wmm.GatewayState.ONLINE,
        event_id=0xFFFFFFFFFFFFFFFF,
        sink_configs=[FULL_CONFIG, SMALL_CONFIG],
        gateway_model="model\u00e9",
        gateway_version="1.4.0",
        max_scratchpad_size=1024,
        gateway_features=[
            wmm.GatewayFeature.GW_FEATURE_SCRATCHPAD_CHUNK_V1,
            wmm.GatewayFeature.GW_FEATURE_CONFIGURATION_DATA_V1,
            wmm.GatewayFeature.GW_FEATURE_SINK_KEY_MANAGEMENT_V1,
        ],
        time_ms_epoch=TIME_MS,
    )
    yield "status_offline", wmm.StatusEvent(
        "gateway 1", wmm.GatewayState.OFFLINE, event_id=0, time_ms_epoch=None
    )
    packet = {
        "gw_id": "gateway 1",
        "sink_id": "sink0",
        "rx_time_ms_epoch": TIME_MS,
        "src": 0x7FFFFFFF,
        "dst": 0xFFFFFFFE,
        "src_ep": 255,
        "dst_ep": 240,
        "travel_time_ms": 0xFFFFFFFF,
        "qos": 1,
        "event_id": 2,
        "time_ms_epoch": TIME_MS,
    }
    yield "uplink", wmm.ReceivedDataEvent(
        **packet, data=b"\x00\xffpayload", hop_count=15, network_address=0x00FFFFFE
    )
    yield "uplink_empty", wmm.ReceivedDataEvent(**packet, data=b"")
    yield "uplink_1500_bytes", wmm.ReceivedDataEvent(**packet, data=bytes(range(250)) * 6)
    yield "uplink_hidden", wmm.ReceivedDataEvent(**packet, data_size=1500, network_address=1)


def configs():
    yield "get_configs", wmm.GetConfigsRequest(**request())
    yield "get_configs_answer", wmm.GetConfigsResponse(
        **response(), configs=[FULL_CONFIG, SMALL_CONFIG]
    )
    yield "get_configs_answer_no_sink", wmm.GetConfigsResponse(**response(), configs=[])
    yield "set_config", wmm.SetConfigRequest(**request(), sink_id="sink0", new_config=NEW_CONFIG)
    yield "set_config_role_only", wmm.SetConfigRequest(
        **request(), sink_id="sink0", new_config={"node_role": 0x82}
    )
    yield "set_config_answer", wmm.SetConfigResponse(
        **response(), sink_id="sink0", config=FULL_CONFIG
    )
    yield "set_config_answer_unknown_sink", wmm.SetConfigResponse(
        **error("INVALID_SINK_ID"), config=None
    )
    yield "get_gateway_info", wmm.GetGatewayInfoRequest(**request())
    yield "get_gateway_info_answer", wmm.GetGatewayInfoResponse(
        **response(),
        current_time_s_epoch=1700000000,
        gateway_model="model",
        gateway_version="1.4.0",
        implemented_api_version=1,
        max_scratchpad_size=4096,
        gateway_features=[wmm.GatewayFeature.GW_FEATURE_SCRATCHPAD_CHUNK_V1],
    )
    yield "get_gateway_info_answer_bare", wmm.GetGatewayInfoResponse(
        **response(), current_time_s_epoch=0
    )


def messages():
    packet = {"dest_add": 0xFFFFFFFF, "src_ep": 1, "dst_ep": 255, "payload": b"\x00\x19"}
    yield "send_data", wmm.SendDataRequest(
        **request(), **packet, qos=1, sink_id="sink0", initial_delay_ms=60000,
        is_unack_csma_ca=True, hop_limit=15,
    )
    yield "send_data_bare", wmm.SendDataRequest(**request(), **packet, qos=0)
    for code in wmm.GatewayResultCode:
        if code.value >= 0:  # the unknown one is never sent
            name = code.name[len("GW_RES_"):]
            yield f"send_data_answer_{name.lower()}", wmm.SendDataResponse(**error(name))


def scratchpads():
    sink = request(sink_id="sink0")
    yield "otap_status", wmm.GetScratchpadStatusRequest(**sink)
    yield "otap_status_answer", wmm.GetScratchpadStatusResponse(
        **response(),
        sink_id="sink0",
        stored_scratchpad={"len": 1000, "crc": 0x1234, "seq": 10},
        stored_status=wmm.ScratchpadStatus.SCRATCHPAD_STATUS_SUCCESS,
        stored_type=wmm.ScratchpadType.SCRATCHPAD_TYPE_PRESENT,
        processed_scratchpad={"len": 2000, "crc": 0x4321, "seq": 9},
        firmware_area_id=0x01020304,
        target_scratchpad_and_action={"action": wmm.ScratchpadAction.ACTION_LEGACY_OTAP},
    )
    yield "otap_status_answer_no_target", wmm.GetScratchpadStatusResponse(
        **response(), sink_id="sink0", stored_type=wmm.ScratchpadType.SCRATCHPAD_TYPE_BLANK
    )
    yield "otap_load", wmm.UploadScratchpadRequest(**sink, seq=1, scratchpad=b"SC\x00\xff")
    yield "otap_load_chunk", wmm.UploadScratchpadRequest(
        **sink, seq=254, scratchpad=b"\x01" * 300,
        chunk_info={"total_size": 100000, "offset": 99700},
    )
    yield "otap_load_clear", wmm.UploadScratchpadRequest(**sink, seq=0)
    yield "otap_load_answer", wmm.UploadScratchpadResponse(**error("INVALID_SCRATCHPAD_CHUNK_OFFSET"))
    yield "otap_process", wmm.ProcessScratchpadRequest(**sink)
    yield "otap_process_answer", wmm.ProcessScratchpadResponse(**error("NO_SCRATCHPAD_PRESENT"))


def targets():
    sink = request(sink_id="sink0")
    delayed = {
        "action": wmm.ScratchpadAction.ACTION_PROPAGATE_AND_PROCESS_WITH_DELAY,
        "target_sequence": 200,
        "target_crc": 0xABCD,
    }
    for delay in wmm.ProcessingDelay:
        yield f"set_target_{delay.name.lower()}", wmm.SetScratchpadTargetAndActionRequest(
            **sink, target={**delayed, "delay": delay}
        )
    yield "set_target_raw", wmm.SetScratchpadTargetAndActionRequest(
        **sink, target={**delayed, "param": 0x5E}
    )
    for action in wmm.ScratchpadAction:
        yield f"set_target_{action.name.lower()}", wmm.SetScratchpadTargetAndActionRequest(
            **sink, target={"action": action}
        )
    yield "set_target_answer", wmm.SetScratchpadTargetAndActionResponse(**error("ACCESS_DENIED"))


def configuration_data():
    sink = request(sink_id="sink0")
    yield "set_item", wmm.SetConfigurationDataItemRequest(
        **sink, cdc_endpoint=65535, cdc_payload=b"\xff\x00"
    )
    yield "set_item_empty", wmm.SetConfigurationDataItemRequest(
        **sink, cdc_endpoint=0, cdc_payload=b""
    )
    yield "set_item_answer", wmm.SetConfigurationDataItemResponse(**error("SINK_TIMEOUT"))
    yield "get_item", wmm.GetConfigurationDataItemRequest(**sink, cdc_endpoint=256)
    yield "get_item_answer", wmm.GetConfigurationDataItemResponse(
        **response(), sink_id="sink0", cdc_endpoint=256, cdc_payload=b"data"
    )
    yield "get_item_answer_failed", wmm.GetConfigurationDataItemResponse(**error("INVALID_PARAM"))


def vectors():
    for source in (events, configs, messages, scratchpads, targets, configuration_data):
        for name, message in source():
            payload = message.payload
            parsed = GenericMessage.FromString(payload)
            (content,) = parsed.wirepas.ListFields()
            yield {
                "name": name,
                "message": content[0].name,
                "hex": payload.hex(),
                "fields": dict(sorted(fields_of(content[1]).items())),
            }


def main():
    text = json.dumps(list(vectors()), indent=1, ensure_ascii=False) + "\n"
    if sys.argv[1:] == ["--check"]:
        if FILE.read_text(encoding="utf-8") != text:
            sys.exit(f"FAILED: {FILE} is not what this script makes")
        print(f"{FILE.name} is what this script makes")
    elif not sys.argv[1:]:
        FILE.write_text(text, encoding="utf-8")
    else:
        sys.exit(__doc__)


if __name__ == "__main__":
    main()
