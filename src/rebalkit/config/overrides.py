"""``--set section.key=value``: settings given on the command line, laid over the tables of the files."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable
from typing import Any

from rebalkit.config.problems import KeyPath, suggestion
from rebalkit.errors import ConfigError, UsageError

__all__ = ["apply_overrides"]

# How many keys lead to a setting below its section. What is left of the name is one more key: it names an asset class, say, and
# may hold dots and spaces.
_DEPTH = {"accounts": 2, "brokers": 2, "strategy": 1, "tax": 1, "limits": 1, "execution": 1}
_SHAPE = {"accounts": "accounts.NAME.key=value", "brokers": "brokers.NAME.key=value"}
# Numbers and dates stay text: only the setting knows whether 0042 is an account or a number.
_TOML_VALUE = re.compile(r"\s*(?:true\s*$|false\s*$|[\[{\"'])")


def apply_overrides(raw: dict[str, Any], overrides: Iterable[str], problems: list[UsageError]) -> dict[KeyPath, str]:
    """Lay ``overrides`` over the tables of ``raw``, in place.

    A value is TOML where it is true, false, a list, a table or quoted; anything else is text.

    Returns:
        The path of each setting with the option as a person wrote it, without its value.
    """
    given: dict[KeyPath, str] = {}
    for text in overrides:
        try:
            path, value = _parse(text)
        except UsageError as problem:
            problems.append(problem)
            continue
        if _lay(raw, path, value):
            given[tuple(path)] = f"--set {'.'.join(path)}"
    return given


def _lay(raw: dict[str, Any], path: list[str], value: Any) -> bool:
    """Put ``value`` at ``path``; not where the file has something else than a table on the way, which is refused for itself."""
    table = raw
    for key in path[:-1]:
        inner = table.get(key, {})
        if not isinstance(inner, dict):
            return False
        table[key] = table = dict(inner)
    table[path[-1]] = value
    return True


def _parse(text: str) -> tuple[list[str], Any]:
    name, equals, value = text.partition("=")
    section, _, rest = name.strip().partition(".")
    shape = _SHAPE.get(section, f"{section if section in _DEPTH else 'section'}.key=value")
    place, remedy = f"--set {name.strip()}".rstrip(), f"Write --set {shape}"
    if not equals:
        raise UsageError("there is no value", place=place, code="bad_override", remedy=remedy)
    if section == "asset_class":
        raise UsageError("asset classes are set in a file", place=place, code="bad_override", remedy="Use --targets FILE.")
    if section not in _DEPTH:
        raise UsageError(f"unknown section {section!r}", place=place, code="unknown_section", remedy=suggestion(section, _DEPTH))
    parts = rest.split(".", _DEPTH[section])
    if len(parts) < _DEPTH[section] or not all(part.strip() for part in parts):
        raise UsageError("the name of the setting is not complete", place=place, code="bad_override", remedy=remedy)
    parts[-1] = parts[-1].strip()
    if len(parts[-1]) > 2 and parts[-1][0] == parts[-1][-1] == '"':
        parts[-1] = parts[-1][1:-1]
    return [section, *parts], _value(value, place)


def _value(text: str, place: str) -> Any:
    if not _TOML_VALUE.match(text):
        return text.strip()
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except ValueError:
        raise ConfigError(
            "the value starts like a list, a table or quoted text, but is none", place=place, code="bad_override",
            remedy="Close it, or leave the quotes out.",
        ) from None  # fmt: skip
