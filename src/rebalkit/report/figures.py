"""How numbers and dates are written for a person. The same everywhere, so that two reports of one plan can be compared by eye."""

from __future__ import annotations

import datetime as dt
from decimal import ROUND_FLOOR, ROUND_HALF_EVEN, Decimal

from rebalkit.money import CENT, plain, trim

__all__ = [
    "MINUS",
    "NOTHING",
    "day",
    "dollars",
    "long_day",
    "money",
    "percent",
    "position",
    "price",
    "shares",
    "signed",
    "signed_percent",
]

MINUS = "−"
NOTHING = "–"
"""Stands where there is no number. It is not a zero."""


def _grouped(value: Decimal) -> str:
    """``value`` with thousands separators and a true minus sign; never "minus nothing"."""
    text = f"{abs(value):,f}"
    return f"{MINUS}{text}" if value < 0 else text


def money(value: Decimal | None) -> str:
    """USD to the cent, without the sign of the currency: ``−1,234.50``."""
    return NOTHING if value is None else _grouped(value.quantize(CENT, ROUND_HALF_EVEN) + 0)


def dollars(value: Decimal | None) -> str:
    """USD to the cent for a sentence: ``−$1,234.50``."""
    text = money(value)
    return text if value is None else f"{MINUS}${text[1:]}" if text.startswith(MINUS) else f"${text}"


def signed(value: Decimal | None) -> str:
    """USD to the cent with its sign, so that colour never is the only one: ``+1,234.50``."""
    text = money(value)
    return f"+{text}" if value is not None and value.quantize(CENT, ROUND_HALF_EVEN) > 0 else text


def percent(value: Decimal | None) -> str:
    """Percent to two decimals, without the sign %."""
    return money(value)


def signed_percent(value: Decimal | None) -> str:
    """Percent or percentage points to two decimals with their sign."""
    return signed(value)


def shares(value: Decimal | None) -> str:
    """Shares with all the decimals they have and no more."""
    return NOTHING if value is None else _grouped(trim(value))


def price(value: Decimal | None) -> str:
    """USD per share: two decimals, or as many as the quote has."""
    if value is None:
        return NOTHING
    short = value.quantize(CENT, ROUND_HALF_EVEN)
    return _grouped(short if short == value else Decimal(plain(trim(value))))


def day(value: dt.date | None) -> str:
    """A date for a table, ISO 8601."""
    return NOTHING if value is None else value.isoformat()


def long_day(value: dt.date) -> str:
    """A date for a sentence: ``April 8, 2025``, whatever the locale."""
    return f"{_MONTHS[value.month - 1]} {value.day}, {value.year}"


def position(quantity: Decimal, each: Decimal) -> Decimal:
    """Value of ``quantity`` shares at ``each`` USD, rounded down to the cent."""
    return (quantity * each).quantize(CENT, ROUND_FLOOR)


_MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
