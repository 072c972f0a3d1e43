"""Whether a book can be: asked when one is read, and before one is written."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal

from rebalkit.errors import DataError
from rebalkit.model import Side
from rebalkit.money import CENT, to_micros
from rebalkit_paper.book import VERSION, Book, PaperAccount
from rebalkit_paper.holder import Holder
from rebalkit_paper.status import sold_from

__all__ = ["check", "check_cash"]

_FINEST_PRICE = Decimal("1e-9")
_MOST_CASH = 10**13


def check(book: Book) -> None:
    """Raise DataError, with all problems, when a part of ``book`` cannot be, or contradicts another."""
    problems = [DataError(one, place=f"paper book {book.name}", code="bad_book") for one in _problems(book)]
    if problems:
        raise DataError.together(problems)


def check_cash(holder: Holder) -> None:
    """Raise DataError, with all problems, when the cash of ``holder`` cannot be."""
    amounts = [holder.settled, *(one.amount for one in holder.pending)]
    problems = [DataError(one, place="paper book", code="bad_book") for one in _problems_of_cash(holder.name, amounts)]
    if problems:
        raise DataError.together(problems)


def _problems(book: Book) -> Iterator[str]:
    if book.version != VERSION:
        yield f"version {book.version}, where {VERSION} is expected"
    names = [one.account for one in book.accounts]
    if not names or len(set(names)) != len(names):
        yield "accounts are missing or named twice"
    if any(one.account not in names for one in book.transactions):
        yield "a transaction is in no account of the book"
    if any(one.date > book.today for one in book.transactions):
        yield f"a transaction is dated after {book.today}"
    yield from _problems_of_quotes(book)
    yield from _problems_of_orders(book, names)
    for account in book.accounts:
        yield from _problems_of_account(book, account)


def _problems_of_quotes(book: Book) -> Iterator[str]:
    for symbol, quote in book.quotes.items():
        if quote.symbol != symbol:
            yield f"the quote of {quote.symbol} is filed under {symbol}"
        if quote.bid % _FINEST_PRICE or quote.ask % _FINEST_PRICE:
            yield f"the quote of {symbol} is finer than a billionth of a dollar"
        if quote.date is not None and quote.date > book.today:
            yield f"the quote of {symbol} is dated {quote.date}, after {book.today}"


def _problems_of_orders(book: Book, names: list[str]) -> Iterator[str]:
    if len({one.order for one in book.orders}) != len(book.orders):
        yield "two orders have one id"
    for order in book.orders:
        if order.account not in names:
            yield f"order {order.order} is in no account of the book"
        if not 0 <= order.filled <= order.request.quantity:
            yield f"of order {order.order} more is filled than was asked for, or less than nothing"
        if order.open_micros and order.request.symbol not in book.quotes:
            yield f"order {order.order} is open, and {order.request.symbol} has no quote"
        if order.request.side is Side.SELL and sum(sale.quantity for sale in order.request.lots) != order.request.quantity:
            yield f"the lots of order {order.order} do not sum to its quantity"


def _problems_of_account(book: Book, account: PaperAccount) -> Iterator[str]:
    where = f"account {account.account}"
    if len({lot.lot for lot in account.lots}) != len(account.lots):
        yield f"two lots of {where} have one name"
    if any(lot.acquired is not None and lot.acquired > book.today for lot in account.lots):
        yield f"a lot of {where} was acquired after {book.today}"
    if _sells_more_than_it_has(book, account):
        yield f"open orders sell more of a lot of {where} than it has"
    if any(one.date <= book.today for one in account.pending):
        yield f"{where} waits for cash that should have settled by {book.today}"
    yield from _problems_of_cash(account.account, [account.settled, *(one.amount for one in account.pending)])


def _sells_more_than_it_has(book: Book, account: PaperAccount) -> bool:
    reserved: dict[tuple[str, str], int] = {}
    for order in book.orders:
        if order.account == account.account and order.open_micros and order.request.side is Side.SELL:
            for lot, micros in sold_from(order.request.lots, to_micros(order.filled), order.open_micros):
                key = (order.request.symbol, lot)
                reserved[key] = reserved.get(key, 0) + micros
    if not reserved:
        return False
    held = {(lot.symbol, lot.lot): to_micros(lot.quantity) for lot in account.lots}
    return any(micros > held.get(key, 0) for key, micros in reserved.items())


def _problems_of_cash(account: str, amounts: Sequence[Decimal]) -> Iterator[str]:
    if any(amount % CENT for amount in amounts):
        yield f"the cash of account {account} is finer than a cent"
    if any(abs(amount) >= _MOST_CASH for amount in amounts):
        yield f"the cash of account {account} is beyond what a book can hold"
