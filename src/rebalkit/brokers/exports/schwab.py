"""Charles Schwab's export of transactions: "Date","Action","Symbol","Description","Quantity","Price","Fees & Comm","Amount".

The older one has a line with the account above the table and a total below; the newer one has neither, and ends no line with a comma.
Sales have their quantity with or without a sign. A reinvested dividend is two rows: the dividend in cash, and "Reinvest Shares",
which is the purchase.
"""

from __future__ import annotations

import re

from rebalkit.brokers.exports.entries import Entry
from rebalkit.brokers.exports.kinds import CANCELLED, FRACTION_PAID, REORGANISED, RETURN_OF_CAPITAL, SHORT, Kind, Move
from rebalkit.brokers.exports.layout import Layout
from rebalkit.brokers.exports.reader import ExportReader

__all__ = ["schwab_reader"]

_LAYOUT = Layout(
    titles={
        "date": ("Date",),
        "kind": ("Action",),
        "symbol": ("Symbol",),
        "description": ("Description",),
        "quantity": ("Quantity",),
        "price": ("Price",),
        "fees": ("Fees & Comm",),
        "amount": ("Amount",),
    },
    label=re.compile(r"Transactions\s+for account (?P<label>.+?) as of "),
    totals=re.compile(r"Transactions Total", re.I),
)

_STOCK_PLAN = Kind(
    Move.REFUSED,
    "Whether shares were vested, bought or moved is not said: take the row out of a copy of the file, and write it as a row of "
    "transactions.csv (vest or receive).",
)

_KINDS = {
    Move.BUY: ("Buy",),
    Move.SELL: ("Sell",),
    Move.REINVEST: ("Reinvest Shares",),
    Move.TRANSFER: ("Journal", "Journaled Shares", "Security Transfer", "Internal Transfer"),
    Move.SPLIT: ("Stock Split", "Reverse Split"),
    Move.CASH: (
        "ADR Mgmt Fee", "ATM Withdrawal", "Auto S1 Credit", "Auto S1 Debit", "Bank Interest", "Bank Transfer", "Bond Interest",
        "CD Interest", "Cash Dividend", "Cash Dividend Adj", "Credit Interest", "Div Adjustment", "Foreign Tax Paid", "Funds Paid",
        "Funds Received", "IRS Withhold Adj", "Interest Adj", "Long Term Cap Gain", "Long Term Cap Gain Reinvest", "Margin Interest",
        "Misc Cash Entry", "Misc Credits", "MoneyLink Adj", "MoneyLink Deposit", "MoneyLink Transfer", "NRA Tax Adj",
        "NRA Withholding", "Non-Qual Div", "Non-Qualified Div", "Pr Yr Cash Div", "Pr Yr Div Reinvest", "Pr Yr Non-Qual Div",
        "Pr Yr Non Qual Div", "Promotional Award", "Qual Div Reinvest", "Qualified Dividend", "Reinvest Dividend", "Reinvestment Adj",
        "Service Fee", "Short Term Cap Gain", "Short Term Cap Gain Reinvest", "Special Dividend", "Special Qual Div",
        "Special Non Qual Div", "Tax Withholding", "Visa Purchase", "Wire Funds", "Wire Funds Adj", "Wire Funds Received",
        "Wire Received", "Wire Sent",
    ),
}  # fmt: skip

_SPECIAL = {
    "Cancel Buy": CANCELLED,
    "Cancel Sell": CANCELLED,
    "Cash In Lieu": FRACTION_PAID,
    "Return Of Capital": RETURN_OF_CAPITAL,
    "Sell Short": SHORT,
    "Buy to Cover": SHORT,
    "Stock Plan Activity": _STOCK_PLAN,
    **dict.fromkeys(
        (
            "Cash Merger", "Cash Merger Adj", "Conversion", "Exchange or Exercise", "Full Redemption", "Full Redemption Adj",
            "Mandatory Reorg Exc", "Name Change", "Reverse Split Adj", "Spin-off", "Stock Div Dist", "Stock Dividend", "Stock Merger",
            "Stock Split Adj",
        ),
        REORGANISED,
    ),
}  # fmt: skip

_KIND = {word.casefold(): Kind(move) for move, words in _KINDS.items() for word in words}
_KIND.update({word.casefold(): kind for word, kind in _SPECIAL.items()})


def _kind_of(entry: Entry) -> Kind | None:
    return _KIND.get(entry.kind.casefold())


def schwab_reader() -> ExportReader:
    """The reader of Schwab's export."""
    return ExportReader(_LAYOUT, _kind_of)
