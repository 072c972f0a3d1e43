"""New books: from accounts in memory, from a folder of CSV files, or from nothing but cash."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from pathlib import Path

from attrs import evolve

from rebalkit.brokers.files.contents import Contents, understand
from rebalkit.brokers.files.folder import read_folder
from rebalkit.calendar import settlement_date, today_in_new_york
from rebalkit.errors import DataError, UsageError
from rebalkit.model import AccountKind, AccountSnapshot, Cash, Quote, Transaction
from rebalkit.money import CENT
from rebalkit_paper.book import ORDER_PREFIX, VERSION, Book, FillRules, PaperAccount, Pending
from rebalkit_paper.days import check_day
from rebalkit_paper.store import add

__all__ = ["CASH_ACCOUNT", "create_book", "from_cash", "from_folder", "read_prices"]

CASH_ACCOUNT = "taxable"
"""Name of the account of a book that begins with cash."""

_BEFORE_ANYTHING = dt.date(1900, 1, 1)
"""Since when the history of an account that begins with cash is complete: no lot is older."""

_OWN_NAME = re.compile(re.escape(ORDER_PREFIX) + r"([0-9]{1,12})")


def create_book(
    name: str,
    accounts: Sequence[AccountSnapshot],
    quotes: Mapping[str, Quote],
    today: dt.date,
    *,
    transactions: Iterable[Transaction] = (),
    history_from: Mapping[str, dt.date] | None = None,
    fills: FillRules | None = None,
    overwrite: bool = False,
) -> Book:
    """Make a book and write it.

    Args:
        name: Its name: letters, digits, hyphens, underscores.
        accounts: Its accounts, without open orders. Cash that has not settled does so one settlement after ``today``.
        quotes: Its quotes by symbol; one without a date is taken to be of ``today``.
        today: Its day.
        transactions: What happened in the accounts before.
        history_from: By account, the first day that ``transactions`` covers completely, where it is known.
        fills: How orders will fill; None for whole shares at the quote, at once and without fees.
        overwrite: Whether a book of that name is replaced.

    Raises:
        UsageError: The name cannot be one, or there is a book of that name.
        DataError: The parts do not fit together: a date after ``today``, cash below a cent …
        BrokerError: The book cannot be written; nothing was changed.
    """
    check_day(today)
    known = history_from or {}
    earlier = tuple(sorted(transactions, key=lambda one: one.date))
    book = Book(
        VERSION,
        name,
        today,
        _first_free_number(accounts, earlier),
        fills or FillRules(),
        tuple(_paper_account(one, today, known.get(one.account)) for one in accounts),
        {symbol: evolve(quote, date=quote.date or today) for symbol, quote in quotes.items()},
        transactions=earlier,
    )
    return add(book, overwrite=overwrite)


def _paper_account(account: AccountSnapshot, today: dt.date, history_from: dt.date | None) -> PaperAccount:
    if account.open_orders:
        raise DataError(
            "it has open orders, which a new book cannot take over",
            place=f"account {account.account}",
            remedy="Cancel them first.",
            code="open_orders",
        )
    settled, unsettled = account.cash.settled, account.cash.unsettled
    pending = (Pending(settlement_date(today), unsettled),) if unsettled > 0 else ()
    return PaperAccount(
        account.account,
        account.kind,
        settled if pending else settled + unsettled,
        pending,
        account.lots,
        account.reinvests,
        history_from,
    )


def _first_free_number(accounts: Iterable[AccountSnapshot], transactions: Iterable[Transaction]) -> int:
    """A number above those of all lots and orders that look like a book's own, as those of an account that came from one do."""
    names = [lot.lot for account in accounts for lot in account.lots] + [one.order or "" for one in transactions]
    return 1 + max((int(found[1]) for found in map(_OWN_NAME.fullmatch, names) if found), default=0)


def from_folder(folder: str, as_of: dt.date | None = None) -> tuple[Contents, dt.date]:
    """The contents of a ``folder`` that the files broker reads, and the day that a book made of it begins on.

    That day is ``as_of``; without it, the newest date in the folder when its prices are dated, else today in New York.

    Raises:
        DataError: Anything in the folder is wrong, or dated after that day.
    """
    today = as_of or today_in_new_york()
    contents = read_folder(folder, today)
    if as_of is None and any(quote.date for quote in contents.quotes.values()):
        lots = (lot for account in contents.accounts for lot in account.lots)
        days = [
            *(quote.date for quote in contents.quotes.values()),
            *(one.date for one in contents.transactions),
            *(lot.acquired for lot in lots),
        ]
        today = max(day for day in days if day is not None)
    return contents, today


def from_cash(amount: Decimal) -> Contents:
    """One taxable account with ``amount`` USD, no quotes, and a history that is complete because nothing happened.

    Raises:
        UsageError: The amount is negative or finer than a cent.
    """
    if amount < 0 or amount % CENT:
        raise UsageError(f"{amount} is no amount of cash", place="--cash", code="bad_cash", remedy="Name USD in whole cents.")
    account = AccountSnapshot(CASH_ACCOUNT, AccountKind.TAXABLE, Cash(amount.quantize(CENT)))
    return Contents((account,), {}, (), {CASH_ACCOUNT: _BEFORE_ANYTHING})


def read_prices(path: Path, today: dt.date) -> tuple[Quote, ...]:
    """The quotes of a CSV file of the form of prices.csv (see `rebalkit.brokers.files`); those without a date are of ``today``.

    Raises:
        DataError: The file cannot be read, or anything in it is wrong or dated after ``today``.
    """
    try:
        data = path.read_bytes()
    except OSError as problem:
        reason = f"the prices cannot be read: {problem.strerror or problem}"
        raise DataError(reason, place=str(path), code="unreadable") from None
    # The reader understands whole folders; the rest of this one is empty.
    files = {
        "accounts.csv": f"account,kind,cash\n{CASH_ACCOUNT},taxable,0\n".encode(),
        "lots.csv": b"account,lot,symbol,quantity,acquired,cost\n",
        "prices.csv": data,
    }
    paths = {**{name: name for name in files}, "prices.csv": str(path), "transactions.csv": "transactions.csv"}
    quotes = understand(files, paths, today).quotes.values()
    return tuple(evolve(quote, date=quote.date or today) for quote in quotes)
