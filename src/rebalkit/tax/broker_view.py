"""What each broker reports: the wash sales of one account and one security, and nothing beyond.

A broker need look no further than its own account and the same CUSIP (26 USC 6045(g)(2)(B)(ii); Reg. 1.6045-1(d)(6)(iii)). What it
reports in box 1g of Form 1099-B can therefore be less than what the law takes away, and it can be more.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction

from rebalkit.model.accounts import AccountKind
from rebalkit.tax.ledger import Ledger, build_ledger
from rebalkit.tax.policy import WashPolicy
from rebalkit.tax.trades import Trade

__all__ = ["broker_disallowed", "broker_ledgers"]


def broker_ledgers(trades: Sequence[Trade], accounts: Mapping[str, AccountKind]) -> dict[str, Ledger]:
    """By taxable account the ledger as its broker keeps it. Raises DataError as `build_ledger` does."""
    found = {}
    for name, kind in accounts.items():
        if kind.taxable:
            found[name] = build_ledger([one for one in trades if one.account == name], {name: kind}, WashPolicy())
    return found


def broker_disallowed(trades: Sequence[Trade], accounts: Mapping[str, AccountKind]) -> dict[str, Fraction]:
    """By id of each sale in a taxable account the disallowed loss, USD, that its broker reports in box 1g."""
    found: dict[str, Fraction] = {}
    for ledger in broker_ledgers(trades, accounts).values():
        for row in ledger.realised:
            found[row.sale] = found.get(row.sale, Fraction(0)) + row.disallowed
    return found
