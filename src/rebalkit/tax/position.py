"""One security in one account: what its record and its lots tell together about when its shares were bought and sold."""

from __future__ import annotations

import datetime as dt
from collections import deque
from collections.abc import Container, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from types import MappingProxyType

from attrs import define, evolve, frozen

from rebalkit.model.history import Action, Transaction
from rebalkit.model.lots import Lot
from rebalkit.money import from_micros, plain, to_micros, to_nanos
from rebalkit.tax.ledger.lots import Micros
from rebalkit.tax.trades import Trade

__all__ = ["LONG_AGO", "Position", "UnknownSale"]

LONG_AGO = dt.date(1900, 1, 1)
"""Stands for an unknown date: before anything that a window reaches."""

_SPLIT, _BEFORE, _RECORDED = range(3)
"""What comes first within a day."""


@frozen
class UnknownSale:
    """Shares sold of which the basis is not known, or not for certain. ``micros`` as on the day of the sale."""

    account: str
    symbol: str
    sold: dt.date
    micros: int


@define(eq=False)
class _Bought:
    """Shares acquired together. Quantities are micro-shares of today, after all splits.

    ``held`` of ``micros`` are still there; ``to_sell`` were sold, and are not yet assigned to a sale.
    """

    trade: Trade
    number: int
    micros: Micros
    lot: str | None
    held: Micros = 0
    to_sell: Micros = 0

    @property
    def since(self) -> tuple[dt.date, int]:
        """Its place in the record."""
        return self.trade.date, self.number

    def give(self, micros: Micros) -> Micros:
        """As many of ``micros`` as were sold of it and are not yet assigned."""
        given = min(micros, self.to_sell)
        self.to_sell -= given
        return given


class Position:
    """The trades that explain the record and the lots.

    Attributes:
        account: The account.
        trades: Each with its date, its turn within the day and its number, by which to order those of several positions.
        recorded: The purchases among them that are on record, with their micro-shares in those of today.
        lots: By account and name of each lot the trades that brought its shares, and how many micro-shares each.
        unknown: Sales of shares that nothing explains.
        doubtful: Sales that may have taken those shares, had they not been sold in order.
        differences: Contradictions, as sentences.
        opened: Lots whose purchase is not on record, and the trades that stand for it; none of which was sold, and never split.
        delivered: Those of ``trades`` that are deliveries of shares whose purchase is on record, and that were never split.
    """

    def __init__(
        self,
        account: str,
        symbol: str,
        transactions: Sequence[tuple[int, Transaction]],
        lots: Sequence[Lot],
        splits: Mapping[dt.date, Transaction] = MappingProxyType({}),
    ) -> None:
        self.trades: list[tuple[dt.date, int, int, Trade]] = []
        self.lots: dict[tuple[str, str], list[tuple[str, int]]] = {}
        self.unknown: list[UnknownSale] = []
        self.doubtful: list[UnknownSale] = []
        self.differences: list[str] = []
        self.opened: list[tuple[str, Trade]] = []
        self.delivered: list[tuple[dt.date, int, int, Trade]] = []
        self.account = account
        self._symbol = symbol
        # A security is split in every account, also in one that does not record it.
        self._splits = [(day, one.ratio or Fraction(1)) for day, one in sorted(splits.items())]
        recorded = {one.date for _, one in transactions if one.action is Action.SPLIT}
        for day, split in splits.items():
            if day not in recorded:
                self._add(_SPLIT, 0, self._split(0, split))
        self._sales = [(number, one) for number, one in transactions if one.action in (Action.SELL, Action.DELIVER)]
        self._sold: dict[str, list[tuple[dt.date, int]]] = {}
        for _, sale in self._sales:
            if sale.lot is not None:
                self._sold.setdefault(sale.lot, []).append((sale.date, to_micros(sale.quantity)))
        self._bought: list[_Bought] = []
        self._record(transactions)
        self._hold(lots)
        self.recorded = [(one.trade, one.micros) for one in self._bought if one.number]
        for one in self._bought:
            one.to_sell = one.micros - one.held
        self._sell()
        self._miss()

    def _today(self, micros: int, day: dt.date) -> Micros:
        """``micros`` of ``day``, on which a split has taken effect already, as those of today."""
        found: Micros = micros
        for date, ratio in self._splits:
            if date > day:
                found *= ratio
        return found

    def _then(self, micros: Micros, day: dt.date) -> int:
        """``micros`` of today as those of ``day``, rounded down."""
        found = micros
        for date, ratio in self._splits:
            if date > day:
                found /= ratio
        return int(found)

    def _add(self, turn: int, number: int, trade: Trade) -> None:
        self.trades.append((trade.date, turn, number, trade))

    def _name(self, what: str) -> str:
        return f"{self.account}/{self._symbol}/{what}"

    def _record(self, transactions: Sequence[tuple[int, Transaction]]) -> None:
        """What was bought and split, as it is on record."""
        for number, one in transactions:
            name = self._name(f"{one.action} {one.date} #{number}")
            if one.action is Action.SPLIT:
                self._add(_SPLIT, number, self._split(number, one))
            elif one.action.acquires:
                trade = Trade.of(
                    name, one.date, self.account, self._symbol, one.action, one.quantity, one.price or 0, one.fees, order=one.order
                )  # fmt: skip
                self._bought.append(_Bought(trade, number, self._today(trade.micros, one.date), one.lot))
                self._add(_RECORDED, number, trade)

    def _split(self, number: int, one: Transaction) -> Trade:
        name = self._name(f"{one.action} {one.date} #{number}")
        return Trade(name, one.date, self.account, self._symbol, one.action, 0, ratio=one.ratio)

    def _hold(self, lots: Sequence[Lot]) -> None:
        """Find the purchases of what is held: by the name of the lot, else by its date, those of the same size first."""
        left: dict[str, Micros] = {lot.lot: to_micros(lot.quantity) for lot in lots}
        by_name: dict[str | None, list[_Bought]] = {}
        for one in self._bought:
            by_name.setdefault(one.lot, []).append(one)
        for lot in lots:
            for one in by_name.get(lot.lot, ()):
                self._claim(lot, one, left)
        by_day: dict[dt.date, list[_Bought]] = {}
        for one in self._bought:
            by_day.setdefault(one.trade.date, []).append(one)
        for exact in (True, False):
            for lot in lots:
                for one in by_day.get(lot.acquired, ()) if lot.acquired is not None else ():
                    if not exact or one.micros - one.held == left[lot.lot]:
                        self._claim(lot, one, left)
        for lot in lots:
            # Less than a millionth of a share is what a split and the broker's rounding leave.
            if int(left[lot.lot]) > 0:
                self._open(lot, int(left[lot.lot]), by_name)

    def _claim(self, lot: Lot, one: _Bought, left: dict[str, Micros]) -> None:
        micros = min(left[lot.lot], one.micros - one.held)
        if micros > 0:
            one.held += micros
            left[lot.lot] -= micros
            self._part(lot, one.trade, int(micros))

    def _part(self, lot: Lot, trade: Trade, micros: int) -> None:
        self.lots.setdefault((self.account, lot.lot), []).append((trade.id, micros))

    def _open(self, lot: Lot, micros: int, on_record: Container[str | None]) -> None:
        """Shares of ``lot`` whose purchase is not on record. Its date counts as that of an acquisition; without one it is long ago."""
        date = lot.acquired or LONG_AGO
        # A lot tells its shares of today, so it is recorded after the splits.
        recorded = max([date, *(day for day, _ in self._splits)])
        original = micros
        # What was sold of a lot of unknown cost has an unknown basis, and so is left to the sales that nothing explains.
        if lot.lot not in on_record and lot.cost is not None:
            original += sum([sold for day, sold in self._sold.get(lot.lot, ()) if day >= recorded])
        cost = -(-to_nanos(lot.cost) * original // to_micros(lot.quantity)) if lot.cost is not None else 0
        action = Action.BUY if lot.acquired is not None else Action.RECEIVE
        # The cost goes in whole, where fees do: a price could not hold it.
        trade = Trade(
            self._name(f"lot {lot.lot}"), recorded, self.account, self._symbol, action, original, 0, cost, acquired=date
        )  # fmt: skip
        self._bought.append(_Bought(trade, 0, original, lot.lot, micros))
        self._add(_BEFORE, 0, trade)
        self._part(lot, trade, micros)
        if original == micros and not self._splits:
            self.opened.append((lot.lot, trade))

    def _sell(self) -> None:
        """Assign what was sold: first the sales that name a lot, then the others in order, each to what was acquired first.

        Of the others what is more than the purchases on record was acquired before them, and so it was sold before them.
        """
        parts: dict[int, list[tuple[_Bought, Micros]]] = {}
        by_lot: dict[str | None, deque[_Bought]] = {}
        ordered = sorted(self._bought, key=lambda one: one.since)
        for bought in ordered:
            by_lot.setdefault(bought.lot, deque()).append(bought)
        unnamed = []
        for number, one in self._sales:
            micros = self._today(to_micros(one.quantity), one.date)
            if one.lot is None:
                unnamed.append((number, one, micros))
            elif one.lot in by_lot:
                parts[number] = _given(by_lot[one.lot], (one.date, number), micros)
            else:
                # No purchase on record says the name: it may be any of those that say none.
                unnamed.append((number, one, micros))
        rest = deque(one for one in ordered if one.to_sell)
        self._unnamed = {number for number, _, _ in unnamed}
        older = sum([micros for _, _, micros in unnamed]) - sum([one.to_sell for one in rest])
        self._older = left = max(0, older)
        for number, one, micros in unnamed:
            first = min(left, micros)
            left -= first
            parts[number] = _given(rest, (one.date, number), micros - first)
        for number, one in self._sales:
            self._depart(number, one, parts[number])

    def _depart(self, number: int, sale: Transaction, parts: Sequence[tuple[_Bought, Micros]]) -> None:
        lots = tuple((one.trade.id, micros) for one, given in parts if (micros := self._then(given, sale.date)))
        known = sum([micros for _, micros in lots])
        whole = to_micros(sale.quantity)
        if sale.action is Action.SELL:
            unknown = UnknownSale(self.account, self._symbol, sale.date, whole - known)
            # Which of the sales that name no lot took the shares of unknown basis, nobody knows for certain.
            doubtful = min(known, self._then(self._older, sale.date)) if number in self._unnamed else 0
            self.unknown += [unknown] if unknown.micros else []
            self.doubtful += [evolve(unknown, micros=doubtful)] if doubtful else []
        if not known:
            return
        name = self._name(f"{sale.action} {sale.date} #{number}")
        price, fees = (
            (to_nanos(sale.price or Decimal(0)), to_nanos(sale.fees) * known // whole) if sale.action is Action.SELL else (0, 0)
        )
        trade = Trade(name, sale.date, self.account, self._symbol, sale.action, known, price, fees, lots, sale.order)
        self._add(_RECORDED, number, trade)
        if sale.action is Action.DELIVER and not self._splits:
            self.delivered.append(self.trades[-1])

    def _miss(self) -> None:
        """Shares that were bought, are not among the lots, and that no sale on record took. They count as held: the lots may be late."""
        for one in self._bought:
            micros = int(one.to_sell)
            if micros:
                self.differences.append(
                    f"{plain(from_micros(micros))} {self._symbol} bought on {one.trade.date} in account {self.account} are not among its "
                    "lots, and no sale of them is on record"
                )


def _given(sold: deque[_Bought], until: tuple[dt.date, int], left: Micros) -> list[tuple[_Bought, Micros]]:
    """``left`` shares from the front of ``sold``, as far as they were there by then. What is used up is taken off."""
    parts = []
    while left and sold and sold[0].since <= until:
        given = sold[0].give(left)
        if given:
            parts.append((sold[0], given))
            left -= given
        if not sold[0].to_sell:
            sold.popleft()
    return parts
