"""An order of a book as a broker lists it."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import ROUND_HALF_EVEN, Decimal, localcontext

from rebalkit.model import LotSale, OrderStatus
from rebalkit.money import from_micros, to_micros, trim
from rebalkit_paper.book import PaperOrder

__all__ = ["sold_from", "status_of"]


def status_of(order: PaperOrder) -> OrderStatus:
    """``order`` as a broker lists it."""
    request = order.request
    filled = to_micros(order.filled)
    lots = tuple(LotSale(lot, from_micros(micros)) for lot, micros in sold_from(request.lots, 0, filled))
    return OrderStatus(
        order.order,
        request.client_id,
        request.side,
        request.symbol,
        request.quantity,
        order.filled,
        _average(order.notional, filled) if filled else None,
        order.fees,
        order.state,
        order.placed,
        lots,
        request.limit,
    )


def sold_from(lots: tuple[LotSale, ...], before: int, micros: int) -> Iterator[tuple[str, int]]:
    """The ``micros`` that follow the first ``before`` of a sale out of ``lots``, as names of lots with micro-shares."""
    for sale in lots:
        if not micros:
            return
        here = to_micros(sale.quantity)
        taken = min(max(here - before, 0), micros)
        before = max(before - here, 0)
        micros -= taken
        if taken:
            yield sale.lot, taken


def _average(notional: int, micros: int) -> Decimal:
    """USD per share to a billionth of a dollar."""
    with localcontext() as context:
        context.prec = 60
        return trim((Decimal(notional) / micros).scaleb(-9).quantize(Decimal("1e-9"), ROUND_HALF_EVEN))
