# SPDX-License-Identifier: Apache-2.0
"""The reference library's view of things and the service's, brought into one form: that
of the API's JSON, with durations as numbers of seconds."""

import base64

ROLES = {1: "BASE_ROLE_SINK", 2: "BASE_ROLE_ROUTER", 3: "BASE_ROLE_NON_ROUTER"}


def text(data):
    """Bytes as JSON has them."""
    return base64.b64encode(bytes(data)).decode()


def compact(fields):
    """Without the fields that JSON leaves out: empty ones and numbers at their default."""
    return {key: value for key, value in fields.items() if value not in (None, "", 0, False, [])}


def milliseconds(value):
    return value / 1000


def seconds(duration):
    """A duration in JSON, such as "2s" or "0.250s", as a number."""
    return float(duration[:-1]) if duration else 0.0


def scratchpad_info(info):
    return compact({"length": info["len"], "crc": info["crc"], "sequence": info["seq"]})


def target(value):
    result = {"action": "SCRATCHPAD_ACTION_" + value["action"].name.removeprefix("ACTION_")}
    if "target_sequence" in value:
        result["sequence"] = value["target_sequence"]
    if "target_crc" in value:
        result["crc"] = value["target_crc"]
    if "delay" in value:
        result["delay"] = "SCRATCHPAD_DELAY_" + value["delay"].name.removeprefix("DELAY_")
    elif "param" in value:
        result["raw"] = value["param"]
    return result


def config_of_library(config):
    """The library's dict of a sink's config in the form of the API's JSON, with the names of
    the .proto files, which is what grpcurl gives when it knows the API by reflection."""
    role = config["node_role"]
    low, high, versions = "minimum", "maximum", ("major", "minor", "maintenance", "development")
    result = {
        "node_role": {"base_role": ROLES[role & 0xF], "low_latency": bool(role & 0x10),
                      "autorole": bool(role & 0x80)},
        "node_address": config["node_address"],
        "network_address": config["network_address"],
        "network_channel": config["network_channel"],
        "keys_set": config["are_keys_set"],
        "app_config": compact({"diagnostics_interval": config["app_config_diag"],
                              "data": text(config["app_config_data"]),
                              "sequence": config["app_config_seq"]}),
        "access_cycle_range": {low: milliseconds(config["current_ac_range_min"]),
                             high: milliseconds(config["current_ac_range_max"])},
        "access_cycle_limits": {low: milliseconds(config["min_ac"]),
                              high: milliseconds(config["max_ac"])},
        "max_mtu": config["max_mtu"],
        "channel_limits": {low: config["min_ch"], high: config["max_ch"]},
        "hardware_magic": config["hw_magic"],
        "stack_profile": config["stack_profile"],
        "app_config_max_size": config["app_config_max_size"],
        "firmware_version": compact(dict(zip(versions, config["firmware_version"]))),
        "sink_on": config["started"],
        "scratchpad_status": {
            "stored": scratchpad_info(config["stored_scratchpad"]),
            "stored_state": "SCRATCHPAD_STATE_"
                           + config["stored_status"].name.removeprefix("SCRATCHPAD_STATUS_"),
            "stored_type": config["stored_type"].name,
            "processed": scratchpad_info(config["processed_scratchpad"]),
            "firmware_area_id": config["firmware_area_id"],
            "target": target(config["target_and_action"]),
        },
    }
    items = [compact({"endpoint": item["endpoint"], "payload": text(item["payload"])})
             for item in config.get("configuration_data_content", [])]
    if items:
        result["configuration_data_items"] = items
    return result


def config_of_service(config):
    """The API's JSON of a sink's config with its durations as numbers."""
    result = {key: dict(value) if isinstance(value, dict) else value
              for key, value in config.items()}
    app_config = result["app_config"]
    interval = seconds(app_config.get("diagnostics_interval"))
    result["app_config"] = compact({**app_config, "diagnostics_interval": interval})
    for key in ("access_cycle_range", "access_cycle_limits"):
        result[key] = {bound: seconds(value) for bound, value in result[key].items()}
    return result
