"""The one forward pass through the trades of an identity group.

For each sell order in turn: its shares are sold; then each of its losses, in order of real acquisition (Reg. 1.1091-1(b)), takes the
fresh shares of the group that were or will be acquired within the window, earliest first, one for one (Reg. 1.1091-1(c), (d)). Only
shares still held after the order or acquired later are there to take, so no figure of an earlier sale ever changes, and one pass is
enough. Not taken is what was bought in the same order as the share sold (Rev. Rul. 56-602).
"""

from __future__ import annotations

import datetime as dt
from bisect import insort
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from typing import NamedTuple

from rebalkit.model.history import Action
from rebalkit.money import FEMTO_PER_NANO
from rebalkit.tax.ledger.line import Line
from rebalkit.tax.ledger.lots import Lot, Micros, Piece, reduced
from rebalkit.tax.ledger.problems import no_such_lot, oversold, shown, transfer_differs, unlike_splits
from rebalkit.tax.policy import HoldingMethod, OlderReplacement, WashPolicy
from rebalkit.tax.trades import Trade

__all__ = ["Group", "Taken", "Washed"]


class Taken(NamedTuple):
    """Shares of one lot that a sale sold and that share basis, proceeds and holding period. A unit is a share before all splits.

    Attributes:
        trade: The sale.
        lot: The lot.
        micros: Micro-units.
        n: Basis of a unit in nano-dollars, over ``d``.
        d: See ``n``.
        pn: Proceeds of a unit in nano-dollars, over ``pd``.
        pd: See ``pn``.
        deemed: Ordinal of the day from which they were deemed held.
        washed: Micro-units whose loss is disallowed.
        permanent: Those of ``washed`` whose loss is added to no basis.
        scale: Shares that a unit was on the day of the sale.
    """

    trade: Trade
    lot: Lot
    micros: Micros
    n: int
    d: int
    pn: int
    pd: int
    deemed: int
    washed: Micros
    permanent: Micros
    scale: Micros


class Washed(NamedTuple):
    """Shares sold at a loss and the shares that replace them.

    Attributes:
        trade: The sale.
        lot: The lot sold.
        replacement: The lot that replaces.
        micros: Micro-units of the lot sold.
        n: Loss of a unit in nano-dollars, over ``d``.
        d: See ``n``.
        deemed: Ordinal of the day from which the replacement is deemed held from now on.
        scale: Shares that a unit was on the day of the sale.
    """

    trade: Trade
    lot: Lot
    replacement: Lot
    micros: Micros
    n: int
    d: int
    deemed: int
    scale: Micros


def _shares(micros: Fraction | int) -> Micros:
    return micros.numerator if micros.denominator == 1 else micros


class Group:
    """The trades of one group, worked through.

    Attributes:
        taken: What was sold in taxable accounts, in order.
        washed: What was disallowed, in order.
        lots: All lots, in order of the trades that brought them.
        scales: By symbol the shares that a unit is after all splits.

    Raises:
        DataError: A trade that cannot be, named.
    """

    def __init__(self, trades: Sequence[Trade], taxable: Mapping[str, bool], policy: WashPolicy) -> None:
        self.taken: list[Taken] = []
        self.washed: list[Washed] = []
        self.lots: list[Lot] = []
        self.scales: dict[str, Micros] = {}
        self._taxable = taxable
        self._days = policy.window.days
        self._older_count = policy.older_replacement is OlderReplacement.COUNT
        self._holding = _HOLDING[policy.holding]
        self._named: dict[tuple[str, str], Lot] = {}
        self._queues: dict[tuple[str, str], deque[Lot]] = {}
        self._moving: dict[str, list[Lot]] = {}
        self._transfers = {one.transfer_of for one in trades if one.transfer_of is not None}
        self._unsplit: dict[tuple[str, int], set[str]] = {}
        births = self._bring_in(trades)
        self._line = Line([lot for lot in self.lots if lot.trade.action.acquires])
        self._run(trades, births)

    def _bring_in(self, trades: Sequence[Trade]) -> dict[int, Lot]:
        """All lots that the trades bring, by the place of their trade: later purchases replace, too."""
        births: dict[int, Lot] = {}
        scales: dict[str, Micros] = {}
        splits: set[tuple[str, int]] = set()
        add, taxable = self.lots.append, self._taxable
        sell, deliver, split = Action.SELL, Action.DELIVER, Action.SPLIT
        for place, one in enumerate(trades):
            action = one.action
            if action is sell or action is deliver:
                continue
            symbol = one.symbol
            if action is split:
                key = (symbol, one.date.toordinal())
                if key not in splits:
                    splits.add(key)
                    assert one.ratio is not None
                    scales[symbol] = _shares(scales.get(symbol, 1) * one.ratio)
                continue
            if one.transfer_of is not None:
                continue
            micros: Micros = one.micros
            fees = one.fees
            if fees:
                n, d = one.micros * one.price + fees * FEMTO_PER_NANO, one.micros
            else:
                n, d = one.price, 1
            if symbol in scales:
                micros, n, d = _in_units(micros, n, d, scales[symbol])
            day = (one.acquired or one.date).toordinal()
            own = (one.account, one.order) if one.order else place
            lot = Lot(one, taxable[one.account], day, place, own, n, d, micros, -1)
            births[place] = lot
            add(lot)
        return births

    def _run(self, trades: Sequence[Trade], births: Mapping[int, Lot]) -> None:
        fills = _last_fills(trades)
        waiting: dict[tuple[str, str, int], list[tuple[Trade, Lot, Piece]]] = {}
        sell, deliver, split = Action.SELL, Action.DELIVER, Action.SPLIT
        for place, one in enumerate(trades):
            action = one.action
            if action is sell:
                gone = self._leave(one)
                if one.order is not None:
                    key = (one.account, one.order, one.date.toordinal())
                    gathered = waiting.setdefault(key, [])
                    gathered += gone
                    if fills[key] != place:
                        continue
                    gone = waiting.pop(key)
                if self._taxable[one.account]:
                    self._realise(gone)
            elif action is deliver:
                self._deliver(one)
            elif action is split:
                self._split(one)
            elif one.transfer_of is not None:
                self._receive(one)
            else:
                self._enter(births[place])
        self._check_splits()

    def _enter(self, lot: Lot) -> None:
        self._named[lot.account, lot.trade.id] = lot
        key = (lot.account, lot.trade.symbol)
        queue = self._queues.get(key)
        if queue is None:
            queue = self._queues[key] = deque()
        if queue and queue[-1].day > lot.day:
            # First in, first out by real acquisition (Reg. 1.1012-1(c)), also of what was received later.
            insort(queue, lot, key=lambda other: other.day)
        else:
            queue.append(lot)

    def _leave(self, trade: Trade) -> list[tuple[Trade, Lot, Piece]]:
        """The shares that ``trade`` takes out of its account."""
        return [(trade, lot, piece) for lot, micros in self._parts(trade) for piece in self._take(lot, micros)]

    def _parts(self, trade: Trade) -> list[tuple[Lot, Micros]]:
        """The lots that ``trade`` takes shares of and how many: those that it names, else what came in first."""
        scale = self.scales.get(trade.symbol, 1)
        parts: list[tuple[Lot, Micros]] = []
        for name, micros in trade.lots:
            lot = self._named.get((trade.account, name))
            if lot is None or lot.trade.symbol != trade.symbol:
                raise no_such_lot(trade, name, lot)
            wanted = micros if scale == 1 else _shares(Fraction(micros) / scale)
            if wanted > (held := lot.held):
                raise oversold(trade, f"lot {name}", wanted * scale, held * scale)
            parts.append((lot, wanted))
        if parts:
            return parts
        left: Micros = trade.micros if scale == 1 else _shares(Fraction(trade.micros) / scale)
        queue = self._queues.get((trade.account, trade.symbol), deque())
        while left:
            if not queue:
                short = left * scale
                raise oversold(trade, f"account {trade.account}", trade.micros, trade.micros - short)
            lot = queue[0]
            held = lot.held
            if held <= left:
                queue.popleft()
                left -= held
                if held:
                    parts.append((lot, held))
            else:
                parts.append((lot, left))
                left = 0
        return parts

    def _take(self, lot: Lot, micros: Micros) -> list[Piece]:
        taken = lot.take(micros)
        if not lot.fresh:
            self._line.drop(lot)
        return taken

    def _realise(self, gone: list[tuple[Trade, Lot, Piece]]) -> None:
        """Gains and losses of one sell order, and the replacements of its losses."""
        if len(gone) > 1:
            gone.sort(key=lambda one: (one[1].day, one[1].born))
        add = self.taken.append
        for trade, lot, (micros, n, d, deemed) in gone:
            scale = self.scales.get(trade.symbol, 1)
            if trade.fees:
                pn, pd = trade.micros * trade.price - trade.fees * FEMTO_PER_NANO, trade.micros
            else:
                pn, pd = trade.price, 1
            if scale != 1:
                _, pn, pd = _in_units(0, pn, pd, scale)
            washed: Micros = 0
            permanent: Micros = 0
            if pn * d < n * pd:
                sold = Taken(trade, lot, micros, n, d, pn, pd, deemed, 0, 0, scale)
                washed, permanent = self._replace(sold)
            add(Taken(trade, lot, micros, n, d, pn, pd, deemed, washed, permanent, scale))

    def _replace(self, sold: Taken) -> tuple[Micros, Micros]:
        """Find the shares that replace ``sold``, which lost; how many its loss is disallowed on, and on how many for good."""
        trade, lot, left, scale = sold.trade, sold.lot, sold.micros, sold.scale
        ln, ld = reduced(sold.n * sold.pd - sold.pn * sold.d, sold.d * sold.pd)
        day = trade.date.toordinal()
        line, last = self._line, day + self._days
        place = line.start(day - self._days)
        if not self._older_count:
            place = max(place, line.behind(lot))
        permanent: Micros = 0
        while left and (other := line.at(place, last)) is not None:
            place = other.place
            if other.own == lot.own:
                place += 1
                continue
            factor = self._factor(scale, trade.symbol, other.trade.symbol)
            there = other.fresh * factor
            micros = left if left < there else there
            deemed = other.day
            n, d = other.n, other.d
            if other.taxable:
                deemed = self._holding(other.day, day, sold.deemed)
                un, ud = ln * factor.numerator, ld * factor.denominator
                n, d = reduced(n * ud + un * d, d * ud) if d != ud else (n + un, d)
            else:
                permanent += micros
            other.replace(micros if factor == 1 else _shares(micros / Fraction(factor)), n, d, deemed)
            if not other.fresh:
                line.drop(other)
            left -= micros
            self.washed.append(Washed(trade, lot, other, micros, ln, ld, deemed, scale))
        return sold.micros - left, permanent

    def _factor(self, scale: Micros, symbol: str, other: str) -> Micros:
        """Units of ``symbol`` for each unit of ``other``: a share is replaced by a share, as both were on the day of the sale."""
        if symbol == other or not self.scales:
            return 1
        return _shares(Fraction(self.scales.get(other, 1)) / scale)

    def _deliver(self, trade: Trade) -> None:
        """Shares leave an account. Those that arrive in another one of the owners' stay in the line while they are on the way."""
        for lot, micros in self._parts(trade):
            fresh = lot.fresh
            taken = self._take(lot, micros)
            if trade.id not in self._transfers:
                continue
            part = Lot(lot.trade, lot.taxable, lot.day, lot.born, lot.own, lot.n, lot.d, fresh - lot.fresh, -1)
            replaced = taken[:-1] if part.fresh else taken
            part.pieces = deque(replaced) if replaced else None
            self.lots.append(part)
            self._line.insert_behind(lot, part)
            self._moving.setdefault(trade.id, []).append(part)

    def _receive(self, trade: Trade) -> None:
        """Shares that another account delivered arrive, with their basis and their dates."""
        parts = self._moving.pop(trade.transfer_of or "", None)
        if parts is None:
            raise transfer_differs(trade, f"there is no delivery {trade.transfer_of!r} before it")
        scale = self.scales.get(trade.symbol, 1)
        sent = sum([part.held for part in parts]) * scale
        if parts[0].trade.symbol != trade.symbol or sent != trade.micros:
            raise transfer_differs(
                trade, f"{shown(trade.micros)} {trade.symbol} arrive, but {shown(sent)} {parts[0].trade.symbol} were sent"
            )
        if self._taxable[trade.account] != parts[0].taxable:
            raise transfer_differs(trade, "shares that move between a taxable account and another kind do not keep their basis")
        for part in parts:
            part.account = trade.account
            earlier = self._named.get((part.account, part.trade.id))
            if earlier is not None and earlier.held:
                self._line.join(earlier, part)
            self._enter(part)

    def _split(self, trade: Trade) -> None:
        """Restate ``trade.symbol`` once, however many accounts record it; each account that holds shares must."""
        key = (trade.symbol, trade.date.toordinal())
        missing = self._unsplit.get(key)
        if missing is None:
            assert trade.ratio is not None
            self.scales[trade.symbol] = _shares(self.scales.get(trade.symbol, 1) * trade.ratio)
            holders = {
                account
                for (account, symbol), queue in self._queues.items()
                if symbol == trade.symbol and any(q.held for q in queue)
            }
            missing = self._unsplit[key] = holders
        missing.discard(trade.account)

    def _check_splits(self) -> None:
        for (symbol, day), accounts in self._unsplit.items():
            if accounts:
                raise unlike_splits(symbol, dt.date.fromordinal(day), accounts)


def _in_units(micros: Micros, n: int, d: int, scale: Micros) -> tuple[Micros, int, int]:
    """Shares and USD a share as units and USD a unit, where a unit is ``scale`` shares."""
    unit = Fraction(n, d) * scale
    return _shares(Fraction(micros) / scale), unit.numerator, unit.denominator


def _last_fills(trades: Sequence[Trade]) -> dict[tuple[str, str, int], int]:
    """Of each sell order and day the place of its last fill: its fills count as one sale, made then."""
    return {
        (one.account, one.order, one.date.toordinal()): place
        for place, one in enumerate(trades)
        if one.order is not None and one.action is Action.SELL
    }


def _added(acquired: int, sold: int, deemed: int) -> int:
    # Shares of unknown date are held since the first day there is; no day is before it.
    return max(1, acquired - (sold - deemed))


def _union(acquired: int, sold: int, deemed: int) -> int:
    return _added(acquired, sold, deemed) if acquired >= sold else min(acquired, deemed)


def _date(acquired: int, sold: int, deemed: int) -> int:
    return min(acquired, deemed)


_HOLDING: Mapping[HoldingMethod, Callable[[int, int, int], int]] = {
    HoldingMethod.ADDED: _added,
    HoldingMethod.UNION: _union,
    HoldingMethod.DATE: _date,
}
"""The deemed acquisition of a replacement from its real acquisition, the day of the sale, and the deemed acquisition of what was sold."""
