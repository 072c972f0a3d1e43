"""Which symbols are tickers that can be traded."""

from __future__ import annotations

from rebalkit.errors import DataError
from rebalkit.model.securities import check_symbol

__all__ = ["is_ticker"]


def is_ticker(symbol: str) -> bool:
    """Whether ``symbol`` is one; those of bonds and of options are not."""
    try:
        check_symbol(symbol)
    except DataError:
        return False
    return True
