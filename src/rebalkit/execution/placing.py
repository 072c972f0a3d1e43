"""The one call that cannot be taken back: an order is handed to the broker, and what it answers is written down."""

from __future__ import annotations

from typing import Any

from rebalkit.errors import JournalError
from rebalkit.execution.events import Kind
from rebalkit.execution.state import Run
from rebalkit.execution.world import World
from rebalkit.model.orders import OrderPreview, OrderRequest, Placed, PlaceResult, Refused, Unknown
from rebalkit.money import plain

__all__ = ["DUPLICATE", "PREVIEW_EXPIRED", "place", "place_again"]

PREVIEW_EXPIRED = "preview_expired"
"""Code of a refusal: the preview was too old. The order is previewed again, under the same client id."""
DUPLICATE = "duplicate_client_id"
"""Code of a refusal that proves the opposite of one: the broker has an order of this client id."""


def place(world: World, run: Run, number: int, preview: OrderPreview) -> bool:
    """Place an order that the journal has as about to be sent; returns whether it must be previewed anew.

    Raises JournalError when the answer cannot be written; the sentence says whether the broker has the order.
    """
    request, answer = preview.request, _answer(world, run, number, preview)
    if isinstance(answer, Placed):
        _acknowledge(world, run, number, request, answer)
    elif isinstance(answer, Unknown):
        _record(world, run, Kind.UNKNOWN, number, request, reason=answer.why)
    elif answer.code == PREVIEW_EXPIRED:
        _record(world, run, Kind.PREVIEW_EXPIRED, number, request, reason=answer.message)
        return True
    elif answer.code == DUPLICATE:
        _record(world, run, Kind.UNKNOWN, number, request, reason=f"{answer.code}: {answer.message}")
    else:
        _record(world, run, Kind.REFUSED, number, request, code=answer.code, reason=f"{answer.code}: {answer.message}")
    return False


def place_again(world: World, run: Run, number: int, preview: OrderPreview) -> bool:
    """Place an order that the broker may have already; returns whether it took it.

    An answer that is not that it has the order proves nothing, for it may have been the first one that it answers for. Raises as `place`.
    """
    request, answer = preview.request, _answer(world, run, number, preview)
    if isinstance(answer, Placed):
        _acknowledge(world, run, number, request, answer)
        return True
    why = answer.why if isinstance(answer, Unknown) else f"{answer.code}: {answer.message}"
    _record(world, run, Kind.UNKNOWN, number, request, reason=why)
    return False


def _answer(world: World, run: Run, number: int, preview: OrderPreview) -> PlaceResult:
    """What the broker says of the order. Whatever goes wrong once it was sent, the broker may have it."""
    try:
        answer: object = world.broker.place(run.account, preview)
    except (Exception, SystemExit) as problem:  # noqa: BLE001 - a broker answers with a value; one that fails has not said no
        return Unknown(f"{type(problem).__name__}: {problem}")
    except KeyboardInterrupt:
        _record(world, run, Kind.UNKNOWN, number, preview.request, reason="interrupted before the broker answered")
        raise
    if isinstance(answer, Placed):
        mark = run.legs[number].watermark
        assert mark is not None
        if not answer.order or answer.order in world.journal.state.orders or answer.order in mark.orders:
            return Unknown(f"the broker answered with the number {answer.order!r}, which cannot be that of this order")
        return answer
    return answer if isinstance(answer, (Refused, Unknown)) else Unknown(f"the broker answered with {type(answer).__name__}")


def _acknowledge(world: World, run: Run, number: int, request: OrderRequest, placed: Placed) -> None:
    try:
        _record(world, run, Kind.ACK, number, request, order=placed.order, by="answer")
    except JournalError as problem:
        raise JournalError(
            f"the broker has the order to {request.side} {plain(request.quantity)} {request.symbol} under its number "
            f"{placed.order}, but that could not be written: {problem.reason}",
            place=problem.place,
            code=problem.code,
            remedy="Note that number, make room, then `rebalkit resume`.",
        ) from problem


def _record(world: World, run: Run, kind: Kind, number: int, request: OrderRequest, /, **body: Any) -> None:
    world.journal.record(kind, run.run, number, request.client_id, **body)
