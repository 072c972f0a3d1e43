"""The strategy that does nothing: the baseline of comparisons, and a way to see an account against its targets."""

from __future__ import annotations

from rebalkit.model import NotTraded, Plan, Reason, Snapshot, Targets
from rebalkit.plugin import PlanContext
from rebalkit.strategies.assembly import assemble_plan

__all__ = ["Hold"]


class Hold:
    """Trades nothing, whatever the account holds."""

    def plan(self, snapshot: Snapshot, targets: Targets, context: PlanContext) -> Plan:
        """A plan without orders, with every class as it stands.

        Raises PlanError when an owned symbol has no price.
        """
        kept = [NotTraded(one.name, Reason("strategy_holds")) for one in targets.classes]
        return assemble_plan(snapshot, targets, context, "hold", (), {}, kept)
