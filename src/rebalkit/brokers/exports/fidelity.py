"""Fidelity's export of the history of accounts: "Run Date,Account,Account Number,Action,Symbol,Description,…".

The file of all accounts names the account in each row, that of a single account nowhere. Titles are those of 2025 or the older ones
with "($)". What a row is stands at the beginning of its Action, before the name of the security: "YOU BOUGHT VANGUARD … (VTI) (Cash)".
The Run Date is the trade date, unless the Action says "as of" another day. The fund in which an account keeps its cash counts as cash.
"""

from __future__ import annotations

import re

from attrs import evolve

from rebalkit.brokers.exports.cells import day
from rebalkit.brokers.exports.entries import Entry
from rebalkit.brokers.exports.kinds import CANCELLED, FRACTION_PAID, REORGANISED, RETURN_OF_CAPITAL, SHORT, Kind, Move
from rebalkit.brokers.exports.layout import Layout
from rebalkit.brokers.exports.reader import ExportReader

__all__ = ["fidelity_reader"]

_LAYOUT = Layout(
    titles={
        "date": ("Run Date",),
        "kind": ("Action",),
        "symbol": ("Symbol",),
        "description": ("Description", "Security Description"),
        "quantity": ("Quantity",),
        "price": ("Price", "Price ($)"),
        "fees": ("Commission", "Commission ($)"),
        "fees2": ("Fees", "Fees ($)"),
        "amount": ("Amount", "Amount ($)"),
    },
    optional={"account": ("Account",), "number": ("Account Number",), "currency": ("Currency",)},
    unread=(
        "Type", "Security Type", "Exchange Quantity", "Exchange Currency", "Exchange Rate", "Accrued Interest", "Accrued Interest ($)",
        "Cash Balance", "Cash Balance ($)", "Settlement Date",
    ),
)  # fmt: skip

_CASH = Kind(Move.CASH)
_SPLIT = Kind(Move.SPLIT)
_TRANSFER = Kind(Move.TRANSFER)

# The first beginning that fits decides: the longer ones come before the shorter ones that they contain.
_BEGINNINGS = (
    ("YOU BOUGHT TO COVER", SHORT),
    ("YOU SOLD SHORT", SHORT),
    ("YOU BOUGHT CANCEL", CANCELLED),
    ("YOU SOLD CANCEL", CANCELLED),
    ("BUY CANCEL", CANCELLED),
    ("SELL CANCEL", CANCELLED),
    ("CXL ", CANCELLED),
    ("YOU BOUGHT", Kind(Move.BUY)),
    ("YOU SOLD", Kind(Move.SELL)),
    ("REINVESTMENT", Kind(Move.REINVEST)),
    ("PURCHASE INTO CORE ACCOUNT", Kind(Move.SWEEP)),
    ("REDEMPTION FROM CORE ACCOUNT", Kind(Move.SWEEP)),
    ("DISTRIBUTION STOCK SPLIT", _SPLIT),
    ("STOCK SPLIT", _SPLIT),
    ("REVERSE SPLIT R/S FROM", _SPLIT),
    ("REVERSE SPLIT", REORGANISED),
    ("IN LIEU OF FRX SHARE", FRACTION_PAID),
    ("RETURN OF CAPITAL", RETURN_OF_CAPITAL),
    ("MERGER", REORGANISED),
    ("NAME CHANGED", REORGANISED),
    ("REDEMPTION PAYOUT", REORGANISED),
    ("DISTRIBUTION", REORGANISED),
    ("EXCHANGED", REORGANISED),
    ("CONVERSION", REORGANISED),
    ("TRANSFER OF ASSETS", _TRANSFER),
    ("TRANSFERRED FROM", _TRANSFER),
    ("TRANSFERRED TO", _TRANSFER),
    ("IN-KIND TRANSFER", _TRANSFER),
    ("SHARES DEPOSITED", _TRANSFER),
    ("JOURNALED JNL VS A/C TYPES", Kind(Move.SWEEP)),
    ("JOURNALED", _TRANSFER),
    *(
        (beginning, _CASH)
        for beginning in (
            "ADJUST", "ADVISORY FEE", "BILL PAYMENT", "CASH ADVANCE", "CASH CONTRIBUTION", "CHECK PAID", "CHECK RECEIVED", "CO CONTR",
            "CONTRIBUTION", "DEBIT CARD PURCHASE", "DIRECT DEBIT", "DIRECT DEPOSIT", "DIVIDEND RECEIVED", "ELECTRONIC FUNDS TRANSFER",
            "FEDERAL TAX WITHHELD", "FEE CHARGED", "FOREIGN TAX", "INTEREST", "LONG-TERM CAP GAIN", "MARGIN INTEREST",
            "NON-RESIDENT TAX", "NORMAL DISTR", "PARTIC CONTR", "ROLLOVER CASH", "ROYALTY TR PYMT", "SHORT-TERM CAP GAIN",
            "STATE TAX WITHHELD", "WIRE TRANSFER",
        )
    ),
)  # fmt: skip

_OWN_CASH = re.compile(r"\bFDIC INSURED DEPOSIT\b|^REINVESTMENT CASH\b")
_MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_AS_OF = re.compile(
    r"\bAS OF (?:(?P<day>\d{4}-\d{2}-\d{2}|\d{1,2}[/-]\d{1,2}[/-](?:\d{4}|\d{2}))"
    rf"|(?P<month>{'|'.join(_MONTHS)})-(?P<rest>\d{{2}}-\d{{4}}))\b"
)


def _refine(entry: Entry) -> Entry:
    """The row on the day that its Action names: "AS OF 07-10-26", "as of 02/15/2019", "as of Jan-30-2026", "as of 2026-07-15"."""
    found = _AS_OF.search(entry.kind.upper())
    if not found:
        return entry
    text = found["day"] or f"{_MONTHS.index(found['month']) + 1}-{found['rest']}"
    return evolve(entry, date=day(text if re.match(r"\d{4}", text) else text.replace("-", "/")))


def _kind_of(entry: Entry) -> Kind | None:
    text = entry.kind.upper()
    if _OWN_CASH.search(text):
        return Kind(Move.SWEEP)
    return next((kind for beginning, kind in _BEGINNINGS if text.startswith(beginning)), None)


def _word_of(entry: Entry) -> str:
    """The beginning of the Action, without the security, to count rows by."""
    text = entry.kind.upper()
    return next((beginning.strip() for beginning, _ in _BEGINNINGS if text.startswith(beginning)), entry.kind)


def fidelity_reader() -> ExportReader:
    """The reader of Fidelity's export."""
    return ExportReader(_LAYOUT, _kind_of, refine=_refine, word_of=_word_of)
