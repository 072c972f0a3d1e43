"""The answer to: may I buy this today, and may I sell it at a loss?"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from decimal import Decimal
from fractions import Fraction

from attrs import frozen

from rebalkit.model import AccountKind, Finding, Quote
from rebalkit.tax.clean import CleanLot, CleanView
from rebalkit.tax.same_index import index_of
from rebalkit.tax.trial import Trial
from rebalkit.tax.wash_view import Exposed, Recent, WashView, told_once

__all__ = ["Elsewhere", "WashAnswer", "last_day", "loss_of"]

_DAY = dt.timedelta(days=1)


@frozen
class Elsewhere:
    """Shares of the group that the planned account does not hold as the security asked about."""

    account: str
    kind: AccountKind
    symbol: str
    quantity: Decimal


@frozen
class WashAnswer:
    """What the wash-sale rule says of one security today.

    Attributes:
        as_of: The day.
        account: The account that would sell, or buy.
        kind: How it is taxed.
        symbol: The security asked about.
        identical: All symbols that count as one with it, itself among them.
        index: The index that all of them track by the built-in table; None when the person declared them, or it is alone.
        quote: Its quote; None without one.
        exposed: The sales whose losses a purchase would take away, the earliest first; empty: it may be bought.
        doubted: Those of them whose loss may be higher: what they sold may have taken over a loss that no record shows.
        lots: Its lots in the account.
        one_order: Those of them that sold whole in one order take as much loss as can be taken without a wash.
        elsewhere: What is held of the group otherwise.
        purchase: The purchase asked about; None when there was no such question.
        sale: The sale asked about.
        hazards: What could spoil the answer.
    """

    as_of: dt.date
    account: str
    kind: AccountKind
    symbol: str
    identical: tuple[str, ...]
    index: str | None
    quote: Quote | None
    exposed: tuple[Exposed, ...]
    doubted: tuple[Exposed, ...]
    lots: tuple[CleanLot, ...]
    one_order: tuple[str, ...]
    elsewhere: tuple[Elsewhere, ...]
    purchase: Trial | None
    sale: Trial | None
    hazards: tuple[Finding, ...]

    @classmethod
    def of(
        cls,
        view: WashView,
        symbol: str,
        purchase: Trial | None = None,
        sale: Trial | None = None,
        hazards: Iterable[Finding] = (),
    ) -> WashAnswer:
        """The answer for ``symbol`` out of ``view``."""
        snapshot, groups = view.snapshot, view.policy.groups
        identical = next((one for one in groups.groups if symbol in one), (symbol,))
        clean = CleanView(view)
        held: dict[tuple[str, AccountKind, str], Decimal] = {}
        for account in snapshot.accounts:
            for lot in account.lots:
                if lot.symbol in identical and (account is not snapshot.account or lot.symbol != symbol):
                    key = (account.account, account.kind, lot.symbol)
                    held[key] = held.get(key, Decimal(0)) + lot.quantity
        return cls(
            snapshot.as_of, snapshot.account.account, snapshot.account.kind, symbol, identical,
            index_of(identical) if len(identical) > 1 else None, snapshot.quotes.get(symbol),
            *told_once(view.exposed.get(groups.of(symbol), ())),
            tuple(one for one in clean.lots if one.symbol == symbol), clean.one_order(symbol),
            tuple(Elsewhere(*key, quantity) for key, quantity in held.items()), purchase, sale, tuple(hazards),
        )  # fmt: skip

    @property
    def buy_from(self) -> dt.date | None:
        """First day on which a purchase takes no loss away that was taken up to now; None: today."""
        return max((one.free_from for one in self.exposed), default=None)

    @property
    def losing(self) -> tuple[CleanLot, ...]:
        """The lots that lose at the bid, in whole or in part."""
        return tuple(one for one in self.lots if one.loses)

    @property
    def in_one_order(self) -> tuple[CleanLot, ...]:
        """The lots of ``one_order``."""
        return tuple(one for one in self.lots if one.lot in self.one_order)

    @property
    def obstacles(self) -> tuple[Recent, ...]:
        """Everything that stands in the way of a loss, the earliest first."""
        found = {one: None for lot in self.lots for one in lot.obstacles}
        return tuple(sorted(found, key=lambda one: one.acquired))

    @property
    def sell_from(self) -> dt.date | None:
        """First day on which every lot may be sold at a loss, if nothing is acquired until then; None: today."""
        return max((one.free_from for one in self.lots if one.free_from is not None), default=None)

    @property
    def uncounted(self) -> tuple[Exposed, ...]:
        """Of ``exposed`` what the ledger cannot count, so that it is in no figure of ``purchase``."""
        return tuple(one for one in self.exposed if one.loss is None or one.what != "sale")


def last_day(one: Exposed) -> dt.date:
    """The last day on which a purchase takes the loss away."""
    return one.free_from - _DAY


def loss_of(lots: Iterable[CleanLot]) -> Fraction:
    """USD: what ``lots`` lose together, above 0, gains among them set against it."""
    return -sum((one.gain for one in lots if one.gain is not None), Fraction(0))
