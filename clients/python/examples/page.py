# SPDX-License-Identifier: Apache-2.0
"""The code of docs/python.md; each part of the page is a function here."""

import asyncio
import secrets
import sys
from pathlib import Path

import wirepas_grpc
import wirepas_grpc.aio
from wirepas.mesh.v1.error_pb2 import (
    ERROR_REASON_INVALID_FIELD,
    ERROR_REASON_NODE_NOT_HEARD,
    REQUEST_OUTCOME_UNKNOWN,
)
from wirepas.mesh.v1.message_pb2 import Message
from wirepas.mesh.v1.network_service_pb2 import (
    ListGatewaysRequest,
    SendMessageRequest,
    SubscribeUplinkRequest,
)
from wirepas.mesh.v1.uplink_pb2 import GapReason, UplinkFilter
from wirepas_grpc import Gap, Tls, Uplink, WirepasError


def connect() -> None:
    with wirepas_grpc.connect("127.0.0.1:50051") as client:
        response = client.network.ListGateways(ListGatewaysRequest(), timeout=3)
        for gateway in response.gateways:
            print(gateway.gateway_id)


def over_tls(token: str) -> wirepas_grpc.Client:
    return wirepas_grpc.connect(
        "wirepas.example.com:50051",
        tls=Tls(
            ca="ca.pem",  # without it: the system's authorities
            certificate="client.pem",  # if the service asks for it
            key="client.key",
        ),
        token=token,  # if what stands before the service asks for it
    )


def over_unix_socket() -> wirepas_grpc.Client:
    return wirepas_grpc.connect("unix:/run/wirepas-grpcd.sock")


def subscribe(client: wirepas_grpc.Client, cursor_file: Path) -> None:
    request = SubscribeUplinkRequest(filter=UplinkFilter(source_endpoints=[1]))
    if cursor_file.exists():
        request.after_cursor = cursor_file.read_bytes()
        request.allow_gap = True
    with client.subscribe_uplinks(
        request, on_reconnect=lambda lost: print(f"connection lost: {lost.error}", file=sys.stderr)
    ) as subscription:
        kept = request.after_cursor
        for event in subscription:
            if subscription.cursor != kept:
                kept = subscription.cursor
                cursor_file.write_bytes(kept)
            if isinstance(event, Gap):
                print(f"packets lost: {GapReason.Name(event.reason)}", file=sys.stderr)
            else:
                handle(event)


async def subscribe_async() -> None:
    async with (
        wirepas_grpc.aio.connect("127.0.0.1:50051") as client,
        client.subscribe_uplinks() as subscription,
    ):
        async for event in subscription:
            if isinstance(event, Uplink):
                handle(event)


def send(client: wirepas_grpc.Client, network_address: int, node_address: int) -> None:
    request = SendMessageRequest(
        network_address=network_address,  # or sink=SinkRef(gateway_id=…, sink_id=…)
        request_id=secrets.randbits(64),  # makes a retry safe
        message=Message(
            destination_address=node_address,
            source_endpoint=10,
            destination_endpoint=10,
            payload=b"hello",
        ),
    )
    try:
        response = client.network.SendMessage(request, timeout=5)
        print(f"sent through {response.sink.gateway_id}/{response.sink.sink_id}")
    except WirepasError as error:
        print(error, file=sys.stderr)
        if error.reason == ERROR_REASON_NODE_NOT_HEARD:
            print("no sink has heard the node yet", file=sys.stderr)
        elif error.reason == ERROR_REASON_INVALID_FIELD:
            print(*(wrong.field for wrong in error.fields), file=sys.stderr)
        elif error.outcome == REQUEST_OUTCOME_UNKNOWN:
            print("it may have been sent: try again", file=sys.stderr)
        elif error.retry_delay is not None:
            print(f"nothing was sent: try again in {error.retry_delay} s", file=sys.stderr)


def handle(packet: Uplink) -> None:
    print(f"{packet.source_address}: {packet.payload.hex()}")


if __name__ == "__main__":
    connect()
    asyncio.run(subscribe_async())
