"""E*TRADE's two exports of transactions: DownloadTxnHistory.csv since 2025, and the one before it.

An older one still, with the columns "Date","Transaction type","Description", has no symbols and cannot be read.
"""

from __future__ import annotations

import re

from rebalkit.brokers.exports import Entry, ExportReader, Kind, Layout, Move
from rebalkit.brokers.exports.kinds import FRACTION_PAID, REORGANISED, RETURN_OF_CAPITAL, SHORT

__all__ = ["history_reader", "legacy_history_reader"]

_LAYOUT = Layout(
    titles={
        "date": ("Activity/Trade Date",),
        "kind": ("Activity Type",),
        "symbol": ("Symbol",),
        "description": ("Description",),
        "quantity": ("Quantity #",),
        "price": ("Price $",),
        "amount": ("Amount $",),
        "fees": ("Commission",),
    },
    unread=("Transaction Date", "Settlement Date", "Cusip", "Category", "Note"),
    label=re.compile(
        r"Account Activity for (?P<label>.+?) from "
        r"(?:(?P<first>\d{4}-\d{2}-\d{2}) to (?P<last>\d{4}-\d{2}-\d{2})|.+)"
    ),
)

_LEGACY = Layout(
    titles={
        "date": ("TransactionDate",),
        "kind": ("TransactionType",),
        "security": ("SecurityType",),
        "symbol": ("Symbol",),
        "quantity": ("Quantity",),
        "amount": ("Amount",),
        "price": ("Price",),
        "fees": ("Commission",),
        "description": ("Description",),
    },
    label=re.compile(r"For Account:,?\s*#*(?P<label>\w+)"),
)

_KINDS = {
    Move.BUY: ("Bought",),
    Move.SELL: ("Sold",),
    Move.REINVEST: ("Dividend Reinvestment", "Reinvest", "Reinvestment"),
    Move.SPLIT: ("Stock Split", "Reverse Split", "Reverse Stock Split"),
    Move.TRANSFER: ("Transfer", "Online Transfer", "Adjustment", "Journal"),
    Move.CASH: (
        "ACH Deposit", "ACH Withdrawal", "Bill Payment", "Bond Interest", "CD Interest", "Capital Gain", "Cash Dividend", "Check",
        "Deposit", "Direct Debit", "Direct Deposit", "Dividend", "Fee", "Foreign Tax", "Interest", "Interest Income",
        "LT Cap Gain Distribution", "Long Term Capital Gain", "Margin Interest", "Qualified Dividend", "ST Cap Gain Distribution",
        "Service Fee", "Short Term Capital Gain", "Tax", "Tax Withholding", "Wire", "Wire In", "Wire Out", "Withdrawal",
    ),
}  # fmt: skip

_SPECIAL = {
    "Bought To Cover": SHORT,
    "Sold Short": SHORT,
    "Cash In Lieu": FRACTION_PAID,
    "Return Of Capital": RETURN_OF_CAPITAL,
    "Reorganization": REORGANISED,
    "Merger": REORGANISED,
    "Spin Off": REORGANISED,
}

_KIND = {word.casefold(): Kind(move) for move, words in _KINDS.items() for word in words}
_KIND.update({word.casefold(): kind for word, kind in _SPECIAL.items()})

_RATIO = re.compile(r"\bSPLIT RATIO\s+([0-9]{1,4})\s*:\s*([0-9]{1,4})\b", re.I)


def _kind_of(entry: Entry) -> Kind | None:
    kind = _KIND.get(entry.kind.casefold())
    # The older export calls the purchase a dividend, too; it is the row with shares, paid for.
    if entry.kind.casefold() in ("dividend", "qualified dividend") and (entry.quantity or 0) > 0 and (entry.amount or 0) < 0:
        return Kind(Move.REINVEST)
    return kind


def _ratio_of(entry: Entry) -> tuple[int, int] | None:
    """New and old shares of a split: "SPLIT RATIO  6:1" in the description."""
    found = _RATIO.search(entry.description)
    return (int(found[1]), int(found[2])) if found else None


def history_reader() -> ExportReader:
    """The reader of the export since 2025."""
    return ExportReader(_LAYOUT, _kind_of, ratio_of=_ratio_of)


def legacy_history_reader() -> ExportReader:
    """The reader of the export before."""
    return ExportReader(_LEGACY, _kind_of, ratio_of=_ratio_of)
