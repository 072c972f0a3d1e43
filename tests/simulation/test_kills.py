"""A real process on a real disk, killed with SIGKILL at every step and at random moments: nothing is lost, nothing is done twice.

The process is a fork of the test's; it carries a plan out on the paper broker, whose own book on the disk says what was really ordered.
A step is every write to the journal and every order, each once before and once after it takes effect.
"""

from __future__ import annotations

import datetime as dt
import itertools
import os
import random
import signal
import time
from collections.abc import Callable
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from executions import book, executed, registry, run_of
from rebalkit.errors import UsageError
from rebalkit.execution.disk import open_journal
from rebalkit.execution.disk.store import FileStore
from rebalkit.model import OrderStatus, Side
from rebalkit.pipeline import worlds
from rebalkit.pipeline.resume import Answer, resume_run
from rebalkit.pipeline.runs import RunFolder
from rebalkit_paper import PaperBroker, PaperSettings

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")

ALL = bool(os.environ.get("REBALKIT_CRASH_PAIRS"))
"""Whether every step and 500 moments are tried, as ``nox -s crashes`` does; else some of them."""
BROKER = PaperBroker(PaperSettings("test"))


def stepping(last: int, call: Callable[..., Any], steps: itertools.count[int]) -> Callable[..., Any]:
    """``call`` with a step before and after it; the process dies at the step ``last``."""

    def stepped(*args: Any, **named: Any) -> Any:
        if next(steps) == last:
            os.kill(os.getpid(), signal.SIGKILL)
        result = call(*args, **named)
        if next(steps) == last:
            os.kill(os.getpid(), signal.SIGKILL)
        return result

    return stepped


def process(work: Callable[[], object], last: int = -1, durable: bool = True) -> int:
    """A process that does ``work`` and dies at its step ``last``; its number."""
    child = os.fork()
    if child:
        return child
    try:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
        steps = itertools.count()
        FileStore.append = stepping(last, FileStore.append, steps)  # type: ignore[method-assign]
        PaperBroker.place = stepping(last, PaperBroker.place, steps)  # type: ignore[method-assign]
        # On paper a run need not outlive a power cut; here it is as for real money.
        worlds.open_journal = lambda scope, account, now, **more: open_journal(scope, account, now, durable=durable)  # type: ignore[assignment]
        work()
    finally:
        os._exit(0)


def ended(child: int) -> bool:
    """Whether the process came to its own end."""
    _, status = os.waitpid(child, 0)
    return os.WIFEXITED(status)


def nobody(*_: object) -> Answer:
    pytest.fail("a person was asked, though the broker shows every client id")


def fresh(folder: Path, monkeypatch: pytest.MonkeyPatch) -> RunFolder:
    """The run of a plan in a world of its own: another home, another account, another journal."""
    folder.mkdir()
    monkeypatch.setenv("REBALKIT_HOME", str(folder / "home"))
    book()
    return run_of(folder)


def taken_up(run: RunFolder) -> None:
    """What the person does after the process died: take the run up, or begin it where it had never begun."""
    try:
        resume_run(registry(), run, lambda question: "test", nobody)
    except UsageError as problem:
        if problem.code != "not_open":
            raise
        if run.execution() is None and not orders():
            executed(run)


def orders() -> list[OrderStatus]:
    """What the broker has."""
    return list(BROKER.orders("main", dt.date.min))


def judged(run: RunFolder) -> None:
    """Each order of the plan once at the broker, or the whole plan not at all."""
    plan, placed = run.plan(), orders()
    assert len({one.client_id for one in placed}) == len(placed)
    assert len({(one.side, one.symbol) for one in placed}) == len(placed), "an order was placed twice"
    wanted = {(one.side, one.symbol): one.quantity for one in plan.orders}
    for one in placed:
        assert one.filled == one.quantity == wanted[one.side, one.symbol]
    assert len(placed) in (0, len(plan.orders))
    account = BROKER.snapshot("main")
    for symbol in {one.symbol for one in plan.orders}:
        moved = sum((one.filled if one.side is Side.BUY else -one.filled for one in placed if one.symbol == symbol), Decimal(0))
        before = sum((lot.quantity for lot in run.snapshot().account.lots if lot.symbol == symbol), Decimal(0))
        assert sum((lot.quantity for lot in account.lots if lot.symbol == symbol), Decimal(0)) == before + moved
    assert account.cash.total >= 0


def test_a_process_that_is_killed_at_any_step_is_taken_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    at = 0
    stride = 1 if ALL else 9
    while True:
        run = fresh(tmp_path / str(at), monkeypatch)
        if ended(process(partial(executed, run), at)):
            break
        taken_up(run)
        judged(run)
        at += stride
    assert at > 60, "there are more steps than this"


def test_a_process_that_is_killed_at_any_moment_is_taken_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    chance, died = random.Random(5), 0
    for number in range(500 if ALL else 12):
        run = fresh(tmp_path / str(number), monkeypatch)
        child = process(partial(executed, run))
        time.sleep(chance.uniform(0, 0.25))
        os.kill(child, signal.SIGKILL)
        died += not ended(child)
        taken_up(run)
        judged(run)
    assert died
