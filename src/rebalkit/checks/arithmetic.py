"""The figures of the plan, counted again from the orders: a plan whose own numbers disagree is not shown as sound."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

from rebalkit.checks.findings import blocking
from rebalkit.model.findings import Finding
from rebalkit.model.orders import Side
from rebalkit.money import CENT
from rebalkit.plugin import CheckInput
from rebalkit.tax.holding import is_long_term

__all__ = ["check_arithmetic"]


def check_arithmetic(given: CheckInput) -> Iterator[Finding]:
    """``arithmetic``: estimates, cash, classes and gains that do not follow from the orders."""
    plan = given.plan
    quotes = given.snapshot.quotes
    for order in plan.orders:
        quote = quotes.get(order.symbol)
        if quote is None:
            continue  # the quotes check blocks the plan
        sells = order.side is Side.SELL
        price, rounding = (quote.bid, ROUND_FLOOR) if sells else (quote.ask, ROUND_CEILING)
        yield from _differ(f"the limit of {order.symbol}", order.limit, price)
        yield from _differ(f"the estimate of {order.symbol}", order.estimated, (order.quantity * price).quantize(CENT, rounding))
    proceeds = sum((order.estimated for order in plan.sells), Decimal(0))
    spent = sum((order.estimated for order in plan.buys), Decimal(0))
    before = given.snapshot.account.cash.total.quantize(CENT, ROUND_FLOOR)
    yield from _differ("the cash before", plan.cash.before, before)
    yield from _differ("the proceeds", plan.cash.proceeds, proceeds)
    yield from _differ("the amount spent", plan.cash.spent, spent)
    yield from _differ("the cash afterwards", plan.cash.after, before + proceeds - spent)
    yield from _classes(given)
    yield from _gains(given, proceeds)


def _classes(given: CheckInput) -> Iterator[Finding]:
    class_of = {symbol: one.name for symbol, one in given.targets.class_of().items()}
    worth = _worth(given, class_of)
    sales: dict[str, Decimal] = {}
    costs: dict[str, Decimal] = {}
    shares: dict[str, Decimal] = {}
    for order in given.plan.orders:
        totals = sales if order.side is Side.SELL else costs
        name = class_of.get(order.symbol, "")
        totals[name] = totals.get(name, Decimal(0)) + order.estimated
        if order.side is Side.BUY:
            shares[name] = shares.get(name, Decimal(0)) + order.quantity
    for one in given.plan.classes:
        if worth is not None:
            yield from _differ(f"the value of {one.name!r}", one.value, worth.get(one.name, Decimal(0)))
        yield from _differ(f"the sales of {one.name!r}", one.sales, sales.get(one.name, Decimal(0)))
        yield from _differ(f"what {one.name!r} is worth after the sales", one.after_sales, one.value - one.sales)
        yield from _differ(f"the shares bought for {one.name!r}", one.buy_quantity, shares.get(one.name, Decimal(0)))
        yield from _differ(f"the purchases of {one.name!r}", one.buy_cost, costs.get(one.name, Decimal(0)))
        yield from _differ(f"what {one.name!r} is worth afterwards", one.after, one.after_sales + one.buy_cost)
    now = sum((one.value for one in given.plan.classes), Decimal(0))
    after = sum((one.after for one in given.plan.classes), Decimal(0))
    for one in given.plan.classes:
        yield from _percent(f"the percent of {one.name!r}", one.percent, one.value, now)
        yield from _percent(f"the percent of {one.name!r} afterwards", one.after_percent, one.after, after)


def _worth(given: CheckInput, class_of: Mapping[str, str]) -> dict[str, Decimal] | None:
    """By class what its positions are worth at the bid, each rounded down to the cent; None when one has no quote."""
    shares: dict[str, Decimal] = {}
    for lot in given.snapshot.account.lots:
        shares[lot.symbol] = shares.get(lot.symbol, Decimal(0)) + lot.quantity
    worth: dict[str, Decimal] = {}
    for symbol, quantity in shares.items():
        quote = given.snapshot.quotes.get(symbol)
        if quote is None:
            return None  # the quotes check blocks the plan
        name = class_of.get(symbol, "")
        worth[name] = worth.get(name, Decimal(0)) + (quantity * quote.bid).quantize(CENT, ROUND_FLOOR)
    return worth


def _percent(what: str, said: Decimal, part: Decimal, whole: Decimal) -> Iterator[Finding]:
    """Percents are rounded so that they sum to 100, and so may be off by a hundredth."""
    counted = 100 * part / whole if whole else Decimal(0)
    if abs(said - counted) > CENT:
        yield from _differ(what, said, counted.quantize(CENT))


def _gains(given: CheckInput, proceeds: Decimal) -> Iterator[Finding]:
    lots = {lot.lot: lot for lot in given.snapshot.account.lots}
    basis = Decimal(0)
    by_term = {(long, loss): Decimal(0) for long in (False, True) for loss in (False, True)}
    for order in given.plan.sells:
        for sale in order.lots:
            lot = lots.get(sale.lot)
            if lot is None or lot.cost is None or lot.acquired is None:
                return  # the lots check blocks the plan
            cost = lot.cost if sale.quantity == lot.quantity else lot.cost * sale.quantity / lot.quantity
            gain = sale.quantity * order.limit - cost
            basis += cost
            by_term[is_long_term(lot.acquired, given.snapshot.as_of), gain < 0] += gain
    tax = given.plan.tax
    total = tax.short_gain + tax.short_loss + tax.long_gain + tax.long_loss
    if abs(total - (proceeds - basis)) >= CENT:
        yield from _differ("the realised gains and losses together", total, (proceeds - basis).quantize(CENT))
    # Each order is rounded down to the cent, and which of the four sums bears that is the strategy's choice.
    rounding = CENT * (len(given.plan.sells) + 2)
    for (long, loss), said in (
        ((False, False), tax.short_gain),
        ((False, True), tax.short_loss),
        ((True, False), tax.long_gain),
        ((True, True), tax.long_loss),
    ):
        counted = by_term[long, loss]
        if abs(said - counted) > rounding:
            what = f"the {'long' if long else 'short'}-term {'losses' if loss else 'gains'}"
            yield from _differ(what, said, counted.quantize(CENT))
    yield from _differ("the harvested losses", tax.harvested, -(tax.short_loss + tax.long_loss))


def _differ(what: str, said: Decimal, counted: Decimal) -> Iterator[Finding]:
    if said != counted:
        message = f"The plan says that {what} is {said}, but its orders give {counted}: the strategy miscounted."
        yield blocking("arithmetic", message, said=str(said), counted=str(counted))
