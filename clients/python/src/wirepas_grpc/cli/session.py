# SPDX-License-Identifier: Apache-2.0
"""What all commands share: the connection, and how failures end."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

import typer
from google.protobuf.duration_pb2 import Duration

import wirepas_grpc
from wirepas_grpc import Tls, WirepasError

from .output import complain

# Exit codes, besides 0 and Typer's 2 for what is wrong with the command itself.
FAILED = 1
INTERRUPTED = 130

# On streams that may be quiet for long, so that no proxy cuts them.
PROGRESS_INTERVAL = Duration(seconds=30)


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


def session_of(context: typer.Context, as_json: bool) -> Session:
    """as_json: --json after the command; it may stand before it as well."""
    found = context.obj
    assert isinstance(found, Session)
    found.as_json = found.as_json or as_json
    return found


def tls_of(
    tls: bool | None, ca: Path | None, certificate: Path | None, key: Path | None
) -> Tls | bool | None:
    if ca is None and certificate is None and key is None:
        return tls
    if tls is False:
        raise typer.BadParameter("--plaintext does not go with options of TLS")
    return Tls(ca=ca, certificate=certificate, key=key)


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
    except OSError as error:
        complain(str(error))
        sys.exit(FAILED)
