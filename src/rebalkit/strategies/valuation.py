"""What is owned, in cents: the same prices and the same rounding for every strategy."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from rebalkit.errors import PlanError
from rebalkit.lots import LotBook
from rebalkit.model import Quote, Snapshot
from rebalkit.money import FEMTO_PER_CENT, to_nanos

__all__ = ["ask_of", "floor_cents", "owned_bids", "position_values"]


def owned_bids(snapshot: Snapshot, book: LotBook) -> dict[str, int]:
    """The bid of every symbol in ``book``, in nano-dollars.

    Raises PlanError, with all such symbols at once, when one has no quote with a bid above 0: what it is worth is not known.
    """
    bids: dict[str, int] = {}
    problems: list[PlanError] = []
    for symbol in book.holdings:
        quote = snapshot.quotes.get(symbol)
        if quote is not None and quote.bid > 0:
            bids[symbol] = _nanos(quote.bid, symbol)
        else:
            problems.append(
                PlanError(
                    f"{symbol} is owned but has no quote with a price above 0",
                    place=f"account {snapshot.account.account}",
                    remedy=f"Add the price of {symbol} to the prices.",
                    code="no_quote",
                )
            )
    if problems:
        raise PlanError.together(problems)
    return bids


def ask_of(quote: Quote) -> int:
    """What a share costs to buy, in nano-dollars."""
    return _nanos(quote.ask, quote.symbol)


def _nanos(price: Decimal, symbol: str) -> int:
    try:
        return to_nanos(price)
    except ValueError as problem:
        raise PlanError(str(problem), place=f"price of {symbol}", remedy="Round the price.", code="too_fine") from None


def position_values(book: LotBook, bids: Mapping[str, int]) -> dict[str, int]:
    """What each position is worth at the bid, in cents: rounded down, as it could not be sold for more."""
    return {held.symbol: held.total * bids[held.symbol] // FEMTO_PER_CENT for held in book}


def floor_cents(dollars: Decimal) -> int:
    """USD in cents, rounded down."""
    numerator, denominator = dollars.as_integer_ratio()
    return numerator * 100 // denominator
