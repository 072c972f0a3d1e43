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
from rebalkit.outside_text import clean, clean_lines
from rebalkit.plugin import BrokerRecord, Record
from rebalkit.registry import PluginProblem, Provider, Registry, Trust, TrustList, find_providers, same_name

__all__ = ["command"]

_config_option = click.option(
    "--config",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help=f"Configuration with project-local plugins; by default {DEFAULT_CONFIG}, if any.",
)


@click.group("plugins")
def command() -> None:
    """List the plugins and what they bring, and say which ones may be loaded where real money moves.

    \b
    Examples:
      rebalkit plugins list
      rebalkit plugins show greedy
      rebalkit plugins trust rebalkit-mybroker
    """


@command.command("list")
@_config_option
@json_option
@pass_state
def list_plugins(state: State, config: Path | None, as_json: bool) -> None:
    """List everything that plugins registered, who brings it, and what was left out."""
    registry = _registry(state, config)
    if as_json:
        trusted = TrustList.read()
        document = {
            "plugins": [{**_provider(registry, one), "trust": trusted.state(one).value} for one in registry.providers],
            "records": [_summary(*one) for one in registry.listing()],
            "problems": [_problem(one) for one in registry.problems],
        }
        click.echo(json.dumps(document, indent=2))
        return
    rows = [(kind, record.name, _short(provider), record.summary) for kind, record, provider in registry.listing()]
    _table(("KIND", "NAME", "FROM", "SUMMARY"), rows)
    off = [str(one) for one in registry.providers if one.disabled]
    if off:
        click.echo(f"\nSwitched off: {clean(', '.join(off))}")
    if registry.problems:
        click.echo("\nLeft out:")
        for problem in registry.problems:
            click.echo(f"  {clean(str(problem))}")


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
        click.echo(clean(f"{one['kind']} {one['name']}: {one['summary']}"))
        click.echo(clean(f"from {one['distribution'] or one['module']} {one['version']}") + f", module {clean(one['module'])}")
        for capability, value in _flat(one.get("capabilities", {})):
            click.echo(f"  {capability}: {json.dumps(value)}")
        if one["settings"]:
            click.echo("\nSettings:")
        for setting in one["settings"]:
            default = "must be given" if setting["default"] is None else f"default {setting['default']}"
            click.echo(f"  {clean('{name}: {type}'.format_map(setting))}, {clean(default)}")
            if setting["doc"]:
                click.echo(click.wrap_text(clean_lines(setting["doc"]).replace("``", ""), 96, "      ", "      "))


@command.command("trust")
@click.argument("name", required=False)
@_config_option
@pass_state
def trust_plugin(state: State, name: str | None, config: Path | None) -> None:
    """Let the plugin NAME (of a distribution, or the path of a file) be loaded where real money moves, as it is now.

    A plugin is code that runs as you. When it changes it has to be trusted again. Without NAME: say how all plugins stand. Nothing is
    imported.
    """
    providers = list(find_providers(state.plugins, [], _local(config)))
    if name is None:
        trusted = TrustList.read()
        _table(("PLUGIN", "TRUST"), [(str(one), trusted.state(one).value) for one in providers])
        return
    provider = _found(providers, name)
    before = TrustList.read().state(provider)
    if before is Trust.BUILT_IN:
        click.echo(f"{clean(str(provider))} comes with rebalkit.")
        return
    entry = TrustList.add(provider)
    click.echo(clean(str(provider)))
    for line in _origin(provider):
        click.echo(f"  {clean(line)}")
    click.echo(f"Trusted {'again' if before is Trust.CHANGED else 'now'}, as sha256 {entry.sha256}.")


@command.command("untrust")
@click.argument("name")
def untrust_plugin(name: str) -> None:
    """Load the plugin NAME no longer where real money moves."""
    named = name if not name.endswith(".py") else str(Path(name).resolve())
    if not TrustList.remove(named):
        raise UsageError(
            f"{name!r} is not trusted", place="plugins untrust", code="unknown_plugin", remedy="See: rebalkit plugins trust"
        )
    click.echo(f"{clean(name)} is not trusted any more.")


def _found(providers: Sequence[Provider], name: str) -> Provider:
    """What is called ``name``; a file need not be named in a configuration."""
    path = Path(name).resolve()
    found = [one for one in providers if (str(path) == one.module if one.local else same_name(one.distribution, name))]
    if not found and path.suffix == ".py" and path.is_file():
        return Provider(path.stem, "", "", str(path))
    if not found:
        from rebalkit.config import suggestion

        known = {one.module if one.local else one.distribution for one in providers}
        raise UsageError(
            f"there is no plugin {name!r}", place="plugins trust", code="unknown_plugin", remedy=suggestion(name, known)
        )
    return found[0]


def _origin(provider: Provider) -> Iterator[str]:
    """What a person should know of a plugin before trusting it."""
    distribution = provider.point.dist if provider.point else None
    if distribution is not None:
        people = distribution.metadata.get_all("Author-email") or distribution.metadata.get_all("Author") or ["not named"]
        yield f"author: {', '.join(people)}"
        for link in distribution.metadata.get_all("Project-URL") or ():
            yield f"link: {link}"
        yield f"files: {len(distribution.files or ())} below {distribution.locate_file('')}"
        for needed in distribution.requires or ():
            yield f"needs: {needed}"


def _flat(capabilities: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for name, value in capabilities.items():
        if isinstance(value, Mapping):
            yield from _flat(value)
        else:
            yield name, value


def _registry(state: State, config: Path | None) -> Registry:
    """The registry with the plugins that the configuration names."""
    local = _local(config)
    return state.registry_with(local) if local else state.registry


def _local(config: Path | None) -> Sequence[Path]:
    """The plugin files that the configuration names."""
    path = config or (Path(DEFAULT_CONFIG) if Path(DEFAULT_CONFIG).exists() else None)
    if path is None:
        return ()
    from rebalkit.config import load_config

    return load_config(path).plugins


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
        click.echo(clean_lines("  ".join([*cells, row[-1]]).rstrip()))
