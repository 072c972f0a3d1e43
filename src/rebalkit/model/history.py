"""What happened in the accounts before."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from decimal import Context, Decimal
from enum import StrEnum
from fractions import Fraction

from attrs import field, frozen

from rebalkit.model.securities import check_symbol
from rebalkit.money import optional_decimal, to_decimal, trim

__all__ = ["Action", "HistoryRows", "OpenSplit", "Transaction", "split_quantity"]

_DIGITS = Context(prec=28)
_MOST_SHARES = 9999
"""No two fractions with denominators up to this have 28 digits in common."""


class Action(StrEnum):
    """Kind of a transaction. What counts as an acquisition follows Reg. 1.1091-1(a), (f)."""

    BUY = "buy"
    SELL = "sell"
    REINVEST = "reinvest"
    VEST = "vest"
    RECEIVE = "receive"
    DELIVER = "deliver"
    SPLIT = "split"

    @property
    def acquires(self) -> bool:
        """Whether it is an acquisition for the wash-sale rule: a purchase, a reinvested dividend, or shares vested as pay."""
        return self in (Action.BUY, Action.REINVEST, Action.VEST)


@frozen
class Transaction:
    """An execution, reinvestment, transfer or split; never an order.

    Attributes:
        account: Account it happened in.
        date: Trade date in New York.
        action: What happened.
        symbol: Ticker.
        quantity: Shares, above 0; for a split the number of new shares that each old share becomes (see `split_quantity`).
        price: USD per share; None where there is none (transfers, splits).
        fees: USD, 0 or more.
        order: The broker's order id; None when it is unknown. Fills of one order are one acquisition.
        lot: Lot bought or sold; None when it is unknown.
        acquired: Of received shares the day on which they were really acquired; None = ``date``.
    """

    account: str
    date: dt.date
    action: Action
    symbol: str = field(converter=check_symbol)
    quantity: Decimal = field(converter=to_decimal)
    price: Decimal | None = field(converter=optional_decimal, default=None)
    fees: Decimal = field(converter=to_decimal, default=Decimal(0))
    order: str | None = None
    lot: str | None = None
    acquired: dt.date | None = None

    @property
    def ratio(self) -> Fraction | None:
        """Of a split exactly how many new shares each old share becomes, such as 1/3; None for everything else."""
        if self.action is not Action.SPLIT:
            return None
        near = Fraction(self.quantity).limit_denominator(_MOST_SHARES)
        return near if split_quantity(near.numerator, near.denominator) == self.quantity else Fraction(self.quantity)


def split_quantity(new: int, old: int) -> Decimal:
    """The ``quantity`` of a split of ``old`` shares, up to 9999, into ``new``.

    Where it has no end, as that of one for three, it is written to 28 digits, and `Transaction.ratio` knows it for the fraction.
    """
    return trim(_DIGITS.divide(Decimal(new), Decimal(old)))


@frozen
class OpenSplit:
    """A split whose ratio the export does not tell: the person has to give it, as a transaction of the same day.

    Attributes:
        place: File and line of the row.
        account: Label of the account; empty when the file names none.
        date: Day of the split.
        symbol: Ticker.
    """

    place: str
    account: str
    date: dt.date
    symbol: str


@frozen
class HistoryRows:
    """What a transaction export says, all of it: a row is in ``transactions``, in ``open_splits`` or counted in ``ignored``.

    Attributes:
        accounts: Labels of all accounts in the file, as it names them; empty when it names none.
        transactions: What moved shares, oldest first, those of one day in the order in which they happened. ``account`` of each is
            the label of its account, empty when the file names none. A ``receive`` without a price is one whose basis is not told.
        open_splits: Splits that cannot be understood from the file alone.
        ignored: How many rows moved no shares of a ticker, by the file's own word for their kind.
        covered: First and last day that the file says it covers completely; None when it does not say.
        notes: Remarks for the person: what was left out, or read in a way that should be known.
    """

    accounts: tuple[str, ...]
    transactions: tuple[Transaction, ...]
    open_splits: tuple[OpenSplit, ...] = ()
    ignored: Mapping[str, int] = field(factory=dict)
    covered: tuple[dt.date, dt.date] | None = None
    notes: tuple[str, ...] = ()
