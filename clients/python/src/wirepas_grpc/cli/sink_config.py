# SPDX-License-Identifier: Apache-2.0
"""The configuration of a sink, and of all sinks of a network."""

from __future__ import annotations

import enum
from typing import Annotated

import typer
from google.protobuf.duration_pb2 import Duration

from wirepas.mesh.v1 import sink_pb2
from wirepas.mesh.v1.network_service_pb2 import (
    ListSinksRequest,
    SetSinkConfigRequest,
    UpdateSinkConfigsRequest,
)
from wirepas.mesh.v1.sink_pb2 import Sink, SinkConfigUpdate

from .arguments import (
    AtOnce,
    DryRun,
    Gateway,
    Gateways,
    Json,
    Network,
    Sinks,
    SkipOffline,
    content,
    number,
    scope_of,
)
from .arguments import Sink as SinkId
from .changes import report
from .output import Listing, complain, details
from .session import FAILED, PROGRESS_INTERVAL, Session, session_of


class Role(str, enum.Enum):
    sink = "sink"
    router = "router"
    non_router = "non-router"


_ROLES = {
    Role.sink: sink_pb2.BASE_ROLE_SINK,
    Role.router: sink_pb2.BASE_ROLE_ROUTER,
    Role.non_router: sink_pb2.BASE_ROLE_NON_ROUTER,
}

BaseRole = Annotated[Role | None, typer.Option("--role", help="The role.")]
LowLatency = Annotated[
    bool | None, typer.Option("--low-latency/--no-low-latency", help="Part of the role.")
]
Autorole = Annotated[
    bool | None, typer.Option("--autorole/--no-autorole", help="Part of the role.")
]
Channel = Annotated[
    int | None, typer.Option(parser=number, metavar="NUMBER", help="Network channel.")
]
ChannelMap = Annotated[
    int | None, typer.Option(parser=number, metavar="NUMBER", help="Allowed channels, a bit each.")
]
AccessCycle = Annotated[
    str | None,
    typer.Option(metavar="MIN-MAX", help="Access cycle range, milliseconds; MIN- and -MAX: one."),
]
AppConfigData = Annotated[
    str | None, typer.Option("--app-config", metavar="HEX", help="App config.")
]
Sequence = Annotated[
    int | None,
    typer.Option(
        parser=number, metavar="NUMBER", help="Of the app config (default: counted up by one)."
    ),
]
Diagnostics = Annotated[
    int | None,
    typer.Option(
        parser=number, metavar="SECONDS", help="Of the app config: diagnostics interval, 0: never."
    ),
]
On = Annotated[bool | None, typer.Option("--on/--off", help="Start or stop it.")]


def _access_cycle(text: str) -> sink_pb2.AccessCycleRange:
    shortest, dash, longest = text.partition("-")
    if not dash or not (shortest or longest):
        raise typer.BadParameter(f"{text!r} is not MIN-MAX")
    made = sink_pb2.AccessCycleRange()
    if shortest:
        made.minimum.FromMilliseconds(number(shortest))
    if longest:
        made.maximum.FromMilliseconds(number(longest))
    return made


def _update(
    role: Role | None,
    low_latency: bool | None,
    autorole: bool | None,
    network: int | None,
    channel: int | None,
    channel_map: int | None,
    access_cycle: str | None,
    app_config: str | None,
    sequence: int | None,
    diagnostics: int | None,
    on: bool | None,
) -> SinkConfigUpdate:
    """With what is given; the rest stays as it is, in nested messages too."""
    update = SinkConfigUpdate(
        network_address=network, network_channel=channel, channel_map=channel_map
    )
    if on is not None:
        update.sink_on = on
    if role is not None:
        update.node_role.base_role = _ROLES[role]
    if low_latency is not None:
        update.node_role.low_latency = low_latency
    if autorole is not None:
        update.node_role.autorole = autorole
    if access_cycle is not None:
        update.access_cycle_range.CopyFrom(_access_cycle(access_cycle))
    if app_config is not None:
        update.app_config.data = content(app_config)
    if sequence is not None:
        update.app_config.sequence = sequence
    if diagnostics is not None:
        update.app_config.diagnostics_interval.CopyFrom(Duration(seconds=diagnostics))
    return update


def sink_config(
    context: typer.Context,
    gateway: Gateway,
    sink: SinkId,
    role: BaseRole = None,
    low_latency: LowLatency = None,
    autorole: Autorole = None,
    network: Annotated[
        int | None, typer.Option(parser=number, metavar="NUMBER", help="Network address.")
    ] = None,
    address: Annotated[
        int | None, typer.Option(parser=number, metavar="NUMBER", help="Node address.")
    ] = None,
    channel: Channel = None,
    channel_map: ChannelMap = None,
    access_cycle: AccessCycle = None,
    app_config: AppConfigData = None,
    sequence: Sequence = None,
    diagnostics: Diagnostics = None,
    on: On = None,
    as_json: Json = False,
) -> None:
    """Show a sink's configuration. What an option gives is changed before, the rest stays.

    Keys are not set here, where they would stand in the shell's history: see SetSinkConfig.
    """
    session = session_of(context, as_json)
    update = _update(
        role, low_latency, autorole, network, channel, channel_map, access_cycle, app_config,
        sequence, diagnostics, on,
    )  # fmt: skip
    if address is not None:
        update.node_address = address
    if update.ListFields():
        request = SetSinkConfigRequest(gateway_id=gateway, sink_id=sink, update=update)
        with session.connect() as client:
            shown = client.network.SetSinkConfig(request, timeout=session.timeout).sink
    else:
        shown = _present(session, gateway, sink)
    with Listing(session.as_json, "field", "value") as listing:
        if session.as_json:
            listing.add(shown)
        else:
            for field, value in details(shown.config):
                listing.add(shown, field, value)


def _present(session: Session, gateway: str, sink: str) -> Sink:
    request = ListSinksRequest(gateway_ids=[gateway], sink_ids=[sink])
    with session.connect() as client:
        response = client.network.ListSinks(request, timeout=session.timeout)
    if response.sinks:
        return response.sinks[0]
    silent = gateway in response.silent_gateway_ids
    why = "does not answer" if silent else "is offline, or has no such sink"
    complain(f"{gateway}/{sink}: the gateway {why}")
    for error in response.errors:
        complain(error.message)
    raise typer.Exit(FAILED)


def update_sinks(
    context: typer.Context,
    scope_network: Network,
    gateway: Gateways = None,
    sink: Sinks = None,
    skip_offline: SkipOffline = False,
    role: BaseRole = None,
    low_latency: LowLatency = None,
    autorole: Autorole = None,
    new_network: Annotated[
        int | None, typer.Option(parser=number, metavar="NUMBER", help="The network to move to.")
    ] = None,
    channel: Channel = None,
    channel_map: ChannelMap = None,
    access_cycle: AccessCycle = None,
    app_config: AppConfigData = None,
    sequence: Sequence = None,
    diagnostics: Diagnostics = None,
    on: On = None,
    dry_run: DryRun = False,
    at_once: AtOnce = 0,
    as_json: Json = False,
) -> None:
    """Change the configuration of all sinks of a network; of none if one cannot take it.

    A line for each sink, as it comes. What no option gives stays as it is.
    """
    session = session_of(context, as_json)
    request = UpdateSinkConfigsRequest(
        scope=scope_of(scope_network, gateway, sink, skip_offline),
        update=_update(
            role, low_latency, autorole, new_network, channel, channel_map, access_cycle,
            app_config, sequence, diagnostics, on,
        ),
        dry_run=dry_run,
        max_concurrent=at_once,
        progress_interval=PROGRESS_INTERVAL,
    )  # fmt: skip
    with session.connect() as client:
        report(session, client.network.UpdateSinkConfigs(request, timeout=session.timeout))
