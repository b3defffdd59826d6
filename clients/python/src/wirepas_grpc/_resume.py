# SPDX-License-Identifier: Apache-2.0
"""How a subscription goes on after its connection is lost: the decisions, without the calls."""

from __future__ import annotations

import random
from dataclasses import dataclass

import grpc

from wirepas.mesh.v1.network_service_pb2 import SubscribeUplinkRequest, SubscribeUplinkResponse

from ._errors import WirepasError

# Seconds, unless the caller's request has another one.
PROGRESS_INTERVAL = 30
# How many of them nothing may come.
_PATIENCE = 2.3

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
    """Also of how long nothing may come before the connection counts as broken.

    The service gives a response at least every progress_interval. Silence counts once it has shown
    that it does: an older one does not, and would be called again and again.
    """

    def __init__(self, request: SubscribeUplinkRequest, backoff: Backoff) -> None:
        self._request = SubscribeUplinkRequest()
        self._request.CopyFrom(request)
        if not request.HasField("progress_interval"):
            self._request.progress_interval.seconds = PROGRESS_INTERVAL
        elif not (request.progress_interval.seconds or request.progress_interval.nanos):
            self._request.ClearField("progress_interval")
        interval = self._request.progress_interval
        self._patience = _PATIENCE * (interval.seconds + interval.nanos / 1e9)
        self._backoff = backoff
        self._attempt = 0
        self._gives_progress = False
        # Of the present call: whether the response that opens it has come, and one of progress.
        self._open = self._progressed = False

    def request(self) -> SubscribeUplinkRequest:
        """What to subscribe with now."""
        self._open = self._progressed = False
        return self._request

    def received(self, response: SubscribeUplinkResponse) -> None:
        """A response has come: the next subscription begins behind it."""
        self._attempt = 0
        if not (response.uplinks or response.HasField("gap")) and (
            self._open or not response.cursor
        ):
            self._gives_progress = self._progressed = True
        if response.cursor:
            self._open = True
            self._request.after_cursor = response.cursor
            # Rather a gap that is told than the end.
            self._request.allow_gap = True

    @property
    def patience(self) -> float | None:
        """Seconds in which nothing may come now; None: any time."""
        return self._patience or None if self._gives_progress else None

    def silence(self) -> WirepasError:
        """Nothing has come for so long."""
        if self._open and not self._progressed:
            self._gives_progress = False  # it was another service that did
        return WirepasError(
            _Code.UNAVAILABLE,
            f"nothing came for {self._patience:g} s: taken for a broken connection",
        )

    def lost(self, error: WirepasError | None) -> Reconnect:
        """The stream has ended. Raises the error when there is no going on."""
        if error is not None and error.code() not in _RETRIED:
            raise error
        self._attempt += 1
        return Reconnect(error, self._attempt, self._backoff.delay(self._attempt))
