"""What an export leaves open and the person's own rows tell: ratios of splits, and what received shares have cost."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence
from decimal import Decimal

from rebalkit.errors import DataError
from rebalkit.model import Action, OpenSplit, Transaction
from rebalkit.money import plain

__all__ = ["check_splits", "complete_receipts"]

_SPLIT = "Give it in a file with the columns of transactions.csv, beside this one: {account},{date},split,{symbol},RATIO,,"


def check_splits(open_splits: Iterable[OpenSplit], transactions: Iterable[Transaction]) -> None:
    """Raise DataError with every split of ``open_splits`` whose ratio is not told by a split of its day in ``transactions``."""
    told = {(one.account, one.symbol, one.date) for one in transactions if one.action is Action.SPLIT}
    problems = [
        DataError(
            f"a split of {one.symbol} without its ratio, which cannot be told from the shares added",
            place=one.place,
            remedy=_SPLIT.format(account=one.account, date=one.date, symbol=one.symbol),
            code="open_split",
        )
        for one in open_splits
        if (one.account, one.symbol, one.date) not in told
    ]
    if problems:
        raise DataError.together(problems)


def complete_receipts(exported: Sequence[Transaction], told: Iterable[Transaction]) -> tuple[Transaction, ...]:
    """The transactions of an export without those receipts of shares that the person's own rows tell better.

    An export says that shares came in, but not what they cost nor since when they are held. Rows ``receive`` with a price of the same
    account, symbol and day stand for them, one for each lot.

    Args:
        exported: Transactions of exports.
        told: Transactions that the person wrote.

    Raises:
        DataError: The rows of the person do not add up to the shares received.
    """
    written: dict[tuple[str, dt.date, str], Decimal] = defaultdict(Decimal)
    for one in told:
        if one.action is Action.RECEIVE and one.price is not None:
            written[_key(one)] += one.quantity
    received: dict[tuple[str, dt.date, str], Decimal] = defaultdict(Decimal)
    for one in exported:
        if one.action is Action.RECEIVE and one.price is None and _key(one) in written:
            received[_key(one)] += one.quantity
    for (account, date, symbol), shares in received.items():
        given = written[account, date, symbol]
        if given != shares:
            raise DataError(
                f"account {account} received {plain(shares)} {symbol} on {date}, but rows for {plain(given)} say what they cost",
                code="receipt_differs",
                remedy="Write a row receive for each lot, which together have the shares received.",
            )
    return tuple(one for one in exported if not (one.action is Action.RECEIVE and one.price is None and _key(one) in received))


def _key(one: Transaction) -> tuple[str, dt.date, str]:
    return one.account, one.date, one.symbol
