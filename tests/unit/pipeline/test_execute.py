"""Execution: only what was approved, only while the account is what it was, and nothing lost when it breaks off."""

from __future__ import annotations

import json
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve

from executions import LOTS, QUOTES, TARGETS, book, executed, registry, run_of, set_price
from rebalkit.errors import BlockedError, BrokerError, UnknownOrderState
from rebalkit.model import (
    ExecutionEnd,
    Limits,
    OrderPreview,
    OrderRequest,
    OrderState,
    Placed,
    PlaceResult,
    Refused,
    Report,
    Side,
    Unknown,
)
from rebalkit.pipeline import execute as stage
from rebalkit.pipeline.consent import Question
from rebalkit.pipeline.execute import execute_run
from rebalkit.pipeline.journals import recorded_execution
from rebalkit.pipeline.plan import plan_report
from rebalkit.pipeline.request import PlanRequest, Source
from rebalkit.pipeline.runs import RunFolder, create_run
from rebalkit.pipeline.snapshot import take_snapshot
from rebalkit_paper import PaperBroker, PaperSettings


class Scripted(PaperBroker):
    """A paper broker that counts what it is asked to place, and can be told to answer otherwise."""

    def __init__(self) -> None:
        super().__init__(PaperSettings("test"))
        self.placed: list[OrderRequest] = []
        self.answers: dict[str, Callable[[], PlaceResult]] = {}

    def place(self, account: str, preview: OrderPreview) -> PlaceResult:
        self.placed.append(preview.request)
        answer = self.answers.get(preview.request.symbol)
        return answer() if answer else super().place(account, preview)


@pytest.fixture
def broker(monkeypatch: pytest.MonkeyPatch) -> Scripted:
    """The broker that executions of this test use."""
    book()
    made = Scripted()
    monkeypatch.setattr(stage, "open_broker", lambda registry, source: made)
    return made


def outcome(report: Report) -> dict[str, tuple[Decimal, OrderState | None]]:
    assert report.execution is not None
    return {one.symbol: (one.filled, one.state) for one in report.execution.orders}


def test_a_plan_is_carried_out_and_the_account_then_gives_no_orders(broker: Scripted, tmp_path: Path) -> None:
    run = run_of(tmp_path)
    plan = run.plan()
    report = executed(run)
    assert report.execution is not None
    assert report.execution.end is ExecutionEnd.CONVERGED
    assert report.execution.cash_after == plan.cash.after
    assert [(one.side, one.symbol, one.filled) for one in report.execution.orders] == [
        (order.side, order.symbol, order.quantity) for order in plan.orders
    ]
    assert [one.side for one in broker.placed] == [Side.SELL, Side.SELL, Side.BUY, Side.BUY]
    assert run.execution() == report.execution
    assert len({one.client_id for one in broker.placed}) == 4
    assert all(len(one.client_id) == 20 and one.client_id.isalnum() for one in broker.placed)


def test_the_lots_sold_are_the_lots_of_the_plan(broker: Scripted, tmp_path: Path) -> None:
    run = run_of(tmp_path)
    executed(run)
    assert {part.lot for one in broker.placed for part in one.lots} == {"loss", "odd"}
    assert "gain" in {lot.lot for lot in broker.snapshot("main").lots}


def test_without_consent_nothing_is_placed_and_the_run_can_be_executed_later(broker: Scripted, tmp_path: Path) -> None:
    run = run_of(tmp_path)
    shown: list[Question] = []
    assert execute_run(registry(), run, lambda question: shown.append(question) or "") is None
    assert [(one.sells, one.buys, one.live) for one in shown] == [(2, 2, False)]
    assert broker.placed == []
    assert run.execution() is None
    assert (run.path / "previews.json").exists()
    executed(run)


def test_a_run_is_never_begun_twice(broker: Scripted, tmp_path: Path) -> None:
    run = run_of(tmp_path)
    executed(run)
    placed = len(broker.placed)
    with pytest.raises(BlockedError, match="begun already"):
        executed(run)
    (run.path / "execution.json").unlink()
    with pytest.raises(BlockedError, match="begun already") as caught:
        executed(run)
    assert caught.value.code == "executed", "the journal knows, whatever is in the folder"
    assert len(broker.placed) == placed


def test_a_plan_that_a_check_forbids_is_not_executed(broker: Scripted, tmp_path: Path) -> None:
    run = run_of(tmp_path, Limits(max_order=Decimal(1)))
    with pytest.raises(BlockedError, match="order_over_limit"):
        executed(run)
    assert broker.placed == []


def buy_in_the_ira() -> None:
    other = PaperBroker(PaperSettings("test"))
    preview = other.preview("ira", OrderRequest("A1", Side.BUY, "OLD", Decimal(1), (), Decimal(100)))
    assert isinstance(other.place("ira", preview), Placed)


def sell_a_share() -> None:
    other = PaperBroker(PaperSettings("test"))
    preview = other.preview("main", OrderRequest("A2", Side.SELL, "JUNK", Decimal(1), (), Decimal(10)))
    assert isinstance(other.place("main", preview), Placed)


def next_day() -> None:
    from rebalkit.calendar import next_session
    from rebalkit_paper.days import advanced
    from rebalkit_paper.store import change

    change("test", lambda one: advanced(one, next_session(one.today)))


def rest_an_order() -> None:
    other = PaperBroker(PaperSettings("test"))
    preview = other.preview("main", OrderRequest("A3", Side.BUY, "BND", Decimal(1), (), Decimal(1)))
    assert isinstance(other.place("main", preview), Placed)


@pytest.mark.parametrize(
    ("happens", "code"),
    [
        pytest.param(buy_in_the_ira, "wash_sale", id="a purchase in the IRA"),
        pytest.param(sell_a_share, "account_changed", id="a lot is smaller"),
        pytest.param(next_day, "plan_stale", id="another day"),
        pytest.param(rest_an_order, "account_changed", id="an open order"),
        pytest.param(lambda: set_price("OLD", "200.00"), "account_changed", id="a loss turned into a gain"),
        pytest.param(lambda: set_price("BND", "71.00"), "", id="a price that no purchase follows"),
    ],
)
def test_what_happens_between_plan_and_execution(
    broker: Scripted, tmp_path: Path, happens: Callable[[], None], code: str
) -> None:
    run = run_of(tmp_path)
    happens()
    if not code:
        report = executed(run)
        assert outcome(report)["BND"] == (Decimal(0), None)
        assert report.execution is not None
        assert report.execution.end is ExecutionEnd.UNFINISHED
        return
    with pytest.raises(BlockedError) as caught:
        executed(run)
    assert caught.value.code == code
    assert "Nothing was placed" in caught.value.remedy
    assert broker.placed == []
    assert run.execution() is None


def test_a_purchase_never_pays_more_than_the_plan_said(broker: Scripted, tmp_path: Path) -> None:
    run = run_of(tmp_path)
    set_price("NEW", "50.01")
    executed(run)
    (asked,) = [one for one in broker.placed if one.symbol == "NEW"]
    assert asked.limit == Decimal("50.00")


@pytest.mark.parametrize("symbol", ["JUNK", "OLD", "NEW", "BND"])
def test_an_order_of_unknown_state_stops_the_run_and_is_kept(broker: Scripted, tmp_path: Path, symbol: str) -> None:
    run = run_of(tmp_path)
    broker.answers[symbol] = lambda: Unknown("the connection broke")
    with pytest.raises(UnknownOrderState, match="the connection broke") as caught:
        executed(run)
    assert broker.placed[-1].symbol == symbol
    assert broker.placed[-1].client_id in caught.value.remedy
    assert run.execution() is None
    execution = recorded_execution(run.plan())
    assert execution is not None
    assert execution.end is ExecutionEnd.STOPPED
    # A paper broker certainly refuses a second order of one client id, so that the very same one was sent again.
    assert [one.client_id for one in execution.orders if one.asked] == list(dict.fromkeys(one.client_id for one in broker.placed))
    assert "not known" in next(one.message for one in execution.orders if one.symbol == symbol)
    with pytest.raises(BlockedError, match="not over") as again:
        executed(run)
    assert again.value.code == "run_open"


def test_a_broker_that_fails_in_the_middle_leaves_the_record(
    broker: Scripted, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = run_of(tmp_path)

    def fails() -> PlaceResult:
        monkeypatch.setattr(broker, "snapshot", lambda account: (_ for _ in ()).throw(BrokerError("gone")))
        return PaperBroker.place(broker, "main", broker.preview("main", broker.placed[-1]))

    broker.answers["JUNK"] = fails
    with pytest.raises(BrokerError, match="gone"):
        executed(run)
    execution = recorded_execution(run.plan())
    assert execution is not None
    assert [(one.symbol, one.filled) for one in execution.orders if one.filled] == [("OLD", Decimal(100)), ("JUNK", Decimal(20))]


def test_a_refused_sale_shrinks_the_purchases(broker: Scripted, tmp_path: Path) -> None:
    run = run_of(tmp_path)
    broker.answers["OLD"] = lambda: Refused("halted", "trading in OLD is halted")
    report = executed(run)
    assert report.execution is not None
    assert report.execution.end is ExecutionEnd.UNFINISHED
    results = {one.symbol: one for one in report.execution.orders}
    assert results["OLD"].message == "halted: trading in OLD is halted"
    assert results["OLD"].filled == 0
    assert results["NEW"].asked < results["NEW"].planned
    assert broker.snapshot("main").cash.total >= 0


def test_fees_shrink_a_purchase_to_what_the_cash_pays(tmp_path: Path, broker: Scripted) -> None:
    run = run_of(tmp_path)
    book(fee_per_order=Decimal(30), fee_per_share=Decimal("0.5"))
    report = executed(run)
    assert report.execution is not None
    assert report.execution.cash_after is not None
    assert report.execution.cash_after >= 0
    assert all(one.filled == one.asked for one in report.execution.orders)
    assert sum(one.fees for one in report.execution.orders) > 120


def test_a_reserve_is_left_whatever_the_fees(tmp_path: Path, broker: Scripted) -> None:
    run = run_of(tmp_path, Limits(reserve=Decimal(400)))
    book(fee_per_order=Decimal(9))
    report = executed(run)
    assert report.execution is not None
    assert report.execution.cash_after is not None
    assert report.execution.cash_after >= 400


def test_what_fills_in_part_is_taken_and_the_rest_cancelled(tmp_path: Path, broker: Scripted) -> None:
    run = run_of(tmp_path)
    book(partial=Decimal("0.5"))
    report = executed(run)
    assert outcome(report)["OLD"] == (Decimal(50), OrderState.CANCELLED)
    assert broker.snapshot("main").open_orders == ()
    assert report.execution is not None
    assert report.execution.end is ExecutionEnd.UNFINISHED


def veto(answer: Any) -> Any:
    class Decider:
        def decide(self, name: str, **given: Any) -> list[tuple[str, Any]]:
            return [("careful", answer)] if name == "rebalkit_before_order" and given["request"].symbol == "NEW" else []

        def __getattr__(self, name: str) -> Any:
            return getattr(registry(), name)

    return Decider()


@pytest.mark.parametrize("answer", ["not on a Tuesday", ValueError("it broke")])
def test_a_plugin_can_veto_an_order_and_one_that_fails_has(broker: Scripted, tmp_path: Path, answer: Any) -> None:
    run = run_of(tmp_path)
    report = execute_run(veto(answer), run, lambda question: "test")
    assert report is not None
    assert report.execution is not None
    (vetoed,) = [one for one in report.execution.orders if one.symbol == "NEW"]
    assert vetoed.state is None
    assert "careful" in vetoed.message
    assert str(answer) in vetoed.message
    assert "NEW" not in {one.symbol for one in broker.placed}


def test_quotes_that_are_gone_keep_the_purchases_from_being_placed(
    broker: Scripted, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = run_of(tmp_path)
    known = dict(QUOTES)

    def sold() -> PlaceResult:
        monkeypatch.setattr(broker, "quotes", lambda symbols: {one: known[one] for one in symbols if one != "BND"})
        return PaperBroker.place(broker, "main", broker.preview("main", broker.placed[-1]))

    broker.answers["JUNK"] = sold
    execution = executed(run).execution
    assert execution is not None
    assert execution.end is ExecutionEnd.UNFINISHED
    assert {one.symbol: one.message for one in execution.orders if one.side is Side.BUY} == dict.fromkeys(
        ["NEW", "BND"], "no usable quote for BND"
    )


def test_f106_what_a_caller_changes_afterwards_changes_neither_the_plan_nor_its_execution(
    broker: Scripted, tmp_path: Path
) -> None:
    settings, quotes = {"book": "test"}, dict(QUOTES)
    request = PlanRequest(Source("paper", settings, "main"), TARGETS)
    snapshot = evolve(take_snapshot(broker, "main", TARGETS), quotes=quotes)
    report = plan_report(registry(), snapshot, request)
    run = create_run(tmp_path, "20250408T200000Z-x", lambda new: new.save_plan(report, request))
    before = run.plan()
    settings["book"] = "another"
    quotes.clear()
    assert run.plan() == before
    finished = executed(run)
    assert finished.execution is not None
    assert finished.execution.end is ExecutionEnd.CONVERGED
    assert run.plan() == before


def test_the_run_folder_tells_what_happened(broker: Scripted, tmp_path: Path) -> None:
    run = run_of(tmp_path)
    executed(run)
    names = {path.name for path in run.path.iterdir()}
    assert names == {"snapshot.json", "request.json", "plan.json", "findings.json", "previews.json", "execution.json"}
    document = json.loads((run.path / "execution.json").read_text())
    assert document["end"] == "converged"
    assert RunFolder.open(run.path).report().execution == run.execution()
    assert run.execution().journal == recorded_execution(run.plan()).journal
    assert LOTS[0].lot == "loss"
