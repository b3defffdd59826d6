# SPDX-License-Identifier: Apache-2.0
"""App configs of the sinks of a network, entry by entry."""

from __future__ import annotations

from typing import Annotated

import typer

from wirepas.mesh.v1.app_config_pb2 import AppConfigEntry, AppConfigOutcome
from wirepas.mesh.v1.app_config_service_pb2 import ListAppConfigsRequest, UpdateAppConfigRequest
from wirepas.mesh.v1.sink_scope_pb2 import SinkScope

from .session import FAILED, print_json, print_table, session, table

app = typer.Typer(help="App configs in TLV form.", no_args_is_help=True)


@app.command("list")
def list_app_configs(
    context: typer.Context,
    network: int,
    refresh: Annotated[bool, typer.Option(help="Ask the gateways again.")] = False,
) -> None:
    """List the entries of each sink's app config."""
    with session(context).connect() as client:
        response = client.app_config.ListAppConfigs(
            ListAppConfigsRequest(scope=SinkScope(network_address=network), refresh=refresh),
            timeout=session(context).timeout,
        )
    shown = table("sink", "type", "value")
    for sink in response.app_configs:
        if session(context).as_json:
            print_json(sink)
        name = f"{sink.sink.gateway_id}/{sink.sink.sink_id}"
        if not sink.is_tlv:
            shown.add_row(name, "not TLV", sink.app_config.data.hex())
        for entry in sink.entries:
            shown.add_row(name, str(entry.type), entry.value.hex())
    if not session(context).as_json:
        print_table(shown)


def _entry(text: str) -> AppConfigEntry:
    kind, _, value = text.partition("=")
    try:
        return AppConfigEntry(type=int(kind), value=bytes.fromhex(value))
    except ValueError as error:
        raise typer.BadParameter(f"{text!r} is not TYPE=HEX") from error


@app.command("update")
def update(
    context: typer.Context,
    network: int,
    entries: Annotated[
        list[str] | None, typer.Option("--set", help="TYPE=HEX; may be repeated.")
    ] = None,
    remove: Annotated[list[int] | None, typer.Option(help="A type; may be repeated.")] = None,
    override: Annotated[bool, typer.Option(help="Replace app configs that are not TLV.")] = False,
    dry_run: Annotated[bool, typer.Option(help="Check only.")] = False,
) -> None:
    """Set and remove entries in every sink of a network; in none if one cannot take it."""
    request = UpdateAppConfigRequest(
        scope=SinkScope(network_address=network),
        set_entries=[_entry(text) for text in entries or []],
        remove_types=remove or [],
        override_non_tlv=override,
        dry_run=dry_run,
    )
    with session(context).connect() as client:
        response = client.app_config.UpdateAppConfig(request, timeout=session(context).timeout)
    shown = table("sink", "outcome", "bytes before", "bytes after", "problem")
    for change in response.changes:
        if session(context).as_json:
            print_json(change)
        outcome = AppConfigOutcome.Name(change.outcome).removeprefix("APP_CONFIG_OUTCOME_")
        shown.add_row(
            f"{change.sink.gateway_id}/{change.sink.sink_id}",
            outcome.lower(),
            str(change.size_before),
            str(change.size_after),
            change.error.message,
        )
    if not session(context).as_json:
        print_table(shown)
    if any(change.HasField("error") for change in response.changes):
        raise typer.Exit(FAILED)
