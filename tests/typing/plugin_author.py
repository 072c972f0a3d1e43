"""What a plugin's author writes, for mypy alone: nothing here runs.

That mypy accepts a wrong line would show as an unused ``type: ignore``.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from pathlib import Path
from typing import assert_type

from attrs import frozen

from rebalkit.brokers.exports import ExportReader
from rebalkit.model import HistoryRows, Order, OrderRequest, Plan, Quote, Report, Snapshot, Targets
from rebalkit.plugin import (
    HistoryReader,
    HistoryReaderRecord,
    PlanContext,
    Reporter,
    ReporterRecord,
    Strategy,
    StrategyRecord,
    hookimpl,
)


@frozen
class Settings:
    patience: int = 3


class Patient:
    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def plan(self, snapshot: Snapshot, targets: Targets, context: PlanContext) -> Plan:
        assert_type(snapshot.quotes["IVV"], Quote)
        assert_type(snapshot.quotes["IVV"].bid, Decimal)
        assert_type(context.limits.reserve, Decimal)
        raise NotImplementedError


class WithoutContext:
    def plan(self, snapshot: Snapshot, targets: Targets) -> Plan:
        raise NotImplementedError


class Whisper:
    def render(self, report: Report, into: Path) -> Sequence[Path]:
        if report.plan is not None:
            assert_type(report.plan.orders, tuple[Order, ...])
            assert_type(report.plan.tax.harvested, Decimal)
        return []


class Exports:
    def recognises(self, text: str) -> bool:
        return False

    def read(self, text: str, source: str) -> HistoryRows:
        raise NotImplementedError


def of_layout(reader: ExportReader) -> HistoryReader:
    return reader


def settings() -> type:
    return Settings


@hookimpl
def rebalkit_strategies() -> Iterable[StrategyRecord]:
    return [StrategyRecord("patient", "Waits", factory=Patient, settings=settings)]


@hookimpl
def rebalkit_reporters() -> Iterable[ReporterRecord]:
    return [ReporterRecord("whisper", "Says little", factory=Whisper)]


@hookimpl
def rebalkit_history_readers() -> Iterable[HistoryReaderRecord]:
    return [HistoryReaderRecord("exports", "Reads little", factory=Exports)]


@hookimpl
def rebalkit_before_order(plan: Plan, request: OrderRequest) -> str | None:
    return None


right: Strategy = Patient(Settings())
also_right: Reporter = Whisper()
wrong: Strategy = WithoutContext()  # type: ignore[assignment]
not_a_factory = ReporterRecord("whisper", "Says little", factory=Whisper())  # type: ignore[arg-type]
