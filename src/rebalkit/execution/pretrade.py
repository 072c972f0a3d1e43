"""What stands against an order right before it is sent. Pure functions of what was just read.

What is wrong with the account, the market or the clock stops the run; what is wrong with this order alone drops it.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import ROUND_CEILING, Decimal

from rebalkit.execution.pretrade_market import market_objections
from rebalkit.execution.pretrade_quote import like_a_split, quote_objections
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
    if situation.request.side is Side.SELL:
        yield from _lots(situation)
        yield from _busy(situation)
    else:
        yield from _cash(situation)
    if situation.live:
        yield from _turnover(situation, rules)


def _foreign(situation: Situation) -> Iterator[Objection]:
    for one in situation.foreign:
        message = (
            f"the broker has an open order to {one.side} {plain(one.quantity)} {one.symbol} (its number {one.order}) that no journal knows: "
            "somebody else trades in this account"
        )
        details = {"order": one.order, "side": str(one.side), "symbol": one.symbol, "quantity": plain(one.quantity)}
        yield Objection("foreign_order", message, stops=True, details=details)


def _position(situation: Situation) -> Iterator[Objection]:
    for symbol, expected in situation.expected.items():
        held = _held(situation, symbol)
        if held == expected:
            continue
        details = {"symbol": symbol, "held": plain(held), "expected": plain(expected)}
        message = f"the account holds {plain(held)} {symbol}, but by the journal it must be {plain(expected)}"
        if like_a_split(held, expected):
            yield Objection("split_suspected", f"{message}: as after a split", stops=True, details=details)
        else:
            yield Objection("account_changed", message, stops=True, details=details)


def _held(situation: Situation, symbol: str) -> Decimal:
    return sum((lot.quantity for lot in situation.account.lots if lot.symbol == symbol), Decimal(0))


def _quantity(situation: Situation) -> Iterator[Objection]:
    request = situation.request
    if request.quantity <= 0:
        shares = plain(request.quantity)
        yield Objection("bad_quantity", f"{shares} shares cannot be ordered", details={"quantity": shares})


def _lots(situation: Situation) -> Iterator[Objection]:
    """A sale names lots of its symbol that are there with as many shares, and no more of them than it sells."""
    request = situation.request
    total = sum((part.quantity for part in request.lots), Decimal(0))
    if total != request.quantity:
        message = f"the lots of the sale add up to {plain(total)} shares, not to its {plain(request.quantity)}"
        yield Objection("oversell", message, details={"lots": plain(total), "quantity": plain(request.quantity)})
    there = {lot.lot: lot.quantity for lot in situation.account.lots if lot.symbol == request.symbol}
    asked: dict[str, Decimal] = {}
    for part in request.lots:
        held, shares = there.get(part.lot, Decimal(0)), asked.get(part.lot, Decimal(0)) + part.quantity
        asked[part.lot] = shares
        if part.quantity <= 0 or shares > held:
            message = f"lot {part.lot} has {plain(held)} shares, and {plain(shares)} of them are to be sold"
            yield Objection("oversell", message, details={"lot": part.lot, "held": plain(held), "quantity": plain(shares)})


def _busy(situation: Situation) -> Iterator[Objection]:
    """Brokers do not say which lots an open order is about to sell, so that the shares of all are counted together."""
    request, held = situation.request, _held(situation, situation.request.symbol)
    bound = [one for one in situation.account.open_orders if one.symbol == request.symbol and one.side is Side.SELL]
    busy = sum((one.quantity for one in bound), Decimal(0))
    if busy and busy + request.quantity > held:
        message = f"{plain(busy)} of the {plain(held)} {request.symbol} are in an open order already"
        yield Objection(
            "lot_busy", message, details={"busy": plain(busy), "held": plain(held), "quantity": plain(request.quantity)}
        )


def _cash(situation: Situation) -> Iterator[Objection]:
    request, cash = situation.request, situation.account.cash.total
    if cash < 0:
        message = f"the account owes {plain(-cash)} USD: nothing is bought on credit"
        yield Objection("negative_cash", message, details={"cash": plain(cash)})
    cost = (request.quantity * (request.limit or Decimal(0))).quantize(CENT, ROUND_CEILING) + situation.fees
    if cost > situation.spendable:
        message = f"it would cost up to {plain(cost)} USD with fees, and {plain(situation.spendable)} USD may be spent"
        details = {"cost": plain(cost), "fees": plain(situation.fees), "spendable": plain(situation.spendable)}
        yield Objection("cash_short", message, details=details)


def _turnover(situation: Situation, rules: ExecutionRules) -> Iterator[Objection]:
    request = situation.request
    total = situation.traded_today + request.quantity * (request.limit or Decimal(0))
    most = situation.account_value * rules.day_turnover / 100
    if total > most:
        message = (
            f"the orders of this day would come to {plain(total)} USD, more than {plain(rules.day_turnover)} % of the account "
            f"({plain(most)} USD; execution.day_turnover)"
        )
        yield Objection("day_turnover", message, stops=True, details={"total": plain(total), "most": plain(most)})
