# SPDX-License-Identifier: Apache-2.0
"""What all commands share: the connection, how results are shown and how failures end."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import typer
from google.protobuf import json_format
from google.protobuf.message import Message
from rich.console import Console
from rich.table import Table

import wirepas_grpc
from wirepas_grpc import Tls, WirepasError

# Exit codes, besides 0 and Typer's 2 for what is wrong with the command itself.
FAILED = 1
INTERRUPTED = 130

# In a file or a pipe there is no edge to fold lines at.
out = Console(width=None if sys.stdout.isatty() else 1000)


@dataclass
class Session:
    """What the options before the command say."""

    target: str
    tls: Tls | bool | None
    token: str | None
    as_json: bool
    timeout: float | None

    def connect(self) -> wirepas_grpc.Client:
        try:
            return wirepas_grpc.connect(self.target, tls=self.tls, token=self.token)
        except (OSError, ValueError) as error:
            raise typer.BadParameter(str(error)) from error


def session(context: typer.Context) -> Session:
    found = context.obj
    assert isinstance(found, Session)
    return found


def tls_of(
    tls: bool | None, ca: Path | None, certificate: Path | None, key: Path | None
) -> Tls | bool | None:
    if ca is None and certificate is None and key is None:
        return tls
    if tls is False:
        raise typer.BadParameter("--plaintext does not go with options of TLS")
    return Tls(ca=ca, certificate=certificate, key=key)


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


def print_table(shown: Table) -> None:
    """Without blanks at the end of lines."""
    with out.capture() as captured:
        out.print(shown)
    for line in captured.get().splitlines():
        print(line.rstrip())


def value_of(message: Any, field: str) -> str:
    """A field's value, or "-" when it is not set."""
    return str(getattr(message, field)) if message.HasField(field) else "-"


def complain(text: str) -> None:
    print(f"wirepas: {text}", file=sys.stderr)


def run(app: typer.Typer) -> None:
    """Runs the command line, and turns what fails into a line and an exit code."""
    try:
        app(standalone_mode=True)
    except WirepasError as error:
        complain(str(error))
        sys.exit(FAILED)
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)
    except BrokenPipeError:
        # Whoever reads has enough, as `head`.
        sys.stderr.close()
        sys.exit(0)
