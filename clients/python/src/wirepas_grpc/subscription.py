# SPDX-License-Identifier: Apache-2.0
"""A subscription to uplinks that survives lost connections and restarts of the service."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from types import TracebackType
from typing import Any

import grpc

from wirepas.mesh.v1 import network_service_pb2_grpc
from wirepas.mesh.v1.network_service_pb2 import SubscribeUplinkRequest, SubscribeUplinkResponse
from wirepas.mesh.v1.uplink_pb2 import Gap, Uplink

from ._errors import WirepasError
from ._resume import Backoff, Reconnect, Resumption
from ._watchdog import Watchdog


class Subscription:
    """Hands over packets and gaps one by one, for one thread; any thread may close it.

    After a lost connection it goes on behind what it has got, so that no packet comes twice or is
    left out. What the service could not keep meanwhile is told as a Gap. It ends when it is
    closed, and raises a WirepasError for what no new attempt would mend.

    A connection on which nothing comes for 2.3 times the request's progress_interval counts as
    lost. The request's own interval is taken, or 30 s if it has none; one of 0 turns this off.
    """

    def __init__(
        self,
        stub: network_service_pb2_grpc.NetworkServiceStub,
        request: SubscribeUplinkRequest,
        on_reconnect: Callable[[Reconnect], None] | None = None,
        backoff: Backoff | None = None,
    ) -> None:
        self._stub = stub
        self._resumption = Resumption(request, backoff or Backoff())
        self._on_reconnect = on_reconnect
        self._cursor = bytes(request.after_cursor)
        self._closed = threading.Event()
        self._ended = False  # the same as _closed, and quicker to ask for each packet
        self._call: Any = None
        self._watchdog = Watchdog(self._closed)
        self._events = self._run()

    @property
    def cursor(self) -> bytes:
        """The place behind the packets that the consumer is done with, to start from another time.

        A packet is done with when the next one is asked for. Cursors are those of whole responses,
        so that some packets may come again after such a start, and none is left out. Empty while
        there is none yet.
        """
        return self._cursor

    def close(self) -> None:
        """Ends it, also while somebody waits for the next packet. May be called again.

        Packets that have come and were not handed over yet are not.
        """
        # Without a lock: a signal's handler may call it, in the midst of anything below.
        self._ended = True
        self._closed.set()
        if self._call is not None:
            self._call.cancel()

    def __enter__(self) -> Subscription:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def __iter__(self) -> Iterator[Uplink | Gap]:
        return self._events

    def __next__(self) -> Uplink | Gap:
        return next(self._events)

    def _run(self) -> Iterator[Uplink | Gap]:
        try:
            while True:
                error = None
                try:
                    yield from self._read()
                except grpc.RpcError as failure:
                    error = WirepasError.of(failure)
                if self._watchdog.has_ended(self._call):
                    error = self._resumption.silence()
                if self._closed.is_set():
                    return
                reconnect = self._resumption.lost(error)
                if self._on_reconnect is not None:
                    self._on_reconnect(reconnect)
                if self._closed.wait(reconnect.delay):
                    return
        finally:
            self.close()

    def _read(self) -> Iterator[Uplink | Gap]:
        if self._ended:
            return
        # gRPC reads one response ahead; the rest waits at the service.
        responses = self._call = self._stub.SubscribeUplink(self._resumption.request())
        if self._ended:
            # close() may have come before there was this call to cancel.
            responses.cancel()
        while (response := self._next(responses)) is not None:
            self._resumption.received(response)
            if response.HasField("gap"):
                yield response.gap
            uplinks = iter(response.uplinks)
            for uplink in uplinks:
                yield uplink
                if self._ended:
                    break
            if self._ended and next(uplinks, None) is not None:
                return
            self._cursor = response.cursor or self._cursor
            if self._ended:
                return

    def _next(self, responses: Iterator[SubscribeUplinkResponse]) -> SubscribeUplinkResponse | None:
        self._watchdog.waits(responses, self._resumption.patience)
        try:
            return next(responses, None)
        finally:
            self._watchdog.rests()
