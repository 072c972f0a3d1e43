"""What an account really holds, in whole cents and micro-shares. Nothing is ever lost or found."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from attrs import define

from rebalkit.model.accounts import AccountKind, Cash
from rebalkit.model.lots import Lot
from rebalkit.money import from_cents, from_micros

__all__ = ["Book", "HeldLot", "cost_of", "proceeds_of"]

_AMOUNT = 10**8
"""Micro-shares times hundredths of a cent in one cent."""


def cost_of(micros: int, price: int) -> int:
    """Cents for ``micros`` micro-shares at ``price`` hundredths of a cent a share, rounded up."""
    return -(-micros * price // _AMOUNT)


def proceeds_of(micros: int, price: int) -> int:
    """Cents for ``micros`` micro-shares at ``price`` hundredths of a cent a share, rounded down."""
    return micros * price // _AMOUNT


@define
class HeldLot:
    """Micro-shares acquired together and the cents that they cost."""

    symbol: str
    micros: int
    acquired: dt.date
    cents: int


class Book:
    """One account.

    Args:
        account: Its name.
        kind: How it is taxed.
        cents: Settled cash in cents.

    Attributes:
        settled: Settled cash, cents.
        unsettled: Unsettled cash, cents.
        lots: Lots by name.
        version: Rises with each change.
    """

    def __init__(self, account: str, kind: AccountKind, cents: int) -> None:
        self.account = account
        self.kind = kind
        self.settled = cents
        self.unsettled = 0
        self.lots: dict[str, HeldLot] = {}
        self.version = 0

    @property
    def cents(self) -> int:
        """All cash, cents."""
        return self.settled + self.unsettled

    def shares(self, symbol: str) -> int:
        """Micro-shares of ``symbol`` in all lots."""
        return sum(lot.micros for lot in self.lots.values() if lot.symbol == symbol)

    def add(self, name: str, symbol: str, micros: int, acquired: dt.date, cents: int) -> None:
        """Put shares that cost ``cents`` into the lot ``name``; what is paid for them is another matter."""
        held = self.lots.get(name)
        if held is None:
            self.lots[name] = HeldLot(symbol, micros, acquired, cents)
        else:
            held.micros += micros
            held.cents += cents
        self.version += 1

    def take(self, name: str, micros: int) -> int:
        """Take shares out of a lot; returns the cents that they cost, the last share taking what is left. Raises KeyError."""
        held = self.lots[name]
        if not 0 < micros <= held.micros:
            raise ValueError(f"lot {name} has {held.micros} micro-shares, not {micros}")
        cents = held.cents * micros // held.micros
        held.micros -= micros
        held.cents -= cents
        if not held.micros:
            del self.lots[name]
        self.version += 1
        return cents

    def pay(self, cents: int) -> None:
        """Spend cash, what is settled first."""
        from_settled = min(cents, max(self.settled, 0))
        rest = cents - from_settled
        from_unsettled = min(rest, max(self.unsettled, 0))
        self.unsettled -= from_unsettled
        self.settled -= cents - from_unsettled
        self.version += 1

    def receive(self, cents: int, *, settled: bool = False) -> None:
        """Take in cash."""
        if settled:
            self.settled += cents
        else:
            self.unsettled += cents
        self.version += 1

    def settle(self) -> None:
        """All cash settles, as it does overnight."""
        self.settled, self.unsettled = self.cents, 0
        self.version += 1

    def split(self, symbol: str, new: int) -> None:
        """Each share of ``symbol`` becomes ``new`` shares."""
        for lot in self.lots.values():
            if lot.symbol == symbol:
                lot.micros *= new
        self.version += 1

    def shown_cash(self) -> Cash:
        """The cash as a broker shows it."""
        return Cash(from_cents(self.settled), from_cents(self.unsettled))

    def shown_lots(self) -> Iterator[Lot]:
        """The lots as a broker shows them."""
        for name, lot in self.lots.items():
            yield Lot(name, lot.symbol, from_micros(lot.micros), lot.acquired, from_cents(lot.cents))
