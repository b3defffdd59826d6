# SPDX-License-Identifier: Apache-2.0
"""The commands, and the options that stand before all of them."""

from __future__ import annotations

from importlib import metadata
from pathlib import Path
from typing import Annotated

import typer

from . import app_config, config_data, gateways, nodes, otap, send, sink_config, sinks, uplinks
from .session import Session, tls_of

app = typer.Typer(
    name="wirepas",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="Wirepas gateways, sinks and nodes, through a wirepas-grpc service. "
    "Exit codes: 0 done, 1 failed, also if at one sink only, 2 the command is wrong.",
)
app.command("gateways")(gateways.gateways)
app.command("sinks")(sinks.sinks)
app.command("sink-config")(sink_config.sink_config)
app.command("update-sinks")(sink_config.update_sinks)
app.command("nodes")(nodes.nodes)
app.command("uplinks")(uplinks.uplinks)
app.command("send")(send.send)
app.command("broadcast")(send.broadcast)
app.add_typer(app_config.app, name="app-config")
app.add_typer(config_data.app, name="config-data")
app.add_typer(otap.app, name="otap")


def _print_version(wanted: bool) -> None:
    if wanted:
        print(f"wirepas {metadata.version('wirepas-grpc')}")
        raise typer.Exit


@app.callback()
def options(
    context: typer.Context,
    target: Annotated[
        str,
        typer.Option(
            envvar="WIREPAS_TARGET", metavar="TARGET", help="The service: host:port or unix:/path."
        ),
    ] = "127.0.0.1:50051",
    tls: Annotated[
        bool | None,
        typer.Option("--tls/--plaintext", help="By default TLS, except to this machine."),
    ] = None,
    ca: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Certificates that the service's leads to.")
    ] = None,
    certificate: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Own certificate, with --key.")
    ] = None,
    key: Annotated[Path | None, typer.Option(metavar="FILE", help="Key of --certificate.")] = None,
    token: Annotated[
        str | None,
        typer.Option(envvar="WIREPAS_TOKEN", metavar="TOKEN", help="Sent with each call."),
    ] = None,
    as_json: Annotated[
        bool,
        typer.Option("--json", help="JSON, an object a line; also after the command."),
    ] = False,
    timeout: Annotated[
        float | None,
        typer.Option(min=0.001, metavar="SECONDS", help="For each call (default: the service's)."),
    ] = None,
    version: Annotated[  # noqa: ARG001
        bool, typer.Option("--version", callback=_print_version, is_eager=True)
    ] = False,
) -> None:
    context.obj = Session(target, tls_of(tls, ca, certificate, key), token, as_json, timeout)
