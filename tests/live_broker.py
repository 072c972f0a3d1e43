"""A broker that says its orders move real money, over a paper book: what it is asked is counted, and it answers as it is told."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import ClassVar

import pytest
from attrs import evolve

from executions import TARGETS
from rebalkit.execution.disk import open_journal
from rebalkit.execution.rules import ExecutionRules
from rebalkit.model import OrderPreview, OrderRequest, PlaceResult, Quote
from rebalkit.pipeline import worlds
from rebalkit.pipeline.consent import Question
from rebalkit.pipeline.plan import plan_report
from rebalkit.pipeline.request import PlanRequest, Source
from rebalkit.pipeline.runs import Origin, RunFolder, create_run
from rebalkit.pipeline.snapshot import open_broker, take_snapshot
from rebalkit.plugin import BrokerCapabilities, BrokerRecord, hookimpl
from rebalkit.registry import Provider, Registry, TrustList
from rebalkit_paper import PaperBroker, PaperSettings

__all__ = [
    "MOMENT",
    "PLUGIN",
    "TARGETS_FILE",
    "FixedClock",
    "LiveBroker",
    "live_registry",
    "live_run",
    "real_money",
    "write_plugin",
    "yes",
]

MOMENT = dt.datetime(2025, 4, 8, 15, 0, tzinfo=dt.UTC)
"""Eleven in New York, on the day of the books of tests."""

CAPABILITIES = BrokerCapabilities(live=True, places_orders=True)

PLUGIN = "from live_broker import rebalkit_brokers\n"
"""A project-local plugin file with the broker `pretend`."""

TARGETS_FILE = """
plugins = ["./pretend.py"]
[[asset_class]]
name = "Stocks"
target = 60
buy = ["NEW", "OLD"]
[[asset_class]]
name = "Bonds"
target = 40
buy = ["BND"]
[execution]
day_turnover = 200
"""
"""The targets of `executions.TARGETS`, with that plugin."""


def write_plugin() -> None:
    """The plugin file `PLUGIN` in the current folder, which the person trusts."""
    path = Path("pretend.py").resolve()
    path.write_text(PLUGIN)
    TrustList.add(Provider(path.stem, "", "", str(path)))


class LiveBroker(PaperBroker):
    """Takes orders into its paper book. It shows no client ids, and nobody knows whether it refuses a second order of one."""

    placed: ClassVar[list[OrderRequest]] = []
    answers: ClassVar[dict[str, Callable[[], PlaceResult]]] = {}
    moment: ClassVar[dt.datetime] = MOMENT

    @property
    def capabilities(self) -> BrokerCapabilities:
        return evolve(CAPABILITIES, venue=super().capabilities.venue)

    def now(self) -> dt.datetime:
        return self.moment

    def quotes(self, symbols: Iterable[str]) -> Mapping[str, Quote]:
        return {symbol: evolve(quote, at=self.moment) for symbol, quote in super().quotes(symbols).items()}

    def place(self, account: str, preview: OrderPreview) -> PlaceResult:
        self.placed.append(preview.request)
        answer = self.answers.get(preview.request.symbol)
        return answer() if answer else super().place(account, preview)


class FixedClock:
    """The clock of this machine, as the broker's: waiting moves it."""

    def __init__(self) -> None:
        self.waited = 0.0

    def now(self) -> dt.datetime:
        return LiveBroker.moment

    def monotonic(self) -> float:
        return self.waited

    def sleep(self, seconds: float) -> None:
        self.waited += seconds


@hookimpl
def rebalkit_brokers() -> Iterable[BrokerRecord]:
    return [
        BrokerRecord(
            "pretend", "Real money, pretended", factory=LiveBroker, settings=lambda: PaperSettings, capabilities=CAPABILITIES
        )
    ]


@pytest.fixture
def real_money(monkeypatch: pytest.MonkeyPatch) -> Iterator[type[LiveBroker]]:
    """The broker as it is at first, on a machine whose clock agrees with it and whose disk need not survive a power cut."""
    LiveBroker.placed, LiveBroker.answers, LiveBroker.moment = [], {}, MOMENT
    monkeypatch.setattr(worlds, "SystemClock", FixedClock)
    monkeypatch.setattr(worlds, "open_journal", lambda *where, durable: open_journal(*where, durable=False))
    yield LiveBroker
    LiveBroker.placed, LiveBroker.answers, LiveBroker.moment = [], {}, MOMENT


def live_registry(folder: Path) -> Registry:
    """All that comes with rebalkit, and the broker `pretend`, on the list of the person's own plugins."""
    file = folder / "pretend.py"
    file.write_text(PLUGIN)
    TrustList.add(Provider(file.stem, "", "", str(file)))
    return Registry.load(local=[file])


def live_run(registry: Registry, folder: Path, read: dt.datetime | None, turnover: int = 200) -> RunFolder:
    """A run folder with the plan of the account of the book `test`, which was read at ``read``.

    Its orders come to more than the account is worth, which one day may trade only where it is allowed.
    """
    source = Source("pretend", {"book": "test"}, "main")
    snapshot = take_snapshot(open_broker(registry, source), "main", TARGETS)
    request = PlanRequest(source, TARGETS, execution=ExecutionRules(day_turnover=turnover))
    report = plan_report(registry, snapshot, request, live=True)
    origin = None if read is None else Origin(read, True)
    return create_run(folder, "20250408T150000Z-x-live", lambda new: new.save_plan(report, request, origin))


def yes(question: Question) -> str:
    """A person who says yes to real money."""
    assert question.live
    return "phrase"
