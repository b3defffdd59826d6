# SPDX-License-Identifier: Apache-2.0
"""The service's options in the schema of the chart's values, made of what `wirepas-grpcd --help` says.

    python3 tests/kubernetes/options_schema.py

writes them there; the build is that of WIREPAS_BUILD_DIR, else build/release.
"""

import json
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "docs"))
import options_table  # noqa: E402

SCHEMA = ROOT / "deploy" / "helm" / "wirepas-grpc" / "values.schema.json"

# The chart has its own values for these: a password is in no ConfigMap, and a state needs a volume.
NOT_IN_VALUES = {"config", "mqtt_password", "state_dir"}

TEXT = {"type": "string", "minLength": 1}
SWITCH = {"type": "boolean"}
# What stands behind an option's name in --help, as a kind of value.
KINDS = {
    "": SWITCH,
    "ADDRESS[,ADDRESS]": {"type": ["string", "array"], "minLength": 1, "minItems": 1,
                          "items": TEXT},
    "COUNT": {"type": "integer", "minimum": 0},
    "DURATION": {"type": "string", "pattern": r"^([0-9]+(\.[0-9]+)?(ns|us|ms|s|m|h))+$"},
    "HOST:PORT": {"type": "string", "pattern": ":[0-9]+$"},
    "MODE": {"type": "string", "pattern": "^[0-7]{3,4}$"},
    "PORT": {"type": "integer", "minimum": 1, "maximum": 65535},
    "QOS": {"type": "integer", "enum": [1, 2]},
    "SIZE": {"type": ["integer", "string"], "minimum": 0,
             "pattern": "^[0-9]+(B|KiB|MiB|GiB|kB|MB|GB)?$"},
}
WORDS = {
    "log_format": ["human", "json"],
    "log_level": ["trace", "debug", "info", "warning", "error", "critical", "off"],
    "mqtt_cert_reqs": ["CERT_REQUIRED", "CERT_OPTIONAL", "CERT_NONE"],
    "mqtt_tls_version": ["PROTOCOL_TLS", "PROTOCOL_TLS_CLIENT", "PROTOCOL_TLSv1_2"],
    "mqtt_version": ["3.1.1", "5", 5],
    "uplink_sync": ["never", "interval", "every_packet"],
}


def options():
    """{name: (value, description, default)} of all options that can stand in a configuration file."""
    found = {}
    for _, names, value, description, default, environment in options_table.parse_help(
            options_table.help_text()):
        name = names.split(",")[0].removeprefix("--")
        if environment and name not in NOT_IN_VALUES:
            found[name] = (value, description, default)
    return found


def option_schemas():
    schemas = {}
    for name, (value, description, default) in sorted(options().items()):
        kind = {"enum": WORDS[name]} if name in WORDS else KINDS.get(value, TEXT)
        schemas[name] = {"description": f"{description} [default: {default}]", **kind}
    return schemas


def in_schema():
    return json.loads(SCHEMA.read_text(encoding="utf-8"))["properties"]["options"]["properties"]


def write():
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    schema["properties"]["options"]["properties"] = option_schemas()
    SCHEMA.write_text(json.dumps(schema, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    write()
