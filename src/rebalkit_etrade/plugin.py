"""What E*TRADE registers: the broker, and readers of what its website lets a person download."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from rebalkit.plugin import BrokerRecord, CommandRecord, HistoryReaderRecord, PortfolioReaderRecord, hookimpl
from rebalkit_etrade.trading.rules import PRODUCTION_CAN

if TYPE_CHECKING:
    import click

    from rebalkit.plugin import Broker, HistoryReader, PortfolioReader
    from rebalkit_etrade.settings import EtradeSettings

__all__: list[str] = []


def _settings() -> type:
    from rebalkit_etrade.settings import EtradeSettings

    return EtradeSettings


def _broker(settings: EtradeSettings) -> Broker:
    from rebalkit_etrade.connecting import Connected

    return Connected(settings)


def _history() -> HistoryReader:
    from rebalkit_etrade.downloads.transactions import history_reader

    return history_reader()


def _legacy_history() -> HistoryReader:
    from rebalkit_etrade.downloads.transactions import legacy_history_reader

    return legacy_history_reader()


def _portfolio() -> PortfolioReader:
    from rebalkit_etrade.downloads.portfolio import PortfolioCsv

    return PortfolioCsv()


def _commands() -> click.Command:
    from rebalkit_etrade.commands import etrade

    return etrade


@hookimpl
def rebalkit_commands() -> Iterable[CommandRecord]:
    """The drill."""
    return [CommandRecord("etrade", "Try the service of E*TRADE itself", factory=_commands)]


@hookimpl
def rebalkit_portfolio_readers() -> Iterable[PortfolioReaderRecord]:
    """The website's portfolio."""
    return [PortfolioReaderRecord("etrade-portfolio", "E*TRADE, PortfolioDownload.csv", factory=_portfolio)]


@hookimpl
def rebalkit_brokers() -> Iterable[BrokerRecord]:
    """The broker."""
    return [
        BrokerRecord("etrade", "E*TRADE, by its API", factory=_broker, settings=_settings, capabilities=PRODUCTION_CAN),
    ]


@hookimpl
def rebalkit_history_readers() -> Iterable[HistoryReaderRecord]:
    """Both layouts."""
    return [
        HistoryReaderRecord("etrade-history", "E*TRADE, DownloadTxnHistory.csv since 2025", factory=_history),
        HistoryReaderRecord("etrade-legacy-history", "E*TRADE, transactions before 2025", factory=_legacy_history),
    ]
