"""What the paper broker refuses, as a real one does."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Mapping
from decimal import Decimal

from attrs import evolve

from rebalkit.calendar import why_closed
from rebalkit.errors import BrokerError
from rebalkit.model import Lot, LotSale, OrderRequest, Side
from rebalkit.money import CENT, from_cents, from_micros, plain, to_cents, to_micros, to_nanos, trim
from rebalkit_paper.book import FRACTION, WHOLE
from rebalkit_paper.fills import execution_price, net_cents
from rebalkit_paper.floor import Floor
from rebalkit_paper.holder import Holder
from rebalkit_paper.status import sold_from

__all__ = ["checked", "free_cents", "free_lots", "refuse_used_client_id"]

_CLIENT_ID = re.compile(r"[A-Za-z0-9]{1,20}")

# Rule 612 of Regulation NMS (17 CFR 242.612): no order in increments below a cent at 1 USD or more, below a hundredth of a cent
# under 1 USD. The half-cent increments that its amendment of 2024 gives to some stocks are not taken.
_SUB_PENNY = Decimal("0.0001")


def refuse_used_client_id(floor: Floor, client_id: str) -> None:
    """Raise BrokerError when an order of ``client_id`` has been placed, whatever became of it."""
    order = floor.clients.get(client_id)
    if order is not None:
        raise BrokerError(f"client id {client_id} belongs to order {order}", code="duplicate_client_id")


def free_lots(holder: Holder, symbol: str) -> dict[str, int]:
    """Micro-shares of each lot of ``symbol`` that no open order is about to sell."""
    free = {name: to_micros(lot.quantity) for name, lot in holder.lots_of(symbol).items()}
    for order in holder.open.values():
        if order.request.symbol == symbol and order.request.side is Side.SELL:
            for lot, micros in sold_from(order.request.lots, to_micros(order.filled), order.open_micros):
                free[lot] = free.get(lot, 0) - micros
    return free


def free_cents(floor: Floor, holder: Holder) -> int:
    """Cents of cash, settled and unsettled, that no open order is about to spend."""
    free = to_cents(holder.settled + holder.unsettled)
    for order in holder.open.values():
        if order.request.side is Side.BUY:
            change, _ = net_cents(floor.fills, order, order.open_micros, _worst_price(floor, order.request))
            free += change
    return free


def _worst_price(floor: Floor, request: OrderRequest) -> int:
    """Nano-dollars that a share of ``request`` counts with: its limit, or for a market order the price it would fill for now."""
    if request.limit is not None:
        return to_nanos(request.limit)
    price = execution_price(floor.fills, floor.quotes[request.symbol], request)
    assert price is not None  # a market order has no limit that could be out of reach
    return price


def checked(floor: Floor, account: str, request: OrderRequest) -> OrderRequest:
    """``request`` as the broker understands it: with the lots that a sale takes.

    Raises:
        BrokerError: A rule forbids it; the code says which.
    """
    owner = floor.holder(account)
    if not _CLIENT_ID.fullmatch(request.client_id):
        raise BrokerError(f"{request.client_id!r} is not 1 to 20 letters and digits", place="client id", code="bad_client_id")
    refuse_used_client_id(floor, request.client_id)
    closed = why_closed(floor.today)
    if closed is not None:
        raise BrokerError(
            f"the market is closed on {floor.today} ({closed})",
            place=f"paper book {floor.name}",
            remedy=f"Go on to the next session with `rebalkit paper advance {floor.name}`.",
            code="market_closed",
        )
    if request.quantity <= 0 or request.quantity % FRACTION:
        raise _refused(request, f"a quantity of {plain(request.quantity)} cannot be traded", "bad_quantity")
    _check_limit(request)
    _check_quote(floor, request)
    request = evolve(request, quantity=trim(request.quantity))
    request = _checked_sale(floor, owner, request) if request.side is Side.SELL else _checked_buy(floor, request)
    _check_cash(floor, owner, request)
    return request


def _refused(request: OrderRequest, reason: str, code: str, remedy: str = "") -> BrokerError:
    return BrokerError(reason, place=f"{request.side} order of {request.symbol}", code=code, remedy=remedy)


def _check_limit(request: OrderRequest) -> None:
    if request.limit is None:
        return
    if request.limit <= 0:
        raise _refused(request, f"a limit of {plain(request.limit)} is not above 0", "bad_limit")
    step = CENT if request.limit >= 1 else _SUB_PENNY
    if request.limit % step:
        raise _refused(
            request,
            f"a limit of {plain(request.limit)} is finer than {step} USD",
            "sub_penny_limit",
            "Round it to whole cents, below 1 USD to hundredths of a cent.",
        )


def _check_quote(floor: Floor, request: OrderRequest) -> None:
    remedy = f"Set one with `rebalkit paper set-price {floor.name} {request.symbol} PRICE`."
    quote = floor.quotes.get(request.symbol)
    if quote is None:
        raise _refused(request, "the symbol has no quote", "no_quote", remedy)
    if not quote.sane:
        raise _refused(request, f"bid {plain(quote.bid)} and ask {plain(quote.ask)} are no quote", "bad_quote", remedy)


def _checked_buy(floor: Floor, request: OrderRequest) -> OrderRequest:
    if request.lots:
        raise _refused(request, "a purchase cannot name lots", "lots_on_buy")
    step = floor.fills.share_step
    if request.quantity % step:
        raise _refused(request, f"{plain(request.quantity)} shares are no multiple of {step}", "fractional_quantity")
    return request


def _check_cash(floor: Floor, owner: Holder, request: OrderRequest) -> None:
    """A purchase must be paid for, and so must a sale whose fees are more than it brings."""
    order = floor.next_order(owner.name, request)
    change, _ = net_cents(floor.fills, order, order.open_micros, _worst_price(floor, request))
    free = free_cents(floor, owner)
    if change < 0 and free + change < 0:
        raise _refused(
            request,
            f"{from_cents(-change)} USD are needed, and {from_cents(free)} are free in account {owner.name}",
            "insufficient_cash",
        )


def _checked_sale(floor: Floor, owner: Holder, request: OrderRequest) -> OrderRequest:
    wanted = to_micros(request.quantity)
    free = free_lots(owner, request.symbol)
    available = sum(free.values())
    if wanted > available:
        raise _refused(
            request,
            f"{plain(request.quantity)} shares are asked for, and {plain(from_micros(available))} can be sold",
            "oversold",
        )
    if floor.fills.share_step == WHOLE and request.quantity % WHOLE and wanted != available:
        raise _refused(
            request, f"{plain(request.quantity)} are not whole shares and do not close the position", "fractional_quantity"
        )
    if not request.lots:
        return evolve(request, lots=_first_in_first_out(owner.lots_of(request.symbol).values(), free, wanted))
    _check_lots(request, free)
    return evolve(request, lots=tuple(LotSale(sale.lot, trim(sale.quantity)) for sale in request.lots))


def _check_lots(request: OrderRequest, free: Mapping[str, int]) -> None:
    seen: set[str] = set()
    for sale in request.lots:
        if sale.lot not in free:
            raise _refused(request, f"the account holds no lot {sale.lot!r} of it", "unknown_lot")
        if sale.lot in seen:
            raise _refused(request, f"lot {sale.lot!r} is named twice", "bad_lots")
        seen.add(sale.lot)
        if sale.quantity <= 0 or sale.quantity % FRACTION:
            raise _refused(request, f"{plain(sale.quantity)} shares of lot {sale.lot!r} cannot be sold", "bad_lots")
        if to_micros(sale.quantity) > free[sale.lot]:
            raise _refused(
                request,
                f"{plain(sale.quantity)} shares of lot {sale.lot!r} are asked for, and "
                f"{plain(from_micros(free[sale.lot]))} can be sold",
                "lot_oversold",
            )
    total = sum((sale.quantity for sale in request.lots), Decimal(0))
    if total != request.quantity:
        raise _refused(request, f"the lots sum to {plain(total)} shares, not {plain(request.quantity)}", "bad_lots")


def _first_in_first_out(held: Iterable[Lot], free: Mapping[str, int], wanted: int) -> tuple[LotSale, ...]:
    """The oldest free shares, as Reg. 1.1012-1(c) has it for a sale that names no lots; unknown dates go last."""
    chosen = []
    oldest_first = sorted(held, key=lambda lot: (lot.acquired is None, lot.acquired or dt.date.min))
    for lot in oldest_first:
        taken = min(free[lot.lot], wanted)
        wanted -= taken
        if taken:
            chosen.append(LotSale(lot.lot, from_micros(taken)))
    return tuple(chosen)
