# SPDX-License-Identifier: Apache-2.0
"""Sends a message to all nodes of a network, from each of its sinks."""

import wirepas_grpc
from wirepas.mesh.v1.message_pb2 import Message
from wirepas.mesh.v1.network_service_pb2 import BroadcastMessageRequest
from wirepas.mesh.v1.sink_scope_pb2 import SinkScope

import common


def main() -> int:
    parser = common.parser(__doc__)
    parser.add_argument("network", type=int)
    parser.add_argument("payload", type=bytes.fromhex, help="in hex")
    arguments = parser.parse_args()
    message = Message(
        destination_address=0xFFFFFFFF,
        source_endpoint=10,
        destination_endpoint=10,
        payload=arguments.payload,
    )
    with wirepas_grpc.connect(arguments.target) as client:
        response = client.network.BroadcastMessage(
            BroadcastMessageRequest(
                scope=SinkScope(network_address=arguments.network), message=message
            )
        )
    failed = False
    for result in response.results:
        sink = f"{result.sink.gateway_id}/{result.sink.sink_id}"
        if result.HasField("error"):
            print(f"{sink} failed: {result.error.message}")
            failed = True
        else:
            print(f"{sink} sent")
    return int(failed)


common.run(main)
