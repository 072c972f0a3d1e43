"""An account after a plan: every order filled at its limit on the day of the plan."""

from __future__ import annotations

from decimal import Decimal

from attrs import evolve

from rebalkit.model import Action, Cash, Lot, Plan, Side, Snapshot, Transaction


def apply(snapshot: Snapshot, plan: Plan) -> Snapshot:
    """``snapshot`` as ``plan`` would leave it, with its trades in the history. Raises ValueError for a lot that is not there."""
    left = {lot.lot: lot for lot in snapshot.account.lots}
    cash = snapshot.account.cash.total
    trades: list[Transaction] = []
    for number, order in enumerate(plan.orders):
        action = Action.SELL if order.side is Side.SELL else Action.BUY
        trades.append(Transaction(plan.account, plan.as_of, action, order.symbol, order.quantity, order.limit))
        cash += order.estimated if order.side is Side.SELL else -order.estimated
        for sale in order.lots:
            lot = left.pop(sale.lot, None)
            if lot is None or lot.symbol != order.symbol or sale.quantity > lot.quantity:
                raise ValueError(f"{sale.quantity} of lot {sale.lot} cannot be sold")
            if sale.quantity < lot.quantity:
                assert lot.cost is not None
                rest = lot.quantity - sale.quantity
                cost = (lot.cost * rest / lot.quantity).quantize(Decimal("0.000000001"))
                left[lot.lot] = Lot(lot.lot, lot.symbol, rest, lot.acquired, cost)
        if order.side is Side.BUY:
            left[f"new-{number}"] = Lot(f"new-{number}", order.symbol, order.quantity, plan.as_of, order.estimated)
    account = evolve(snapshot.account, lots=tuple(left.values()), cash=Cash(cash))
    return evolve(snapshot, account=account, transactions=(*snapshot.transactions, *trades))
