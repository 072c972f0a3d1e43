"""``rebalkit plugins``."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import click

from rebalkit.cli.options import DEFAULT_CONFIG, json_option
from rebalkit.cli.state import State, pass_state
from rebalkit.errors import UsageError
from rebalkit.plugin import BrokerRecord, Record
from rebalkit.registry import PluginProblem, Provider, Registry

__all__ = ["command"]

_config_option = click.option(
    "--config",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help=f"Configuration with project-local plugins; by default {DEFAULT_CONFIG}, if any.",
)


@click.group("plugins")
def command() -> None:
    """List the plugins and what they bring.

    \b
    Examples:
      rebalkit plugins list
      rebalkit plugins show greedy
    """


@command.command("list")
@_config_option
@json_option
@pass_state
def list_plugins(state: State, config: Path | None, as_json: bool) -> None:
    """List everything that plugins registered, who brings it, and what was left out."""
    registry = _registry(state, config)
    if as_json:
        document = {
            "plugins": [_provider(registry, one) for one in registry.providers],
            "records": [_summary(*one) for one in registry.listing()],
            "problems": [_problem(one) for one in registry.problems],
        }
        click.echo(json.dumps(document, indent=2))
        return
    rows = [(kind, record.name, _short(provider), record.summary) for kind, record, provider in registry.listing()]
    _table(("KIND", "NAME", "FROM", "SUMMARY"), rows)
    off = [str(one) for one in registry.providers if one.disabled]
    if off:
        click.echo(f"\nSwitched off: {', '.join(off)}")
    if registry.problems:
        click.echo("\nLeft out:")
        for problem in registry.problems:
            click.echo(f"  {problem}")


@command.command("show")
@click.argument("name")
@_config_option
@json_option
@pass_state
def show_plugin(state: State, name: str, config: Path | None, as_json: bool) -> None:
    """Show what is registered under NAME: its provider, what it can do, and its settings with their defaults."""
    registry = _registry(state, config)
    found = [one for one in registry.listing() if one[1].name == name]
    if not found:
        raise _nothing(registry, name)
    details = [_details(*one) for one in found]
    if as_json:
        click.echo(json.dumps({"records": details}, indent=2))
        return
    for number, one in enumerate(details):
        if number:
            click.echo()
        click.echo(f"{one['kind']} {one['name']}: {one['summary']}")
        click.echo(f"from {one['distribution'] or one['module']} {one['version']}".rstrip() + f", module {one['module']}")
        for capability, value in _flat(one.get("capabilities", {})):
            click.echo(f"  {capability}: {json.dumps(value)}")
        if one["settings"]:
            click.echo("\nSettings:")
        for setting in one["settings"]:
            default = "must be given" if setting["default"] is None else f"default {setting['default']}"
            click.echo(f"  {setting['name']}: {setting['type']}, {default}")
            if setting["doc"]:
                click.echo(click.wrap_text(setting["doc"].replace("``", ""), 96, "      ", "      "))


def _flat(capabilities: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for name, value in capabilities.items():
        if isinstance(value, Mapping):
            yield from _flat(value)
        else:
            yield name, value


def _registry(state: State, config: Path | None) -> Registry:
    """The registry with the plugins that the configuration names."""
    path = config or (Path(DEFAULT_CONFIG) if Path(DEFAULT_CONFIG).exists() else None)
    if path is None:
        return state.registry
    from rebalkit.config import load_config

    return state.registry_with(load_config(path).plugins)


def _nothing(registry: Registry, name: str) -> UsageError:
    from rebalkit.config import suggestion

    for problem in registry.problems:
        if name in (problem.plugin, problem.record):
            return UsageError(problem.reason, place=str(problem.provider or name), remedy=problem.remedy, code="broken_plugin")
    known = {record.name for _, record, _ in registry.listing()}
    return UsageError(
        f"nothing is registered as {name!r}", place="plugins show", code="unknown_plugin", remedy=suggestion(name, known)
    )


def _details(kind: str, record: Record, provider: Provider) -> dict[str, Any]:
    from rebalkit.config import describe_settings
    from rebalkit.serial import to_plain

    details = _summary(kind, record, provider)
    details["module"] = provider.module
    details["api_version"] = record.api_version
    if isinstance(record, BrokerRecord):
        details["capabilities"] = to_plain(record.capabilities)
    settings = getattr(record, "settings", None)
    try:
        described = describe_settings(settings()) if settings else []
    except Exception as problem:
        reason = f"the settings of the {kind} {record.name!r} cannot be read: {type(problem).__name__}: {problem}"
        raise UsageError(reason, place=str(provider), code="broken_plugin", remedy="Repair or uninstall it.") from problem
    details["settings"] = [{"name": s.name, "type": s.type, "default": s.default, "doc": s.doc} for s in described]
    return details


def _summary(kind: str, record: Record, provider: Provider) -> dict[str, Any]:
    return {
        "kind": kind,
        "name": record.name,
        "summary": record.summary,
        "plugin": provider.name,
        "distribution": provider.distribution,
        "version": provider.version,
    }


def _provider(registry: Registry, one: Provider) -> dict[str, Any]:
    broken = any(problem.provider == one and not problem.kind for problem in registry.problems)
    status = "disabled" if one.disabled else "broken" if broken else "loaded"
    return {
        "plugin": one.name, "distribution": one.distribution, "version": one.version, "module": one.module, "status": status,
    }  # fmt: skip


def _problem(one: PluginProblem) -> dict[str, str]:
    return {"plugin": one.plugin, "kind": one.kind, "record": one.record, "reason": one.reason, "remedy": one.remedy}


def _short(provider: Provider) -> str:
    return provider.module if provider.local else f"{provider.distribution} {provider.version}"


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    widths = [max(len(row[column]) for row in (head, *rows)) for column in range(len(head) - 1)]
    for row in (head, *rows):
        cells = [cell.ljust(width) for cell, width in zip(row, widths, strict=False)]
        click.echo("  ".join([*cells, row[-1]]).rstrip())
