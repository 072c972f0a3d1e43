"""The parts of a view: frozen, computed, in the order in which they are shown. Amounts in USD unless a name says otherwise."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from attrs import frozen

from rebalkit.model.findings import Severity

__all__ = [
    "ClassRow",
    "FindingRow",
    "Gains",
    "GroupView",
    "IdenticalRow",
    "LotRow",
    "NotTradedRow",
    "OrderRow",
    "OutcomeRow",
    "OutcomeView",
    "PromiseRow",
    "SecurityRow",
    "Status",
    "Step",
    "Tile",
    "TradeRow",
]


@frozen
class Status:
    """Where things stand, in a word and a sentence. ``level`` is good, neutral, warning or bad."""

    level: str
    word: str
    sentence: str


@frozen
class Tile:
    """A figure worth seeing first, already written, with what it is and what must be said beside it."""

    label: str
    figure: str
    note: str = ""


@frozen
class FindingRow:
    """What a check found."""

    severity: Severity
    code: str
    subject: str
    message: str


@frozen
class Gains:
    """Gains and losses by term, before netting. Losses are 0 or negative; ``unknown`` counts lots that cannot be said of."""

    short_gain: Decimal = Decimal(0)
    short_loss: Decimal = Decimal(0)
    long_gain: Decimal = Decimal(0)
    long_loss: Decimal = Decimal(0)
    unknown: int = 0

    @property
    def short(self) -> Decimal:
        """Gains and losses on lots held one year or less."""
        return self.short_gain + self.short_loss

    @property
    def long(self) -> Decimal:
        """Gains and losses on lots held more than one year."""
        return self.long_gain + self.long_loss

    @property
    def gain(self) -> Decimal:
        """All gains."""
        return self.short_gain + self.long_gain

    @property
    def loss(self) -> Decimal:
        """All losses."""
        return self.short_loss + self.long_loss

    @property
    def net(self) -> Decimal:
        """Gains and losses together."""
        return self.gain + self.loss


@frozen
class ClassRow:
    """An asset class. Percents are of what all classes hold; drift is percent − target, in points.

    The fields from ``sales`` on are None where only the account is shown.
    """

    name: str
    target: Decimal
    value: Decimal
    percent: Decimal
    drift: Decimal
    sales: Decimal | None = None
    buy: str | None = None
    buy_quantity: Decimal | None = None
    buy_cost: Decimal | None = None
    after: Decimal | None = None
    after_percent: Decimal | None = None
    after_drift: Decimal | None = None


@frozen
class IdenticalRow:
    """Symbols that the wash-sale rule treats as one; ``index`` is what all of them track, None where only the person says so."""

    symbols: tuple[str, ...]
    index: str | None

    @property
    def words(self) -> str:
        """The same as a line."""
        return f"{' = '.join(self.symbols)} ({f'same index: {self.index}, built in' if self.index else 'declared'})"


@frozen
class LotRow:
    """A lot. None stands for what is unknown.

    Attributes:
        term: ``short``, ``long`` or ``unknown``: what a sale on the day of the report would be.
        long_from: First day on which a sale is long-term; None for a lot that is, or of which it is unknown.
        gain: At the bid, for the whole lot.
        sold: Shares of it that the plan sells.
        proceeds: What they bring, estimated.
        sold_cost: Their part of the cost.
        sold_gain: Their part of the gain.
    """

    lot: str
    symbol: str
    quantity: Decimal
    acquired: dt.date | None
    term: str
    long_from: dt.date | None
    cost: Decimal | None
    value: Decimal | None
    gain: Decimal | None
    sold: Decimal = Decimal(0)
    proceeds: Decimal | None = None
    sold_cost: Decimal | None = None
    sold_gain: Decimal | None = None


@frozen
class TradeRow:
    """A transaction of the last 30 days, in whichever account."""

    date: dt.date
    account: str
    action: str
    quantity: Decimal
    price: Decimal | None


@frozen
class SecurityRow:
    """A security that is held, traded, or was traded of late.

    Attributes:
        role: What the targets say of it: ``1st choice``, ``hold only``, ``outside the targets``.
        price: The bid; None without a quote.
        percent: Of the account's positions and cash.
        action: What the plan does: ``sell 12 of 40``, ``buy 7``; empty when nothing.
        side: ``sell``, ``buy`` or empty.
        why: Sentences: why it is, or is not, traded.
    """

    symbol: str
    role: str
    quantity: Decimal
    price: Decimal | None
    price_date: dt.date | None
    value: Decimal | None
    percent: Decimal | None
    gains: Gains
    trades: tuple[TradeRow, ...]
    lots: tuple[LotRow, ...]
    side: str
    action: str
    why: tuple[str, ...]


@frozen
class GroupView:
    """The securities of a class, best first; ``name`` is None for those outside the targets.

    ``idle`` are the class's other securities with their role: neither held nor traded.
    """

    name: str | None
    securities: tuple[SecurityRow, ...]
    idle: tuple[str, ...] = ()


@frozen
class OrderRow:
    """An order of the plan, with the lots that a sale names."""

    side: str
    symbol: str
    group: str
    quantity: Decimal
    limit: Decimal
    estimated: Decimal
    code: str
    reason: str
    lots: tuple[LotRow, ...] = ()
    gain: Decimal | None = None


@frozen
class NotTradedRow:
    """A trade that is not made. ``kind`` says what the subject is: class, security or lot."""

    subject: str
    kind: str
    code: str
    reason: str


@frozen
class OutcomeRow:
    """What became of an order. ``state`` is a word: filled, partly filled, open, not placed and so on."""

    side: str
    symbol: str
    planned: Decimal
    asked: Decimal
    filled: Decimal
    average_price: Decimal | None
    fees: Decimal
    state: str
    message: str


@frozen
class OutcomeView:
    """What became of the plan. ``left`` are the orders that planning again still gives; None when it was not planned again.

    ``journal`` says how far the journal of the account was; empty where there is none.
    """

    sentence: str
    orders: tuple[OutcomeRow, ...]
    cash_before: Decimal
    cash_after: Decimal | None
    verification: str
    left: tuple[OrderRow, ...] | None
    journal: str = ""


@frozen
class PromiseRow:
    """What must not be bought.

    Attributes:
        symbols: The symbols, in words.
        sold: Day of the sale whose loss a purchase would wash.
        account: Where it was.
        through: Last day on which a purchase washes it.
        free_from: First day on which it does not any more.
        quantity: Shares that a purchase can wash at most.
        loss: Their loss, positive: what is at stake.
        new: Whether this plan promises it; else an earlier one did.
    """

    symbols: str
    sold: dt.date
    account: str
    through: dt.date
    free_from: dt.date
    quantity: Decimal
    loss: Decimal
    new: bool


@frozen
class Step:
    """Something for the person to do, with the command that does it if there is one."""

    text: str
    command: str = ""
