"""Small pieces to say what a JSON value must look like, and to read it: nothing unknown, nothing missing, nothing guessed.

A shape takes a value and the place it stands at, and returns what it means or raises `DataError` with that place.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Any

from rebalkit.errors import DataError
from rebalkit.money import to_decimal

__all__ = ["Shape", "amount", "date", "each", "flag", "mapping", "named", "number", "record", "refuse", "text"]

Shape = Callable[[Any, str], Any]


def refuse(reason: str, place: str) -> DataError:
    """The error for a value at ``place``."""
    return DataError(reason, place=place, code="vector")


def text(value: Any, place: str) -> str:
    """Text."""
    if not isinstance(value, str):
        raise refuse(f"expected text, got {value!r}", place)
    return value


def flag(value: Any, place: str) -> bool:
    """True or false."""
    if not isinstance(value, bool):
        raise refuse(f"expected true or false, got {value!r}", place)
    return value


def number(value: Any, place: str) -> Decimal:
    """Decimal text, as a Decimal."""
    try:
        return to_decimal(text(value, place))
    except ValueError as problem:
        raise refuse(str(problem), place) from None


def amount(value: Any, place: str) -> Fraction:
    """An exact figure: decimal text, or a fraction such as ``10/3``."""
    try:
        return Fraction(text(value, place))
    except (ValueError, ZeroDivisionError):
        raise refuse(f"{value!r} is neither a decimal number nor a fraction", place) from None


def date(value: Any, place: str) -> dt.date:
    """A date in ISO 8601."""
    try:
        return dt.date.fromisoformat(text(value, place))
    except ValueError as problem:
        raise refuse(str(problem), place) from None


def named(meanings: Mapping[str, Any]) -> Shape:
    """One of some names, each with its meaning."""

    def read(value: Any, place: str) -> Any:
        if text(value, place) not in meanings:
            raise refuse(f"{value!r} is not one of {', '.join(meanings)}", place)
        return meanings[value]

    return read


def each(shape: Shape) -> Shape:
    """A list of values of one shape, as a tuple."""

    def read(value: Any, place: str) -> tuple[Any, ...]:
        if not isinstance(value, list):
            raise refuse(f"expected a list, got {value!r}", place)
        return tuple(shape(one, f"{place}[{index}]") for index, one in enumerate(value))

    return read


def mapping(shape: Shape) -> Shape:
    """An object whose keys are free and whose values have one shape."""

    def read(value: Any, place: str) -> dict[str, Any]:
        return {key: shape(one, f"{place}.{key}") for key, one in _object(value, place).items()}

    return read


def record(required: Mapping[str, Shape], optional: Mapping[str, Shape] | None = None) -> Shape:
    """An object with just these keys; an optional one that is not there is not in the result either."""
    shapes = {**required, **(optional or {})}

    def read(value: Any, place: str) -> dict[str, Any]:
        found = _object(value, place)
        unknown, missing = sorted(found.keys() - shapes.keys()), sorted(required.keys() - found.keys())
        if unknown:
            raise refuse(f"unknown key {', '.join(map(repr, unknown))}", place)
        if missing:
            raise refuse(f"missing key {', '.join(map(repr, missing))}", place)
        return {key: shapes[key](one, f"{place}.{key}".lstrip(".")) for key, one in found.items()}

    return read


def _object(value: Any, place: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise refuse(f"expected an object, got {value!r}", place)
    return value
