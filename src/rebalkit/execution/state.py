"""What the events of a journal come to: runs, their orders, and what the broker is known to have."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Any

from attrs import define, evolve, field, frozen

from rebalkit.errors import JournalError
from rebalkit.execution.events import Event, Kind
from rebalkit.execution.machine import ENDED, OrderPhase, RunPhase, order_step, run_step
from rebalkit.model.orders import OrderRequest, Side
from rebalkit.serial import digest, from_plain

__all__ = ["Leg", "Run", "State", "Watermark"]

_AFTER: Mapping[Kind, frozenset[Side]] = {
    Kind.CASH_READ: frozenset({Side.SELL}),
    Kind.BALANCED: frozenset(Side),
    Kind.RUN_END: frozenset(Side),
    Kind.VOID: frozenset(Side),
}
"""Events of a run that can follow only when its orders on these sides have ended."""
_SENDS: Mapping[Side, RunPhase] = {Side.SELL: RunPhase.SELLING, Side.BUY: RunPhase.BUYING}
"""When the orders of a side are sent."""


@frozen
class Watermark:
    """What the broker showed right before an order was sent.

    Attributes:
        at: When that was, UTC.
        orders: Ids of the broker's orders that this journal does not know as its own.
        position: Shares of the symbol.
        lots: Shares by lot of the symbol.
        cash: USD, settled and unsettled.
    """

    at: dt.datetime
    orders: frozenset[str]
    position: Decimal
    lots: Mapping[str, Decimal] = field(repr=False)
    cash: Decimal


@frozen
class Leg:
    """One order of a plan.

    Attributes:
        number: Its place in the plan, from 0.
        planned: What the plan wanted, under the client id of the first attempt.
        phase: How far it is.
        attempt: Number of the attempt, from 1.
        request: What was last to be ordered; None before its first intent.
        watermark: What the broker showed before it was last sent; None before that.
        order: The broker's id; None while it is not known to have one.
        listed: Whether the broker's list has shown this order under its id, or a person has said so; an answer alone may be wrong.
        filled: Shares filled.
        average_price: USD per filled share; None while nothing is filled.
        fees: USD.
        reason: Why it is where it is: the broker's or a check's words, untrusted; empty when there is nothing to say.
        candidates: The broker's orders that may be this one, as its list showed them, for a person to choose from.
    """

    number: int
    planned: OrderRequest
    phase: OrderPhase = OrderPhase.PLANNED
    attempt: int = 1
    request: OrderRequest | None = None
    watermark: Watermark | None = None
    order: str | None = None
    listed: bool = False
    filled: Decimal = Decimal(0)
    average_price: Decimal | None = None
    fees: Decimal = Decimal(0)
    reason: str = ""
    candidates: tuple[Mapping[str, Any], ...] = ()

    @property
    def asked(self) -> OrderRequest:
        """What was last to be ordered; what the plan wanted before its first intent."""
        return self.request or self.planned

    @property
    def ended(self) -> bool:
        """Whether nothing more will happen to it."""
        return self.phase in ENDED

    @property
    def only_answered(self) -> bool:
        """Whether its id at the broker is known by an answer alone, which may have been wrong."""
        return self.order is not None and not self.listed


@define
class Run:
    """The carrying out of one plan.

    Attributes:
        run: Id of the plan.
        account: The account that it trades in.
        live: Whether its orders move real money.
        folder: Where the files of the run are.
        as_of: Day in New York that the plan is for.
        positions: Shares by symbol when it began, of the symbols of the plan.
        cash: USD when it began.
        legs: Its orders by number.
        phase: How far it is.
        stopped: Why nothing more is sent at present; empty while it goes on.
        started: When it began, UTC.
        end: How it ended, as `rebalkit.model.reports.ExecutionEnd` has it; empty before.
        sizes: Shares by leg that the purchases were sized to; None before that.
        moved: Shares by symbol that its orders have brought or, below 0, taken; the symbol that traded last is the last one.
        earned: USD that they have brought or, below 0, cost, fees included.
    """

    run: str
    account: str
    live: bool
    folder: str
    as_of: dt.date
    positions: Mapping[str, Decimal]
    cash: Decimal
    legs: dict[int, Leg]
    started: dt.datetime
    phase: RunPhase = RunPhase.DRAFT
    stopped: str = ""
    end: str = ""
    sizes: Mapping[int, Decimal] | None = None
    moved: dict[str, Decimal] = field(factory=dict)
    earned: Decimal = Decimal(0)

    @property
    def over(self) -> bool:
        """Whether nothing more will happen to it."""
        return self.phase in (RunPhase.DONE, RunPhase.VOID)

    @property
    def sells(self) -> Iterator[Leg]:
        """The sales, in the plan's order."""
        return (leg for leg in self.legs.values() if leg.planned.side is Side.SELL)

    @property
    def buys(self) -> Iterator[Leg]:
        """The purchases, in the plan's order."""
        return (leg for leg in self.legs.values() if leg.planned.side is Side.BUY)


class State:
    """The fold over the events of one account.

    Attributes:
        runs: All runs by id, oldest first.
        orders: The broker's orders that are known to be ours: id to run and leg.
    """

    def __init__(self, events: Iterable[Event] = ()) -> None:
        self.runs: dict[str, Run] = {}
        self.orders: dict[str, tuple[str, int]] = {}
        self._requests: dict[str, str] = {}
        for event in events:
            self.apply(event)

    @property
    def open_run(self) -> Run | None:
        """The run that is not over; there is never more than one."""
        last = next(reversed(self.runs.values()), None)
        return None if last is None or last.over else last

    def was_sent(self, client_id: str) -> bool:
        """Whether an order of this client id was ever about to be sent."""
        return client_id in self._requests

    def apply(self, event: Event) -> None:
        """Take in the next event. Raises JournalError, and changes nothing, where it cannot follow on the ones before."""
        if event.kind is Kind.RUN_START:
            self._start(event)
            return
        run = self.runs.get(event.run)
        if run is None:
            raise _impossible(event, "its run never started")
        if event.leg is None:
            self._of_run(run, event)
            return
        leg = run.legs.get(event.leg)
        if leg is None:
            raise _impossible(event, "the plan has no such order")
        if run.over and event.kind is not Kind.LATE_FILL:
            raise _impossible(event, "its run is over")
        if event.kind is not Kind.INTENT and event.client_id not in (leg.asked.client_id, None):
            raise _impossible(event, f"order {leg.number} is {leg.asked.client_id}")
        self._of_order(run, leg, event)

    def _start(self, event: Event) -> None:
        if event.run in self.runs:
            raise _impossible(event, "the plan was begun already")
        if self.open_run is not None:
            raise _impossible(event, f"the run of plan {self.open_run.run} is not over")
        body = event.body
        planned = [from_plain(OrderRequest, one) for one in body["orders"]]
        self.runs[event.run] = Run(
            event.run,
            body["account"],
            body["live"],
            body["folder"],
            dt.date.fromisoformat(body["as_of"]),
            {symbol: Decimal(shares) for symbol, shares in body["positions"].items()},
            Decimal(body["cash"]),
            {number: Leg(number, request) for number, request in enumerate(planned)},
            dt.datetime.fromisoformat(event.at),
        )

    def _of_run(self, run: Run, event: Event) -> None:
        phase = run_step(run.phase, event.kind)
        if event.kind in _AFTER:
            waiting = next((leg for leg in run.legs.values() if leg.planned.side in _AFTER[event.kind] and not leg.ended), None)
            if waiting is not None:
                raise _impossible(event, f"order {waiting.number} has not ended")
        if event.kind in (Kind.VOID, Kind.RUN_END):
            run.end = event.body["end"]
        elif event.kind is Kind.BUYS_SIZED:
            run.sizes = {int(number): Decimal(shares) for number, shares in event.body["sizes"].items()}
        run.stopped = event.body["reason"] if event.kind is Kind.STOP else ""
        run.phase = phase

    def _of_order(self, run: Run, leg: Leg, event: Event) -> None:
        after = evolve(leg, phase=order_step(leg.phase, event.kind), reason=event.body.get("reason", ""), candidates=())
        kind, body = event.kind, event.body
        if kind is Kind.INTENT:
            after = self._intended(leg, after, event)
        elif kind in (Kind.SENDING, Kind.SENDING_AGAIN):
            after = self._sent(run, leg, after, event)
        elif kind is Kind.ACK:
            order = body["order"]
            if order in self.orders:
                raise _impossible(event, f"the broker's order {order} is another one's")
            self.orders[order] = run.run, leg.number
            after = evolve(after, order=order, listed=body["by"] != "answer")
        elif kind is Kind.UNKNOWN and leg.order is not None:
            if not leg.only_answered:
                raise _impossible(event, f"the broker's list has shown order {leg.order} as this one")
            del self.orders[leg.order]
            after = evolve(after, order=None)
        elif kind is Kind.ASK:
            after = evolve(after, candidates=tuple(body["candidates"]))
        elif "filled" in body:
            after = evolve(_filled(leg, after, event), listed=True)
            if after.filled != leg.filled:  # moved to the end: it is the one that moved last
                symbol = leg.planned.symbol
                run.moved[symbol] = run.moved.pop(symbol, Decimal(0)) + _effect(after) - _effect(leg)
            run.earned += _proceeds(after) - _proceeds(leg)
        run.legs[leg.number] = after

    def _intended(self, leg: Leg, after: Leg, event: Event) -> Leg:
        request, attempt = from_plain(OrderRequest, event.body["request"]), event.body["attempt"]
        expected = leg.attempt + 1 if leg.phase is OrderPhase.NOT_PLACED else leg.attempt
        if attempt != expected:
            raise _impossible(event, f"attempt {attempt} cannot follow on attempt {leg.attempt}")
        if request.client_id != event.client_id or (request.side, request.symbol) != (leg.planned.side, leg.planned.symbol):
            raise _impossible(event, "it is another order")
        if self._requests.get(request.client_id, digest(request)) != digest(request):
            raise _impossible(event, f"client id {request.client_id} was another order's")
        return evolve(after, request=request, attempt=attempt)

    def _sent(self, run: Run, leg: Leg, after: Leg, event: Event) -> Leg:
        body = event.body
        if run.stopped or run.phase is not _SENDS[leg.planned.side]:
            raise _impossible(event, f"nothing is sent while the run is {'stopped' if run.stopped else run.phase.value}")
        assert leg.request is not None
        wanted, before = digest(leg.request), self._requests.get(leg.request.client_id)
        if body["request"] != wanted or event.client_id != leg.request.client_id:
            raise _impossible(event, "it is not the order that was intended")
        if before != (None if event.kind is Kind.SENDING else wanted):
            raise _impossible(event, f"client id {leg.request.client_id} was {'never' if before is None else 'already'} sent")
        mark = leg.watermark
        if "orders" in body:
            mark = Watermark(
                dt.datetime.fromisoformat(event.at),
                frozenset(body["orders"]),
                Decimal(body["position"]),
                {lot: Decimal(shares) for lot, shares in body["lots"].items()},
                Decimal(body["cash"]),
            )
        self._requests[leg.request.client_id] = wanted
        return evolve(after, watermark=mark)


def _effect(leg: Leg) -> Decimal:
    """Shares that ``leg`` has brought or, below 0, taken."""
    return leg.filled if leg.planned.side is Side.BUY else -leg.filled


def _proceeds(leg: Leg) -> Decimal:
    """USD that ``leg`` has brought or, below 0, cost."""
    return -_effect(leg) * (leg.average_price or 0) - leg.fees


def _filled(leg: Leg, after: Leg, event: Event) -> Leg:
    filled, price = Decimal(event.body["filled"]), event.body["price"]
    assert leg.request is not None
    if not leg.filled <= filled <= leg.request.quantity:
        raise _impossible(event, f"{filled} shares cannot be filled after {leg.filled} of {leg.request.quantity}")
    return evolve(after, filled=filled, average_price=None if price is None else Decimal(price), fees=Decimal(event.body["fees"]))


def _impossible(event: Event, reason: str) -> JournalError:
    return JournalError(
        f"the event {event.kind.value} cannot be: {reason}",
        place=f"journal, event {event.seq}",
        code="impossible_event",
        remedy="Nothing more is sent. Please report it with the output of `rebalkit journal show`.",
    )
