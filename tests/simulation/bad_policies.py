"""Ways of executing that look reasonable and are not: each must be caught by the simulation, or the simulation is worth nothing.

A policy changes what it is about and nothing else: a method of the executor, a function that it calls, the disk or the connection.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import itertools
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any

import pytest
from attrs import frozen

from rebalkit.execution import executor as executing
from rebalkit.execution import following, placing, pretrade, reconcile, sending
from rebalkit.execution.events import Event, Kind
from rebalkit.execution.executor import Executor
from rebalkit.execution.ids import client_id
from rebalkit.execution.journal import Journal
from rebalkit.execution.machine import OrderPhase
from rebalkit.execution.sending import Sender
from rebalkit.execution.state import Run
from rebalkit.execution.world import World
from rebalkit.model import OrderPreview, OrderState, PlaceResult, Refused, Side, Unknown
from rebalkit.testing.simulation import MemoryStore, Settings, SimBroker

Plant = Callable[[pytest.MonkeyPatch], Settings]


@frozen
class Policy:
    """A bad policy, the promises that it breaks, and how it is planted."""

    breaks: tuple[str, ...]
    plant: Plant


def _not_placed(world: World, run: Run, number: int) -> None:
    """Take it for not placed, so that it is sent again under another id."""
    leg = run.legs[number]
    if leg.phase is OrderPhase.SENDING:
        world.journal.record(Kind.UNKNOWN, run.run, number, leg.asked.client_id, reason="no answer")
    world.journal.record(Kind.NOT_PLACED, run.run, number, leg.asked.client_id, reason="not seen", by="policy")


def resend_at_once(patch: pytest.MonkeyPatch) -> Settings:
    patch.setattr(Executor, "_find", lambda self, run, number, sender: _not_placed(self.world, run, number))
    return Settings()


def look_at_open_orders_only(patch: pytest.MonkeyPatch) -> Settings:
    listed = reconcile.listed_orders
    patch.setattr(
        reconcile, "listed_orders", lambda world, run: [one for one in listed(world, run) if one.state is OrderState.OPEN]
    )
    return wait_then_resend(patch)


def look_once_and_resend(patch: pytest.MonkeyPatch) -> Settings:
    patch.setattr(reconcile, "PATIENCE", (0.0,))
    return wait_then_resend(patch)


def wait_then_resend(patch: pytest.MonkeyPatch) -> Settings:
    """Without a look at the account, and without proof."""
    patch.setattr(reconcile, "_traces", lambda world, run, leg: "")

    def find(self: Executor, run: Run, number: int, sender: Sender) -> None:
        if not executing.find_order(self.world, run, number):
            _not_placed(self.world, run, number)

    patch.setattr(Executor, "_find", find)
    return Settings()


class OneBehind:
    """A disk that says that it has written an event and writes it when the next one comes."""

    def __init__(self, store: MemoryStore) -> None:
        self.store = store
        self.waiting: list[Event] = []

    def events(self) -> Sequence[Event]:
        return self.store.events()

    def append(self, event: Event) -> None:
        waiting, self.waiting = self.waiting, [event]
        for one in waiting:
            self.store.append(one)


def acknowledge_before_writing(patch: pytest.MonkeyPatch) -> Settings:
    return Settings(journal=lambda store, now: Journal(OneBehind(store), now))


class LosesTail:
    """A disk that has lost its last events when the program comes back."""

    def __init__(self, store: MemoryStore) -> None:
        self.store = store

    def events(self) -> Sequence[Event]:
        if len(self.store.kept) > 12:
            del self.store.kept[-2:], self.store.moments[-2:]
        return self.store.events()

    def append(self, event: Event) -> None:
        self.store.append(event)


def lose_the_tail(patch: pytest.MonkeyPatch) -> Settings:
    return Settings(journal=lambda store, now: Journal(LosesTail(store), now))


def send_before_it_is_written(patch: pytest.MonkeyPatch) -> Settings:
    """The call first, the note of it after."""
    record = Sender._record
    kept: dict[int, Any] = {}

    def late_record(self: Sender, kind: Kind, number: int, request: Any, /, **body: Any) -> None:
        if kind is Kind.SENDING:
            kept[number] = request, body
        else:
            record(self, kind, number, request, **body)

    def early_answer(world: World, run: Run, number: int, preview: OrderPreview) -> PlaceResult:
        said: PlaceResult
        try:
            said = world.broker.place(run.account, preview)
        except Exception as problem:  # noqa: BLE001 - as the true one
            said = Unknown(str(problem))
        if number in kept:
            request, body = kept.pop(number)
            world.journal.record(Kind.SENDING, run.run, number, request.client_id, **body)
        return said

    patch.setattr(Sender, "_record", late_record)
    patch.setattr(placing, "_answer", early_answer)
    return Settings()


def no_watermark(patch: pytest.MonkeyPatch) -> Settings:
    """Any order of that symbol will be it."""

    def candidates(world: World, run: Run, leg: Any) -> Any:
        ours = world.journal.state.orders
        new = [one for one in reconcile.listed_orders(world, run) if one.order not in ours]
        return [one for one in new if one.symbol == leg.planned.symbol][:1], True

    patch.setattr(reconcile, "_candidates", candidates)
    return Settings()


def first_of_two_candidates(patch: pytest.MonkeyPatch) -> Settings:
    candidates = reconcile._candidates

    def first(world: World, run: Run, leg: Any) -> Any:
        found, _ = candidates(world, run, leg)
        return [one for one in found if reconcile._like(one, leg)][:1], True

    patch.setattr(reconcile, "_candidates", first)
    return Settings()


def float_sizing(patch: pytest.MonkeyPatch) -> Settings:
    def sized(cash: Decimal, price: Decimal, step: Decimal) -> Decimal:
        return Decimal(round(float(cash) / float(price) / float(step))) * step

    patch.setattr(sending, "affordable", sized)
    patch.setattr(sending, "affordable_preview", lambda world, account, request, cash, step: _previewed(world, account, request))
    patch.setattr(pretrade, "_cash", lambda situation: ())
    return Settings()


def _previewed(world: World, account: str, request: Any) -> OrderPreview:
    return sending.previewed(world, account, request)


def _planned_sizes(self: Executor, run: Run) -> Mapping[int, Decimal]:
    return {leg.number: leg.planned.quantity for leg in run.buys}


def ignore_partial_fills(patch: pytest.MonkeyPatch) -> Settings:
    """Purchases are sized from what the sales were to bring."""

    def spendable(self: Sender, account: Any) -> Decimal:
        sold = sum(leg.planned.quantity * (leg.planned.limit or 0) for leg in self.run.sells)
        return self.run.cash + sold

    patch.setattr(Sender, "_spendable", spendable)
    patch.setattr(Executor, "_sizes", _planned_sizes)
    return Settings()


def cash_not_read_again(patch: pytest.MonkeyPatch) -> Settings:
    """The journal knows what there must be."""
    patch.setattr(Sender, "_spendable", lambda self, account: sending.expected_cash(self.run))
    patch.setattr(Executor, "_sizes", _planned_sizes)
    return Settings()


def unknown_is_refused(patch: pytest.MonkeyPatch) -> Settings:
    answer = placing._answer

    def refused(world: World, run: Run, number: int, preview: OrderPreview) -> PlaceResult:
        said = answer(world, run, number, preview)
        return Refused("failed", said.why) if isinstance(said, Unknown) else said

    patch.setattr(placing, "_answer", refused)
    return Settings()


class Amnesia:
    """A disk that nobody reads: each start is the first."""

    def __init__(self, store: MemoryStore) -> None:
        self.store = store

    def events(self) -> Sequence[Event]:
        return ()

    def append(self, event: Event) -> None:
        if event.kind in (Kind.SENDING, Kind.SENDING_AGAIN):
            self.store.sending[str(event.client_id)] = event.body["request"]


def rerun_from_scratch(patch: pytest.MonkeyPatch) -> Settings:
    """With new ids, for the old ones are taken."""
    starts = itertools.count()

    def journal(store: Any, now: Callable[[], dt.datetime]) -> Journal:
        start = next(starts)
        patch.setattr(
            sending, "client_id", lambda account, plan, leg, attempt: client_id(f"{account}{start}", plan, leg, attempt)
        )
        return Journal(Amnesia(store), now)

    return Settings(journal=journal)


class PlacesAgain:
    """A connection that tries once more when placing fails."""

    def __init__(self, broker: SimBroker) -> None:
        self._broker = broker

    def __getattr__(self, name: str) -> Any:
        return getattr(self._broker, name)

    def place(self, account: str, preview: OrderPreview) -> PlaceResult:
        try:
            return self._broker.place(account, preview)
        except Exception:  # noqa: BLE001 - that is what is bad about it
            return self._broker.place(account, preview)


def place_again_after_an_exception(patch: pytest.MonkeyPatch) -> Settings:
    return Settings(connect=PlacesAgain)  # type: ignore[arg-type]


def sending_counts_as_not_sent(patch: pytest.MonkeyPatch) -> Settings:
    """After a crash nobody answered, so nothing was placed."""
    find = Executor._find

    def not_sent(self: Executor, run: Run, number: int, sender: Sender) -> None:
        if run.legs[number].phase is OrderPhase.SENDING:
            _not_placed(self.world, run, number)
        else:
            find(self, run, number, sender)

    patch.setattr(Executor, "_find", not_sent)
    return Settings()


def ignore_the_wash_sale_rule(patch: pytest.MonkeyPatch) -> Settings:
    """It is looked at, and nothing follows from it."""

    def made(world: World, mandate: Any, recheck: Any, event: Any) -> Executor:
        return Executor(world, mandate, lambda request: recheck(request) and (), event)

    return Settings(executor=made)


def sell_without_looking(patch: pytest.MonkeyPatch) -> Settings:
    for check in ("_foreign", "_position", "_lots", "_busy"):
        patch.setattr(pretrade, check, lambda situation: ())
    return Settings(executor=lambda world, mandate, recheck, event: Executor(world, mandate, lambda request: (), event))


def pay_any_price(patch: pytest.MonkeyPatch) -> Settings:
    limit = sending.limit_price
    patch.setattr(
        sending,
        "limit_price",
        lambda side, planned, quote, rules: limit(side, quote.ask if side is Side.BUY else planned, quote, rules),
    )
    return Settings()


def take_a_cancellation_for_done(patch: pytest.MonkeyPatch) -> Settings:
    def cancel(world: World, run: Run, number: int, event: Any) -> None:
        leg = run.legs[number]
        world.journal.record(Kind.CANCELLING, run.run, number, leg.asked.client_id)
        with contextlib.suppress(Exception):
            world.broker.cancel(run.account, leg.order or "")
        price = None if leg.average_price is None else str(leg.average_price)
        body = {"filled": str(leg.filled), "price": price, "fees": str(leg.fees)}
        world.journal.record(Kind.CANCELLED, run.run, number, leg.asked.client_id, **body)

    patch.setattr(following, "_cancel", cancel)
    for module in (executing, sending):
        patch.setattr(module, "refuse_late_fills", lambda world, run, listed: None)
    patch.setattr(executing, "check_lots_sold", lambda world, run, number: None)
    patch.setattr(Executor, "_check_positions", lambda self, run: None)
    return Settings()


POLICIES: Mapping[str, Policy] = {
    "resend at once under a new id": Policy(("S2", "S3"), resend_at_once),
    "look at open orders only": Policy(("S2", "S3"), look_at_open_orders_only),
    "look once and resend": Policy(("S2", "S3"), look_once_and_resend),
    "wait, then resend": Policy(("S2", "S3"), wait_then_resend),
    "acknowledge before writing": Policy(("S4",), acknowledge_before_writing),
    "lose the tail of the journal": Policy(("S2", "S4", "S8"), lose_the_tail),
    "send before it is written": Policy(("S4",), send_before_it_is_written),
    "no watermark": Policy(("S2",), no_watermark),
    "take the first of two candidates": Policy(("S2",), first_of_two_candidates),
    "size with floats": Policy(("S5",), float_sizing),
    "ignore partial fills": Policy(("S5",), ignore_partial_fills),
    "do not read the cash again": Policy(("S5",), cash_not_read_again),
    "unknown is refused": Policy(("S3",), unknown_is_refused),
    "rerun from scratch": Policy(("S2",), rerun_from_scratch),
    "place again after an exception": Policy(("S2",), place_again_after_an_exception),
    "sending counts as not sent": Policy(("S2", "S3"), sending_counts_as_not_sent),
    "ignore the wash-sale rule": Policy(("S6",), ignore_the_wash_sale_rule),
    "sell without looking": Policy(("S5",), sell_without_looking),
    "pay any price": Policy(("S5",), pay_any_price),
    "take a cancellation for done": Policy(("S3",), take_a_cancellation_for_done),
}
