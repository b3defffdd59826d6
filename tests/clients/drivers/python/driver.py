# SPDX-License-Identifier: Apache-2.0
"""Does with the Python client what it is told in JSON lines: see tests/clients/README.md."""

from __future__ import annotations

import argparse
import json
import sys
from typing import Any

from wirepas_grpc import Tls

import aio
import blocking
import wire

_CONSUMERS: dict[str, Any] = {"blocking": blocking.Operations, "asyncio": aio.Operations}


def take(operations: Any, line: str) -> None:
    operation: Any = None
    try:
        operation = json.loads(line)
        if operation["op"] == "cancel":
            operations.cancel(operation["target"])
            wire.say(id=operation["id"], status={"code": "OK"})
        else:
            operations.begin(operation)
    except Exception as error:
        number = operation.get("id") if isinstance(operation, dict) else None
        wire.say(id=number, status={"code": "INVALID_ARGUMENT", "message": repr(error)})


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--target", required=True)
    parser.add_argument("--consumer", choices=_CONSUMERS, default="blocking")
    parser.add_argument("--tls", action="store_true")
    parser.add_argument("--ca")
    parser.add_argument("--cert")
    parser.add_argument("--key")
    arguments = parser.parse_args()
    tls: Tls | bool | None = True if arguments.tls else None
    if arguments.ca:
        tls = Tls(ca=arguments.ca, certificate=arguments.cert, key=arguments.key)
    operations = _CONSUMERS[arguments.consumer](arguments.target, tls)
    wire.say(ready=True)
    for line in sys.stdin:
        take(operations, line)
    operations.close()


if __name__ == "__main__":
    main()
