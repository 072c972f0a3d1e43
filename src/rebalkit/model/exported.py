"""A portfolio as a broker's website lets a person download it, to be compared with what its API says."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from attrs import field, frozen

from rebalkit.money import optional_decimal, to_decimal

__all__ = ["ExportedLot", "ExportedPortfolio", "ExportedPosition"]


@frozen
class ExportedLot:
    """A lot in the file.

    Attributes:
        acquired: Day of the acquisition; None where the file does not say.
        quantity: Shares.
        cost: USD in total; None where the file does not say.
        cost_off: USD by which ``cost`` may be off because the file or the API rounds what it is made of, such as a price per share.
    """

    acquired: dt.date | None
    quantity: Decimal = field(converter=to_decimal)
    cost: Decimal | None = field(converter=optional_decimal, default=None)
    cost_off: Decimal = field(converter=to_decimal, default=Decimal("0.05"))


@frozen
class ExportedPosition:
    """A position in the file.

    Attributes:
        symbol: As the file has it; what is no ticker is something that is not managed.
        quantity: Shares; None where the file does not say.
        value: USD; None where the file does not say.
        lots: Its lots; empty where the file has none.
    """

    symbol: str
    quantity: Decimal | None = field(converter=optional_decimal)
    value: Decimal | None = field(converter=optional_decimal)
    lots: tuple[ExportedLot, ...] = ()


@frozen
class ExportedPortfolio:
    """All of the file.

    Attributes:
        account: What the file calls the account, with its last digits.
        made: When it was made, aware; None where the file does not say.
        positions: Everything but cash.
        cash: USD; None where the file has none.
    """

    account: str
    made: dt.datetime | None
    positions: tuple[ExportedPosition, ...]
    cash: Decimal | None = field(converter=optional_decimal)
