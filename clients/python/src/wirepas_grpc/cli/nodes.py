# SPDX-License-Identifier: Apache-2.0
"""Nodes that have been heard."""

from __future__ import annotations

import time
from typing import Annotated

import typer

from wirepas.mesh.v1.node_service_pb2 import ListNodesRequest

from .arguments import Gateways, Json, Networks, Nodes
from .output import Listing, complain, name_of, time_of, value_of
from .session import session_of


def nodes(
    context: typer.Context,
    network: Networks = None,
    gateway: Gateways = None,
    node: Nodes = None,
    wait: Annotated[
        float, typer.Option(min=0, metavar="SECONDS", help="Let the service listen first.")
    ] = 0,
    as_json: Json = False,
) -> None:
    """List the nodes that the service has heard.

    It listens for them from the first time on that somebody asks, or always with --collect_nodes.
    """
    session = session_of(context, as_json)
    request = ListNodesRequest()
    request.filter.network_addresses.extend(network or [])
    request.filter.gateway_ids.extend(gateway or [])
    request.filter.node_addresses.extend(node or [])
    columns = ("network", "node", "packets", "hops", "last seen", "by")
    with session.connect() as client, Listing(session.as_json, *columns) as listing:
        if wait:
            client.nodes.ListNodes(ListNodesRequest(page_size=1), timeout=session.timeout)
            time.sleep(wait)
        while True:
            response = client.nodes.ListNodes(request, timeout=session.timeout)
            if not response.HasField("observed_since"):
                complain("the service begins to listen for nodes now: ask again, or use --wait")
            for found in response.nodes:
                listing.add(
                    found,
                    found.network_address,
                    found.node_address,
                    found.packet_count,
                    value_of(found, "last_hop_count"),
                    time_of(found.last_seen),
                    name_of(found.last_sink),
                )
            request.page_token = response.next_page_token
            if not request.page_token:
                return
