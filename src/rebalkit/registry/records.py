"""The records that plugins return: whether they are what they should be, and whose name is whose."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

from attrs import frozen

from rebalkit.plugin import (
    API_VERSION,
    BrokerCapabilities,
    BrokerRecord,
    CheckRecord,
    CommandRecord,
    HistoryReaderRecord,
    PortfolioReaderRecord,
    PriceSourceRecord,
    Record,
    ReporterRecord,
    StrategyRecord,
    TaxRuleRecord,
)
from rebalkit.registry.problems import PluginProblem, described
from rebalkit.registry.providers import Provider

__all__ = ["KINDS", "Kind", "collect"]

_NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9_-]*[A-Za-z0-9])?")


@frozen
class Kind:
    """One kind of record: what it is called, which hook returns it, and its class."""

    name: str
    hook: str
    record: type[Record]


KINDS = (
    Kind("broker", "rebalkit_brokers", BrokerRecord),
    Kind("strategy", "rebalkit_strategies", StrategyRecord),
    Kind("reporter", "rebalkit_reporters", ReporterRecord),
    Kind("check", "rebalkit_checks", CheckRecord),
    Kind("price source", "rebalkit_price_sources", PriceSourceRecord),
    Kind("history reader", "rebalkit_history_readers", HistoryReaderRecord),
    Kind("portfolio reader", "rebalkit_portfolio_readers", PortfolioReaderRecord),
    Kind("tax rule", "rebalkit_tax_rules", TaxRuleRecord),
    Kind("command", "rebalkit_commands", CommandRecord),
)


def collect(kind: Kind, provider: Provider, answer: Any) -> Iterator[Record | PluginProblem]:
    """The sound records in what the hook of ``kind`` returned, and the problems of the others."""
    wanted = kind.record.__name__
    if isinstance(answer, (str, bytes)) or not isinstance(answer, Iterable):
        yield _problem(kind, provider, f"{kind.hook} returned a {type(answer).__name__}", f"Return a list of {wanted}.")
        return
    try:
        records = list(answer)
    except (Exception, SystemExit) as error:  # noqa: BLE001 - a generator of a plugin may do anything
        yield _problem(kind, provider, f"{kind.hook} failed: {described(error)}", cause=error)
        return
    for record in records:
        fault = _fault(kind, record)
        name = getattr(record, "name", "")
        named = name if isinstance(name, str) else ""
        yield record if fault is None else _problem(kind, provider, fault[0], fault[1], named)


def _problem(
    kind: Kind, provider: Provider, reason: str, remedy: str = "", record: str = "", cause: BaseException | None = None
) -> PluginProblem:
    return PluginProblem(provider.name, provider, reason, remedy, kind.name, record, cause)


def _fault(kind: Kind, record: Any) -> tuple[str, str] | None:
    """Why ``record`` cannot be used, and what its author can do."""
    if not isinstance(record, kind.record):
        return f"{kind.hook} returned a {type(record).__name__}", f"Return a list of {kind.record.__name__}."
    what = f"the {kind.name} {record.name!r}"
    if record.api_version != API_VERSION:
        supported = f"this rebalkit supports version {API_VERSION} only"
        return f"{what} is written for version {record.api_version!r} of the plugin interface, and {supported}", (
            "Install releases of both that fit together."
        )
    if not isinstance(record.name, str) or not _NAME.fullmatch(record.name):
        return f"{what} has a name that is not made of letters, digits and hyphens", "Rename it."
    if not isinstance(record.summary, str):
        return f"{what} has no summary", "Give it one line of text."
    for field in ("factory", "settings"):
        if not callable(getattr(record, field, str)):
            return f"{what} has a {field} that cannot be called", f"Give it a function as {field}."
    if isinstance(record, BrokerRecord) and not isinstance(record.capabilities, BrokerCapabilities):
        return f"{what} does not say what it can do", "Give it BrokerCapabilities."
    return None
