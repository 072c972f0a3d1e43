"""From a snapshot to the trades of the ledger, when the record is not complete.

A broker shows what is held now, and what happened since some day. What is held was acquired: its lots say when and for how much, also
where no purchase is on record. What was sold and is on record with its purchase has a known basis; the basis of anything else that was
sold is not known, and whoever plans must take such a sale for a loss.

What is received and delivered is left to the lots, which show it with its real dates.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from attrs import evolve, frozen

from rebalkit.model.accounts import AccountKind
from rebalkit.model.history import Action, Transaction
from rebalkit.model.lots import Lot
from rebalkit.model.snapshots import Snapshot
from rebalkit.money import MICRO, NANO, to_nanos
from rebalkit.tax.ledger import build_ledger
from rebalkit.tax.policy import WashPolicy
from rebalkit.tax.position import Position, UnknownSale
from rebalkit.tax.trades import Trade

__all__ = ["Reconstruction", "UnknownSale", "reconstruct"]

_CENT = NANO // 100


@frozen
class Reconstruction:
    """What is known of the past of a snapshot's accounts.

    Attributes:
        trades: In the order that the ledger asks for. They leave the snapshot's lots, and what
            is bought and not yet among them.
        accounts: The kind of each account.
        lots: Of each lot by account and name the trades that brought its shares, with how many micro-shares each, front first.
        unknown: Sales in taxable accounts whose basis is not known.
        differences: Where the record contradicts the lots, as sentences.
    """

    trades: tuple[Trade, ...]
    accounts: Mapping[str, AccountKind]
    lots: Mapping[tuple[str, str], tuple[tuple[str, int], ...]]
    unknown: tuple[UnknownSale, ...]
    differences: tuple[str, ...]


def reconstruct(snapshot: Snapshot, policy: WashPolicy = WashPolicy()) -> Reconstruction:
    """The trades behind ``snapshot``.

    Where a lot's cost is more than its purchase and the ledger explain, the broker knows of a wash sale before the record begins, and its
    cost counts. Where it is less, the broker has not seen a wash sale in another account, and the ledger counts.

    Raises:
        DataError: The record cannot be, such as a split that one account has and another with the same shares has not.
    """
    transactions: dict[tuple[str, str], list[tuple[int, Transaction]]] = {}
    for number, one in enumerate(snapshot.transactions, 1):
        transactions.setdefault((one.account, one.symbol), []).append((number, one))
    held: dict[tuple[str, str], list[Lot]] = {}
    for account in snapshot.accounts:
        for lot in account.lots:
            held.setdefault((account.account, lot.symbol), []).append(lot)
    # Of an account that is on record but not shown it is not known how it is taxed: as the worst case for either side, as a loss counts
    # in a taxable one only, and a purchase counts in every one.
    kinds = {one.account: AccountKind.TAXABLE for one in snapshot.transactions}
    kinds |= {account.account: account.kind for account in snapshot.accounts}
    positions = [
        Position(account, symbol, transactions.get((account, symbol), ()), held.get((account, symbol), ()))
        for account, symbol in sorted(transactions.keys() | held.keys())
    ]
    placed = sorted((one for position in positions for one in position.trades), key=lambda one: one[:3])
    lots = {key: tuple(parts) for position in positions for key, parts in position.lots.items()}
    unknown = tuple(one for position in positions for one in position.unknown if kinds[one.account].taxable)
    differences = tuple(one for position in positions for one in position.differences)
    on_record = {one.id: one for position in positions for one in position.recorded}
    split = {one.symbol for one in snapshot.transactions if one.action is Action.SPLIT}
    costs: dict[tuple[str, str], int] = {}
    for (where, symbol), of_symbol in held.items():
        for lot in of_symbol if (where, symbol) in transactions else ():
            parts = [(on_record[trade], micros) for trade, micros in lots[where, lot.lot] if trade in on_record]
            # Most lots cost what was paid for them; only of the others it must be asked what the ledger has added.
            if lot.cost is not None and parts and (symbol in split or to_nanos(lot.cost) > _paid(parts) + _CENT):
                costs[where, lot.lot] = to_nanos(lot.cost)
    found = Reconstruction(tuple(one[3] for one in placed), kinds, lots, unknown, differences)
    return _with_dearer_lots(found, costs, policy)


def _paid(parts: Sequence[tuple[Trade, int]]) -> int:
    """Nano-dollars paid for so many micro-shares of each trade, buying fees included."""
    return sum([(one.micros * one.price + one.fees * MICRO) * micros // (one.micros * MICRO) for one, micros in parts])


def _with_dearer_lots(found: Reconstruction, costs: Mapping[tuple[str, str], int], policy: WashPolicy) -> Reconstruction:
    explained_by = {trade for key in costs for trade, _ in found.lots[key]}
    if not explained_by:
        return found
    basis: dict[str, int] = {}
    held: dict[str, int] = {}
    # What shares no group with these lots cannot change them.
    groups = {policy.groups.of(one.symbol) for one in found.trades if one.id in explained_by}
    trades = [one for one in found.trades if policy.groups.of(one.symbol) in groups]
    for one in build_ledger(trades, found.accounts, policy).open_lots:
        basis[one.lot] = basis.get(one.lot, 0) + round(one.basis * NANO)
        held[one.lot] = held.get(one.lot, 0) + round(one.quantity * MICRO)
    more: dict[str, int] = {}
    bought = {one.id: one.micros for one in found.trades}
    for key, cost in costs.items():
        parts = [(trade, micros) for trade, micros in found.lots[key] if trade in held]
        explained = sum([basis[trade] * micros // held[trade] for trade, micros in parts])
        if parts and cost > explained + _CENT:
            trade = parts[0][0]
            # The whole purchase is dearer in proportion: what is left of it bears its share of the difference.
            more[trade] = more.get(trade, 0) + (cost - explained) * bought[trade] // held[trade]
    if not more:
        return found
    return evolve(
        found, trades=tuple(evolve(one, fees=one.fees + more[one.id]) if one.id in more else one for one in found.trades)
    )
