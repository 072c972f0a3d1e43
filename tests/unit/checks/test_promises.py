"""Promises of earlier plans, held against this plan and against what has happened since."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from attrs import evolve

import rebalkit
from checked import codes, findings_of, sample
from rebalkit.model import (
    Action,
    Finding,
    IdentityGroups,
    OpenOrder,
    Promise,
    Severity,
    Side,
    Snapshot,
    Transaction,
    WashPolicy,
)

SNAPSHOT = sample().snapshot
DAY = SNAPSHOT.as_of
SOLD = DAY - dt.timedelta(days=7)
OURS = {"promised_not_to_buy", "promise_broken", "promise_at_risk"}


def promise(*group: str, account: str = "elsewhere") -> Promise:
    through = SOLD + dt.timedelta(days=30)
    return Promise("p-1", group, account, SOLD, through, through + dt.timedelta(days=1), "12.5", "340.10", "0123456789ab")


def snapshot(*transactions: Transaction, **changes: Any) -> Snapshot:
    """The sample, of which the plan buys SCHX and sells IVV, with a promise of a sale elsewhere not to buy ZZZ or what is said."""
    return evolve(SNAPSHOT, transactions=(*SNAPSHOT.transactions, *transactions), **changes)


def ours(made: Snapshot, **more: Any) -> list[Finding]:
    return [one for one in findings_of(snapshot=made, **more) if one.code in OURS]


def test_without_promises_nothing_is_said() -> None:
    assert ours(SNAPSHOT) == []


def test_a_purchase_that_was_promised_not_to_be_made_is_blocking_and_says_how_to_go_on() -> None:
    (found,) = ours(snapshot(promises=(promise("SCHX"),)))
    assert (found.code, found.severity, found.subject) == ("promised_not_to_buy", Severity.BLOCKING, "SCHX")
    assert "rebalkit promises drop p-1" in found.message
    assert "340.10 USD" in found.message
    assert found.details == {
        "promise": "p-1", "sold": str(SOLD), "account": "elsewhere", "free": str(SOLD + dt.timedelta(days=31)), "quantity": "12.5",
        "loss": "340.10",
    }  # fmt: skip


def test_a_purchase_that_the_person_allows_is_a_warning() -> None:
    (found,) = ours(snapshot(promises=(promise("SCHX"),)), accept_wash=frozenset({"SCHX"}))
    assert found.severity is Severity.WARNING


def test_groups_declared_since_count_too() -> None:
    """Promised of VV alone, before SCHX was declared identical to it."""
    made = snapshot(promises=(promise("VV"),))
    assert ours(made) == []
    assert [one.code for one in ours(made, policy=WashPolicy(IdentityGroups([["SCHX", "VV"]])))] == ["promised_not_to_buy"]


def test_a_sale_that_is_on_record_is_left_to_the_check_of_wash_sales() -> None:
    bought = Transaction("taxable", SOLD - dt.timedelta(days=400), Action.BUY, "SCHX", 20, 30)
    sale = Transaction("taxable", SOLD, Action.SELL, "SCHX", 20, 25)
    made = snapshot(bought, sale, promises=(promise("SCHX", account="taxable"),))
    assert ours(made) == []
    assert "wash_buy" in codes(findings_of(snapshot=made))


def test_a_loss_that_the_record_does_not_know_is_that_of_the_promise() -> None:
    """What was sold is on record, and what it had cost is not: it counts once, with the dollars that the promise knows."""
    sale = Transaction("taxable", SOLD, Action.SELL, "SCHX", "12.5", 25)
    made = snapshot(sale, promises=(promise("SCHX", account="taxable"),))
    found = [one for one in findings_of(snapshot=made) if one.code in ("wash_buy", "promised_not_to_buy")]
    assert [(one.code, one.details["loss"]) for one in found] == [("promised_not_to_buy", "340.10")]


def test_a_loss_that_only_the_broker_could_see_stays_promised() -> None:
    """By the record it is a gain: what was bought had taken over a loss from before it, which the broker's cost told."""
    bought = Transaction("taxable", SOLD - dt.timedelta(days=400), Action.BUY, "SCHX", 20, 20)
    sale = Transaction("taxable", SOLD, Action.SELL, "SCHX", 20, 25)
    (found,) = ours(snapshot(bought, sale, promises=(promise("SCHX", account="taxable"),)))
    assert (found.code, found.details["quantity"]) == ("promised_not_to_buy", "12.5")


@pytest.mark.parametrize(
    ("days", "action", "broken"),
    [(0, Action.BUY, True), (0, Action.SELL, False),
     (1, Action.REINVEST, True), (7, Action.BUY, True), (3, Action.VEST, True), (3, Action.SELL, False),
     (3, Action.RECEIVE, False)],
)  # fmt: skip
def test_what_was_acquired_since_broke_the_promise(days: int, action: Action, broken: bool) -> None:
    """In whatever account, and whatever the promise knew of its own day."""
    one = Transaction("ira", SOLD + dt.timedelta(days=days), action, "ZZZ", "1.25", 10)
    found = ours(snapshot(one, promises=(promise("YYY", "ZZZ"),)))
    assert [(each.code, each.severity) for each in found] == ([("promise_broken", Severity.WARNING)] if broken else [])
    assert all("1.25 ZZZ" in each.message and "account ira" in each.message for each in found)
    assert all(("Unless the plan had seen that" in each.message) == (days == 0) for each in found)


def test_a_breach_is_told_after_the_promise_has_ended_and_nothing_else_of_it() -> None:
    """A purchase of the last day is on record two days later: the plan may buy again, but part of the loss is gone."""
    sold = DAY - dt.timedelta(days=32)
    ended = evolve(promise("SCHX"), sold=sold, through=sold + dt.timedelta(days=30), free_from=sold + dt.timedelta(days=31))
    late = Transaction("ira", sold + dt.timedelta(days=30), Action.BUY, "SCHX", 1, 25)
    ira = evolve(SNAPSHOT.others[0], reinvests=("SCHX",))
    assert [one.code for one in ours(snapshot(late, promises=(ended,), others=(ira,)))] == ["promise_broken"]


def test_a_sale_that_is_on_record_in_part_leaves_the_rest_of_the_promise_binding() -> None:
    """Such as another, small sale of that day, or the first fill of the order."""
    bought = Transaction("taxable", SOLD - dt.timedelta(days=400), Action.BUY, "SCHX", "2.5", 30)
    sale = Transaction("taxable", SOLD, Action.SELL, "SCHX", "2.5", 25)
    made = snapshot(bought, sale, promises=(promise("SCHX", account="taxable"),))
    (found,) = ours(made)
    assert (found.code, found.severity) == ("promised_not_to_buy", Severity.BLOCKING)
    assert (found.details["quantity"], found.details["loss"]) == ("10", "272.08")


def test_an_open_order_and_reinvested_dividends_are_risks() -> None:
    """A sale that rests is none."""
    resting = (OpenOrder("1", Side.BUY, "ZZZ", 1), OpenOrder("2", Side.SELL, "ZZZ", 1), OpenOrder("3", Side.BUY, "AAA", 1))
    ira = evolve(SNAPSHOT.others[0], open_orders=resting, reinvests=("YYY", "AAA"))
    found = ours(snapshot(promises=(promise("YYY", "ZZZ"),), others=(ira,)))
    assert [(one.code, one.subject) for one in found] == [("promise_at_risk", "ZZZ"), ("promise_at_risk", "YYY")]


def test_the_strategy_heeds_a_promise_whose_sale_it_cannot_see() -> None:
    """The class has other symbols to buy; none of this plan's purchases breaks the promise."""

    report = sample()
    assert report.plan is not None
    assert report.targets is not None
    assert "SCHX" in {order.symbol for order in report.plan.buys}
    again = rebalkit.plan(snapshot(promises=(promise("SCHX"),)), report.targets)
    assert again.plan is not None
    assert "SCHX" not in {order.symbol for order in again.plan.buys}
    assert len(again.plan.buys) == len(report.plan.buys)
    assert not again.blocked
