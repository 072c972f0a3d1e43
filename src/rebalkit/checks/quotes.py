"""Quotes: present, sane and fresh for everything that is held or traded."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from rebalkit.calendar import previous_session
from rebalkit.checks.findings import blocking, info, warning
from rebalkit.model.findings import Finding
from rebalkit.plugin import CheckInput

__all__ = ["check_quotes"]


def check_quotes(given: CheckInput) -> Iterator[Finding]:
    """``quote_missing``, ``quote_bad``, ``stale_quote``, ``quote_undated``, ``candidate_without_quote``."""
    snapshot = given.snapshot
    # A plan made before the opening knows the last close; anything older is not what an order would meet.
    oldest = previous_session(snapshot.as_of)
    undated: list[str] = []
    stale: dict[dt.date, list[str]] = {}
    for symbol in sorted({order.symbol for order in given.plan.orders} | {lot.symbol for lot in snapshot.account.lots}):
        quote = snapshot.quotes.get(symbol)
        if quote is None:
            yield blocking("quote_missing", f"There is no quote for {symbol}: add one to the prices.", symbol)
            continue
        if not quote.sane:
            message = f"The quote of {symbol} cannot be right: bid {quote.bid}, ask {quote.ask}."
            yield blocking("quote_bad", message, symbol, bid=str(quote.bid), ask=str(quote.ask))
        if quote.date is None:
            undated.append(symbol)
        elif quote.date < oldest:
            stale.setdefault(quote.date, []).append(symbol)
    for day, symbols in sorted(stale.items()):
        message = (
            f"The quotes of {', '.join(symbols)} are of {day}, older than {oldest}, the last session before {snapshot.as_of}: "
            f"bring newer prices. To see what a plan of that day would have been, add --as-of {day}."
        )
        yield blocking("stale_quote", message, symbols=symbols, date=day.isoformat(), oldest=oldest.isoformat())
    if undated:
        message = f"{len(undated)} quotes carry no date and are taken to be of {snapshot.as_of}."
        yield info("quote_undated", message, symbols=undated)
    yield from _candidates(given)


def _candidates(given: CheckInput) -> Iterator[Finding]:
    """A class that goes unbought for want of a quote would leave its money idle or to the others, so that forbids the plan."""
    at_stake = given.plan.orders or given.snapshot.account.cash.total > given.limits.reserve
    bought = {one.name: one.buy for one in given.plan.classes}
    for one in given.targets.classes:
        missing = [symbol for rank in one.buy for symbol in rank if symbol not in given.snapshot.quotes]
        if not missing:
            continue
        message = f"There is no quote for {', '.join(missing)}, which {one.name} may buy: add it to the prices."
        say = blocking if bought.get(one.name) is None and at_stake else warning
        yield say("candidate_without_quote", message, one.name, symbols=missing)
