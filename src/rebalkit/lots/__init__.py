"""The lot book."""

from rebalkit.lots.book import Holding, LotBook

__all__ = ["Holding", "LotBook"]
