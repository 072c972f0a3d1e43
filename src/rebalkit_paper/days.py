"""What time and the market do to a book: new prices, the end of a day, settlement."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from decimal import Decimal

from attrs import evolve

from rebalkit.calendar import why_closed
from rebalkit.errors import DataError, UsageError
from rebalkit.model import OrderState, Quote
from rebalkit_paper.book import Book, PaperAccount
from rebalkit_paper.fills import fill_first_part, fill_rest
from rebalkit_paper.floor import Floor

__all__ = ["advanced", "check_day", "with_quotes"]


def check_day(day: dt.date) -> None:
    """Raise DataError when ``day`` is beyond the exchange's calendar, so that no book ever gets there."""
    try:
        why_closed(day)
    except DataError as problem:
        problem.place = problem.place or str(day)
        raise


def with_quotes(book: Book, quotes: Iterable[Quote]) -> Book:
    """The book after its market moved to ``quotes``: waiting orders whose limit is within reach now begin to fill, oldest first."""
    floor = Floor(evolve(book, quotes={**book.quotes, **{quote.symbol: quote for quote in quotes}}))
    for order in book.orders:
        if order.open_micros and not order.filled:
            fill_first_part(floor, order)
    return floor.book


def advanced(book: Book, to: dt.date, quotes: Iterable[Quote] = ()) -> Book:
    """The book on the later day ``to``.

    First its day ends: what is left of partly filled orders fills at the prices that hold, and what is still open then
    expires, since every order is for its day. Then cash settles, and the market of ``to`` opens with ``quotes``; where they are
    silent, a quote of the day that ended stands for the new day, and an older one keeps its date.

    Raises:
        UsageError: ``to`` is not later than the book's day.
        DataError: It is beyond the calendar.
    """
    if to <= book.today:
        raise UsageError(
            f"{to} is not after {book.today}, the day of the book", place=f"paper book {book.name}", code="not_later"
        )
    check_day(to)
    floor = Floor(book)
    for order in book.orders:
        if order.open_micros:
            fill_rest(floor, order)
    book = floor.book
    standing = {symbol: evolve(quote, date=to) if quote.date == book.today else quote for symbol, quote in book.quotes.items()}
    return evolve(
        book,
        today=to,
        orders=tuple(evolve(one, state=OrderState.EXPIRED) if one.open_micros else one for one in book.orders),
        accounts=tuple(_settled(one, to) for one in book.accounts),
        quotes=standing | {quote.symbol: quote for quote in quotes},
    )


def _settled(account: PaperAccount, today: dt.date) -> PaperAccount:
    due = sum((one.amount for one in account.pending if one.date <= today), Decimal("0.00"))
    return evolve(account, settled=account.settled + due, pending=tuple(one for one in account.pending if one.date > today))
