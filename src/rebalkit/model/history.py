"""What happened in the accounts before."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from enum import StrEnum

from attrs import field, frozen

from rebalkit.model.securities import check_symbol
from rebalkit.money import optional_decimal, to_decimal

__all__ = ["Action", "Transaction"]


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
        quantity: Shares, above 0; for a split the number of new shares that each old share becomes.
        price: USD per share; None where there is none (transfers, splits).
        fees: USD, 0 or more.
        order: The broker's order id; None when it is unknown. Fills of one order are one acquisition.
        lot: Lot bought or sold; None when it is unknown.
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
