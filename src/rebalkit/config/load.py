"""Reading a configuration: files, then ``--set``, then one look at everything that is wrong."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from rebalkit.config.overrides import apply_overrides
from rebalkit.config.problems import KeyPath
from rebalkit.config.schema import Config, StrategyConfig
from rebalkit.config.sections import read_sections
from rebalkit.errors import ConfigError, UsageError

__all__ = ["load_config"]

_POSITION = re.compile(r" \(at (?:line (\d+), column (\d+)|end of document)\)$")


def load_config(
    path: Path | None, *, targets: Path | None = None, strategy: str | None = None, overrides: Sequence[str] = ()
) -> Config:
    """The configuration of the file ``path``.

    Args:
        path: A TOML file; None for none.
        targets: Another file of the same form. Each of its sections replaces that section of ``path`` as a whole.
        strategy: Name of the strategy, whatever the files say.
        overrides: Settings of the command line, ``section.key=value``, which come last.

    When the command line chooses another strategy than the files, the settings of the files, which are not made for it, do not count.

    Raises:
        ConfigError: What the files say is wrong. All problems are in it, each with the path of its key.
        UsageError: An override is malformed; with the problems of the files, if there are any.
    """
    raw: dict[str, Any] = {}
    origins: dict[str, Path] = {}
    problems: list[UsageError] = []
    for file in (path, targets):
        if file is not None:
            try:
                read = _read(file)
            except ConfigError as problem:
                problems.append(problem)
                continue
            raw |= read
            origins |= dict.fromkeys(read, file)
    if problems:
        raise ConfigError.together(problems)
    configured = raw.get("strategy")
    chosen = [] if strategy is None else [f"strategy.name={strategy}"]
    overridden = apply_overrides(raw, [*overrides, *chosen], problems)
    if ("strategy", "name") in overridden:
        if strategy is not None:
            overridden["strategy", "name"] = "--strategy"
        _drop_settings_of_another(configured, raw["strategy"], overridden)
    config = read_sections(raw, Config(path=path, origins=origins, overridden=overridden), problems)
    if problems:
        kind = ConfigError if all(isinstance(problem, ConfigError) for problem in problems) else UsageError
        raise kind.together(problems)
    return config


def _drop_settings_of_another(configured: Any, strategy: dict[str, Any], overridden: Mapping[KeyPath, str]) -> None:
    if not isinstance(configured, Mapping) or configured.get("name", StrategyConfig().name) == strategy["name"]:
        return
    for key in configured:
        given = [path[2:] for path in overridden if path[:2] == ("strategy", key)]
        if not given:
            del strategy[key]
        elif () not in given:
            strategy[key] = {name: value for name, value in strategy[key].items() if (name,) in given}


def _read(path: Path) -> dict[str, Any]:
    place = str(path)
    try:
        # Editors of Windows put a byte order mark before the text, which TOML does not know.
        text = path.read_bytes().decode("utf-8-sig")
        return _beside(tomllib.loads(text, parse_float=_exact), path.parent)
    except FileNotFoundError:
        raise ConfigError(
            "there is no such file", place=place, code="no_config", remedy="`rebalkit init` writes one with the defaults."
        ) from None
    except OSError as problem:
        raise ConfigError(
            f"the file cannot be read: {problem.strerror}", place=place, code="no_config", remedy="Name a readable TOML file."
        ) from None
    except UnicodeDecodeError as problem:
        raise ConfigError(
            f"byte {problem.start + 1} is not UTF-8", place=place, code="not_toml", remedy="Save the file as UTF-8."
        ) from None
    except (ValueError, RecursionError) as problem:
        raise _syntax(problem, place) from None


def _beside(raw: dict[str, Any], folder: Path) -> dict[str, Any]:
    """``raw`` with the paths in settings of brokers that start with ``./`` or ``../`` taken from the folder of the file.

    Which settings are paths only their plugin knows, hence the plain mark.
    """
    if "brokers" in raw:
        raw["brokers"] = _moved(raw["brokers"], folder)
    return raw


def _moved(value: Any, folder: Path) -> Any:
    if isinstance(value, dict):
        return {key: _moved(one, folder) for key, one in value.items()}
    if isinstance(value, list):
        return [_moved(one, folder) for one in value]
    return str(folder / value) if isinstance(value, str) and value.startswith(("./", "../")) else value


def _exact(text: str) -> Decimal:
    try:
        return Decimal(text)
    except InvalidOperation:
        raise ValueError(f"{text} is beyond all numbers") from None


def _syntax(problem: Exception, place: str) -> ConfigError:
    reason = str(problem)
    position = _POSITION.search(reason)
    if position:
        reason = reason[: position.start()]
        place = f"{place}:{position[1]}:{position[2]}" if position[1] else f"{place}: at the end"
    if isinstance(problem, RecursionError):
        reason = "lists or tables are nested too deeply"
    return ConfigError(
        f"not TOML: {reason[:1].lower()}{reason[1:]}", place=place, code="not_toml",
        remedy='Write key = value, with text in "quotes".',
    )  # fmt: skip
