# SPDX-License-Identifier: Apache-2.0
"""What the driver reads and prints, the same for blocking and for asyncio's operations."""

from __future__ import annotations

import base64
import hashlib
import json
import sys
import threading
import time
from typing import Any

from google.protobuf import json_format
from google.protobuf.duration_pb2 import Duration

import wirepas_grpc
from wirepas.mesh.v1 import (
    app_config_service_pb2,
    network_service_pb2,
    node_service_pb2,
    otap_service_pb2,
)
from wirepas.mesh.v1.error_pb2 import ErrorReason
from wirepas_grpc import Gap, WirepasError

_SERVICES = {
    "NetworkService": (network_service_pb2, "network"),
    "OtapService": (otap_service_pb2, "otap"),
    "AppConfigService": (app_config_service_pb2, "app_config"),
    "NodeService": (node_service_pb2, "nodes"),
}
_print_lock = threading.Lock()


def say(**line: Any) -> None:
    with _print_lock:
        sys.stdout.write(json.dumps(line) + "\n")
        sys.stdout.flush()


def to_json(message: Any) -> Any:
    return json_format.MessageToDict(message, preserving_proto_field_name=True)


def status_of(error: WirepasError) -> dict[str, Any]:
    status: dict[str, Any] = {"code": error.code().name, "message": error.details()}
    if error.gateway_error is not None:
        status["gateway_error"] = to_json(error.gateway_error)
    if error.reason != ErrorReason.ERROR_REASON_UNSPECIFIED:
        status["reason"] = ErrorReason.Name(error.reason)
    if error.fields:
        status["fields"] = [one._asdict() for one in error.fields]
    if error.ids:
        status["ids"] = dict(error.ids)
    if error.retry_delay is not None:
        delay = Duration()
        delay.FromNanoseconds(round(error.retry_delay * 1e9))
        status["retry_delay"] = delay.ToJsonString()
    return status


def subscription_request(operation: dict[str, Any]) -> Any:
    return json_format.ParseDict(
        operation.get("request", {}), network_service_pb2.SubscribeUplinkRequest()
    )


class Method:
    """A method of a stub, blocking or of asyncio, with its requests."""

    def __init__(self, client: Any, operation: dict[str, Any]) -> None:
        service, name = operation["method"].rsplit(".", 1)[1].split("/")
        module, attribute = _SERVICES[service]
        method = module.DESCRIPTOR.services_by_name[service].methods_by_name[name]
        self.streams_requests = method.client_streaming
        self.streams_responses = method.server_streaming
        self.requests = [
            json_format.ParseDict(request, getattr(module, method.input_type.name)())
            for request in operation["requests"]
        ]
        self.stub = getattr(getattr(client, attribute), name)
        deadline = operation.get("deadline_ms")
        self.timeout = None if deadline is None else deadline / 1000


class Tally:
    """Tells of what a subscription hands over, and counts it."""

    def __init__(self, operation: dict[str, Any], subscription: Any) -> None:
        self._id = operation["id"]
        self._each = operation.get("report") == "each"
        self._wanted = operation.get("packets")
        self._subscription = subscription
        self._count = self._bytes = 0
        self._digest = hashlib.sha256()

    @property
    def complete(self) -> bool:
        return self._count == self._wanted

    def take(self, event: Any) -> None:
        if isinstance(event, Gap):
            say(id=self._id, gap=to_json(event))
            return
        self._count += 1
        self._bytes += len(event.payload)
        self._digest.update(f"{event.source_address}:{event.event_id}\n".encode())
        if self._each:
            say(id=self._id, uplink=to_json(event), cursor=self._cursor())
        elif self._count % 1000 == 0:
            say(id=self._id, progress=self._count)

    def _cursor(self) -> str:
        return base64.b64encode(self._subscription.cursor).decode()

    def last_line(self, status: dict[str, Any]) -> dict[str, Any]:
        return {
            "packets": self._count,
            "payload_bytes": self._bytes,
            "digest": self._digest.hexdigest(),
            "cursor": self._cursor(),
            "status": status,
        }


def reconnect_line(reconnect: wirepas_grpc.Reconnect) -> dict[str, Any]:
    return {"code": reconnect.error.code().name if reconnect.error else "OK"}


class Stopwatch:
    """Times packets from the first to the last wanted, and reads of each what a program would."""

    def __init__(self, wanted: int) -> None:
        self._wanted = wanted
        self._count = self._touched = 0
        self._begin = self._end = self._cpu_begin = self._cpu_end = 0.0

    def take(self, event: Any) -> bool:
        """False after the last wanted."""
        if isinstance(event, Gap):
            return True
        if self._count == 0:
            self._begin, self._cpu_begin = time.monotonic(), time.process_time()
        self._touched += event.source_address + len(event.payload)
        self._count += 1
        if self._count < self._wanted:
            return True
        self._end, self._cpu_end = time.monotonic(), time.process_time()
        return False

    def last_line(self) -> dict[str, Any]:
        return {
            "packets": self._count,
            "seconds": self._end - self._begin,
            "cpu_seconds": self._cpu_end - self._cpu_begin,
            "status": {"code": "OK"},
        }
