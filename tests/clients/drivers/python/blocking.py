# SPDX-License-Identifier: Apache-2.0
"""Operations with the client that blocks, each in a thread of its own."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import grpc

import wirepas_grpc
from wirepas_grpc import WirepasError

import wire


class _Call:
    """A call of any kind."""

    def __init__(self, client: wirepas_grpc.Client, operation: dict[str, Any]) -> None:
        self._method = wire.Method(client, operation)
        self._operation = operation
        self._call: Any = None
        self._cancelled = False
        self._lock = threading.Lock()

    def _start(self) -> Any:
        method = self._method
        if method.streams_requests:
            return method.stub(iter(method.requests), timeout=method.timeout)
        if method.streams_responses:
            return method.stub(method.requests[0], timeout=method.timeout)
        return method.stub.future(method.requests[0], timeout=method.timeout)

    def _responses(self) -> Iterator[Any]:
        with self._lock:
            self._call = self._start()
            if self._cancelled:
                self._call.cancel()
        if self._method.streams_responses:
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
            wire.say(id=self._operation["id"], response=wire.to_json(response))
            if count == self._operation.get("stop_after"):
                self.cancel()
        return {"status": {"code": "OK"}}

    def cancel(self) -> None:
        with self._lock:
            self._cancelled = True
            if self._call is not None:
                self._call.cancel()


class _Subscribe:
    """The subscription that survives."""

    def __init__(self, client: wirepas_grpc.Client, operation: dict[str, Any]) -> None:
        self._pause = operation.get("slow_ms", 0) / 1000
        self._cancelled = False
        self._subscription = client.subscribe_uplinks(
            wire.subscription_request(operation),
            on_reconnect=lambda reconnect: wire.say(
                id=operation["id"], reconnect=wire.reconnect_line(reconnect)
            ),
        )
        self._tally = wire.Tally(operation, self._subscription)

    def run(self) -> dict[str, Any]:
        status: dict[str, Any] = {"code": "OK"}
        try:
            for event in self._subscription:
                self._tally.take(event)
                if self._tally.complete:
                    self._ask_for_one_more()
                    break
                if self._pause:
                    time.sleep(self._pause)
        except WirepasError as error:
            status = wire.status_of(error)
        if self._cancelled:
            status = {"code": "CANCELLED"}
        return self._tally.last_line(status)

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


class _Measure:
    def __init__(self, client: wirepas_grpc.Client, operation: dict[str, Any]) -> None:
        self._subscription = client.subscribe_uplinks(wire.subscription_request(operation))
        self._stopwatch = wire.Stopwatch(operation["packets"])

    def run(self) -> dict[str, Any]:
        with self._subscription:
            for event in self._subscription:
                if not self._stopwatch.take(event):
                    break
        return self._stopwatch.last_line()

    def cancel(self) -> None:
        self._subscription.close()


_KINDS: dict[str, Callable[[wirepas_grpc.Client, dict[str, Any]], Any]] = {
    "call": _Call,
    "subscribe": _Subscribe,
    "measure": _Measure,
}


class Operations:
    def __init__(self, target: str, tls: wirepas_grpc.Tls | bool | None) -> None:
        self._client = wirepas_grpc.connect(target, tls=tls)
        self._running: dict[Any, Any] = {}
        self._threads: list[threading.Thread] = []

    def begin(self, operation: dict[str, Any]) -> None:
        running = _KINDS[operation["op"]](self._client, operation)
        self._running[operation["id"]] = running
        thread = threading.Thread(target=self._run, args=(operation["id"], running), daemon=True)
        self._threads.append(thread)
        thread.start()

    def _run(self, number: Any, running: Any) -> None:
        try:
            last = running.run()
        except WirepasError as error:
            last = {"status": wire.status_of(error)}
        except Exception as error:
            last = {"status": {"code": "UNKNOWN", "message": repr(error)}}
        self._running.pop(number, None)
        wire.say(id=number, **last)

    def cancel(self, number: Any) -> None:
        running = self._running.get(number)
        if running is not None:
            running.cancel()

    def close(self) -> None:
        for running in list(self._running.values()):
            running.cancel()
        for thread in self._threads:
            thread.join(5)
        self._client.close()
