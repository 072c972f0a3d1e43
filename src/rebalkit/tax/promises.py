"""What a plan must promise, so that the losses it takes are not washed afterwards."""

from __future__ import annotations

from math import ceil

from rebalkit.model.plans import Plan
from rebalkit.model.policy import WashPolicy
from rebalkit.model.promises import Promise
from rebalkit.model.snapshots import Snapshot
from rebalkit.money import MICRO, from_cents, from_micros
from rebalkit.tax.ledger import build_ledger
from rebalkit.tax.outlook import exposures
from rebalkit.tax.plan_trades import trades_of_orders
from rebalkit.tax.wash_view import WashView

__all__ = ["promises_of"]


def promises_of(snapshot: Snapshot, plan: Plan, policy: WashPolicy = WashPolicy()) -> tuple[Promise, ...]:
    """For each sale of ``plan`` at a loss what must not be bought until when, and what is at stake.

    Args:
        snapshot: What the plan was made from.
        plan: Its sales at their limits; shares that something has replaced already are not at stake any more.
        policy: How the rule is read.

    Raises:
        DataError: The record of the accounts cannot be.
    """
    view = WashView(snapshot, policy)
    symbols = [one.symbol for one in plan.orders]
    orders = trades_of_orders(snapshot, view.past, plan.orders)
    ledger = build_ledger([*view.history(symbols), *(trade for _, trade in orders)], view.past.accounts, policy)
    mine = {trade.id: order for order, trade in orders}
    found = []
    plan_id = plan.plan_id  # it is a digest of the whole plan
    for one in exposures(ledger, snapshot.as_of):
        order = mine.get(one.sale)
        if order is None:
            continue
        shares, loss = from_micros(ceil(one.quantity * MICRO)), from_cents(ceil(one.loss * 100))
        found.append(
            Promise(
                f"{plan_id}-{order.symbol}", _symbols(policy, order.symbol), one.account, one.sold, one.through, one.free_from,
                shares, loss, plan_id,
            )
        )  # fmt: skip
    return tuple(found)


def _symbols(policy: WashPolicy, symbol: str) -> tuple[str, ...]:
    return next((group for group in policy.groups.groups if symbol in group), (symbol,))
