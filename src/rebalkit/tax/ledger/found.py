"""What the pass through a group finds. It keeps rows, for making a record of each costs more than finding it."""

from __future__ import annotations

from typing import NamedTuple

from rebalkit.tax.ledger.lots import Lot, Micros
from rebalkit.tax.trades import Trade

__all__ = ["Taken", "TakenRow", "Washed", "WashedRow"]

TakenRow = tuple[Trade, Lot, Micros, int, int, int, Micros, Micros]
"""As much of a `Taken` as cannot be worked out again from its trade: a million of them must fit."""

WashedRow = tuple[Trade, Lot, Lot, Micros, int, int, int]
"""The fields of a `Washed` but the last, as the pass keeps them: making the records costs more than finding them."""


class Taken(NamedTuple):
    """Shares of one lot that a sale sold and that share basis, proceeds and holding period. A unit is a share before all splits.

    Attributes:
        trade: The sale.
        lot: The lot.
        micros: Micro-units.
        n: Basis of a unit in nano-dollars, over ``d``.
        d: See ``n``.
        pn: Proceeds of a unit in nano-dollars, over ``pd``.
        pd: See ``pn``.
        deemed: Ordinal of the day from which they were deemed held.
        washed: Micro-units whose loss is disallowed.
        permanent: Those of ``washed`` whose loss is added to no basis.
        scale: Shares that a unit was on the day of the sale.
    """

    trade: Trade
    lot: Lot
    micros: Micros
    n: int
    d: int
    pn: int
    pd: int
    deemed: int
    washed: Micros
    permanent: Micros
    scale: Micros


class Washed(NamedTuple):
    """Shares sold at a loss and the shares that replace them.

    Attributes:
        trade: The sale.
        lot: The lot sold.
        replacement: The lot that replaces.
        micros: Micro-units of the lot sold.
        n: Loss of a unit in nano-dollars, over ``d``.
        d: See ``n``.
        deemed: Ordinal of the day from which the replacement is deemed held from now on.
        scale: Shares that a unit was on the day of the sale.
    """

    trade: Trade
    lot: Lot
    replacement: Lot
    micros: Micros
    n: int
    d: int
    deemed: int
    scale: Micros
