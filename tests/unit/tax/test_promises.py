"""What a plan must promise."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from attrs import evolve

from rebalkit.model import (
    AccountKind,
    AccountSnapshot,
    AssetClass,
    Cash,
    IdentityGroups,
    Lot,
    LotSale,
    OpenOrder,
    Order,
    Plan,
    Quote,
    Reason,
    Side,
    Snapshot,
    Targets,
    WashPolicy,
)
from rebalkit.plugin import PlanContext
from rebalkit.strategies import Hold
from rebalkit.tax.promises import promises_of

AS_OF = dt.date(2025, 6, 30)
POLICY = WashPolicy(IdentityGroups((("AAA", "BBB"),)))


def household(*ira: Lot, orders: tuple[OpenOrder, ...] = ()) -> Snapshot:
    lots = (
        Lot("a", "AAA", Decimal(3), dt.date(2020, 1, 2), Decimal("40.01")),
        Lot("gain", "AAA", Decimal(3), dt.date(2020, 1, 2), Decimal(3)),
        Lot("c", "CCC", Decimal(3), dt.date(2020, 1, 2), Decimal(60)),
    )
    quotes = {symbol: Quote(symbol, Decimal(10), Decimal(10)) for symbol in ("AAA", "BBB", "CCC")}
    main = AccountSnapshot("main", AccountKind.TAXABLE, Cash(0), lots)
    return Snapshot(AS_OF, main, (AccountSnapshot("ira", AccountKind.IRA, Cash(0), ira, orders),), quotes)


def selling(snapshot: Snapshot, **lots: str) -> Plan:
    targets = Targets((AssetClass("all", 100, ("AAA", "BBB", "CCC")),))
    hold = Hold().plan(snapshot, targets, PlanContext.of(snapshot))
    symbols = {one.lot: one.symbol for one in snapshot.account.lots}
    orders = tuple(
        Order(Side.SELL, symbols[lot], Decimal(n), (LotSale(lot, Decimal(n)),), Decimal(10), Decimal(0), Reason("test"))
        for lot, n in lots.items()
    )
    return evolve(hold, orders=orders)


def test_a_loss_promises_its_group_for_30_days() -> None:
    plan = selling(household(), a="2")
    (promise,) = promises_of(household(), plan, POLICY)
    assert promise.promise == f"{plan.plan_id}-AAA"
    assert (promise.group, promise.account, promise.plan_id) == (("AAA", "BBB"), "main", plan.plan_id)
    assert (promise.sold, promise.through, promise.free_from) == (AS_OF, dt.date(2025, 7, 30), dt.date(2025, 7, 31))
    # Two thirds of 40.01 less 20 dollars, rounded up to the cent.
    assert (promise.quantity, promise.loss) == (2, Decimal("6.68"))
    (alone,) = promises_of(household(), plan)
    assert alone.group == ("AAA",)


def test_each_order_at_a_loss_promises_and_a_gain_does_not() -> None:
    found = promises_of(household(), selling(household(), a="3", c="3"), POLICY)
    assert [(one.group, one.loss) for one in found] == [(("AAA", "BBB"), Decimal("10.01")), (("CCC",), Decimal(30))]
    assert promises_of(household(), selling(household(), gain="3"), POLICY) == ()
    assert promises_of(household(), selling(household()), POLICY) == ()


def test_what_is_washed_already_is_not_at_stake() -> None:
    """By shares acquired before, and by an open order, which counts as filled today."""
    recent = Lot("i", "BBB", Decimal(1), AS_OF, Decimal(10))
    order = OpenOrder("1", Side.BUY, "BBB", Decimal("0.5"))
    data = household(recent, orders=(order,))
    (promise,) = promises_of(data, selling(data, a="3"), POLICY)
    assert promise.quantity == Decimal("1.5")
    assert promise.loss == Decimal("5.01")
    full = household(evolve(recent, quantity=Decimal(3)))
    assert promises_of(full, selling(full, a="3"), POLICY) == ()
