"""``rebalkit doctor``."""

from __future__ import annotations

import platform
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import click
from attrs import field, frozen

from rebalkit._version import __version__
from rebalkit.cli.options import DEFAULT_CONFIG, json_option
from rebalkit.cli.state import State, pass_state
from rebalkit.errors import RebalkitError
from rebalkit.outside_text import clean_lines

__all__ = ["command"]


def _harmless(words: str) -> str:
    from rebalkit.secrets.credentials import without_credentials

    return clean_lines(without_credentials(words))


@frozen
class Diagnosis:
    """One thing that was looked at: ``ok``, or what is wrong and what to do; ``code`` is the exit code that it stands for."""

    subject: str
    ok: bool
    words: str = field(converter=_harmless)
    code: int = 0


@click.command("doctor")
@click.option(
    "--config",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help=f"Configuration to check; by default {DEFAULT_CONFIG}, if any.",
)
@json_option
@pass_state
def command(state: State, config: Path | None, as_json: bool) -> int:
    """Check the installation, the plugins and the configuration. Ends with the exit code of the first thing that is wrong.

    \b
    Examples:
      rebalkit doctor
      rebalkit doctor --config my-portfolio/rebalkit.toml
    """
    found = list(_diagnoses(state, config))
    if as_json:
        import json

        rows = [{"subject": one.subject, "ok": one.ok, "message": one.words} for one in found]
        click.echo(json.dumps({"ok": all(one.ok for one in found), "diagnoses": rows}, indent=2))
    else:
        for one in found:
            click.echo(f"{'ok   ' if one.ok else 'WRONG'} {one.subject}: {one.words}")
    return next((one.code for one in found if not one.ok), 0)


def _diagnoses(state: State, config: Path | None) -> Iterator[Diagnosis]:
    yield Diagnosis("rebalkit", True, f"{__version__} on Python {platform.python_version()}, {sys.executable}")
    yield _looked_at("state folder", 3, _state_folder)
    yield _looked_at("calendar", 1, _calendar)
    for problem in state.registry.problems:
        yield Diagnosis("plugin", False, str(problem), 2)
    yield _looked_at("plugins", 2, lambda: ", ".join([*state.registry.brokers, *state.registry.strategies]))
    path = config or (Path(DEFAULT_CONFIG) if Path(DEFAULT_CONFIG).exists() else None)
    if path is not None:
        yield _looked_at("configuration", 2, lambda: _configuration(state, path))


def _looked_at(subject: str, code: int, look: Callable[[], str]) -> Diagnosis:
    try:
        return Diagnosis(subject, True, look())
    except RebalkitError as problem:
        return Diagnosis(subject, False, str(problem), problem.exit_code)
    except OSError as problem:
        return Diagnosis(subject, False, f"{problem}. Check its rights.", code)


def _state_folder() -> str:
    from rebalkit.places import state_folder

    folder = state_folder()
    if folder.exists() and folder.stat().st_mode & 0o077:
        raise OSError(f"{folder} can be read by others: chmod 700 it")
    return f"{folder} ({'there' if folder.exists() else 'made when it is needed'})"


def _calendar() -> str:
    from rebalkit.calendar import is_session, next_session, today_in_new_york

    today = today_in_new_york()
    return f"in New York it is {today}, the exchange {'is open' if is_session(today) else 'opens on ' + str(next_session(today))}"


def _configuration(state: State, path: Path) -> str:
    from rebalkit.config import load_config

    config = load_config(path)
    registry = state.registry_with(config.plugins)
    config.strategy_settings(registry.strategy(config.strategy.name).settings())
    for name, broker in config.brokers.items():
        config.broker_settings(name, registry.broker(broker.plugin).settings())
    classes = len(config.targets.classes) if config.targets else 0
    return f"{path}: {classes} asset classes, strategy {config.strategy.name}, {len(config.accounts)} accounts"
