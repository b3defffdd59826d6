# SPDX-License-Identifier: Apache-2.0
"""Operations with the client for asyncio: tasks of one event loop, in a thread of its own."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import AsyncIterator, Coroutine
from typing import Any

import wirepas_grpc.aio
from wirepas_grpc import WirepasError

import wire


async def _each(requests: list[Any]) -> AsyncIterator[Any]:
    for request in requests:
        yield request


class Operations:
    def __init__(self, target: str, tls: wirepas_grpc.Tls | bool | None) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self._tasks: dict[Any, asyncio.Task[None]] = {}
        self._subscriptions: dict[Any, wirepas_grpc.aio.Subscription] = {}
        self._client: wirepas_grpc.aio.Client = self._wait(self._connect(target, tls))

    @staticmethod
    async def _connect(target: str, tls: wirepas_grpc.Tls | bool | None) -> wirepas_grpc.aio.Client:
        return wirepas_grpc.aio.connect(target, tls=tls)

    def _wait(self, coroutine: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result(20)

    def begin(self, operation: dict[str, Any]) -> None:
        self._wait(self._begin(operation))

    async def _begin(self, operation: dict[str, Any]) -> None:
        kinds = {"call": self._call, "subscribe": self._subscribe, "measure": self._measure}
        work = kinds[operation["op"]](operation)
        task = asyncio.create_task(self._run(operation["id"], work))
        self._tasks[operation["id"]] = task
        task.add_done_callback(lambda _: self._tasks.pop(operation["id"]))

    @staticmethod
    async def _run(number: Any, work: Coroutine[Any, Any, dict[str, Any]]) -> None:
        try:
            last = await work
        except asyncio.CancelledError:
            last = {"status": {"code": "CANCELLED"}}
        except WirepasError as error:
            last = {"status": wire.status_of(error)}
        except Exception as error:
            last = {"status": {"code": "UNKNOWN", "message": repr(error)}}
        wire.say(id=number, **last)

    async def _call(self, operation: dict[str, Any]) -> dict[str, Any]:
        method = wire.Method(self._client, operation)
        requests = _each(method.requests) if method.streams_requests else method.requests[0]
        call = method.stub(requests, timeout=method.timeout)

        def answer(response: Any) -> None:
            wire.say(id=operation["id"], response=wire.to_json(response))

        if method.streams_responses:
            count = 0
            async for response in call:
                answer(response)
                count += 1
                if count == operation.get("stop_after"):
                    call.cancel()
        else:
            answer(await call)
        return {"status": {"code": "OK"}}

    async def _subscribe(self, operation: dict[str, Any]) -> dict[str, Any]:
        subscription = self._client.subscribe_uplinks(
            wire.subscription_request(operation),
            on_reconnect=lambda reconnect: wire.say(
                id=operation["id"], reconnect=wire.reconnect_line(reconnect)
            ),
        )
        tally = wire.Tally(operation, subscription)
        pause = operation.get("slow_ms", 0) / 1000
        status: dict[str, Any] = {"code": "OK"}
        self._subscriptions[operation["id"]] = subscription
        try:
            async with subscription:
                async for event in subscription:
                    tally.take(event)
                    if tally.complete:
                        await self._ask_for_one_more(subscription)
                        break
                    if pause:
                        await asyncio.sleep(pause)
        except WirepasError as error:
            status = wire.status_of(error)
        if self._subscriptions.pop(operation["id"], None) is None:
            status = {"code": "CANCELLED"}
        return tally.last_line(status)

    @staticmethod
    async def _ask_for_one_more(subscription: wirepas_grpc.aio.Subscription) -> None:
        """Says that the last packet is done with; what comes after is of no matter here."""
        # Two classes before Python 3.11.
        with contextlib.suppress(TimeoutError, asyncio.TimeoutError):
            await asyncio.wait_for(anext(subscription), 0.1)

    async def _measure(self, operation: dict[str, Any]) -> dict[str, Any]:
        stopwatch = wire.Stopwatch(operation["packets"])
        async with self._client.subscribe_uplinks(wire.subscription_request(operation)) as uplinks:
            async for event in uplinks:
                if not stopwatch.take(event):
                    break
        return stopwatch.last_line()

    def cancel(self, number: Any) -> None:
        self._wait(self._cancel(number))

    async def _cancel(self, number: Any) -> None:
        """A subscription by its close(), whatever else by cancelling the task."""
        subscription = self._subscriptions.pop(number, None)
        if subscription is not None:
            await subscription.close()
        elif number in self._tasks:
            self._tasks[number].cancel()

    def close(self) -> None:
        self._wait(self._close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)

    async def _close(self) -> None:
        tasks = list(self._tasks.items())
        for number, _ in tasks:
            await self._cancel(number)
        if tasks:
            await asyncio.wait([task for _, task in tasks], timeout=5)
        await self._client.close()
