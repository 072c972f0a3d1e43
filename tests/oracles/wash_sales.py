"""The wash-sale rule share by share, slowly, as a ledger of whole shares that looks back and ahead.

Each share is an object with its own basis. A sale at a loss looks through every share of the group that is or will be acquired
within 30 days either way, in whatever account (26 USC 1091(a); Reg. 1.1091-1): the earliest first, each share once, not one of the
purchase that the sold share came from (Rev. Rul. 56-602), and of those acquired before the sale only what is still held after it. The
loss goes into the basis of the share that replaces, or nowhere when that is in an IRA (Rev. Rul. 2008-5).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from decimal import Decimal

from attrs import define, frozen


@frozen
class Trade:
    """A purchase of whole ``shares``, or a sale in one order.

    ``number`` tells the trades apart and is their order in time. ``of`` is empty for a purchase; for a sale it holds the numbers of
    the purchases, each with how many of their shares are sold, front first.
    """

    number: int
    day: dt.date
    account: str
    symbol: str
    shares: int
    price: Decimal
    of: tuple[tuple[int, int], ...] = ()


@define(eq=False)
class Share:
    """One share: of which purchase, and what became of it."""

    bought: Trade
    basis: Decimal
    sold: bool = False
    replaced: bool = False


class Ledger:
    """All trades worked through.

    Attributes:
        washed: Each sale's number with how many of its shares had a loss that is disallowed.
        shares: All shares, in the order in which they were acquired.
    """

    def __init__(self, trades: Iterable[Trade], taxable: frozenset[str], group_of: Mapping[str, str]) -> None:
        """Work through ``trades``; accounts that are not ``taxable`` have no losses and take no basis."""
        line = sorted(trades, key=lambda one: one.number)
        self.shares = [Share(one, one.price) for one in line if not one.of for _ in range(one.shares)]
        self.washed: dict[int, int] = {}
        for sale in line:
            gone: list[Share] = []
            for number, shares in sorted(sale.of):
                gone += self.of(number)[:shares]
            assert len(gone) == sum(shares for _, shares in sale.of)
            for one in gone:
                one.sold = True
            for one in gone:
                if sale.account not in taxable or one.basis <= sale.price:
                    continue
                for other in self.shares:
                    if (
                        group_of[other.bought.symbol] == group_of[sale.symbol]
                        and abs((other.bought.day - sale.day).days) <= 30
                        and other.bought.number != one.bought.number
                        and not other.replaced
                        and not (other.sold and other.bought.number < sale.number)
                    ):
                        other.replaced = True
                        if other.bought.account in taxable:
                            other.basis += one.basis - sale.price
                        self.washed[sale.number] = self.washed.get(sale.number, 0) + 1
                        break

    def of(self, number: int) -> list[Share]:
        """What is left of the purchase ``number``, front first."""
        return [one for one in self.shares if one.bought.number == number and not one.sold]
