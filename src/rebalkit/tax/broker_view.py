"""What each broker reports: the wash sales of one account and one security, and nothing beyond.

A broker need look no further than its own account and the same CUSIP (26 USC 6045(g)(2)(B)(ii); Reg. 1.6045-1(d)(6)(iii)). What it
reports in box 1g of Form 1099-B can therefore be less than what the law takes away, and it can be more.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction

from attrs import evolve

from rebalkit.model.accounts import AccountKind
from rebalkit.model.history import Action
from rebalkit.model.policy import WashPolicy
from rebalkit.money import MICRO, NANO
from rebalkit.tax.ledger import OpenLot, RealisedRow, build_ledger
from rebalkit.tax.trades import Trade

__all__ = ["broker_disallowed", "broker_rows"]


def broker_rows(trades: Sequence[Trade], accounts: Mapping[str, AccountKind]) -> dict[str, tuple[RealisedRow, ...]]:
    """By taxable account what its sales realised as its broker sees it; a lot that came from another account keeps its name.

    Raises DataError as `build_ledger` does.

    Of shares that came from another account a broker knows what the transfer statement says (Reg. 1.6045A-1): their adjusted basis and
    since when they are held, but none of the purchases there.
    """
    records = {name: _Record(name) for name in accounts}
    delivered: dict[str, tuple[_Record, int]] = {}
    for one in trades:
        record = records.get(one.account)
        if record is None:
            continue
        sent = delivered.get(one.transfer_of or "")
        if sent is None:
            record.add(one)  # An arrival that nobody sent is refused by its ledger, by name.
        else:
            record.arrive(one, *sent, accounts)
        if one.action is Action.DELIVER:
            delivered[one.id] = record, len(record.trades)
    return {name: records[name].realised(kind) for name, kind in accounts.items() if kind.taxable}


class _Record:
    """The trades of one account, each transfer into it as the lots, basis and dates that came.

    A lot may come in parts, or come back. Each part is a lot of its own here, with the name that it had when it is told.
    """

    def __init__(self, account: str) -> None:
        self.account = account
        self.trades: list[Trade] = []
        self._names: dict[str, str] = {}
        self._parts: dict[str, list[str]] = {}

    def add(self, one: Trade) -> None:
        if one.action is not Action.SELL and one.action is not Action.DELIVER:
            self._parts.setdefault(one.id, []).append(one.id)
        elif any(self._parts.get(name) != [name] for name, _ in one.lots):
            one = evolve(one, lots=self._from_parts(one))
        self.trades.append(one)

    def arrive(self, arrival: Trade, sender: _Record, sent: int, accounts: Mapping[str, AccountKind]) -> None:
        """Add what came with ``arrival``: the lots as ``sender`` had them, of whose trades the delivery is the last of ``sent``."""
        before = [one for one in sender.trades[:sent] if one.symbol == arrival.symbol]
        ledger = build_ledger([*before, arrival], {one: accounts[one] for one in (sender.account, self.account)}, WashPolicy())
        came: dict[str, list[OpenLot]] = {}
        for lot in ledger.open_lots:
            if lot.account == self.account:
                came.setdefault(lot.lot, []).append(lot)
        for part, lots in came.items():
            name = sender._names.get(part, part)
            parts = self._parts.setdefault(name, [])
            own = name if not parts else f"{name} ({part} by {arrival.id})"
            parts.append(own)
            self._names[own] = name
            # The basis goes in whole, where fees do: by the share it may have no end.
            self.trades.append(
                evolve(
                    arrival, id=own, micros=int(sum([lot.quantity for lot in lots]) * MICRO), transfer_of=None, price=0,
                    fees=round(sum([lot.basis for lot in lots]) * NANO), acquired=min([lot.deemed_acquired for lot in lots]),
                )
            )  # fmt: skip

    def _from_parts(self, sale: Trade) -> tuple[tuple[str, int], ...]:
        """The lots of ``sale`` as parts, the one that came first first."""
        known = build_ledger([one for one in self.trades if one.symbol == sale.symbol], {self.account: AccountKind.TAXABLE})
        held: dict[str, int] = {}
        for lot in known.open_lots:
            held[lot.lot] = held.get(lot.lot, 0) + int(lot.quantity * MICRO)
        found: dict[str, int] = {}
        for name, wanted in sale.lots:
            parts = self._parts.get(name, [name])
            for part in parts:
                taken = min(wanted, held.get(part, 0)) if part is not parts[-1] else wanted
                if taken:
                    found[part] = found.get(part, 0) + taken
                    held[part] = held.get(part, 0) - taken
                    wanted -= taken
        return tuple(found.items())

    def realised(self, kind: AccountKind) -> tuple[RealisedRow, ...]:
        rows = build_ledger(self.trades, {self.account: kind}, WashPolicy()).realised
        return tuple(evolve(row, lot=self._names[row.lot]) if row.lot in self._names else row for row in rows)


def broker_disallowed(trades: Sequence[Trade], accounts: Mapping[str, AccountKind]) -> dict[str, Fraction]:
    """By id of each sale in a taxable account the disallowed loss, USD, that its broker reports in box 1g."""
    found: dict[str, Fraction] = {}
    for rows in broker_rows(trades, accounts).values():
        for row in rows:
            found[row.sale] = found.get(row.sale, Fraction(0)) + row.disallowed
    return found
