"""What rebalkit itself registers, through the same door as any plugin. Everything behind a record is imported when it is used."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterable
from typing import Any

from rebalkit.plugin import (
    BrokerCapabilities,
    BrokerRecord,
    CheckRecord,
    HistoryReaderRecord,
    NoSettings,
    ReporterRecord,
    StrategyRecord,
    hookimpl,
)

__all__ = ["CHECKS"]

CHECKS = (
    ("arithmetic", "check_arithmetic", "The figures of the plan follow from its orders"),
    ("cash", "check_cash", "The orders never spend the reserve"),
    ("limits", "check_limits", "Orders and turnover stay within the limits of the configuration"),
    ("lot_sales", "check_lot_sales", "No lot is oversold, and the cost and date of each lot sold are known"),
    ("market", "check_market", "The exchange is open"),
    ("promises", "check_promises", "Nothing is bought that an earlier plan promised not to buy"),
    ("quotes", "check_quotes", "Every order has a sane and fresh quote"),
    ("sides", "check_sides", "No symbol is both bought and sold"),
    ("target_classes", "check_target_classes", "The targets sum to 100, and all of their classes are in the plan"),
    ("unseen", "check_unseen", "All accounts and all history that the wash-sale rule looks at were seen"),
    ("wash_sale", "check_wash_sale", "No order washes a loss"),
)
"""The pre-trade checks: module of `rebalkit.checks`, its function, what it proves. The name of a check is its module's, with hyphens."""


def _late(module: str, name: str) -> Any:
    return getattr(importlib.import_module(f"rebalkit.{module}"), name)


def _making(module: str, name: str, *, settings: bool = False) -> Callable[..., Any]:
    """A factory that imports the class ``name`` and makes one, of settings if it takes them."""
    if settings:
        return lambda given: _late(module, name)(given)
    return lambda *_: _late(module, name)()


def _naming(module: str, name: str) -> Callable[[], Any]:
    """A factory that imports ``name`` and returns it."""
    return lambda: _late(module, name)


@hookimpl
def rebalkit_brokers() -> Iterable[BrokerRecord]:
    """The broker over a folder of CSV files."""
    return [
        BrokerRecord(
            "files",
            "Accounts from a folder of CSV files; writes order tickets",
            factory=_making("brokers.files", "FilesBroker", settings=True),
            settings=_naming("brokers.files", "FilesSettings"),
            capabilities=BrokerCapabilities(live=False, places_orders=False),
        )
    ]


@hookimpl
def rebalkit_strategies() -> Iterable[StrategyRecord]:
    """The reference strategy, and the baseline of comparisons."""
    return [
        StrategyRecord(
            "greedy",
            "Takes every loss it may, and invests the cash in the best securities that may be bought",
            factory=_making("strategies", "Greedy", settings=True),
            settings=_naming("strategies", "GreedySettings"),
        ),
        StrategyRecord("hold", "Does nothing", factory=_making("strategies", "Hold"), settings=lambda: NoSettings),
    ]


@hookimpl
def rebalkit_reporters() -> Iterable[ReporterRecord]:
    """The reporters of files."""
    return [
        ReporterRecord("html", "One page that needs nothing else", factory=_making("report.html", "HtmlReporter")),
        ReporterRecord("json", "What --json prints", factory=_making("report.json_report", "JsonReporter")),
        ReporterRecord("csv", "Tables for a spreadsheet", factory=_making("report.csv_report", "CsvReporter")),
        ReporterRecord("terminal", "What the terminal shows, as text", factory=_making("report.terminal", "TerminalReporter")),
    ]


@hookimpl
def rebalkit_checks() -> Iterable[CheckRecord]:
    """The pre-trade checks."""
    return [
        CheckRecord(module.replace("_", "-"), summary, factory=_naming(f"checks.{module}", function))
        for module, function, summary in CHECKS
    ]


@hookimpl
def rebalkit_history_readers() -> Iterable[HistoryReaderRecord]:
    """The readers of transaction exports of brokers that are no plugin of their own."""
    return [
        HistoryReaderRecord(
            "fidelity-history", "Fidelity, history of accounts", factory=_making("brokers.exports.fidelity", "fidelity_reader")
        ),
        HistoryReaderRecord(
            "schwab-history", "Charles Schwab, transactions", factory=_making("brokers.exports.schwab", "schwab_reader")
        ),
    ]
