"""What plugin authors import: the protocols that operate, the records that register, and the marker for hook implementations.

Hooks register, protocols operate: a hook returns frozen records, which the core can list and check without running anything; the
work itself is done by the object that a record's ``factory`` makes, chosen by name in the configuration. With several brokers
installed, an operation that were a hook would let the load order choose which one gets a live order.

A module named by an entry point of the group ``rebalkit`` holds the hook implementations. It must be light to import: its
factories import the rest when they are called.
"""

from __future__ import annotations

import pluggy

from rebalkit.plugin.brokers import (
    Broker,
    BrokerCapabilities,
    HoldsOthers,
    KeepsHistory,
    LogsIn,
    ReadsPart,
    TellsTime,
)
from rebalkit.plugin.planning import Check, CheckInput, HistoryReader, PlanContext, PortfolioReader, Reporter, Strategy
from rebalkit.plugin.records import (
    API_VERSION,
    BrokerRecord,
    CheckRecord,
    CommandRecord,
    HistoryReaderRecord,
    NoSettings,
    PortfolioReaderRecord,
    PriceSourceRecord,
    Record,
    ReporterRecord,
    StrategyRecord,
    TaxRuleRecord,
)
from rebalkit.steps import steps

__all__ = [
    "API_VERSION",
    "Broker",
    "BrokerCapabilities",
    "BrokerRecord",
    "Check",
    "CheckInput",
    "CheckRecord",
    "CommandRecord",
    "HistoryReader",
    "HistoryReaderRecord",
    "HoldsOthers",
    "KeepsHistory",
    "LogsIn",
    "NoSettings",
    "PlanContext",
    "PortfolioReader",
    "PortfolioReaderRecord",
    "PriceSourceRecord",
    "ReadsPart",
    "Record",
    "Reporter",
    "ReporterRecord",
    "Strategy",
    "StrategyRecord",
    "TaxRuleRecord",
    "TellsTime",
    "hookimpl",
    "steps",
]

hookimpl = pluggy.HookimplMarker("rebalkit")
"""Marks a function of a plugin module as the implementation of the hook of its name (see `rebalkit.hookspecs`)."""
