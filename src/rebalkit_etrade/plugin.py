"""The entry point of the E*TRADE plugin: readers of its transaction exports."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from rebalkit.plugin import HistoryReaderRecord, hookimpl

if TYPE_CHECKING:
    from rebalkit.plugin import HistoryReader

__all__: list[str] = []


def _history() -> HistoryReader:
    from rebalkit_etrade.exports import history_reader

    return history_reader()


def _legacy_history() -> HistoryReader:
    from rebalkit_etrade.exports import legacy_history_reader

    return legacy_history_reader()


@hookimpl
def rebalkit_history_readers() -> Iterable[HistoryReaderRecord]:
    """Both layouts."""
    return [
        HistoryReaderRecord("etrade-history", "E*TRADE, DownloadTxnHistory.csv since 2025", factory=_history),
        HistoryReaderRecord("etrade-legacy-history", "E*TRADE, transactions before 2025", factory=_legacy_history),
    ]
