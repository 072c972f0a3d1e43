"""How new money is spread over classes: exact in cents, then in shares. Plain integers, no I/O, no float.

`water_fill` says what each class should be worth, `whole_shares` how many shares that buys.
"""

from __future__ import annotations

from rebalkit.allocate.shares import Buys, Rounding, whole_shares
from rebalkit.allocate.water import water_fill

__all__ = ["Buys", "Rounding", "water_fill", "whole_shares"]
