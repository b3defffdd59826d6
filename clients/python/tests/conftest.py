# SPDX-License-Identifier: Apache-2.0
"""A service in this process that answers as a test has written down."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent import futures
from typing import Any

import grpc
import pytest

from wirepas.mesh.v1.network_service_pb2 import (
    ListGatewaysResponse,
    SubscribeUplinkRequest,
    SubscribeUplinkResponse,
)
from wirepas.mesh.v1.network_service_pb2_grpc import (
    NetworkServiceServicer,
    add_NetworkServiceServicer_to_server,
)
from wirepas.mesh.v1.uplink_pb2 import Uplink

Play = Callable[[grpc.ServicerContext], Iterator[SubscribeUplinkResponse]]


def response(cursor: str, *events: int, **fields: Any) -> SubscribeUplinkResponse:
    """With packets of these event ids."""
    uplinks = [Uplink(event_id=event) for event in events]
    return SubscribeUplinkResponse(cursor=cursor.encode(), uplinks=uplinks, **fields)


class Script(NetworkServiceServicer):
    """Each subscription plays the next part; the last one is played again."""

    def __init__(self) -> None:
        self.parts: list[Play] = []
        self.requests: list[SubscribeUplinkRequest] = []
        self.metadata: list[dict[str, Any]] = []
        self.address = ""
        self.on_list_gateways: Callable[[Any], None] = lambda _: None
        self.open = threading.Semaphore(0)

    def plays(self, *responses: SubscribeUplinkResponse, fails: grpc.StatusCode | None) -> None:
        """A part: these responses, and then the failure; None: stays open."""

        def part(context: grpc.ServicerContext) -> Iterator[SubscribeUplinkResponse]:
            yield from responses
            if fails is not None:
                context.abort(fails, "as the script says")
            self.open.release()
            ended = threading.Event()
            if not context.add_callback(ended.set):
                return
            ended.wait(30)

        self.parts.append(part)

    def SubscribeUplink(  # noqa: N802
        self, request: Any, context: Any
    ) -> Iterator[SubscribeUplinkResponse]:
        self.requests.append(request)
        self.metadata.append({item.key: item.value for item in context.invocation_metadata()})
        part = self.parts.pop(0) if len(self.parts) > 1 else self.parts[0]
        yield from part(context)

    def ListGateways(self, request: Any, context: Any) -> ListGatewaysResponse:  # noqa: ARG002, N802
        self.on_list_gateways(context)
        return ListGatewaysResponse()


@pytest.fixture
def script() -> Iterator[Script]:
    script = Script()  # type: ignore[abstract]
    server = grpc.server(futures.ThreadPoolExecutor(8))
    add_NetworkServiceServicer_to_server(script, server)
    script.address = f"127.0.0.1:{server.add_insecure_port('127.0.0.1:0')}"
    server.start()
    yield script
    server.stop(None).wait()
