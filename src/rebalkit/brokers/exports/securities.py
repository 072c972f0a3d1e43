"""What kind of security a row names. Only tickers are tracked; what is certainly something else is told apart from what is unclear."""

from __future__ import annotations

import re
from enum import StrEnum

from rebalkit.brokers.exports.cells import EMPTY
from rebalkit.errors import DataError
from rebalkit.model import check_symbol

__all__ = ["Other", "other_kind", "ticker"]


class Other(StrEnum):
    """Securities that no ticker of a share or fund stands for."""

    OPTION = "option"
    BOND = "bond or CD"
    MONEY_FUND = "money market fund"


# "NVDA Dec 13 '24 $150 Put" (E*TRADE), "KO 11/15/2024 66.00 P" (Schwab), "-XLU260710P44.5" (Fidelity), the OCC's "AAPL--250620C00150000".
_OPTION_SYMBOL = re.compile(
    r"[A-Z.]+ [A-Z][a-z]{2} \d{2} '\d{2} \$[\d.,]+ (?:Put|Call)(?: .*)?"
    r"|[A-Z./]+ \d{2}/\d{2}/\d{2,4} [\d.,]+ [CP]"
    r"|-?[A-Z.]+[ -]{0,6}\d{6}[CP][\d.]+"
)
# E*TRADE's newer export has the ticker of the underlying in its place: only the description says that it is an option.
_OPTION_TEXT = re.compile(r"(?:PUT|CALL)\b\s*(?:\([A-Z.]+\)|[A-Z.]+\s+\d{2}/\d{2}/\d{2,4}\s+[\d.,]+)")

# Nine characters, the last a digit: longer than any ticker.
_CUSIP = re.compile(r"[0-9A-Z]{8}[0-9]")
_BOND_TEXT = re.compile(
    r"\d%|\bCERTIFICATE OF DEPOSIT\b|\bCTF DEP\b|\bTREAS(?:URY)? (?:BILL|NOTE|BOND)|\bT[ -]?BILL\b|\bCD\b.*\d/\d|\bDUE \d\d/\d\d/\d\d",
    re.I,
)

# Tickers of money market mutual funds have five letters and end in XX; a share is a dollar, so that it has neither gain nor loss.
_MONEY_FUND = re.compile(r"[A-Z]{3}XX")


def ticker(symbol: str) -> str:
    """The ticker in a cell, a class of shares after a dot (BRK/B is BRK.B); empty when there is none.

    Raises DataError when the cell holds something else.
    """
    if symbol.casefold() in EMPTY:
        return ""
    if _CUSIP.fullmatch(symbol):
        raise DataError(
            f"{symbol!r} is the number (CUSIP) of a security, not a ticker",
            remedy="Take the row out of a copy of the file; if it trades a share or fund, write it with its ticker as a row of "
            "transactions.csv.",
            code="bad_symbol",
        )
    return check_symbol(symbol.replace("/", "."))


def other_kind(symbol: str, description: str, security: str = "") -> Other | None:
    """What the row trades, where that is certainly neither share nor fund of changing value; None for those and for what is unclear.

    Args:
        symbol: The cell of the symbol.
        description: The cell of the description.
        security: The broker's word for the kind of security, where it has one.
    """
    word = security.casefold()
    if _OPTION_SYMBOL.fullmatch(symbol) or _OPTION_TEXT.match(description.upper()) or word in ("optn", "option"):
        return Other.OPTION
    if _MONEY_FUND.fullmatch(symbol) or word == "mmf":
        return Other.MONEY_FUND
    # A number alone is not enough: a fund, too, is named by its number when it has since changed it.
    if (symbol.casefold() in EMPTY or _CUSIP.fullmatch(symbol)) and _BOND_TEXT.search(description):
        return Other.BOND
    return None
