"""The lot book: lots as plain integers, ticker by ticker, for the loops that see every lot."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from typing import TYPE_CHECKING

from attrs import frozen

from rebalkit.errors import DataError
from rebalkit.model.lots import Lot, lots_to_frame
from rebalkit.money import MICRO, from_micros, from_nanos, to_micros, to_nanos

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Holding", "LotBook"]


@frozen(eq=False)
class Holding:
    """The lots of one symbol as parallel columns, dearest unit cost first; lots of unknown cost come last.

    So the lots that lose at a price, whichever price in whole nano-dollars, are always the first ones. Unit costs that are equal to
    the nano-dollar go by date, then by name: the order of the lots in the account plays no part.

    Attributes:
        symbol: Ticker.
        names: Names of the lots.
        micros: Quantities in micro-shares.
        costs: Total costs in nano-dollars; None where unknown.
        acquired: Trade dates; None where unknown.
        places: Where each lot stood among the lots of the account, so that the book can give them back in order.
        total: Micro-shares in all.
    """

    symbol: str
    names: tuple[str, ...]
    micros: tuple[int, ...]
    costs: tuple[int | None, ...]
    acquired: tuple[dt.date | None, ...]
    places: tuple[int, ...]
    total: int

    def __len__(self) -> int:
        return len(self.names)


def _dearest_first(row: tuple[str, int, int | None, dt.date | None, int]) -> tuple[int, dt.date, str]:
    name, micros, cost, acquired, _ = row
    # Nano-dollars per share, rounded up: a price in whole nano-dollars is below the unit cost exactly when it is below this. Ties
    # go by date and name, so that the order in which the lots of an account happen to come changes nothing.
    return (1 if cost is None else -cost * MICRO // micros, acquired or dt.date.max, name)


@frozen(eq=False)
class LotBook:
    """All lots of one account by symbol. Symbols are in alphabetical order."""

    holdings: Mapping[str, Holding]

    @classmethod
    def from_lots(cls, lots: Iterable[Lot]) -> LotBook:
        """The book of ``lots``. Raises DataError for a lot that is finer than the integers (`rebalkit.money`)."""
        rows: dict[str, list[tuple[str, int, int | None, dt.date | None, int]]] = {}
        for place, lot in enumerate(lots):
            try:
                cost = None if lot.cost is None else to_nanos(lot.cost)
                row = (lot.lot, to_micros(lot.quantity), cost, lot.acquired, place)
            except ValueError as problem:
                raise DataError(str(problem), place=f"lot {lot.lot}", code="too_fine") from None
            rows.setdefault(lot.symbol, []).append(row)
        holdings = {}
        for symbol in sorted(rows):
            ordered = sorted(rows[symbol], key=_dearest_first)
            names, micros, costs, acquired, places = zip(*ordered, strict=True)
            holdings[symbol] = Holding(symbol, names, micros, costs, acquired, places, sum(micros))
        return cls(holdings)

    def lots(self) -> list[Lot]:
        """The lots again, each as it was and in the order they came in."""
        found: list[tuple[int, Lot]] = []
        for held in self:
            for name, micros, cost, acquired, place in zip(
                held.names, held.micros, held.costs, held.acquired, held.places, strict=True
            ):
                dollars = None if cost is None else from_nanos(cost)
                found.append((place, Lot(name, held.symbol, from_micros(micros), acquired, dollars)))
        return [lot for _, lot in sorted(found, key=lambda pair: pair[0])]

    def shares(self, symbol: str) -> Decimal:
        """Shares held of ``symbol``, 0 when none."""
        held = self.holdings.get(symbol)
        return from_micros(held.total) if held else Decimal(0)

    def to_frame(self) -> pd.DataFrame:
        """The lots as a pandas frame, in the order they came in (see `rebalkit.model.lots.lots_to_frame`)."""
        return lots_to_frame(self.lots())

    def __iter__(self) -> Iterator[Holding]:
        return iter(self.holdings.values())
