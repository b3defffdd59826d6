# SPDX-License-Identifier: Apache-2.0
"""The client for asyncio. Not thread-safe: for one event loop."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from types import TracebackType
from typing import Any, cast

import grpc

from wirepas.mesh.v1.app_config_service_pb2_grpc import AppConfigServiceStub
from wirepas.mesh.v1.network_service_pb2 import SubscribeUplinkRequest, SubscribeUplinkResponse
from wirepas.mesh.v1.network_service_pb2_grpc import NetworkServiceStub
from wirepas.mesh.v1.node_service_pb2_grpc import NodeServiceStub
from wirepas.mesh.v1.otap_service_pb2_grpc import OtapServiceStub
from wirepas.mesh.v1.uplink_pb2 import Gap, Uplink

from ._aio_channel import Channel
from ._errors import WirepasError
from ._resume import Backoff, Reconnect, Resumption
from ._target import Target, Tls


class Subscription:
    """As wirepas_grpc.Subscription, for `async for`.

    A task that is cancelled while it waits here, as by asyncio.wait_for(), takes nothing along:
    another can go on. Only close() ends it.
    """

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
        self._cursor = self._received = bytes(request.after_cursor)
        self._ended = False
        self._call: Any = None
        self._events: Iterator[Uplink | Gap] = iter(())
        # Reads the next response; not cancelled along with a consumer that waits for it.
        self._reading: asyncio.Task[SubscribeUplinkResponse] | None = None

    @property
    def cursor(self) -> bytes:
        """See wirepas_grpc.Subscription."""
        return self._cursor

    async def close(self) -> None:
        """Ends it, also while somebody waits for the next packet. May be called again."""
        self._ended = True
        if self._reading is not None:
            self._reading.cancel()
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

    def __aiter__(self) -> Subscription:
        return self

    async def __anext__(self) -> Uplink | Gap:
        while True:
            for event in self._events:
                if self._ended:
                    raise StopAsyncIteration
                return event
            self._cursor = self._received
            if self._ended:
                raise StopAsyncIteration
            response = await self._next_response()
            self._received = response.cursor or self._received
            self._events = _events_of(response)

    async def _next_response(self) -> SubscribeUplinkResponse:
        if self._reading is None:
            self._reading = asyncio.ensure_future(self._read())
        reading = self._reading
        await asyncio.wait((reading,))
        self._reading = None
        if self._ended:
            raise StopAsyncIteration
        try:
            return reading.result()
        except asyncio.CancelledError:
            self._ended = True
            raise WirepasError(grpc.StatusCode.CANCELLED, "the client was closed") from None
        except BaseException:
            self._ended = True
            raise

    async def _read(self) -> SubscribeUplinkResponse:
        while True:
            error = None
            try:
                if self._call is None:
                    self._call = self._stub.SubscribeUplink(self._resumption.request())
                response = await self._hear(self._call)
                if isinstance(response, SubscribeUplinkResponse):
                    self._resumption.received(response)
                    return response
            except grpc.RpcError as failure:
                error = WirepasError.of(failure)
            self._call = None
            reconnect = self._resumption.lost(error)
            if self._on_reconnect is not None:
                self._on_reconnect(reconnect)
            await asyncio.sleep(reconnect.delay)

    async def _hear(self, call: Any) -> Any:
        """The next response, within the time in which one has to come."""
        patience = self._resumption.patience
        if patience is None:
            return await call.read()
        silent = False

        def give_up() -> None:
            nonlocal silent
            silent = True
            call.cancel()

        timer = asyncio.get_running_loop().call_later(patience, give_up)
        try:
            return await call.read()
        except asyncio.CancelledError:
            if silent and not self._ended:
                raise self._resumption.silence() from None
            raise
        finally:
            timer.cancel()


def _events_of(response: SubscribeUplinkResponse) -> Iterator[Uplink | Gap]:
    if response.HasField("gap"):
        yield response.gap
    yield from response.uplinks


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
        self._calls = Channel(self.channel, target.metadata)
        channel = cast(grpc.aio.Channel, self._calls)
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
        self._calls.cancel_calls()
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
