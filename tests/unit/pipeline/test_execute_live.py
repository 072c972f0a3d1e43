"""Real money: nothing moves without the flag, a fresh plan and consent to its numbers."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from executions import book, set_price
from live_broker import MOMENT, LiveBroker, live_registry, live_run, real_money, yes
from rebalkit.errors import BlockedError, UsageError
from rebalkit.model import ExecutionEnd, Side
from rebalkit.pipeline.consent import Question
from rebalkit.pipeline.execute import execute_run
from rebalkit.pipeline.journals import open_runs
from rebalkit.pipeline.promises import HOUSEHOLD
from rebalkit.pipeline.resume import resume_run
from rebalkit.pipeline.runs import RunFolder
from rebalkit.pipeline.stopping import ask_to_stop
from rebalkit.registry import Registry, TrustList

__all__ = ["real_money"]


@pytest.fixture
def registry(tmp_path: Path) -> Registry:
    return live_registry(tmp_path)


@pytest.fixture
def run(registry: Registry, tmp_path: Path, real_money: type[LiveBroker]) -> RunFolder:
    """A run of a plan whose account was read a minute ago."""
    book()
    return live_run(registry, tmp_path, MOMENT - dt.timedelta(minutes=1))


def test_a_plugin_that_is_not_trusted_moves_no_money_whoever_loaded_it(
    registry: Registry, run: RunFolder, tmp_path: Path
) -> None:
    """The list is looked at here, too: a program that uses the library may load what it likes."""
    assert TrustList.remove(str(tmp_path / "pretend.py"))
    with pytest.raises(
        BlockedError, match=r"pretend was loaded, but it is left out where real money moves: not trusted"
    ) as caught:
        execute_run(registry, run, yes, live=True)
    assert caught.value.code == "untrusted_plugin"
    with pytest.raises(BlockedError, match="pretend was loaded"):
        resume_run(registry, run, yes, lambda *asked: pytest.fail("nothing is asked"), live=True)
    assert LiveBroker.placed == []


def test_with_all_of_it_the_plan_is_carried_out(registry: Registry, run: RunFolder) -> None:
    report = execute_run(registry, run, yes, live=True)
    assert report is not None
    assert report.execution is not None
    assert report.live
    assert report.execution.end is ExecutionEnd.CONVERGED, report.execution
    assert [one.side for one in LiveBroker.placed] == [Side.SELL, Side.SELL, Side.BUY, Side.BUY]
    assert report.execution.journal is not None
    assert {one.group for one in HOUSEHOLD.load()} == {("OLD",), ("JUNK",)}


def test_without_the_flag_nothing_is_asked_or_placed(registry: Registry, run: RunFolder) -> None:
    with pytest.raises(UsageError, match="--live") as caught:
        execute_run(registry, run, lambda question: pytest.fail("asked"))
    assert caught.value.code == "live_not_asked"
    assert LiveBroker.placed == []


def test_a_no_places_nothing(registry: Registry, run: RunFolder) -> None:
    assert execute_run(registry, run, lambda question: "", live=True) is None
    assert LiveBroker.placed == []
    assert HOUSEHOLD.load() == ()


@pytest.mark.parametrize("read", [None, MOMENT - dt.timedelta(minutes=16)])
def test_an_old_plan_is_refused_before_anybody_is_asked(
    registry: Registry, tmp_path: Path, real_money: type[LiveBroker], read: dt.datetime | None
) -> None:
    book()
    run = live_run(registry, tmp_path, read)
    with pytest.raises(BlockedError) as caught:
        execute_run(registry, run, lambda question: pytest.fail("asked"), live=True)
    assert caught.value.code == "plan_stale"


def test_a_plan_grows_old_while_the_person_reads(registry: Registry, run: RunFolder) -> None:
    def slowly(question: Question) -> str:
        LiveBroker.moment = MOMENT + dt.timedelta(minutes=20)
        return "phrase"

    with pytest.raises(BlockedError) as caught:
        execute_run(registry, run, slowly, live=True)
    assert caught.value.code == "plan_stale"
    assert LiveBroker.placed == []


def test_what_changes_while_the_person_reads_is_seen(registry: Registry, run: RunFolder) -> None:
    def meanwhile(question: Question) -> str:
        set_price("OLD", "200.00")
        return "phrase"

    with pytest.raises(BlockedError) as caught:
        execute_run(registry, run, meanwhile, live=True)
    assert caught.value.code == "account_changed"
    assert LiveBroker.placed == []


def test_more_than_a_day_may_trade_is_refused_before_the_first_sale_and_not_after_it(
    registry: Registry, tmp_path: Path, real_money: type[LiveBroker]
) -> None:
    """The orders come to 20,900 USD, the account is worth 15,700."""
    book()
    run = live_run(registry, tmp_path, MOMENT, turnover=133)
    with pytest.raises(BlockedError, match="20,900 USD") as caught:
        execute_run(registry, run, lambda question: pytest.fail("asked"), live=True)
    assert caught.value.code == "day_turnover"
    assert LiveBroker.placed == []


def test_a_stop_is_found_before_the_first_order(registry: Registry, run: RunFolder) -> None:
    ask_to_stop("not today", MOMENT)
    with pytest.raises(BlockedError, match="not today") as caught:
        execute_run(registry, run, yes, live=True)
    assert caught.value.code == "kill_switch"
    assert LiveBroker.placed == []


def test_a_stop_while_the_person_reads_leaves_nothing_to_take_up(registry: Registry, run: RunFolder) -> None:
    def meanwhile(question: Question) -> str:
        ask_to_stop("wait", MOMENT)
        return "phrase"

    with pytest.raises(BlockedError, match="wait"):
        execute_run(registry, run, meanwhile, live=True)
    assert LiveBroker.placed == []
    assert open_runs() == []


def test_a_stop_during_the_run_lets_the_present_order_end_and_sends_no_other(registry: Registry, run: RunFolder) -> None:
    told: list[str] = []

    def tell(result: object) -> None:
        told.append(str(result))
        ask_to_stop("enough", MOMENT)

    with pytest.raises(BlockedError, match="enough") as caught:
        execute_run(registry, run, yes, live=True, tell=tell)
    assert caught.value.code == "kill_switch"
    assert len(LiveBroker.placed) == len(told) == 1
