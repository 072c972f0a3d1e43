"""What the ledger works on: one trade, as integers."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from decimal import Decimal
from fractions import Fraction

from attrs import frozen

from rebalkit.errors import DataError
from rebalkit.model.history import Action
from rebalkit.money import from_micros, to_decimal, to_micros, to_nanos

__all__ = ["Trade"]


@frozen
class Trade:
    """One event in the history of the accounts; never an order that has not filled.

    Attributes:
        id: Name of the trade, unique in the history. A lot is named by the trade that brought it.
        date: Trade date in New York.
        account: Account it happened in.
        symbol: Ticker.
        action: What happened. ``receive`` and ``deliver`` move shares without a purchase or sale; ``split`` restates quantities.
        micros: Micro-shares, above 0; 0 for a split.
        price: Nano-dollars per share; for ``receive`` the basis. 0 for ``deliver`` and ``split``.
        fees: Nano-dollars: they raise the basis of what is bought and lower the proceeds of what is sold.
        lots: Of a sale or delivery the lots and micro-shares of each, summing to ``micros``; empty = first in, first out.
        order: Order of which this is a fill; None = an order of its own.
        acquired: Of received shares the day on which they were really acquired; None = ``date``.
        ratio: Of a split the number of new shares that each old one becomes; None for everything else.
        transfer_of: Of received shares the id of the delivery, from another account, that they come from, with their basis and dates;
            None for shares from outside.
    """

    id: str
    date: dt.date
    account: str
    symbol: str
    action: Action
    micros: int
    price: int = 0
    fees: int = 0
    lots: tuple[tuple[str, int], ...] = ()
    order: str | None = None
    acquired: dt.date | None = None
    ratio: Fraction | None = None
    transfer_of: str | None = None

    @property
    def quantity(self) -> Decimal:
        """Shares."""
        return from_micros(self.micros)

    @classmethod
    def of(
        cls,
        id: str,
        date: dt.date,
        account: str,
        symbol: str,
        action: Action,
        quantity: Decimal | str | int,
        price: Decimal | str | int = 0,
        fees: Decimal | str | int = 0,
        *,
        lots: Iterable[tuple[str, Decimal | str | int]] = (),
        order: str | None = None,
        acquired: dt.date | None = None,
        transfer_of: str | None = None,
    ) -> Trade:
        """A trade from decimal shares and USD; for a split ``quantity`` is its ratio.

        Raises:
            DataError: A number finer than a millionth of a share or a billionth of a dollar.
        """
        try:
            if action is Action.SPLIT:
                return cls(id, date, account, symbol, action, 0, ratio=Fraction(to_decimal(quantity)))
            parts = tuple((lot, to_micros(to_decimal(shares))) for lot, shares in lots)
            micros = to_micros(to_decimal(quantity))
            return cls(
                id, date, account, symbol, action, micros,
                to_nanos(to_decimal(price)), to_nanos(to_decimal(fees)), parts, order, acquired, None, transfer_of,
            )  # fmt: skip
        except ValueError as problem:
            raise DataError(str(problem), place=f"trade {id}", code="too_fine") from None
