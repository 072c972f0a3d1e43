"""Plans: what is to be traded, what is not, and why."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from attrs import field, frozen

from rebalkit.model.display import plan_html
from rebalkit.model.lots import LotSale
from rebalkit.model.orders import Side
from rebalkit.serial import digest

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["CashSummary", "ClassPlan", "NotTraded", "Order", "Plan", "Reason", "TaxSummary"]


@frozen
class Reason:
    """Why something is or is not traded, for programs.

    Attributes:
        code: Stable name, lower case with underscores.
        details: The numbers behind it, ready for JSON: text, whole numbers, or lists of these; amounts as plain decimal text.
    """

    code: str
    details: Mapping[str, Any] = field(factory=dict)


@frozen
class Order:
    """One order of a plan.

    Attributes:
        side: Buy or sell.
        symbol: Ticker.
        quantity: Shares.
        lots: For a sale the lots to sell, summing to ``quantity``; empty for a buy.
        limit: USD per share that the plan counts with: the bid for a sale, the ask for a buy.
        estimated: USD, quantity × limit: rounded down to the cent for a sale, up for a buy.
        reason: Why.
    """

    side: Side
    symbol: str
    quantity: Decimal
    lots: tuple[LotSale, ...]
    limit: Decimal
    estimated: Decimal
    reason: Reason


@frozen
class NotTraded:
    """A trade that a person might expect and that is not made: ``subject`` is a symbol, a class or a lot."""

    subject: str
    reason: Reason


@frozen
class ClassPlan:
    """One asset class before and after the plan. Amounts in USD.

    Attributes:
        name: Name of the class.
        target: Percent of the portfolio.
        value: Value now, at the bid.
        percent: Percent of what all classes together hold now; 0 when they hold nothing.
        sales: Proceeds of what is sold in the class.
        after_sales: ``value`` − ``sales``.
        buy: Symbol chosen to be bought; None when nothing is bought in the class in this run.
        buy_target: Amount that the allocation gives to the class, before rounding to shares.
        buy_quantity: Shares bought.
        buy_cost: Cost of them.
        after: ``after_sales`` + the shares bought, at cost.
        after_percent: Percent of what all classes together hold afterwards; 0 when they hold nothing.
    """

    name: str
    target: Decimal
    value: Decimal
    percent: Decimal
    sales: Decimal
    after_sales: Decimal
    buy: str | None
    buy_target: Decimal
    buy_quantity: Decimal
    buy_cost: Decimal
    after: Decimal
    after_percent: Decimal


@frozen
class TaxSummary:
    """Gains and losses that the plan's sales realise, USD before netting. Losses are 0 or negative.

    Attributes:
        short_gain: Gains on lots held one year or less.
        short_loss: Losses on such lots.
        long_gain: Gains on lots held more than one year.
        long_loss: Losses on such lots.
        harvested: All losses together, as a positive amount.
    """

    short_gain: Decimal
    short_loss: Decimal
    long_gain: Decimal
    long_loss: Decimal
    harvested: Decimal


@frozen
class CashSummary:
    """Cash of the planned account in USD: ``before`` + ``proceeds`` − ``spent`` = ``after``, to the cent."""

    before: Decimal
    proceeds: Decimal
    spent: Decimal
    after: Decimal


@frozen
class Plan:
    """The answer of a strategy: the same inputs always give the same plan, to the byte.

    Attributes:
        as_of: Day in New York that it is for.
        account: Account to trade in.
        strategy: Name of the strategy.
        classes: Every class of the targets, in their order.
        orders: Sales first, then purchases.
        not_traded: What is not traded, and why.
        tax: What the sales realise.
        cash: What happens to the cash.
        snapshot: Digest of the snapshot it was made from; empty until the pipeline binds the plan to it.
    """

    as_of: dt.date
    account: str
    strategy: str
    classes: tuple[ClassPlan, ...]
    orders: tuple[Order, ...]
    not_traded: tuple[NotTraded, ...]
    tax: TaxSummary
    cash: CashSummary
    snapshot: str = ""

    @property
    def plan_id(self) -> str:
        """Twelve hexadecimal digits of the SHA-256 of the plan's canonical JSON, snapshot digest included."""
        return digest(self)[:12]

    @property
    def sells(self) -> tuple[Order, ...]:
        """The sell orders."""
        return tuple(order for order in self.orders if order.side is Side.SELL)

    @property
    def buys(self) -> tuple[Order, ...]:
        """The buy orders."""
        return tuple(order for order in self.orders if order.side is Side.BUY)

    def classes_to_frame(self) -> pd.DataFrame:
        """The classes as a pandas frame, indexed by name. Needs the extra ``frames``."""
        import pandas as pd
        from attrs import asdict

        return pd.DataFrame.from_records([asdict(one) for one in self.classes]).set_index("name")

    def orders_to_frame(self) -> pd.DataFrame:
        """The orders as a pandas frame, one row an order. Needs the extra ``frames``."""
        import pandas as pd

        columns = ["side", "symbol", "quantity", "limit", "estimated", "reason"]
        rows = [(o.side.value, o.symbol, o.quantity, o.limit, o.estimated, o.reason.code) for o in self.orders]
        return pd.DataFrame.from_records(rows, columns=columns)

    def _repr_html_(self) -> str:
        return plan_html(self)
