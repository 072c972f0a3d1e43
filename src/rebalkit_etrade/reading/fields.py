"""Fields of an answer: numbers may be text, lists of one may be without their list, first letters may be small. Nothing is guessed."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from rebalkit.errors import DataError
from rebalkit.outside_text import clean

__all__ = ["Fields", "letters", "unreadable"]

_NEW_YORK = ZoneInfo("America/New_York")
_WHOLE = re.compile(r"-?\d{1,19}")
_NUMBER = re.compile(r"-?\d{1,15}(\.\d{1,30})?")
_LATEST = 4102444800
"""Seconds of the year 2100. Moments above are in milliseconds, others in seconds (both are on the wire, observed)."""


def unreadable(place: str, reason: str) -> DataError:
    """The error that an answer cannot be understood."""
    return DataError(
        reason,
        place=f"E*TRADE, {place}",
        code="unreadable",
        remedy="Nothing was guessed. Look at the request log, and report it if it happens again.",
    )


def letters(symbol: str) -> str:
    """The letters and digits of a symbol: the sign between ticker and class of a share differs from place to place."""
    return "".join(one for one in symbol.upper() if one.isalnum())


class Fields:
    """The fields of one object of an answer.

    Args:
        data: What JSON gave, numbers as int or Decimal.
        place: Where in the answer it stands, for messages.
    """

    def __init__(self, data: Any, place: str) -> None:
        if not isinstance(data, Mapping):
            raise unreadable(place, f"there is {_kind(data)} instead of an object")
        self._data = data
        self.place = place

    def has(self, name: str) -> bool:
        """Whether the field is there and says something: null, an empty text and an empty object say nothing."""
        return self._value(name) is not None

    def one(self, name: str) -> Fields:
        """An object. A list of one stands for it."""
        value = self._needed(name)
        if isinstance(value, list) and len(value) == 1:
            value = value[0]
        return Fields(value, f"{self.place}.{name}")

    def many(self, name: str) -> list[Fields]:
        """The objects of a list; one alone may stand without the list, and none may be left out."""
        value = self._value(name)
        if value is None:
            return []
        found = value if isinstance(value, list) else [value]
        return [Fields(one, f"{self.place}.{name}[{number}]") for number, one in enumerate(found)]

    def some(self, name: str) -> list[Fields]:
        """The objects of a list that has one at least: that there is none is told in another way."""
        found = self.many(name)
        if not found:
            raise unreadable(self.place, f"{name} is missing")
        return found

    def text(self, name: str) -> str:
        """A text that must be there, made harmless."""
        return self._text(name, self._needed(name))

    def label(self, name: str) -> str:
        """A text that may as well be written as a whole number, such as the number of an account or of a page; empty where it is missing."""
        value = self._value(name)
        return str(value) if isinstance(value, int) and not isinstance(value, bool) else self.text_or(name)

    def text_or(self, name: str, default: str = "") -> str:
        """A text that may be missing."""
        value = self._value(name)
        return default if value is None else self._text(name, value)

    def whole(self, name: str) -> int:
        """A whole number, such as an id; never by way of a float, which has no room for the last digits of an id."""
        value = self._needed(name)
        if isinstance(value, int) and not isinstance(value, bool):
            return value
        if isinstance(value, str) and _WHOLE.fullmatch(value.strip()):
            return int(value)
        raise self._wrong(name, value, "a whole number")

    def whole_or_none(self, name: str) -> int | None:
        """A whole number that may be missing."""
        return self.whole(name) if self.has(name) else None

    def amount(self, name: str) -> Decimal:
        """A number, exactly as it is written but for zeros at its end."""
        value = self._needed(name)
        written = format(value, "f") if isinstance(value, Decimal) else str(value)
        if not isinstance(value, (int, Decimal, str)) or isinstance(value, bool) or not _NUMBER.fullmatch(written.strip()):
            raise self._wrong(name, value, "a number")
        written = written.strip()
        # Not `normalize`, which would round what has more than 28 digits.
        return Decimal(written.rstrip("0").rstrip(".") if "." in written else written)

    def amount_or_none(self, name: str) -> Decimal | None:
        """A number that may be missing."""
        return self.amount(name) if self.has(name) else None

    def flag(self, name: str) -> bool:
        """A truth value that may be missing, and is then false."""
        value = self._value(name)
        if value is None or isinstance(value, bool):
            return bool(value)
        if isinstance(value, str) and value.strip().lower() in ("true", "false"):
            return value.strip().lower() == "true"
        raise self._wrong(name, value, "true or false")

    def moment(self, name: str) -> dt.datetime:
        """A moment in milliseconds or seconds since 1970."""
        return dt.datetime.fromtimestamp(self._seconds(name), dt.UTC).astimezone(_NEW_YORK)

    def moment_or_none(self, name: str) -> dt.datetime | None:
        """A moment that may be missing; 0 stands for that, too."""
        return self.moment(name) if self.has(name) and self.whole(name) else None

    def day(self, name: str) -> dt.date:
        """A day in New York, told as its midnight there."""
        return self.moment(name).date()

    def day_or_none(self, name: str) -> dt.date | None:
        """A day that may be missing; 0 and moments before 1970 stand for an unknown one (observed)."""
        return self.day(name) if self.has(name) and self.whole(name) > 0 else None

    def plain(self) -> dict[str, Any]:
        """The object as it is."""
        return dict(self._data)

    def _seconds(self, name: str) -> float:
        value = self.whole(name)
        if not 0 < value < _LATEST * 1000:
            raise self._wrong(name, value, "a moment")
        return value / 1000 if value >= _LATEST else float(value)

    def _text(self, name: str, value: Any) -> str:
        if isinstance(value, str):
            return clean(value)
        raise self._wrong(name, value, "a text")

    def _needed(self, name: str) -> Any:
        value = self._value(name)
        if value is None:
            raise unreadable(self.place, f"{name} is missing")
        return value

    def _value(self, name: str) -> Any:
        """The field under its name with a capital or a small first letter; None where it says nothing."""
        found = [self._data[one] for one in {name, name[0].swapcase() + name[1:]} if one in self._data]
        said = [one for one in found if one is not None and one != "" and one != {} and one != []]
        if len(said) > 1 and said[0] != said[1]:
            raise unreadable(self.place, f"{name} is there twice, with different content")
        return said[0] if said else None

    def _wrong(self, name: str, value: Any, wanted: str) -> DataError:
        return unreadable(f"{self.place}.{name}", f"{_kind(value)} is not {wanted}")


def _kind(value: Any) -> str:
    if isinstance(value, (list, dict)):
        return "a list" if isinstance(value, list) else "an object"
    return clean(repr(value))[:60]
