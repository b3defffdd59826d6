# SPDX-License-Identifier: Apache-2.0
"""Packets of the nodes as they come."""

from __future__ import annotations

import collections
from collections.abc import Callable
from typing import Annotated

import typer
from rich.live import Live
from rich.table import Table

from wirepas.mesh.v1.network_service_pb2 import SubscribeUplinkRequest
from wirepas.mesh.v1.uplink_pb2 import GapReason
from wirepas_grpc import Gap, Reconnect, Uplink

from .session import complain, out, print_json, session, table

_ROWS_SHOWN = 20


def _cells(packet: Uplink) -> list[str]:
    return [
        packet.receive_time.ToDatetime().isoformat(" ", "milliseconds"),
        f"{packet.gateway_id}/{packet.sink_id}",
        str(packet.network_address),
        str(packet.source_address),
        f"{packet.source_endpoint}->{packet.destination_endpoint}",
        str(packet.hop_count) if packet.HasField("hop_count") else "-",
        packet.payload.hex() if packet.HasField("payload") else "hidden",
    ]


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
        shown = table("received", "sink", "network", "node", "endpoints", "hops", "payload")
        for row in self._rows:
            shown.add_row(*row)
        return shown


def _print_line(packet: Uplink) -> None:
    print(*_cells(packet), sep="  ", flush=True)


def _on_reconnect(lost: Reconnect) -> None:
    complain(f"connection lost ({lost.error}); trying again in {lost.delay:.1f} s")


def uplinks(
    context: typer.Context,
    gateway: Annotated[list[str] | None, typer.Option(help="Only through these.")] = None,
    sink: Annotated[list[str] | None, typer.Option(help="Only these sinks.")] = None,
    network: Annotated[list[int] | None, typer.Option(help="Only of these.")] = None,
    node: Annotated[list[int] | None, typer.Option(help="Only from these nodes.")] = None,
    source_endpoint: Annotated[list[int] | None, typer.Option(help="Only from these.")] = None,
    destination_endpoint: Annotated[list[int] | None, typer.Option(help="Only to these.")] = None,
    oldest: Annotated[bool, typer.Option(help="Begin with the oldest kept.")] = False,
    count: Annotated[int | None, typer.Option(min=1, help="End after so many packets.")] = None,
) -> None:
    """Show packets as they come, through lost connections and restarts of the service.

    On a terminal a table of the latest; else, and with --json, a line for each.
    """
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
    if oldest:
        request.oldest = True
        request.allow_gap = True
    if session(context).as_json:
        _follow(context, request, count, print_json)
    elif out.is_terminal:
        with Live(console=out, refresh_per_second=10, vertical_overflow="crop") as live:
            _follow(context, request, count, _LiveTable(live).add)
    else:
        _follow(context, request, count, _print_line)


def _follow(
    context: typer.Context,
    request: SubscribeUplinkRequest,
    count: int | None,
    show: Callable[[Uplink], None],
) -> None:
    seen = 0
    with (
        session(context).connect() as client,
        client.subscribe_uplinks(request, on_reconnect=_on_reconnect) as subscription,
    ):
        for event in subscription:
            if isinstance(event, Gap):
                complain(gap_text(event))
                continue
            show(event)
            seen += 1
            if seen == count:
                return
