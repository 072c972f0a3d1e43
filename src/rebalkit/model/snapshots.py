"""Everything that a plan is made from."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from decimal import Decimal

from attrs import field, frozen

from rebalkit.errors import DataError
from rebalkit.model.accounts import AccountSnapshot
from rebalkit.model.display import snapshot_html
from rebalkit.model.history import Transaction
from rebalkit.model.promises import Promise
from rebalkit.model.securities import Quote
from rebalkit.money import to_decimal
from rebalkit.secrets.concealing import said
from rebalkit.serial import digest

__all__ = ["Snapshot", "VenueRules"]


@frozen
class VenueRules:
    """What the broker lets an order be.

    Attributes:
        share_step: Smallest step of a purchase, shares (1 = whole shares only).
        fractional_sells: Whether any fraction may be sold. Where not, a sale is in whole shares unless it closes the position.
    """

    share_step: Decimal = field(converter=to_decimal, default=Decimal(1))
    fractional_sells: bool = True


@frozen
class Snapshot:
    """The account to plan, the other accounts that the wash-sale rule sees, quotes and history, as of one day.

    Attributes:
        as_of: Day in New York that the plan is for.
        account: The account to plan.
        others: Other accounts of the same owners: seen, never traded.
        quotes: Quote of each symbol that has one.
        transactions: What happened in all of these accounts, oldest first.
        history_from: First day that ``transactions`` covers completely; None when the source does not say.
        venue: What orders may be.
        notes: Remarks of the reader of the data for the person, such as ignored columns.
        promises: What earlier plans promised not to buy: bought, it would wash a loss that was taken. Those that ended in the month
            before ``as_of`` are among them, since only now it may be on record that they were broken.

    Raises:
        DataError: Something is dated after ``as_of``, or a quote is filed under another symbol.
    """

    as_of: dt.date
    account: AccountSnapshot
    others: tuple[AccountSnapshot, ...] = ()
    quotes: Mapping[str, Quote] = field(factory=dict)
    transactions: tuple[Transaction, ...] = ()
    history_from: dt.date | None = None
    venue: VenueRules = VenueRules()
    notes: tuple[str, ...] = field(converter=said, default=())
    promises: tuple[Promise, ...] = ()

    def __attrs_post_init__(self) -> None:
        for account in self.accounts:
            for lot in account.lots:
                if lot.acquired is not None and lot.acquired > self.as_of:
                    raise self._from_the_future(f"lot {lot.lot} of account {account.account}", lot.acquired)
        for one in self.transactions:
            if one.date > self.as_of:
                raise self._from_the_future(f"{one.action} of {one.symbol} in account {one.account}", one.date)
        for symbol, quote in self.quotes.items():
            if quote.symbol != symbol:
                raise DataError(f"the quote of {quote.symbol} is filed under {symbol}", code="misfiled_quote")
            if quote.date is not None and quote.date > self.as_of:
                raise self._from_the_future(f"quote of {symbol}", quote.date)

    def _from_the_future(self, place: str, day: dt.date) -> DataError:
        return DataError(
            f"dated {day}, after {self.as_of}, the day of the plan",
            place=place,
            code="from_the_future",
            remedy=f"Correct the date, or plan as of a later day (--as-of {day}).",
        )

    @property
    def accounts(self) -> Iterator[AccountSnapshot]:
        """The planned account, then the others."""
        yield self.account
        yield from self.others

    @property
    def promises_in_force(self) -> tuple[Promise, ...]:
        """The promises that bind on ``as_of``."""
        return tuple(one for one in self.promises if one.in_force(self.as_of))

    @property
    def digest(self) -> str:
        """SHA-256 of the canonical JSON of this snapshot, in hexadecimal."""
        return digest(self)

    def _repr_html_(self) -> str:
        return snapshot_html(self)
