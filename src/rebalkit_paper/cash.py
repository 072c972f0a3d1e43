"""Money that comes into an account of a book from outside, or leaves it."""

from __future__ import annotations

from decimal import Decimal

from attrs import evolve

from rebalkit.errors import DataError, UsageError
from rebalkit.money import CENT, from_cents, plain, to_cents
from rebalkit_paper.book import Book
from rebalkit_paper.floor import Floor
from rebalkit_paper.rules import free_cents

__all__ = ["deposited", "only_account"]


def only_account(book: Book) -> str:
    """The account that is meant when none is named: the only taxable one, or the only one. Raises UsageError otherwise."""
    names = [one.account for one in book.accounts if one.kind.taxable] or [one.account for one in book.accounts]
    if len(names) == 1:
        return names[0]
    raise UsageError(
        "it is not clear which account is meant",
        place=f"paper book {book.name}",
        remedy=f"Name one with --account: {', '.join(one.account for one in book.accounts)}.",
        code="account_not_named",
    )


def deposited(book: Book, account: str, amount: Decimal) -> Book:
    """The book with ``amount`` USD more settled cash in ``account``, less when it is negative.

    Raises:
        BrokerError: There is no such account.
        UsageError: The amount is 0 or finer than a cent.
        DataError: More is withdrawn than has settled and no open order needs.
    """
    one = book.account(account)
    if not amount or amount % CENT:
        raise UsageError(
            f"{plain(amount)} USD cannot be moved", place="amount", code="bad_amount", remedy="Name USD in whole cents, not 0."
        )
    floor = Floor(book)
    free = from_cents(min(to_cents(one.settled), free_cents(floor, floor.holder(account))))
    if amount < 0 and free + amount < 0:
        raise DataError(
            f"{plain(-amount)} USD cannot be withdrawn; {plain(max(free, Decimal('0.00')))} USD are settled and free",
            place=f"account {account}",
            code="overdraft",
        )
    return book.with_account(evolve(one, settled=one.settled + amount.quantize(CENT)))
