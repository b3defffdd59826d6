# SPDX-License-Identifier: Apache-2.0
"""Messages to nodes."""

from __future__ import annotations

from typing import Annotated

import typer

from wirepas.mesh.v1.message_pb2 import Message
from wirepas.mesh.v1.network_service_pb2 import BroadcastMessageRequest, SendMessageRequest
from wirepas_grpc import WirepasError

from .session import FAILED, out, print_json, session

_ALL_NODES = 0xFFFFFFFF

Payload = Annotated[str, typer.Argument(help="The payload, in hex.")]
SourceEndpoint = Annotated[int, typer.Option(min=0, max=255)]
DestinationEndpoint = Annotated[int, typer.Option(min=0, max=255)]
Qos = Annotated[int, typer.Option(min=0, max=1, help="1: high priority.")]


def _message(
    payload: str, destination: int, source_endpoint: int, destination_endpoint: int, qos: int
) -> Message:
    try:
        content = bytes.fromhex(payload)
    except ValueError as error:
        raise typer.BadParameter(f"PAYLOAD is not hex: {payload!r}") from error
    return Message(
        destination_address=destination,
        source_endpoint=source_endpoint,
        destination_endpoint=destination_endpoint,
        qos=qos,
        payload=content,
    )


def send(
    context: typer.Context,
    gateway: str,
    sink: str,
    destination: Annotated[int, typer.Argument(help="The node's address.")],
    payload: Payload,
    source_endpoint: SourceEndpoint = 10,
    destination_endpoint: DestinationEndpoint = 10,
    qos: Qos = 0,
) -> None:
    """Send a message to a node, from one sink."""
    message = _message(payload, destination, source_endpoint, destination_endpoint, qos)
    with session(context).connect() as client:
        response = client.network.SendMessage(
            SendMessageRequest(gateway_id=gateway, sink_id=sink, message=message),
            timeout=session(context).timeout,
        )
    if session(context).as_json:
        print_json(response)
    else:
        out.print(f"{gateway}/{sink} sent", highlight=False)


def broadcast(
    context: typer.Context,
    network: int,
    payload: Payload,
    destination: Annotated[int, typer.Option(help="Default: all nodes.")] = _ALL_NODES,
    source_endpoint: SourceEndpoint = 10,
    destination_endpoint: DestinationEndpoint = 10,
    qos: Qos = 0,
) -> None:
    """Send a message from every sink of a network."""
    message = _message(payload, destination, source_endpoint, destination_endpoint, qos)
    with session(context).connect() as client:
        response = client.network.BroadcastMessage(
            BroadcastMessageRequest(network_address=network, message=message),
            timeout=session(context).timeout,
        )
    failed = False
    for result in response.results:
        failed = failed or result.HasField("error")
        if session(context).as_json:
            print_json(result)
        elif result.HasField("error"):
            error = WirepasError.of_part(result.error)
            out.print(f"{result.gateway_id}/{result.sink_id} failed: {error}", highlight=False)
        else:
            out.print(f"{result.gateway_id}/{result.sink_id} sent", highlight=False)
    if failed:
        raise typer.Exit(FAILED)
