"""Random histories of trades for the ledger: packed into a few months, so that most losses have something to be washed by."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from attrs import define
from hypothesis import strategies as st

from rebalkit.model import AccountKind, Action, IdentityGroups, WashPolicy
from rebalkit.tax.trades import Trade

ACCOUNTS = {
    "main": AccountKind.TAXABLE,
    "other": AccountKind.TAXABLE,
    "spouse": AccountKind.SPOUSE_TAXABLE,
    "ira": AccountKind.IRA,
    "hsa": AccountKind.HSA,
}
SYMBOLS = ("AAA", "BBB", "CCC", "DDD")
GROUPS = IdentityGroups([["AAA", "BBB"]])

_STARTS = (dt.date(2023, 11, 14), dt.date(2023, 12, 30), dt.date(2024, 1, 29), dt.date(2024, 12, 31), dt.date(2025, 2, 27))
_GAPS = (0, 0, 0, 0, 1, 1, 2, 7, 13, 29, 30, 31, 32, 60, 337, 366)
_PRICES = ("8", "9", "10", "10.01", "11.25", "12.333333333")
_FEES = ("0", "0", "0", "1", "0.07")


@define
class _Lot:
    """What a lot of a history still holds."""

    id: str
    account: str
    symbol: str
    acquired: dt.date
    micros: int


@define
class _Drawn:
    """A history as it is drawn; only what is held is sold."""

    draw: st.DrawFn
    step: int  # micro-shares of which every quantity is a multiple
    transfers: bool
    trades: list[Trade]
    lots: list[_Lot]
    moving: list[tuple[str, str, list[_Lot]]]  # delivery, account to arrive in, and what is on the way

    def shares(self, most: int) -> int:
        return self.step * self.draw(st.integers(1, most))

    def price(self) -> int:
        return int(Decimal(self.draw(st.sampled_from(_PRICES))) * 10**9)

    def fees(self) -> int:
        return int(Decimal(self.draw(st.sampled_from(_FEES))) * 10**9)

    def name(self, action: Action) -> str:
        return f"{action.value[0].upper()}{len(self.trades) + 1}"

    def bring(self, day: dt.date, account: str, symbol: str) -> None:
        """A purchase, in up to three fills, or shares that come in otherwise."""
        kinds = [Action.BUY, Action.BUY, Action.BUY, Action.REINVEST, Action.VEST, *([Action.RECEIVE] if self.transfers else [])]
        action = self.draw(st.sampled_from(kinds))
        acquired = None
        if action is Action.RECEIVE and self.draw(st.booleans()):
            acquired = day - dt.timedelta(days=self.draw(st.sampled_from(_GAPS)))
        fills = self.draw(st.sampled_from([1, 1, 1, 2, 3])) if action is Action.BUY else 1
        order = f"O{len(self.trades) + 1}" if fills > 1 else None
        resting = [
            one for one in self.trades if (one.account, one.symbol, one.action) == (account, symbol, Action.BUY) and one.order
        ]
        if action is Action.BUY and resting and self.draw(st.booleans()):
            order = self.draw(st.sampled_from(resting)).order  # an order that goes on filling, maybe on a later day
        for _ in range(fills):
            name, shares = self.name(action), self.shares(5)
            trade = Trade(name, day, account, symbol, action, shares, self.price(), self.fees(), order=order, acquired=acquired)
            self.trades.append(trade)
            self.lots.append(_Lot(name, account, symbol, acquired or day, shares))

    def move(self, day: dt.date, account: str, symbol: str) -> None:
        """Whole lots leave for another account of the owners', whose kind is taxed alike."""
        others = [one for one in ACCOUNTS if one != account and ACCOUNTS[one].taxable == ACCOUNTS[account].taxable]
        here = [lot for lot in self.lots if (lot.account, lot.symbol) == (account, symbol) and lot.micros]
        chosen = self.draw(st.lists(st.sampled_from(here), min_size=1, unique_by=lambda lot: lot.id))
        name, parts = self.name(Action.DELIVER), tuple((lot.id, lot.micros) for lot in chosen)
        self.trades.append(Trade(name, day, account, symbol, Action.DELIVER, sum(lot.micros for lot in chosen), lots=parts))
        for lot in chosen:
            lot.account = "on the way"
        self.moving.append((name, self.draw(st.sampled_from(others)), chosen))

    def arrive(self, day: dt.date) -> None:
        """What is on the way arrives."""
        for delivery, account, lots in self.moving:
            name, micros = self.name(Action.RECEIVE), sum(lot.micros for lot in lots)
            self.trades.append(Trade(name, day, account, lots[0].symbol, Action.RECEIVE, micros, transfer_of=delivery))
            for lot in lots:
                lot.account = account
        self.moving.clear()

    def held(self) -> list[tuple[str, str]]:
        return list(dict.fromkeys((lot.account, lot.symbol) for lot in self.lots if lot.micros and lot.account in ACCOUNTS))

    def take(self, day: dt.date, account: str, symbol: str) -> None:
        """A sale, in up to two fills, of lots named or first in, first out; now and then a transfer."""
        action = Action.DELIVER if self.transfers and self.draw(st.integers(0, 9)) == 0 else Action.SELL
        fills = self.draw(st.sampled_from([1, 1, 1, 2])) if action is Action.SELL else 1
        order = f"O{len(self.trades) + 1}" if fills > 1 else None
        for _ in range(fills):
            here = [lot for lot in self.lots if (lot.account, lot.symbol) == (account, symbol) and lot.micros]
            if not here:
                return
            if self.draw(st.booleans()):
                chosen = self.draw(st.lists(st.sampled_from(here), min_size=1, max_size=3, unique_by=lambda lot: lot.id))
                parts = [(lot, self.step * self.draw(st.integers(1, lot.micros // self.step))) for lot in chosen]
                named = tuple((lot.id, shares) for lot, shares in parts)
            else:
                here.sort(key=lambda lot: lot.acquired)  # as many as there are, whichever of them the ledger takes
                rest = self.step * self.draw(st.integers(1, sum(lot.micros for lot in here) // self.step))
                parts, named = [], ()
                for lot in here:
                    parts.append((lot, min(rest, lot.micros)))
                    rest -= parts[-1][1]
            for lot, shares in parts:
                lot.micros -= shares
            total = sum(shares for _, shares in parts)
            # A fee as large as the proceeds would leave nothing to lose on; no broker takes one.
            price, fees = (self.price(), self.fees()) if action is Action.SELL else (0, 0)
            fees = min(fees, price * total // 10**6)
            self.trades.append(Trade(self.name(action), day, account, symbol, action, total, price, fees, named, order))


@st.composite
def histories(draw: st.DrawFn, most: int = 16, transfers: bool = True, moves: bool = True) -> list[Trade]:
    """Up to about ``most`` orders in order of date; none takes what is not there."""
    drawn = _Drawn(draw, draw(st.sampled_from([250_000, 1_000_000, 1_000_000])), transfers, [], [], [])
    accounts = draw(st.sampled_from([["main"], ["main", "main", "ira"], ["main", "main", "other", "spouse", "ira", "hsa"]]))
    symbols = draw(st.sampled_from([["AAA"], ["AAA", "BBB"], ["AAA", "BBB", "CCC"]]))
    day = draw(st.sampled_from(_STARTS))
    for _ in range(draw(st.integers(2, most) | st.integers(8, most))):
        day += dt.timedelta(days=draw(st.sampled_from(_GAPS)))
        if drawn.moving and draw(st.booleans()):
            drawn.arrive(day)
        held = drawn.held()
        if moves and held and draw(st.integers(0, 9)) == 9:
            drawn.move(day, *draw(st.sampled_from(held)))
        elif held and draw(st.integers(0, 9)) < 5:
            drawn.take(day, *draw(st.sampled_from(held)))
        else:
            drawn.bring(day, draw(st.sampled_from(accounts)), draw(st.sampled_from(symbols)))
    drawn.arrive(day)
    return drawn.trades


@st.composite
def policies(draw: st.DrawFn) -> WashPolicy:
    """Mostly the default reading; else any of the others."""
    if draw(st.integers(0, 2)):
        return WashPolicy(draw(st.sampled_from([GROUPS, GROUPS, IdentityGroups()])))
    older, holding = draw(st.sampled_from(["count", "ignore"])), draw(st.sampled_from(["added", "union", "date"]))
    return WashPolicy(draw(st.sampled_from([GROUPS, IdentityGroups()])), older, holding)
