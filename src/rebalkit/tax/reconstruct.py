"""From a snapshot to the trades of the ledger, when the record is not complete.

A broker shows what is held now, and what happened since some day. What is held was acquired: its lots say when and for how much, also
where no purchase is on record. What was sold and is on record with its purchase has a known basis; the basis of anything else that was
sold is not known, and whoever plans must take such a sale for a loss.

What is received and delivered is left to the lots, which show it with its real dates.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence

from attrs import evolve, frozen

from rebalkit.model.accounts import AccountKind
from rebalkit.model.history import Action, Transaction
from rebalkit.model.lots import Lot
from rebalkit.model.policy import WashPolicy
from rebalkit.model.snapshots import Snapshot
from rebalkit.money import MICRO, to_nanos
from rebalkit.tax.dearer import NANOS_IN_A_CENT, Shown, dearer_by
from rebalkit.tax.doubt import Doubt, doubt_of
from rebalkit.tax.ledger.lots import Micros
from rebalkit.tax.moves import joined
from rebalkit.tax.position import Position, UnknownSale
from rebalkit.tax.trades import Trade

__all__ = ["Reconstruction", "UnknownSale", "reconstruct"]


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
        doubt: What else may have a higher basis than is known.
    """

    trades: tuple[Trade, ...]
    accounts: Mapping[str, AccountKind]
    lots: Mapping[tuple[str, str], tuple[tuple[str, int], ...]]
    unknown: tuple[UnknownSale, ...]
    differences: tuple[str, ...]
    doubt: Doubt = Doubt()

    def parts(
        self, account: str, sold: Iterable[tuple[str, int]], taken: dict[tuple[str, str], int] | None = None
    ) -> tuple[tuple[str, int], ...]:
        """The trades that brought shares which are sold, and how many micro-shares of each.

        Args:
            account: Where they are sold.
            sold: Names of lots with micro-shares of each, taken from the front. What a lot has not got is left out.
            taken: What earlier sales took, by lot and trade; what is taken now is added to it.
        """
        taken = {} if taken is None else taken
        found: dict[str, int] = {}
        for lot, wanted in sold:
            for trade, held in self.lots.get((account, lot), ()):
                part = min(wanted, held - taken.get((lot, trade), 0))
                if part > 0:
                    taken[lot, trade] = taken.get((lot, trade), 0) + part
                    found[trade] = found.get(trade, 0) + part
                    wanted -= part
        return tuple(found.items())


def reconstruct(snapshot: Snapshot, policy: WashPolicy = WashPolicy()) -> Reconstruction:
    """The trades behind ``snapshot``.

    Where a lot's cost is more than its purchase, the ledger and the broker's own view of the record explain, the broker knows of a wash
    sale before the record begins, and its cost counts. Where it is less, the broker has not seen a wash sale in another account, and the
    ledger counts.

    Raises:
        DataError: The record cannot be, such as a split that two accounts record differently.
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
    splits: dict[str, dict[dt.date, Transaction]] = {}
    for one in snapshot.transactions:
        if one.action is Action.SPLIT:
            splits.setdefault(one.symbol, {}).setdefault(one.date, one)
    positions = [
        Position(
            account, symbol, transactions.get((account, symbol), ()), held.get((account, symbol), ()), splits.get(symbol, {})
        )
        for account, symbol in sorted(transactions.keys() | held.keys())
    ]
    unplaced, parts = joined(positions, kinds)
    placed = sorted(unplaced, key=lambda one: one[:3])
    lots = {key: tuple(of_lot) for key, of_lot in parts.items()}
    unknown = tuple(one for position in positions for one in position.unknown if kinds[one.account].taxable)
    differences = tuple(one for position in positions for one in position.differences)
    bought = {trade.id: (trade, micros) for position in positions for trade, micros in position.recorded}
    shown = [
        one
        for place, of_symbol in held.items()
        if place in transactions
        for one in _together(place, of_symbol, lots)
        if _is_dearer(one, bought)
    ]
    trades = tuple(one[3] for one in placed)
    more = dearer_by(shown, {trade: micros for trade, (_, micros) in bought.items()}, trades, kinds, policy)
    if more:
        trades = tuple(evolve(one, fees=one.fees + more[one.id]) if one.id in more else one for one in trades)
    doubtful = [one for position in positions for one in position.doubtful if kinds[one.account].taxable]
    doubt = doubt_of(trades, bought, [*unknown, *doubtful], kinds, policy, snapshot.history_from)
    return Reconstruction(trades, kinds, lots, unknown, differences, evolve(doubt, sales=(*doubtful, *doubt.sales)))


def _together(
    place: tuple[str, str], of_symbol: Sequence[Lot], lots: Mapping[tuple[str, str], Sequence[tuple[str, int]]]
) -> list[Shown]:
    """The lots of one symbol in one account, those that share a purchase as one."""
    account, symbol = place
    found: dict[str, Shown] = {}
    for lot in of_symbol:
        one = Shown(account, symbol, 1, None if lot.cost is None else to_nanos(lot.cost))
        for trade, micros in lots[account, lot.lot]:
            one.parts[trade] = one.parts.get(trade, 0) + micros
        for trade in tuple(one.parts):
            other = found.get(trade)
            if other is not None and other is not one:
                one.lots += other.lots
                one.cost = None if one.cost is None or other.cost is None else one.cost + other.cost
                for part, micros in other.parts.items():
                    one.parts[part] = one.parts.get(part, 0) + micros
                    found[part] = one
            found[trade] = one
    return list({id(one): one for one in found.values()}.values())


def _is_dearer(one: Shown, bought: Mapping[str, tuple[Trade, Micros]]) -> bool:
    """Whether the lots cost more than was paid for them. Only of such it must be asked what the ledger has added."""
    if one.cost is None:
        return False
    paid = 0
    for trade, micros in one.parts.items():
        if trade not in bought:
            return any(part in bought for part in one.parts)
        purchase, today = bought[trade]
        paid += int((purchase.micros * purchase.price + purchase.fees * MICRO) * micros // (today * MICRO))
    return one.cost > paid + NANOS_IN_A_CENT * one.lots
