"""What settings a plugin has, for ``rebalkit plugins show``."""

from __future__ import annotations

import re
import types
from decimal import Decimal
from enum import Enum
from pathlib import Path
from typing import Any, Literal, Union, get_args, get_origin

from attrs import NOTHING, Factory, fields, frozen, resolve_types

from rebalkit.money import plain

__all__ = ["SettingInfo", "describe_settings"]


@frozen
class SettingInfo:
    """One setting of a plugin.

    Attributes:
        name: Its key.
        type: What it may be, in words.
        default: Its default as it would stand in a file; None when the setting must be given.
        doc: What it means, from the docstring of the class; empty when that says nothing.
    """

    name: str
    type: str
    default: str | None
    doc: str = ""


_WORDS: dict[Any, str] = {
    str: "text", Path: "path", Decimal: "number", float: "number", int: "whole number", bool: "true or false", Any: "anything",
    types.NoneType: "none",
}  # fmt: skip


def describe_settings(kind: type) -> list[SettingInfo]:
    """The settings of the attrs class ``kind`` in its order. Their meaning is read from ``Attributes:`` in its docstring."""
    resolve_types(kind)
    docs = _documented(kind.__doc__ or "")
    return [
        SettingInfo(one.name, _words(one.type), _default(one.default), docs.get(one.name, "")) for one in fields(kind) if one.init
    ]


def _words(kind: Any) -> str:
    if kind in _WORDS:
        return _WORDS[kind]
    origin, arguments = get_origin(kind), get_args(kind)
    if origin is Literal:
        return " | ".join(str(one) for one in arguments)
    if origin in (Union, types.UnionType):
        return " | ".join(_words(one) for one in arguments)
    if isinstance(kind, type) and issubclass(kind, Enum):
        return " | ".join(str(one.value) for one in kind)
    if len(arguments) == 2 and arguments[1] is not ...:
        return f"table of {_words(arguments[1])}"
    if arguments:
        return f"list of {_words(arguments[0])}"
    return getattr(kind, "__name__", str(kind))


def _default(value: Any) -> str | None:
    if value is NOTHING:
        return None
    if isinstance(value, Factory):  # type: ignore[arg-type]
        value = None if value.takes_self else value.factory()
    return _written(value)


def _written(value: Any) -> str:
    if value is None:
        return "none"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, Decimal):
        return plain(value)
    if isinstance(value, Enum):
        return _written(value.value)
    if isinstance(value, (str, Path)):
        return f'"{value}"'
    if hasattr(value, "items"):
        return "{" + ", ".join(f"{key} = {_written(one)}" for key, one in value.items()) + "}"
    if isinstance(value, (list, tuple, set, frozenset)):
        return f"[{', '.join(_written(one) for one in value)}]"
    return str(value)


def _documented(docstring: str) -> dict[str, str]:
    """The entries of the section ``Attributes:`` of a docstring, each as one line."""
    _, _, section = docstring.partition("Attributes:\n")
    docs: dict[str, str] = {}
    indent, name = 0, ""
    for line in section.splitlines():
        entry = re.match(r"( +)(\w+)(?: \([^)]*\))?: (.*)", line)
        if entry and (not indent or len(entry[1]) == indent):
            indent, name = len(entry[1]), entry[2]
            docs[name] = entry[3].strip()
        elif name and line.startswith(" " * (indent + 1)):
            docs[name] = f"{docs[name]} {line.strip()}".strip()
        elif line.strip():
            break
    return docs
