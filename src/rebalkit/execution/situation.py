"""All that is known right before an order is sent."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal

from attrs import frozen

from rebalkit.model.accounts import AccountSnapshot
from rebalkit.model.orders import OpenOrder, OrderRequest
from rebalkit.model.securities import Quote

__all__ = ["Situation"]


@frozen
class Situation:
    """What was just read, and what the journal says.

    Attributes:
        request: The order.
        planned_price: USD per share that the plan counted with.
        live: Whether it moves real money.
        at: What time it is at the broker, aware.
        clock: What time it is on this machine, aware.
        account: The account with at least the lots of the symbols in ``expected``; cash and open orders whole.
        expected: Shares by symbol that the account must hold by the journal, of all symbols whose lots were read.
        quote: Its quote; None when there is none.
        foreign: Orders at the broker that may still fill and that no journal knows.
        spendable: USD that purchases may use.
        fees: USD of fees by the broker's preview.
        traded_today: USD of all orders sent on this day.
        account_value: USD that the account was worth when the plan was made.
        as_of: Day in New York that the plan is for.
    """

    request: OrderRequest
    planned_price: Decimal
    live: bool
    at: dt.datetime
    clock: dt.datetime
    account: AccountSnapshot
    expected: Mapping[str, Decimal]
    quote: Quote | None
    foreign: tuple[OpenOrder, ...]
    spendable: Decimal
    fees: Decimal
    traded_today: Decimal
    account_value: Decimal
    as_of: dt.date
