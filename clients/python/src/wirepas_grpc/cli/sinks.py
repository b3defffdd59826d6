# SPDX-License-Identifier: Apache-2.0
"""Sinks."""

from __future__ import annotations

from typing import Annotated

import typer

from wirepas.mesh.v1.network_service_pb2 import ListSinksRequest

from .arguments import Gateways, Json, number
from .output import Listing, complain, name_of, value_of
from .session import session_of


def sinks(
    context: typer.Context,
    network: Annotated[
        int | None, typer.Option(parser=number, metavar="NUMBER", help="Only of this network.")
    ] = None,
    gateway: Gateways = None,
    sink_id: Annotated[
        list[str] | None,
        typer.Option("--sink-id", metavar="ID", help="Only of this id, of whichever gateway."),
    ] = None,
    refresh: Annotated[bool, typer.Option("--refresh", help="Ask the gateways again.")] = False,
    as_json: Json = False,
) -> None:
    """List the sinks of the gateways that are online."""
    session = session_of(context, as_json)
    request = ListSinksRequest(
        network_address=network,
        gateway_ids=gateway or [],
        sink_ids=sink_id or [],
        refresh=refresh,
    )
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
