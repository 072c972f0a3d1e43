"""Random histories of trades for the ledger: packed into a few months, so that most losses have something to be washed by."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from math import gcd

from attrs import define
from hypothesis import strategies as st

from rebalkit.model import AccountKind, Action, IdentityGroups
from rebalkit.tax.policy import WashPolicy
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
        for _ in range(fills):
            name, shares = self.name(action), self.shares(5)
            trade = Trade(name, day, account, symbol, action, shares, self.price(), self.fees(), order=order, acquired=acquired)
            self.trades.append(trade)
            self.lots.append(_Lot(name, account, symbol, acquired or day, shares))

    def held(self) -> list[tuple[str, str]]:
        return list(dict.fromkeys((lot.account, lot.symbol) for lot in self.lots if lot.micros))

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
                here.sort(key=lambda lot: lot.acquired)
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
def histories(draw: st.DrawFn, most: int = 14, transfers: bool = True) -> list[Trade]:
    """Up to about ``most`` orders in order of date; none takes what is not there."""
    drawn = _Drawn(draw, draw(st.sampled_from([250_000, 1_000_000, 1_000_000])), transfers, [], [])
    accounts = draw(st.sampled_from([["main"], ["main", "main", "ira"], ["main", "main", "other", "spouse", "ira", "hsa"]]))
    symbols = draw(st.sampled_from([["AAA"], ["AAA", "BBB"], ["AAA", "BBB", "CCC"]]))
    day = draw(st.sampled_from(_STARTS))
    for _ in range(draw(st.integers(2, most))):
        day += dt.timedelta(days=draw(st.sampled_from(_GAPS)))
        held = drawn.held()
        if held and draw(st.integers(0, 9)) < 5:
            drawn.take(day, *draw(st.sampled_from(held)))
        else:
            drawn.bring(day, draw(st.sampled_from(accounts)), draw(st.sampled_from(symbols)))
    return drawn.trades


def step_of(trades: list[Trade]) -> int:
    """The micro-shares of which every quantity is a multiple."""
    return gcd(*(trade.micros for trade in trades), *(shares for trade in trades for _, shares in trade.lots))


@st.composite
def policies(draw: st.DrawFn) -> WashPolicy:
    """Mostly the default reading; else any of the others."""
    if draw(st.integers(0, 2)):
        return WashPolicy(draw(st.sampled_from([GROUPS, GROUPS, IdentityGroups()])))
    older, holding = draw(st.sampled_from(["count", "ignore"])), draw(st.sampled_from(["added", "union", "date"]))
    return WashPolicy(draw(st.sampled_from([GROUPS, IdentityGroups()])), older, holding)
