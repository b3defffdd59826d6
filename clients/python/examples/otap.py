# SPDX-License-Identifier: Apache-2.0
"""Loads firmware into all sinks of a network, and has them bring it to their nodes."""

import wirepas_grpc
from wirepas.mesh.v1.otap_pb2 import (
    SINK_LOAD_STATE_DONE,
    SINK_LOAD_STATE_FAILED,
    SINK_LOAD_STATE_UPLOADING,
    LoadSummary,
    SinkLoad,
)
from wirepas.mesh.v1.otap_service_pb2 import LoadScratchpadRequest, SetTargetRequest
from wirepas.mesh.v1.scratchpad_pb2 import (
    SCRATCHPAD_ACTION_PROPAGATE_AND_PROCESS,
    TargetScratchpad,
)
from wirepas.mesh.v1.sink_scope_pb2 import SinkScope

import common


def show(load: SinkLoad, size: int) -> None:
    sink = f"{load.sink.gateway_id}/{load.sink.sink_id}"
    if load.state == SINK_LOAD_STATE_UPLOADING:
        print(f"{sink} uploading {load.accepted_bytes}/{size}")
    elif load.state == SINK_LOAD_STATE_DONE:
        print(f"{sink} done")
    elif load.state == SINK_LOAD_STATE_FAILED:
        print(f"{sink} failed: {load.error.message}")


def load(
    client: wirepas_grpc.Client, scope: SinkScope, scratchpad: bytes
) -> tuple[LoadSummary, int]:
    """The summary, and the sequence that the service has chosen."""
    summary, sequence = LoadSummary(), 0
    for response in client.otap.LoadScratchpad(
        LoadScratchpadRequest(scope=scope, scratchpad=scratchpad)
    ):
        sequence = response.sequence
        for sink in response.sinks:
            show(sink, len(scratchpad))
        if response.HasField("summary"):
            summary = response.summary
    return summary, sequence


def set_target(client: wirepas_grpc.Client, scope: SinkScope, sequence: int) -> bool:
    target = TargetScratchpad(action=SCRATCHPAD_ACTION_PROPAGATE_AND_PROCESS, sequence=sequence)
    ok = True
    for result in client.otap.SetTarget(SetTargetRequest(scope=scope, target=target)).results:
        sink = f"{result.sink.gateway_id}/{result.sink.sink_id}"
        if result.HasField("error"):
            print(f"{sink} failed: {result.error.message}")
            ok = False
        else:
            print(f"{sink} target set")
    return ok


def main() -> int:
    parser = common.parser(__doc__)
    parser.add_argument("network", type=int)
    parser.add_argument("file", help="the scratchpad, an .otap file")
    arguments = parser.parse_args()
    scope = SinkScope(network_address=arguments.network)
    with open(arguments.file, "rb") as file:
        scratchpad = file.read()
    with wirepas_grpc.connect(arguments.target) as client:
        summary, sequence = load(client, scope, scratchpad)
        sinks = len(summary.sinks)
        print(f"loaded {summary.done_count} of {sinks} sinks, sequence {sequence}")
        if summary.done_count < sinks:
            return 1
        return 0 if set_target(client, scope, sequence) else 1


common.run(main)
