"""What could spoil an answer about the wash-sale rule, where no plan is: purchases to come, and what the data does not show."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from rebalkit.calendar import previous_session
from rebalkit.checks.findings import info, warning
from rebalkit.checks.unseen import unseen_history
from rebalkit.model.findings import Finding
from rebalkit.model.history import Action
from rebalkit.model.orders import Side
from rebalkit.money import plain
from rebalkit.tax.wash_view import WashView

__all__ = ["wash_hazards"]

_A_YEAR = dt.timedelta(days=365)


def wash_hazards(view: WashView, symbol: str) -> Iterator[Finding]:
    """What touches ``symbol`` or what counts as one with it.

    ``dividends_reinvested``, ``open_order``, ``stale_quote``, ``history_differs``, ``history_unknown``, ``history_short``,
    ``accounts_seen``, ``data_note``.
    """
    snapshot = view.snapshot
    yield from _reinvested(view, symbol)
    yield from _open_orders(view, symbol)
    quote, oldest = snapshot.quotes.get(symbol), previous_session(snapshot.as_of)
    if quote is not None and quote.date is not None and quote.date < oldest:
        message = f"The quote of {symbol} is of {quote.date}: what is a gain and what a loss may have changed since. Bring newer prices."
        yield warning("stale_quote", message, symbol, date=quote.date.isoformat(), oldest=oldest.isoformat())
    for difference in view.past.differences:
        yield warning("history_differs", f"The record does not explain the lots: {difference}. They count as held.")
    yield from unseen_history(snapshot)
    others = [account.account for account in snapshot.others]
    seen = ", ".join([snapshot.account.account, *others])
    message = (
        f"Looked at: {seen}. Accounts elsewhere, a spouse's and IRAs included, count for the wash-sale rule and are not seen."
    )
    yield info("accounts_seen", message, others=others)
    for note in snapshot.notes:
        yield info("data_note", note)


def _reinvested(view: WashView, symbol: str) -> Iterator[Finding]:
    snapshot, of = view.snapshot, view.policy.groups.of
    told = {(one.account, name) for one in snapshot.accounts for name in one.reinvests if of(name) == of(symbol)}
    latest = {
        (one.account, one.symbol): one.date
        for one in snapshot.transactions
        if one.action is Action.REINVEST and of(one.symbol) == of(symbol) and one.date >= snapshot.as_of - _A_YEAR
    }
    for account, name in sorted(told | latest.keys()):
        last = latest.get((account, name))
        since = "" if last is None else f" (last on {last})"
        message = (
            f"Dividends of {name} are reinvested in account {account}{since}: each one within 30 days of a loss is a purchase that "
            "washes part of it. Turn it off before you take a loss."
        )
        yield warning("dividends_reinvested", message, name, account=account)


def _open_orders(view: WashView, symbol: str) -> Iterator[Finding]:
    of = view.policy.groups.of
    for account in view.snapshot.accounts:
        for order in account.open_orders:
            if of(order.symbol) != of(symbol):
                continue
            buys = order.side is Side.BUY
            what = "it would wash a loss taken today" if buys else "if it sells at a loss, a purchase today washes it"
            message = (
                f"An open order {'buys' if buys else 'sells'} {plain(order.quantity)} {order.symbol} in account {account.account}: {what}. "
                "Cancel it, or wait until it is filled; it counts as if it were filled today."
            )
            yield warning("open_order", message, order.symbol, account=account.account, order=order.order)
