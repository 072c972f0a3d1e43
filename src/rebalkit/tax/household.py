"""From what the accounts recorded to the trades of the ledger, when the record is complete."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction

from attrs import evolve

from rebalkit.model.accounts import AccountKind
from rebalkit.model.history import Action, Transaction
from rebalkit.money import FEMTO_PER_NANO, MICRO, plain
from rebalkit.tax.ledger import build_ledger
from rebalkit.tax.trades import Trade
from rebalkit.tax.transfers import pair_transfers

__all__ = ["trades_of"]


def trades_of(transactions: Sequence[Transaction], accounts: Mapping[str, AccountKind]) -> list[Trade]:
    """The trades of a history that begins with the first purchase.

    A trade is named by the lot that it bought, where the record names it, else by its date, kind and place in the record. Purchases of
    one day that name one lot are its fills: one trade, at what they cost together. Shares received without a price are those that
    another of the ``accounts`` delivered (see `pair_transfers`), right behind their delivery where the record has them before it; a
    lot keeps the name that it was bought under, and may be sold by the name that it was received under. Where there is no delivery
    their basis is unknown, and the ledger refuses them.

    Args:
        transactions: What happened, in order of date; of one day in recorded order.
        accounts: The kind of each account.

    Raises:
        DataError: A number finer than the ledger holds.
    """
    return _Household(transactions, accounts).trades


class _Household:
    """The trades so far, and what lots are called."""

    def __init__(self, transactions: Sequence[Transaction], accounts: Mapping[str, AccountKind]) -> None:
        self.trades: list[Trade] = []
        self._accounts = accounts
        bought = {(one.account, one.lot) for one in transactions if one.lot is not None and _brings(one)}
        self._named = Counter(lot for _, lot in bought)
        self._bought: dict[tuple[str, str], int] = {}
        # By account and name under which shares were received the lots that they are, and the micro-shares left of each.
        self._received: dict[tuple[str, str], dict[str, int | Fraction]] = {}
        deliveries = pair_transfers(transactions, accounts)
        ids: dict[int, str] = {}
        for place in _order(len(transactions), deliveries):
            ids[place] = self._add(place, transactions[place])
            if place in deliveries:
                self._arrive(transactions[place], ids[deliveries[place]])
            elif transactions[place].action is Action.RECEIVE and transactions[place].price is None:
                arrived = transactions[place]
                missing = f"of {plain(arrived.quantity)} {arrived.symbol} from another account"
                self.trades[-1] = evolve(self.trades[-1], transfer_of=missing)

    def _add(self, place: int, one: Transaction) -> str:
        """Add the trade that ``one`` is; its id."""
        trade = Trade.of(
            f"{one.date} {one.action} {one.symbol} #{place + 1}", one.date, one.account, one.symbol, one.action, one.quantity,
            one.price or 0, one.fees, order=one.order, acquired=one.acquired,
        )  # fmt: skip
        if one.lot is not None and _brings(one):
            earlier = self._bought.setdefault((one.account, one.lot), len(self.trades))
            trade = evolve(trade, id=self._lot(one.account, one.lot))
            if earlier < len(self.trades) and _are_fills(self.trades[earlier], trade):
                self.trades[earlier] = _together(self.trades[earlier], trade)
                return trade.id
        elif one.lot is not None and one.action in (Action.SELL, Action.DELIVER):
            trade = evolve(trade, lots=self._sold(one.account, one.lot, trade.micros))
        elif one.ratio is not None:
            trade = evolve(trade, ratio=one.ratio)
            for (account, _), lots in self._received.items():
                if account == one.account:
                    self._restate(lots, one.symbol, one.ratio)
        self.trades.append(trade)
        return trade.id

    def _arrive(self, one: Transaction, delivery: str) -> None:
        """Let the last trade be the arrival of what ``delivery`` sent, on its day if the record has it earlier."""
        place = next(number for number, other in enumerate(self.trades) if other.id == delivery)
        sent = self.trades[place]
        arrival = evolve(self.trades[-1], transfer_of=delivery, date=max(one.date, sent.date))
        self.trades[-1] = arrival
        if one.lot is not None:
            lots = self._received.setdefault((one.account, one.lot), {})
            for name, micros in sent.lots or self._came(arrival, place):
                lots[name] = lots.get(name, 0) + micros

    def _came(self, arrival: Trade, sent: int) -> list[tuple[str, int]]:
        """The lots that ``arrival``, the last trade, brought, where the delivery at the place ``sent`` names none."""
        trades = [one for one in self.trades if one.symbol == arrival.symbol]
        held: Counter[str] = Counter()
        for history, sign in ((trades, 1), (trades[:-1], -1)):
            for lot in build_ledger(history, self._accounts).open_lots:
                if lot.account == arrival.account:
                    held[lot.lot] += sign * int(lot.quantity * MICRO)
        return [(name, micros) for name, micros in held.items() if micros > 0]

    def _sold(self, account: str, lot: str, micros: int) -> tuple[tuple[str, int], ...]:
        """What is meant by ``micros`` of ``lot``, by the names of the ledger: what came first goes first."""
        received = self._received.get((account, lot))
        if received is None or (account, lot) in self._bought:
            return ((self._lot(account, lot), micros),)
        found = []
        for name, left in received.items():
            taken = min(micros, int(left))
            if taken:
                received[name] = left - taken
                micros -= taken
                found.append((name, taken))
        if micros:  # More than there is: the ledger says so.
            name, taken = found.pop() if found else (next(iter(received)), 0)
            found.append((name, taken + micros))
        return tuple(found)

    def _restate(self, lots: dict[str, int | Fraction], symbol: str, ratio: Fraction) -> None:
        of = {one.id: one.symbol for one in self.trades}
        for name in lots:
            if of.get(name) == symbol:
                lots[name] *= ratio

    def _lot(self, account: str, lot: str) -> str:
        """The name of a lot in the ledger: its own, with its account where several accounts have one of that name."""
        return lot if self._named[lot] <= 1 else f"{account}/{lot}"


def _order(number: int, deliveries: Mapping[int, int]) -> Iterator[int]:
    """The places in the order in which they are worked through: an arrival never before its delivery."""
    behind = {delivery: arrival for arrival, delivery in deliveries.items() if delivery > arrival}
    moved = set(behind.values())
    for place in range(number):
        if place not in moved:
            yield place
        if place in behind:
            yield behind[place]


def _brings(one: Transaction) -> bool:
    return one.action.acquires or (one.action is Action.RECEIVE and one.price is not None)


def _are_fills(first: Trade, one: Trade) -> bool:
    like = (first.symbol, first.date, first.action, first.order, first.acquired)
    return one.action.acquires and like == (one.symbol, one.date, one.action, one.order, one.acquired)


def _together(first: Trade, one: Trade) -> Trade:
    """Two fills of a lot as one trade: at one price if they have one, else the broken rest of what they cost goes in with the fees."""
    micros, cost = first.micros + one.micros, first.micros * first.price + one.micros * one.price
    price = cost // micros
    rest = round(Fraction(cost - micros * price, FEMTO_PER_NANO))
    return evolve(first, micros=micros, price=price, fees=first.fees + one.fees + rest)
