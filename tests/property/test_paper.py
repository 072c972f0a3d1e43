"""A paper book against a model of fractions, through any sequence of orders, prices, days and deposits.

The model knows nothing of the book's code: it keeps cash and lots as fractions, decides itself what must be refused, and derives
the cash a second time from the transactions alone.
"""

from __future__ import annotations

import datetime as dt
import shutil
import tempfile
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest
from attrs import define, field
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from rebalkit.errors import BrokerError, RebalkitError
from rebalkit.model import (
    AccountKind,
    AccountSnapshot,
    Action,
    Cash,
    Lot,
    LotSale,
    OrderRequest,
    OrderState,
    Placed,
    Quote,
    Side,
)
from rebalkit_paper import FillRules, PaperBroker, PaperSettings, create_book, open_book
from rebalkit_paper.cash import deposited
from rebalkit_paper.days import advanced, with_quotes
from rebalkit_paper.store import change

SYMBOLS = ("AAA", "BBB")
CENT = Fraction(1, 100)
NANO = Fraction(1, 10**9)
START = dt.date(2025, 4, 7)
# Sessions of that spring, written down by hand; what is sold on one settles on the next.
SESSIONS = [dt.date(2025, 4, day) for day in (7, 8, 9, 10, 11, 14, 15, 16, 17, 21, 22, 23, 24, 25, 28, 29, 30)]


def to_cent(value: Fraction) -> Fraction:
    """To the nearest cent, half a cent to the even one: what round() of a fraction does."""
    return round(value / CENT) * CENT


@define
class Lots:
    symbol: str
    quantity: Fraction
    cost: Fraction | None


@define
class Waiting:
    side: Side
    symbol: str
    quantity: Fraction
    limit: Fraction | None
    lots: list[tuple[str, Fraction]]
    filled: Fraction = Fraction(0)
    notional: Fraction = Fraction(0)
    state: str = "open"

    @property
    def rest(self) -> Fraction:
        return self.quantity - self.filled if self.state == "open" else Fraction(0)


@define
class Model:
    settled: Fraction
    lots: dict[str, Lots]
    quotes: dict[str, tuple[Fraction, Fraction]]
    slippage: Fraction
    fee: Fraction
    fee_per_share: Fraction
    partial: Fraction
    step: Fraction
    pending: dict[dt.date, Fraction] = field(factory=dict)
    orders: dict[str, Waiting] = field(factory=dict)

    @property
    def cash(self) -> Fraction:
        return self.settled + sum(self.pending.values())

    def price(self, order: Waiting) -> Fraction | None:
        bid, ask = self.quotes[order.symbol]
        if order.side is Side.SELL:
            if order.limit is not None and order.limit > bid:
                return None
            price = bid * (1 - self.slippage) // NANO * NANO
            return price if order.limit is None else max(price, order.limit)
        if order.limit is not None and order.limit < ask:
            return None
        price = -(-ask * (1 + self.slippage) // NANO) * NANO
        return price if order.limit is None else min(price, order.limit)

    def fees(self, filled: Fraction) -> Fraction:
        return self.fee + to_cent(self.fee_per_share * filled) if filled else Fraction(0)

    def effect(self, order: Waiting, shares: Fraction, price: Fraction) -> Fraction:
        """Change of cash when ``shares`` more fill."""
        amount = to_cent(order.notional + shares * price) - to_cent(order.notional)
        fees = self.fees(order.filled + shares) - self.fees(order.filled)
        return (amount if order.side is Side.SELL else -amount) - fees

    def reserved(self, lot: str) -> Fraction:
        total = Fraction(0)
        for order in self.orders.values():
            if order.side is Side.SELL and order.state == "open":
                total += sum((shares for name, shares in order.lots if name == lot), Fraction(0))
        return total

    def free_cash(self) -> Fraction:
        spoken = Fraction(0)
        for order in self.orders.values():
            if order.side is Side.BUY and order.rest:
                price = order.limit if order.limit is not None else self.price(order)
                assert price is not None
                spoken -= self.effect(order, order.rest, price)
        return self.cash - spoken

    def refuses(self, order: Waiting) -> bool:
        worst = order.limit if order.limit is not None else self.price(order)
        assert worst is not None
        change = self.effect(order, order.quantity, worst)
        if change < 0 and self.free_cash() + change < 0:
            return True
        if order.side is Side.BUY:
            return order.quantity % self.step != 0
        free = {name: lot.quantity - self.reserved(name) for name, lot in self.lots.items() if lot.symbol == order.symbol}
        if self.step == 1 and order.quantity % 1 and order.quantity != sum(free.values()):
            return True
        return any(shares > free.get(name, 0) for name, shares in order.lots)

    def fill(self, number: str, shares: Fraction, today: dt.date, settles: dt.date) -> None:
        order = self.orders[number]
        price = self.price(order)
        if price is None or not shares:
            return
        change = self.effect(order, shares, price)
        if change < 0 and self.cash + change < 0:
            return
        if order.side is Side.BUY:
            lot = self.lots.setdefault(number, Lots(order.symbol, Fraction(0), Fraction(0)))
            assert lot.cost is not None
            lot.quantity += shares
            lot.cost -= change
        else:
            self.sell(order, shares)
        if change > 0:
            self.pending[settles] = self.pending.get(settles, Fraction(0)) + change
        else:
            self.pay(-change)
        order.filled += shares
        order.notional += shares * price
        if order.filled == order.quantity:
            order.state = "filled"

    def sell(self, order: Waiting, shares: Fraction) -> None:
        while shares:
            name, here = order.lots[0]
            taken = min(here, shares)
            shares -= taken
            order.lots = ([(name, here - taken)] if here > taken else []) + order.lots[1:]
            lot = self.lots[name]
            if taken == lot.quantity:
                del self.lots[name]
                continue
            # The cost that stays is the nearest billionth of a dollar; of two equally near, the sale takes the larger part.
            if lot.cost is not None:
                stays = lot.cost * (lot.quantity - taken) / lot.quantity / NANO
                whole = stays.numerator // stays.denominator
                lot.cost = (whole + (stays - whole > Fraction(1, 2))) * NANO
            lot.quantity -= taken

    def pay(self, due: Fraction) -> None:
        part = min(max(self.settled, Fraction(0)), due)
        self.settled -= part
        due -= part
        for day in sorted(self.pending):
            part = min(self.pending[day], due)
            self.pending[day] -= part
            due -= part
        self.pending = {day: amount for day, amount in self.pending.items() if amount}

    def first_part(self, order: Waiting) -> Fraction:
        if self.partial == 1:
            return order.quantity
        return min(max(order.quantity * self.partial // self.step * self.step, self.step), order.quantity)


prices = st.decimals("0.01", "300", places=2) | st.decimals("0.0001", "0.9999", places=4)
whole = st.integers(1, 40).map(Decimal)
shares = st.one_of(whole, whole, whole, st.decimals("0.000001", "40", places=6))


@st.composite
def lots(draw: st.DrawFn) -> list[Lot]:
    found = []
    for number in range(draw(st.sampled_from([4, 5, 6, 1, 0]))):
        known = draw(st.integers(0, 3)) > 0
        cost = draw(st.decimals("0", "5000", places=draw(st.sampled_from([2, 9])))) if known else None
        day = draw(st.dates(dt.date(2015, 1, 1), START)) if known else None
        found.append(Lot(f"lot{number}", draw(st.sampled_from(SYMBOLS)), draw(shares), day, cost))
    return found


class PaperMachine(RuleBasedStateMachine):
    @initialize(
        cash=st.one_of(*[st.decimals(low, high, places=2) for low, high in (("1000", "9000"), ("0", "500"), ("-500", "0"))]),
        held=lots(),
        quotes=st.tuples(prices, prices),
        slippage=st.sampled_from(["0", "3.33", "50"]),
        fee=st.sampled_from(["0", "1.00", "4.95"]),
        fee_per_share=st.sampled_from(["0", "0.005", "0.0035"]),
        partial=st.sampled_from(["1", "0.5", "0.333333"]),
        step=st.sampled_from(["1", "0.000001"]),
    )
    def begin(
        self,
        cash: Decimal,
        held: list[Lot],
        quotes: tuple[Decimal, Decimal],
        slippage: str,
        fee: str,
        fee_per_share: str,
        partial: str,
        step: str,
    ) -> None:
        self.home = Path(tempfile.mkdtemp(prefix="paper-"))
        self.patch = pytest.MonkeyPatch()
        self.patch.setenv("REBALKIT_HOME", str(self.home))
        rules = FillRules(Decimal(slippage), Decimal(fee), Decimal(fee_per_share), Decimal(partial), (), Decimal(step))
        account = AccountSnapshot("main", AccountKind.TAXABLE, Cash(cash), tuple(held))
        quoted = {name: Quote(name, price, price) for name, price in zip(SYMBOLS, quotes, strict=True)}
        create_book("machine", [account], quoted, START, fills=rules)
        self.broker = PaperBroker(PaperSettings("machine"))
        self.day = 0
        self.sent = 0
        self.outside = Fraction(cash)
        self.begun = {lot.lot: Fraction(lot.quantity) for lot in held}
        self.symbol_of = {lot.lot: lot.symbol for lot in held}
        self.terminal: dict[str, object] = {}
        self.model = Model(
            Fraction(cash),
            {lot.lot: Lots(lot.symbol, Fraction(lot.quantity), None if lot.cost is None else Fraction(lot.cost)) for lot in held},
            {name: (Fraction(price), Fraction(price)) for name, price in zip(SYMBOLS, quotes, strict=True)},
            Fraction(slippage) / 10_000,
            Fraction(fee),
            Fraction(fee_per_share),
            Fraction(partial),
            Fraction(step),
        )

    def teardown(self) -> None:
        if hasattr(self, "home"):
            self.patch.undo()
            shutil.rmtree(self.home)

    @property
    def settles(self) -> dt.date:
        return SESSIONS[self.day + 1]

    def send(self, request: OrderRequest) -> None:
        order = Waiting(
            request.side,
            request.symbol,
            Fraction(request.quantity),
            None if request.limit is None else Fraction(request.limit),
            [(sale.lot, Fraction(sale.quantity)) for sale in request.lots],
        )
        refused = self.model.refuses(order)
        try:
            preview = self.broker.preview("main", request)
        except BrokerError:
            assert refused
            return
        assert not refused
        placed = self.broker.place("main", preview)
        assert isinstance(placed, Placed)
        self.model.orders[placed.order] = order
        self.model.fill(placed.order, self.model.first_part(order), SESSIONS[self.day], self.settles)

    def client_id(self) -> str:
        self.sent += 1
        return f"id{self.sent}"

    def limit(self, data: st.DataObject, symbol: str) -> Decimal | None:
        """None, anything, or one within the slippage of the quote, where it decides the price of the fill."""
        near = [Decimal(price.numerator) / price.denominator for price in self.model.quotes[symbol]]
        ticks = [price + tick * (Decimal("0.01") if price >= 1 else Decimal("0.0001")) for price in near for tick in range(-3, 4)]
        allowed = [tick for tick in ticks if tick > 0 and (tick < 1 or tick == round(tick, 2))]
        return data.draw(st.one_of(st.sampled_from(allowed), st.sampled_from(allowed), prices, st.none()))

    @rule(data=st.data(), symbol=st.sampled_from(SYMBOLS), quantity=shares)
    def buy(self, data: st.DataObject, symbol: str, quantity: Decimal) -> None:
        limit = self.limit(data, symbol)
        self.send(OrderRequest(self.client_id(), Side.BUY, symbol, quantity, (), limit))

    @rule(data=st.data(), symbol=st.sampled_from(SYMBOLS))
    def sell(self, data: st.DataObject, symbol: str) -> None:
        limit = self.limit(data, symbol)
        held = {lot.lot: lot.quantity for lot in self.broker.snapshot("main").lots if lot.symbol == symbol}
        if not held:
            return
        names = data.draw(st.lists(st.sampled_from(sorted(held)), min_size=1, unique=True))
        sales = tuple(
            LotSale(name, data.draw(st.just(held[name]) | st.just(max(held[name] // 2, Decimal(1))) | shares)) for name in names
        )
        self.send(
            OrderRequest(self.client_id(), Side.SELL, symbol, sum((one.quantity for one in sales), Decimal(0)), sales, limit)
        )

    @rule(symbol=st.sampled_from(SYMBOLS), bid=prices, spread=st.sampled_from(["0", "0.01", "1"]))
    def move(self, symbol: str, bid: Decimal, spread: str) -> None:
        ask = bid + Decimal(spread)
        change("machine", lambda book: with_quotes(book, [Quote(symbol, bid, ask, book.today)]))
        self.model.quotes[symbol] = (Fraction(bid), Fraction(ask))
        for number, order in self.model.orders.items():
            if order.state == "open" and not order.filled:
                self.model.fill(number, self.model.first_part(order), SESSIONS[self.day], self.settles)

    @precondition(lambda self: self.day < len(SESSIONS) - 4)
    @rule(sessions=st.integers(1, 3))
    def advance(self, sessions: int) -> None:
        for number, order in self.model.orders.items():
            self.model.fill(number, order.rest, SESSIONS[self.day], self.settles)
            if order.state == "open":
                order.state = "expired"
        self.day += sessions
        today = SESSIONS[self.day]
        change("machine", lambda book: advanced(book, today))
        self.model.settled += sum(amount for day, amount in self.model.pending.items() if day <= today)
        self.model.pending = {day: amount for day, amount in self.model.pending.items() if day > today}

    @rule(amount=st.decimals("-2000", "2000", places=2))
    def deposit(self, amount: Decimal) -> None:
        limit = min(self.model.settled, self.model.free_cash())
        allowed = amount > 0 or (amount < 0 and limit + Fraction(amount) >= 0)
        try:
            change("machine", lambda book: deposited(book, "main", amount))
        except RebalkitError:
            assert not allowed
            return
        assert allowed
        self.outside += Fraction(amount)
        self.model.settled += Fraction(amount)

    @rule(data=st.data())
    def cancel(self, data: st.DataObject) -> None:
        if not self.model.orders:
            return
        number = data.draw(st.sampled_from(sorted(self.model.orders)))
        status = self.broker.cancel("main", number)
        order = self.model.orders[number]
        if order.state == "open":
            order.state = "cancelled"
        assert status.state == order.state

    @invariant()
    def cash_and_lots_are_those_of_the_model(self) -> None:
        account = open_book("machine").account("main")
        assert Fraction(account.settled) == self.model.settled
        assert {one.date: Fraction(one.amount) for one in account.pending} == self.model.pending
        cash = self.broker.snapshot("main").cash
        assert cash.settled + cash.unsettled == cash.total
        assert Fraction(cash.total) == self.model.cash
        held = {
            lot.lot: Lots(lot.symbol, Fraction(lot.quantity), None if lot.cost is None else Fraction(lot.cost))
            for lot in account.lots
        }
        assert held == self.model.lots

    @invariant()
    def the_transactions_alone_give_the_cash_and_the_shares(self) -> None:
        moved: dict[str, Fraction] = {}
        fees = Fraction(0)
        shares = dict(self.begun)
        for one in self.broker.transactions("main", START):
            assert one.price is not None
            assert one.order is not None
            assert one.lot is not None
            sign = 1 if one.action is Action.SELL else -1
            moved[one.order] = moved.get(one.order, Fraction(0)) + sign * Fraction(one.quantity) * Fraction(one.price)
            fees += Fraction(one.fees)
            shares[one.lot] = shares.get(one.lot, Fraction(0)) - sign * Fraction(one.quantity)
        assert self.outside + sum((to_cent(one) for one in moved.values()), Fraction(0)) - fees == self.model.cash
        assert min(shares.values(), default=Fraction(0)) >= 0
        assert {name: left for name, left in shares.items() if left} == {
            name: lot.quantity for name, lot in self.model.lots.items()
        }

    @invariant()
    def orders_are_listed_as_they_stand_and_ended_ones_never_change(self) -> None:
        listed = self.broker.orders("main", START)
        assert [one.order for one in listed] == list(self.model.orders)
        assert [one.placed for one in listed] == sorted(one.placed for one in listed)
        for status in listed:
            order = self.model.orders[status.order]
            assert (status.state.value, Fraction(status.filled)) == (order.state, order.filled)
            assert Fraction(status.fees) == self.model.fees(order.filled)
            assert sum(one.quantity for one in status.lots) == (status.filled if status.side is Side.SELL else 0)
            assert self.terminal.get(status.order, status) == status
            if status.state is not OrderState.OPEN:
                self.terminal[status.order] = status
        waiting = {one.order: Fraction(one.quantity) for one in self.broker.snapshot("main").open_orders}
        assert waiting == {number: order.rest for number, order in self.model.orders.items() if order.rest}

    @invariant()
    def the_file_gives_the_same_book_again(self) -> None:
        assert open_book("machine") == self.broker.book


TestPaper = PaperMachine.TestCase
TestPaper.settings = settings(stateful_step_count=40)
