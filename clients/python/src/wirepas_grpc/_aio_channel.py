# SPDX-License-Identifier: Apache-2.0
"""Channels for the generated stubs in asyncio: they add metadata, and raise WirepasError."""

from __future__ import annotations

from collections.abc import AsyncIterator, Generator
from typing import Any

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
        return self._read()

    async def _read(self) -> AsyncIterator[Any]:
        try:
            async for response in self._call:
                yield response
        except grpc.RpcError as error:
            raise WirepasError.of(error) from error


class _Method:
    def __init__(self, method: Any, metadata: Metadata) -> None:
        self._method = method
        self._metadata = metadata

    def __call__(self, request: Any = None, **named: Any) -> Any:
        if self._metadata:
            named["metadata"] = (*(named.get("metadata") or ()), *self._metadata)
        return _Call(self._method(request, **named))


class Channel:
    """What a generated stub needs of a channel."""

    def __init__(self, channel: grpc.aio.Channel, metadata: Metadata) -> None:
        self._channel = channel
        self._metadata = metadata

    def unary_unary(self, *arguments: Any, **named: Any) -> Any:
        return _Method(self._channel.unary_unary(*arguments, **named), self._metadata)

    def unary_stream(self, *arguments: Any, **named: Any) -> Any:
        return _Method(self._channel.unary_stream(*arguments, **named), self._metadata)

    def stream_stream(self, *arguments: Any, **named: Any) -> Any:
        return _Method(self._channel.stream_stream(*arguments, **named), self._metadata)
