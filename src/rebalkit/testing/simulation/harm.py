"""What an order of ours does wrong at the moment it lands, judged from the broker's truth and from what it had shown by then."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping

from attrs import frozen

from rebalkit.execution.ids import client_id
from rebalkit.model.history import Transaction
from rebalkit.model.identity import IdentityGroups
from rebalkit.model.orders import OrderRequest, Side
from rebalkit.model.plans import Order, Plan
from rebalkit.money import tick_up, to_micros
from rebalkit.serial import digest
from rebalkit.testing.simulation.book import cost_of, proceeds_of
from rebalkit.testing.simulation.orders import SimOrder
from rebalkit.testing.simulation.store import MemoryStore
from rebalkit.testing.simulation.venue import Venue

__all__ = ["Witness"]

_WINDOW = dt.timedelta(days=30)
_ROUNDING = 2
"""Cents that a sale out of several lots may lose by rounding alone."""


@frozen
class _Seen:
    """What the broker had shown.

    Attributes:
        changes: How many changes that others made.
        transactions: By account, how many of the transactions.
        cash: Cents that a purchase might use.
        there: Cents that it really might use.
        all_fills: Whether its list had shown all that orders of ours had filled.
    """

    changes: int
    transactions: Mapping[str, int]
    cash: int
    there: int
    all_fills: bool


class Witness:
    """Looks at every order of ours that lands.

    Args:
        venue: The truth.
        store: What is in the journal.
        plan: What was approved.
        plan_id: Its id.
        groups: What counts as one for the wash-sale rule.
        settled_only: Whether purchases may spend settled cash only.

    Attributes:
        violations: What must never happen and did, each with the promise that it breaks.
    """

    def __init__(
        self, venue: Venue, store: MemoryStore, plan: Plan, plan_id: str, groups: IdentityGroups, *, settled_only: bool
    ) -> None:
        self._venue = venue
        self._store = store
        self._plan = plan
        self._groups = groups
        self._settled_only = settled_only
        self._legs: Mapping[str, int] = {
            client_id(plan.account, plan_id, number, attempt): number
            for number in range(len(plan.orders))
            for attempt in range(1, 5)
        }
        self.violations: list[str] = []
        self._seen: dict[str, _Seen] = {}

    def sent(self, request: OrderRequest) -> None:
        """Note what the broker had shown when ``request`` was sent: nobody can heed what shows while it is under way."""
        venue, cash = self._venue, self._venue.seen_cash
        self._seen[request.client_id] = _Seen(
            venue.seen_changes,
            dict(venue.seen_transactions),
            int((cash.settled if self._settled_only else cash.total) * 100),
            venue.book.settled if self._settled_only else venue.book.cents,
            all(one.filled == one.shown_filled for one in venue.orders.values() if one.ours),
        )

    def leg_of(self, order: SimOrder | OrderRequest) -> int | None:
        """The number of the order of the plan that ``order`` carries out; by its side and symbol where it has a foreign client id."""
        number = self._legs.get(order.client_id or "")
        if number is not None:
            return number
        alike = (n for n, one in enumerate(self._plan.orders) if (one.side, one.symbol) == (order.side, order.symbol))
        return next(alike, None)

    def landed(self, order: SimOrder, request: OrderRequest) -> None:
        """Judge an order of ours that has just landed."""
        number = self.leg_of(order)
        if number is None:
            self.violations.append(f"S2 order {order.order}: {order.side} {order.symbol} is not in the plan")
            return
        planned = self._plan.orders[number]
        if not order.doubled:
            self.violations += [*self._sent_before(order, request), *self._only_one(order, number)]
        self.violations += [*self._within(order, planned), *self._there(order, request), *self._unwashed(order, request)]

    def _sent_before(self, order: SimOrder, request: OrderRequest) -> Iterator[str]:
        if self._store.sending.get(request.client_id) != digest(request):
            yield f"S4 order {order.order} ({request.client_id}) landed before it was in the journal as about to be sent"

    def _only_one(self, order: SimOrder, number: int) -> Iterator[str]:
        others = [one.order for one in self._venue.orders.values() if one.ours and not one.doubled and self.leg_of(one) == number]
        if len(others) > 1:
            yield f"S2 leg {number} is at the broker {len(others)} times: orders {', '.join(others)}"

    def _within(self, order: SimOrder, planned: Order) -> Iterator[str]:
        if order.micros > to_micros(planned.quantity):
            yield f"S5 order {order.order} is for more shares than were approved"
        if order.side is Side.BUY and order.limit > tick_up(planned.limit) * 10_000:
            yield f"S5 order {order.order} may cost more a share than was approved"

    def _there(self, order: SimOrder, request: OrderRequest) -> Iterator[str]:
        """Sold shares are held and free, and what is bought can be paid, by what the broker had shown."""
        venue, seen = self._venue, self._seen[request.client_id]
        if order.doubled or venue.changes > seen.changes:
            return
        if order.side is Side.BUY:
            worst = cost_of(order.micros, order.limit) + venue.fee
            # What filled after an order had ended, was in no list yet and is not in the cash that was shown, nobody could know.
            if worst > seen.there and (seen.all_fills or worst > seen.cash):
                yield f"S5 order {order.order} may cost {worst} cents, and there were {seen.there}"
            return
        for lot, micros in _asked(request):
            held = venue.book.lots[lot].micros if lot in venue.book.lots else 0
            bound = sum(part for one in venue.working if one is not order for name, part in one.lots if name == lot)
            if micros > held - bound:
                yield f"S5 order {order.order} sells {micros} micro-shares of lot {lot}, and {held - bound} are free"

    def _unwashed(self, order: SimOrder, request: OrderRequest) -> Iterator[str]:
        """Neither a purchase nor a sale at a loss would wash a loss, by what the broker had shown."""
        if order.doubled:
            return
        venue, group = self._venue, self._groups.of(order.symbol)
        seen = self._seen[request.client_id].transactions
        first = venue.day - _WINDOW
        losses = [
            one for one in venue.realised
            if one.taxable and one.cents < -_ROUNDING and one.day >= first and self._groups.of(one.symbol) == group
            and self._was_shown(one.index, seen)
        ]  # fmt: skip
        lost = sum(one.micros for one in losses)
        if order.side is Side.BUY:
            since = min((one.day for one in losses), default=first) - _WINDOW
            if lost > sum(to_micros(one.quantity) for one in self._acquired(group, since) if one.order != order.order):
                yield f"S6 order {order.order} buys {order.symbol} within 30 days of a loss on {losses[0].symbol} that was shown"
        elif self._loses(request) and self._still_held(group, first, seen) > lost:
            yield f"S6 order {order.order} sells {order.symbol} at a loss within 30 days of a purchase that was shown"

    def _was_shown(self, index: int, seen: Mapping[str, int]) -> bool:
        return index < seen[self._venue.transactions[index].account]

    def _acquired(self, group: str, since: dt.date) -> Iterator[Transaction]:
        """What came in ``group`` since then."""
        for one in self._venue.transactions:
            if one.date >= since and one.action.acquires and self._groups.of(one.symbol) == group:
                yield one

    def _still_held(self, group: str, since: dt.date, seen: Mapping[str, int]) -> int:
        """Micro-shares of ``group`` that came since then, were ``seen`` and are still there."""
        books = self._venue.books
        shown = {id(one) for index, one in enumerate(self._venue.transactions) if self._was_shown(index, seen)}
        return sum(
            books[one.account].lots[one.lot].micros
            for one in self._acquired(group, since)
            if id(one) in shown and one.lot is not None and one.lot in books[one.account].lots
        )

    def _loses(self, request: OrderRequest) -> bool:
        """Whether a lot of the sale loses money at its limit."""
        lots, limit = self._venue.book.lots, int((request.limit or 0) * 10_000)
        return any(
            proceeds_of(micros, limit) < lots[lot].cents * micros // lots[lot].micros
            for lot, micros in _asked(request)
            if lot in lots
        )


def _asked(request: OrderRequest) -> Iterator[tuple[str, int]]:
    """The lots that were asked for, whatever the broker takes, with their micro-shares."""
    return ((part.lot, to_micros(part.quantity)) for part in request.lots)
