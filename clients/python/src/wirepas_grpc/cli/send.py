# SPDX-License-Identifier: Apache-2.0
"""Messages to nodes."""

from __future__ import annotations

from typing import Annotated

import typer

from wirepas.mesh.v1.message_pb2 import Message
from wirepas.mesh.v1.network_service_pb2 import (
    IF_UNHEARD_ALL_SINKS,
    BroadcastMessageRequest,
    SendMessageRequest,
    SinkSendResult,
    SkippedSink,
)
from wirepas_grpc import WirepasError

from .arguments import (
    Gateways,
    Json,
    Network,
    Sinks,
    SkipOffline,
    content,
    number,
    number_of_64_bits,
    scope_of,
    sink_of,
)
from .output import enum_text, name_of, out, print_json
from .session import FAILED, session_of

_ALL_NODES = 0xFFFFFFFF
_SKIP_REASON = SkippedSink.DESCRIPTOR.fields_by_name["reason"]

Payload = Annotated[str, typer.Argument(metavar="PAYLOAD", help="The payload, in hex.")]
SourceEndpoint = Annotated[int, typer.Option(min=0, max=255, metavar="NUMBER")]
DestinationEndpoint = Annotated[int, typer.Option(min=0, max=255, metavar="NUMBER")]
Qos = Annotated[int, typer.Option(min=0, max=1, metavar="0|1", help="1: high priority.")]
RequestId = Annotated[
    int | None,
    typer.Option(
        parser=number_of_64_bits,
        metavar="NUMBER",
        help="A random number of 64 bits: repeated with it, nothing is sent twice.",
    ),
]


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


def _print_result(result: SinkSendResult) -> None:
    """What came of a message at one sink."""
    text = f"failed: {WirepasError.of_part(result.error)}" if result.HasField("error") else "sent"
    out.print(f"{name_of(result.sink)} {text}", highlight=False)


def send(
    context: typer.Context,
    destination: Annotated[
        int, typer.Argument(parser=number, metavar="NODE", help="The node's address.")
    ],
    payload: Payload,
    network: Annotated[
        int | None,
        typer.Option(
            parser=number,
            metavar="NUMBER",
            help="Through the sink of this network that heard the node last; to a multicast group "
            "or to all nodes: through all of them.",
        ),
    ] = None,
    sink: Annotated[
        str | None, typer.Option(metavar="GATEWAY/SINK", help="Through this sink.")
    ] = None,
    all_if_unheard: Annotated[
        bool,
        typer.Option(
            "--all-if-unheard",
            help="With --network: through all sinks if none heard the node, instead of failing.",
        ),
    ] = False,
    source_endpoint: SourceEndpoint = 10,
    destination_endpoint: DestinationEndpoint = 10,
    qos: Qos = 0,
    request_id: RequestId = None,
    as_json: Json = False,
) -> None:
    """Send a message to a node: --network finds a sink for it, --sink names one."""
    session = session_of(context, as_json)
    if (network is None) == (sink is None):
        raise typer.BadParameter("one of --network and --sink is needed")
    request = SendMessageRequest(
        message=_message(payload, destination, source_endpoint, destination_endpoint, qos),
        request_id=request_id,
    )
    if network is not None:
        request.network_address = network
        if all_if_unheard:
            request.if_unheard = IF_UNHEARD_ALL_SINKS
    elif sink is not None:
        if all_if_unheard:
            raise typer.BadParameter("--all-if-unheard goes with --network")
        request.sink.CopyFrom(sink_of(sink))
    with session.connect() as client:
        response = client.network.SendMessage(request, timeout=session.timeout)
    if session.as_json:
        print_json(response)
    else:
        # By network there is a result for each sink; otherwise there is only one.
        only = SinkSendResult(sink=response.sink, sent=response.sent)
        for result in response.results or [only]:
            _print_result(result)
    if any(result.HasField("error") for result in response.results):
        raise typer.Exit(FAILED)


def broadcast(
    context: typer.Context,
    network: Network,
    payload: Payload,
    gateway: Gateways = None,
    sink: Sinks = None,
    skip_offline: SkipOffline = False,
    destination: Annotated[
        int, typer.Option(parser=number, metavar="NODE", help="Default: all nodes.")
    ] = _ALL_NODES,
    source_endpoint: SourceEndpoint = 10,
    destination_endpoint: DestinationEndpoint = 10,
    qos: Qos = 0,
    request_id: RequestId = None,
    as_json: Json = False,
) -> None:
    """Send a message from all sinks of a network, or from those that the options leave."""
    session = session_of(context, as_json)
    request = BroadcastMessageRequest(
        scope=scope_of(network, gateway, sink, skip_offline),
        message=_message(payload, destination, source_endpoint, destination_endpoint, qos),
        request_id=request_id,
    )
    with session.connect() as client:
        response = client.network.BroadcastMessage(request, timeout=session.timeout)
    for result in response.results:
        if session.as_json:
            print_json(result)
        else:
            _print_result(result)
    for skipped in response.skipped:
        if session.as_json:
            print_json(skipped)
        else:
            why = enum_text(_SKIP_REASON, skipped.reason)
            out.print(f"{name_of(skipped.sink)} skipped: {why}", highlight=False)
    if any(result.HasField("error") for result in response.results):
        raise typer.Exit(FAILED)
