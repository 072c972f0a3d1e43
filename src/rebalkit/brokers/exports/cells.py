"""Cells of exports as values: US dates, dollars, and the several ways of writing nothing."""

from __future__ import annotations

import datetime as dt
import re
from decimal import Decimal

from rebalkit.brokers.files.cells import BadCell
from rebalkit.brokers.files.problems import shown

__all__ = ["EMPTY", "day", "number"]

EMPTY = ("", "--", "-", "n/a")
"""What stands for no value."""

_US_DAY = re.compile(r"([0-9]{1,2})/([0-9]{1,2})/([0-9]{4}|[0-9]{2})")
_ISO_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_HYPHENED_DAY = re.compile(r"([0-9]{2})-([0-9]{2})-([0-9]{4})")
_NUMBER = re.compile(
    r"(?P<sign>[+-]?)\$?(?P<sign2>-?)(?P<digits>(?:[0-9]{1,12}|[0-9]{1,3}(?:,[0-9]{3}){1,3})?(?:\.[0-9]{0,12})?)"
)


def day(text: str) -> dt.date:
    """A day as brokers of the US write it, month first, the year with two or four digits; or as YYYY-MM-DD.

    Two digits are a year of this century: no broker's export reaches back to the last one.
    """
    try:
        if _ISO_DAY.fullmatch(text):
            return dt.date.fromisoformat(text)
        found = _US_DAY.fullmatch(text) or _HYPHENED_DAY.fullmatch(text)
        if found:
            month, day_of_month, year = (int(part) for part in found.groups())
            return dt.date(year + 2000 if year < 100 else year, month, day_of_month)
    except ValueError:
        raise BadCell(f"{shown(text)} is not a day of the calendar", code="bad_date") from None
    raise BadCell(f"{shown(text)} is not a date such as 03/28/2025", "Dates are read month first.", code="bad_date")


def number(text: str) -> Decimal | None:
    """A number with or without dollar sign and commas between thousands, in brackets when negative; None for an empty cell."""
    if text.casefold() in EMPTY:
        return None
    inner = text[1:-1].strip() if text.startswith("(") and text.endswith(")") else text
    found = _NUMBER.fullmatch(inner)
    if not found or not any(digit.isdecimal() for digit in found["digits"]) or (found["sign"] and found["sign2"]):
        raise BadCell(f"{shown(text)} is not a number", "Expected such as -1,234.56 or $1,234.56.", code="bad_number")
    value = Decimal(found["digits"].replace(",", ""))
    negative = "-" in (found["sign"], found["sign2"])
    if inner is not text and (found["sign"] or found["sign2"]):
        raise BadCell(f"{shown(text)} has two signs", code="bad_number")
    return -value if negative or inner is not text else value
