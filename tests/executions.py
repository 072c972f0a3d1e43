"""Plans of a small account, and their execution on the paper broker or on one that misbehaves."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from contextlib import nullcontext
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from rebalkit.execution.events import Event
from rebalkit.execution.journal import Journal
from rebalkit.model import AccountKind, AccountSnapshot, AssetClass, Cash, Limits, Lot, Quote, Report, Targets
from rebalkit.pipeline import worlds
from rebalkit.pipeline.execute import execute_run
from rebalkit.pipeline.plan import plan_report
from rebalkit.pipeline.request import PlanRequest, Source
from rebalkit.pipeline.runs import RunFolder, create_run
from rebalkit.pipeline.snapshot import open_broker, take_snapshot
from rebalkit.registry import Registry
from rebalkit_paper import FillRules, create_book
from rebalkit_paper.days import with_quotes
from rebalkit_paper.store import change

DAY = dt.date(2025, 4, 8)
OLD = dt.date(2020, 1, 6)
TARGETS = Targets((AssetClass("Stocks", 60, ["NEW", "OLD"]), AssetClass("Bonds", 40, ["BND"])))
LOTS = (
    Lot("loss", "OLD", 100, OLD, "12000.00"),
    Lot("gain", "OLD", 50, OLD, "1000.00"),
    Lot("odd", "JUNK", 20, OLD, "5000.00"),
)
QUOTES = {
    name: Quote(name, price, price, DAY)
    for name, price in (("NEW", "50.00"), ("OLD", "100.00"), ("BND", "70.00"), ("JUNK", "10.00"))
}
SOURCE = Source("paper", {"book": "test"}, "main")


class MemoryStore:
    """A journal in memory: what is on the disk is tested elsewhere, and every event there waits for it."""

    def __init__(self) -> None:
        self.kept: list[Event] = []

    def events(self) -> Sequence[Event]:
        return list(self.kept)

    def append(self, event: Event) -> None:
        self.kept.append(event)


@pytest.fixture
def journals_in_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every execution begins with an empty journal that no disk has to keep."""
    monkeypatch.setattr(worlds, "open_journal", lambda scope, account, now, **options: nullcontext(Journal(MemoryStore(), now)))


@cache
def registry() -> Registry:
    """All that comes with rebalkit."""
    return Registry.load(plugins=False)


def book(cash: str = "500.00", **fills: Any) -> None:
    """A new paper book with a taxable account and an IRA."""
    main = AccountSnapshot("main", AccountKind.TAXABLE, Cash(Decimal(cash)), LOTS)
    ira = AccountSnapshot("ira", AccountKind.IRA, Cash(Decimal(50_000)))
    history = {"main": OLD, "ira": OLD}
    create_book("test", [main, ira], QUOTES, DAY, history_from=history, fills=FillRules(**fills), overwrite=True)


def run_of(folder: Path, limits: Limits | None = None) -> RunFolder:
    """A run folder with the plan of the account that the book has now."""
    request = PlanRequest(SOURCE, TARGETS, limits=limits or Limits())
    snapshot = take_snapshot(open_broker(registry(), SOURCE), "main", TARGETS)
    report = plan_report(registry(), snapshot, request)
    return create_run(folder, "20250408T200000Z-x", lambda new: new.save_plan(report, request))


def executed(run: RunFolder) -> Report:
    """The report of an execution to which the person said yes."""
    report = execute_run(registry(), run, lambda question: "test")
    assert report is not None
    return report


def set_price(symbol: str, price: str) -> None:
    """Move a price of the book."""
    change("test", lambda book: with_quotes(book, [Quote(symbol, price, price, DAY)]))
