"""The simulated broker's own books: nothing is lost or found, and its parts do what they say."""

from __future__ import annotations

import datetime as dt
import random

import pytest

from rebalkit.errors import JournalError
from rebalkit.execution.events import START, Kind, bound
from rebalkit.model import Action, LotSale, OrderRequest, OrderState, Side
from rebalkit.model.accounts import AccountKind
from rebalkit.money import from_micros, to_cents, to_micros
from rebalkit.testing.simulation import Crash, Dice, MemoryStore, Settings, SimClock, Steps, Venue
from rebalkit.testing.simulation.book import Book, cost_of, proceeds_of
from rebalkit.testing.simulation.market import Market
from rebalkit.testing.simulation.play import _Life
from rebalkit.testing.simulation.scene import Scene

START_MOMENT = dt.datetime(2026, 3, 10, 15, tzinfo=dt.UTC)
SHARE = 10**6


def made(rates: dict[str, float] | None = None, cents: int = 10**7) -> Venue:
    dice = Dice(1)
    dice.set_rates(rates or {})
    market = Market(dice)
    market.list_symbol("AAA", 50_0000, 100)
    book = Book("main", AccountKind.TAXABLE, cents)
    book.add("old", "AAA", 100 * SHARE, dt.date(2025, 1, 2), 400_000)
    return Venue(SimClock(Steps(dice), dice, START_MOMENT), dice, market, {"main": book}, 3)


def request(side: Side, shares: int, limit: str, lot: str = "old") -> OrderRequest:
    lots = (LotSale(lot, shares),) if side is Side.SELL else ()
    return OrderRequest("A" * 20, side, "AAA", shares, lots, limit)


def later(venue: Venue, seconds: int) -> None:
    venue.clock.advance(seconds * 1000)
    venue.progress()


def test_a_purchase_costs_its_price_and_fee_and_a_sale_brings_them() -> None:
    venue = made()
    bought = venue.land(request(Side.BUY, 10, "50.01"))
    later(venue, 1)
    assert bought.state is OrderState.FILLED
    assert venue.book.cents == 10**7 - 10 * 5001 - 3
    assert venue.book.lots[f"of order {bought.order}"].cents == 10 * 5001 + 3
    sold = venue.land(request(Side.SELL, 100, "50.00"))
    later(venue, 1)
    assert sold.state is OrderState.FILLED
    assert venue.book.cents == 10**7 - 10 * 5001 - 3 + 100 * 5000 - 3
    assert (venue.book.unsettled, "old" in venue.book.lots) == (100 * 5000 - 3, False)
    assert venue.realised[-1].cents == 100 * 5000 - 3 - 400_000
    assert [one.action for one in venue.transactions] == [Action.BUY, Action.SELL]


def test_an_order_waits_for_its_limit_and_ends_with_the_day() -> None:
    venue = made()
    low = venue.land(request(Side.BUY, 10, "49.00"))
    later(venue, 3600)
    assert (low.state, low.filled) == (OrderState.OPEN, 0)
    later(venue, 5 * 3600)
    assert low.state is OrderState.EXPIRED
    assert not venue.open


def test_cash_settles_overnight() -> None:
    venue = made()
    venue.land(request(Side.SELL, 100, "50.00"))
    later(venue, 1)
    assert venue.book.unsettled
    later(venue, 24 * 3600)
    assert venue.book.unsettled == 0
    assert venue.day == dt.date(2026, 3, 11)


def test_a_sale_of_shares_that_are_gone_is_rejected() -> None:
    venue = made()
    venue.book.take("old", 100 * SHARE)
    order = venue.land(request(Side.SELL, 100, "50.00"))
    later(venue, 1)
    assert (order.state, venue.book.cents) == (OrderState.REJECTED, 10**7)


def test_rounding_is_never_in_favour_of_the_account() -> None:
    chance = random.Random(1)
    for _ in range(1000):
        micros, price = chance.randrange(1, 10**9), chance.randrange(1, 10**7)
        assert 0 <= cost_of(micros, price) * 10**8 - micros * price < 10**8
        assert 0 <= micros * price - proceeds_of(micros, price) * 10**8 < 10**8


def test_the_cost_of_a_lot_taken_in_parts_is_conserved_to_the_cent() -> None:
    chance = random.Random(2)
    for _ in range(200):
        book, micros, cents = Book("main", AccountKind.TAXABLE, 0), chance.randrange(3, 10**8), chance.randrange(1, 10**7)
        book.add("lot", "AAA", micros, dt.date(2025, 1, 2), cents)
        taken = 0
        while "lot" in book.lots:
            taken += book.take("lot", chance.randrange(1, book.lots["lot"].micros + 1))
        assert taken == cents


@pytest.mark.parametrize("seed", range(60))
def test_in_a_whole_life_cash_and_shares_are_what_the_transactions_come_to(seed: int) -> None:
    """To the cent and the micro-share, with everything that others do; only dividends bring cash without a transaction."""
    settings = Settings(rates=dict.fromkeys(MOVING, 0.05))
    life = _Life(seed, settings)
    before = {name: book.cents for name, book in life.scene.venue.books.items()}
    life.played()
    venue = life.scene.venue
    shares: dict[tuple[str, str], int] = {}
    for one in venue.transactions:
        held, micros = (one.account, one.symbol), to_micros(one.quantity)
        if one.action is Action.SPLIT:
            shares[held] = shares[held] * int(one.quantity)
        else:
            shares[held] = shares.get(held, 0) + (-micros if one.action is Action.SELL else micros)
    for (account, symbol), micros in shares.items():
        assert venue.books[account].shares(symbol) == micros
    # What others trade has no order; what it cost is its quantity at its price.
    cash = dict(before)
    for one in venue.transactions:
        if one.date >= START_MOMENT.date() and one.order is None and one.action in (Action.BUY, Action.SELL):
            amount = to_micros(one.quantity) * int(one.price * 10_000)  # type: ignore[operator]
            cash[one.account] += -cost_of(amount, 1) if one.action is Action.BUY else proceeds_of(amount, 1)
    for order in venue.orders.values():
        cash[venue.account] += (order.cents if order.side is Side.SELL else -order.cents) - order.fees
    assert {name: book.cents for name, book in venue.books.items()} == cash


MOVING = ("partial", "unfilled", "late_fill", "foreign_purchase", "foreign_sale", "reinvestment", "split", "doubled_request")


def test_a_crash_comes_at_its_step_and_what_was_written_stays() -> None:
    dice = Dice(1)
    steps = Steps(dice)
    store = MemoryStore(steps, dice)
    steps.start(crash_at=3)
    first = bound(START, 1, "2026-03-10T15:00:00+00:00", "run", Kind.RESUME, None, None, {})
    store.append(first)
    with pytest.raises(Crash):
        store.append(bound(first.hash, 2, "2026-03-10T15:00:00+00:00", "run", Kind.RESUME, None, None, {}))
    assert store.events() == (first,)
    assert steps.trace[-1] == "crash"


@pytest.mark.parametrize(("fault", "kept"), [("disk_full", 0), ("disk_torn", 1)])
def test_a_disk_fails_before_or_after_the_event_is_on_it(fault: str, kept: int) -> None:
    dice = Dice(1)
    dice.set_rates({fault: 1})
    store = MemoryStore(Steps(dice), dice)
    with pytest.raises(JournalError):
        store.append(bound(START, 1, "2026-03-10T15:00:00+00:00", "run", Kind.RESUME, None, None, {}))
    assert len(store.events()) == kept


def test_time_passes_only_while_somebody_waits() -> None:
    dice = Dice(1)
    clock = SimClock(Steps(dice), dice, START_MOMENT)
    assert clock.now() == clock.now() == START_MOMENT
    clock.sleep(1.5)
    assert clock.now() - START_MOMENT == dt.timedelta(seconds=1.5)
    assert clock.monotonic() == 1.5
    clock.skew(-60)
    assert clock.true_now - clock.now() == dt.timedelta(seconds=60)
    assert clock.monotonic() == 1.5


def test_a_fault_that_there_is_not_cannot_be_asked_for() -> None:
    with pytest.raises(KeyError):
        Dice(1).set_rates({"lightning": 1})


def test_what_a_broker_shows_is_what_it_has() -> None:
    """Without faults, cash, lots and quotes are the truth, in dollars and shares."""
    scene = Scene(3, Settings(rates={}))
    book = scene.venue.book
    shown = scene.executor().world.broker.snapshot("main")
    assert to_cents(shown.cash.total) == book.cents
    assert {lot.lot: lot.quantity for lot in shown.lots} == {name: from_micros(lot.micros) for name, lot in book.lots.items()}
