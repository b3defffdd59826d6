# SPDX-License-Identifier: Apache-2.0
"""Nodes that have been heard."""

from __future__ import annotations

from typing import Annotated

import typer

from wirepas.mesh.v1.node_service_pb2 import ListNodesRequest

from .session import print_json, print_table, session, table


def nodes(
    context: typer.Context,
    network: Annotated[list[int] | None, typer.Option(help="Only of these.")] = None,
    gateway: Annotated[list[str] | None, typer.Option(help="Only heard by these.")] = None,
) -> None:
    """List the nodes that the service has heard since it was first asked for nodes."""
    request = ListNodesRequest()
    request.filter.network_addresses.extend(network or [])
    request.filter.gateway_ids.extend(gateway or [])
    shown = table("network", "node", "packets", "hops", "last seen", "by")
    with session(context).connect() as client:
        while True:
            response = client.nodes.ListNodes(request, timeout=session(context).timeout)
            for node in response.nodes:
                if session(context).as_json:
                    print_json(node)
                hops = str(node.last_hop_count) if node.HasField("last_hop_count") else "-"
                shown.add_row(
                    str(node.network_address),
                    str(node.node_address),
                    str(node.packet_count),
                    hops,
                    node.last_seen.ToDatetime().isoformat(" ", "seconds"),
                    f"{node.last_sink.gateway_id}/{node.last_sink.sink_id}",
                )
            request.page_token = response.next_page_token
            if not request.page_token:
                break
    if not session(context).as_json:
        print_table(shown)
