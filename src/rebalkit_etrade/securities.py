"""Kinds of securities."""

from __future__ import annotations

__all__ = ["SECURITIES"]

SECURITIES = frozenset({"EQ", "OPTN", "MF", "MMF", "BOND", "INDX", "CD", "UIT"})
"""Kinds of securities: those that are documented, and those that E*TRADE's customers are known to hold. Only shares (EQ) are managed."""
