"""Taking up a run that broke off: what is proven is used, what is not is asked, and nothing is sent twice."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve

from executions import book
from live_broker import MOMENT, LiveBroker, live_registry, live_run, real_money, yes
from rebalkit.calendar import next_session
from rebalkit.errors import BlockedError, BrokerError, UnknownOrderState, UsageError
from rebalkit.execution.events import Kind
from rebalkit.execution.journal import Journal
from rebalkit.execution.state import Leg, Run
from rebalkit.model import ExecutionEnd, Finding, Placed, PlaceResult, Report, Severity, Side, Unknown
from rebalkit.pipeline.execute import execute_run
from rebalkit.pipeline.journals import open_runs
from rebalkit.pipeline.promises import HOUSEHOLD
from rebalkit.pipeline.resume import Answer, resume_run
from rebalkit.pipeline.runs import RunFolder
from rebalkit.pipeline.stopping import ask_to_stop, clear_stop
from rebalkit.registry import Registry
from rebalkit_paper import PaperBroker, PaperSettings
from rebalkit_paper.days import advanced
from rebalkit_paper.store import change

__all__ = ["real_money"]


@pytest.fixture
def registry(tmp_path: Path) -> Registry:
    return live_registry(tmp_path)


@pytest.fixture
def run(registry: Registry, tmp_path: Path, real_money: type[LiveBroker]) -> RunFolder:
    book()
    return live_run(registry, tmp_path, MOMENT - dt.timedelta(minutes=1))


def nobody(run: Run, leg: Leg, wrong: str) -> Answer:
    pytest.fail("asked")


def no_terminal(run: Run, leg: Leg, wrong: str) -> Answer:
    raise UnknownOrderState(f"asked for {leg.asked.client_id}")


def lost_reply(symbol: str) -> None:
    """The next order of ``symbol`` is placed, and its answer is lost."""

    def answer() -> PlaceResult:
        del LiveBroker.answers[symbol]
        broker = LiveBroker(PaperSettings("test"))
        placed = PaperBroker.place(broker, "main", broker.preview("main", LiveBroker.placed[-1]))
        assert isinstance(placed, Placed)
        return Unknown("the connection broke")

    LiveBroker.answers[symbol] = answer


def lost_request(symbol: str) -> None:
    """The next order of ``symbol`` never reaches the broker, and nobody can tell."""

    def answer() -> PlaceResult:
        del LiveBroker.answers[symbol]
        return Unknown("the connection broke")

    LiveBroker.answers[symbol] = answer


def broken_off(registry: Registry, run: RunFolder) -> None:
    with pytest.raises(UnknownOrderState):
        execute_run(registry, run, yes, live=True)


def filled(report: Report) -> dict[str, Decimal]:
    assert report.execution is not None
    return {one.symbol: one.filled for one in report.execution.orders}


def ids(side: Side | None = None) -> list[str]:
    return [one.client_id for one in LiveBroker.placed if side in (None, one.side)]


def test_what_is_open_is_found_by_its_plan(registry: Registry, run: RunFolder) -> None:
    assert open_runs() == []
    lost_request("JUNK")
    broken_off(registry, run)
    (found,) = open_runs()
    assert found.run == run.plan().plan_id
    assert found.folder == str(run.path.absolute())
    assert open_runs(found.run[:4]) == [found]
    assert open_runs("x") == []


def test_a_person_says_that_it_is_not_there_and_it_is_sent_under_another_id(registry: Registry, run: RunFolder) -> None:
    lost_request("JUNK")
    broken_off(registry, run)
    (first,) = [one.client_id for one in LiveBroker.placed if one.symbol == "JUNK"]
    asked: list[str] = []

    def ask(run: Run, leg: Leg, wrong: str) -> Answer:
        asked.append(leg.asked.client_id)
        return Answer(leg.asked.client_id, None)

    report = resume_run(registry, run, yes, ask, live=True)
    assert asked == [first]
    assert filled(report) == {"OLD": 100, "JUNK": 20, "NEW": 88, "BND": 90}
    assert len(set(ids())) == len(ids()) == 5
    assert report.execution is not None
    assert report.execution.end is ExecutionEnd.CONVERGED
    assert run.execution() == report.execution
    assert open_runs() == []


def test_a_lost_reply_is_found_without_asking(registry: Registry, run: RunFolder) -> None:
    """The process ends in the very call that placed the order: what the broker lists that was not there before is it."""
    lost_reply("JUNK")
    placing = LiveBroker.answers["JUNK"]

    def dies() -> PlaceResult:
        placing()
        raise KeyboardInterrupt

    LiveBroker.answers["JUNK"] = dies
    with pytest.raises(KeyboardInterrupt):
        execute_run(registry, run, yes, live=True)
    LiveBroker.answers.clear()
    report = resume_run(registry, run, yes, nobody, live=True)
    assert filled(report) == {"OLD": 100, "JUNK": 20, "NEW": 88, "BND": 90}
    assert len(ids()) == 4


def test_without_anybody_to_ask_nothing_is_sent(registry: Registry, run: RunFolder) -> None:
    lost_request("OLD")
    broken_off(registry, run)
    with pytest.raises(UnknownOrderState, match=ids()[0]):
        resume_run(registry, run, lambda question: pytest.fail("asked"), no_terminal, live=True)
    assert len(ids()) == 1


def test_a_wrong_answer_is_asked_for_again(registry: Registry, run: RunFolder) -> None:
    lost_request("JUNK")
    broken_off(registry, run)
    told: list[str] = []

    def ask(run: Run, leg: Leg, wrong: str) -> Answer:
        told.append(wrong)
        return Answer(leg.asked.client_id, None if wrong else "nonsense")

    resume_run(registry, run, yes, ask, live=True)
    assert told[0] == ""
    assert "nonsense" in told[1]


def test_an_answer_given_beforehand_is_taken(registry: Registry, run: RunFolder) -> None:
    lost_request("OLD")
    broken_off(registry, run)
    report = resume_run(registry, run, yes, nobody, answers=[Answer(ids()[0], None)], live=True)
    assert filled(report)["OLD"] == 100


def test_an_answer_for_an_order_that_is_none_is_refused(registry: Registry, run: RunFolder) -> None:
    lost_request("OLD")
    broken_off(registry, run)
    for answer in (Answer("X", None), Answer(run_leg_of("BND"), None)):
        with pytest.raises(UsageError):
            resume_run(registry, run, yes, nobody, answers=[answer], live=True)
    assert len(ids()) == 1


def run_leg_of(symbol: str) -> str:
    (found,) = open_runs()
    return next(leg.asked.client_id for leg in found.legs.values() if leg.planned.symbol == symbol)


def test_an_old_plan_is_given_up_and_what_was_done_is_reported(registry: Registry, run: RunFolder) -> None:
    lost_request("JUNK")
    broken_off(registry, run)
    LiveBroker.moment = MOMENT + dt.timedelta(minutes=30)
    answers = [Answer(ids()[-1], None)]
    report = resume_run(registry, run, lambda question: pytest.fail("asked"), nobody, answers=answers, live=True)
    assert report.execution is not None
    assert report.execution.end is ExecutionEnd.GIVEN_UP
    assert filled(report) == {"OLD": 100, "JUNK": 0, "NEW": 0, "BND": 0}
    assert open_runs() == []
    assert {one.group for one in HOUSEHOLD.load()} == {("OLD",)}, "what was not sold is not promised"
    assert run.execution() == report.execution
    with pytest.raises(BlockedError) as caught:
        execute_run(registry, run, yes, live=True)
    assert caught.value.code == "executed"


@pytest.mark.parametrize(
    ("options", "answer"),
    [({"live": True, "give_up": True}, "phrase"), ({"give_up": True}, "phrase"), ({"live": True}, "")],
)
def test_a_person_can_give_it_up(registry: Registry, run: RunFolder, options: dict[str, bool], answer: str) -> None:
    lost_request("JUNK")
    broken_off(registry, run)
    before = [Answer(ids()[-1], None)]
    report = resume_run(registry, run, lambda question: answer, nobody, answers=before, **options)
    assert report.execution is not None
    assert report.execution.end is ExecutionEnd.GIVEN_UP
    assert len(ids()) == 2


def test_without_the_flag_it_is_found_out_what_is_there_and_nothing_is_sent(registry: Registry, run: RunFolder) -> None:
    lost_request("JUNK")
    broken_off(registry, run)
    with pytest.raises(UsageError) as caught:
        resume_run(registry, run, yes, nobody, answers=[Answer(ids()[-1], None)])
    assert caught.value.code == "live_not_asked"
    assert len(ids()) == 2
    resume_run(registry, run, yes, nobody, live=True)
    assert len(ids()) == 5


def test_the_question_has_the_numbers_of_what_is_left(registry: Registry, run: RunFolder) -> None:
    lost_request("JUNK")
    broken_off(registry, run)

    def consent(question: object) -> str:
        assert str(getattr(question, "phrase", "")) == "SELL 1 BUY 2 TURNOVER 10900"
        return "phrase"

    resume_run(registry, run, consent, nobody, answers=[Answer(ids()[-1], None)], live=True)


def test_a_run_that_is_not_open_is_not_taken_up(registry: Registry, run: RunFolder) -> None:
    with pytest.raises(UsageError) as caught:
        resume_run(registry, run, yes, nobody, live=True)
    assert caught.value.code == "not_open"


def test_a_broker_that_went_away_while_verifying_leaves_only_that_to_do(
    registry: Registry, run: RunFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    from rebalkit.pipeline import executing

    def away(*_: object, **__: object) -> None:
        raise BrokerError("gone")

    with monkeypatch.context() as patch:
        patch.setattr(executing, "take_snapshot", away)
        with pytest.raises(BrokerError, match="gone"):
            execute_run(registry, run, yes, live=True)
    assert run.execution() is None
    LiveBroker.moment = MOMENT + dt.timedelta(minutes=30)
    report = resume_run(registry, run, lambda question: pytest.fail("asked"), nobody)
    assert report.execution is not None
    assert report.execution.end is ExecutionEnd.CONVERGED
    assert len(ids()) == 4


def test_f044_a_run_that_was_never_approved_is_given_up(
    registry: Registry, run: RunFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    record = Journal.record

    def dies(self: Journal, kind: Kind, *where: Any, **body: Any) -> None:
        if kind is Kind.APPROVED:
            raise KeyboardInterrupt
        record(self, kind, *where, **body)

    with monkeypatch.context() as patch:
        patch.setattr(Journal, "record", dies)
        with pytest.raises(KeyboardInterrupt):
            execute_run(registry, run, yes, live=True)
    report = resume_run(registry, run, lambda question: pytest.fail("asked"), nobody, live=True)
    assert report.execution is not None
    assert report.execution.end is ExecutionEnd.GIVEN_UP
    assert ids() == []
    assert HOUSEHOLD.load() == ()


def test_f045_a_run_that_was_approved_and_sent_nothing_is_asked_for_again(
    registry: Registry, run: RunFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: object) -> None:
        raise BrokerError("gone")

    with monkeypatch.context() as patch:
        patch.setattr(LiveBroker, "orders", away)
        with pytest.raises(BrokerError, match="gone"):
            execute_run(registry, run, yes, live=True)
    assert ids() == []
    ask_to_stop("", MOMENT)
    with pytest.raises(BlockedError) as caught:
        resume_run(registry, run, yes, nobody, live=True)
    assert caught.value.code == "kill_switch", "it still stands"
    clear_stop()
    asked: list[str] = []
    report = resume_run(registry, run, lambda question: asked.append(question.phrase) or "phrase", nobody, live=True)
    assert asked == ["SELL 2 BUY 2 TURNOVER 20900"]
    assert filled(report) == {"OLD": 100, "JUNK": 20, "NEW": 88, "BND": 90}


def test_promises_that_were_forgotten_meanwhile_are_kept_again_before_what_is_left_is_sold(
    registry: Registry, run: RunFolder
) -> None:
    lost_request("JUNK")
    broken_off(registry, run)
    HOUSEHOLD.drop([one.promise for one in HOUSEHOLD.load()])
    resume_run(registry, run, yes, nobody, answers=[Answer(ids()[-1], None)], live=True)
    assert {one.group for one in HOUSEHOLD.load()} == {("OLD",), ("JUNK",)}


def test_f077_on_another_day_what_is_left_is_given_up_and_the_account_is_judged_as_it_is_then(
    registry: Registry, run: RunFolder
) -> None:
    lost_request("JUNK")
    broken_off(registry, run)
    change("test", lambda one: advanced(one, next_session(one.today)))
    LiveBroker.moment = MOMENT + dt.timedelta(days=1)
    report = resume_run(registry, run, yes, nobody, answers=[Answer(ids()[-1], None)], live=True)
    assert report.execution is not None
    assert report.execution.end is ExecutionEnd.GIVEN_UP
    assert filled(report)["OLD"] == 100
    assert len(ids()) == 2


def test_what_a_check_forbids_by_now_is_given_up(registry: Registry, run: RunFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    lost_request("JUNK")
    broken_off(registry, run)
    found = Finding("not_any_more", Severity.BLOCKING, "No.")
    monkeypatch.setattr("rebalkit.pipeline.resume.checked_again", lambda _, request, report: evolve(report, findings=(found,)))
    report = resume_run(registry, run, yes, nobody, answers=[Answer(ids()[-1], None)], live=True)
    assert report.execution is not None
    assert report.execution.orders[-1].message == "checks forbid it now: not_any_more"
    assert len(ids()) == 2


def test_an_order_that_the_broker_does_not_end_is_no_question_for_a_person(
    registry: Registry, run: RunFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is known that the broker has it: there is nothing to answer but by the broker."""
    with monkeypatch.context() as patch:
        patch.setattr(LiveBroker, "orders", lambda self, account, since: [])
        patch.setattr(LiveBroker, "cancel", lambda self, account, order: None)
        with pytest.raises(UnknownOrderState) as caught:
            execute_run(registry, run, yes, live=True)
        assert caught.value.code == "order_still_open"
        with pytest.raises(UnknownOrderState) as caught:
            resume_run(registry, run, yes, nobody, live=True)
        assert caught.value.code == "order_still_open"
    report = resume_run(registry, run, yes, nobody, live=True)
    assert filled(report) == {"OLD": 100, "JUNK": 20, "NEW": 88, "BND": 90}
    assert len(ids()) == 4
