"""Lots that are dearer than the record explains: their broker knows of a wash sale before the record begins."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from attrs import define, evolve, field

from rebalkit.model.accounts import AccountKind
from rebalkit.model.identity import IdentityGroups
from rebalkit.model.policy import WashPolicy
from rebalkit.money import MICRO, NANO
from rebalkit.tax.ledger import build_ledger
from rebalkit.tax.ledger.lots import Micros
from rebalkit.tax.trades import Trade

__all__ = ["NANOS_IN_A_CENT", "Shown", "dearer_by"]

NANOS_IN_A_CENT = NANO // 100
"""Brokers round to it."""


@define
class Shown:
    """Lots and purchases that belong together: whose shares a broker shows, and what it says they cost.

    Attributes:
        account: Where they are.
        symbol: Ticker.
        lots: How many lots.
        cost: Nano-dollars that the broker shows for all of them; None when it does not say so of each.
        parts: Micro-shares of each trade that brought them.
    """

    account: str
    symbol: str
    lots: int = 0
    cost: int | None = 0
    parts: dict[str, int] = field(factory=dict)


def dearer_by(
    shown: Sequence[Shown],
    bought: Mapping[str, Micros],
    trades: Sequence[Trade],
    accounts: Mapping[str, AccountKind],
    policy: WashPolicy,
) -> dict[str, int]:
    """Nano-dollars by which purchases on record must be dearer, so that what is left of them costs what the brokers show.

    A broker adds the wash sales in its account and symbol (Reg. 1.6045-1(d)(6)(iii)), where the ledger may have added the same loss to
    shares elsewhere. So a cost is no news when either of them explains it.

    Args:
        shown: Lots that cost more than was paid for them.
        bought: Of each purchase on record its micro-shares, in those of today.
        trades: All of them, in order.
        accounts: The kind of each account.
        policy: How the rule is read.
    """
    known = [one for one in shown if one.cost is not None and any(trade in bought for trade in one.parts)]
    if not known:
        return {}
    # What shares no group with these lots cannot change them.
    groups = {policy.groups.of(one.symbol) for one in known}
    ours = _basis([one for one in trades if policy.groups.of(one.symbol) in groups], accounts, policy)
    alone = evolve(policy, groups=IdentityGroups())
    theirs: dict[tuple[str, str], Mapping[str, tuple[int, int]]] = {}
    more: dict[str, int] = {}
    for one in known:
        assert one.cost is not None
        if one.cost <= _sum(ours, one.parts) + NANOS_IN_A_CENT * one.lots:
            continue
        place = one.account, one.symbol
        if place not in theirs:
            theirs[place] = _basis([t for t in trades if (t.account, t.symbol) == place], accounts, alone)
        rest = one.cost - max(_sum(ours, one.parts), _sum(theirs[place], one.parts))
        if rest > NANOS_IN_A_CENT * one.lots:
            # The whole purchase is dearer in proportion: what is left of it bears its share of the difference.
            trade = next(trade for trade in one.parts if trade in bought)
            more[trade] = int(rest * bought[trade] // one.parts[trade])
    return more


def _basis(trades: Iterable[Trade], accounts: Mapping[str, AccountKind], policy: WashPolicy) -> Mapping[str, tuple[int, int]]:
    """Nano-dollars and micro-shares held of each lot, by the ledger of ``trades``."""
    found: dict[str, tuple[int, int]] = {}
    for one in build_ledger(list(trades), accounts, policy).open_lots:
        basis, held = found.get(one.lot, (0, 0))
        found[one.lot] = basis + round(one.basis * NANO), held + round(one.quantity * MICRO)
    return found


def _sum(ledger: Mapping[str, tuple[int, int]], parts: Mapping[str, int]) -> int:
    found = 0
    for trade, micros in parts.items():
        basis, held = ledger[trade]
        found += basis * micros // held
    return found
