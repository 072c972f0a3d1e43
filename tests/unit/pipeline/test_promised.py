"""What a plan promises is kept before anything is placed, holds as far as it was carried out, and is heeded afterwards."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Callable
from pathlib import Path

import pytest

import rebalkit
from commands import DAY as SAMPLE_DAY
from executions import DAY, SOURCE, TARGETS, book, executed, registry, run_of
from rebalkit.errors import BrokerError, JournalError
from rebalkit.model import OrderPreview, PlaceResult, Promise, Report
from rebalkit.pipeline.execute import execute_run
from rebalkit.pipeline.plan import plan_report
from rebalkit.pipeline.promised import promised_by
from rebalkit.pipeline.promises import HOUSEHOLD, Scope, all_promises, scope_of
from rebalkit.pipeline.request import PlanRequest, Source
from rebalkit.pipeline.runs import create_run
from rebalkit.pipeline.snapshot import open_broker, take_snapshot
from rebalkit.sample import sample_folder
from rebalkit_paper import PaperBroker

PAPER = Scope("paper: book=test")
Place = Callable[[PaperBroker, str, OrderPreview], PlaceResult]


def symbols(promises: tuple[Promise, ...]) -> set[str]:
    return {symbol for one in promises for symbol in one.group}


def placing(monkeypatch: pytest.MonkeyPatch, before: Callable[[], None]) -> None:
    """Have every order of a paper broker preceded by ``before``."""
    place: Place = PaperBroker.place

    def placed(self: PaperBroker, account: str, preview: OrderPreview) -> PlaceResult:
        before()
        return place(self, account, preview)

    monkeypatch.setattr(PaperBroker, "place", placed)


def test_a_plan_promises_for_each_loss_that_it_takes(tmp_path: Path) -> None:
    """The lot with a gain is kept; OLD and JUNK are sold at a loss of 20 and 240 dollars a share."""
    book()
    report = run_of(tmp_path).report()
    assert report.plan is not None
    found = {one.group: one for one in promised_by(report)}
    assert {group: (one.quantity, one.loss) for group, one in found.items()} == {("OLD",): (100, 2000), ("JUNK",): (20, 4800)}
    assert {(one.account, one.sold, one.plan_id) for one in found.values()} == {("main", DAY, report.plan.plan_id)}
    assert set(report.promises) == set(found.values())
    assert len({one.promise for one in found.values()}) == 2


def test_executed_promises_are_kept_and_the_next_snapshot_has_them(tmp_path: Path) -> None:
    book()
    report = executed(run_of(tmp_path))
    assert all_promises() == {PAPER.name: promised_by(report)}
    assert symbols(report.promises) == {"OLD", "JUNK"}
    after = take_snapshot(open_broker(registry(), SOURCE), "main", TARGETS, promises=scope_of(registry(), SOURCE).load())
    assert symbols(after.promises) == {"OLD", "JUNK"}
    again = plan_report(registry(), after, PlanRequest(SOURCE, TARGETS))
    assert again.plan is not None
    assert again.plan.orders == ()
    assert set(again.promises) == set(after.promises)


def test_a_book_made_anew_is_not_bound_by_what_the_old_one_sold(tmp_path: Path) -> None:
    book()
    executed(run_of(tmp_path))
    book()
    assert PAPER.load() != ()
    assert take_snapshot(open_broker(registry(), SOURCE), "main", TARGETS, promises=PAPER.load()).promises == ()


def test_what_was_not_sold_is_promised_no_longer(tmp_path: Path) -> None:
    book(reject=("OLD",))
    run = run_of(tmp_path)
    report = executed(run)
    assert symbols(report.promises) == {"JUNK"}
    assert symbols(PAPER.load()) == {"JUNK"}
    assert run.report().promises == report.promises


def test_without_consent_nothing_is_promised(tmp_path: Path) -> None:
    book()
    assert execute_run(registry(), run_of(tmp_path), lambda question: "") is None
    assert all_promises() == {}


def test_promises_are_kept_before_the_first_order_and_stay_when_it_breaks_off(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    book()
    run = run_of(tmp_path)
    seen: list[set[str]] = []

    def broken() -> None:
        seen.append(symbols(PAPER.load()))
        raise BrokerError("the line is dead")

    placing(monkeypatch, broken)
    with pytest.raises(BrokerError):
        executed(run)
    assert seen[0] == {"OLD", "JUNK"}
    assert symbols(PAPER.load()) == {"OLD", "JUNK"}
    assert symbols(run.report().promises) == {"OLD", "JUNK"}


def test_where_promises_cannot_be_kept_nothing_is_placed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    book()
    run = run_of(tmp_path)
    placing(monkeypatch, lambda: pytest.fail("an order was placed"))

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        with pytest.raises(JournalError):
            executed(run)
    assert run.execution() is None
    assert all_promises() == {}


def ticket(tmp_path: Path) -> Report:
    """The order ticket of the sample."""

    targets = rebalkit.read_targets(sample_folder() / "targets.toml")
    snapshot = rebalkit.read_folder(sample_folder(), targets, as_of=dt.date.fromisoformat(SAMPLE_DAY))
    request = PlanRequest(Source("files", {"folder": str(sample_folder())}, "taxable"), targets)
    report = plan_report(registry(), snapshot, request)
    return executed(create_run(tmp_path, "20250408T200000Z-x", lambda new: new.save_plan(report, request)))


def test_a_ticket_binds_the_household_once(tmp_path: Path) -> None:
    """It can be written again, and the sales of its plan are then in force for whatever is planned next."""
    report = ticket(tmp_path)
    assert report.plan is not None
    assert {symbol for order in report.plan.sells for symbol in [order.symbol]} >= symbols(report.promises) > {"IVV"}
    assert HOUSEHOLD.load() == report.promises
    assert set(ticket(tmp_path).snapshot.promises) == set(report.promises)


def test_a_plan_that_must_not_be_executed_promises_nothing(tmp_path: Path) -> None:
    book()
    run = run_of(tmp_path)
    findings = run.path / "findings.json"
    findings.write_text(findings.read_text().replace('"info"', '"blocking"'))
    assert run.report().blocked
    assert promised_by(run.report()) == ()
    assert run.report().promises == ()
