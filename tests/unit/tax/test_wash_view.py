"""What a planner must know of the rule today."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest

from rebalkit.model import (
    AccountKind,
    AccountSnapshot,
    Action,
    Cash,
    IdentityGroups,
    Lot,
    OpenOrder,
    Promise,
    Side,
    Snapshot,
    Transaction,
    WashPolicy,
)
from rebalkit.tax.wash_view import Exposed, WashView, told_once

AS_OF = dt.date(2025, 6, 30)
OLD = dt.date(2020, 1, 2)


def ago(days: int) -> dt.date:
    return AS_OF - dt.timedelta(days=days)


def row(
    action: Action, days: int, shares: str, price: str = "10", account: str = "main", symbol: str = "AAA", **more: Any
) -> Transaction:
    return Transaction(account, ago(days), action, symbol, Decimal(shares), Decimal(price), **more)


def lot(name: str, shares: str, cost: str, acquired: dt.date = OLD, symbol: str = "AAA") -> Lot:
    return Lot(name, symbol, Decimal(shares), acquired, Decimal(cost))


def view(
    *lots: Lot, record: tuple[Transaction, ...] = (), ira: tuple[Lot, ...] = (), policy: WashPolicy = WashPolicy(), **more: Any
) -> WashView:
    orders = more.pop("orders", ())
    others = (AccountSnapshot("ira", AccountKind.IRA, Cash(0), ira, orders),)
    main = AccountSnapshot("main", AccountKind.TAXABLE, Cash(0), lots, more.pop("mine", ()))
    return WashView(Snapshot(AS_OF, main, others, {}, record, **more), policy)


def exposed(found: WashView) -> dict[str, list[tuple[str, int, int | None, dt.date]]]:
    return {group: [(one.what, one.micros, one.loss, one.free_from) for one in some] for group, some in found.exposed.items()}


@pytest.mark.parametrize(("days", "seen"), [(0, True), (30, True), (31, False)])
def test_a_loss_is_exposed_for_30_days(days: int, seen: bool) -> None:
    record = (row(Action.BUY, 90, "4", "12.5"), row(Action.SELL, days, "4", "10"))
    free = ago(days) + dt.timedelta(days=31)
    assert exposed(view(record=record)) == ({"AAA": [("sale", 4_000_000, 10 * 10**9, free)]} if seen else {})


def test_a_gain_and_a_loss_that_was_washed_are_not() -> None:
    gain = (row(Action.BUY, 90, "4", "9"), row(Action.SELL, 3, "4", "10"))
    washed = (row(Action.BUY, 90, "4", "12"), row(Action.SELL, 20, "4", "10"), row(Action.BUY, 10, "4", account="ira"))
    assert exposed(view(record=gain)) == {}
    assert exposed(view(record=washed, ira=(lot("i", "4", "40", ago(10)),))) == {}


def test_what_is_not_known_counts_as_any_loss() -> None:
    free = AS_OF + dt.timedelta(days=31)
    found = view(record=(row(Action.SELL, 3, "4"),), mine=(OpenOrder("1", Side.SELL, "BBB", Decimal(2)),))
    assert exposed(found) == {
        "AAA": [("sale", 4_000_000, None, ago(3) + dt.timedelta(days=31))],
        "BBB": [("open order", 2_000_000, None, free)],
    }
    assert str(found.exposed["AAA"][0]) == f"sale of 4 AAA on {ago(3)} in main at an unknown loss"
    assert exposed(view(orders=(OpenOrder("1", Side.SELL, "BBB", Decimal(2)),))) == {}


def test_a_promise_counts_until_the_record_shows_its_sale() -> None:
    promise = Promise("p", ("AAA", "BBB"), "main", ago(3), ago(-27), ago(-28), Decimal(4), Decimal("12.34"), "plan")
    policy = WashPolicy(IdentityGroups((("AAA", "BBB"),)))
    found = exposed(view(promises=(promise,), policy=policy))
    assert found == {"AAA": [("promise", 4_000_000, 12_340_000_000, ago(-28))]}
    assert set(exposed(view(promises=(promise,)))) == {"AAA", "BBB"}
    record = (row(Action.BUY, 90, "4", "12"), row(Action.SELL, 3, "4", "10"))
    shown = exposed(view(promises=(promise,), policy=policy, record=record))
    assert shown == {"AAA": [("sale", 4_000_000, 8 * 10**9, ago(-28))]}


def test_recent_shares_say_whose_they_are_and_until_when_they_take_away() -> None:
    found = view(
        lot("old", "9", "90"), lot("new", "2", "20", ago(4)), ira=(lot("i", "1", "10", ago(30)), lot("j", "1", "10", ago(31)))
    )
    recent = [(one.account, one.micros, one.free_from, one.taxable, found.sellable(one)) for one in found.recent["AAA"]]
    assert recent == [("ira", 10**6, ago(-1), False, ()), ("main", 2 * 10**6, ago(-27), True, ("new",))]
    assert str(found.recent["AAA"][1]) == f"purchase of 2 AAA on {ago(4)} in main"


def test_what_takes_a_loss_away_is_what_is_left_of_other_purchases() -> None:
    found = view(lot("old", "9", "90"), lot("new", "2", "20", ago(4)), lot("last", "1", "10", ago(1)))
    assert [one.acquired for one in found.taking_away("AAA", ["old"], ["old"])] == [ago(4), ago(1)]
    assert [one.acquired for one in found.taking_away("AAA", ["old"], ["old", "new"])] == [ago(1)]
    assert [one.acquired for one in found.taking_away("AAA", ["new"], [])] == [ago(1)]
    assert found.taking_away("AAA", ["old", "new", "last"], ["new", "last"]) == ()
    assert found.taking_away("AAA", [], []) == ()
    assert found.taking_away("BBB", [], []) == ()
    ignoring = view(*found.snapshot.account.lots, policy=WashPolicy(older_replacement="ignore"))
    assert ignoring.taking_away("AAA", ["last"], []) == ()
    assert len(ignoring.taking_away("AAA", ["new"], [])) == 1


def test_a_lot_loses_by_its_dearest_share_or_when_nobody_knows() -> None:
    record = (
        row(Action.BUY, 90, "1", "20", lot="a"),
        row(Action.SELL, 28, "1", "10", lot="a"),
        row(Action.BUY, 25, "3", "11", lot="b"),
    )
    found = view(lot("b", "3", "33", ago(25)), record=record)
    assert found.loses("b", 20_990_000_000)
    assert not found.loses("b", 21_000_000_000)
    assert not found.loses("nothing", 1)
    doubtful = view(lot("b", "3", "33", ago(25)), record=record[1:])
    assert doubtful.doubtful == {"b"}
    assert doubtful.loses("b", 10**12)


def test_a_doubtful_sale_is_told_once() -> None:
    """Its loss is on record, and may be higher: two entries for the rule, one for a person, who is told so."""
    known = Exposed("AAA", "main", ago(5), 1_000_000, 250, ago(-26))
    other = Exposed("AAA", "main", ago(4), 2_000_000, None, ago(-27))
    doubt = Exposed("AAA", "main", ago(5), 1_000_000, None, ago(-26))
    assert told_once([known, other, doubt, other]) == ((known, other), (known,))
    assert told_once([other, doubt]) == ((other, doubt), ())
    assert told_once([]) == ((), ())
