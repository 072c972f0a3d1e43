"""What an executor was told to do."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal

from attrs import field, frozen

from rebalkit.execution.ids import client_id
from rebalkit.execution.rules import ExecutionRules
from rebalkit.model.orders import OrderRequest, Side
from rebalkit.model.plans import Plan
from rebalkit.model.snapshots import VenueRules
from rebalkit.model.targets import Targets
from rebalkit.money import tick_down, tick_up

__all__ = ["Mandate"]


@frozen
class Mandate:
    """An approved plan and what holds for its execution.

    Attributes:
        plan: The plan.
        targets: Its targets, for sizing the purchases again.
        broker: Name of the broker, for the journal.
        live: Whether its orders move real money.
        value: USD that the account was worth when the plan was made: positions at the bid, and cash.
        reserve: USD never spent.
        venue: What orders may be.
        rules: What every order must respect.
        folder: Where the files of the run are, for the journal.
        versions: Versions of what takes part, by name, for the journal.
        plan_id: Id of the plan; to work it out takes a look at all of the plan.
    """

    plan: Plan
    targets: Targets
    broker: str
    live: bool
    value: Decimal
    reserve: Decimal = Decimal(0)
    venue: VenueRules = VenueRules()
    rules: ExecutionRules = ExecutionRules()
    folder: str = ""
    versions: Mapping[str, str] = field(factory=dict)
    plan_id: str = field(init=False)

    @plan_id.default
    def _plan_id(self) -> str:
        return self.plan.plan_id

    @property
    def requests(self) -> Iterator[OrderRequest]:
        """The orders as the plan has them, each under the client id of its first attempt."""
        for number, order in enumerate(self.plan.orders):
            limit = tick_down(order.limit) if order.side is Side.SELL else tick_up(order.limit)
            yield OrderRequest(
                client_id(self.plan.account, self.plan_id, number), order.side, order.symbol, order.quantity, order.lots, limit
            )
