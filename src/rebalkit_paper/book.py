"""A book: a paper market on one day, with all accounts in it, as frozen values."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from decimal import Decimal

from attrs import evolve, field, frozen

from rebalkit import calendar
from rebalkit.errors import BrokerError
from rebalkit.model import AccountKind, Lot, OrderRequest, OrderState, Quote, Transaction
from rebalkit.money import CENT, to_decimal, to_micros

__all__ = [
    "FRACTION",
    "ORDER_PREFIX",
    "VERSION",
    "WHOLE",
    "Book",
    "FillRules",
    "PaperAccount",
    "PaperOrder",
    "Pending",
    "clock_of",
    "unknown_account",
]

VERSION = 1
"""Version of the form of a book on disk."""

ORDER_PREFIX = "paper-"
"""What the id of every order and of every bought lot begins with; its number follows."""

WHOLE = Decimal(1)
FRACTION = Decimal("0.000001")


@frozen
class FillRules:
    """How orders fill. Nothing is random: the same orders in the same book always end the same way.

    Attributes:
        slippage_bp: Basis points by which a fill is worse than the quote, 0 to 5,000.
        fee_per_order: USD for each order that fills, be it in part; whole cents.
        fee_per_share: USD for each share that fills.
        partial: Fraction of an order that fills at once, above 0 to 1; the rest fills when the day ends.
        reject: Symbols whose orders are refused when they are placed, to try out failures.
        share_step: 1 for whole shares, 0.000001 for fractions.

    Raises:
        ValueError: A setting out of its range.
    """

    slippage_bp: Decimal = field(converter=to_decimal, default=Decimal(0))
    fee_per_order: Decimal = field(converter=to_decimal, default=Decimal(0))
    fee_per_share: Decimal = field(converter=to_decimal, default=Decimal(0))
    partial: Decimal = field(converter=to_decimal, default=Decimal(1))
    reject: tuple[str, ...] = ()
    share_step: Decimal = field(converter=to_decimal, default=WHOLE)

    def __attrs_post_init__(self) -> None:
        if not 0 <= self.slippage_bp <= 5000 or self.slippage_bp % CENT:
            raise ValueError("slippage is 0 to 5000 basis points, in steps of 0.01")
        if not 0 <= self.fee_per_order <= 10_000 or self.fee_per_order % CENT:
            raise ValueError("a fee per order is 0 to 10000 USD, in whole cents")
        if not 0 <= self.fee_per_share <= 100 or self.fee_per_share % FRACTION:
            raise ValueError("a fee per share is 0 to 100 USD, no finer than a millionth")
        if not 0 < self.partial <= 1 or self.partial % FRACTION:
            raise ValueError("the fraction that fills at once is above 0 and at most 1, no finer than a millionth")
        if self.share_step not in (WHOLE, FRACTION):
            raise ValueError("shares are whole (1) or in millionths (0.000001)")


@frozen
class Pending:
    """Proceeds of sales that become settled cash on ``date``; ``amount`` in USD."""

    date: dt.date
    amount: Decimal


@frozen
class PaperAccount:
    """One account of a book.

    Attributes:
        account: Its name.
        kind: How it is taxed.
        settled: Settled cash, USD.
        pending: Proceeds not yet settled, by date.
        lots: Lots held.
        reinvests: Symbols whose dividends are known to be reinvested, as read when the book was made.
        history_from: First day that the book's transactions of this account cover completely; None when that is not known.
    """

    account: str
    kind: AccountKind
    settled: Decimal
    pending: tuple[Pending, ...] = ()
    lots: tuple[Lot, ...] = ()
    reinvests: tuple[str, ...] = ()
    history_from: dt.date | None = None

    @property
    def unsettled(self) -> Decimal:
        """Proceeds not yet settled, USD."""
        return sum((one.amount for one in self.pending), Decimal("0.00"))


@frozen
class PaperOrder:
    """An order that the book took.

    Attributes:
        order: Id of the order; a buy gives it to its lot, too.
        account: Account it trades in.
        request: What was asked; of a sale, ``lots`` are those reserved for it.
        state: Where it stands.
        placed: When it was placed, by the book's own clock.
        filled: Shares filled so far.
        notional: Shares × prices of all fills so far in 10⁻¹⁵ USD, exact: the fills of an order are rounded to the cent together.
        fees: USD charged so far.
    """

    order: str
    account: str
    request: OrderRequest
    state: OrderState
    placed: dt.datetime
    filled: Decimal = Decimal(0)
    notional: int = 0
    fees: Decimal = Decimal("0.00")

    @property
    def open_micros(self) -> int:
        """Shares that may still fill, in millionths; 0 once the order is not open any more."""
        return to_micros(self.request.quantity) - to_micros(self.filled) if self.state is OrderState.OPEN else 0


@frozen
class Book:
    """A paper market on one day.

    Attributes:
        version: Form of the file.
        name: Name of the book.
        today: The paper day, in New York.
        counter: Number of the next order.
        fills: How orders fill.
        accounts: The accounts.
        quotes: Quote of each symbol that has one.
        orders: All orders, oldest first.
        transactions: What happened in the accounts, before the book was made and since, oldest first.
        log: Number of the log that holds the orders since this was written to disk.
    """

    version: int
    name: str
    today: dt.date
    counter: int
    fills: FillRules
    accounts: tuple[PaperAccount, ...]
    quotes: Mapping[str, Quote]
    orders: tuple[PaperOrder, ...] = ()
    transactions: tuple[Transaction, ...] = ()
    log: int = 0

    def account(self, name: str) -> PaperAccount:
        """The account called ``name``. Raises BrokerError when there is none."""
        for one in self.accounts:
            if one.account == name:
                return one
        raise unknown_account(self.name, name, (one.account for one in self.accounts))

    def with_account(self, changed: PaperAccount) -> Book:
        """The book with ``changed`` in the place of the account of that name."""
        return evolve(self, accounts=tuple(changed if one.account == changed.account else one for one in self.accounts))


def unknown_account(book: str, name: str, known: Iterable[str]) -> BrokerError:
    """The error that ``book`` has no account ``name``."""
    return BrokerError(
        f"there is no account {name!r}",
        place=f"paper book {book}",
        remedy=f"Its accounts: {', '.join(known)}.",
        code="unknown_account",
    )


def clock_of(today: dt.date, counter: int) -> dt.datetime:
    """A book's clock: half past nine in New York, and a millisecond more with each order."""
    return dt.datetime.combine(today, dt.time(9, 30), calendar.NEW_YORK) + dt.timedelta(milliseconds=counter)
