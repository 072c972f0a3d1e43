"""Short histories for the tests of the tax year, written one line a trade."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping

from rebalkit.model.accounts import AccountKind
from rebalkit.model.history import Action
from rebalkit.tax.ledger import Ledger, RealisedRow, build_ledger
from rebalkit.tax.policy import IdentityGroups, WashPolicy
from rebalkit.tax.trades import Trade

KINDS = {"main": AccountKind.TAXABLE, "other": AccountKind.TAXABLE, "ira": AccountKind.IRA}


def trade(line: str) -> Trade:
    """``B1 2025-01-02 main buy 10 VOO 500.25`` or, with fees, a lot or both, ``S1 2025-03-03 main sell 4 VOO 480 1.50 B1``."""
    name, day, account, action, shares, symbol, price, *more = line.split()
    lots = [one for one in more if one[0].isalpha()]
    fees = next((one for one in more if one not in lots), "0")
    kind = Action(action)
    return Trade.of(
        name, dt.date.fromisoformat(day), account, symbol, kind, shares, price, fees, lots=[(one, shares) for one in lots]
    )


def trades(text: str) -> list[Trade]:
    """The trades of a text, one a line."""
    return [trade(line) for line in text.strip().splitlines()]


def ledger(text: str, groups: Iterable[Iterable[str]] = (), kinds: Mapping[str, AccountKind] = KINDS) -> Ledger:
    """The ledger of a text."""
    return build_ledger(trades(text), kinds, WashPolicy(IdentityGroups(tuple(tuple(one) for one in groups))))


def single_brokers(text: str) -> list[RealisedRow]:
    """What each broker would report by itself: a ledger for each account and symbol."""
    by_place: dict[tuple[str, str], list[Trade]] = {}
    for one in trades(text):
        by_place.setdefault((one.account, one.symbol), []).append(one)
    return [row for (account, _), own in by_place.items() for row in build_ledger(own, {account: KINDS[account]}).realised]
