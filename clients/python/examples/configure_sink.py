# SPDX-License-Identifier: Apache-2.0
"""Sets the network channel of a sink."""

import wirepas_grpc
from wirepas.mesh.v1.network_service_pb2 import SetSinkConfigRequest
from wirepas.mesh.v1.sink_pb2 import SinkConfigUpdate

import common


def main() -> None:
    parser = common.parser(__doc__)
    parser.add_argument("gateway")
    parser.add_argument("sink")
    parser.add_argument("channel", type=int)
    arguments = parser.parse_args()
    with wirepas_grpc.connect(arguments.target) as client:
        sink = client.network.SetSinkConfig(
            SetSinkConfigRequest(
                gateway_id=arguments.gateway,
                sink_id=arguments.sink,
                update=SinkConfigUpdate(network_channel=arguments.channel),
            )
        ).sink
    print(f"{sink.gateway_id}/{sink.sink_id} channel={sink.config.network_channel}")


common.run(main)
