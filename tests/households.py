"""Households with their true past: every trade that there ever was, and what their brokers show of it.

The truth is a list of trades for the ledger of one object per share (`oracles.wash_ledger`). A snapshot shows of it what brokers show:
transactions from some day on, and the lots that are left, with costs adjusted for the wash sales that the one broker knows of.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from decimal import ROUND_HALF_EVEN, Decimal
from fractions import Fraction
from math import ceil
from typing import Any

from attrs import evolve, frozen
from hypothesis import strategies as st

from histories import ACCOUNTS, GROUPS, histories
from oracles.wash_ledger import Ledger
from rebalkit.model import (
    AccountSnapshot,
    Action,
    AssetClass,
    Cash,
    IdentityGroups,
    Lot,
    Order,
    Plan,
    Quote,
    Side,
    Snapshot,
    Targets,
    Transaction,
    VenueRules,
    WashPolicy,
)
from rebalkit.money import from_micros, to_micros, to_nanos
from rebalkit.strategies import GreedySettings
from rebalkit.tax.trades import Trade

DAY = dt.timedelta(days=1)
PRICES = ("6", "7.5", "8", "9", "9.99", "10", "10.01", "11.25", "13")
SYMBOLS = ("AAA", "BBB", "CCC", "DDD")
_NANO = Decimal("0.000000001")


@frozen(eq=False, repr=False)
class Household:
    """Attributes:
    trades: The truth.
    as_of: The day of the snapshot.
    policy: How the rule is read, by all alike.
    true: The ledger of the truth, share by share.
    sources: Of each lot that the brokers show the trade that bought it.
    snapshot: The planned account ``main``, the others, quotes, and the complete record.
    """

    trades: tuple[Trade, ...]
    as_of: dt.date
    policy: WashPolicy
    true: Ledger
    sources: Mapping[tuple[str, str], str]
    snapshot: Snapshot

    def _repr_pretty_(self, printer: Any, _: bool) -> None:
        printer.text(repr(self))

    def __repr__(self) -> str:
        rows = [
            f"{one.date} {one.account} {one.action} {one.id} {one.quantity} {one.symbol} @ {one.price / 10**9} fees {one.fees / 10**9}"
            f" of {[lot for lot, _ in one.lots]} order {one.order}"
            for one in self.trades
        ]
        lots = [
            f"{a.account} {lot.lot}: {lot.quantity} {lot.symbol} {lot.acquired} {lot.cost}"
            for a in self.snapshot.accounts
            for lot in a.lots
        ]
        bids = {symbol: (str(quote.bid), str(quote.ask)) for symbol, quote in self.snapshot.quotes.items()}
        return "\n".join([f"household as of {self.as_of}, {self.policy}", *rows, *lots, f"{bids} {self.snapshot.venue}"])

    @property
    def step(self) -> int:
        """Micro-shares of which every quantity of the truth is a multiple."""
        return self.true.micros

    def since(self, first: dt.date) -> Snapshot:
        """The snapshot with a record that begins on the day ``first``."""
        known = tuple(one for one in self.snapshot.transactions if one.date >= first)
        return evolve(self.snapshot, transactions=known, history_from=first)

    def after(self, trades: Iterable[Trade]) -> Ledger:
        """The truth, had ``trades`` followed."""
        return Ledger([*self.trades, *trades], ACCOUNTS, self.policy)

    def orders(self, plan: Plan) -> list[Trade]:
        """The orders of ``plan``, filled at their limits: sales first."""
        return [self.order(number, one) for number, one in enumerate(plan.orders, 1)]

    def order(self, number: int, order: Order) -> Trade:
        """One of them."""
        action = Action.BUY if order.side is Side.BUY else Action.SELL
        lots: Counter[str] = Counter()
        for one in order.lots:
            lots[self.sources["main", one.lot]] += to_micros(one.quantity)
        name, micros = f"order {number} of this plan", to_micros(order.quantity)
        return Trade(name, self.as_of, "main", order.symbol, action, micros, to_nanos(order.limit), lots=tuple(lots.items()))


def cents_up(amount: Fraction) -> Decimal:
    """USD rounded up to the cent."""
    return Decimal(ceil(amount * 100)) / 100


def one_lot_a_sale(trades: Iterable[Trade]) -> list[Trade]:
    """The same trades, where a record names at most one lot in a row: a sale of several lots is an order of several fills."""
    found = []
    for one in trades:
        if len(one.lots) <= 1:
            found.append(one)
            continue
        for number, (lot, micros) in enumerate(one.lots):
            name = one.id if number == 0 else f"{one.id}.{number}"
            fees = min(one.fees, one.price * micros // 10**6) if number == 0 else 0
            found.append(
                evolve(one, id=name, micros=micros, lots=((lot, micros),), fees=fees, order=one.order or f"order of {one.id}")
            )
    return found


def transactions_of(trades: Iterable[Trade], named: bool) -> list[Transaction]:
    """The record of ``trades``, which names lots or leaves them to dates."""
    found = []
    for one in trades:
        lot = None if not named else one.id if one.action.acquires else one.lots[0][0] if one.lots else None
        price, fees = Decimal(one.price) * _NANO, Decimal(one.fees) * _NANO
        found.append(Transaction(one.account, one.date, one.action, one.symbol, one.quantity, price, fees, one.order, lot))
    return found


def lots_of(
    trades: Sequence[Trade], policy: WashPolicy, named: bool, apart: bool
) -> tuple[dict[str, tuple[Lot, ...]], dict[tuple[str, str], str]]:
    """The lots that each account shows, and which trade bought each, after which they may be ``named``.

    With ``apart`` what replaced a loss is a lot of its own.
    """
    shown: dict[str, list[Lot]] = defaultdict(list)
    sources: dict[tuple[str, str], str] = {}
    for account in ACCOUNTS:
        for symbol in SYMBOLS:
            part = [one for one in trades if (one.account, one.symbol) == (account, symbol)]
            if not part:
                continue
            ledger = Ledger(part, {account: ACCOUNTS[account]}, evolve(policy, groups=IdentityGroups()))
            costs: dict[tuple[str, Fraction | None], Fraction] = defaultdict(Fraction)
            micros: Counter[tuple[str, Fraction | None]] = Counter()
            for share in ledger.shares:
                if share.held:
                    piece = (share.came.id, share.basis if apart else None)
                    costs[piece] += share.basis
                    micros[piece] += ledger.micros
            bought = {one.id: one.date for one in part}
            for number, piece in enumerate(micros):
                name = piece[0] if named else f"{symbol} lot {number}"
                cost = Decimal(costs[piece].numerator) / Decimal(costs[piece].denominator)
                lot = Lot(name, symbol, from_micros(micros[piece]), bought[piece[0]], cost.quantize(_NANO, ROUND_HALF_EVEN))
                shown[account].append(lot)
                sources[account, name] = piece[0]
    return {account: tuple(some) for account, some in shown.items()}, sources


@st.composite
def lately(draw: st.DrawFn, past: Sequence[Trade]) -> list[Trade]:
    """Up to six trades after ``past``, days apart and mostly in the planned account: what the planner has to think about."""
    held: Counter[tuple[str, str]] = Counter()
    for one in past:
        held[one.account, one.symbol] += one.micros if one.action.acquires else -one.micros
    trades: list[Trade] = []
    day = past[-1].date
    for number in range(draw(st.integers(0, 6))):
        day += draw(st.sampled_from([0, 1, 3, 8, 15, 30, 31])) * DAY
        account, symbol = draw(st.sampled_from(["main", "main", "main", *ACCOUNTS])), draw(st.sampled_from(SYMBOLS[:3]))
        name, price = f"late {number}", to_nanos(Decimal(draw(st.sampled_from(PRICES))))
        if held[account, symbol] and draw(st.integers(0, 2)) == 0:
            steps = held[account, symbol] // 250_000
            micros, action = 250_000 * draw(st.one_of(st.just(steps), st.integers(1, steps))), Action.SELL
            held[account, symbol] -= micros
        else:
            micros, action = (
                250_000 * draw(st.sampled_from([1, 4, 8, 12])),
                draw(st.sampled_from([Action.BUY, Action.BUY, Action.REINVEST])),
            )
            held[account, symbol] += micros
        trades.append(Trade(name, day, account, symbol, action, micros, price))
    return trades


@st.composite
def households(draw: st.DrawFn, most: int = 12) -> Household:
    """A household with a past of up to about ``most`` orders."""
    trades = one_lot_a_sale(draw(histories(most, transfers=False, moves=False)))
    trades += draw(lately(trades))
    days = Counter((one.account, one.symbol, one.date) for one in trades if one.action.acquires)
    # Without the names of lots, those bought on one day can only be told apart by their price; brokers' costs hide it.
    named = any(number > 1 for number in days.values()) or draw(st.booleans())
    if not named:
        trades = [evolve(one, lots=()) for one in trades]
    as_of = trades[-1].date + dt.timedelta(days=draw(st.sampled_from([0, 0, 1, 3, 10, 25, 29, 30, 31])))
    older = draw(st.sampled_from(["count", "count", "count", "ignore"]))
    policy = WashPolicy(draw(st.sampled_from([GROUPS, GROUPS, IdentityGroups()])), older)
    lots, sources = lots_of(trades, policy, named, not named and draw(st.booleans()))
    accounts = [
        AccountSnapshot(name, kind, Cash(draw(st.sampled_from([0, 60, 150]))), lots.get(name, ()))
        for name, kind in ACCOUNTS.items()
    ]
    quotes = {}
    for symbol in SYMBOLS:
        bid = Decimal(draw(st.sampled_from((*PRICES[:4], *PRICES))))
        quotes[symbol] = Quote(symbol, bid, bid + draw(st.sampled_from([Decimal(0), Decimal(0), Decimal("0.02")])), as_of)
    true = Ledger(trades, ACCOUNTS, policy)
    venue = VenueRules(from_micros(max(true.micros, 250_000)), draw(st.booleans()))
    record = tuple(transactions_of(trades, named))
    snapshot = Snapshot(as_of, accounts[0], tuple(accounts[1:]), quotes, record, trades[0].date - 100 * DAY, venue)
    return Household(tuple(trades), as_of, policy, true, sources, snapshot)


@st.composite
def household_targets(draw: st.DrawFn) -> Targets:
    """One to three classes over the symbols of the households."""
    shuffled = draw(st.one_of(st.permutations(SYMBOLS), st.permutations(SYMBOLS[:3]).map(lambda some: [SYMBOLS[3], *some])))
    return draw(
        st.sampled_from(
            [
                Targets((AssetClass("all", 100, tuple(shuffled)),)),
                Targets((AssetClass("one", 60, tuple(shuffled[:2])), AssetClass("two", 40, tuple(shuffled[2:])))),
                Targets((AssetClass("one", 60, (shuffled[0],), (shuffled[1],)), AssetClass("two", 40, (shuffled[2],)))),
                Targets((AssetClass("one", 50, ((shuffled[0], shuffled[1]),)), AssetClass("two", 50, tuple(shuffled[2:])))),
            ]
        )
    )


@st.composite
def greedy_settings(draw: st.DrawFn, targets: Targets, rule: str) -> GreedySettings:
    """Settings of the greedy strategy that fit ``targets``."""

    def one_of(*amounts: str) -> Decimal:
        return Decimal(draw(st.sampled_from(amounts)))

    forced: dict[str, str | None] = {}
    for one in targets.classes:
        if draw(st.integers(0, 7)) == 0:
            forced[one.name] = draw(st.sampled_from([None, *(symbol for rank in one.buy for symbol in rank)]))
    return GreedySettings(
        max_loss_to_forgo=one_of("0", "0", "3", "5000"),
        max_gain_to_realize=one_of("0", "0", "0.5", "4", "100000"),
        forced_buys=forced,
        min_loss=draw(st.sampled_from([Decimal(0), Decimal(0), Decimal(1), None])),
        min_loss_percent=one_of("0", "0", "0.5", "7.5"),
        min_order=one_of("0", "0", "0", "5"),
        rounding=draw(st.sampled_from(["fill", "fill", "floor"])),
        allow_underfilled=draw(st.booleans()),
        wash_rule=rule,
    )
