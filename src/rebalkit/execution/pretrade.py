"""What stands against an order right before it is sent. Pure functions of what was just read.

What is wrong with the account, the market or the clock stops the run; what is wrong with this order alone drops it.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import ROUND_CEILING, Decimal

from rebalkit.execution.pretrade_market import market_objections
from rebalkit.execution.pretrade_quote import quote_objections
from rebalkit.execution.rules import ExecutionRules, Objection
from rebalkit.execution.situation import Situation
from rebalkit.model.orders import Side
from rebalkit.money import CENT, plain

__all__ = ["objections"]


def objections(situation: Situation, rules: ExecutionRules) -> Iterator[Objection]:
    """Everything that stands against the order, in the order in which it is looked at."""
    yield from market_objections(situation, rules)
    yield from _foreign(situation)
    yield from _position(situation)
    yield from quote_objections(situation, rules)
    yield from _quantity(situation)
    yield from _lots(situation)
    yield from _cash(situation)
    yield from _turnover(situation, rules)


def _foreign(situation: Situation) -> Iterator[Objection]:
    for one in situation.foreign:
        message = (
            f"the broker has an open order to {one.side} {plain(one.quantity)} {one.symbol} (its number {one.order}) that no journal knows: "
            "somebody else trades in this account"
        )
        yield Objection("foreign_order", message, stops=True, details={"order": one.order, "symbol": one.symbol})


def _position(situation: Situation) -> Iterator[Objection]:
    symbol = situation.request.symbol
    held = _held(situation)
    if held != situation.expected:
        message = f"the account holds {plain(held)} {symbol}, but by the journal it must be {plain(situation.expected)}"
        details = {"held": plain(held), "expected": plain(situation.expected)}
        yield Objection("account_changed", message, stops=True, details=details)


def _held(situation: Situation) -> Decimal:
    symbol = situation.request.symbol
    return sum((lot.quantity for lot in situation.account.lots if lot.symbol == symbol), Decimal(0))


def _quantity(situation: Situation) -> Iterator[Objection]:
    request = situation.request
    if request.quantity <= 0:
        yield Objection("bad_quantity", f"{plain(request.quantity)} shares cannot be ordered")


def _lots(situation: Situation) -> Iterator[Objection]:
    """A sale names lots that are there, with shares that no other open order is about to sell, and no more of them than it sells."""
    request = situation.request
    if request.side is Side.BUY:
        return
    if sum((part.quantity for part in request.lots), Decimal(0)) != request.quantity:
        yield Objection("oversell", f"the lots of the sale do not add up to its {plain(request.quantity)} shares")
    there = {lot.lot: lot.quantity for lot in situation.account.lots if lot.symbol == request.symbol}
    for part in request.lots:
        if not 0 < part.quantity <= there.get(part.lot, Decimal(0)):
            message = (
                f"lot {part.lot} has {plain(there.get(part.lot, Decimal(0)))} shares, not the {plain(part.quantity)} to be sold"
            )
            yield Objection("oversell", message, details={"lot": part.lot})
    bound = [one for one in situation.account.open_orders if one.symbol == request.symbol and one.side is Side.SELL]
    busy = sum((one.quantity for one in bound), Decimal(0))
    if busy and busy + request.quantity > _held(situation):
        message = f"{plain(busy)} of the {plain(_held(situation))} {request.symbol} are in an open order already"
        yield Objection("lot_busy", message, details={"busy": plain(busy)})


def _cash(situation: Situation) -> Iterator[Objection]:
    request = situation.request
    if request.side is Side.SELL:
        return
    cost = (request.quantity * (request.limit or Decimal(0))).quantize(CENT, ROUND_CEILING) + situation.fees
    if cost > situation.spendable:
        message = f"it would cost up to {plain(cost)} USD with fees, and {plain(situation.spendable)} USD may be spent"
        yield Objection("cash_short", message, details={"cost": plain(cost), "spendable": plain(situation.spendable)})


def _turnover(situation: Situation, rules: ExecutionRules) -> Iterator[Objection]:
    if not situation.live:
        return
    request = situation.request
    total = situation.traded_today + request.quantity * (request.limit or Decimal(0))
    most = situation.account_value * rules.day_turnover / 100
    if total > most:
        message = (
            f"the orders of this day would come to {plain(total)} USD, more than {plain(rules.day_turnover)} % of the account "
            f"({plain(most)} USD; execution.day_turnover)"
        )
        yield Objection("day_turnover", message, stops=True, details={"total": plain(total), "most": plain(most)})
