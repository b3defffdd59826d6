# SPDX-License-Identifier: Apache-2.0
"""Gateways and sinks."""

from __future__ import annotations

from typing import Annotated

import typer

from wirepas.mesh.v1.network_service_pb2 import (
    ListGatewaysRequest,
    ListSinksRequest,
    SetSinkConfigRequest,
)
from wirepas.mesh.v1.sink_pb2 import Sink, SinkConfigUpdate

from .session import complain, print_json, print_table, session, table, value_of

sinks = typer.Typer(help="Sinks and their configuration.", no_args_is_help=True)


def gateways(
    context: typer.Context,
    include_offline: Annotated[bool, typer.Option("--all", help="Offline ones too.")] = False,
) -> None:
    """List the gateways."""
    shown = table("gateway", "online", "model", "version", "sinks")
    with session(context).connect() as client:
        page = ""
        while True:
            response = client.network.ListGateways(
                ListGatewaysRequest(include_offline=include_offline, page_token=page),
                timeout=session(context).timeout,
            )
            for gateway in response.gateways:
                if session(context).as_json:
                    print_json(gateway)
                shown.add_row(
                    gateway.gateway_id,
                    "yes" if gateway.online else "no",
                    gateway.model,
                    gateway.version,
                    " ".join(gateway.sink_ids),
                )
            page = response.next_page_token
            if not page:
                break
    if not session(context).as_json:
        print_table(shown)


def _row(sink: Sink) -> list[str]:
    config = sink.config
    return [
        f"{sink.gateway_id}/{sink.sink_id}",
        value_of(config, "network_address"),
        value_of(config, "node_address"),
        value_of(config, "network_channel"),
        {True: "yes", False: "no"}[config.sink_on] if config.HasField("sink_on") else "-",
    ]


_COLUMNS = ("sink", "network", "address", "channel", "on")


@sinks.command("list")
def list_sinks(
    context: typer.Context,
    network: Annotated[int | None, typer.Option(help="Only of this network.")] = None,
    gateway: Annotated[list[str] | None, typer.Option(help="Only of these.")] = None,
    refresh: Annotated[bool, typer.Option(help="Ask the gateways again.")] = False,
) -> None:
    """List the sinks of the gateways that are online."""
    request = ListSinksRequest(network_address=network, gateway_ids=gateway or [], refresh=refresh)
    shown = table(*_COLUMNS)
    with session(context).connect() as client:
        while True:
            response = client.network.ListSinks(request, timeout=session(context).timeout)
            for sink in response.sinks:
                if session(context).as_json:
                    print_json(sink)
                shown.add_row(*_row(sink))
            for silent in response.silent_gateway_ids:
                complain(f"gateway {silent} does not answer")
            request.page_token = response.next_page_token
            if not request.page_token:
                break
    if not session(context).as_json:
        print_table(shown)


@sinks.command("set")
def set_sink(
    context: typer.Context,
    gateway: str,
    sink: str,
    network: Annotated[int | None, typer.Option(help="Network address.")] = None,
    address: Annotated[int | None, typer.Option(help="Node address.")] = None,
    channel: Annotated[int | None, typer.Option(help="Network channel.")] = None,
    on: Annotated[bool | None, typer.Option("--on/--off", help="Start or stop it.")] = None,
) -> None:
    """Change a sink's configuration: what is given changes, the rest stays."""
    update = SinkConfigUpdate(
        network_address=network, node_address=address, network_channel=channel
    )
    if on is not None:
        update.sink_on = on
    if not update.ListFields():
        raise typer.BadParameter("nothing to change")
    with session(context).connect() as client:
        changed = client.network.SetSinkConfig(
            SetSinkConfigRequest(gateway_id=gateway, sink_id=sink, update=update),
            timeout=session(context).timeout,
        ).sink
    if session(context).as_json:
        print_json(changed)
        return
    shown = table(*_COLUMNS)
    shown.add_row(*_row(changed))
    print_table(shown)
