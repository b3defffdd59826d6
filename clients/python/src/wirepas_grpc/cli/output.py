# SPDX-License-Identifier: Apache-2.0
"""How results are shown: tables for people, JSON lines for programs."""

from __future__ import annotations

import json
import sys
from types import TracebackType
from typing import Any

from google.protobuf import json_format
from google.protobuf.duration_pb2 import Duration
from google.protobuf.message import Message
from google.protobuf.timestamp_pb2 import Timestamp
from rich.console import Console
from rich.table import Table

# In a file or a pipe there is no edge to fold lines at.
out = Console(width=None if sys.stdout.isatty() else 1000)


def complain(text: str) -> None:
    print(f"wirepas: {text}", file=sys.stderr)


def print_json(message: Message) -> None:
    """One object a line, with the names of the .proto files."""
    value = json_format.MessageToDict(message, preserving_proto_field_name=True)
    sys.stdout.write(json.dumps(value) + "\n")
    sys.stdout.flush()


def table(*columns: str) -> Table:
    made = Table(box=None, pad_edge=False, header_style="bold")
    for column in columns:
        made.add_column(column, overflow="fold")
    return made


class Listing:
    """Context manager: a table that is shown at the end, or JSON lines that are shown at once."""

    def __init__(self, as_json: bool, *columns: str) -> None:
        self._as_json = as_json
        self._table = table(*columns)

    def add(self, message: Message, *cells: object) -> None:
        if self._as_json:
            print_json(message)
        else:
            self._table.add_row(*map(str, cells))

    def __enter__(self) -> Listing:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._as_json or (kind is not None and not self._table.rows):
            return
        with out.capture() as captured:
            out.print(self._table)
        for line in captured.get().splitlines():
            print(line.rstrip())


def name_of(sink: Any) -> str:
    """Of all that has the ids of a gateway and a sink."""
    return f"{sink.gateway_id}/{sink.sink_id}"


def value_of(message: Any, field: str) -> str:
    """A field's value, or "-" when it is not set."""
    return str(getattr(message, field)) if message.HasField(field) else "-"


def time_of(timestamp: Timestamp, unit: str = "seconds") -> str:
    return timestamp.ToDatetime().isoformat("T", unit) + "Z"


def enum_text(field: Any, value: int) -> str:
    """As people write it: one-hour for SCRATCHPAD_DELAY_ONE_HOUR."""
    values = field.enum_type.values_by_number
    if value not in values:
        return str(value)
    # All values of an enum begin with its name.
    prefix = values[0].name.removesuffix("UNSPECIFIED")
    return str(values[value].name).removeprefix(prefix).replace("_", "-").lower()


def details(message: Message, prefix: str = "") -> list[tuple[str, str]]:
    """All that is set in a message, field by field."""
    found = []
    for field, value in message.ListFields():
        name = f"{prefix}{field.name}"
        for one in value if field.is_repeated else [value]:
            if isinstance(one, Duration):
                found.append((name, f"{one.ToTimedelta().total_seconds():g} s"))
            elif isinstance(one, Message):
                found += details(one, f"{name}.")
            elif isinstance(one, bytes):
                found.append((name, one.hex()))
            elif field.enum_type is not None:
                found.append((name, enum_text(field, one)))
            elif isinstance(one, bool):
                found.append((name, "yes" if one else "no"))
            else:
                found.append((name, str(one)))
    return found
