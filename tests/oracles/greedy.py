"""The greedy strategy once more, read straight from its description: row by row, in fractions, with no thought of speed.

Only the allocation's rounding is taken over from its own oracle (`oracles.water_filling`), which is checked elsewhere.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from fractions import Fraction
from math import floor
from typing import Any

from oracles.water_filling import fill_by_steps, floor_by_search, project_by_clipping
from rebalkit.allocate import whole_shares
from rebalkit.model import Action, AssetClass, IdentityGroups, Lot, Side, Snapshot, Targets
from rebalkit.strategies import GreedySettings


def in_cents(dollars: Fraction) -> int:
    return floor(dollars * 100)


class Oracle:
    """Everything that greedy decides, as plain values.

    Attributes:
        buys: By class name the symbol, or None.
        sold: By symbol the shares sold of each lot.
        targets: By class name the cents that the allocation gives it, for classes in which something is bought.
        bought: By class name the micro-shares bought.
    """

    def __init__(
        self,
        snapshot: Snapshot,
        targets: Targets,
        settings: GreedySettings,
        groups: IdentityGroups,
        reserve: Any,
        accept_wash: Iterable[str] = (),
    ) -> None:
        self.snapshot, self.all, self.settings, self.groups = snapshot, targets, settings, groups
        self.accept_wash = set(accept_wash)
        self.reserve = Fraction(reserve)
        self.lots = list(snapshot.account.lots)
        self.buys = {one.name: self.choose(one) for one in targets.classes}
        self.sold = {symbol: found for symbol in sorted({lot.symbol for lot in self.lots}) if (found := self.sales(symbol))}
        self.targets: dict[str, int] = {}
        self.bought: dict[str, int] = {}
        self.allocate()

    # What a lot is.

    def bid(self, symbol: str) -> Fraction:
        return Fraction(self.snapshot.quotes[symbol].bid)

    def gain(self, lot: Lot) -> Fraction:
        assert lot.cost is not None
        return Fraction(lot.quantity) * self.bid(lot.symbol) - Fraction(lot.cost)

    def losing(self, lot: Lot) -> bool:
        return lot.basis_known and self.gain(lot) < 0

    def loss(self, symbol: str) -> Fraction:
        """loss(t), ≤ 0, of everything identical to ``symbol``."""
        return sum((self.gain(lot) for lot in self.lots if self.same(lot.symbol, symbol) and self.losing(lot)), Fraction(0))

    def same(self, one: str, other: str) -> bool:
        return one == other or any(one in group and other in group for group in self.groups.groups)

    # The rule by_ticker.

    def recent(self, day: dt.date) -> bool:
        return 0 <= (self.snapshot.as_of - day).days <= 30

    def bought_recently(self, symbol: str) -> bool:
        snapshot = self.snapshot
        acquires = (Action.BUY, Action.REINVEST, Action.VEST)
        trades = [(t.symbol, t.date) for t in snapshot.transactions if t.action in acquires]
        trades += [(lot.symbol, lot.acquired) for a in snapshot.accounts for lot in a.lots if lot.acquired is not None]
        trades += [(o.symbol, snapshot.as_of) for a in snapshot.accounts for o in a.open_orders if o.side is Side.BUY]
        return any(self.same(symbol, other) and self.recent(day) for other, day in trades)

    def sold_recently(self, symbol: str) -> bool:
        snapshot = self.snapshot
        trades = [(t.symbol, t.date) for t in snapshot.transactions if t.action is Action.SELL]
        trades += [(o.symbol, snapshot.as_of) for a in snapshot.accounts for o in a.open_orders if o.side is Side.SELL]
        return any(self.same(symbol, other) and self.recent(day) for other, day in trades)

    # Step 1.

    def choose(self, one: AssetClass) -> str | None:
        def quoted(symbol: str) -> bool:
            return symbol in self.snapshot.quotes and self.snapshot.quotes[symbol].sane

        if one.name in self.settings.forced_buys:
            symbol = self.settings.forced_buys[one.name]
            if symbol is None or not quoted(symbol):
                return None
            return symbol if symbol in self.accept_wash or not self.sold_recently(symbol) else None
        for rank in one.buy:
            best: tuple[Fraction, str] | None = None
            for symbol in rank:
                if self.sold_recently(symbol) or not quoted(symbol):
                    continue
                forgone = Fraction(0) if self.bought_recently(symbol) else -self.loss(symbol)
                if best is None or forgone < best[0]:
                    best = forgone, symbol
            if best is not None and best[0] <= Fraction(self.settings.max_loss_to_forgo):
                return best[1]
        return None

    # Step 2.

    def sales(self, symbol: str) -> dict[str, Fraction]:
        mine = [lot for lot in self.lots if lot.symbol == symbol]
        if any(self.same(symbol, bought) for bought in self.buys.values() if bought) or self.bought_recently(symbol):
            return {}
        its_class = self.all.class_of().get(symbol)
        buy = self.buys[its_class.name] if its_class else None
        if its_class and buy is None and not self.settings.allow_underfilled:
            return {}
        losers = [lot for lot in mine if self.losing(lot) and self.loses_enough(lot)]
        # The greatest loss a share first; what is equal to the nano-dollar by date and name.
        losers.sort(key=self.dearness)
        parts = [(lot, Fraction(lot.quantity)) for lot in losers]
        parts += [(lot, Fraction(lot.quantity)) for lot in self.gainers(symbol, mine, its_class, buy)]
        total = sum((shares for _, shares in parts), Fraction(0))
        if not self.snapshot.venue.fractional_sells and total != sum(Fraction(lot.quantity) for lot in mine):
            surplus = total - floor(total)
            while surplus > 0:
                lot, shares = parts.pop()
                cut = min(shares, surplus)
                surplus -= cut
                if shares > cut:
                    parts.append((lot, shares - cut))
        total = sum((shares for _, shares in parts), Fraction(0))
        if Fraction(in_cents(total * self.bid(symbol)), 100) < Fraction(self.settings.min_order):
            return {}
        return {lot.lot: shares for lot, shares in parts}

    def dearness(self, lot: Lot) -> tuple[int, dt.date, str]:
        assert lot.cost is not None
        assert lot.acquired is not None
        return (floor(-Fraction(lot.cost) / Fraction(lot.quantity) * 10**9), lot.acquired, lot.lot)

    def loses_enough(self, lot: Lot) -> bool:
        loss = -self.gain(lot)
        assert lot.cost is not None
        percent = Fraction(self.settings.min_loss_percent) / 100
        return loss >= Fraction(self.settings.min_loss) and loss >= percent * Fraction(lot.cost)

    def gainers(self, symbol: str, mine: list[Lot], its_class: AssetClass | None, buy: str | None) -> list[Lot]:
        if its_class is not None:
            if buy is None:
                return []
            ranks = {name: number for number, rank in enumerate(its_class.buy) for name in rank}
            if ranks.get(symbol, len(ranks)) <= ranks[buy]:
                return []
        for t in self.snapshot.transactions:
            if t.action is Action.SELL and t.symbol == symbol and t.date == self.snapshot.as_of:  # noqa: SIM102
                if t.account == self.snapshot.account.account:
                    return []
        found = [lot for lot in mine if lot.basis_known and self.gain(lot) >= 0]
        found.sort(key=lambda lot: (self.gain(lot), self.dearness(lot)))
        taken: list[Lot] = []
        for lot in found:
            if sum((self.gain(one) for one in [*taken, lot]), Fraction(0)) > Fraction(self.settings.max_gain_to_realize):
                break
            taken.append(lot)
        return taken

    # Step 3.

    def position_value(self, symbol: str) -> int:
        return in_cents(
            sum((Fraction(lot.quantity) for lot in self.lots if lot.symbol == symbol), Fraction(0)) * self.bid_or_0(symbol)
        )

    def bid_or_0(self, symbol: str) -> Fraction:
        return self.bid(symbol) if symbol in self.snapshot.quotes else Fraction(0)

    def proceeds(self, symbol: str) -> int:
        return in_cents(sum(self.sold.get(symbol, {}).values(), Fraction(0)) * self.bid_or_0(symbol))

    @property
    def cash(self) -> int:
        """C in cents."""
        free = in_cents(Fraction(self.snapshot.account.cash.total) - self.reserve)
        return max(0, free + sum(self.proceeds(symbol) for symbol in self.sold))

    def allocate(self) -> None:
        bought = [one for one in self.all.classes if self.buys[one.name]]
        if not bought:
            return
        held = [sum(self.position_value(s) - self.proceeds(s) for s in one.symbols) for one in bought]
        weights = [int(one.target * 10**6) for one in bought]
        exact = project_by_clipping(held, weights, self.cash)
        filled = [floor(value) for value in exact]
        for i in sorted(range(len(bought)), key=lambda i: (filled[i] - exact[i], i))[: sum(held) + self.cash - sum(filled)]:
            filled[i] += 1
        prices = [int(self.snapshot.quotes[str(self.buys[one.name])].ask * 10**9) for one in bought]
        step = int(self.snapshot.venue.share_step * 10**6)
        quantities = [floor_by_search(x - have, p, step) for x, have, p in zip(filled, held, prices, strict=True)]
        if self.settings.rounding == "fill":
            left = self.cash * 10**13 - sum(q * p for q, p in zip(quantities, prices, strict=True))
            if left < 300 * step * min(prices):
                quantities = fill_by_steps(held, filled, weights, prices, step)
            else:  # one step at a time would take for ever; `whole_shares` has its own tests
                quantities = whole_shares(held, filled, weights, prices, step=step).quantities
        for one, x, have, quantity, price in zip(bought, filled, held, quantities, prices, strict=True):
            cents = -(-quantity * price // 10**13)
            self.targets[one.name] = x - have
            self.bought[one.name] = quantity if Fraction(cents, 100) >= Fraction(self.settings.min_order) else 0
