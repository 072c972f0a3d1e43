"""What E*TRADE's answers say, as values. Ids are whole numbers, amounts exact decimals, days and moments in New York.

None stands for what an answer does not say. Names of the fields on the wire are in the order of the official documentation
(https://apisb.etrade.com/docs/api/account/api-account-v1.html and the pages beside it).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from attrs import field, frozen

__all__ = [
    "Account",
    "Balance",
    "CancelAnswer",
    "HistoryRow",
    "ListedOrder",
    "Message",
    "OrderLeg",
    "PlaceAnswer",
    "Position",
    "PositionLot",
    "PreviewAnswer",
    "QuoteRow",
]


@frozen
class Account:
    """An account of the customer.

    Attributes:
        account_id: Its number as the website shows it.
        key: ``accountIdKey``, by which every call names it; of no use to anybody without the session.
        mode: ``accountMode``, such as CASH, MARGIN or IRA.
        kind: ``accountType``, such as INDIVIDUAL or ROTHIRA. It can contradict ``mode``.
        name: The customer's own name of it; may be empty.
        description: E*TRADE's; may be empty.
        institution: ``institutionType``; only BROKERAGE holds securities.
        status: ACTIVE or CLOSED.
        closed: ``closedDate``; None for one in use.
    """

    account_id: str
    key: str = field(repr=False)
    mode: str
    kind: str
    name: str
    description: str
    institution: str
    status: str
    closed: dt.date | None


@frozen
class Balance:
    """Cash of an account, USD.

    Attributes:
        account_id: The account's number.
        mode: ``accountMode``; empty where it is missing.
        cash_available: ``cashAvailableForInvestment``; 0 in margin accounts, whatever they hold (observed).
        settled: ``settledCashForInvestment``.
        unsettled: ``unSettledCashForInvestment``: proceeds of sales that settle on the next business day.
        net_cash: ``netCash``.
        cash_balance: ``cashBalance``.
        margin_balance: ``marginBalance``; below 0 is borrowed.
        cash_buying_power: ``cashBuyingPower``.
        total_value: ``RealTimeValues.totalAccountValue``.
    """

    account_id: str
    mode: str
    cash_available: Decimal | None
    settled: Decimal | None
    unsettled: Decimal | None
    net_cash: Decimal | None
    cash_balance: Decimal | None
    margin_balance: Decimal | None
    cash_buying_power: Decimal | None
    total_value: Decimal | None


@frozen
class PositionLot:
    """A tax lot.

    Attributes:
        lot: ``positionLotId``, by which a sale names it.
        position: ``positionId``.
        quantity: Shares left, ``remainingQty``.
        available: Shares that no order is about to sell, presumably (uncertain).
        acquired: Day of the acquisition; None when it is missing or the date before 1970 that stands for unknown (observed).
        price: USD per share that it cost.
        total_cost: USD; whether of what is left or of all that was bought is not documented.
    """

    lot: int
    position: int
    quantity: Decimal
    available: Decimal | None
    acquired: dt.date | None
    price: Decimal | None
    total_cost: Decimal | None


@frozen
class Position:
    """Shares or something else that an account holds.

    Attributes:
        position: ``positionId``.
        symbol: ``Product.symbol``; of an option that of what it is on.
        security: ``Product.securityType``: EQ for shares and ETFs, OPTN, MF, MMF, BOND, INDX.
        sub_type: ``Product.securitySubType``, such as ETF; empty when it is not said.
        long: Whether it is held and not owed.
        quantity: Shares; below 0 for what is owed.
        acquired: Day of the first acquisition; None when it is unknown.
        price_paid: USD per share.
        total_cost: USD.
        market_value: USD, at a price that may be delayed.
        lots: Its lots; None where they were not asked for, or did not come.
        details: The block of the view that was asked for, such as ``Quick``, as it came, numbers exact; empty where there is none.
    """

    position: int
    symbol: str
    security: str
    sub_type: str
    long: bool
    quantity: Decimal
    acquired: dt.date | None
    price_paid: Decimal | None
    total_cost: Decimal | None
    market_value: Decimal | None
    lots: tuple[PositionLot, ...] | None = None
    details: Mapping[str, Any] = field(factory=dict, repr=False, eq=False)


@frozen
class HistoryRow:
    """A transaction.

    Attributes:
        row: ``transactionId``, digits.
        account_id: The account's number.
        date: ``transactionDate``.
        posted: ``postDate``; None while it is pending.
        kind: ``transactionType``, such as Bought, Sold or Dividend.
        symbol: The security's; None where the row has none.
        security: ``securityType``; empty when it is not said.
        quantity: Shares as the wire has them; the sign of a sale's is not documented. None where there are none.
        price: USD per share; None where there is none.
        amount: USD, below 0 when money went out.
        fee: USD; None when it is not said.
        description: E*TRADE's words.
        settles: Day of the settlement; None when it is not said.
    """

    row: str
    account_id: str
    date: dt.date
    posted: dt.date | None
    kind: str
    symbol: str | None
    security: str
    quantity: Decimal | None
    price: Decimal | None
    amount: Decimal
    fee: Decimal | None
    description: str
    settles: dt.date | None


@frozen
class OrderLeg:
    """One security of an order, an ``Instrument``.

    Attributes:
        action: ``orderAction``: BUY, SELL, SELL_SHORT, BUY_TO_COVER and those of options.
        ordered: Shares asked for.
        filled: Shares filled, whatever the order's status is.
        average_price: ``averageExecutionPrice``, USD per share; None while nothing is filled.
        commission: USD; None when it is not said.
        fees: USD; None when they are not said.
    """

    symbol: str
    security: str
    action: str
    ordered: Decimal
    filled: Decimal
    average_price: Decimal | None
    commission: Decimal | None
    fees: Decimal | None


@frozen
class ListedOrder:
    """An order as the list of orders has it.

    Attributes:
        order: ``orderId``, unique in its account only.
        part: Place of this part in an order of several, from 0; each part has a status of its own.
        placed: ``placedTime``.
        executed: ``executedTime``; None before.
        status: OPEN, EXECUTED, CANCELLED, INDIVIDUAL_FILLS, CANCEL_REQUESTED, EXPIRED, REJECTED, PARTIAL and others.
        term: ``orderTerm``.
        price_type: ``priceType``.
        limit: USD per share; None for an order without one.
        stop: USD per share; None for an order without one.
        session: ``marketSession``.
        all_or_none: Whether it fills as a whole or not at all.
        replaces: The order that it took the place of; None for none.
        replaced_by: The order that took its place; None for none.
        legs: Its securities; one for an order of shares.
    """

    order: int
    part: int
    placed: dt.datetime
    executed: dt.datetime | None
    status: str
    term: str
    price_type: str
    limit: Decimal | None
    stop: Decimal | None
    session: str
    all_or_none: bool
    replaces: int | None
    replaced_by: int | None
    legs: tuple[OrderLeg, ...]


@frozen
class QuoteRow:
    """A quote.

    Attributes:
        status: ``quoteStatus``: REALTIME, DELAYED, CLOSING, EH_REALTIME, EH_BEFORE_OPEN, EH_CLOSED.
        at: ``dateTimeUTC``; None when it is not said.
        bid: USD per share; None for what has none, such as a mutual fund.
        ask: USD per share; None for what has none.
        last: USD of the last trade; None when it is not said.
        previous_close: USD; None when it is not said.
    """

    symbol: str
    security: str
    status: str
    at: dt.datetime | None
    bid: Decimal | None
    ask: Decimal | None
    last: Decimal | None
    previous_close: Decimal | None


@frozen
class Message:
    """A remark on an order: its ``code``, None when it has none; its text, untrusted; its ``kind`` WARNING, INFO, INFO_HOLD or ERROR."""

    code: str | None
    text: str
    kind: str


@frozen
class PreviewAnswer:
    """A preview; it can be placed for three minutes (documented).

    Attributes:
        preview: ``previewId``.
        total: ``estimatedTotalAmount``, USD; None when it is not said.
        commission: USD; None when it is not said.
        fees: USD; None when they are not said.
        messages: Remarks.
        at: ``previewTime``; None when it is not said.
        order: What it was taken for, as the answer has it.
        account_id: The account's number; empty when it is not said.
    """

    preview: int
    total: Decimal | None
    commission: Decimal | None
    fees: Decimal | None
    messages: tuple[Message, ...]
    at: dt.datetime | None
    order: Mapping[str, Any] = field(repr=False)
    account_id: str = ""


@frozen
class PlaceAnswer:
    """An order that was taken.

    Attributes:
        order: Its number.
        messages: Remarks.
        placed: ``placedTime``; None when it is not said.
        account_id: The account's number; empty when it is not said.
    """

    order: int
    messages: tuple[Message, ...]
    placed: dt.datetime | None
    account_id: str = ""


@frozen
class CancelAnswer:
    """A cancellation that was asked for; whether the order is cancelled only the list of orders says."""

    order: int
    messages: tuple[Message, ...]
