"""The records that registration hooks return."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from attrs import field, frozen

from rebalkit.plugin.brokers import Broker, BrokerCapabilities
from rebalkit.plugin.planning import Check, HistoryReader, PortfolioReader, Reporter, Strategy

if TYPE_CHECKING:
    import click

__all__ = [
    "API_VERSION",
    "BrokerRecord",
    "CheckRecord",
    "CommandRecord",
    "HistoryReaderRecord",
    "NoSettings",
    "PortfolioReaderRecord",
    "PriceSourceRecord",
    "Record",
    "ReporterRecord",
    "StrategyRecord",
    "TaxRuleRecord",
]

API_VERSION = 1
"""Version of these protocols and records. A record of another version is refused."""


@frozen
class NoSettings:
    """The settings class of a plugin that has none."""


@frozen
class Record:
    """What every registration has.

    Attributes:
        name: Name by which the configuration selects it; letters, digits, hyphens.
        summary: One line for ``rebalkit plugins list``.
        api_version: The version of this interface that it was written for.
    """

    name: str
    summary: str
    api_version: int = API_VERSION


@frozen
class BrokerRecord(Record):
    """A broker. ``factory(settings)`` makes it from an instance of the attrs class that ``settings()`` returns."""

    factory: Callable[[Any], Broker] = field(kw_only=True)
    settings: Callable[[], type] = field(kw_only=True, default=lambda: NoSettings)
    capabilities: BrokerCapabilities = field(kw_only=True)


@frozen
class StrategyRecord(Record):
    """A strategy. ``factory(settings)`` makes it from an instance of the attrs class that ``settings()`` returns."""

    factory: Callable[[Any], Strategy] = field(kw_only=True)
    settings: Callable[[], type] = field(kw_only=True, default=lambda: NoSettings)


@frozen
class ReporterRecord(Record):
    """A reporter. ``factory()`` makes it."""

    factory: Callable[[], Reporter] = field(kw_only=True)


@frozen
class HistoryReaderRecord(Record):
    """A reader of transaction exports. ``factory()`` makes it. All registered readers are asked which one recognises a file."""

    factory: Callable[[], HistoryReader] = field(kw_only=True)


@frozen
class PortfolioReaderRecord(Record):
    """A reader of portfolios downloaded from a website. ``factory()`` makes it. All of them are asked which one recognises a file."""

    factory: Callable[[], PortfolioReader] = field(kw_only=True)


@frozen
class CheckRecord(Record):
    """A check. ``factory()`` returns the function. All registered checks run on every plan."""

    factory: Callable[[], Check] = field(kw_only=True)


@frozen
class PriceSourceRecord(Record):
    """A source of daily prices for simulations. ``factory(settings)`` makes it."""

    factory: Callable[[Any], Any] = field(kw_only=True)
    settings: Callable[[], type] = field(kw_only=True, default=lambda: NoSettings)


@frozen
class TaxRuleRecord(Record):
    """A replacement for a part of the tax rules. ``factory(settings)`` makes it."""

    factory: Callable[[Any], Any] = field(kw_only=True)
    settings: Callable[[], type] = field(kw_only=True, default=lambda: NoSettings)


@frozen
class CommandRecord(Record):
    """A command of the command line. ``factory()`` returns the click command; it is imported only when the command is used."""

    factory: Callable[[], click.Command] = field(kw_only=True)
