"""Transactions."""

from __future__ import annotations

from rebalkit_etrade.reading.fields import Fields, letters, unreadable
from rebalkit_etrade.records import HistoryRow

__all__ = ["rows_in"]


def rows_in(answer: Fields) -> tuple[tuple[HistoryRow, ...], str]:
    """The rows of one page of a ``TransactionListResponse``, and its marker, empty where it has none."""
    return tuple(_row(one) for one in answer.some("Transaction")), answer.label("marker")


def _row(one: Fields) -> HistoryRow:
    brokerage = one.one("brokerage") if one.has("brokerage") else Fields({}, one.place)
    product = brokerage.one("product") if brokerage.has("product") else Fields({}, one.place)
    named, shown = product.text_or("symbol"), brokerage.text_or("displaySymbol")
    security = product.text_or("securityType").upper()
    # What is shown of an option is its name; of a share with classes it may have another sign between ticker and class.
    if security in ("", "EQ") and named and shown and letters(named) != letters(shown):
        raise unreadable(one.place, f"it is of {named} and of {shown} at once")
    symbol = named or shown
    return HistoryRow(
        row=str(one.whole("transactionId")),
        account_id=one.label("accountId"),
        date=one.day("transactionDate"),
        posted=one.day_or_none("postDate"),
        kind=one.text("transactionType"),
        symbol=symbol.upper() or None,
        security=security,
        quantity=brokerage.amount_or_none("quantity"),
        price=brokerage.amount_or_none("price"),
        amount=one.amount("amount"),
        fee=brokerage.amount_or_none("fee"),
        description=one.text_or("description"),
        settles=brokerage.day_or_none("settlementDate"),
    )
