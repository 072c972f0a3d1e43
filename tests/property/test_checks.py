"""Checks let through what the built-in strategies plan, stop what is changed in it."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from attrs import evolve
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from accounts import Case, cases
from checked import codes, findings_of
from executions import registry
from rebalkit.errors import RebalkitError
from rebalkit.model import Order, Plan, Reason, Side, Targets
from rebalkit.pipeline.plan import make_plan
from rebalkit.pipeline.request import PlanRequest, Source

CENT = Decimal("0.01")
CARRIED = {"candidate_without_quote", "open_order", "stale_quote", "quote_bad"}
"""What can stand against an account itself, whatever a strategy decides."""

STRATEGIES = st.sampled_from(
    [
        ("hold", {}),
        ("greedy", {}),
        ("greedy", {"rounding": "floor"}),
        ("greedy", {"max_loss_to_forgo": "1000"}),
        ("greedy", {"max_loss_to_forgo": "50", "max_gain_to_realize": "2000"}),
        ("greedy", {"max_gain_to_realize": "100000"}),
    ]
)


def planned(case: Case, strategy: str, chosen: dict[str, Any]) -> Plan | None:
    """The plan of ``case``; None when it is refused by name."""
    request = PlanRequest(Source(""), case.targets, strategy, chosen, case.limits, case.policy)
    try:
        return make_plan(registry(), case.snapshot, request)
    except RebalkitError as problem:
        if problem.code in {"", "error", "strategy_failed"}:
            raise
        return None


def blocked(case: Case, plan: Plan, targets: Targets | None = None) -> set[str]:
    return codes(findings_of(plan, case.snapshot, targets or case.targets, limits=case.limits, policy=case.policy)) - CARRIED


@settings(max_examples=300)
@given(cases(), STRATEGIES)
def test_nothing_stands_against_what_the_built_in_strategies_plan(case: Case, strategy: tuple[str, dict[str, Any]]) -> None:
    plan = planned(case, *strategy)
    if plan is not None:
        assert blocked(case, plan) == set()


def order_changed(plan: Plan, index: int, **changes: Any) -> Plan:
    return evolve(plan, orders=(*plan.orders[:index], evolve(plan.orders[index], **changes), *plan.orders[index + 1 :]))


@settings(max_examples=200)
@given(cases(), STRATEGIES, st.data())
def test_a_plan_that_is_changed_at_random_is_blocked_by_name(
    case: Case, strategy: tuple[str, dict[str, Any]], data: st.DataObject
) -> None:
    plan = planned(case, *strategy)
    assume(plan is not None)
    assert plan is not None
    step = data.draw(st.sampled_from([CENT, -CENT, Decimal(5)]), "amount")
    kinds = ["class dropped", "target changed", "cash", "class figure", "harvest", "bought outside"]
    kinds += ["lot raised", "lot swapped", "lots do not sum", "bought too", "estimate", "limit"] if plan.sells else []
    kinds += ["overspent"] if plan.buys else []
    kind = data.draw(st.sampled_from(kinds), "kind")
    place = data.draw(st.integers(0, len(plan.classes) - 1), "class")
    one = plan.classes[place]
    sale = data.draw(st.integers(0, max(0, len(plan.sells) - 1)), "sale")
    order = plan.orders[sale] if plan.sells else None
    if kind == "class dropped":
        changed, code = evolve(plan, classes=plan.classes[:place] + plan.classes[place + 1 :]), "class_missing"
    elif kind == "target changed":
        classes = list(plan.classes)
        classes[place] = evolve(one, target=one.target + step)
        changed, code = evolve(plan, classes=tuple(classes)), "class_changed"
    elif kind == "cash":
        name = data.draw(st.sampled_from(["before", "proceeds", "spent", "after"]))
        changed, code = evolve(plan, cash=evolve(plan.cash, **{name: getattr(plan.cash, name) + step})), "arithmetic"
    elif kind == "class figure":
        name = data.draw(st.sampled_from(["value", "sales", "after_sales", "buy_quantity", "buy_cost", "after"]))
        classes = list(plan.classes)
        classes[place] = evolve(one, **{name: getattr(one, name) + step})
        changed, code = evolve(plan, classes=tuple(classes)), "arithmetic"
    elif kind == "harvest":
        changed, code = evolve(plan, tax=evolve(plan.tax, harvested=plan.tax.harvested + step)), "arithmetic"
    elif kind == "bought outside":
        buyable = {symbol for wanted in case.targets.classes for rank in wanted.buy for symbol in rank}
        symbol = data.draw(st.sampled_from(sorted({"GLD", "IVV", "VOO", "BND"} - buyable)))
        more = Order(Side.BUY, symbol, Decimal(1), (), Decimal(1), Decimal(1), Reason("none"))
        changed, code = evolve(plan, orders=(*plan.orders, more)), "buy_outside_targets"
    elif kind == "overspent":
        last = len(plan.orders) - 1
        free = plan.cash.after - case.limits.reserve
        more_shares = (max(free, Decimal(0)) // plan.orders[last].limit + 2) * 1
        changed, code = order_changed(plan, last, quantity=plan.orders[last].quantity + more_shares), "cash_below_reserve"
    else:
        assert order is not None
        held = {lot.lot: lot for lot in case.snapshot.account.lots}
        part, rest = order.lots[0], order.lots[1:]
        if kind == "lot raised":
            extra = held[part.lot].quantity - part.quantity + Decimal("0.000001")
            lots = (evolve(part, quantity=part.quantity + extra), *rest)
            changed, code = order_changed(plan, sale, lots=lots, quantity=order.quantity + extra), "lot_oversold"
        elif kind == "lot swapped":
            others = [lot.lot for lot in held.values() if lot.symbol != order.symbol] or ["nobody"]
            lots = (evolve(part, lot=data.draw(st.sampled_from(others))), *rest)
            changed, code = order_changed(plan, sale, lots=lots), "lot_unknown"
        elif kind == "lots do not sum":
            changed, code = order_changed(plan, sale, quantity=order.quantity + Decimal("0.000001")), "lots_do_not_sum"
        elif kind == "bought too":
            more = Order(Side.BUY, order.symbol, Decimal(1), (), Decimal(1), Decimal(1), Reason("none"))
            changed, code = evolve(plan, orders=(*plan.orders, more)), "both_sides"
        elif kind == "estimate":
            changed, code = order_changed(plan, sale, estimated=order.estimated + step), "arithmetic"
        else:
            changed, code = order_changed(plan, sale, limit=order.limit + step), "arithmetic"
    assert code in blocked(case, changed), kind
