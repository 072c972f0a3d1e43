"""Execution on paper keeps its promises whatever the account, the fees, the slippage and what fills."""

from __future__ import annotations

import tempfile
from decimal import Decimal
from pathlib import Path

import pytest
from attrs import evolve
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from accounts import Case, cases
from executions import executed, journals_in_memory, registry
from rebalkit.calendar import is_session, next_session
from rebalkit.errors import RebalkitError
from rebalkit.model import ExecutionEnd, OrderState, Report, Side
from rebalkit.pipeline.plan import plan_report
from rebalkit.pipeline.request import PlanRequest, Source
from rebalkit.pipeline.runs import create_run
from rebalkit.pipeline.snapshot import open_broker, take_snapshot
from rebalkit_paper import FillRules, PaperBroker, PaperSettings, create_book

__all__ = ["journals_in_memory"]

pytestmark = pytest.mark.usefixtures("journals_in_memory")

SOURCE = Source("paper", {"book": "drawn"}, "main")


COLLAR = Decimal("0.003")


def fills(frictionless: bool) -> st.SearchStrategy[FillRules]:
    if frictionless:
        return st.just(FillRules(share_step=Decimal("0.000001")))
    return st.builds(
        FillRules,
        slippage_bp=st.sampled_from([Decimal(0), Decimal(5)]),
        fee_per_order=st.sampled_from([Decimal(0), Decimal("4.95")]),
        fee_per_share=st.sampled_from([Decimal(0), Decimal("0.01")]),
        partial=st.sampled_from([Decimal(1), Decimal("0.5")]),
        reject=st.sampled_from([(), ("VTI",), ("IVV", "BND")]),
        share_step=st.sampled_from([Decimal(1), Decimal("0.000001")]),
    )


def carried_out(case: Case, rules: FillRules) -> Report | None:
    """The report of the execution; None when the plan was refused by name or blocked."""
    shot = case.snapshot
    day = shot.as_of if is_session(shot.as_of) else next_session(shot.as_of)
    accounts = [evolve(one, open_orders=(), cash=evolve(one.cash, settled=round(one.cash.settled, 2))) for one in shot.accounts]
    quotes = {name: evolve(one, date=day) for name, one in shot.quotes.items() if one.sane}
    try:
        create_book("drawn", accounts, quotes, day, transactions=shot.transactions, fills=rules, overwrite=True)
        request = PlanRequest(SOURCE, case.targets, limits=case.limits, policy=case.policy)
        report = plan_report(registry(), take_snapshot(open_broker(registry(), SOURCE), "main", case.targets), request)
        with tempfile.TemporaryDirectory() as folder:
            return executed(create_run(Path(folder), "run", lambda new: new.save_plan(report, request)))
    except RebalkitError as problem:
        if problem.code in {"", "error"}:
            raise
        return None


@settings(max_examples=60)
@given(cases(most_lots=6), fills(frictionless=False))
def test_never_more_than_planned_never_below_the_reserve_and_every_order_accounted_for(case: Case, rules: FillRules) -> None:
    report = carried_out(case, rules)
    assume(report is not None)
    assert report is not None
    assert report.plan is not None
    assert report.execution is not None
    results = report.execution.orders
    assert [(one.side, one.symbol, one.planned) for one in results] == [
        (order.side, order.symbol, order.quantity) for order in report.plan.orders
    ]
    assert all(0 <= one.filled <= one.asked <= one.planned for one in results)
    assert len({one.client_id for one in results}) == len(results)
    limits = {order.symbol: order.limit for order in report.plan.orders}
    for one in results:
        if one.average_price is not None:
            tick = Decimal("0.01") if limits[one.symbol] >= 1 else Decimal("0.0001")
            worse = one.average_price - limits[one.symbol] if one.side is Side.BUY else limits[one.symbol] - one.average_price
            # A sale may fetch less than the plan counted with, by the collar; a purchase never costs more.
            assert worse <= tick + (limits[one.symbol] * COLLAR if one.side is Side.SELL else 0)
    after = PaperBroker(PaperSettings("drawn")).snapshot("main")
    before = report.snapshot.account
    assert after.open_orders == ()
    if any(one.side is Side.BUY and one.filled for one in results):
        assert after.cash.total >= report.limits.reserve
    for symbol in {lot.symbol for lot in (*before.lots, *after.lots)}:
        held = sum(lot.quantity for lot in before.lots if lot.symbol == symbol)
        moved = sum(one.filled if one.side is Side.BUY else -one.filled for one in results if one.symbol == symbol)
        assert sum(lot.quantity for lot in after.lots if lot.symbol == symbol) == held + moved


@settings(max_examples=40)
@given(cases(spread=False, most_lots=6))
def test_without_friction_every_order_fills_and_nothing_is_left_to_sell(case: Case) -> None:
    report = carried_out(case, FillRules())
    assume(report is not None)
    assert report is not None
    assert report.execution is not None
    for one in report.execution.orders:
        if one.side is Side.SELL:
            assert one.state is OrderState.FILLED, one
    left = report.execution.verification
    assert left is not None
    assert left.sells == ()
    assert (report.execution.end is ExecutionEnd.CONVERGED) == (left.orders == ())
