"""One value of a configuration as the type that a setting declares, or a sentence that says what was expected."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable, Mapping, MutableMapping, MutableSequence, Sequence, Set
from decimal import Decimal
from enum import Enum
from pathlib import Path
from typing import Any, Literal, NewType, get_args, get_origin

from cattrs import IterableValidationError
from cattrs.errors import IterableValidationNote

from rebalkit.errors import DataError
from rebalkit.model.securities import check_symbol
from rebalkit.money import plain, to_decimal

__all__ = [
    "FORMS",
    "SCALARS",
    "Rank",
    "Symbol",
    "choice",
    "is_choice",
    "is_mapping",
    "is_sequence",
    "mapping",
    "sequence",
    "shown",
]

Symbol = NewType("Symbol", str)
"""A ticker symbol, checked where it was written."""

Rank = NewType("Rank", tuple[str, ...])
"""One symbol, or a list of symbols that are equally good."""

Read = Callable[[Any, Any], Any]

_SEQUENCES: dict[Any, Callable[[list[Any]], Any]] = {
    list: list, tuple: tuple, set: set, frozenset: frozenset, Sequence: tuple, MutableSequence: list, Set: frozenset,
}  # fmt: skip
_MAPPINGS = (dict, Mapping, MutableMapping)


def shown(value: Any) -> str:
    """``value`` as it stands in a file, short enough for a sentence."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, Mapping):
        return "a table"
    if isinstance(value, (list, tuple)):
        return "a list"
    text = plain(value) if isinstance(value, Decimal) and value.is_finite() and value.adjusted() < 40 else str(value)
    text = text if len(text) <= 60 else text[:57] + "…"
    return repr(text) if isinstance(value, str) else text


def number(value: Any) -> Decimal:
    """An exact number, also from text. A float is refused: it cannot hold a cent."""
    if isinstance(value, (bool, float)) or not isinstance(value, (int, str, Decimal)):
        raise TypeError(f"expected a number, got {shown(value)}")
    try:
        return to_decimal(value)
    except ValueError:
        raise ValueError(f"expected a number, got {shown(value)}") from None


def whole(value: Any) -> int:
    """A whole number, also from text."""
    exact = number(value)
    if exact != exact.to_integral_value():
        raise ValueError(f"expected a whole number, got {shown(value)}")
    return int(exact)


def binary(value: Any) -> float:
    """A float, for settings that are no money, such as a probability."""
    result = value if isinstance(value, float) else float(number(value))
    if not math.isfinite(result):
        raise ValueError(f"expected a number, got {shown(value)}")
    return result


def text(value: Any) -> str:
    """Text. A number is not taken for it: an account id may start with a zero."""
    if not isinstance(value, str):
        raise TypeError(f"expected text in quotes, got {shown(value)}")
    return value


def flag(value: Any) -> bool:
    """True or false; nothing else is taken for it."""
    if not isinstance(value, bool):
        raise TypeError(f"expected true or false, got {shown(value)}")
    return value


def day(value: Any) -> dt.date:
    """A date, of TOML or as ISO text."""
    if isinstance(value, dt.date) and not isinstance(value, dt.datetime):
        return value
    try:
        return dt.date.fromisoformat(value)
    except (TypeError, ValueError):
        raise ValueError(f"expected a date such as 2025-12-31, got {shown(value)}") from None


def path(value: Any) -> Path:
    """A path, with ``~`` for the home folder."""
    if isinstance(value, Path):
        return value
    if not text(value):
        raise ValueError("expected a path, got nothing")
    return Path(value).expanduser()


def symbol(value: Any) -> str:
    """A ticker symbol in capitals."""
    try:
        return check_symbol(text(value))
    except DataError as problem:
        raise ValueError(f"{problem.reason}; it is 1 to 10 capital letters or digits, as in BRK.B") from None


def rank(value: Any) -> tuple[str, ...]:
    """A symbol, or several that are equally good."""
    symbols = tuple(symbol(one) for one in value) if isinstance(value, list) else (symbol(value),)
    if not symbols:
        raise ValueError("expected at least one symbol, got an empty list")
    return symbols


FORMS: dict[Any, Callable[[Any], Any]] = {Symbol: symbol, Rank: rank}
"""How the types are read that only the core's own sections have."""

SCALARS: dict[type, Callable[[Any], Any]] = {
    Decimal: number,
    int: whole,
    float: binary,
    str: text,
    bool: flag,
    dt.date: day,
    Path: path,
}
"""How each type of a single value is read. Each raises TypeError or ValueError with what was expected."""


def is_choice(kind: Any) -> bool:
    """Whether ``kind`` is an enumeration or a Literal."""
    return get_origin(kind) is Literal or (isinstance(kind, type) and issubclass(kind, Enum))


def choice(value: Any, kind: Any) -> Any:
    """The member of ``kind`` that has ``value``."""
    choices = {one: one for one in get_args(kind)} if get_origin(kind) is Literal else {one.value: one for one in kind}
    for key, member in choices.items():
        if (value == key and type(value) is type(key)) or value is member:
            return member
    raise ValueError(f"expected one of {', '.join(str(key) for key in choices)}; got {shown(value)}")


def is_sequence(kind: Any) -> bool:
    """Whether ``kind`` is a list, tuple or set of equal elements."""
    origin = get_origin(kind) or kind
    arguments = get_args(kind)
    return origin in _SEQUENCES and (origin is not tuple or not arguments or arguments[-1] is ...)


def sequence(kind: Any, reader: Callable[[Any], Read]) -> Read:
    """How a list is read: text is none, although it can be iterated over."""
    make = _SEQUENCES[get_origin(kind) or kind]
    inner = get_args(kind)[0] if get_args(kind) else Any
    read_one = reader(inner)

    def read(value: Any, _: Any) -> Any:
        if not isinstance(value, (list, tuple, set, frozenset)):
            raise TypeError(f"expected a list in brackets, got {shown(value)}")
        return make(_each(list(enumerate(value)), read_one, inner, kind))

    return read


def is_mapping(kind: Any) -> bool:
    """Whether ``kind`` is a table of any keys."""
    return (get_origin(kind) or kind) in _MAPPINGS


def mapping(kind: Any, reader: Callable[[Any], Read]) -> Read:
    """How a table of any keys is read; the keys are text."""
    inner = get_args(kind)[1] if get_args(kind) else Any
    read_one = reader(inner)

    def read(value: Any, _: Any) -> Any:
        if not isinstance(value, Mapping):
            raise TypeError(f"expected a table, got {shown(value)}")
        return dict(zip(value, _each(list(value.items()), read_one, inner, kind), strict=True))

    return read


def _each(items: list[tuple[Any, Any]], read_one: Read, inner: Any, kind: Any) -> list[Any]:
    done, errors = [], []
    for key, one in items:
        try:
            done.append(read_one(one, inner))
        except Exception as error:  # noqa: BLE001 - kept with its place; the caller reports all of them together
            error.add_note(IterableValidationNote("", key, inner))
            errors.append(error)
    if errors:
        raise IterableValidationError("elements", errors, kind)
    return done
