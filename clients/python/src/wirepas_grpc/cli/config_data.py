# SPDX-License-Identifier: Apache-2.0
"""Configuration data items, which sinks spread to the nodes of their network."""

from __future__ import annotations

from typing import Annotated

import typer

from wirepas.mesh.v1.network_service_pb2 import (
    GetConfigurationDataItemRequest,
    SetConfigurationDataItemsRequest,
)
from wirepas.mesh.v1.sink_pb2 import ConfigurationDataItem

from .arguments import (
    AtOnce,
    DryRun,
    Gateway,
    Gateways,
    Json,
    Network,
    Sink,
    Sinks,
    SkipOffline,
    content,
    number,
    scope_of,
)
from .changes import report
from .output import complain, out, print_json
from .session import FAILED, PROGRESS_INTERVAL, session_of

app = typer.Typer(help="Configuration data items.", no_args_is_help=True)

Endpoint = Annotated[
    int, typer.Argument(parser=number, metavar="ENDPOINT", help="What the data is for.")
]


@app.command("get")
def get(
    context: typer.Context, gateway: Gateway, sink: Sink, endpoint: Endpoint, as_json: Json = False
) -> None:
    """Show an item of a sink, in hex."""
    session = session_of(context, as_json)
    request = GetConfigurationDataItemRequest(gateway_id=gateway, sink_id=sink, endpoint=endpoint)
    with session.connect() as client:
        response = client.network.GetConfigurationDataItem(request, timeout=session.timeout)
    if not response.HasField("item"):
        complain(f"{gateway}/{sink} has no item for endpoint {endpoint}")
        raise typer.Exit(FAILED)
    if session.as_json:
        print_json(response.item)
    else:
        out.print(response.item.payload.hex(), highlight=False)


@app.command("set")
def set_items(
    context: typer.Context,
    network: Network,
    endpoint: Endpoint,
    payload: Annotated[
        str, typer.Argument(metavar="PAYLOAD", help='The data, in hex; "" clears the item.')
    ],
    gateway: Gateways = None,
    sink: Sinks = None,
    skip_offline: SkipOffline = False,
    dry_run: DryRun = False,
    at_once: AtOnce = 0,
    as_json: Json = False,
) -> None:
    """Set or clear an item in all sinks of a network; in none if one cannot take it.

    A line for each sink, as it comes.
    """
    session = session_of(context, as_json)
    request = SetConfigurationDataItemsRequest(
        scope=scope_of(network, gateway, sink, skip_offline),
        item=ConfigurationDataItem(endpoint=endpoint, payload=content(payload)),
        dry_run=dry_run,
        max_concurrent=at_once,
        progress_interval=PROGRESS_INTERVAL,
    )
    with session.connect() as client:
        report(session, client.network.SetConfigurationDataItems(request, timeout=session.timeout))
