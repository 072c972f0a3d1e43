"""Whether a quote can be relied on, and whether the price still is about the one that was approved."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from rebalkit.execution.pricing import highest_purchase, lowest_sale
from rebalkit.execution.rules import ExecutionRules, Objection
from rebalkit.execution.situation import Situation
from rebalkit.model.orders import Side
from rebalkit.model.securities import Quote
from rebalkit.money import plain

__all__ = ["like_a_split", "quote_objections"]

_SPLITS = ((3, 2), (4, 3), (5, 4), *((new, 1) for new in (2, 3, 4, 5, 6, 7, 8, 10, 15, 20, 25, 30, 40, 50, 100)))
"""New shares for old ones, as exchanges announce them; reverse splits turn them round."""
_NEAR = Decimal("0.03")
"""How near to such a ratio a move of the price must be to look like a split: it moves on its own, too."""


def like_a_split(one: Decimal, other: Decimal, near: Decimal = Decimal(0)) -> bool:
    """Whether two numbers stand in the ratio of a common split or reverse split, give or take the part ``near``; 0 and another do not."""
    less, more = sorted((one, other))
    return any(abs(more * old - less * new) <= near * less * new for new, old in _SPLITS)


def quote_objections(situation: Situation, rules: ExecutionRules) -> Iterator[Objection]:
    """What stands against the order in its quote. All but a suspected split drop the order alone."""
    quote, symbol = situation.quote, situation.request.symbol
    if quote is None:
        yield Objection("bad_quote", f"there is no quote of {symbol}", details={"symbol": symbol})
        return
    if not quote.sane:
        message = f"bid {plain(quote.bid)} and ask {plain(quote.ask)} of {symbol} cannot be"
        yield Objection("bad_quote", message, details=_shown(quote))
        return
    if situation.live:
        yield from _old(situation, quote, rules)
    yield from _spread(quote, rules)
    yield from _moved(situation, quote, rules)
    yield from _outside_collar(situation, quote, rules)


def _old(situation: Situation, quote: Quote, rules: ExecutionRules) -> Iterator[Objection]:
    """A quote of the future has a wrong moment, so that nobody knows how old it is."""
    symbol = quote.symbol
    if quote.delayed:
        yield Objection("delayed_quote", f"the quote of {symbol} is a delayed one", details=_shown(quote))
        return
    if quote.at is None:
        yield Objection("stale_quote", f"the quote of {symbol} does not say of when it is", details=_shown(quote))
        return
    age = (situation.at - quote.at).total_seconds()
    details = {**_shown(quote), "seconds": int(age), "most": rules.quote_age}
    if age > rules.quote_age:
        yield Objection("stale_quote", f"the quote of {symbol} is {age:.0f} seconds old", details=details)
    elif age < -rules.clock_skew:
        yield Objection("stale_quote", f"the quote of {symbol} is of {-age:.0f} seconds from now", details=details)


def _spread(quote: Quote, rules: ExecutionRules) -> Iterator[Objection]:
    apart = (quote.ask - quote.bid) * 100
    if apart > rules.max_spread * quote.ask:
        message = f"bid and ask of {quote.symbol} are {apart / quote.ask:.2f} % apart, more than {plain(rules.max_spread)} %"
        yield Objection("wide_spread", message, details={**_shown(quote), "most": plain(rules.max_spread)})


def _moved(situation: Situation, quote: Quote, rules: ExecutionRules) -> Iterator[Objection]:
    now = quote.bid if situation.request.side is Side.SELL else quote.ask
    planned = situation.planned_price
    drift = abs(now - planned) * 100
    if drift <= rules.max_drift * planned:
        return
    details = {"planned": plain(planned), "now": plain(now), "most": plain(rules.max_drift)}
    if like_a_split(now, planned, _NEAR):
        message = f"the price of {quote.symbol} went from {plain(planned)} to {plain(now)}, as in a split: the plan does not hold any more"
        yield Objection("split_suspected", message, stops=True, details=details)
        return
    message = f"the price of {quote.symbol} moved {drift / planned:.2f} % since the plan, more than {plain(rules.max_drift)} %"
    yield Objection("price_drift", message, details=details)


def _outside_collar(situation: Situation, quote: Quote, rules: ExecutionRules) -> Iterator[Objection]:
    """The limit is worse than the quote by more than the collar, whoever made it so."""
    request = situation.request
    if request.limit is None or request.limit <= 0:
        yield Objection("price_collar", f"the order for {request.symbol} has no limit", details=_shown(quote))
        return
    lowest, highest = lowest_sale(quote, rules), highest_purchase(quote, rules)
    if request.limit < lowest if request.side is Side.SELL else request.limit > highest:
        message = (
            f"the limit {plain(request.limit)} of {request.symbol} is more than {plain(rules.collar)} % worse than the quote"
        )
        details = {**_shown(quote), "limit": plain(request.limit), "collar": plain(rules.collar)}
        yield Objection("price_collar", message, details=details)


def _shown(quote: Quote) -> dict[str, str]:
    return {"bid": plain(quote.bid), "ask": plain(quote.ask)}
