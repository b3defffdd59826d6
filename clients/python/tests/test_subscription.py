# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import asyncio
import signal
import threading
from collections.abc import Iterator
from typing import Any

import grpc
import pytest

import wirepas_grpc
import wirepas_grpc.aio
from wirepas.mesh.v1.network_service_pb2 import SubscribeUplinkRequest
from wirepas.mesh.v1.uplink_pb2 import GAP_REASON_SERVICE_RESTARTED, Uplink
from wirepas_grpc import Backoff, Gap, Reconnect, WirepasError

from conftest import Script, response

QUICK = Backoff(first=0.001, most=0.01)
UNAVAILABLE = grpc.StatusCode.UNAVAILABLE


class Sync:
    """A subscription by iterator."""

    def __init__(self, script: Script, request: SubscribeUplinkRequest, **options: Any) -> None:
        self.client = wirepas_grpc.connect(script.address)
        self.subscription = self.client.subscribe_uplinks(request, **options)

    def __next__(self) -> Any:
        return next(self.subscription)

    def close(self) -> None:
        self.subscription.close()


class Async:
    """A subscription by async iterator, on an event loop of its own."""

    def __init__(self, script: Script, request: SubscribeUplinkRequest, **options: Any) -> None:
        self.loop = asyncio.new_event_loop()
        threading.Thread(target=self.loop.run_forever, daemon=True).start()

        async def begin() -> Any:
            client = wirepas_grpc.aio.connect(script.address)
            return client.subscribe_uplinks(request, **options)

        self.subscription = self._run(begin())

    def _run(self, work: Any) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(30)

    def __next__(self) -> Any:
        async def take() -> Any:
            try:
                return await self.subscription.__anext__()
            except StopAsyncIteration:
                return None

        event = self._run(take())
        if event is None:
            raise StopIteration
        return event

    def close(self) -> None:
        self._run(self.subscription.close())


@pytest.fixture(params=[Sync, Async])
def subscribe(request: pytest.FixtureRequest, script: Script) -> Iterator[Any]:
    opened = []

    def begin(*arguments: Any, **fields: Any) -> Any:
        options = {"backoff": QUICK, **fields}
        asked = arguments[0] if arguments else SubscribeUplinkRequest()
        opened.append(request.param(script, asked, **options))
        return opened[-1]

    yield begin
    for subscription in opened:
        subscription.close()


def test_hands_over_packets_one_by_one_with_the_cursor_of_those_done_with(
    script: Script, subscribe: Any
) -> None:
    script.plays(response("0"), response("2", 1, 2), response("3", 3), fails=None)
    events = subscribe()
    assert events.subscription.cursor == b""
    assert next(events).event_id == 1
    assert events.subscription.cursor == b"0"
    assert next(events).event_id == 2
    assert events.subscription.cursor == b"0"
    assert next(events).event_id == 3
    assert events.subscription.cursor == b"2"


def test_goes_on_behind_what_it_has_got(script: Script, subscribe: Any) -> None:
    script.plays(response("2", 1, 2), fails=UNAVAILABLE)
    script.plays(fails=UNAVAILABLE)
    script.plays(response("4", 3, 4), fails=None)
    told: list[Reconnect] = []
    events = subscribe(SubscribeUplinkRequest(oldest=True), on_reconnect=told.append)
    assert [next(events).event_id for _ in range(4)] == [1, 2, 3, 4]
    assert [request.WhichOneof("start") for request in script.requests] == [
        "oldest",
        "after_cursor",
        "after_cursor",
    ]
    assert [request.allow_gap for request in script.requests] == [False, True, True]
    assert script.requests[-1].after_cursor == b"2"
    assert [(one.error and one.error.code(), one.attempt) for one in told] == [
        (UNAVAILABLE, 1),
        (UNAVAILABLE, 2),
    ]


def test_repeats_the_callers_start_until_there_is_a_cursor(script: Script, subscribe: Any) -> None:
    script.plays(fails=grpc.StatusCode.RESOURCE_EXHAUSTED)
    script.plays(response("1", 1), fails=None)
    request = SubscribeUplinkRequest(after_cursor=b"mine")
    request.filter.source_endpoints.append(7)
    events = subscribe(request)
    assert next(events).event_id == 1
    assert list(script.requests) == [request, request]


def test_tells_of_gaps_before_the_packets_behind_them(script: Script, subscribe: Any) -> None:
    gap = Gap(lost_packets=5, reason=GAP_REASON_SERVICE_RESTARTED)
    script.plays(response("1", 1), fails=UNAVAILABLE)
    script.plays(response("9", 9, gap=gap), fails=None)
    events = subscribe()
    assert next(events).event_id == 1
    assert next(events) == gap
    assert next(events).event_id == 9


@pytest.mark.parametrize("code", [grpc.StatusCode.OUT_OF_RANGE, grpc.StatusCode.UNAUTHENTICATED])
def test_ends_with_what_would_fail_again(
    script: Script, subscribe: Any, code: grpc.StatusCode
) -> None:
    script.plays(response("1", 1), fails=code)
    events = subscribe()
    assert next(events).event_id == 1
    with pytest.raises(WirepasError) as failure:
        next(events)
    assert failure.value.code() == code
    assert len(script.requests) == 1


def test_closing_ends_it_while_it_waits_for_packets(script: Script, subscribe: Any) -> None:
    script.plays(response("1", 1), fails=None)
    events = subscribe()
    next(events)
    closer = threading.Thread(target=lambda: (script.open.acquire(), events.close()))
    closer.start()
    with pytest.raises(StopIteration):
        next(events)
    closer.join()


def test_closing_ends_it_while_it_backs_off(script: Script, subscribe: Any) -> None:
    script.plays(fails=UNAVAILABLE)
    waits = threading.Event()
    events = subscribe(backoff=Backoff(first=100, most=100), on_reconnect=lambda _: waits.set())
    closer = threading.Thread(target=lambda: (waits.wait(30), events.close()))
    closer.start()
    with pytest.raises(StopIteration):
        next(events)
    closer.join()


def test_an_orderly_end_of_the_stream_is_no_end(script: Script, subscribe: Any) -> None:
    script.parts.append(lambda _: iter([response("1", 1)]))
    script.plays(response("2", 2), fails=None)
    told: list[Reconnect] = []
    events = subscribe(on_reconnect=told.append)
    assert [next(events).event_id, next(events).event_id] == [1, 2]
    assert told[0].error is None


def test_closed_amid_a_response_it_hands_over_no_more_of_it(script: Script, subscribe: Any) -> None:
    script.plays(response("1", 1), response("4", 2, 3, 4), fails=None)
    events = subscribe()
    assert [next(events).event_id, next(events).event_id] == [1, 2]
    events.close()
    with pytest.raises(StopIteration):
        next(events)
    assert events.subscription.cursor == b"1"


def test_closed_at_the_end_of_a_response_the_cursor_is_behind_it(
    script: Script, subscribe: Any
) -> None:
    script.plays(response("2", 1, 2), fails=None)
    events = subscribe()
    assert [next(events).event_id, next(events).event_id] == [1, 2]
    events.close()
    with pytest.raises(StopIteration):
        next(events)
    assert events.subscription.cursor == b"2"


def test_a_signals_handler_can_close_it(script: Script) -> None:
    script.plays(response("1", 1), fails=None)
    subscription = wirepas_grpc.connect(script.address).subscribe_uplinks()
    before = signal.signal(signal.SIGALRM, lambda *_: subscription.close())
    try:
        signal.setitimer(signal.ITIMER_REAL, 0.3)
        assert [event.event_id for event in subscription if isinstance(event, Uplink)] == [1]
    finally:
        signal.signal(signal.SIGALRM, before)


def test_a_time_limit_on_a_packet_takes_nothing_along(script: Script) -> None:
    go_on = threading.Event()

    def part(_: grpc.ServicerContext) -> Iterator[Any]:
        yield response("1", 1)
        go_on.wait(30)
        yield response("2", 2)

    async def scenario() -> None:
        async with (
            wirepas_grpc.aio.connect(script.address) as client,
            client.subscribe_uplinks() as subscription,
        ):
            first = await anext(subscription)
            with pytest.raises(asyncio.TimeoutError):
                await asyncio.wait_for(anext(subscription), 0.05)
            go_on.set()
            second = await anext(subscription)
            assert isinstance(first, Uplink)
            assert isinstance(second, Uplink)
            assert (first.event_id, second.event_id) == (1, 2)
            assert len(script.requests) == 1

    script.parts.append(part)
    asyncio.run(scenario())


def test_closing_the_asyncio_client_ends_a_wait(script: Script) -> None:
    async def scenario() -> None:
        client = wirepas_grpc.aio.connect(script.address)
        subscription = client.subscribe_uplinks()
        await anext(subscription)
        waiting = asyncio.ensure_future(anext(subscription))
        while subscription._reading is None:
            await asyncio.sleep(0)
        await client.close()
        with pytest.raises(WirepasError, match="CANCELLED"):
            await asyncio.wait_for(waiting, 10)

    script.plays(response("1", 1), fails=None)
    asyncio.run(scenario())
