"""Rebalance a taxable ETF portfolio and harvest tax losses without a wash sale, at any broker."""

from rebalkit._version import __version__

__all__ = ["__version__"]
