"""Frozen attrs values to canonical JSON and back.

Decimals are plain decimal text, dates ISO 8601, spans of time whole days, enumerations their value. Equal values give equal bytes:
keys keep the order of the class, mappings are sorted by key.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from decimal import Decimal
from functools import cache
from typing import TYPE_CHECKING, Any, TypeVar, get_origin

from rebalkit.errors import DataError
from rebalkit.money import plain

if TYPE_CHECKING:
    from cattrs import Converter

__all__ = ["digest", "dumps", "from_plain", "loads", "to_plain"]

T = TypeVar("T")
_NOT_OURS = "The file was changed or comes from another version."


def to_plain(value: Any) -> Any:
    """``value`` (attrs values, containers, Decimals, dates, enumerations, plain values) as what JSON can hold.

    Raises TypeError for anything else, floats included: money is never one.
    """
    kind = type(value)
    if kind is str or kind is int or value is None or kind is bool:
        return value
    if kind is Decimal:
        return plain(value)
    if kind is tuple or kind is list:
        return [to_plain(one) for one in value]
    fields = getattr(kind, "__attrs_attrs__", None)
    if fields is not None:
        return {a.name: to_plain(getattr(value, a.name)) for a in fields if a.init}
    if isinstance(value, str):
        return str(value)
    if isinstance(value, (dt.date, dt.datetime)):
        return value.isoformat()
    if isinstance(value, dt.timedelta) and value == dt.timedelta(value.days):
        return value.days
    if hasattr(value, "items"):
        return {str(key): to_plain(value[key]) for key in sorted(value)}
    raise TypeError(f"{kind.__name__} has no place in a file of rebalkit")


def dumps(value: Any) -> str:
    """``value`` as JSON text for a file: indented, with a line end."""
    return json.dumps(to_plain(value), indent=2, ensure_ascii=False) + "\n"


def digest(value: Any) -> str:
    """SHA-256 of the compact JSON of ``value``, in hexadecimal."""
    text = json.dumps(to_plain(value), separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


@cache
def _converter() -> Converter:
    # Reading is the rarer direction; cattrs costs an import that writing does without.
    from cattrs import Converter

    converter = Converter(forbid_extra_keys=True)
    converter.register_structure_hook(Decimal, lambda value, _: Decimal(_text(value)))
    converter.register_structure_hook(dt.datetime, lambda value, _: dt.datetime.fromisoformat(_text(value)))
    converter.register_structure_hook(dt.date, lambda value, _: dt.date.fromisoformat(_text(value)))
    converter.register_structure_hook(dt.timedelta, lambda value, _: dt.timedelta(_days(value)))
    # Not as a hook of the class str: that would hold for enumerations of text as well and leave them plain text.
    converter.register_structure_hook_func(lambda kind: kind is str, lambda value, _: _text(value))
    return converter


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(f"expected text, got {value!r}")
    return value


def _days(value: Any) -> int:
    if type(value) is not int:
        raise TypeError(f"expected whole days, got {value!r}")
    return value


def from_plain(kind: type[T], value: Any, place: str = "") -> T:
    """``value``, as `to_plain` made it, as a ``kind`` again.

    Raises DataError, with ``place``, when it is anything else.
    """
    from cattrs import BaseValidationError, transform_error

    if hasattr(kind, "__attrs_attrs__") and not isinstance(value, dict):
        raise DataError("expected a JSON object", place=place, code="bad_file", remedy=_NOT_OURS)
    if get_origin(kind) is tuple and not isinstance(value, list):
        raise DataError("expected a JSON list", place=place, code="bad_file", remedy=_NOT_OURS)
    try:
        return _converter().structure(value, kind)
    except BaseValidationError as problem:
        reasons = "; ".join(transform_error(problem))
        raise DataError(reasons, place=place, code="bad_file", remedy=_NOT_OURS) from None


def loads(kind: type[T], text: str, place: str = "") -> T:
    """JSON ``text`` as a ``kind``. Raises DataError, with ``place``, when it is not one."""
    try:
        value = json.loads(text)
    except (ValueError, RecursionError) as problem:
        raise DataError(f"not JSON: {problem}", place=place, code="bad_file", remedy=_NOT_OURS) from None
    return from_plain(kind, value, place)
