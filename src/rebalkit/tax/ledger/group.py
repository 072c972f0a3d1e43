"""The one forward pass through the trades of an identity group.

For each sell order in turn: its shares are sold; then each of its losses, in order of real acquisition (Reg. 1.1091-1(b)), takes the
shares that replace it. Only shares still held after the order or acquired later are there to take, so no figure of an earlier sale ever
changes, and one pass is enough.
"""

from __future__ import annotations

import datetime as dt
from bisect import insort
from collections import deque
from collections.abc import Container, Iterator, Mapping, Sequence
from fractions import Fraction

from rebalkit.model.history import Action
from rebalkit.model.policy import WashPolicy
from rebalkit.money import FEMTO_PER_NANO
from rebalkit.tax.ledger.found import Taken, TakenRow, Washed
from rebalkit.tax.ledger.line import Line
from rebalkit.tax.ledger.lots import LONG, Lot, Micros, Piece, settled
from rebalkit.tax.ledger.matching import Matching
from rebalkit.tax.ledger.problems import no_such_lot, oversold, shown, transfer_differs, unlike_ratio, unlike_splits
from rebalkit.tax.ledger.units import in_units, of_unit, proceeds, whole
from rebalkit.tax.trades import Trade

__all__ = ["Group"]

_Gone = tuple[Trade, Lot, Micros, int, int, int, bool]
"""Shares that left: by which trade, of which lot, micro-units, ``n`` and ``d`` of the basis, the day from which they were deemed held, and
whether they were fresh."""


class Group:
    """The trades of one group, worked through.

    Args:
        trades: Its trades, in order.
        named: Ids of the lots that any sale or delivery names.
        taxable: Whether losses count, by account.
        policy: How the rule is read.

    Attributes:
        lots: All lots, in order of the trades that brought them.
        scales: By symbol the shares that a unit is after all splits.

    Raises:
        DataError: A trade that cannot be, named.
    """

    def __init__(self, trades: Sequence[Trade], named: Container[str], taxable: Mapping[str, bool], policy: WashPolicy) -> None:
        self.lots: list[Lot] = []
        self.scales: dict[str, Micros] = {}
        self._taken: list[TakenRow] = []
        self._taxable = taxable
        # By account and name, those that a trade names: first in, first out needs no names.
        self._named: dict[tuple[str, str], Lot] = {}
        # By account and symbol all lots that are there or will come, in the order in which they leave.
        self._queues: dict[tuple[str, str], deque[Lot]] = {}
        self._moving: dict[str | None, list[Lot]] = {}
        self._transfers: set[str] = set()
        # Of each sell order and day the place of its last fill: its fills count as one sale, made then.
        self._last_fill: dict[tuple[str, str, str, int], int] = {}
        self._unsplit: dict[tuple[str, int], set[str]] = {}
        self._scaled: dict[str, Micros] = {}
        self._line = Line()
        departures = self._bring_in(trades, named)
        self._matching = Matching(self._line, self.scales, policy)
        self._run(departures)
        self._check_splits()

    @property
    def taken(self) -> Iterator[Taken]:
        """What was sold in taxable accounts, in order."""
        for trade, lot, micros, n, d, deemed, washed, permanent in self._taken:
            scale = self._scaled.get(trade.id, 1)
            pn, pd = proceeds(trade, scale)
            yield Taken(trade, lot, micros, n, d, pn, pd, deemed, washed, permanent, scale)

    @property
    def washed(self) -> Iterator[Washed]:
        """What was disallowed, in order."""
        for one in self._matching.found:
            yield Washed(*one, self._scaled.get(one[0].id, 1))

    def _bring_in(self, trades: Sequence[Trade], named: Container[str]) -> list[tuple[int, Trade]]:
        """All lots that the trades bring, for later purchases replace, too; the other trades, each with its place."""
        others: list[tuple[int, Trade]] = []
        queues = self._queues
        scales: dict[str, Micros] = {}
        splits: dict[tuple[str, int], Fraction | int] = {}
        first_fill: dict[tuple[str, str, str], tuple[str, int]] = {}
        add, acquired, taxable = self.lots.append, self._line.add, self._taxable
        sell, deliver, split, receive = Action.SELL, Action.DELIVER, Action.SPLIT, Action.RECEIVE
        for place, one in enumerate(trades):
            action = one.action
            if action is sell or action is deliver:
                others.append((place, one))
                if one.order is not None:
                    self._last_fill[one.account, one.symbol, one.order, one.date.toordinal()] = place
                continue
            symbol = one.symbol
            if action is split:
                others.append((place, one))
                assert one.ratio is not None
                key, ratio = (symbol, one.date.toordinal()), one.ratio
                if key not in splits:
                    scales[symbol] = whole(scales.get(symbol, 1) * ratio)
                if splits.setdefault(key, ratio) != ratio:
                    raise unlike_ratio(one)
                continue
            if one.transfer_of is not None:
                others.append((place, one))
                self._transfers.add(one.transfer_of)
                continue
            micros: Micros = one.micros
            fees = one.fees
            if fees:
                n, d = one.micros * one.price + fees * FEMTO_PER_NANO, one.micros
            else:
                n, d = one.price, 1
            if symbol in scales:
                micros, (n, d) = in_units(micros, scales[symbol]), of_unit(n, d, scales[symbol])
            day = (one.acquired or one.date).toordinal()
            own = one.id
            if one.order is not None:
                order = (one.account, symbol, one.order)
                own, since = first_fill.setdefault(order, (own, day))
                if day > since + _LONGEST_ORDER:
                    own = one.id
                    first_fill[order] = own, day
            account = one.account
            lot = Lot(one, taxable[account], day, place, own, n, d, micros, None)
            add(lot)
            if action is not receive:
                # To be given shares is no acquisition (Reg. 1.1091-1(a), (f)).
                acquired(lot)
            if one.id in named:
                self._named[account, one.id] = lot
            queue = queues.get((account, symbol))
            if queue and queue[-1].day <= day:
                queue.append(lot)
            else:
                self._line_up(lot)
        return others

    def _run(self, departures: Sequence[tuple[int, Trade]]) -> None:
        waiting: dict[tuple[str, str, str, int], list[_Gone]] = {}
        sell, deliver, split, taxable = Action.SELL, Action.DELIVER, Action.SPLIT, self._taxable
        for place, one in departures:
            action = one.action
            if action is sell:
                gone: list[_Gone] = []
                self._leave(place, one, gone)
                if one.order is not None:
                    key = (one.account, one.symbol, one.order, one.date.toordinal())
                    gathered = waiting.setdefault(key, [])
                    gathered += gone
                    if self._last_fill[key] != place:
                        continue
                    gone = waiting.pop(key)
                if taxable[one.account]:
                    if len(gone) > 1:
                        gone.sort(key=_by_acquisition)
                    self._realise(gone)
            elif action is deliver:
                self._deliver(place, one)
            elif action is split:
                self._split(place, one)
            else:
                self._receive(one)

    def _line_up(self, lot: Lot) -> None:
        """First in, first out by real acquisition (Reg. 1.1012-1(c)), also of what is received later."""
        queue = self._queues.setdefault((lot.account, lot.trade.symbol), deque())
        insort(queue, lot, key=_by_age)

    def _leave(self, place: int, trade: Trade, gone: list[_Gone]) -> None:
        """Take the shares of ``trade`` out of the lots that it names, else out of what came in first."""
        scale = self.scales.get(trade.symbol, 1) if self.scales else 1
        for name, micros in trade.lots:
            lot = self._named.get((trade.account, name))
            if lot is not None and lot.born > place:
                lot = None  # It will come, but is not there yet.
            if lot is None or lot.trade.symbol != trade.symbol:
                raise no_such_lot(trade, name, lot)
            rest = self._draw(trade, lot, micros if scale == 1 else in_units(micros, scale), gone)
            if rest:
                raise oversold(trade, f"lot {name}", micros, micros - rest * scale)
        if trade.lots:
            return
        left: Micros = trade.micros if scale == 1 else in_units(trade.micros, scale)
        queue = self._queues.get((trade.account, trade.symbol), _NOTHING)
        while left:
            lot = queue[0] if queue else None
            if lot is not None and lot.born > place:
                # What will be received later may have been acquired before what is there.
                lot = next((other for other in queue if other.born <= place), None)
            if lot is None:
                raise oversold(trade, f"account {trade.account}", trade.micros, trade.micros - left * scale)
            left = self._draw(trade, lot, left, gone)
            if not lot.fresh and not lot.pieces:
                queue.remove(lot)

    def _draw(self, trade: Trade, lot: Lot, left: Micros, gone: list[_Gone]) -> Micros:
        """Take up to ``left`` from the front of ``lot``; what the lot has not got."""
        pieces = lot.pieces
        while pieces and left:
            micros, n, d, deemed = pieces[0]
            if micros <= left:
                del pieces[0]
            else:
                pieces[0] = (micros - left, n, d, deemed)
                micros = left
            gone.append((trade, lot, micros, n, d, deemed, False))
            left -= micros
        fresh = lot.fresh
        if left and fresh:
            if fresh <= left:
                lot.fresh = 0
                self._line.drop(lot)
            else:
                lot.fresh -= left
                fresh = left
            gone.append((trade, lot, fresh, lot.n, lot.d, lot.day, True))
            left -= fresh
        return left

    def _realise(self, gone: Sequence[_Gone]) -> None:
        """Gains and losses of one sell order, its lots in order of real acquisition, and what replaces the losses."""
        add, replace = self._taken.append, self._matching.replace
        scale: Micros = 1
        last = None
        day = pn = pd = 0
        for trade, lot, micros, n, d, deemed, _ in gone:
            if trade is not last:
                last, day = trade, trade.date.toordinal()
                if self.scales:
                    scale = self._scaled[trade.id] = self.scales.get(trade.symbol, 1)
                pn, pd = (trade.price, 1) if scale == 1 and not trade.fees else proceeds(trade, scale)
            washed: Micros
            permanent: Micros
            washed = permanent = 0
            loss, ld = n * pd - pn * d, d * pd
            if loss > 0:
                if ld > LONG:
                    loss, ld = settled(loss, ld)
                if loss:
                    washed, permanent = replace(trade, day, lot, micros, loss, ld, deemed)
            add((trade, lot, micros, n, d, deemed, washed, permanent))

    def _deliver(self, place: int, trade: Trade) -> None:
        """Shares leave an account. Those that arrive in another one of the owners' stay in the line while they are on the way."""
        gone: list[_Gone] = []
        self._leave(place, trade, gone)
        if trade.id not in self._transfers:
            return
        parts = self._moving[trade.id] = []
        for lot in dict.fromkeys([one[1] for one in gone]):
            mine = [one for one in gone if one[1] is lot]
            replaced: list[Piece] = [one[2:6] for one in mine if not one[6]]
            fresh = sum([one[2] for one in mine if one[6]])
            part = Lot(lot.trade, lot.taxable, lot.day, lot.born, lot.own, lot.n, lot.d, fresh, replaced)
            self.lots.append(part)
            self._line.insert_behind(lot, part)
            parts.append(part)

    def _receive(self, trade: Trade) -> None:
        """Shares that another account delivered arrive, with their basis and their dates."""
        parts = self._moving.pop(trade.transfer_of, None)
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
            for earlier in self._queues.get((part.account, part.trade.symbol), ()):
                if earlier.trade is part.trade:
                    self._line.join(earlier, part)
            self._named[part.account, part.trade.id] = part
            self._line_up(part)

    def _split(self, place: int, trade: Trade) -> None:
        """Restate ``trade.symbol`` once, however many accounts record it; each account that holds shares must."""
        key = (trade.symbol, trade.date.toordinal())
        missing = self._unsplit.get(key)
        if missing is None:
            assert trade.ratio is not None
            self.scales[trade.symbol] = whole(self.scales.get(trade.symbol, 1) * trade.ratio)
            holders = {
                account
                for (account, symbol), queue in self._queues.items()
                if symbol == trade.symbol and any(lot.held for lot in queue if lot.born <= place)
            }
            missing = self._unsplit[key] = holders
        missing.discard(trade.account)

    def _check_splits(self) -> None:
        for (symbol, day), accounts in self._unsplit.items():
            if accounts:
                raise unlike_splits(symbol, dt.date.fromordinal(day), accounts)


_LONGEST_ORDER = 180
"""Days for which brokers keep an order open at most. What bears the id of an order later is another one: ids are used again."""

_NOTHING: deque[Lot] = deque()


def _by_age(lot: Lot) -> tuple[int, int]:
    return lot.day, lot.born


def _by_acquisition(one: _Gone) -> tuple[int, int]:
    return one[1].day, one[1].born
