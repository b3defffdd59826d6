# SPDX-License-Identifier: Apache-2.0
"""App configs of the sinks of a network, entry by entry."""

from __future__ import annotations

from typing import Annotated

import typer

from wirepas.mesh.v1.app_config_pb2 import AppConfigChange, AppConfigEntry, SinkAppConfig
from wirepas.mesh.v1.app_config_service_pb2 import ListAppConfigsRequest, UpdateAppConfigRequest
from wirepas_grpc import WirepasError

from .arguments import (
    DryRun,
    Gateways,
    Json,
    Network,
    Sinks,
    SkipOffline,
    content,
    number,
    scope_of,
)
from .output import Listing, enum_text, name_of
from .session import FAILED, Session, session_of

app = typer.Typer(help="App configs in TLV form.", no_args_is_help=True)
_OUTCOME = AppConfigChange.DESCRIPTOR.fields_by_name["outcome"]


@app.command("list")
def list_app_configs(
    context: typer.Context,
    network: Network,
    gateway: Gateways = None,
    sink: Sinks = None,
    skip_offline: SkipOffline = False,
    refresh: Annotated[bool, typer.Option("--refresh", help="Ask the gateways again.")] = False,
    as_json: Json = False,
) -> None:
    """List the entries of each sink's app config."""
    session = session_of(context, as_json)
    scope = scope_of(network, gateway, sink, skip_offline)
    request = ListAppConfigsRequest(scope=scope, refresh=refresh)
    columns = ("sink", "type", "value")
    with session.connect() as client, Listing(session.as_json, *columns) as listing:
        while True:
            response = client.app_config.ListAppConfigs(request, timeout=session.timeout)
            for found in response.app_configs:
                _list(session, listing, found)
            request.page_token = response.next_page_token
            if not request.page_token:
                return


def _list(session: Session, listing: Listing, found: SinkAppConfig) -> None:
    name = name_of(found.sink)
    if session.as_json:
        listing.add(found)
    elif not found.is_tlv:
        listing.add(found, name, "not TLV", found.app_config.data.hex())
    else:
        for entry in found.entries:
            listing.add(found, name, entry.type, entry.value.hex())


def _entry(text: str) -> AppConfigEntry:
    kind, equals, value = text.partition("=")
    if not equals:
        raise typer.BadParameter(f"{text!r} is not TYPE=HEX")
    return AppConfigEntry(type=number(kind), value=content(value))


@app.command("update")
def update(
    context: typer.Context,
    network: Network,
    gateway: Gateways = None,
    sink: Sinks = None,
    skip_offline: SkipOffline = False,
    entries: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="TYPE=HEX", help="An entry; may be repeated."),
    ] = None,
    remove: Annotated[
        list[int] | None,
        typer.Option(parser=number, metavar="TYPE", help="May be repeated."),
    ] = None,
    override: Annotated[
        bool, typer.Option("--override", help="Replace app configs that are not TLV.")
    ] = False,
    dry_run: DryRun = False,
    as_json: Json = False,
) -> None:
    """Set and remove entries in every sink of a network; in none if one cannot take it."""
    session = session_of(context, as_json)
    request = UpdateAppConfigRequest(
        scope=scope_of(network, gateway, sink, skip_offline),
        set_entries=[_entry(text) for text in entries or []],
        remove_types=remove or [],
        override_non_tlv=override,
        dry_run=dry_run,
    )
    with session.connect() as client:
        response = client.app_config.UpdateAppConfig(request, timeout=session.timeout)
    columns = ("sink", "outcome", "bytes before", "bytes after", "problem")
    with Listing(session.as_json, *columns) as listing:
        for change in response.changes:
            listing.add(
                change,
                name_of(change.sink),
                enum_text(_OUTCOME, change.outcome),
                change.size_before,
                change.size_after,
                WirepasError.of_part(change.error) if change.HasField("error") else "",
            )
    if any(change.HasField("error") for change in response.changes):
        raise typer.Exit(FAILED)
