"""What happened in an account: its transactions, and the fills of orders that the transactions do not show yet."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal

from rebalkit.calendar import NEW_YORK
from rebalkit.model import Action, Side, Transaction
from rebalkit_etrade.listing import status_of
from rebalkit_etrade.reading.fields import unreadable
from rebalkit_etrade.records import HistoryRow, ListedOrder
from rebalkit_etrade.tickers import SECURITIES, is_ticker

__all__ = ["UNTOLD", "happened"]

_ACTIONS = {
    "bought": Action.BUY,
    "sold": Action.SELL,
    "dividend reinvestment": Action.REINVEST,
    "exchange received in": Action.RECEIVE,
    "exchange delivered out": Action.DELIVER,
}
"""What each type of transaction that moves shares is. Types are as observed; of purchases those with reinvested dividends are told alike."""
UNTOLD = frozenset(
    {
        "dividend", "qualified dividend", "interest", "interest income", "margin interest", "fee", "service fee", "bill payment", "pos",
        "cash in lieu", "funds received", "capital gain", "long term capital gain", "short term capital gain", "return of capital",
        "online transfer", "wire", "direct debit", "direct deposit", "atm", "check", "adjustment",
    }
)  # fmt: skip
"""Types of transactions that move dollars only. One of them with shares is not understood."""


def happened(account: str, rows: Sequence[HistoryRow], orders: Iterable[ListedOrder], first: dt.date) -> list[Transaction]:
    """The executions, reinvestments and transfers of an account since ``first``, oldest first.

    A fill is in the list of orders at once and among the transactions later, and nothing names the one in the other. For each day, symbol
    and side the transactions count, and beside them as many shares as the orders filled beyond them. An order counts by what it filled,
    whatever its status is.

    Raises:
        DataError: A transaction moved shares in a way that is not known.
    """
    found = [one for row in rows if (one := _transaction(account, row)) is not None]
    told: dict[tuple[dt.date, str, Action], Decimal] = defaultdict(Decimal)
    for one in found:
        action = Action.BUY if one.action is Action.REINVEST else one.action
        told[one.date, one.symbol, action] += one.quantity
    for fill in sorted(_fills(account, orders), key=lambda one: (one.date, one.order or "")):
        known = min(told[fill.date, fill.symbol, fill.action], fill.quantity)
        told[fill.date, fill.symbol, fill.action] -= known
        if fill.quantity > known:
            found.append(_cut(fill, fill.quantity - known))
    return sorted((one for one in found if one.date >= first), key=lambda one: one.date)


def _transaction(account: str, row: HistoryRow) -> Transaction | None:
    """The transaction, None for one that moved dollars only or something that is not managed."""
    shares, kind = abs(row.quantity or Decimal(0)), row.kind.lower()
    action = _ACTIONS.get(kind)
    if action is None and not shares:
        return None
    if kind == "transfer" and shares:
        action = Action.RECEIVE if (row.quantity or 0) > 0 else Action.DELIVER
    if row.security not in ("", *SECURITIES):
        raise unreadable(f"transaction {row.row} of {row.date}", f"its securityType is {row.security!r}, which is not known")
    if row.symbol is None or (row.security not in ("", "EQ") or not is_ticker(row.symbol)):
        if action is None or row.symbol is not None:
            return None
        raise unreadable(f"transaction {row.row} of {row.date}", f"{row.kind} of {shares} shares names no security")
    if action is None:
        raise unreadable(
            f"transaction {row.row} of {row.date}",
            f"{row.kind!r} moved {shares} {row.symbol}, and what that means for wash sales is not known",
        )
    if not shares:
        raise unreadable(f"transaction {row.row} of {row.date}", f"{row.kind} of {row.symbol} tells no shares")
    traded = action in (Action.BUY, Action.SELL, Action.REINVEST)
    if traded and not row.price:
        raise unreadable(f"transaction {row.row} of {row.date}", f"{row.kind} of {row.symbol} tells no price")
    return Transaction(account, row.date, action, row.symbol, shares, row.price if traded else None, abs(row.fee or Decimal(0)))


def _fills(account: str, orders: Iterable[ListedOrder]) -> Iterator[Transaction]:
    for one in orders:
        for number, leg in enumerate(one.legs):
            status = status_of(one, number)
            if not leg.filled or leg.security != "EQ":
                continue
            action = Action.BUY if status.side is Side.BUY else Action.SELL
            day = (one.executed or one.placed).astimezone(NEW_YORK).date()
            yield Transaction(account, day, action, leg.symbol, leg.filled, leg.average_price, status.fees, status.order)


def _cut(fill: Transaction, shares: Decimal) -> Transaction:
    """``shares`` of a fill, with their part of its fees."""
    fees = (fill.fees * shares / fill.quantity).quantize(Decimal("0.01"))
    return Transaction(fill.account, fill.date, fill.action, fill.symbol, shares, fill.price, fees, fill.order)
