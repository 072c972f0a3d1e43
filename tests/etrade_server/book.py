"""What the broker has: accounts, lots, cash, orders, transactions, prices."""

from __future__ import annotations

import datetime as dt
import itertools
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

NEW_YORK = ZoneInfo("America/New_York")


@dataclass
class Lot:
    """Shares bought together."""

    symbol: str
    quantity: Decimal
    price: Decimal | None
    acquired: dt.date | None
    number: int = 0


@dataclass
class Listed:
    """An order."""

    number: int
    account: str
    client_id: str
    action: str
    symbol: str
    quantity: Decimal
    limit: Decimal
    lots: list[tuple[int, Decimal]]
    placed: dt.datetime
    status: str = "OPEN"
    filled: Decimal = Decimal(0)
    price: Decimal = Decimal(0)
    executed: dt.datetime | None = None
    hidden: int = 0


@dataclass
class Account:
    """An account."""

    number: str
    key: str
    mode: str = "CASH"
    kind: str = "INDIVIDUAL"
    status: str = "ACTIVE"
    institution: str = "BROKERAGE"
    closed: dt.datetime | None = None
    settled: Decimal = Decimal(0)
    unsettled: Decimal = Decimal(0)
    lots: list[Lot] = field(default_factory=list)
    orders: list[Listed] = field(default_factory=list)
    transactions: list[dict[str, Any]] = field(default_factory=list)
    positions: list[dict[str, Any]] = field(default_factory=list)
    """Positions of other kinds, as the wire has them."""

    @property
    def cash(self) -> Decimal:
        """All cash."""
        return self.settled + self.unsettled


class Book:
    """All of it. The market is open while ``open`` says so; an order fills when the market reaches it, as ``fills`` says."""

    def __init__(self, now: dt.datetime) -> None:
        self.now = now
        self.open = True
        self.accounts: list[Account] = []
        self.prices: dict[str, tuple[Decimal, Decimal]] = {}
        self.quote_status: dict[str, str] = {}
        self.lots_inside = True
        """Whether a portfolio has its lots inside when they are asked for, as it is documented."""
        self.fills: dict[str, list[int]] = {}
        """By symbol the shares that fill at each look, the rest never; a symbol that is not there fills at once."""
        self._numbers = itertools.count(494715020211)
        self._orders = itertools.count(11)
        self._rows = itertools.count(22322167000000)
        self._positions: dict[tuple[str, str], int] = {}

    @property
    def today(self) -> dt.date:
        """The day in New York."""
        return self.now.astimezone(NEW_YORK).date()

    def account(self, key: str) -> Account | None:
        """The account of a key."""
        return next((one for one in self.accounts if one.key == key), None)

    def add(self, account: Account, *lots: Lot) -> Account:
        """Open an account with these lots."""
        self.accounts.append(account)
        for lot in lots:
            lot.number = next(self._numbers)
            account.lots.append(lot)
        return account

    def position(self, account: Account, symbol: str) -> int:
        """The number of the position of a symbol."""
        return self._positions.setdefault((account.key, symbol), 301_000_000_000 + len(self._positions))

    def busy(self, account: Account, lot: int) -> Decimal:
        """Shares of a lot that open orders are about to sell."""
        return sum(
            (size for one in account.orders if one.status == "OPEN" for number, size in one.lots if number == lot), Decimal(0)
        )

    def place(self, account: Account, ticket: dict[str, Any], *, wrong_lots: bool = False) -> Listed:
        """Take an order; it fills at once where nothing else is said."""
        order = Listed(
            next(self._orders), account.number, ticket["client_id"], ticket["action"], ticket["symbol"], ticket["quantity"],
            ticket["limit"], list(ticket["lots"]), self.now,
        )  # fmt: skip
        if wrong_lots:
            order.lots = self._oldest(account, order)
        account.orders.insert(0, order)
        self.look(account)
        return order

    def look(self, account: Account) -> None:
        """Let happen what has come due."""
        for order in account.orders:
            if order.status in ("OPEN", "CANCEL_REQUESTED") and self.open:
                bid, ask = self.prices[order.symbol]
                reached = ask <= order.limit if order.action == "BUY" else bid >= order.limit
                rest = order.quantity - order.filled
                pieces = self.fills.get(order.symbol)
                size = rest if pieces is None else min(rest, Decimal(pieces.pop(0))) if pieces else Decimal(0)
                if reached and size:
                    self._fill(account, order, size, ask if order.action == "BUY" else bid)
                elif order.status == "CANCEL_REQUESTED":
                    order.status = "CANCELLED"

    def expire(self) -> None:
        """The market closes: day orders end."""
        self.open = False
        for account in self.accounts:
            for order in account.orders:
                if order.status in ("OPEN", "CANCEL_REQUESTED"):
                    order.status = "EXPIRED"

    def _oldest(self, account: Account, order: Listed) -> list[tuple[int, Decimal]]:
        left, taken = order.quantity, []
        for lot in sorted(
            (one for one in account.lots if one.symbol == order.symbol), key=lambda one: one.acquired or dt.date.min
        ):
            part = min(left, lot.quantity)
            if part:
                taken.append((lot.number, part))
                left -= part
        return taken

    def _fill(self, account: Account, order: Listed, size: Decimal, price: Decimal) -> None:
        order.price = (order.price * order.filled + price * size) / (order.filled + size)
        order.filled += size
        amount = (price * size).quantize(Decimal("0.01"))
        if order.action == "BUY":
            from_settled = min(account.settled, amount)
            account.settled -= from_settled
            account.unsettled -= amount - from_settled
            lot = Lot(order.symbol, size, price, self.today, next(self._numbers))
            account.lots.append(lot)
        else:
            account.unsettled += amount
            for number, part in self._parts(account, order, size):
                lot = next(one for one in account.lots if one.number == number)
                lot.quantity -= part
            account.lots = [one for one in account.lots if one.quantity]
        if order.filled == order.quantity:
            order.status, order.executed = "EXECUTED", self.now

    def _parts(self, account: Account, order: Listed, size: Decimal) -> list[tuple[int, Decimal]]:
        parts, passed, left = [], order.filled - size, size
        for number, asked in order.lots or self._oldest(account, order):
            skipped = min(passed, asked)
            passed -= skipped
            part = min(asked - skipped, left)
            left -= part
            if part:
                parts.append((number, part))
        return parts

    def tell(
        self, account: Account, kind: str, symbol: str | None, quantity: object, price: object, day: dt.date, **more: Any
    ) -> None:
        """Write a transaction."""
        account.transactions.insert(
            0,
            {
                "number": str(next(self._rows)),
                "kind": kind,
                "symbol": symbol,
                "quantity": quantity,
                "price": price,
                "day": day,
                **more,
            },
        )
