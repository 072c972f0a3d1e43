"""Finding out whether the broker has an order that may have been sent.

An order is ours when the broker shows our client id with it. Where it shows none, the watermark decides: the list of orders right before
sending. An order that was not in it, is like ours in every respect and came after it, with no other new one beside it, is ours. Whatever
is less than that is for a person to say. That nothing is seen is no proof that nothing is there.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from rebalkit.errors import BrokerError, LoginRequired, UnknownOrderState
from rebalkit.execution.events import Kind
from rebalkit.execution.machine import OrderPhase
from rebalkit.execution.reading import PATIENCE, listed_orders, read_part, shares_of
from rebalkit.execution.state import Leg, Run
from rebalkit.execution.world import World
from rebalkit.model.orders import OrderStatus
from rebalkit.money import plain
from rebalkit.serial import to_plain

__all__ = ["find_order", "person_needed"]

_CLOCKS_APART = dt.timedelta(seconds=60)
"""How far the broker's clock may be behind ours: an order that it dates earlier than this before the sending is another one."""


def find_order(world: World, run: Run, number: int) -> bool:
    """Look for the order, which may have been sent, until it is found or a minute has gone by; record what is found.

    Returns whether the broker has it. False says that it showed nothing, which is no proof.

    Raises:
        UnknownOrderState: Several orders may be it, or the account shows that it traded: a person must say.
        LoginRequired: The broker cannot be asked.
    """
    leg = run.legs[number]
    if leg.phase is OrderPhase.SENDING:
        reason = "the program ended before an answer was recorded"
        world.journal.record(Kind.UNKNOWN, run.run, number, leg.asked.client_id, reason=reason)
    for wait in PATIENCE:
        world.clock.sleep(wait)
        try:
            found, sure = _candidates(world, run, run.legs[number])
        except LoginRequired:
            raise
        except BrokerError:
            continue
        if found and not sure:
            _ask(world, run, number, found, "orders at the broker may be this one, and nothing tells which")
        if found:
            by = "client_id" if found[0].client_id is not None else "watermark"
            world.journal.record(Kind.ACK, run.run, number, leg.asked.client_id, order=found[0].order, by=by)
            return True
    traces = _traces(world, run, run.legs[number])
    if traces:
        _ask(world, run, number, (), f"{run.legs[number].reason}; the broker lists no such order, but {traces}")
    return False


def _candidates(world: World, run: Run, leg: Leg) -> tuple[Sequence[OrderStatus], bool]:
    """The broker's orders that may be this one, and whether it is certain that it is the only one of them."""
    request, mark = leg.asked, leg.watermark
    assert mark is not None
    ours = world.journal.state.orders
    unclaimed = [one for one in listed_orders(world, run) if one.order not in ours]
    named = [one for one in unclaimed if one.client_id == request.client_id]
    if named:
        return named, len(named) == 1 and _like(named[0], leg)
    if world.broker.capabilities.echoes_client_id:
        return (), False
    new = [one for one in unclaimed if one.client_id is None and one.order not in mark.orders]
    alike = [one for one in new if _like(one, leg) and one.placed >= mark.at - _CLOCKS_APART]
    # Another new order beside it: somebody else trades here, too, and may have placed the one that looks like ours.
    return (new, False) if alike and len(new) > 1 else (alike, True)


def _like(status: OrderStatus, leg: Leg) -> bool:
    request = leg.asked
    same = (status.side, status.symbol, status.quantity) == (request.side, request.symbol, request.quantity)
    return same and (status.limit is None or status.limit == request.limit)


def _traces(world: World, run: Run, leg: Leg) -> str:
    """What the account shows of the order although no list does; empty when nothing."""
    mark = leg.watermark
    assert mark is not None
    try:
        account = read_part(world, run.account, (leg.planned.symbol,))
    except LoginRequired:
        raise
    except BrokerError as problem:
        return f"the account cannot be read ({problem.reason})"
    shares = shares_of(account, leg.planned.symbol)
    if shares != mark.position:
        return f"the account holds {plain(shares)} {leg.planned.symbol} instead of {plain(mark.position)}"
    return ""


def _ask(world: World, run: Run, number: int, candidates: Sequence[OrderStatus], reason: str) -> None:
    leg = run.legs[number]
    shown = [to_plain(one) for one in candidates]
    world.journal.record(Kind.ASK, run.run, number, leg.asked.client_id, reason=reason, candidates=shown)
    raise person_needed(run.legs[number])


def person_needed(leg: Leg) -> UnknownOrderState:
    """The error that only a person can say whether the broker has the order."""
    request = leg.asked
    why = f": {leg.reason}" if leg.reason else ""
    return UnknownOrderState(
        f"it is not known whether the order to {request.side} {plain(request.quantity)} {request.symbol} was placed{why}",
        code="unknown_order",
        remedy=f"Look for it at the broker (client id {request.client_id}), then `rebalkit resume`. Nothing more was sent.",
    )
