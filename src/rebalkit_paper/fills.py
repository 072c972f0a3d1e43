"""Filling orders: shares, lots, cash and fees, exact to the unit.

All fills of one order are rounded to the cent together, half a cent to the even one: the cash that an order moved is always its
shares times its prices, rounded once, and its fees. The price of a fill is the bid for a sale and the ask for a purchase, made
worse by the slippage but never worse than the limit.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from attrs import evolve

from rebalkit.calendar import settlement_date
from rebalkit.model import Action, Lot, LotSale, OrderRequest, OrderState, Quote, Side, Transaction
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
from rebalkit_paper.book import Book, FillRules, PaperAccount, PaperOrder, Pending

__all__ = ["execution_price", "fees_for", "fill", "fill_first_part", "fill_rest", "net_cents", "sold_from"]

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


def fill_first_part(book: Book, order: PaperOrder) -> Book:
    """The book after ``order``, of which nothing has filled, met the market: the fraction that fills at once, or nothing."""
    if book.fills.partial == 1:
        return fill_rest(book, order)
    step = to_micros(book.fills.share_step)
    wanted = int(order.open_micros * book.fills.partial) // step * step
    return fill(book, order, min(max(wanted, step), order.open_micros))


def fill_rest(book: Book, order: PaperOrder) -> Book:
    """The book after all that is left of ``order`` met the market."""
    return fill(book, order, order.open_micros)


def fill(book: Book, order: PaperOrder, micros: int) -> Book:
    """The book after ``micros`` of ``order`` filled, or unchanged when the limit is out of reach or the cash does not suffice."""
    price = execution_price(book.fills, book.quotes[order.request.symbol], order.request)
    if price is None:
        return book
    account = book.account(order.account)
    change, fees = net_cents(book.fills, order, micros, price)
    if change < 0 and to_cents(account.settled + account.unsettled) + change < 0:
        return book
    if order.request.side is Side.SELL:
        traded = list(sold_from(order.request.lots, to_micros(order.filled), micros))
        account = _without(account, traded)
    else:
        traded = [(order.order, micros)]
        account = _with(account, Lot(order.order, order.request.symbol, from_micros(micros), book.today, from_cents(-change)))
    account = (
        _receive(account, Pending(settlement_date(book.today), from_cents(change))) if change > 0 else _pay(account, -change)
    )
    filled = trim(order.filled + from_micros(micros))
    after = evolve(
        order,
        filled=filled,
        notional=order.notional + micros * price,
        fees=order.fees + from_cents(fees),
        state=OrderState.FILLED if micros == order.open_micros else order.state,
    )
    book = evolve(book, transactions=book.transactions + tuple(_transactions(book, order, traded, price, fees)))
    return book.with_account(account).with_order(after)


def sold_from(lots: tuple[LotSale, ...], before: int, micros: int) -> Iterator[tuple[str, int]]:
    """The ``micros`` that follow the first ``before`` of a sale out of ``lots``, as names of lots with micro-shares."""
    for sale in lots:
        here = to_micros(sale.quantity)
        taken = min(max(here - before, 0), micros)
        before = max(before - here, 0)
        micros -= taken
        if taken:
            yield sale.lot, taken


def _without(account: PaperAccount, sold: list[tuple[str, int]]) -> PaperAccount:
    taken = dict(sold)
    return evolve(account, lots=tuple(_rests(account.lots, taken)))


def _rests(lots: tuple[Lot, ...], taken: dict[str, int]) -> Iterator[Lot]:
    for lot in lots:
        sold = taken.get(lot.lot, 0)
        rest = to_micros(lot.quantity) - sold
        if not sold:
            yield lot
        elif rest:
            cost = None if lot.cost is None else from_nanos(proportional_cents(to_nanos(lot.cost), [sold, rest])[1])
            yield evolve(lot, quantity=from_micros(rest), cost=cost)


def _with(account: PaperAccount, bought: Lot) -> PaperAccount:
    """The account with ``bought``, which joins what an earlier fill of its order bought, if that is still there."""
    lots = list(account.lots)
    for place, lot in enumerate(lots):
        if lot.lot == bought.lot and lot.cost is not None and bought.cost is not None:
            lots[place] = evolve(lot, quantity=trim(lot.quantity + bought.quantity), cost=lot.cost + bought.cost)
            break
    else:
        lots.append(bought)
    return evolve(account, lots=tuple(lots))


def _receive(account: PaperAccount, proceeds: Pending) -> PaperAccount:
    amounts = {one.date: one.amount for one in account.pending}
    amounts[proceeds.date] = amounts.get(proceeds.date, Decimal("0.00")) + proceeds.amount
    return evolve(account, pending=tuple(Pending(day, amounts[day]) for day in sorted(amounts)))


def _pay(account: PaperAccount, cents: int) -> PaperAccount:
    """Settled cash goes first, then proceeds that have not settled, the earliest first."""
    due = from_cents(cents)
    settled = min(max(account.settled, Decimal("0.00")), due)
    due -= settled
    pending = []
    for one in account.pending:
        part = min(one.amount, due)
        due -= part
        if one.amount > part:
            pending.append(Pending(one.date, one.amount - part))
    return evolve(account, settled=account.settled - settled, pending=tuple(pending))


def _transactions(book: Book, order: PaperOrder, traded: list[tuple[str, int]], price: int, fees: int) -> Iterator[Transaction]:
    action = Action.SELL if order.request.side is Side.SELL else Action.BUY
    shares = proportional_cents(fees, [micros for _, micros in traded])
    for (lot, micros), fee in zip(traded, shares, strict=True):
        yield Transaction(
            order.account,
            book.today,
            action,
            order.request.symbol,
            from_micros(micros),
            from_nanos(price),
            from_cents(fee),
            order.order,
            lot,
        )
