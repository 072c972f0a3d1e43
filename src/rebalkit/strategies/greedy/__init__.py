"""The greedy tax-loss strategy, the reference that every other strategy is compared with.

1. In each class choose the best symbol that may be bought and on which little loss would be forgone (`buys`).
2. Sell every losing lot that the wash-sale rule allows, and lots of worse symbols within a limit on gains (`sales`).
3. Spread the cash over the classes by exact water-filling, then over whole shares (`strategy`).

An identity group counts as one symbol in everything that is about washing losses.
"""

from __future__ import annotations

from rebalkit.strategies.greedy.settings import GreedySettings
from rebalkit.strategies.greedy.strategy import Greedy

__all__ = ["Greedy", "GreedySettings"]
