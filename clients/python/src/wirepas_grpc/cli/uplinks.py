# SPDX-License-Identifier: Apache-2.0
"""Packets of the nodes as they come."""

from __future__ import annotations

import collections
import os
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer
from rich.live import Live
from rich.table import Table

from wirepas.mesh.v1.network_service_pb2 import SubscribeUplinkRequest
from wirepas.mesh.v1.uplink_pb2 import GapReason
from wirepas_grpc import Gap, Reconnect, Uplink

from .arguments import Gateways, Json, Networks, number
from .output import complain, name_of, out, print_json, table, time_of, value_of
from .session import Session, session_of

_ROWS_SHOWN = 20


def _cells(packet: Uplink) -> list[str]:
    received = time_of(packet.receive_time, "milliseconds")
    return [
        received,
        _later(packet, "publish_time", received),
        _later(packet, "arrival_time", received),
        name_of(packet),
        value_of(packet, "network_address"),
        str(packet.source_address),
        f"{packet.source_endpoint}->{packet.destination_endpoint}",
        value_of(packet, "hop_count"),
        packet.payload.hex() if packet.HasField("payload") else "hidden",
    ]


def _later(packet: Uplink, field: str, received: str) -> str:
    """When the gateway published it, or when it came here: the date only if it is another."""
    if not packet.HasField(field):
        return "-"
    day, _, of_day = (text := time_of(getattr(packet, field), "milliseconds")).partition("T")
    return of_day if received.startswith(f"{day}T") else text


def gap_text(gap: Gap) -> str:
    lost = str(gap.lost_packets) if gap.HasField("lost_packets") else "unknown number of"
    return f"gap: {lost} packets lost ({GapReason.Name(gap.reason)})"


class _LiveTable:
    """The latest packets, on a terminal."""

    def __init__(self, live: Live) -> None:
        self._live = live
        self._rows: collections.deque[list[str]] = collections.deque(maxlen=_ROWS_SHOWN)

    def add(self, packet: Uplink) -> None:
        self._rows.append(_cells(packet))
        self._live.update(self._table())

    def _table(self) -> Table:
        shown = table(
            "received",
            "published",
            "arrived",
            "sink",
            "network",
            "node",
            "endpoints",
            "hops",
            "payload",
        )
        for row in self._rows:
            shown.add_row(*row)
        return shown


class _CursorFile:
    """Where a run has come to, for the next one."""

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self.cursor = path.read_bytes() if path is not None and path.exists() else b""

    def keep(self, cursor: bytes) -> None:
        if self._path is None or cursor == self.cursor:
            return
        # In a whole piece or not at all.
        fresh = self._path.with_name(self._path.name + ".new")
        fresh.write_bytes(cursor)
        os.replace(fresh, self._path)
        self.cursor = cursor


def _print_line(packet: Uplink) -> None:
    print(*_cells(packet), sep="  ", flush=True)


def _on_reconnect(lost: Reconnect) -> None:
    complain(f"connection lost ({lost.error}); trying again in {lost.delay:.1f} s")


def uplinks(
    context: typer.Context,
    gateway: Gateways = None,
    sink: Annotated[
        list[str] | None, typer.Option(metavar="ID", help="Only of sinks of this id.")
    ] = None,
    network: Networks = None,
    node: Annotated[
        list[int] | None,
        typer.Option(parser=number, metavar="NUMBER", help="Only from these nodes."),
    ] = None,
    source_endpoint: Annotated[
        list[int] | None, typer.Option(parser=number, metavar="NUMBER", help="Only from these.")
    ] = None,
    destination_endpoint: Annotated[
        list[int] | None, typer.Option(parser=number, metavar="NUMBER", help="Only to these.")
    ] = None,
    oldest: Annotated[bool, typer.Option("--oldest", help="Begin with the oldest kept.")] = False,
    cursor: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            dir_okay=False,
            help="Keep the place in this file, and go on from it: the last packets that "
            "were shown may come again.",
        ),
    ] = None,
    count: Annotated[
        int | None, typer.Option(min=1, metavar="NUMBER", help="End after so many packets.")
    ] = None,
    max_delay: Annotated[
        float,
        typer.Option(
            min=0,
            max=10,
            metavar="SECONDS",
            show_default=False,
            help="How long the service may gather packets, for less load (default: not at all).",
        ),
    ] = 0,
    as_json: Json = False,
) -> None:
    """Show packets as they come, through lost connections and restarts of the service.

    On a terminal a table of the latest; else, and with --json, a line for each. Each filter may be
    repeated. The times are when the sink received the packet and when the gateway published it, by
    the gateway's clock, and when the service got it, by the service's.
    """
    session = session_of(context, as_json)
    request = SubscribeUplinkRequest()
    for field, values in (
        ("gateway_ids", gateway),
        ("sink_ids", sink),
        ("network_addresses", network),
        ("source_addresses", node),
        ("source_endpoints", source_endpoint),
        ("destination_endpoints", destination_endpoint),
    ):
        getattr(request.filter, field).extend(values or [])
    if max_delay:
        request.max_delay.FromMilliseconds(round(max_delay * 1000))
    kept = _CursorFile(cursor)
    if kept.cursor:
        request.after_cursor = kept.cursor
        request.allow_gap = True
    elif oldest:
        request.oldest = True
        request.allow_gap = True
    if session.as_json:
        _follow(session, request, count, kept, print_json)
    elif out.is_terminal:
        with Live(console=out, refresh_per_second=10, vertical_overflow="crop") as live:
            _follow(session, request, count, kept, _LiveTable(live).add)
    else:
        _follow(session, request, count, kept, _print_line)


def _follow(
    session: Session,
    request: SubscribeUplinkRequest,
    count: int | None,
    kept: _CursorFile,
    show: Callable[[Uplink], None],
) -> None:
    seen = 0
    with (
        session.connect() as client,
        client.subscribe_uplinks(request, on_reconnect=_on_reconnect) as subscription,
    ):
        for event in subscription:
            # What came before this packet has been shown.
            kept.keep(subscription.cursor)
            if isinstance(event, Gap):
                complain(gap_text(event))
                continue
            show(event)
            seen += 1
            if seen == count:
                return
