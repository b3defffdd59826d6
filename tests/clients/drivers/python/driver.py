# SPDX-License-Identifier: Apache-2.0
"""Does with the Python client what it is told in JSON lines: see tests/clients/README.md."""

from __future__ import annotations

import argparse
import base64
import hashlib
import json
import sys
import threading
import time
from collections.abc import Iterator
from typing import Any

import grpc
from google.protobuf import json_format

import wirepas_grpc
from wirepas.mesh.v1 import (
    app_config_service_pb2,
    network_service_pb2,
    node_service_pb2,
    otap_service_pb2,
)
from wirepas_grpc import Gap, WirepasError

import measure

SERVICES = {
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
    return status


class Call:
    """A call of any kind."""

    def __init__(self, client: wirepas_grpc.Client, operation: dict[str, Any]) -> None:
        service, name = operation["method"].rsplit(".", 1)[1].split("/")
        module, attribute = SERVICES[service]
        method = module.DESCRIPTOR.services_by_name[service].methods_by_name[name]
        self._streams_requests = method.client_streaming
        self._streams_responses = method.server_streaming
        self._requests = [
            json_format.ParseDict(request, getattr(module, method.input_type.name)())
            for request in operation["requests"]
        ]
        self._method = getattr(getattr(client, attribute), name)
        self._operation = operation
        self._call: Any = None
        self._cancelled = False
        self._lock = threading.Lock()

    def _start(self) -> Any:
        deadline = self._operation.get("deadline_ms")
        timeout = None if deadline is None else deadline / 1000
        if self._streams_requests:
            return self._method(iter(self._requests), timeout=timeout)
        if self._streams_responses:
            return self._method(self._requests[0], timeout=timeout)
        return self._method.future(self._requests[0], timeout=timeout)

    def _responses(self) -> Iterator[Any]:
        with self._lock:
            self._call = self._start()
            if self._cancelled:
                self._call.cancel()
        if self._streams_responses:
            yield from self._call
        else:
            try:
                error = self._call.exception()
            except grpc.FutureCancelledError:
                error = WirepasError(grpc.StatusCode.CANCELLED, "cancelled")
            if error is not None:
                raise error
            yield self._call.result()

    def run(self) -> dict[str, Any]:
        for count, response in enumerate(self._responses(), 1):
            say(id=self._operation["id"], response=to_json(response))
            if count == self._operation.get("stop_after"):
                self.cancel()
        return {"status": {"code": "OK"}}

    def cancel(self) -> None:
        with self._lock:
            self._cancelled = True
            if self._call is not None:
                self._call.cancel()


class Subscribe:
    """The subscription that survives."""

    def __init__(self, client: wirepas_grpc.Client, operation: dict[str, Any]) -> None:
        request = json_format.ParseDict(
            operation.get("request", {}), network_service_pb2.SubscribeUplinkRequest()
        )
        self._id = operation["id"]
        self._each = operation.get("report") == "each"
        self._wanted = operation.get("packets")
        self._pause = operation.get("slow_ms", 0) / 1000
        self._cancelled = False
        self._subscription = client.subscribe_uplinks(request, on_reconnect=self._on_reconnect)
        self._count = self._bytes = 0
        self._digest = hashlib.sha256()

    def _on_reconnect(self, reconnect: wirepas_grpc.Reconnect) -> None:
        code = reconnect.error.code().name if reconnect.error else "OK"
        say(id=self._id, reconnect={"code": code})

    def _cursor(self) -> str:
        return base64.b64encode(self._subscription.cursor).decode()

    def _take(self, event: Any) -> None:
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
        if self._pause:
            time.sleep(self._pause)

    def run(self) -> dict[str, Any]:
        status: dict[str, Any] = {"code": "OK"}
        try:
            for event in self._subscription:
                self._take(event)
                if self._count == self._wanted:
                    self._ask_for_one_more()
                    break
        except WirepasError as error:
            status = status_of(error)
        if self._cancelled:
            status = {"code": "CANCELLED"}
        return {
            "packets": self._count,
            "payload_bytes": self._bytes,
            "digest": self._digest.hexdigest(),
            "cursor": self._cursor(),
            "status": status,
        }

    def _ask_for_one_more(self) -> None:
        """Says that the last packet is done with; what comes after is of no matter here."""
        closer = threading.Timer(0.1, self._subscription.close)
        closer.start()
        next(iter(self._subscription), None)
        self._subscription.close()
        closer.cancel()

    def cancel(self) -> None:
        self._cancelled = True
        self._subscription.close()


class Driver:
    def __init__(self, target: str) -> None:
        self._target = target
        self._client = wirepas_grpc.connect(target)
        self._running: dict[Any, Any] = {}
        self._threads: list[threading.Thread] = []

    def _begin(self, operation: dict[str, Any]) -> Any:
        kind = operation["op"]
        if kind == "call":
            return Call(self._client, operation)
        if kind == "subscribe":
            return Subscribe(self._client, operation)
        if kind == "measure":
            return measure.Measure(self._client, self._target, operation)
        raise ValueError(f"no such operation: {kind}")

    def _run(self, number: Any, running: Any) -> None:
        try:
            last = running.run()
        except WirepasError as error:
            last = {"status": status_of(error)}
        except Exception as error:
            last = {"status": {"code": "UNKNOWN", "message": repr(error)}}
        self._running.pop(number, None)
        say(id=number, **last)

    def _cancel(self, operation: dict[str, Any]) -> None:
        running = self._running.get(operation["target"])
        if running is not None:
            running.cancel()
        say(id=operation["id"], status={"code": "OK"})

    def take(self, line: str) -> None:
        operation: Any = None
        try:
            operation = json.loads(line)
            if operation["op"] == "cancel":
                self._cancel(operation)
                return
            running = self._running[operation["id"]] = self._begin(operation)
        except Exception as error:
            number = operation.get("id") if isinstance(operation, dict) else None
            say(id=number, status={"code": "INVALID_ARGUMENT", "message": repr(error)})
            return
        thread = threading.Thread(target=self._run, args=(operation["id"], running), daemon=True)
        self._threads.append(thread)
        thread.start()

    def close(self) -> None:
        for running in list(self._running.values()):
            running.cancel()
        for thread in self._threads:
            thread.join(5)
        self._client.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--target", required=True)
    driver = Driver(parser.parse_args().target)
    say(ready=True)
    for line in sys.stdin:
        driver.take(line)
    driver.close()


if __name__ == "__main__":
    main()
