# SPDX-License-Identifier: Apache-2.0
"""The client for asyncio. Not thread-safe: for one event loop."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from types import TracebackType
from typing import Any, cast

import grpc

from wirepas.mesh.v1.app_config_service_pb2_grpc import AppConfigServiceStub
from wirepas.mesh.v1.network_service_pb2 import SubscribeUplinkRequest
from wirepas.mesh.v1.network_service_pb2_grpc import NetworkServiceStub
from wirepas.mesh.v1.node_service_pb2_grpc import NodeServiceStub
from wirepas.mesh.v1.otap_service_pb2_grpc import OtapServiceStub
from wirepas.mesh.v1.uplink_pb2 import Gap, Uplink

from ._aio_channel import Channel
from ._errors import WirepasError
from ._resume import Backoff, Reconnect, Resumption
from ._target import Target, Tls


class Subscription:
    """As wirepas_grpc.Subscription, for `async for`."""

    def __init__(
        self,
        stub: Any,
        request: SubscribeUplinkRequest,
        on_reconnect: Callable[[Reconnect], None] | None,
        backoff: Backoff | None,
    ) -> None:
        self._stub = stub
        self._resumption = Resumption(request, backoff or Backoff())
        self._on_reconnect = on_reconnect
        self._cursor = bytes(request.after_cursor)
        self._closed = asyncio.Event()
        self._call: Any = None
        self._events = self._run()

    @property
    def cursor(self) -> bytes:
        """See wirepas_grpc.Subscription."""
        return self._cursor

    async def close(self) -> None:
        """Ends it, also while somebody waits for the next packet. May be called again."""
        self._closed.set()
        if self._call is not None:
            self._call.cancel()

    async def __aenter__(self) -> Subscription:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.close()

    def __aiter__(self) -> AsyncIterator[Uplink | Gap]:
        return self._events

    async def __anext__(self) -> Uplink | Gap:
        return await self._events.__anext__()

    async def _run(self) -> AsyncIterator[Uplink | Gap]:
        while not self._closed.is_set():
            error = None
            try:
                responses = self._call = self._stub.SubscribeUplink(self._resumption.request())
                async for response in responses:
                    self._resumption.received(response.cursor)
                    if response.HasField("gap"):
                        yield response.gap
                    for uplink in response.uplinks:
                        yield uplink
                    self._cursor = response.cursor
                    if self._closed.is_set():
                        return
            except grpc.RpcError as failure:
                error = WirepasError.of(failure)
            except asyncio.CancelledError:
                # gRPC's own way to tell of close(); the task's cancellation goes on.
                if not self._closed.is_set():
                    raise
            finally:
                self._call.cancel()
            if self._closed.is_set():
                return
            reconnect = self._resumption.lost(error)
            if self._on_reconnect is not None:
                self._on_reconnect(reconnect)
            try:
                await asyncio.wait_for(self._closed.wait(), reconnect.delay)
            except asyncio.TimeoutError:
                continue


class Client:
    """The stubs are the generated ones, for asyncio; their calls raise WirepasError."""

    def __init__(self, target: Target) -> None:
        if target.credentials is None:
            self.channel = grpc.aio.insecure_channel(target.name, options=target.options)
        else:
            self.channel = grpc.aio.secure_channel(
                target.name, target.credentials, options=target.options
            )
        # The stubs ask for no more of a channel than this one has.
        channel = cast(grpc.aio.Channel, Channel(self.channel, target.metadata))
        self.network = NetworkServiceStub(channel)
        self.otap = OtapServiceStub(channel)
        self.app_config = AppConfigServiceStub(channel)
        self.nodes = NodeServiceStub(channel)

    def subscribe_uplinks(
        self,
        request: SubscribeUplinkRequest | None = None,
        *,
        on_reconnect: Callable[[Reconnect], None] | None = None,
        backoff: Backoff | None = None,
    ) -> Subscription:
        """The packets that the request asks for, by default all from now on."""
        return Subscription(
            self.network, request or SubscribeUplinkRequest(), on_reconnect, backoff
        )

    async def close(self) -> None:
        """Ends the calls that are under way."""
        await self.channel.close()

    async def __aenter__(self) -> Client:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.close()


def connect(
    target: str = "127.0.0.1:50051", *, tls: Tls | bool | None = None, token: str | None = None
) -> Client:
    """As wirepas_grpc.connect(). To be called while the event loop runs."""
    return Client(Target.of(target, tls, token))
