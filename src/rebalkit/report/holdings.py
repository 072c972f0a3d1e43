"""What is held: lots with their terms and gains, and securities with their lots and recent trades."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from decimal import ROUND_HALF_EVEN, Decimal

from attrs import evolve

from rebalkit.model.history import Transaction
from rebalkit.model.lots import Lot
from rebalkit.model.orders import Side
from rebalkit.model.plans import Order, Plan
from rebalkit.model.reports import Report
from rebalkit.model.securities import Quote
from rebalkit.model.targets import AssetClass
from rebalkit.money import CENT, NANO, from_cents, proportional_cents, to_cents
from rebalkit.report.figures import position, shares
from rebalkit.report.parts import Gains, GroupView, LotRow, SecurityRow, TradeRow
from rebalkit.report.wording import clean, counted, ordinal, sentence_of
from rebalkit.tax.holding import is_long_term, long_term_from
from rebalkit.tax.window import WINDOW

__all__ = ["gains_of", "groups_of", "lot_rows", "lots_in_words", "market_value", "role_of"]


def lot_rows(report: Report) -> dict[str, LotRow]:
    """Every lot of the account by its name, with what the plan sells of it, in the account's order."""
    day, quotes = report.snapshot.as_of, report.snapshot.quotes
    sold: dict[str, tuple[Decimal, Decimal]] = {}
    for order in report.plan.sells if report.plan else ():
        # The lots share what the order brings, so that their proceeds sum to the order's to the cent.
        weights = [max(0, int(part.quantity * NANO)) for part in order.lots]
        if not sum(weights):
            continue  # a strategy's slip, which the checks have found
        cents = proportional_cents(to_cents(order.estimated.quantize(CENT)), weights)
        sold |= {part.lot: (part.quantity, from_cents(brings)) for part, brings in zip(order.lots, cents, strict=True)}
    lots = report.snapshot.account.lots
    worth = _worths(lots, quotes)
    return {lot.lot: _lot_row(lot, day, worth.get(lot.lot), sold.get(lot.lot)) for lot in lots}


def _worths(lots: Iterable[Lot], quotes: Mapping[str, Quote]) -> dict[str, Decimal]:
    """What each lot of a security with a quote is worth: its share of the position's value, so that lots add up to the cent."""
    held: dict[str, list[Lot]] = {}
    for lot in lots:
        if lot.symbol in quotes:
            held.setdefault(lot.symbol, []).append(lot)
    worths: dict[str, Decimal] = {}
    for symbol, mine in held.items():
        value = position(sum((lot.quantity for lot in mine), Decimal(0)), quotes[symbol].bid)
        cents = proportional_cents(to_cents(value), [int(lot.quantity * NANO) for lot in mine])
        worths |= {lot.lot: from_cents(part) for lot, part in zip(mine, cents, strict=True)}
    return worths


def _lot_row(lot: Lot, day: dt.date, worth: Decimal | None, sale: tuple[Decimal, Decimal] | None) -> LotRow:
    term, long_from = "unknown", None
    if lot.acquired is not None:
        term = "long" if is_long_term(lot.acquired, day) else "short"
        long_from = None if term == "long" else long_term_from(lot.acquired)
    gain = None if worth is None or lot.cost is None else worth - lot.cost
    row = LotRow(clean(lot.lot), lot.symbol, lot.quantity, lot.acquired, term, long_from, lot.cost, worth, _cents(gain))
    if sale is None:
        return row
    sold, brings = sale
    costs = _cents(None if lot.cost is None else lot.cost * sold / lot.quantity)
    return evolve(row, sold=sold, proceeds=brings, sold_cost=costs, sold_gain=None if costs is None else brings - costs)


def _cents(value: Decimal | None) -> Decimal | None:
    return None if value is None else value.quantize(CENT, ROUND_HALF_EVEN)


def gains_of(lots: Iterable[LotRow]) -> Gains:
    """Unrealised gains and losses of ``lots`` by term."""
    sums = {("short", True): Decimal(0), ("short", False): Decimal(0), ("long", True): Decimal(0), ("long", False): Decimal(0)}
    unknown = 0
    for lot in lots:
        if lot.gain is None or lot.term == "unknown":
            unknown += 1
        else:
            sums[lot.term, lot.gain > 0] += lot.gain
    return Gains(sums["short", True], sums["short", False], sums["long", True], sums["long", False], unknown)


def market_value(report: Report, symbols: Iterable[str] | None = None) -> Decimal:
    """What the positions in ``symbols`` (None = in everything) are worth at the bid; a position without a quote counts 0."""
    held: dict[str, Decimal] = {}
    for lot in report.snapshot.account.lots:
        held[lot.symbol] = held.get(lot.symbol, Decimal(0)) + lot.quantity
    quotes = report.snapshot.quotes
    wanted = held if symbols is None else [symbol for symbol in symbols if symbol in held]
    return sum((position(held[symbol], quotes[symbol].bid) for symbol in wanted if symbol in quotes), Decimal(0))


def role_of(symbol: str, group: AssetClass | None) -> str:
    """What the targets say of ``symbol`` in its class ``group``."""
    if group is None:
        return "outside the targets"
    rank = group.rank_of(symbol)
    return "hold only" if rank is None else f"{ordinal(rank)} choice"


def groups_of(report: Report, lots: Mapping[str, LotRow], total: Decimal) -> Iterator[GroupView]:
    """The securities class by class, then those outside the targets. ``total`` is what the account is worth, cash included."""
    by_symbol: dict[str, list[LotRow]] = {}
    for lot in lots.values():
        by_symbol.setdefault(lot.symbol, []).append(lot)
    trades: dict[str, list[Transaction]] = {}
    for one in report.snapshot.transactions:
        if one.date >= report.snapshot.as_of - WINDOW:
            trades.setdefault(one.symbol, []).append(one)
    traded = {order.symbol for order in report.plan.orders} if report.plan else set()
    active = [*dict.fromkeys([*by_symbol, *trades, *sorted(traded)])]
    rest = set(active)
    for group in report.targets.classes if report.targets else ():
        symbols = [symbol for symbol in group.symbols if symbol in rest]
        rest.difference_update(symbols)
        rows = tuple(_security(report, symbol, group, by_symbol, trades, total) for symbol in symbols)
        idle = tuple(f"{symbol} ({role_of(symbol, group)})" for symbol in group.symbols if symbol not in symbols)
        yield GroupView(clean(group.name), rows, idle)
    # What was only traded of late, in another account even, and is in no class, would be noise.
    outside = sorted(symbol for symbol in rest if symbol in by_symbol or symbol in traded)
    if outside:
        yield GroupView(None, tuple(_security(report, symbol, None, by_symbol, trades, total) for symbol in outside))


def _security(
    report: Report,
    symbol: str,
    group: AssetClass | None,
    by_symbol: Mapping[str, list[LotRow]],
    trades: Mapping[str, list[Transaction]],
    total: Decimal,
) -> SecurityRow:
    lots = sorted(by_symbol.get(symbol, ()), key=lambda lot: (lot.acquired or dt.date.min, lot.lot))
    quantity = sum((lot.quantity for lot in lots), Decimal(0))
    quote = report.snapshot.quotes.get(symbol)
    value = position(quantity, quote.bid) if quote else None
    side, action = _action(report.plan, symbol, quantity)
    return SecurityRow(
        symbol=symbol,
        role=role_of(symbol, group) if report.targets else "",
        quantity=quantity,
        price=quote.bid if quote else None,
        price_date=quote.date if quote else None,
        value=value,
        percent=100 * value / total if value is not None and total > 0 else None,
        gains=gains_of(lots),
        trades=tuple(
            TradeRow(one.date, clean(one.account), one.action.value, one.quantity, one.price) for one in trades.get(symbol, ())
        ),
        lots=tuple(lots),
        side=side,
        action=action,
        why=tuple(_why(report.plan, symbol)),
    )


def _action(plan: Plan | None, symbol: str, held: Decimal) -> tuple[str, str]:
    orders = [order for order in plan.orders if order.symbol == symbol] if plan else []
    sides = {order.side.value for order in orders}

    def words_of(order: Order) -> str:
        doing = f"{order.side.value} {shares(order.quantity)}"
        if order.side is Side.BUY:
            return doing
        return f"{doing} (all)" if order.quantity == held else f"{doing} of {shares(held)}"

    words = map(words_of, orders)
    return (sides.pop() if len(sides) == 1 else "both" if sides else ""), ", ".join(words)


def _why(plan: Plan | None, symbol: str) -> Iterator[str]:
    if plan is None:
        return
    for order in plan.orders:
        if order.symbol == symbol:
            yield sentence_of(order.reason, symbol)
    for one in plan.not_traded:
        if one.subject == symbol:
            yield sentence_of(one.reason, symbol)


def lots_in_words(number: int, symbols: int) -> str:
    """``3 lots of 2 securities``."""
    return f"{counted(number, 'lot')} of {counted(symbols, 'security', 'securities')}"
