"""Quotes, and symbols that were looked up."""

from __future__ import annotations

from collections.abc import Mapping

from rebalkit_etrade.reading.fields import Fields, unreadable
from rebalkit_etrade.records import QuoteRow

__all__ = ["found_in", "quotes_in"]


def quotes_in(answer: Fields) -> Mapping[str, QuoteRow]:
    """The rows of a ``QuoteResponse`` by symbol; what it does not know it leaves out and names in its messages."""
    rows = [_row(one) for one in answer.many("QuoteData")]
    found = {one.symbol: one for one in rows}
    if len(found) != len(rows):
        raise unreadable(answer.place, "a symbol has two quotes")
    return found


def _row(one: Fields) -> QuoteRow:
    product = one.one("Product")
    block = next((one.one(name) for name in ("All", "Intraday", "Fundamental") if one.has(name)), Fields({}, one.place))
    return QuoteRow(
        symbol=product.text("symbol").upper(),
        security=product.text_or("securityType").upper(),
        status=one.text("quoteStatus").upper(),
        at=one.moment_or_none("dateTimeUTC"),
        bid=block.amount_or_none("bid"),
        ask=block.amount_or_none("ask"),
        last=block.amount_or_none("lastTrade"),
        previous_close=block.amount_or_none("previousClose"),
    )


def found_in(answer: Fields) -> Mapping[str, str]:
    """Descriptions by symbol of a ``LookupResponse``."""
    return {one.text("symbol").upper(): one.text_or("description") for one in answer.many("Data")}
