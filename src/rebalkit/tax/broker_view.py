"""What each broker reports: the wash sales of one account and one security, and nothing beyond.

A broker need look no further than its own account and the same CUSIP (26 USC 6045(g)(2)(B)(ii); Reg. 1.6045-1(d)(6)(iii)). What it
reports in box 1g of Form 1099-B can therefore be less than what the law takes away, and it can be more.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction

from attrs import evolve

from rebalkit.model.accounts import AccountKind
from rebalkit.money import MICRO, NANO
from rebalkit.tax.ledger import Ledger, OpenLot, build_ledger
from rebalkit.tax.policy import WashPolicy
from rebalkit.tax.trades import Trade

__all__ = ["broker_disallowed", "broker_ledgers"]


def broker_ledgers(trades: Sequence[Trade], accounts: Mapping[str, AccountKind]) -> dict[str, Ledger]:
    """By taxable account the ledger as its broker keeps it. Raises DataError as `build_ledger` does.

    Of shares that came from another account a broker knows what the transfer statement says (Reg. 1.6045A-1): their adjusted basis and
    since when they are held, but none of the purchases there.
    """
    found = {}
    for name, kind in accounts.items():
        if kind.taxable:
            found[name] = build_ledger(_kept(trades, name, accounts), {name: kind}, WashPolicy())
    return found


def _kept(trades: Sequence[Trade], name: str, accounts: Mapping[str, AccountKind]) -> list[Trade]:
    """The trades of one account, each transfer into it as the shares, basis and dates that came."""
    own = []
    for place, one in enumerate(trades):
        if one.account == name:
            own += [one] if one.transfer_of is None else _arrived(trades[: place + 1], one, accounts)
    return own


def _arrived(trades: Sequence[Trade], arrival: Trade, accounts: Mapping[str, AccountKind]) -> list[Trade]:
    """The lots that came with ``arrival``, the last of ``trades``, as the ledger of the account that sent them had them."""
    sent = next((place for place, one in enumerate(trades) if one.id == arrival.transfer_of), None)
    if sent is None:
        return [arrival]  # The ledger refuses it by name.
    sender = trades[sent].account
    before = [one for one in _kept(trades[: sent + 1], sender, accounts) if one.symbol == arrival.symbol]
    ledger = build_ledger([*before, arrival], {one: accounts[one] for one in (sender, arrival.account)}, WashPolicy())
    came: dict[str, list[OpenLot]] = {}
    for lot in ledger.open_lots:
        if lot.account == arrival.account:
            came.setdefault(lot.lot, []).append(lot)
    return [
        # The basis goes in whole, where fees do: by the share it may have no end.
        evolve(
            arrival, id=name, micros=int(sum([lot.quantity for lot in lots]) * MICRO), transfer_of=None, price=0,
            fees=round(sum([lot.basis for lot in lots]) * NANO), acquired=min([lot.deemed_acquired for lot in lots]),
        )
        for name, lots in came.items()
    ]  # fmt: skip


def broker_disallowed(trades: Sequence[Trade], accounts: Mapping[str, AccountKind]) -> dict[str, Fraction]:
    """By id of each sale in a taxable account the disallowed loss, USD, that its broker reports in box 1g."""
    found: dict[str, Fraction] = {}
    for ledger in broker_ledgers(trades, accounts).values():
        for row in ledger.realised:
            found[row.sale] = found.get(row.sale, Fraction(0)) + row.disallowed
    return found
