"""What must not be bought after a loss was taken."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from decimal import ROUND_CEILING, Decimal
from itertools import chain
from typing import Any

from attrs import Attribute, evolve, field, frozen

from rebalkit.errors import DataError
from rebalkit.model.history import Action, Transaction
from rebalkit.money import CENT, to_decimal, trim

__all__ = ["Promise", "unseen"]

_REMEMBERED = dt.timedelta(days=31)
"""A purchase on the last day may be on record days later only, a month later in a statement: so long its promise is remembered."""


def _symbols(group: Iterable[str]) -> tuple[str, ...]:
    return tuple(group)


def _not_empty(_: Any, __: Attribute[tuple[str, ...]], group: tuple[str, ...]) -> None:
    if not group:
        raise DataError("a promise names no symbol", code="bad_promise")


@frozen
class Promise:
    """Acquire no shares of ``group`` in any account through ``through``, by reinvested dividends and open orders neither.

    Each share acquired before ``free_from`` gives back its part of the loss, up to ``quantity`` shares and ``loss`` USD; into an IRA
    for good (26 USC 1091; Rev. Rul. 2008-5).

    Attributes:
        promise: Its name, unique.
        group: The symbols that count as one with those sold, in alphabetical order.
        account: The account in which the loss was taken.
        sold: Day of the sale.
        through: Last day on which a purchase washes the loss.
        free_from: First day on which it does not any more.
        quantity: Shares sold at a loss that no purchase has replaced so far.
        loss: Their loss, USD, positive.
        plan_id: The plan that took it.

    Raises:
        DataError: Days out of order, no symbol, or a quantity or loss that is not above 0.
    """

    promise: str
    group: tuple[str, ...] = field(converter=_symbols, validator=_not_empty)
    account: str
    sold: dt.date
    through: dt.date
    free_from: dt.date
    quantity: Decimal = field(converter=to_decimal)
    loss: Decimal = field(converter=to_decimal)
    plan_id: str

    def __attrs_post_init__(self) -> None:
        if not self.sold <= self.through < self.free_from:
            raise DataError("its days are out of order", place=f"promise {self.promise}", code="bad_promise")
        if self.quantity <= 0 or self.loss <= 0:
            raise DataError("its shares and its loss are not above 0", place=f"promise {self.promise}", code="bad_promise")

    def of_shares(self, quantity: Decimal) -> Promise:
        """The same of ``quantity`` shares, with their part of the loss, rounded up to the cent."""
        return evolve(self, quantity=trim(quantity), loss=(self.loss * quantity / self.quantity).quantize(CENT, ROUND_CEILING))

    def in_force(self, day: dt.date) -> bool:
        """Whether a purchase on ``day`` breaks it."""
        return self.sold <= day <= self.through

    def is_remembered(self, day: dt.date) -> bool:
        """Whether on ``day`` it is still told when it was broken, though it may bind no more."""
        return self.sold <= day <= self.through + _REMEMBERED


def unseen(promises: Iterable[Promise], transactions: Iterable[Transaction]) -> tuple[Promise, ...]:
    """What of ``promises`` is about sales that are not among ``transactions``, each with what is left of its shares and its loss.

    Shares of the group that its account sold on its day are those that it is about; of two promises of one day, of the first one first.
    """
    sales = [one for one in transactions if one.action is Action.SELL]
    free = [one.quantity for one in sales]
    of_day: dict[tuple[dt.date, str, str], list[int]] = {}
    for number, one in enumerate(sales):
        of_day.setdefault((one.date, one.account, one.symbol), []).append(number)
    found = []
    for promise in promises:
        left = promise.quantity
        its_sales = (of_day.get((promise.sold, promise.account, symbol), ()) for symbol in set(promise.group))
        for number in sorted(chain.from_iterable(its_sales)):
            taken = min(left, free[number])
            left -= taken
            free[number] -= taken
        if left:
            found.append(promise if left == promise.quantity else promise.of_shares(left))
    return tuple(found)
