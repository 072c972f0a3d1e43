"""Filling orders: shares, lots, cash and fees, exact to the unit.

All fills of one order are rounded to the cent together, half a cent to the even one: the cash that an order moved is always its
shares times its prices, rounded once, and its fees. The price of a fill is the bid for a sale and the ask for a purchase, made
worse by the slippage but never worse than the limit.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from attrs import evolve

from rebalkit.calendar import settlement_date
from rebalkit.model import Action, Lot, OrderRequest, OrderState, Quote, Side, Transaction
from rebalkit.money import (
    from_cents,
    from_micros,
    from_nanos,
    proportional_cents,
    round_cents,
    to_cents,
    to_micros,
    to_nanos,
    trim,
)
from rebalkit_paper.book import FillRules, PaperOrder, Pending
from rebalkit_paper.floor import Floor
from rebalkit_paper.status import sold_from

__all__ = ["execution_price", "fees_for", "fill_first_part", "fill_rest", "net_cents"]

_WHOLE_IN_BP = 1_000_000  # hundredths of a basis point


def execution_price(rules: FillRules, quote: Quote, request: OrderRequest) -> int | None:
    """Nano-dollars for which ``request`` would fill now, or None when its limit is out of reach."""
    slippage = int(rules.slippage_bp * 100)
    limit = None if request.limit is None else to_nanos(request.limit)
    if request.side is Side.SELL:
        bid = to_nanos(quote.bid)
        worse = bid * (_WHOLE_IN_BP - slippage) // _WHOLE_IN_BP
        return worse if limit is None else max(worse, limit) if limit <= bid else None
    ask = to_nanos(quote.ask)
    worse = -(-ask * (_WHOLE_IN_BP + slippage) // _WHOLE_IN_BP)
    return worse if limit is None else min(worse, limit) if limit >= ask else None


def fees_for(rules: FillRules, micros: int) -> int:
    """Cents of fees for an order of which ``micros`` have filled."""
    return to_cents(rules.fee_per_order) + round_cents(to_nanos(rules.fee_per_share) * micros) if micros else 0


def net_cents(rules: FillRules, order: PaperOrder, micros: int, price: int) -> tuple[int, int]:
    """What filling ``micros`` more of ``order`` at ``price`` (nano-dollars) would do: the change of cash, and the fees in it."""
    before = to_micros(order.filled)
    amount = round_cents(order.notional + micros * price) - round_cents(order.notional)
    fees = fees_for(rules, before + micros) - fees_for(rules, before)
    return (amount if order.request.side is Side.SELL else -amount) - fees, fees


def fill_first_part(floor: Floor, order: PaperOrder) -> None:
    """Let ``order``, of which nothing has filled, meet the market: the fraction that fills at once, or nothing."""
    if floor.fills.partial == 1:
        fill_rest(floor, order)
        return
    step = to_micros(floor.fills.share_step)
    wanted = int(order.open_micros * floor.fills.partial) // step * step
    _fill(floor, order, min(max(wanted, step), order.open_micros))


def fill_rest(floor: Floor, order: PaperOrder) -> None:
    """Let all that is left of ``order`` meet the market."""
    _fill(floor, order, order.open_micros)


def _fill(floor: Floor, order: PaperOrder, micros: int) -> None:
    """Fill ``micros`` of ``order``, or nothing when the limit is out of reach or the cash does not suffice."""
    price = execution_price(floor.fills, floor.quotes[order.request.symbol], order.request)
    if price is None:
        return
    holder = floor.holder(order.account)
    change, fees = net_cents(floor.fills, order, micros, price)
    if change < 0 and to_cents(holder.settled + holder.unsettled) + change < 0:
        return
    if order.request.side is Side.SELL:
        traded = list(sold_from(order.request.lots, to_micros(order.filled), micros))
        for lot, part in traded:
            holder.take(lot, part)
    else:
        traded = [(order.order, micros)]
        holder.add(Lot(order.order, order.request.symbol, from_micros(micros), floor.today, from_cents(-change)))
    if change > 0:
        holder.receive(Pending(settlement_date(floor.today), from_cents(change)))
    else:
        holder.pay(-change)
    floor.note(_transactions(floor.today, order, traded, price, fees))
    floor.put_order(
        evolve(
            order,
            filled=trim(order.filled + from_micros(micros)),
            notional=order.notional + micros * price,
            fees=order.fees + from_cents(fees),
            state=OrderState.FILLED if micros == order.open_micros else order.state,
        )
    )


def _transactions(
    today: dt.date, order: PaperOrder, traded: list[tuple[str, int]], price: int, fees: int
) -> Iterator[Transaction]:
    action = Action.SELL if order.request.side is Side.SELL else Action.BUY
    shares = proportional_cents(fees, [micros for _, micros in traded])
    for (lot, micros), fee in zip(traded, shares, strict=True):
        yield Transaction(
            order.account,
            today,
            action,
            order.request.symbol,
            from_micros(micros),
            from_nanos(price),
            from_cents(fee),
            order.order,
            lot,
        )
