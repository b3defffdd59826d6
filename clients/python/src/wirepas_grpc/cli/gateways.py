# SPDX-License-Identifier: Apache-2.0
"""Gateways."""

from __future__ import annotations

from typing import Annotated

import typer

from wirepas.mesh.v1.gateway_pb2 import Gateway
from wirepas.mesh.v1.network_service_pb2 import ListGatewaysRequest

from .arguments import Json
from .output import Listing
from .session import session_of


def online(gateway: Gateway) -> str:
    """Whether it is, as far as anybody said."""
    if not gateway.HasField("online"):
        return "unknown"
    return "yes" if gateway.online else "no"


def gateways(
    context: typer.Context,
    include_offline: Annotated[bool, typer.Option("--all", help="Offline ones too.")] = False,
    as_json: Json = False,
) -> None:
    """List the gateways."""
    session = session_of(context, as_json)
    request = ListGatewaysRequest(include_offline=include_offline)
    columns = ("gateway", "online", "model", "version", "sinks")
    with session.connect() as client, Listing(session.as_json, *columns) as listing:
        while True:
            response = client.network.ListGateways(request, timeout=session.timeout)
            for gateway in response.gateways:
                listing.add(
                    gateway,
                    gateway.gateway_id,
                    online(gateway),
                    gateway.model,
                    gateway.version,
                    " ".join(gateway.sink_ids),
                )
            request.page_token = response.next_page_token
            if not request.page_token:
                return
