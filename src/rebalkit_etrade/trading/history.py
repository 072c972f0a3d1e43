"""What happened in an account: its transactions, and the fills of orders that the transactions do not show yet."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal

from attrs import frozen

from rebalkit.calendar import NEW_YORK, next_session
from rebalkit.errors import DataError
from rebalkit.model import Action, Side, Transaction
from rebalkit.model.policy import WINDOW
from rebalkit_etrade.records import HistoryRow, ListedOrder
from rebalkit_etrade.redaction import named
from rebalkit_etrade.trading.listing import is_managed_leg, status_of
from rebalkit_etrade.trading.movements import moved

__all__ = ["RECENT", "Happened", "happened"]

RECENT = 2 * WINDOW + dt.timedelta(days=1)
"""Days back in which a trade can matter to a sale of today or to one that it was bought again after."""


@frozen
class Happened:
    """What happened: the ``transactions``, oldest first, and ``notes`` of what is not among them."""

    transactions: tuple[Transaction, ...]
    notes: tuple[str, ...]


@frozen
class _Fill:
    """What an order filled, and between which days its transactions are, the last one included."""

    transaction: Transaction
    first: dt.date
    last: dt.date


def happened(
    account: str,
    rows: Sequence[HistoryRow],
    orders: Iterable[ListedOrder],
    today: dt.date,
    moves: Mapping[str, Action | None],
) -> Happened:
    """The executions, reinvestments and transfers of an account.

    A fill is in the list of orders at once and among the transactions later, and nothing names the one in the other. So of each order
    the transactions from the day on which it was placed to the day after it was executed count, and beside them as many shares as it
    filled beyond them. An order counts by what it filled, whatever its status is.

    Args:
        account: The account.
        rows: Its transactions.
        orders: Its orders, as far as the transactions may not tell of them yet.
        today: The day in New York.
        moves: What the person says of types of transactions, by type, small letters.

    Raises:
        DataError: A transaction of the last 61 days moved shares in a way that is not known.
    """
    found: list[Transaction] = []
    notes: list[str] = []
    for row in rows:
        try:
            one = moved(account, row, moves)
        except DataError as problem:
            if row.date >= today - RECENT:
                raise
            notes.append(f"{named(account)}: the transaction of {row.date} is left out: {problem.reason}")
            continue
        if one is not None:
            found.append(one)
        elif _buys_option(row) and row.date >= today - RECENT:
            notes.append(
                f"{named(account)} bought an option, {row.symbol or row.description}, on {row.date}: it counts for wash sales of "
                "what it is on, and is not counted here"
            )
    untold = _untold(found, [fill for one in orders for fill in _fills(account, one, today)])
    return Happened(tuple(sorted([*found, *untold], key=lambda one: one.date)), tuple(notes))


def _buys_option(row: HistoryRow) -> bool:
    return row.security == "OPTN" and row.kind.lower().startswith(("bought", "buy"))


def _untold(told: Sequence[Transaction], fills: Iterable[_Fill]) -> Iterator[Transaction]:
    """What the fills have beyond the transactions; each share of a transaction tells of one fill, of the one that was over first.

    A reinvested dividend is no order, and so tells of none.
    """
    told = sorted(told, key=lambda one: one.date)  # the oldest first: what was over first was told first
    left = [one.quantity for one in told]
    for fill in sorted(fills, key=lambda one: (one.last, one.first)):
        order, shares = fill.transaction, fill.transaction.quantity
        for place, one in enumerate(told):
            if (one.symbol, one.action) == (order.symbol, order.action) and fill.first <= one.date <= fill.last:
                known = min(left[place], shares)
                left[place] -= known
                shares -= known
        if shares:
            yield _cut(order, shares)


def _fills(account: str, one: ListedOrder, today: dt.date) -> Iterator[_Fill]:
    """The fills of an order; of one whose last execution is not told they may be of today."""
    placed = one.placed.astimezone(NEW_YORK).date()
    day = today if one.executed is None else one.executed.astimezone(NEW_YORK).date()
    for number, leg in enumerate(one.legs):
        if not is_managed_leg(leg):
            continue
        status = status_of(one, number)
        action = Action.BUY if status.side is Side.BUY else Action.SELL
        transaction = Transaction(account, day, action, leg.symbol, leg.filled, leg.average_price, status.fees, status.order)
        # What fills in the evening may be booked on the next day of trading.
        yield _Fill(transaction, placed, next_session(day))


def _cut(fill: Transaction, shares: Decimal) -> Transaction:
    """``shares`` of a fill, with their part of its fees."""
    fees = (fill.fees * shares / fill.quantity).quantize(Decimal("0.01"))
    return Transaction(fill.account, fill.date, fill.action, fill.symbol, shares, fill.price, fees, fill.order)
