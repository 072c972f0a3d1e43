"""The world of a run: whose time it is, and whose journal."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from executions import DAY, book, executed, run_of
from rebalkit.calendar import NEW_YORK
from rebalkit.errors import BlockedError
from rebalkit.execution.disk import journal_path, journals
from rebalkit.model import ExecutionEnd
from rebalkit.pipeline.promises import HOUSEHOLD, Scope
from rebalkit.pipeline.worlds import SimulatedClock, journal_scope, open_world
from rebalkit_paper import PaperBroker, PaperSettings


class Daily:
    """A simulated broker that knows its day only."""

    def today(self) -> dt.date:
        return DAY


def test_waiting_for_a_simulated_broker_takes_no_time() -> None:
    clock = SimulatedClock(Daily())  # type: ignore[arg-type]
    before = clock.monotonic()
    clock.sleep(90)
    assert clock.monotonic() - before == 90
    assert clock.now().astimezone(NEW_YORK).date() == DAY


def test_a_simulated_broker_that_tells_the_time_is_believed() -> None:
    book()
    broker = PaperBroker(PaperSettings("test"))
    assert SimulatedClock(broker).now() == broker.now()
    assert SimulatedClock(broker).now().tzinfo is dt.UTC


def test_one_account_has_one_journal_and_one_run_at_a_time() -> None:
    book()
    broker = PaperBroker(PaperSettings("test"))
    with open_world(broker, "paper: book=test", "main", str) as world:
        assert world.journal.count == 0
        with pytest.raises(BlockedError) as caught, open_world(broker, "paper: book=test", "main", str):
            pytest.fail("opened twice")
        assert caught.value.code == "locked"
        with open_world(broker, "paper: book=test", "ira", str):
            pass


def test_an_account_on_paper_that_was_made_anew_begins_a_new_journal(tmp_path: Path) -> None:
    """It looks as the old one did, and its plan has the id of the old one's."""
    book()
    first = run_of(tmp_path)
    executed(first)
    book()
    second = run_of(tmp_path)
    assert second.plan().plan_id == first.plan().plan_id
    report = executed(second)
    assert report.execution is not None
    assert report.execution.end is ExecutionEnd.CONVERGED
    (path,) = journals()
    assert path == journal_path("paper: book=test", "main")
    assert sorted(one.name for one in path.parent.glob(f"{path.stem}*.old-1")) == [
        f"{path.stem}.jsonl.old-1",
        f"{path.stem}.sqlite3.old-1",
    ]
    book()
    executed(run_of(tmp_path))
    assert len(list(path.parent.glob("*.old-*"))) == 4


@pytest.mark.parametrize(
    ("scope", "broker", "live", "name"),
    [
        (Scope("paper: book=a"), "paper", False, "paper: book=a"),
        (HOUSEHOLD, "etrade", True, "etrade"),
        (HOUSEHOLD, "etrade", False, "etrade, simulated"),
        (HOUSEHOLD, "other", True, "other"),
    ],
)
def test_accounts_of_two_brokers_share_no_journal(scope: Scope, broker: str, live: bool, name: str) -> None:
    assert journal_scope(scope, broker, live) == name


def test_the_same_account_keeps_its_journal(tmp_path: Path) -> None:
    book()
    first = run_of(tmp_path)
    executed(first)
    with pytest.raises(BlockedError) as caught:
        executed(first)
    assert caught.value.code == "executed"
