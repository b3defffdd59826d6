# SPDX-License-Identifier: Apache-2.0
"""Channels for the generated stubs in asyncio: they add metadata, and raise WirepasError."""

from __future__ import annotations

import weakref
from collections.abc import AsyncIterator, Awaitable, Generator
from typing import Any, TypeAlias

import grpc

from ._channel import Metadata
from ._errors import WirepasError


class _Call:
    def __init__(self, call: Any) -> None:
        self._call = call

    def __getattr__(self, name: str) -> Any:
        return getattr(self._call, name)

    def __await__(self) -> Generator[Any, None, Any]:
        try:
            return (yield from self._call.__await__())
        except grpc.RpcError as error:
            raise WirepasError.of(error) from error

    def __aiter__(self) -> AsyncIterator[Any]:
        return self._responses()

    async def _responses(self) -> AsyncIterator[Any]:
        try:
            async for response in self._call:
                yield response
        except grpc.RpcError as error:
            raise WirepasError.of(error) from error

    async def read(self) -> Any:
        return await self._checked(self._call.read())

    async def write(self, request: Any) -> None:
        await self._checked(self._call.write(request))

    async def done_writing(self) -> None:
        await self._checked(self._call.done_writing())

    async def wait_for_connection(self) -> None:
        await self._checked(self._call.wait_for_connection())

    @staticmethod
    async def _checked(step: Awaitable[Any]) -> Any:
        try:
            return await step
        except grpc.RpcError as error:
            raise WirepasError.of(error) from error


Calls: TypeAlias = "weakref.WeakSet[_Call]"


class _Method:
    def __init__(self, method: Any, metadata: Metadata, calls: Calls) -> None:
        self._method = method
        self._metadata = metadata
        self._calls = calls

    def __call__(self, request: Any = None, **named: Any) -> Any:
        if self._metadata:
            named["metadata"] = (*(named.get("metadata") or ()), *self._metadata)
        call = _Call(self._method(request, **named))
        self._calls.add(call)
        return call


class Channel:
    """What a generated stub needs of a channel."""

    def __init__(self, channel: grpc.aio.Channel, metadata: Metadata) -> None:
        self._channel = channel
        self._metadata = metadata
        self._calls: Calls = weakref.WeakSet()

    def cancel_calls(self) -> None:
        """Those under way. Closing gRPC's channel forgets calls that no task awaits itself."""
        for call in tuple(self._calls):
            call.cancel()

    def unary_unary(self, *arguments: Any, **named: Any) -> Any:
        return _Method(self._channel.unary_unary(*arguments, **named), self._metadata, self._calls)

    def unary_stream(self, *arguments: Any, **named: Any) -> Any:
        return _Method(self._channel.unary_stream(*arguments, **named), self._metadata, self._calls)

    def stream_stream(self, *arguments: Any, **named: Any) -> Any:
        return _Method(
            self._channel.stream_stream(*arguments, **named), self._metadata, self._calls
        )
