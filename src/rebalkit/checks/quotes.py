"""Quotes: present, sane and fresh for everything that is held or traded."""

from __future__ import annotations

from collections.abc import Iterator

from rebalkit.calendar import previous_session
from rebalkit.checks.findings import blocking, info, warning
from rebalkit.model.findings import Finding
from rebalkit.plugin import CheckInput

__all__ = ["check_quotes"]


def check_quotes(given: CheckInput) -> Iterator[Finding]:
    """``quote_missing``, ``quote_bad``, ``stale_quote``, ``quote_undated``."""
    snapshot = given.snapshot
    # A plan made before the opening knows the last close; anything older is not what an order would meet.
    oldest = previous_session(snapshot.as_of)
    traded = {order.symbol for order in given.plan.orders}
    undated = []
    for symbol in sorted(traded | {lot.symbol for lot in snapshot.account.lots}):
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
            message = (
                f"The quote of {symbol} is of {quote.date}, older than {oldest}, the last session before {snapshot.as_of}: "
                f"bring newer prices, or plan as of that day (--as-of {quote.date})."
            )
            yield blocking("stale_quote", message, symbol, date=quote.date.isoformat(), oldest=oldest.isoformat())
    if undated:
        message = f"{len(undated)} quotes carry no date and are taken to be of {snapshot.as_of}."
        yield info("quote_undated", message, symbols=undated)
    missing = [s for one in given.targets.classes for rank in one.buy for s in rank if s not in snapshot.quotes]
    if missing:
        message = f"There is no quote for {', '.join(missing)}, which the targets may buy: they were not considered."
        yield warning("candidate_without_quote", message, symbols=missing)
