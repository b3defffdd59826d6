# SPDX-License-Identifier: Apache-2.0
"""Sinks and their configuration."""

from __future__ import annotations

import enum
from typing import Annotated

import typer
from google.protobuf.duration_pb2 import Duration

from wirepas.mesh.v1 import sink_pb2
from wirepas.mesh.v1.network_service_pb2 import ListSinksRequest, SetSinkConfigRequest
from wirepas.mesh.v1.sink_pb2 import Sink, SinkConfigUpdate

from .arguments import Gateway, Gateways, Json, content, number
from .arguments import Sink as SinkId
from .output import Listing, complain, details, name_of, value_of
from .session import FAILED, Session, session_of


def sinks(
    context: typer.Context,
    network: Annotated[
        int | None, typer.Option(parser=number, metavar="NUMBER", help="Only of this network.")
    ] = None,
    gateway: Gateways = None,
    refresh: Annotated[bool, typer.Option("--refresh", help="Ask the gateways again.")] = False,
    as_json: Json = False,
) -> None:
    """List the sinks of the gateways that are online."""
    session = session_of(context, as_json)
    request = ListSinksRequest(network_address=network, gateway_ids=gateway or [], refresh=refresh)
    columns = ("sink", "network", "address", "channel", "on")
    with session.connect() as client, Listing(session.as_json, *columns) as listing:
        while True:
            response = client.network.ListSinks(request, timeout=session.timeout)
            for sink in response.sinks:
                config = sink.config
                listing.add(
                    sink,
                    name_of(sink),
                    value_of(config, "network_address"),
                    value_of(config, "node_address"),
                    value_of(config, "network_channel"),
                    {"True": "yes", "False": "no", "-": "-"}[value_of(config, "sink_on")],
                )
            for silent in response.silent_gateway_ids:
                complain(f"gateway {silent} does not answer")
            for error in response.errors:
                complain(error.message)
            request.page_token = response.next_page_token
            if not request.page_token:
                return


class Role(str, enum.Enum):
    sink = "sink"
    router = "router"
    non_router = "non-router"


_ROLES = {
    Role.sink: sink_pb2.BASE_ROLE_SINK,
    Role.router: sink_pb2.BASE_ROLE_ROUTER,
    Role.non_router: sink_pb2.BASE_ROLE_NON_ROUTER,
}


def _access_cycle(text: str) -> sink_pb2.AccessCycleRange:
    shortest, dash, longest = text.partition("-")
    if not dash:
        raise typer.BadParameter(f"{text!r} is not MIN-MAX")
    made = sink_pb2.AccessCycleRange()
    made.minimum.FromMilliseconds(number(shortest))
    made.maximum.FromMilliseconds(number(longest))
    return made


def sink_config(
    context: typer.Context,
    gateway: Gateway,
    sink: SinkId,
    role: Annotated[Role | None, typer.Option(help="The sink's role.")] = None,
    low_latency: Annotated[bool, typer.Option("--low-latency", help="With --role.")] = False,
    autorole: Annotated[bool, typer.Option("--autorole", help="With --role.")] = False,
    network: Annotated[
        int | None, typer.Option(parser=number, metavar="NUMBER", help="Network address.")
    ] = None,
    address: Annotated[
        int | None, typer.Option(parser=number, metavar="NUMBER", help="Node address.")
    ] = None,
    channel: Annotated[
        int | None, typer.Option(parser=number, metavar="NUMBER", help="Network channel.")
    ] = None,
    channel_map: Annotated[
        int | None,
        typer.Option(parser=number, metavar="NUMBER", help="Allowed channels, a bit each."),
    ] = None,
    access_cycle: Annotated[
        str | None, typer.Option(metavar="MIN-MAX", help="Access cycle range, milliseconds.")
    ] = None,
    app_config: Annotated[
        str | None,
        typer.Option(metavar="HEX", help="App config; with --sequence and --diagnostics."),
    ] = None,
    sequence: Annotated[
        int | None, typer.Option(parser=number, metavar="NUMBER", help="Of --app-config.")
    ] = None,
    diagnostics: Annotated[
        int | None,
        typer.Option(parser=number, metavar="SECONDS", help="Of --app-config: interval, 0: never."),
    ] = None,
    on: Annotated[bool | None, typer.Option("--on/--off", help="Start or stop it.")] = None,
    as_json: Json = False,
) -> None:
    """Show a sink's configuration. What an option gives is changed before, the rest stays.

    Keys are not set here, where they would stand in the shell's history: see SetSinkConfig.
    """
    session = session_of(context, as_json)
    update = SinkConfigUpdate(
        network_address=network,
        node_address=address,
        network_channel=channel,
        channel_map=channel_map,
    )
    if on is not None:
        update.sink_on = on
    if role is not None:
        update.node_role.base_role = _ROLES[role]
        update.node_role.low_latency = low_latency
        update.node_role.autorole = autorole
    elif low_latency or autorole:
        raise typer.BadParameter("--low-latency and --autorole go with --role")
    if access_cycle is not None:
        update.access_cycle_range.CopyFrom(_access_cycle(access_cycle))
    of_app_config = (app_config, sequence, diagnostics)
    if any(value is not None for value in of_app_config):
        if app_config is None or sequence is None or diagnostics is None:
            raise typer.BadParameter("--app-config, --sequence and --diagnostics go together")
        update.app_config.data = content(app_config)
        update.app_config.sequence = sequence
        update.app_config.diagnostics_interval.CopyFrom(Duration(seconds=diagnostics))
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
    request = ListSinksRequest(gateway_ids=[gateway])
    with session.connect() as client:
        while True:
            response = client.network.ListSinks(request, timeout=session.timeout)
            for found in response.sinks:
                if found.sink_id == sink:
                    return found
            request.page_token = response.next_page_token
            if not request.page_token:
                silent = gateway in response.silent_gateway_ids
                why = "does not answer" if silent else "is offline, or has no such sink"
                complain(f"{gateway}/{sink}: the gateway {why}")
                for error in response.errors:
                    complain(error.message)
                raise typer.Exit(FAILED)
