# SPDX-License-Identifier: Apache-2.0
"""Watches for some seconds which nodes send, and lists them."""

import grpc

import wirepas_grpc
from wirepas.mesh.v1.node_pb2 import NODE_EVENT_TYPE_REMOVED, Node
from wirepas.mesh.v1.node_service_pb2 import WatchNodesRequest
from wirepas_grpc import WirepasError

import common


def main() -> None:
    parser = common.parser(__doc__)
    parser.add_argument("--seconds", type=float, default=10)
    arguments = parser.parse_args()
    nodes: dict[tuple[int, int], Node] = {}
    with wirepas_grpc.connect(arguments.target) as client:
        try:
            for response in client.nodes.WatchNodes(WatchNodesRequest(), timeout=arguments.seconds):
                for event in response.events:
                    key = (event.node.network_address, event.node.node_address)
                    if event.type == NODE_EVENT_TYPE_REMOVED:
                        nodes.pop(key, None)
                    else:
                        nodes[key] = event.node
        except WirepasError as error:
            # The deadline is how the watch is meant to end.
            if error.code() != grpc.StatusCode.DEADLINE_EXCEEDED:
                raise
    for (network, address), node in sorted(nodes.items()):
        print(
            f"network={network} node={address} packets={node.packet_count} "
            f"last={node.last_sink.gateway_id}/{node.last_sink.sink_id}"
        )


common.run(main)
