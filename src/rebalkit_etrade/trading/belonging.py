"""Whether an answer is of the account that was asked about."""

from __future__ import annotations

from rebalkit_etrade.reading.fields import unreadable
from rebalkit_etrade.redaction import named

__all__ = ["refuse_another"]

_TAIL = 4
"""Digits that are compared: an answer may show no more of a number."""


def refuse_another(account: str, told: str, what: str) -> None:
    """Raise DataError when ``what`` names another account than ``account``; one that names none is taken."""
    if told and told[-_TAIL:] != account[-_TAIL:]:
        raise unreadable(what, f"{named(account)} was asked about, and it is of {named(told)}")
