"""What must hold before the one order of a drill, and which order it is: one share, at a price that the market will not reach."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

from attrs import frozen

from rebalkit.calendar import NEW_YORK, session_hours, why_closed
from rebalkit.errors import BlockedError
from rebalkit.model import AccountSnapshot, LotSale, OrderRequest, Quote, Side, Transaction
from rebalkit.model.policy import WINDOW
from rebalkit.money import CENT
from rebalkit_etrade.drill.notebook import unfinished
from rebalkit_etrade.records import ListedOrder
from rebalkit_etrade.trading.listing import is_open

__all__ = [
    "Wanted",
    "chosen_lot",
    "limit_of",
    "refuse_closed_market",
    "refuse_open_orders",
    "refuse_other_moment",
    "refuse_sold",
    "refuse_unfinished",
]

_FRESH = dt.timedelta(seconds=60)
"""How old a quote may be."""
_MOVED = Decimal("0.02")
"""Part of the limit by which it may move between the question and its answer."""
_LEFT = dt.timedelta(minutes=15)
"""How long the market must still be open: the order is to be cancelled well before its day ends."""


@frozen
class Wanted:
    """What the person asks for: a ``symbol``, a ``side``, and how many percent the limit is ``away`` from the quote."""

    symbol: str
    side: Side
    away: Decimal


def limit_of(wanted: Wanted, quote: Quote | None, now: dt.datetime) -> Decimal:
    """The limit, USD per share, whole cents: below the bid for a purchase, above the ask for a sale.

    Raises BlockedError without a quote of this moment, and for a share whose limit would be below a dollar, where cents have parts.
    """
    fresh = quote is not None and quote.at is not None and abs(now - quote.at) <= _FRESH
    if quote is None or not fresh or quote.delayed or quote.bid <= 0 or quote.ask < quote.bid:
        raise _refused(
            f"there is no quote of this moment for {wanted.symbol}", "drill_quote", "Choose a liquid ETF (--order SYMBOL)."
        )
    if wanted.side is Side.BUY:
        limit = (quote.bid * (1 - wanted.away / 100)).quantize(CENT, ROUND_FLOOR)
    else:
        limit = (quote.ask * (1 + wanted.away / 100)).quantize(CENT, ROUND_CEILING)
    if limit < 1:
        raise _refused(f"the limit for {wanted.symbol} would be below a dollar", "drill_price", "Choose another ETF.")
    return limit


def refuse_closed_market(now: dt.datetime) -> None:
    """Raise BlockedError unless the market is open, and for a while yet."""
    day = now.astimezone(NEW_YORK).date()
    hours = session_hours(day)
    if hours is None or not hours[0] <= now < hours[1] - _LEFT:
        why = why_closed(day) or "it trades from 9:30, and a drill takes until a quarter of an hour before the end"
        raise _refused(f"the market is not open for a drill: {why}", "drill_closed", "Come back while it is open.")


def refuse_unfinished(account: str, now: dt.datetime) -> None:
    """Raise BlockedError when a drill of this account sent an order of which nobody saw the end."""
    path = unfinished(account, now)
    if path is not None:
        raise _refused(
            "an earlier drill of this account sent an order, and did not see it end",
            "drill_unfinished",
            f"Look at E*TRADE's page whether it is open, cancel it there, and take {path} away.",
        )


def refuse_open_orders(orders: Sequence[ListedOrder]) -> None:
    """Raise BlockedError when the account has an open order of whatever kind: nothing must be mistaken for the order of the drill."""
    found = [str(one.order) for one in orders if is_open(one)]
    if found:
        raise _refused(
            f"the account has open orders: {', '.join(found)}", "drill_open_orders", "Cancel them, or wait for their end."
        )


def refuse_other_moment(before: OrderRequest, now: OrderRequest) -> None:
    """Raise BlockedError when the market has moved while the person was asked: the limit would no longer be far enough away."""
    assert before.limit is not None
    assert now.limit is not None
    if abs(now.limit / before.limit - 1) > _MOVED or now.lots != before.lots:
        raise _refused(f"the limit would be {now.limit} by now", "drill_moved", "Begin again, and type the phrase soon.")


def refuse_sold(wanted: Wanted, transactions: Sequence[Transaction], today: dt.date) -> None:
    """Raise BlockedError for a purchase of what was sold in the days in which a purchase would wash a loss."""
    since = today - WINDOW
    sold = [one for one in transactions if one.symbol == wanted.symbol and one.date >= since and one.action.value == "sell"]
    if sold:
        raise _refused(
            f"{wanted.symbol} was sold on {sold[-1].date}: if this order filled, it could wash a loss",
            "drill_wash",
            "Choose another ETF, which you do not hold.",
        )


def chosen_lot(wanted: Wanted, snapshot: AccountSnapshot, limit: Decimal) -> tuple[LotSale, ...]:
    """For a sale the lot with the lowest cost, so that even a fill would be a gain; nothing for a purchase, which cash must cover.

    Raises BlockedError where there is no such lot, or too little cash.
    """
    if wanted.side is Side.BUY:
        if snapshot.cash.settled < limit:
            raise _refused(f"the settled cash does not cover one share at {limit} USD", "drill_cash", "Choose a cheaper ETF.")
        return ()
    lots = [one for one in snapshot.lots if one.symbol == wanted.symbol and one.quantity >= 1 and one.cost and one.acquired]
    best = min(lots, key=lambda one: (one.cost or Decimal(0)) / one.quantity, default=None)
    if best is None or (best.cost or Decimal(0)) / best.quantity >= limit:
        raise _refused(
            f"no lot of {wanted.symbol} has a whole share with a known cost below {limit} USD", "drill_lot", "Choose another."
        )
    return (LotSale(best.lot, Decimal(1)),)


def _refused(reason: str, code: str, remedy: str) -> BlockedError:
    return BlockedError(reason, code=code, remedy=f"Nothing was placed. {remedy}")
