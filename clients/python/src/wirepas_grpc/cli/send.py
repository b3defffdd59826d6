# SPDX-License-Identifier: Apache-2.0
"""Messages to nodes."""

from __future__ import annotations

from typing import Annotated

import typer

from wirepas.mesh.v1.message_pb2 import Message
from wirepas.mesh.v1.network_service_pb2 import BroadcastMessageRequest, SendMessageRequest
from wirepas_grpc import WirepasError

from .arguments import Gateway, Json, Network, Sink, content, number
from .output import name_of, out, print_json
from .session import FAILED, session_of

_ALL_NODES = 0xFFFFFFFF

Payload = Annotated[str, typer.Argument(metavar="PAYLOAD", help="The payload, in hex.")]
SourceEndpoint = Annotated[int, typer.Option(min=0, max=255, metavar="NUMBER")]
DestinationEndpoint = Annotated[int, typer.Option(min=0, max=255, metavar="NUMBER")]
Qos = Annotated[int, typer.Option(min=0, max=1, metavar="0|1", help="1: high priority.")]


def _message(
    payload: str, destination: int, source_endpoint: int, destination_endpoint: int, qos: int
) -> Message:
    return Message(
        destination_address=destination,
        source_endpoint=source_endpoint,
        destination_endpoint=destination_endpoint,
        qos=qos,
        payload=content(payload),
    )


def send(
    context: typer.Context,
    gateway: Gateway,
    sink: Sink,
    destination: Annotated[
        int, typer.Argument(parser=number, metavar="NODE", help="The node's address.")
    ],
    payload: Payload,
    source_endpoint: SourceEndpoint = 10,
    destination_endpoint: DestinationEndpoint = 10,
    qos: Qos = 0,
    as_json: Json = False,
) -> None:
    """Send a message to a node, from one sink."""
    session = session_of(context, as_json)
    message = _message(payload, destination, source_endpoint, destination_endpoint, qos)
    request = SendMessageRequest(gateway_id=gateway, sink_id=sink, message=message)
    with session.connect() as client:
        response = client.network.SendMessage(request, timeout=session.timeout)
    if session.as_json:
        print_json(response)
    else:
        out.print(f"{gateway}/{sink} sent", highlight=False)


def broadcast(
    context: typer.Context,
    network: Network,
    payload: Payload,
    destination: Annotated[
        int, typer.Option(parser=number, metavar="NODE", help="Default: all nodes.")
    ] = _ALL_NODES,
    source_endpoint: SourceEndpoint = 10,
    destination_endpoint: DestinationEndpoint = 10,
    qos: Qos = 0,
    as_json: Json = False,
) -> None:
    """Send a message from every sink of a network."""
    session = session_of(context, as_json)
    message = _message(payload, destination, source_endpoint, destination_endpoint, qos)
    request = BroadcastMessageRequest(network_address=network, message=message)
    with session.connect() as client:
        response = client.network.BroadcastMessage(request, timeout=session.timeout)
    for result in response.results:
        if session.as_json:
            print_json(result)
        elif result.HasField("error"):
            error = WirepasError.of_part(result.error)
            out.print(f"{name_of(result)} failed: {error}", highlight=False)
        else:
            out.print(f"{name_of(result)} sent", highlight=False)
    if any(result.HasField("error") for result in response.results):
        raise typer.Exit(FAILED)
