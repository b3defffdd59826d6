# SPDX-License-Identifier: Apache-2.0
"""Channels for the generated stubs: they add metadata, and raise WirepasError."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import grpc

from ._errors import WirepasError

Metadata = tuple[tuple[str, str], ...]


class _Future:
    """A call whose answer is asked for later."""

    def __init__(self, call: Any) -> None:
        self._call = call

    def __getattr__(self, name: str) -> Any:
        return getattr(self._call, name)

    def result(self, timeout: float | None = None) -> Any:
        try:
            return self._call.result(timeout)
        except grpc.RpcError as error:
            raise WirepasError.of(error) from error

    def exception(self, timeout: float | None = None) -> Any:
        error = self._call.exception(timeout)
        return WirepasError.of(error) if isinstance(error, grpc.RpcError) else error

    def add_done_callback(self, done: Callable[[Any], None]) -> None:
        self._call.add_done_callback(lambda _: done(self))


class _Responses:
    """A stream of responses."""

    def __init__(self, call: Any) -> None:
        self._call = call

    def __getattr__(self, name: str) -> Any:
        return getattr(self._call, name)

    def __iter__(self) -> Iterator[Any]:
        return self

    def __next__(self) -> Any:
        try:
            return next(self._call)
        except grpc.RpcError as error:
            raise WirepasError.of(error) from error


class _Method:
    def __init__(self, method: Any, metadata: Metadata, streams: bool) -> None:
        self._method = method
        self._metadata = metadata
        self._streams = streams

    def _with_metadata(self, arguments: dict[str, Any]) -> dict[str, Any]:
        if not self._metadata:
            return arguments
        return {**arguments, "metadata": (*(arguments.get("metadata") or ()), *self._metadata)}

    def __call__(self, request: Any, *arguments: Any, **named: Any) -> Any:
        if self._streams:
            return _Responses(self._method(request, *arguments, **self._with_metadata(named)))
        try:
            return self._method(request, *arguments, **self._with_metadata(named))
        except grpc.RpcError as error:
            raise WirepasError.of(error) from error

    def with_call(self, request: Any, *arguments: Any, **named: Any) -> Any:
        try:
            return self._method.with_call(request, *arguments, **self._with_metadata(named))
        except grpc.RpcError as error:
            raise WirepasError.of(error) from error

    def future(self, request: Any, *arguments: Any, **named: Any) -> Any:
        return _Future(self._method.future(request, *arguments, **self._with_metadata(named)))


class Channel:
    """What a generated stub needs of a channel."""

    def __init__(self, channel: grpc.Channel, metadata: Metadata) -> None:
        self._channel = channel
        self._metadata = metadata

    def unary_unary(self, *arguments: Any, **named: Any) -> Any:
        method = self._channel.unary_unary(*arguments, **named)
        return _Method(method, self._metadata, streams=False)

    def unary_stream(self, *arguments: Any, **named: Any) -> Any:
        method = self._channel.unary_stream(*arguments, **named)
        return _Method(method, self._metadata, streams=True)

    def stream_stream(self, *arguments: Any, **named: Any) -> Any:
        method = self._channel.stream_stream(*arguments, **named)
        return _Method(method, self._metadata, streams=True)
