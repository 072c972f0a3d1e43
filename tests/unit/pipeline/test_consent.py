"""Consent: the numbers that are shown are those of the plan, and nothing but a clear yes to them is one."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from pathlib import Path

import pytest
from attrs import evolve

from executions import book, run_of
from rebalkit.cli.consent import question_lines
from rebalkit.errors import BlockedError, UsageError
from rebalkit.execution.rules import ExecutionRules
from rebalkit.model import Finding, Severity
from rebalkit.pipeline.consent import Question, question_of, refuse_old_plan, refuse_other_money, says_phrase
from rebalkit.plugin import BrokerCapabilities

NOW = dt.datetime(2025, 4, 8, 15, 0, tzinfo=dt.UTC)
RULES = ExecutionRules()


@pytest.fixture
def question(tmp_path: Path) -> Question:
    book()
    run = run_of(tmp_path)
    report = run.report()
    warned = Finding("wash_buy", Severity.WARNING, "Careful.\x1b[2J")
    return question_of(evolve(report, findings=(*report.findings, warned)), run.plan(), "etrade", True, (), RULES)


def test_the_question_has_the_numbers_of_the_plan(question: Question) -> None:
    """By hand: 100 OLD at 100 and 20 JUNK at 10 are sold for 10,200 USD; with 500 of cash and 5,000 of OLD kept, bonds get 90 × 70
    and stocks 88 × 50."""
    assert (question.sells, question.lots, question.buys) == (2, 2, 2)
    assert question.turnover == 10_200 + 90 * 70 + 88 * 50
    assert question.value == 500 + 150 * 100 + 20 * 10
    assert question.most_spent == 90 * 70 + 88 * 50
    # One percent of drift and three thousandths of collar below 100 and 10 USD.
    assert question.least_proceeds == Decimal("9870.30") + Decimal("197.40")
    assert question.tax.harvested == 2_000 + 4_800
    assert question.phrase == f"SELL 2 BUY 2 TURNOVER {question.turnover}"
    assert question.unchecked[-1] == "Careful.\x1b[2J"
    assert any("Accounts elsewhere" in one for one in question.unchecked)


def test_what_is_shown_says_live_or_paper_and_only_the_tail_of_the_account(question: Question) -> None:
    question = evolve(question, account="83405188")
    live = list(question_lines(question, colours=True))
    paper = list(question_lines(evolve(question, live=False), colours=True))
    assert live[0] != paper[0]
    assert "LIVE" in live[0]
    assert "PAPER" in paper[0]
    assert "\x1b[" in live[0]
    plain = "\n".join(question_lines(question, colours=False))
    assert "\x1b" not in plain, "neither colours nor what a broker or plugin has put into a text"
    assert "…5188" in plain
    assert "83405188" not in plain
    for part in ("sell 100 OLD at about 100.00 (1 lot)", "buy 90 ", " at about 70.00"):
        assert part in plain, part
    many = evolve(question, orders=question.orders * 6)
    assert "and 4 smaller ones, see the report" in "\n".join(question_lines(many, colours=False))
    for part in ("etrade", "$15,700.00", "2 sales (2 lots), 2 purchases", "$20,900", "$10,067.70", "$10,700.00", "−6,800.00"):
        assert part in plain, part


@pytest.mark.parametrize("typed", ["SELL 2 BUY 2 TURNOVER 20900", "sell 2 buy 2  turnover 20900 "])
def test_the_phrase_is_a_yes(question: Question, typed: str) -> None:
    assert says_phrase(question, typed)


@pytest.mark.parametrize(
    "typed", ["", "y", "yes", "SELL 2 BUY 2", "SELL 2 BUY 2 TURNOVER 20901", "SELL 2 BUY 3 TURNOVER 20900", "yes " * 6]
)
def test_f109_nothing_else_is(question: Question, typed: str) -> None:
    assert not says_phrase(question, typed)


LIVE = BrokerCapabilities(live=True, places_orders=True)
PAPER = BrokerCapabilities(live=False, places_orders=True)
TICKET = BrokerCapabilities(live=False, places_orders=False)


@pytest.mark.parametrize(
    ("capabilities", "asked", "code"),
    [
        (LIVE, True, None),
        (LIVE, False, "live_not_asked"),
        (PAPER, False, None),
        (PAPER, True, "not_live"),
        (TICKET, False, None),
        (TICKET, True, "not_live"),
    ],
)
def test_f032_real_money_is_asked_for_or_not_there(capabilities: BrokerCapabilities, asked: bool, code: str | None) -> None:
    if code is None:
        refuse_other_money(capabilities, "some", asked)
        return
    with pytest.raises(UsageError, match="real money") as caught:
        refuse_other_money(capabilities, "some", asked)
    assert caught.value.code == code


@pytest.mark.parametrize(
    ("seconds", "code"),
    [(0, None), (900, None), (901, "plan_stale"), (86_400, "plan_stale"), (-60, None), (-61, "clock_skew"), (None, "plan_stale")],
)
def test_a_plan_for_real_money_is_of_the_last_minutes(seconds: int | None, code: str | None) -> None:
    read = None if seconds is None else NOW - dt.timedelta(seconds=seconds)
    if code is None:
        refuse_old_plan(read, NOW, RULES)
        return
    with pytest.raises(BlockedError) as caught:
        refuse_old_plan(read, NOW, RULES)
    assert caught.value.code == code
