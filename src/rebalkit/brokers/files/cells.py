"""The text of one cell as a value. What could mean two things is refused, with the way to write it."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from contextlib import suppress
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from functools import lru_cache
from typing import TypeVar

from rebalkit.brokers.files.problems import did_you_mean, shown
from rebalkit.errors import DataError
from rebalkit.model import check_symbol
from rebalkit.money import from_cents, from_nanos, plain, to_cents, to_micros, to_nanos, trim

__all__ = ["BadCell", "amount", "cash", "choice", "day", "name", "positive", "price", "quantity", "shares", "symbol", "symbols"]

_Choice = TypeVar("_Choice", bound=StrEnum)

LONGEST_NAME = 64
MOST_DECIMALS = 12
FIRST_YEAR = 1900
"""Spreadsheets show an empty or broken date as a day of 1899 or 1900, and a year of two digits as one of the first century."""

_PLAIN = re.compile(r"-?[0-9]{1,15}(?:\.[0-9]{1,12})?")
_DRESSED = re.compile(r"-?\$?(?:[0-9]{1,15}|[1-9][0-9]{0,2}(?:,[0-9]{3}){1,4})?(?:\.[0-9]{1,12})?")
_TOO_FINE = re.compile(r"-?\$?[0-9,]*\.[0-9]{13,}")
_TOO_LARGE = re.compile(r"-?\$?[0-9,]{16,}(?:\.[0-9]*)?")
_DECIMAL_COMMA = re.compile(r"-?[0-9]{1,3}(?:\.[0-9]{3})*,[0-9]+|-?[0-9]+,[0-9]+")
_EXPONENT = re.compile(r"[+-]?[0-9]*\.?[0-9]*[eE][+-]?[0-9]+")

_RATIO = re.compile(r"([1-9][0-9]{0,3}) ?/ ?([1-9][0-9]{0,3})")

_ISO_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_SLASHED_DAY = re.compile(r"([0-9]{1,2})[/.-]([0-9]{1,2})[/.-]([0-9]{4})")


class BadCell(ValueError):
    """The text of a cell is not what its column holds."""

    def __init__(self, reason: str, remedy: str = "", *, code: str) -> None:
        super().__init__(reason)
        self.reason = reason
        self.remedy = remedy
        self.code = code


def name(text: str) -> str:
    """A name that people gave: up to 64 printable characters, of any script."""
    if len(text) > LONGEST_NAME:
        raise BadCell(f"{shown(text)} has {len(text)} characters; at most {LONGEST_NAME} are allowed", code="bad_name")
    if not text.isprintable():
        remedy = "Write it on one line; if it spans lines by accident, a quotation mark is missing." if "\n" in text else ""
        raise BadCell(f"{shown(text)} holds characters that cannot be printed", remedy, code="bad_name")
    return text


def symbol(text: str) -> str:
    """A ticker in capitals."""
    try:
        return check_symbol(text)
    except DataError as problem:
        remedy = problem.remedy
    if text.isascii():
        with suppress(DataError):
            remedy = f"Write {check_symbol(text.upper())}."
    raise BadCell(f"{shown(text)} is not a ticker symbol", remedy, code="bad_symbol")


def symbols(text: str) -> tuple[str, ...]:
    """Tickers with spaces between them, each once."""
    found = tuple(symbol(one) for one in text.split())
    if len(set(found)) != len(found):
        raise BadCell(f"{shown(text)} names a symbol twice", code="bad_symbol")
    return found


def choice(kind: type[_Choice], what: str) -> Callable[[str], _Choice]:
    """A parser of the words of ``kind``, in whatever case; ``what`` says in an error what the words are."""
    words = {str(one): one for one in kind}

    def parse(text: str) -> _Choice:
        found = words.get(text.casefold())
        if found is None:
            expected = f"{shown(text)} is not {what}; expected {', '.join(words)}"
            raise BadCell(expected, did_you_mean(text, words), code="unknown_word")
        return found

    return parse


@lru_cache(maxsize=4096)
def day(text: str) -> dt.date:
    """A day as YYYY-MM-DD and nothing else: 01/02/2024 is two days, depending on who reads it."""
    if not _ISO_DAY.fullmatch(text):
        meant = " or ".join(_readings(text))
        remedy = f"Write {meant}{', whichever is meant' if ' or ' in meant else ''}." if meant else "Write it as YYYY-MM-DD."
        raise BadCell(f"{shown(text)} is not a date of the form YYYY-MM-DD", remedy, code="bad_date")
    try:
        found = dt.date.fromisoformat(text)
    except ValueError:
        raise BadCell(f"{text} is not a day of the calendar", code="bad_date") from None
    if found.year < FIRST_YEAR:
        raise BadCell(f"{text} is before {FIRST_YEAR}", "Correct the year.", code="bad_date")
    return found


def _readings(text: str) -> list[str]:
    """The days that a date with slashes, dots or hyphens may be, month first and day first."""
    found: list[str] = []
    if slashed := _SLASHED_DAY.fullmatch(text):
        first, second, year = (int(part) for part in slashed.groups())
        for month, day_of_month in ((first, second), (second, first)):
            with suppress(ValueError):
                found.append(dt.date(year, month, day_of_month).isoformat())
    return list(dict.fromkeys(found))


def shares(text: str) -> Decimal:
    """Shares above 0, to the millionth."""
    value = positive(text)
    try:
        to_micros(value)
    except ValueError as problem:
        raise BadCell(str(problem), code="too_fine") from None
    return value


def positive(text: str) -> Decimal:
    """A number above 0."""
    value = _number(text)
    if value <= 0:
        remedy = "The direction is not in the sign; write the number without it." if value else ""
        raise BadCell(f"{plain(value)} is not above 0", remedy, code="bad_number")
    return trim(value)


def quantity(text: str) -> Decimal | Fraction:
    """A number above 0; as a fraction such as 1/3 what only a split may be."""
    if ratio := _RATIO.fullmatch(text):
        return Fraction(int(ratio[1]), int(ratio[2]))
    return positive(text)


def price(text: str) -> Decimal:
    """USD per share, above 0."""
    value = _dollars(text)
    if value <= 0:
        raise BadCell(f"a price of {plain(value)} is not above 0", code="bad_number")
    return value


def amount(text: str) -> Decimal:
    """USD, 0 or more."""
    value = _dollars(text)
    if value < 0:
        raise BadCell(f"{plain(value)} is below 0", code="bad_number")
    return value


def cash(text: str) -> Decimal:
    """USD in whole cents; negative with a sign or, as accountants write it, in brackets."""
    inner = text[1:-1].strip() if text.startswith("(") and text.endswith(")") else ""
    if inner.startswith("-"):
        raise BadCell(f"{shown(text)} is negative twice", code="bad_number")
    value = -_number(inner, money=True) if inner else _number(text, money=True)
    try:
        return from_cents(to_cents(value))
    except ValueError as problem:
        raise BadCell(str(problem), "Round it to the cent.", code="too_fine") from None


def _dollars(text: str) -> Decimal:
    value = _number(text, money=True)
    try:
        return from_nanos(to_nanos(value))
    except ValueError as problem:
        raise BadCell(str(problem), code="too_fine") from None


def _number(text: str, *, money: bool = False) -> Decimal:
    """The exact number that ``text`` can only be: digits, a decimal point, commas between thousands, a dollar sign on money."""
    if _PLAIN.fullmatch(text):
        return Decimal(text)
    digits = any(character in "0123456789" for character in text)
    if digits and (money or "$" not in text) and _DRESSED.fullmatch(text):
        return Decimal(text.replace(",", "").replace("$", ""))
    if _TOO_FINE.fullmatch(text):
        reason = f"{shown(text)} has more than {MOST_DECIMALS} decimals"
        raise BadCell(reason, "It looks like the result of a calculation; round it.", code="too_fine")
    remedy = "Write digits with a decimal point, such as 1234.56."
    if _TOO_LARGE.fullmatch(text):
        remedy = "It must be below 10^15."
    elif _EXPONENT.fullmatch(text):
        remedy = "Write all its digits, without an exponent; in a spreadsheet, format the column as a number."
    elif _DECIMAL_COMMA.fullmatch(text):
        remedy = "A comma may only stand between groups of three digits; the decimals follow a point, as in 1,234.56."
    elif text.startswith("="):
        remedy = "A formula is not read; save its result."
    raise BadCell(f"{shown(text)} is not {'an amount in USD' if money else 'a number'}", remedy, code="bad_number")
