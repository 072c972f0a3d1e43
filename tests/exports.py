"""Exports of brokers, row by row."""

from __future__ import annotations

from collections.abc import Mapping

from rebalkit.brokers.exports import ExportReader
from rebalkit.brokers.exports.fidelity import fidelity_reader
from rebalkit.brokers.exports.schwab import schwab_reader
from rebalkit.model import HistoryRows
from rebalkit_etrade.downloads.transactions import history_reader, legacy_history_reader

__all__ = ["READERS", "SCHWAB", "etrade", "fidelity", "legacy", "read", "schwab"]

SCHWAB = "schwab-history"
READERS: Mapping[str, ExportReader] = {
    "etrade-history": history_reader(),
    "etrade-legacy-history": legacy_history_reader(),
    SCHWAB: schwab_reader(),
    "fidelity-history": fidelity_reader(),
}

_ETRADE = (
    "Activity/Trade Date,Transaction Date,Settlement Date,Activity Type,Description,Symbol,Cusip,"
    "Quantity #,Price $,Amount $,Commission,Category,Note"
)
_LEGACY = "TransactionDate,TransactionType,SecurityType,Symbol,Quantity,Amount,Price,Commission,Description"
_FIDELITY = (
    "Run Date,Account,Account Number,Action,Symbol,Description,Type,Exchange Quantity,Exchange Currency,Currency,"
    "Price,Quantity,Exchange Rate,Commission,Fees,Accrued Interest,Amount,Settlement Date"
)
_SCHWAB = '"Date","Action","Symbol","Description","Quantity","Price","Fees & Comm","Amount"'


def read(text: str, name: str) -> HistoryRows:
    """What the reader ``name`` reads; the file is called file.csv."""
    return READERS[name].read(text, "file.csv")


def etrade(*rows: str) -> str:
    """The newer export of E*TRADE."""
    return "\n".join([_ETRADE, *rows, ""])


def legacy(*rows: str) -> str:
    """The older one."""
    return "\n".join([_LEGACY, *rows, ""])


def fidelity(*rows: str) -> str:
    """The export of all accounts at Fidelity."""
    return "\n".join([_FIDELITY, *rows, ""])


def schwab(*rows: tuple[str, str, str, str, str, str], fees: str = "") -> str:
    """Schwab's export; a row is date, action, symbol, quantity, price, amount."""
    lines = [
        ",".join(f'"{cell}"' for cell in (date, action, symbol, "DESCRIPTION", quantity, price, fees, amount))
        for date, action, symbol, quantity, price, amount in rows
    ]
    return "\n".join([_SCHWAB, *lines, ""])
