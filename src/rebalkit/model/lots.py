"""Tax lots."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from attrs import field, frozen

from rebalkit.errors import DataError
from rebalkit.model.securities import check_symbol
from rebalkit.money import optional_decimal, to_decimal, to_micros, to_nanos

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pandas as pd

__all__ = ["Lot", "LotSale", "lots_to_frame"]


@frozen
class Lot:
    """Shares of one security that were acquired together.

    Attributes:
        lot: Name of the lot, unique in its account.
        symbol: Ticker.
        quantity: Shares, above 0, no finer than a millionth.
        acquired: Trade date of the acquisition in New York; None when it is unknown.
        cost: Total cost basis in USD with buying fees, 0 or more, so that a partial sale conserves cents; None when it is unknown.

    Raises:
        DataError: A quantity or cost that cannot be.
    """

    lot: str
    symbol: str = field(converter=check_symbol)
    quantity: Decimal = field(converter=to_decimal)
    acquired: dt.date | None
    cost: Decimal | None = field(converter=optional_decimal)

    def __attrs_post_init__(self) -> None:
        try:
            to_micros(self.quantity)
            if self.cost is not None:
                to_nanos(self.cost)
        except ValueError as problem:
            raise DataError(str(problem), place=f"lot {self.lot}", code="too_fine") from None
        if self.quantity <= 0:
            raise DataError(f"a quantity of {self.quantity} is not above 0", place=f"lot {self.lot}", code="bad_quantity")
        if self.cost is not None and self.cost < 0:
            raise DataError(f"a cost of {self.cost} is below 0", place=f"lot {self.lot}", code="bad_cost")

    @property
    def basis_known(self) -> bool:
        """Whether both the cost and the date of the acquisition are known; a lot without them is never sold on its own."""
        return self.cost is not None and self.acquired is not None


@frozen
class LotSale:
    """Part of a sell order: ``quantity`` shares out of the lot named ``lot``."""

    lot: str
    quantity: Decimal = field(converter=to_decimal)


def lots_to_frame(lots: Iterable[Lot]) -> pd.DataFrame:
    """Lots as a pandas frame, one row a lot, indexed by lot name. Needs the extra ``frames``."""
    import pandas as pd

    columns = ("lot", "symbol", "quantity", "acquired", "cost")
    rows: list[tuple[Any, ...]] = [tuple(getattr(lot, name) for name in columns) for lot in lots]
    return pd.DataFrame.from_records(rows, columns=list(columns)).set_index("lot")
