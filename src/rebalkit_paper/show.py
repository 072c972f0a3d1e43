"""A book for people and for programs."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from rebalkit.calendar import why_closed
from rebalkit.model import Quote
from rebalkit.money import FEMTO_PER_CENT, from_cents, from_micros, plain, to_micros, to_nanos
from rebalkit.serial import to_plain
from rebalkit_paper.book import Book, PaperAccount
from rebalkit_paper.status import status_of
from rebalkit_paper.store import path_of

__all__ = ["as_plain", "as_summary", "as_text"]


def as_plain(book: Book) -> dict[str, Any]:
    """All that the book holds, ready for JSON. ``closed`` says why the market is closed on its day; null when it is open.

    ``value`` is the cash and the positions with a quote, at the bid; a position without one has the value null.
    """
    return {
        "book": book.name,
        "file": str(path_of(book.name)),
        "today": to_plain(book.today),
        "closed": why_closed(book.today),
        "fills": to_plain(book.fills),
        "accounts": [_account(book, one) for one in book.accounts],
        "quotes": to_plain(book.quotes),
        "orders": [{"account": one.account, **to_plain(status_of(one))} for one in book.orders],
        "transactions": to_plain(book.transactions),
    }


def _account(book: Book, account: PaperAccount) -> dict[str, Any]:
    positions = list(_positions(book, account))
    cash = account.settled + account.unsettled
    return {
        "account": account.account,
        "kind": account.kind.value,
        "cash": to_plain({"settled": account.settled, "unsettled": account.unsettled, "total": cash}),
        "pending": to_plain(account.pending),
        "value": plain(_value(book, account)),
        "positions": [
            {
                "symbol": symbol,
                "quantity": plain(quantity),
                "value": None if value is None else plain(value),
                "lots": to_plain([lot for lot in account.lots if lot.symbol == symbol]),
            }
            for symbol, quantity, value in positions
        ],
    }


def _positions(book: Book, account: PaperAccount) -> Iterator[tuple[str, Decimal, Decimal | None]]:
    """Symbol, shares and value at the bid, rounded down to the cent; None for the value where there is no quote."""
    held: dict[str, int] = {}
    for lot in account.lots:
        held[lot.symbol] = held.get(lot.symbol, 0) + to_micros(lot.quantity)
    for symbol, micros in held.items():
        quote: Quote | None = book.quotes.get(symbol)
        value = None if quote is None else from_cents(micros * to_nanos(quote.bid) // FEMTO_PER_CENT)
        yield symbol, from_micros(micros), value


def _value(book: Book, account: PaperAccount) -> Decimal:
    cash = account.settled + account.unsettled
    return sum((value for _, _, value in _positions(book, account) if value is not None), cash)


def as_summary(book: Book) -> str:
    """The book in a line for itself, and one for each account."""
    return "\n".join([_title(book), *(f"  {_account_line(book, one)}" for one in book.accounts)])


def _account_line(book: Book, account: PaperAccount) -> str:
    what = "1 lot" if len(account.lots) == 1 else f"{len(account.lots)} lots"
    cash = account.settled + account.unsettled
    return f"{account.account} ({account.kind}): {what}, cash {cash:,.2f}, value {_value(book, account):,.2f} USD"


def _title(book: Book) -> str:
    closed = why_closed(book.today)
    return f"Paper book {book.name} on {book.today:%A} {book.today}" + (f" (market closed: {closed})" if closed else "")


def as_text(book: Book) -> str:
    """The book as it stands, in lines of text."""
    return "\n".join(_lines(book))


def _lines(book: Book) -> Iterator[str]:
    yield _title(book)
    for account in book.accounts:
        yield ""
        yield f"Account {account.account} ({account.kind})"
        yield f"  {'cash, settled':<16}{'':>16}{account.settled:>18,.2f}"
        for one in account.pending:
            yield f"  {'cash, on ' + str(one.date):<20}{'':>12}{one.amount:>18,.2f}"
        for symbol, quantity, value in _positions(book, account):
            yield f"  {symbol:<16}{plain(quantity):>16}" + ("          no quote" if value is None else f"{value:>18,.2f}")
        yield f"  {'value':<16}{'':>16}{_value(book, account):>18,.2f}"
        for order in book.orders:
            if order.account == account.account and order.open_micros:
                asked = order.request
                limit = "at the market" if asked.limit is None else f"at {plain(asked.limit)}"
                yield f"  open: {asked.side} {plain(from_micros(order.open_micros))} {asked.symbol} {limit} ({order.order})"
