# SPDX-License-Identifier: Apache-2.0
"""Lists the sinks of all gateways that are online."""

import wirepas_grpc
from wirepas.mesh.v1.network_service_pb2 import ListSinksRequest

import common


def main() -> None:
    arguments = common.parser(__doc__).parse_args()
    with wirepas_grpc.connect(arguments.target) as client:
        page = ""
        while True:
            response = client.network.ListSinks(ListSinksRequest(page_token=page))
            for sink in response.sinks:
                fields = [
                    f"{name}={getattr(sink.config, field) if sink.config.HasField(field) else '-'}"
                    for name, field in (
                        ("network", "network_address"),
                        ("address", "node_address"),
                        ("channel", "network_channel"),
                    )
                ]
                print(f"{sink.gateway_id}/{sink.sink_id}", *fields)
            page = response.next_page_token
            if not page:
                return


common.run(main)
