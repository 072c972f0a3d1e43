"""From the decisions of a strategy to a plan: orders, the table of classes, taxes, cash. Every strategy may use it.

A strategy says which lots it sells and what it buys in each class, and why. All figures of the plan follow from that in one way:

- A position is worth its shares × bid, rounded down to the cent; a class is worth what its positions are worth together.
- A sale brings quantity × bid, rounded down to the cent; a purchase costs quantity × ask, rounded up to the cent.
- Percents are of what all classes hold together, with two decimals, and sum to exactly 100.00 by largest remainder.
- Taxes are split as `rebalkit.strategies.realised` says.

Orders are in the order of the targets, sales before purchases; symbols outside the targets come last, in alphabetical order.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal

from attrs import field, frozen

from rebalkit.errors import PlanError
from rebalkit.lots import LotBook
from rebalkit.model import (
    AssetClass,
    CashSummary,
    ClassPlan,
    LotSale,
    NotTraded,
    Order,
    Plan,
    Reason,
    Side,
    Snapshot,
    Targets,
    TaxSummary,
)
from rebalkit.money import FEMTO_PER_CENT, from_cents, from_micros, plain, proportional_cents, to_decimal, to_micros
from rebalkit.plugin import PlanContext
from rebalkit.strategies.realised import NOTHING, Realised, realise, split_of
from rebalkit.strategies.valuation import ask_of, floor_cents, owned_bids, position_values

__all__ = ["Choice", "Sale", "assemble_plan"]


@frozen
class Sale:
    """The lots of one symbol that a strategy sells. The plan adds lots, gains and losses to the details of the reason.

    Attributes:
        symbol: Ticker.
        parts: Of each lot its index in the symbol's `rebalkit.lots.Holding` and how many of its micro-shares are sold.
        reason: Why.
    """

    symbol: str
    parts: Sequence[tuple[int, int]]
    reason: Reason

    @classmethod
    def of_lots(cls, book: LotBook, symbol: str, shares: Mapping[str, Decimal], reason: Reason) -> Sale:
        """A sale of ``shares`` by name of the lot. Raises PlanError for a lot that ``book`` does not have."""
        held = book.holdings.get(symbol)
        index = {name: at for at, name in enumerate(held.names)} if held else {}
        for name in shares:
            if name not in index:
                raise _mistake(f"no lot {name!r} of {symbol} is held", "unknown_lot")
        return cls(symbol, tuple((index[name], _micros(quantity, symbol)) for name, quantity in shares.items()), reason)


@frozen
class Choice:
    """What a strategy buys in one class.

    Attributes:
        symbol: Ticker, one of the class's.
        amount: USD that the class was meant to get, before rounding to shares.
        quantity: Shares bought; 0 when the symbol was chosen but nothing is bought.
        reason: Why.
    """

    symbol: str
    amount: Decimal = field(converter=to_decimal)
    quantity: Decimal = field(converter=to_decimal)
    reason: Reason


def assemble_plan(
    snapshot: Snapshot,
    targets: Targets,
    context: PlanContext,
    strategy: str,
    sales: Iterable[Sale],
    choices: Mapping[str, Choice],
    not_traded: Iterable[NotTraded],
) -> Plan:
    """The plan that follows from the decisions of a strategy.

    Args:
        snapshot: What the plan is made from.
        targets: The classes; every one appears in the plan.
        context: The lots as integers.
        strategy: Name of the strategy.
        sales: What is sold, at most one sale a symbol.
        choices: What is bought, by name of the class; a class without a choice buys nothing.
        not_traded: What is not traded, and why.

    Raises:
        PlanError: An owned symbol without a price, or a decision that no plan can express: a lot that is not held, more of it than
            is held, a lot of unknown cost or date, a class that is not in the targets, a symbol that is not in the class, or a
            purchase without a sane quote.
    """
    bids = owned_bids(snapshot, context.book)
    values = position_values(context.book, bids)
    places = {symbol: place for place, symbol in enumerate(symbol for one in targets.classes for symbol in one.symbols)}
    orders: list[Order] = []
    proceeds: dict[str, int] = {}
    realised = NOTHING
    for sale in sorted(sales, key=lambda one: (places.get(one.symbol, len(places)), one.symbol)):
        if sale.symbol in proceeds:
            raise _mistake(f"{sale.symbol} is sold twice", "sold_twice")
        order, gained, proceeds[sale.symbol] = _sell(sale, snapshot, context.book, bids)
        orders.append(order)
        realised = realised.plus(gained)

    known = {one.name for one in targets.classes}
    for name in choices:
        if name not in known:
            raise _mistake(f"there is no class {name!r}", "unknown_class")
    costs: dict[str, int] = {}
    for one in targets.classes:
        choice = choices.get(one.name)
        if choice is not None:
            bought = _buy(one, choice, snapshot)
            if bought is not None:
                orders.append(bought)
                costs[one.name] = floor_cents(bought.estimated)

    before = floor_cents(snapshot.account.cash.total)
    brought, spent = sum(proceeds.values()), sum(costs.values())
    split = split_of(realised)
    return Plan(
        as_of=snapshot.as_of,
        account=snapshot.account.account,
        strategy=strategy,
        classes=_class_table(targets, values, proceeds, choices, costs),
        orders=tuple(orders),
        not_traded=tuple(not_traded),
        tax=TaxSummary(
            short_gain=from_cents(split.short_gain),
            short_loss=from_cents(split.short_loss),
            long_gain=from_cents(split.long_gain),
            long_loss=from_cents(split.long_loss),
            harvested=from_cents(-split.short_loss - split.long_loss),
        ),
        cash=CashSummary(*map(from_cents, (before, brought, spent, before + brought - spent))),
    )


def _mistake(reason: str, code: str) -> PlanError:
    return PlanError(reason, place="decisions of the strategy", code=code, remedy="This is a mistake of the strategy; report it.")


def _micros(quantity: Decimal, symbol: str) -> int:
    try:
        return to_micros(quantity)
    except ValueError as problem:
        raise _mistake(f"{symbol}: {problem}", "too_fine") from None


def _sell(sale: Sale, snapshot: Snapshot, book: LotBook, bids: Mapping[str, int]) -> tuple[Order, Realised, int]:
    """The order, what it realises, and what it brings in cents."""
    symbol = sale.symbol
    held = book.holdings.get(symbol)
    if held is None or not sale.parts:
        raise _mistake(f"{symbol} is sold but no lot of it is held or named", "nothing_to_sell")
    names, micros, costs, acquired = held.names, held.micros, held.costs, held.acquired
    lots: list[LotSale] = []
    total = 0
    for index, sold in sale.parts:
        if not 0 < sold <= micros[index]:
            raise _mistake(f"{from_micros(sold)} shares of lot {names[index]!r} are not held", "oversold_lot")
        if costs[index] is None or acquired[index] is None:
            raise _mistake(f"the cost or date of lot {names[index]!r} is unknown, so its gain is too", "unknown_basis")
        total += sold
        lots.append(LotSale(names[index], from_micros(sold)))
    if len({lot.lot for lot in lots}) != len(lots):
        raise _mistake(f"a lot of {symbol} is named twice", "lot_named_twice")
    realised = realise(held, sale.parts, bids[symbol], snapshot.as_of)
    split = split_of(realised)
    cents = total * bids[symbol] // FEMTO_PER_CENT
    details = {
        **sale.reason.details,
        "lots": len(lots),
        "gain": _usd(split.short_gain + split.long_gain),
        "loss": _usd(split.short_loss + split.long_loss),
        **{term: _usd(amount) for term, amount in split._asdict().items()},
    }
    reason = Reason(sale.reason.code, details)
    limit = snapshot.quotes[symbol].bid
    return Order(Side.SELL, symbol, from_micros(total), tuple(lots), limit, from_cents(cents), reason), realised, cents


def _usd(cents: int) -> str:
    return plain(from_cents(cents))


def _buy(asset_class: AssetClass, choice: Choice, snapshot: Snapshot) -> Order | None:
    symbol = choice.symbol
    if symbol not in asset_class.symbols:
        raise _mistake(f"{symbol} is not in the class {asset_class.name!r}", "symbol_outside_class")
    if choice.quantity == 0:
        return None
    quote = snapshot.quotes.get(symbol)
    if quote is None or not quote.sane:
        raise _mistake(f"{symbol} is bought without a sane quote", "no_quote")
    micros = _micros(choice.quantity, symbol)
    if micros < 0:
        raise _mistake(f"{choice.quantity} shares of {symbol} cannot be bought", "bad_quantity")
    cost = -(-micros * ask_of(quote) // FEMTO_PER_CENT)
    return Order(Side.BUY, symbol, from_micros(micros), (), quote.ask, from_cents(cost), choice.reason)


def _class_table(
    targets: Targets,
    values: Mapping[str, int],
    proceeds: Mapping[str, int],
    choices: Mapping[str, Choice],
    costs: Mapping[str, int],
) -> tuple[ClassPlan, ...]:
    now = [sum(values.get(symbol, 0) for symbol in one.symbols) for one in targets.classes]
    sold = [sum(proceeds.get(symbol, 0) for symbol in one.symbols) for one in targets.classes]
    after = [value - sales + costs.get(one.name, 0) for one, value, sales in zip(targets.classes, now, sold, strict=True)]
    table = []
    for one, value, percent, sales, end, end_percent in zip(
        targets.classes, now, _percents(now), sold, after, _percents(after), strict=True
    ):
        choice = choices.get(one.name)
        table.append(
            ClassPlan(
                name=one.name,
                target=one.target,
                value=from_cents(value),
                percent=percent,
                sales=from_cents(sales),
                after_sales=from_cents(value - sales),
                buy=choice.symbol if choice else None,
                buy_target=from_cents(floor_cents(choice.amount) if choice else 0),
                buy_quantity=from_micros(to_micros(choice.quantity) if choice else 0),
                buy_cost=from_cents(costs.get(one.name, 0)),
                after=from_cents(end),
                after_percent=end_percent,
            )
        )
    return tuple(table)


def _percents(cents: list[int]) -> list[Decimal]:
    """Shares of the sum in percent with two decimals that sum to exactly 100, or all 0."""
    hundredths = proportional_cents(10_000, cents) if sum(cents) else [0] * len(cents)
    return [from_cents(share) for share in hundredths]
