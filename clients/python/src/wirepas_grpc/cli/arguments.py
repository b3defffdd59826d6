# SPDX-License-Identifier: Apache-2.0
"""Arguments and options that several commands have."""

from __future__ import annotations

from typing import Annotated

import typer

from wirepas.mesh.v1.sink_pb2 import SinkRef
from wirepas.mesh.v1.sink_scope_pb2 import SinkScope


def number(text: str | int) -> int:
    """Decimal, or hexadecimal as addresses often are: 0x123456. Most fields have 32 bits."""
    return _number(text, 32)


def number_of_64_bits(text: str | int) -> int:
    return _number(text, 64)


def _number(text: str | int, bits: int) -> int:
    try:
        value = int(str(text), 0)  # a default is a number already
    except ValueError as error:
        raise typer.BadParameter(f"{text!r} is not a number") from error
    if not 0 <= value < 2**bits:
        raise typer.BadParameter(f"{text} is not between 0 and {2**bits - 1}")
    return value


def content(text: str) -> bytes:
    """Bytes in hex."""
    try:
        return bytes.fromhex(text)
    except ValueError as error:
        raise typer.BadParameter(f"{text!r} is not hex") from error


Json = Annotated[bool, typer.Option("--json", help="JSON, an object a line.")]
Gateway = Annotated[str, typer.Argument(metavar="GATEWAY", help="The gateway's id.")]
Sink = Annotated[str, typer.Argument(metavar="SINK", help="The sink's id.")]
Network = Annotated[
    int, typer.Argument(parser=number, metavar="NETWORK", help="The network's address.")
]
Networks = Annotated[
    list[int] | None,
    typer.Option("--network", parser=number, metavar="NUMBER", help="Only of these networks."),
]
Nodes = Annotated[
    list[int] | None,
    typer.Option("--node", parser=number, metavar="NUMBER", help="Only of these nodes."),
]
Gateways = Annotated[
    list[str] | None, typer.Option("--gateway", metavar="ID", help="Only of these gateways.")
]
Sinks = Annotated[
    list[str] | None,
    typer.Option("--sink", metavar="GATEWAY/SINK", help="Only these sinks."),
]
SkipOffline = Annotated[
    bool, typer.Option("--skip-offline", help="Pass over sinks of offline gateways.")
]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Check only, and change nothing.")]
AtOnce = Annotated[
    int,
    typer.Option(
        min=0,
        metavar="NUMBER",
        show_default=False,
        help="Sinks at a time (default: the service's).",
    ),
]


def sink_of(text: str) -> SinkRef:
    gateway, slash, sink = text.partition("/")
    if not (gateway and slash and sink):
        raise typer.BadParameter(f"{text!r} is not GATEWAY/SINK")
    return SinkRef(gateway_id=gateway, sink_id=sink)


def scope_of(
    network: int, gateways: list[str] | None, sinks: list[str] | None, skip_offline: bool
) -> SinkScope:
    """Which sinks of a network a command is about."""
    return SinkScope(
        network_address=network,
        gateway_ids=gateways or [],
        sinks=map(sink_of, sinks or []),
        skip_offline=skip_offline,
    )
