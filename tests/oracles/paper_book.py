"""A paper book as plain values that are rebuilt whole with every step: slow, and obvious.

It has no index, no file, and keeps nothing between two calls. Prices, fees and the rounding of a fill are those of `rebalkit_paper.fills`,
which `tests/property/test_paper.py` holds against fractions.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from decimal import Decimal

from attrs import evolve

from rebalkit.calendar import settlement_date
from rebalkit.model import Action, Lot, LotSale, OrderRequest, OrderState, Quote, Side, Transaction
from rebalkit.money import from_cents, from_micros, from_nanos, proportional_cents, to_cents, to_micros, to_nanos, trim
from rebalkit_paper.book import WHOLE, Book, PaperAccount, PaperOrder, Pending, clock_of
from rebalkit_paper.fills import execution_price, net_cents
from rebalkit_paper.status import sold_from


def placed(book: Book, account: str, request: OrderRequest) -> Book | str:
    """The book after the order was placed, or the code of the reason why it is refused."""
    if any(order.request.client_id == request.client_id for order in book.orders):
        return "duplicate_client_id"
    request = evolve(request, quantity=trim(request.quantity))
    if request.side is Side.SELL:
        free = _free_lots(book, book.account(account), request.symbol)
        available = sum(free.values())
        if to_micros(request.quantity) > available:
            return "oversold"
        if book.fills.share_step == WHOLE and request.quantity % 1 and to_micros(request.quantity) != available:
            return "fractional_quantity"
        if any(sale.lot not in free for sale in request.lots):
            return "unknown_lot"
        if any(to_micros(sale.quantity) > free[sale.lot] for sale in request.lots):
            return "lot_oversold"
        request = evolve(request, lots=request.lots or _oldest(book.account(account), free, to_micros(request.quantity)))
        request = evolve(request, lots=tuple(LotSale(sale.lot, trim(sale.quantity)) for sale in request.lots))
    elif request.quantity % book.fills.share_step:
        return "fractional_quantity"
    order = PaperOrder(f"paper-{book.counter}", account, request, OrderState.OPEN, clock_of(book.today, book.counter))
    needed = -_worst(book, order)
    if needed > 0 and needed > _free_cents(book, book.account(account)):
        return "insufficient_cash"
    book = evolve(book, counter=book.counter + 1, orders=(*book.orders, order))
    return fill_first_part(book, order)


def cancelled(book: Book, order: str) -> Book:
    """The book after what is left of ``order`` was cancelled."""
    found = next(one for one in book.orders if one.order == order)
    return _with_order(book, evolve(found, state=OrderState.CANCELLED)) if found.open_micros else book


def _free_lots(book: Book, account: PaperAccount, symbol: str) -> dict[str, int]:
    free = {lot.lot: to_micros(lot.quantity) for lot in account.lots if lot.symbol == symbol}
    for order in book.orders:
        if order.account == account.account and order.open_micros and order.request.side is Side.SELL:
            for lot, micros in sold_from(order.request.lots, to_micros(order.filled), order.open_micros):
                if lot in free:
                    free[lot] -= micros
    return free


def _oldest(account: PaperAccount, free: dict[str, int], wanted: int) -> tuple[LotSale, ...]:
    chosen = []
    for lot in sorted(account.lots, key=lambda lot: (lot.acquired is None, lot.acquired or dt.date.min)):
        taken = min(free.get(lot.lot, 0), wanted)
        wanted -= taken
        if taken:
            chosen.append(LotSale(lot.lot, from_micros(taken)))
    return tuple(chosen)


def _free_cents(book: Book, account: PaperAccount) -> int:
    buys = [one for one in book.orders if one.account == account.account and one.request.side is Side.BUY]
    return to_cents(account.settled + account.unsettled) + sum(_worst(book, order) for order in buys if order.open_micros)


def _worst(book: Book, order: PaperOrder) -> int:
    """The change of cash in cents if all that is left fills at the limit, or at the present price where there is none."""
    request = order.request
    price = to_nanos(request.limit) if request.limit else execution_price(book.fills, book.quotes[request.symbol], request)
    assert price is not None
    return net_cents(book.fills, order, order.open_micros, price)[0]


def _with_order(book: Book, changed: PaperOrder) -> Book:
    return evolve(book, orders=tuple(changed if one.order == changed.order else one for one in book.orders))


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
    return _with_order(book.with_account(account), after)


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


def with_quotes(book: Book, quotes: Iterable[Quote]) -> Book:
    """The book after its market moved to ``quotes``: waiting orders whose limit is within reach now begin to fill, oldest first."""
    book = evolve(book, quotes={**book.quotes, **{quote.symbol: quote for quote in quotes}})
    for order in book.orders:
        if order.open_micros and not order.filled:
            book = fill_first_part(book, order)
    return book


def advanced(book: Book, to: dt.date, quotes: Iterable[Quote] = ()) -> Book:
    """The book on the later day ``to``."""
    for order in book.orders:
        if order.open_micros:
            book = fill_rest(book, order)
    standing = {symbol: evolve(quote, date=to) if quote.date == book.today else quote for symbol, quote in book.quotes.items()}
    return evolve(
        book,
        today=to,
        orders=tuple(evolve(one, state=OrderState.EXPIRED) if one.open_micros else one for one in book.orders),
        accounts=tuple(_settled(one, to) for one in book.accounts),
        quotes=standing | {quote.symbol: quote for quote in quotes},
    )


def _settled(account: PaperAccount, today: dt.date) -> PaperAccount:
    due = sum((one.amount for one in account.pending if one.date <= today), Decimal("0.00"))
    return evolve(account, settled=account.settled + due, pending=tuple(one for one in account.pending if one.date > today))
