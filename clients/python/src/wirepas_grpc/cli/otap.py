# SPDX-License-Identifier: Apache-2.0
"""Firmware for a network, over the air."""

from __future__ import annotations

import enum
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.progress import BarColumn, DownloadColumn, Progress, TaskID, TextColumn

from wirepas.mesh.v1 import scratchpad_pb2
from wirepas.mesh.v1.otap_pb2 import LoadSummary, SinkLoad, SinkLoadState
from wirepas.mesh.v1.otap_service_pb2 import (
    ListNodeStatusRequest,
    ListScratchpadsRequest,
    LoadScratchpadRequest,
    RequestNodeStatusRequest,
    SetTargetRequest,
)
from wirepas.mesh.v1.sink_scope_pb2 import SinkScope
from wirepas_grpc import WirepasError

from .session import FAILED, complain, out, print_json, print_table, session, table

app = typer.Typer(help="Firmware over the air.", no_args_is_help=True)


class Bars:
    """A bar for each sink."""

    def __init__(self, progress: Progress, size: int) -> None:
        self._progress = progress
        self._size = size
        self._tasks: dict[str, TaskID] = {}

    def show(self, load: SinkLoad) -> None:
        name = f"{load.sink.gateway_id}/{load.sink.sink_id}"
        if name not in self._tasks:
            self._tasks[name] = self._progress.add_task(name, total=self._size, state="")
        state = SinkLoadState.Name(load.state).removeprefix("SINK_LOAD_STATE_").lower()
        self._progress.update(self._tasks[name], completed=load.accepted_bytes, state=state)


@app.command("load")
def load(
    context: typer.Context,
    network: int,
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, readable=True)],
    sequence: Annotated[int | None, typer.Option(help="Default: one that no sink uses.")] = None,
    at_once: Annotated[int, typer.Option(min=0, help="Sinks at a time (0: as usual).")] = 0,
) -> None:
    """Load a scratchpad file into all sinks of a network."""
    content = file.read_bytes()
    request = LoadScratchpadRequest(
        scope=SinkScope(network_address=network),
        scratchpad=content,
        sequence=sequence,
        max_concurrent=at_once,
    )
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(True),
               TextColumn("{task.fields[state]}"))  # fmt: skip
    summary = LoadSummary()
    used = 0
    with (
        session(context).connect() as client,
        Progress(*columns, console=out, disable=session(context).as_json) as progress,
    ):
        bars = Bars(progress, len(content))
        for response in client.otap.LoadScratchpad(request, timeout=session(context).timeout):
            used = response.sequence
            if session(context).as_json:
                print_json(response)
            for sink in response.sinks:
                bars.show(sink)
            if response.HasField("summary"):
                summary = response.summary
    for sink in summary.sinks:
        if sink.HasField("error"):
            error = WirepasError.of_part(sink.error)
            complain(f"{sink.sink.gateway_id}/{sink.sink.sink_id} failed: {error}")
    if not session(context).as_json:
        text = f"loaded {summary.done_count} of {len(summary.sinks)} sinks, sequence {used}"
        out.print(text, highlight=False)
    if summary.done_count != len(summary.sinks):
        raise typer.Exit(FAILED)


@app.command("list")
def list_scratchpads(context: typer.Context, network: int) -> None:
    """List what the sinks of a network store."""
    with session(context).connect() as client:
        response = client.otap.ListScratchpads(
            ListScratchpadsRequest(scope=SinkScope(network_address=network)),
            timeout=session(context).timeout,
        )
    shown = table("sink", "stored", "bytes", "crc", "target", "action")
    for sink in response.sinks:
        if session(context).as_json:
            print_json(sink)
        name = f"{sink.sink.gateway_id}/{sink.sink.sink_id}"
        if sink.HasField("error"):
            complain(f"{name} failed: {WirepasError.of_part(sink.error)}")
            continue
        stored, target = sink.status.stored, sink.status.target
        action = scratchpad_pb2.ScratchpadAction.Name(target.action)
        shown.add_row(
            name,
            str(stored.sequence),
            str(stored.length),
            str(stored.crc),
            str(target.sequence),
            action.removeprefix("SCRATCHPAD_ACTION_").lower(),
        )
    if not session(context).as_json:
        print_table(shown)
    if any(sink.HasField("error") for sink in response.sinks):
        raise typer.Exit(FAILED)


class Action(str, enum.Enum):
    no_otap = "no-otap"
    propagate = "propagate"
    process = "process"
    process_with_delay = "process-with-delay"
    legacy = "legacy"


_ACTIONS = {
    Action.no_otap: scratchpad_pb2.SCRATCHPAD_ACTION_NO_OTAP,
    Action.propagate: scratchpad_pb2.SCRATCHPAD_ACTION_PROPAGATE_ONLY,
    Action.process: scratchpad_pb2.SCRATCHPAD_ACTION_PROPAGATE_AND_PROCESS,
    Action.process_with_delay: scratchpad_pb2.SCRATCHPAD_ACTION_PROPAGATE_AND_PROCESS_WITH_DELAY,
    Action.legacy: scratchpad_pb2.SCRATCHPAD_ACTION_LEGACY_OTAP,
}
# "one-hour" and so on.
_DELAYS = [
    name.removeprefix("SCRATCHPAD_DELAY_").replace("_", "-").lower()
    for name, number in scratchpad_pb2.ScratchpadDelay.items()
    if number != scratchpad_pb2.SCRATCHPAD_DELAY_UNSPECIFIED
]


def _report(context: typer.Context, response: Any, done: str) -> None:
    """A line per sink; exit code 1 if one failed."""
    for result in response.results:
        name = f"{result.sink.gateway_id}/{result.sink.sink_id}"
        if session(context).as_json:
            print_json(result)
        elif result.HasField("error"):
            out.print(f"{name} failed: {WirepasError.of_part(result.error)}", highlight=False)
        else:
            out.print(f"{name} {done}", highlight=False)
    if any(result.HasField("error") for result in response.results):
        raise typer.Exit(FAILED)


@app.command("target")
def target(
    context: typer.Context,
    network: int,
    action: Action,
    sequence: Annotated[int | None, typer.Option(help="Default: what each sink stores.")] = None,
    delay: Annotated[str | None, typer.Option(help=", ".join(_DELAYS))] = None,
) -> None:
    """Say what the nodes of a network shall do with the scratchpad that the sinks store."""
    request = SetTargetRequest(scope=SinkScope(network_address=network))
    request.target.action = _ACTIONS[action]
    if sequence is not None:
        request.target.sequence = sequence
    if delay is not None:
        if delay not in _DELAYS:
            raise typer.BadParameter(f"--delay: one of {', '.join(_DELAYS)}")
        name = f"SCRATCHPAD_DELAY_{delay.replace('-', '_').upper()}"
        request.target.delay = getattr(scratchpad_pb2, name)
    with session(context).connect() as client:
        response = client.otap.SetTarget(request, timeout=session(context).timeout)
    _report(context, response, "target set")


@app.command("ask")
def ask(context: typer.Context, network: int) -> None:
    """Ask all nodes of a network for the status of their scratchpads."""
    with session(context).connect() as client:
        response = client.otap.RequestNodeStatus(
            RequestNodeStatusRequest(scope=SinkScope(network_address=network)),
            timeout=session(context).timeout,
        )
    _report(context, response, "asked")


@app.command("status")
def status(
    context: typer.Context,
    network: Annotated[list[int] | None, typer.Option(help="Only of these.")] = None,
) -> None:
    """List what nodes have answered."""
    request = ListNodeStatusRequest()
    request.filter.network_addresses.extend(network or [])
    shown = table("network", "node", "received", "stored", "stack from", "version")
    with session(context).connect() as client:
        while True:
            response = client.otap.ListNodeStatus(request, timeout=session(context).timeout)
            for node in response.statuses:
                if session(context).as_json:
                    print_json(node)
                version = node.stack.version
                shown.add_row(
                    str(node.network_address),
                    str(node.node_address),
                    node.receive_time.ToDatetime().isoformat(" ", "seconds"),
                    str(node.stored.sequence),
                    str(node.stack.scratchpad.sequence),
                    f"{version.major}.{version.minor}.{version.maintenance}.{version.development}",
                )
            request.page_token = response.next_page_token
            if not request.page_token:
                break
    if not session(context).as_json:
        print_table(shown)
