# SPDX-License-Identifier: Apache-2.0
"""How a subscription goes on after its connection is lost: the decisions, without the calls."""

from __future__ import annotations

import random
from dataclasses import dataclass

import grpc

from wirepas.mesh.v1 import network_service_pb2

from ._errors import WirepasError

_Code = grpc.StatusCode
# All else would fail in the same way again.
_RETRIED = frozenset(
    {
        _Code.UNAVAILABLE,
        _Code.RESOURCE_EXHAUSTED,
        _Code.ABORTED,
        _Code.INTERNAL,
        _Code.UNKNOWN,
        _Code.DEADLINE_EXCEEDED,
        _Code.CANCELLED,
    }
)


@dataclass(frozen=True)
class Backoff:
    """Seconds between attempts: first, then longer and longer."""

    first: float = 0.1
    factor: float = 1.6
    most: float = 10.0
    jitter: float = 0.2
    """Each is longer or shorter by up to this share."""

    def delay(self, attempt: int) -> float:
        """attempt: 1 for the first after a response."""
        # More factors than this are beyond every bound.
        delay = min(self.first * self.factor ** min(attempt - 1, 100), self.most)
        return delay * random.uniform(1 - self.jitter, 1 + self.jitter)


@dataclass(frozen=True)
class Reconnect:
    """A connection that was lost, and what follows."""

    error: WirepasError | None
    """None: the service ended the stream without one."""
    attempt: int
    """1 for the first after a response."""
    delay: float
    """Seconds until the next attempt."""


class Resumption:
    def __init__(
        self, request: network_service_pb2.SubscribeUplinkRequest, backoff: Backoff
    ) -> None:
        self._request = network_service_pb2.SubscribeUplinkRequest()
        self._request.CopyFrom(request)
        self._backoff = backoff
        self._attempt = 0

    def request(self) -> network_service_pb2.SubscribeUplinkRequest:
        """What to subscribe with now."""
        return self._request

    def received(self, cursor: bytes) -> None:
        """A response has come: the next subscription begins behind it."""
        self._attempt = 0
        self._request.after_cursor = cursor
        # Rather a gap that is told than the end.
        self._request.allow_gap = True

    def lost(self, error: WirepasError | None) -> Reconnect:
        """The stream has ended. Raises the error when there is no going on."""
        if error is not None and error.code() not in _RETRIED:
            raise error
        self._attempt += 1
        return Reconnect(error, self._attempt, self._backoff.delay(self._attempt))
