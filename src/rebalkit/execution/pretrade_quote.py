"""Whether a quote can be relied on, and whether the price still is about the one that was approved."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from rebalkit.execution.rules import ExecutionRules, Objection
from rebalkit.execution.situation import Situation
from rebalkit.model.orders import Side
from rebalkit.model.securities import Quote
from rebalkit.money import plain, tick_down, tick_up

__all__ = ["quote_objections"]

_SPLITS = tuple(Decimal(new) / old for new, old in ((2, 1), (3, 1), (3, 2), (4, 1), (5, 1), (10, 1), (20, 1)))
"""Ratios in which shares are commonly split, and their inverses for reverse splits."""
_NEAR = Decimal("0.03")
"""How near to such a ratio a move of the price must be to look like a split."""


def quote_objections(situation: Situation, rules: ExecutionRules) -> Iterator[Objection]:
    """What stands against the order in its quote; each of it drops the order."""
    quote, symbol = situation.quote, situation.request.symbol
    if quote is None:
        yield Objection("bad_quote", f"there is no quote of {symbol}")
        return
    if not quote.sane:
        yield Objection("bad_quote", f"bid {quote.bid} and ask {quote.ask} of {symbol} cannot be", details=_shown(quote))
        return
    if situation.live:
        yield from _stale(situation, quote, rules)
    spread = (quote.ask - quote.bid) / quote.ask * 100
    if spread > rules.max_spread:
        message = f"bid and ask of {symbol} are {spread:.2f} % apart, more than {plain(rules.max_spread)} %"
        yield Objection("wide_spread", message, details=_shown(quote))
    yield from _moved(situation, quote, rules)
    yield from _outside_collar(situation, quote, rules)


def _stale(situation: Situation, quote: Quote, rules: ExecutionRules) -> Iterator[Objection]:
    if quote.delayed:
        yield Objection("delayed_quote", f"the quote of {quote.symbol} is a delayed one")
    elif quote.at is None:
        yield Objection("stale_quote", f"the quote of {quote.symbol} does not say of when it is")
    elif (age := (situation.at - quote.at).total_seconds()) > rules.quote_age:
        yield Objection("stale_quote", f"the quote of {quote.symbol} is {age:.0f} seconds old", details={"seconds": int(age)})


def _moved(situation: Situation, quote: Quote, rules: ExecutionRules) -> Iterator[Objection]:
    now = quote.bid if situation.request.side is Side.SELL else quote.ask
    planned = situation.planned_price
    drift = abs(now / planned - 1) * 100
    if drift <= rules.max_drift:
        return
    details = {"planned": plain(planned), "now": plain(now)}
    ratio = max(now / planned, planned / now)
    if any(abs(ratio / split - 1) <= _NEAR for split in _SPLITS):
        message = f"the price of {quote.symbol} went from {plain(planned)} to {plain(now)}, as in a split: the plan does not hold any more"
        yield Objection("split_suspected", message, stops=True, details=details)
        return
    message = f"the price of {quote.symbol} moved {drift:.2f} % since the plan, more than {plain(rules.max_drift)} %"
    yield Objection("price_drift", message, details=details)


def _outside_collar(situation: Situation, quote: Quote, rules: ExecutionRules) -> Iterator[Objection]:
    """The limit is worse than the quote by more than the collar, whoever made it so."""
    request, collar = situation.request, rules.collar / 100
    if request.limit is None:
        yield Objection("price_collar", f"the order for {request.symbol} has no limit")
        return
    lowest, highest = tick_down(quote.bid * (1 - collar)), tick_up(quote.ask * (1 + collar))
    worse = request.limit < lowest if request.side is Side.SELL else request.limit > highest
    if worse:
        message = (
            f"the limit {plain(request.limit)} of {request.symbol} is more than {plain(rules.collar)} % worse than the quote"
        )
        yield Objection("price_collar", message, details={"limit": plain(request.limit), **_shown(quote)})


def _shown(quote: Quote) -> dict[str, str]:
    return {"bid": plain(quote.bid), "ask": plain(quote.ask)}
