# SPDX-License-Identifier: Apache-2.0
"""Firmware for a network, over the air."""

from __future__ import annotations

import enum
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.progress import BarColumn, DownloadColumn, Progress, TaskID, TextColumn

from wirepas.mesh.v1 import scratchpad_pb2
from wirepas.mesh.v1.otap_pb2 import LoadSummary, SinkLoad, SinkScratchpad
from wirepas.mesh.v1.otap_service_pb2 import (
    ListNodeStatusRequest,
    ListScratchpadsRequest,
    LoadScratchpadRequest,
    ProcessScratchpadsRequest,
    RequestNodeStatusRequest,
    SetTargetRequest,
)
from wirepas_grpc import WirepasError

from .arguments import (
    AtOnce,
    Gateways,
    Json,
    Network,
    Networks,
    Nodes,
    Sinks,
    SkipOffline,
    number,
    scope_of,
)
from .output import Listing, complain, enum_text, name_of, out, print_json, time_of
from .session import FAILED, PROGRESS_INTERVAL, Session, session_of

app = typer.Typer(help="Firmware over the air.", no_args_is_help=True)
_STATE = SinkLoad.DESCRIPTOR.fields_by_name["state"]
_TARGET_FIELDS = scratchpad_pb2.TargetScratchpad.DESCRIPTOR.fields_by_name


class Bars:
    """A bar for each sink."""

    def __init__(self, progress: Progress, size: int) -> None:
        self._progress = progress
        self._size = size
        self._tasks: dict[str, TaskID] = {}

    def show(self, load: SinkLoad) -> None:
        name = name_of(load.sink)
        if name not in self._tasks:
            self._tasks[name] = self._progress.add_task(name, total=self._size, state="")
        self._progress.update(
            self._tasks[name], completed=load.accepted_bytes, state=enum_text(_STATE, load.state)
        )


@app.command("load")
def load(
    context: typer.Context,
    network: Network,
    file: Annotated[
        Path, typer.Argument(metavar="FILE", exists=True, dir_okay=False, readable=True)
    ],
    gateway: Gateways = None,
    sink: Sinks = None,
    skip_offline: SkipOffline = False,
    sequence: Annotated[
        int | None,
        typer.Option(parser=number, metavar="NUMBER", help="Default: one that no sink uses."),
    ] = None,
    at_once: AtOnce = 0,
    as_json: Json = False,
) -> None:
    """Load a scratchpad file into all sinks of a network."""
    session = session_of(context, as_json)
    scratchpad = file.read_bytes()
    request = LoadScratchpadRequest(
        scope=scope_of(network, gateway, sink, skip_offline),
        scratchpad=scratchpad,
        sequence=sequence,
        max_concurrent=at_once,
        progress_interval=PROGRESS_INTERVAL,
    )
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(True),
               TextColumn("{task.fields[state]}"))  # fmt: skip
    summary = LoadSummary()
    used = 0
    with (
        session.connect() as client,
        Progress(*columns, console=out, disable=session.as_json) as progress,
    ):
        bars = Bars(progress, len(scratchpad))
        for response in client.otap.LoadScratchpad(request, timeout=session.timeout):
            used = response.sequence
            if session.as_json and (response.sinks or response.HasField("summary")):
                print_json(response)
            for one in response.sinks:
                bars.show(one)
            if response.HasField("summary"):
                summary = response.summary
    for one in summary.sinks:
        if one.HasField("error"):
            complain(f"{name_of(one.sink)} failed: {WirepasError.of_part(one.error)}")
    if not session.as_json:
        text = f"loaded {summary.done_count} of {len(summary.sinks)} sinks, sequence {used}"
        out.print(text, highlight=False)
    if summary.done_count != len(summary.sinks):
        raise typer.Exit(FAILED)


@app.command("list")
def list_scratchpads(
    context: typer.Context,
    network: Network,
    gateway: Gateways = None,
    sink: Sinks = None,
    skip_offline: SkipOffline = False,
    as_json: Json = False,
) -> None:
    """List what the sinks of a network store."""
    session = session_of(context, as_json)
    request = ListScratchpadsRequest(scope=scope_of(network, gateway, sink, skip_offline))
    columns = ("sink", "stored", "bytes", "crc", "target", "action")
    well = True
    with session.connect() as client, Listing(session.as_json, *columns) as listing:
        while True:
            response = client.otap.ListScratchpads(request, timeout=session.timeout)
            for found in response.sinks:
                well = _list(session, listing, found) and well
            request.page_token = response.next_page_token
            if not request.page_token:
                break
    if not well:
        raise typer.Exit(FAILED)


def _list(session: Session, listing: Listing, found: SinkScratchpad) -> bool:
    """Whether the sink has answered."""
    if found.HasField("error") and not session.as_json:
        complain(f"{name_of(found.sink)} failed: {WirepasError.of_part(found.error)}")
        return False
    stored, target = found.status.stored, found.status.target
    listing.add(
        found,
        name_of(found.sink),
        stored.sequence,
        stored.length,
        stored.crc,
        target.sequence,
        enum_text(_TARGET_FIELDS["action"], target.action),
    )
    return not found.HasField("error")


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
# By what people write: "one-hour" and so on.
_DELAYS = {
    enum_text(_TARGET_FIELDS["delay"], value): name
    for name, value in scratchpad_pb2.ScratchpadDelay.items()
    if value != scratchpad_pb2.SCRATCHPAD_DELAY_UNSPECIFIED
}


def _report(session: Session, results: Any, done: str) -> bool:
    """A line per sink. Whether all went well."""
    for result in results:
        name = name_of(result.sink)
        if session.as_json:
            print_json(result)
        elif result.HasField("error"):
            out.print(f"{name} failed: {WirepasError.of_part(result.error)}", highlight=False)
        else:
            out.print(f"{name} {done}", highlight=False)
    return not any(result.HasField("error") for result in results)


@app.command("process")
def process(
    context: typer.Context,
    network: Network,
    gateway: Gateways = None,
    sink: Sinks = None,
    skip_offline: SkipOffline = False,
    at_once: AtOnce = 0,
    stop_at_first_failure: Annotated[
        bool, typer.Option("--stop-at-first-failure", help="Begin with no further sink then.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Have the sinks themselves process the scratchpads that they store: they restart."""
    session = session_of(context, as_json)
    request = ProcessScratchpadsRequest(
        scope=scope_of(network, gateway, sink, skip_offline),
        max_concurrent=at_once,
        stop_at_first_failure=stop_at_first_failure,
        progress_interval=PROGRESS_INTERVAL,
    )
    well = True
    with session.connect() as client:
        for response in client.otap.ProcessScratchpads(request, timeout=session.timeout):
            well = _report(session, response.results, "processed") and well
    if not well:
        raise typer.Exit(FAILED)


@app.command("target")
def target(
    context: typer.Context,
    network: Network,
    action: Action,
    gateway: Gateways = None,
    sink: Sinks = None,
    skip_offline: SkipOffline = False,
    sequence: Annotated[
        int | None,
        typer.Option(parser=number, metavar="NUMBER", help="Default: what each sink stores."),
    ] = None,
    delay: Annotated[
        str | None, typer.Option(metavar="DELAY", help=f"{', '.join(_DELAYS)}.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Say what the nodes of a network shall do with the scratchpad that the sinks store."""
    session = session_of(context, as_json)
    if delay is not None and delay not in _DELAYS:
        raise typer.BadParameter(f"--delay: one of {', '.join(_DELAYS)}")
    request = SetTargetRequest(
        scope=scope_of(network, gateway, sink, skip_offline),
        target=scratchpad_pb2.TargetScratchpad(
            action=_ACTIONS[action],
            sequence=sequence,
            delay=None if delay is None else _DELAYS[delay],
        ),
    )
    with session.connect() as client:
        response = client.otap.SetTarget(request, timeout=session.timeout)
    if not _report(session, response.results, "target set"):
        raise typer.Exit(FAILED)


@app.command("ask")
def ask(
    context: typer.Context,
    network: Network,
    gateway: Gateways = None,
    sink: Sinks = None,
    skip_offline: SkipOffline = False,
    as_json: Json = False,
) -> None:
    """Ask all nodes of a network for the status of their scratchpads."""
    session = session_of(context, as_json)
    scope = scope_of(network, gateway, sink, skip_offline)
    with session.connect() as client:
        response = client.otap.RequestNodeStatus(
            RequestNodeStatusRequest(scope=scope), timeout=session.timeout
        )
    if not _report(session, response.results, "asked"):
        raise typer.Exit(FAILED)


@app.command("status")
def status(
    context: typer.Context, network: Networks = None, node: Nodes = None, as_json: Json = False
) -> None:
    """List what nodes have answered."""
    session = session_of(context, as_json)
    request = ListNodeStatusRequest()
    request.filter.network_addresses.extend(network or [])
    request.filter.node_addresses.extend(node or [])
    columns = ("network", "node", "received", "stored", "stack from", "version")
    with session.connect() as client, Listing(session.as_json, *columns) as listing:
        while True:
            response = client.otap.ListNodeStatus(request, timeout=session.timeout)
            for found in response.statuses:
                version = found.stack.version
                listing.add(
                    found,
                    found.network_address,
                    found.node_address,
                    time_of(found.receive_time),
                    found.stored.sequence,
                    found.stack.scratchpad.sequence,
                    f"{version.major}.{version.minor}.{version.maintenance}.{version.development}",
                )
            request.page_token = response.next_page_token
            if not request.page_token:
                return
