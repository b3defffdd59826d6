# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import asyncio
import signal
import threading
import time
from collections.abc import Iterator
from typing import Any

import grpc
import pytest
from google.protobuf.duration_pb2 import Duration

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
    request = SubscribeUplinkRequest(after_cursor=b"mine", progress_interval=Duration(seconds=9))
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


def progress_every(milliseconds: int, **fields: Any) -> SubscribeUplinkRequest:
    interval = Duration(nanos=milliseconds * 1_000_000)
    return SubscribeUplinkRequest(progress_interval=interval, **fields)


@pytest.mark.parametrize(
    ("given", "sent"),
    [(None, Duration(seconds=30)), (Duration(seconds=7), Duration(seconds=7)), (Duration(), None)],
)
def test_asks_for_progress(
    script: Script, subscribe: Any, given: Duration | None, sent: Duration | None
) -> None:
    script.plays(response("1", 1), fails=None)
    next(subscribe(SubscribeUplinkRequest(progress_interval=given)))
    assert script.requests[0].HasField("progress_interval") == (sent is not None)
    assert script.requests[0].progress_interval == (sent or Duration())


def test_silence_after_progress_is_a_lost_connection(script: Script, subscribe: Any) -> None:
    script.plays(response("0"), response("1", 1), response("1"), fails=None)
    script.plays(response("2", 2), fails=None)
    told: list[Reconnect] = []
    events = subscribe(progress_every(100), on_reconnect=told.append)
    assert [next(events).event_id, next(events).event_id] == [1, 2]
    assert script.requests[1].after_cursor == b"1"
    assert [one.error and one.error.code() for one in told] == [UNAVAILABLE]
    assert "nothing came for 0.23 s" in str(told[0].error)


def test_silence_before_the_first_cursor_too(script: Script, subscribe: Any) -> None:
    script.plays(response(""), fails=None)
    script.plays(response("1", 1), fails=None)
    request = progress_every(100, oldest=True)
    events = subscribe(request)
    assert next(events).event_id == 1
    assert events.subscription.cursor == b""
    assert list(script.requests) == [request, request]


def test_silence_of_a_call_on_which_nothing_has_come(script: Script, subscribe: Any) -> None:
    script.plays(response("0"), response("0"), fails=UNAVAILABLE)
    script.plays(fails=None)
    script.plays(response("1", 1), fails=None)
    assert next(subscribe(progress_every(100))).event_id == 1
    assert len(script.requests) == 3


def test_progress_is_no_event_and_keeps_the_connection(script: Script, subscribe: Any) -> None:
    def part(_: grpc.ServicerContext) -> Iterator[Any]:
        yield response("1", 1)
        for _time in range(10):
            yield response("1")
            time.sleep(0.1)
        yield response("2", 2)

    script.parts.append(part)
    events = subscribe(progress_every(200))
    assert [next(events).event_id, next(events).event_id] == [1, 2]
    assert len(script.requests) == 1


def test_a_service_without_progress_may_be_silent(script: Script, subscribe: Any) -> None:
    def part(_: grpc.ServicerContext) -> Iterator[Any]:
        yield response("0")
        yield response("1", 1)
        time.sleep(0.3)
        yield response("2", 2)

    # The one before it was another.
    script.plays(response("0"), response("0"), fails=UNAVAILABLE)
    script.parts += [part, part]
    events = subscribe(progress_every(50))
    # Once it is taken for broken, since the one before was not silent for so long.
    assert [next(events).event_id for _ in range(3)] == [1, 1, 2]
    assert len(script.requests) == 3


def test_a_consumer_may_take_its_time(script: Script, subscribe: Any) -> None:
    go_on = threading.Event()

    def part(_: grpc.ServicerContext) -> Iterator[Any]:
        yield response("0")
        yield response("0")
        yield response("1", 1)
        go_on.wait(30)
        yield response("2", 2)

    script.parts.append(part)
    events = subscribe(progress_every(50))
    assert next(events).event_id == 1
    time.sleep(0.5)
    go_on.set()
    assert next(events).event_id == 2
    assert len(script.requests) == 1


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
