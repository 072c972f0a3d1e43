"""Kinds of securities, and which symbols are tickers that can be traded."""

from __future__ import annotations

from rebalkit.errors import DataError
from rebalkit.model.securities import check_symbol

__all__ = ["SECURITIES", "is_ticker"]

SECURITIES = frozenset({"EQ", "OPTN", "MF", "MMF", "BOND", "INDX", "CD", "UIT"})
"""Kinds of securities: those that are documented, and those that E*TRADE's customers are known to hold. Only shares (EQ) are managed."""


def is_ticker(symbol: str) -> bool:
    """Whether ``symbol`` is one; those of bonds and of options are not."""
    try:
        check_symbol(symbol)
    except DataError:
        return False
    return True
