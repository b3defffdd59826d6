# SPDX-License-Identifier: Apache-2.0
"""Prints packets as they come, through lost connections and restarts of the service."""

import wirepas_grpc
from wirepas.mesh.v1.uplink_pb2 import GapReason
from wirepas_grpc import Gap, Uplink

import common


def show(packet: Uplink) -> None:
    time = packet.receive_time.ToDatetime().isoformat(timespec="milliseconds")
    payload = packet.payload.hex() if packet.HasField("payload") else "hidden"
    print(
        f"{time}Z {packet.gateway_id}/{packet.sink_id} node={packet.source_address} "
        f"endpoints={packet.source_endpoint}->{packet.destination_endpoint} payload={payload}",
        flush=True,
    )


def show_gap(gap: Gap) -> None:
    lost = gap.lost_packets if gap.HasField("lost_packets") else "unknown number of"
    print(f"gap: {lost} packets lost ({GapReason.Name(gap.reason)})", flush=True)


def main() -> None:
    parser = common.parser(__doc__)
    parser.add_argument("--count", type=int, help="end after so many packets")
    arguments = parser.parse_args()
    count = 0
    with (
        wirepas_grpc.connect(arguments.target) as client,
        client.subscribe_uplinks() as subscription,
    ):
        for event in subscription:
            if isinstance(event, Gap):
                show_gap(event)
                continue
            show(event)
            count += 1
            if count == arguments.count:
                return


common.run(main)
