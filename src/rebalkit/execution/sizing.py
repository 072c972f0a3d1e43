"""Sizing the purchases again from the cash that is really there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

from attrs import frozen

from rebalkit.allocate import water_fill
from rebalkit.model.accounts import AccountSnapshot
from rebalkit.model.plans import Order, Plan
from rebalkit.model.securities import Quote
from rebalkit.model.targets import Targets
from rebalkit.money import CENT, from_cents, tick_up, to_cents

__all__ = ["Sized", "affordable", "size_buys"]


@frozen
class Sized:
    """A purchase of the plan with the shares that it may still be for, at most those planned, and its limit in USD per share."""

    order: Order
    quantity: Decimal
    limit: Decimal


def affordable(cash: Decimal, price: Decimal, step: Decimal) -> Decimal:
    """The most shares, in whole steps, that ``cash`` USD pay at ``price`` USD; 0 when not even one step."""
    return (max(cash, Decimal(0)) / price / step).to_integral_value(ROUND_FLOOR) * step


def size_buys(
    plan: Plan,
    targets: Targets,
    account: AccountSnapshot,
    quotes: Mapping[str, Quote],
    reserve: Decimal,
    step: Decimal,
) -> Sequence[Sized]:
    """The plan's purchases for the cash and the holdings as they are after the sales.

    Where the cash pays for all of them, they stay as planned: a person has said yes to these numbers, and never to more. Where
    it does not, what is there is spread by the planner's own allocation over the classes being bought.

    Args:
        plan: The plan; its purchases are the most that is bought.
        targets: The targets of the plan.
        account: The account after the sales.
        quotes: Fresh quotes of what is held and bought.
        reserve: USD never spent.
        step: Smallest step of a purchase, shares.
    """
    limits = {order.symbol: tick_up(min(quotes[order.symbol].ask, order.limit)) for order in plan.buys}
    cash = max(Decimal(0), account.cash.total - reserve)
    if sum((_cost(order.quantity, limits[order.symbol]) for order in plan.buys), Decimal(0)) <= cash:
        return [Sized(order, order.quantity, limits[order.symbol]) for order in plan.buys]
    class_of = targets.class_of()
    bought = [class_of[order.symbol] for order in plan.buys]
    shares: dict[str, Decimal] = {}
    for lot in account.lots:
        shares[lot.symbol] = shares.get(lot.symbol, Decimal(0)) + lot.quantity
    held = [
        sum((_worth(shares[symbol], quotes[symbol]) for symbol in one.symbols if symbol in shares), Decimal(0)) for one in bought
    ]
    weights = [one.target for one in bought]
    scale = max(-int(weight.as_tuple().exponent) for weight in weights)
    filled = water_fill(
        [to_cents(value) for value in held],
        [int(weight.scaleb(max(scale, 0))) for weight in weights],
        to_cents(cash.quantize(CENT, ROUND_FLOOR)),
    )
    sized = []
    for order, value, worth in zip(plan.buys, filled, held, strict=True):
        limit = limits[order.symbol]
        sized.append(Sized(order, min(order.quantity, affordable(from_cents(value) - worth, limit, step)), limit))
    return sized


def _cost(quantity: Decimal, price: Decimal) -> Decimal:
    return (quantity * price).quantize(CENT, ROUND_CEILING)


def _worth(shares: Decimal, quote: Quote) -> Decimal:
    return (shares * quote.bid).quantize(CENT, ROUND_FLOOR)
