"""The check of wash sales: how much, whose, for good or not, and what weighs how much."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from attrs import evolve

from rebalkit.checks.wash_sale import check_wash_sale
from rebalkit.model import (
    AccountKind,
    AccountSnapshot,
    Action,
    AssetClass,
    Cash,
    Finding,
    IdentityGroups,
    Lot,
    LotSale,
    OpenOrder,
    Order,
    Quote,
    Reason,
    Severity,
    Side,
    Snapshot,
    Targets,
    Transaction,
    WashPolicy,
)
from rebalkit.plugin import CheckInput, PlanContext
from rebalkit.strategies import Hold

AS_OF = dt.date(2025, 6, 30)
OLD = dt.date(2020, 1, 2)
TARGETS = Targets((AssetClass("all", 100, ("AAA", "BBB")),))
GROUP = WashPolicy(IdentityGroups((("AAA", "BBB"),)))


def ago(days: int) -> dt.date:
    return AS_OF - dt.timedelta(days=days)


def row(
    action: Action, days: int, shares: str, price: str = "10", account: str = "main", symbol: str = "AAA", **more: Any
) -> Transaction:
    return Transaction(account, ago(days), action, symbol, Decimal(shares), Decimal(price), **more)


def lot(name: str, shares: str, cost: str, acquired: dt.date = OLD, symbol: str = "AAA") -> Lot:
    return Lot(name, symbol, Decimal(shares), acquired, Decimal(cost))


def household(
    *lots: Lot, record: tuple[Transaction, ...] = (), ira: tuple[Lot, ...] = (), spouse: tuple[Lot, ...] = ()
) -> Snapshot:
    """Everything costs 10 dollars a share."""
    others = (
        AccountSnapshot("ira", AccountKind.IRA, Cash(0), ira),
        AccountSnapshot("spouse", AccountKind.SPOUSE_TAXABLE, Cash(0), spouse),
    )
    quotes = {symbol: Quote(symbol, Decimal(10), Decimal(10), AS_OF) for symbol in ("AAA", "BBB")}
    return Snapshot(AS_OF, AccountSnapshot("main", AccountKind.TAXABLE, Cash(1000), lots), others, quotes, record)


def sell(symbol: str = "AAA", **lots: str) -> Order:
    sold = tuple(LotSale(name, Decimal(shares)) for name, shares in lots.items())
    total = sum((one.quantity for one in sold), Decimal(0))
    return Order(Side.SELL, symbol, total, sold, Decimal(10), total * 10, Reason("test"))


def buy(symbol: str, shares: str) -> Order:
    return Order(Side.BUY, symbol, Decimal(shares), (), Decimal(10), Decimal(shares) * 10, Reason("test"))


def found(
    snapshot: Snapshot, *orders: Order, policy: WashPolicy = WashPolicy(), accept: str = "", budget: str = "0"
) -> list[Finding]:
    plan = Hold().plan(snapshot, TARGETS, PlanContext.of(snapshot))
    plan = evolve(plan, orders=orders)
    accepted = frozenset({accept} - {""})
    given = CheckInput(snapshot, TARGETS, plan, policy=policy, accept_wash=accepted, wash_budget=Decimal(budget))
    return [one for one in check_wash_sale(given) if one.code.startswith("wash_")]


DRIP = {"record": (), "spouse": (lot("s", "1.25", "14", ago(12), "BBB"),)}


def test_it_says_how_many_shares_and_dollars_go_where_and_until_when() -> None:
    (one,) = found(household(lot("a", "100", "1500"), **DRIP), sell(a="100"), policy=GROUP)
    assert (one.code, one.severity, one.subject) == ("wash_sale", Severity.BLOCKING, "AAA")
    assert one.details == {
        "amount": "6.25", "quantity": "1.25", "permanent": False, "sold": str(AS_OF), "account": "spouse",
        "acquired": str(ago(12)), "free": str(ago(-19)),
    }  # fmt: skip
    assert "1.25 BBB in account spouse. 6.25 USD of the loss moves into the basis" in one.message
    assert found(household(lot("a", "100", "1500"), **DRIP), sell(a="100")) == []
    assert found(household(lot("a", "100", "1000"), **DRIP), sell(a="100"), policy=GROUP) == []


@pytest.mark.parametrize(
    ("budget", "weight"), [("6.24", Severity.BLOCKING), ("6.25", Severity.WARNING), ("0", Severity.BLOCKING)]
)
def test_a_budget_allows_so_many_dollars_in_all(budget: str, weight: Severity) -> None:
    (one,) = found(household(lot("a", "100", "1500"), **DRIP), sell(a="100"), policy=GROUP, budget=budget)
    assert one.severity is weight


def test_no_budget_allows_a_loss_for_good() -> None:
    """Nor anything else of such a plan."""
    snapshot = household(lot("a", "100", "1500"), ira=(lot("i", "2", "20", ago(1)),), spouse=(lot("s", "1", "10", ago(2)),))
    both = found(snapshot, sell(a="100"), budget="100000")
    assert [(one.details["account"], one.details["permanent"], one.severity) for one in both] == [
        ("spouse", False, Severity.BLOCKING),
        ("ira", True, Severity.BLOCKING),
    ]
    assert "is lost for good" in both[1].message


def test_a_purchase_washes_the_losses_of_before_unless_it_is_allowed() -> None:
    record = (row(Action.BUY, 90, "4", "12"), row(Action.SELL, 3, "4", "10"))
    snapshot = household(record=record)
    (one,) = found(snapshot, buy("BBB", "1.5"), policy=GROUP)
    assert (one.code, one.severity, one.subject) == ("wash_buy", Severity.BLOCKING, "BBB")
    assert (one.details["amount"], one.details["quantity"], one.details["free"]) == ("3.00", "1.5", str(ago(-28)))
    (one,) = found(snapshot, buy("BBB", "1.5"), policy=GROUP, accept="BBB")
    assert (one.severity, "You allowed this purchase" in one.message) == (Severity.WARNING, True)
    (one,) = found(snapshot, buy("BBB", "1.5"), policy=GROUP, accept="AAA")
    assert one.severity is Severity.BLOCKING
    assert found(household(record=(record[0], row(Action.SELL, 31, "4", "10"))), buy("BBB", "1.5"), policy=GROUP) == []


def test_a_purchase_and_a_sale_of_one_plan_meet() -> None:
    (one,) = found(household(lot("a", "100", "1500")), buy("BBB", "2"), sell(a="100"), policy=GROUP)
    assert (one.code, one.details["amount"]) == ("wash_sale", "10.00")
    assert "this plan buys 2 BBB" in one.message


def test_an_open_order_counts_as_filled_today() -> None:
    snapshot = household(lot("a", "100", "1500"))
    ira = AccountSnapshot("ira", AccountKind.IRA, Cash(0), (), (OpenOrder("1", Side.BUY, "AAA", Decimal(3)),))
    (one,) = found(Snapshot(AS_OF, snapshot.account, (ira,), snapshot.quotes), sell(a="100"))
    assert (one.details["amount"], one.details["permanent"], "an open order buys" in one.message) == ("15.00", True, True)
    selling = AccountSnapshot("spouse", AccountKind.SPOUSE_TAXABLE, Cash(0), (), (OpenOrder("1", Side.SELL, "AAA", Decimal(3)),))
    (one,) = found(Snapshot(AS_OF, snapshot.account, (selling,), snapshot.quotes), buy("AAA", "1"))
    assert (one.code, "an open order sells 3 AAA" in one.message) == ("wash_buy", True)


def test_f028_a_sale_of_unknown_basis_counts_as_a_loss() -> None:
    snapshot = household(record=(row(Action.SELL, 3, "4"),))
    (one,) = found(snapshot, buy("AAA", "1"), budget="100000")
    assert (one.code, one.severity) == ("wash_buy", Severity.BLOCKING)
    assert one.details == {"sold": str(ago(3)), "account": "main", "free": str(ago(-28))}
    (one,) = found(snapshot, buy("AAA", "1"), accept="AAA")
    assert one.severity is Severity.WARNING


def test_a_lot_that_may_have_taken_over_an_unknown_loss_is_sold_only_where_nothing_could_wash_it() -> None:
    record = (row(Action.SELL, 50, "1", account="spouse"), row(Action.BUY, 45, "4", "8", lot="b"))
    lots = (lot("b", "4", "32", ago(45)), lot("new", "2", "10", ago(3)))
    (one,) = found(household(*lots, record=record), sell(b="4"))
    assert (one.code, one.severity, one.details["acquired"]) == ("wash_sale", Severity.BLOCKING, str(ago(3)))
    assert "b may have taken over a loss whose size is not on record" in one.message
    assert found(household(*lots, record=record), sell(b="4", new="2")) == []
    assert found(household(lots[0], record=record), sell(b="4")) == []
    assert found(household(*lots, record=record[1:]), sell(b="4")) == []
