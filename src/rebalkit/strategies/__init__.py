"""The built-in strategies, and what every strategy may use to make a plan of its decisions."""

from __future__ import annotations

from rebalkit.model.reasons import explain
from rebalkit.strategies.assembly import Choice, Sale, assemble_plan
from rebalkit.strategies.greedy import Greedy, GreedySettings
from rebalkit.strategies.hold import Hold

__all__ = ["Choice", "Greedy", "GreedySettings", "Hold", "Sale", "assemble_plan", "explain"]
