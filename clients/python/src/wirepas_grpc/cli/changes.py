# SPDX-License-Identifier: Apache-2.0
"""What became of the sinks of a command that changes many."""

from __future__ import annotations

from typing import Any

import typer

from wirepas.mesh.v1.sink_change_pb2 import SinkChange, SinkChangeSummary
from wirepas_grpc import WirepasError

from .output import enum_text, name_of, out, print_json
from .session import FAILED, Session

_OUTCOME = SinkChange.DESCRIPTOR.fields_by_name["outcome"]


def report(session: Session, responses: Any) -> None:
    """A line per sink as it comes, then the counts. Exits if not all is well."""
    summary = SinkChangeSummary()
    for response in responses:
        for change in response.changes:
            if session.as_json:
                print_json(change)
            else:
                _print(change)
        if response.HasField("summary"):
            summary = response.summary
    if not session.as_json:
        # Its fields are named for the outcomes: changed_count.
        counts = [
            f"{value} {field.name.removesuffix('_count')}"
            for field, value in summary.ListFields()
            if field.name.endswith("_count")
        ]
        out.print(", ".join(counts), highlight=False)
    if not summary.complete:
        raise typer.Exit(FAILED)


def _print(change: SinkChange) -> None:
    text = f"{name_of(change.sink)} {enum_text(_OUTCOME, change.outcome)}"
    if change.HasField("error"):
        text = f"{text}: {WirepasError.of_part(change.error)}"
    out.print(text, highlight=False)
