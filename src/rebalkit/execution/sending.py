"""One order from what is intended to what the broker answered: everything is written down before it is done."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterator, Sequence
from decimal import Decimal
from typing import Any

from attrs import field, frozen

from rebalkit.errors import BlockedError, BrokerError, LoginRequired, UnknownOrderState
from rebalkit.execution.events import Kind
from rebalkit.execution.expected import expected_cash, expected_positions, expected_settled, sent_value
from rebalkit.execution.following import refuse_late_fills
from rebalkit.execution.ids import client_id
from rebalkit.execution.machine import OrderPhase
from rebalkit.execution.mandate import Mandate
from rebalkit.execution.placing import PREVIEW_EXPIRED, place, place_again
from rebalkit.execution.preparing import affordable_preview, previewed
from rebalkit.execution.pretrade import objections
from rebalkit.execution.pricing import limit_price
from rebalkit.execution.reading import broker_moment, listed_orders, quote_of, shares_of, steady_part
from rebalkit.execution.rules import Objection
from rebalkit.execution.situation import Situation
from rebalkit.execution.sizing import affordable
from rebalkit.execution.state import Leg, Run
from rebalkit.execution.world import World
from rebalkit.model.accounts import AccountSnapshot
from rebalkit.model.orders import (
    OpenOrder,
    OrderPreview,
    OrderRequest,
    OrderState,
    OrderStatus,
    Side,
)
from rebalkit.money import plain
from rebalkit.serial import digest, to_plain

__all__ = ["Recheck", "Sender"]

Recheck = Callable[[OrderRequest], Sequence[Objection]]
"""What else is looked at right before an order, from fresh reads: the wash-sale rule, promises, vetoes of plugins."""

_ROUNDS = 6
"""Times that an order is priced, previewed and checked anew before it is given up, because its preview expired, the market moved or the
machine slept."""
_MOVED = "price_collar"
"""Code of an objection: the quote has moved away from the limit that was made from it. The order is priced anew; one that was sent before
keeps its limit, which was near the quote then and is never beyond the price that was approved."""
_SLEPT = 30.0
"""Seconds between reading and sending after which what was read counts no more."""
_ATTEMPTS = 3
"""Attempts at one order, each after proof that the one before was not placed."""


@frozen
class _Reading:
    """What was read right before sending."""

    account: AccountSnapshot
    unclaimed: tuple[OrderStatus, ...]
    situation: Situation


@frozen
class Sender:
    """Sends the orders of one run.

    Attributes:
        world: The world.
        mandate: What is to be done.
        run: How far it is, by the journal.
        recheck: See `Recheck`.
    """

    world: World = field(repr=False)
    mandate: Mandate
    run: Run = field(repr=False)
    recheck: Recheck = field(repr=False)

    def send(self, number: int, quantity: Decimal) -> None:
        """Send the order for ``quantity`` shares, or drop it for a reason that is recorded.

        Raises:
            BlockedError: The whole run must stop; nothing was sent.
            BrokerError: The broker cannot be read; nothing was sent.
            JournalError: Something could not be written. The sentence says whether the broker has the order.
        """
        leg = self.run.legs[number]
        attempt = leg.attempt + 1 if leg.phase is OrderPhase.NOT_PLACED else leg.attempt
        if attempt > _ATTEMPTS:
            self._drop(number, Objection("attempts", f"it was not placed {_ATTEMPTS} times"))
            return
        for _ in range(_ROUNDS):
            leg = self.run.legs[number]
            # An order that was refused for its old preview keeps its price: its client id stands for just that order.
            kept = self._was_sent(leg) and attempt == leg.attempt
            request = leg.asked if kept else self._priced(leg, attempt, quantity)
            if request is None:
                return
            self._record(Kind.INTENT, number, request, attempt=attempt, request=to_plain(request))
            preview = self._preview(number, request)
            if preview is None or not self._sent(number, preview):
                return
        reason = f"{_ROUNDS} times its preview was too old, or the market had moved, before it could be sent"
        self._drop(number, Objection(PREVIEW_EXPIRED, reason))

    def send_again(self, number: int) -> bool:
        """Send the very same order to a broker that certainly refuses a second one of a client id; whether it took it.

        It may be the first one that arrives, so that everything is checked as for a first one. An answer that is not that it has
        the order proves nothing, for it may have been the first one that it answers for.

        Raises BlockedError where the whole run must stop.
        """
        request = self.run.legs[number].asked
        preview = previewed(self.world, self.run.account, request)
        against = self.recheck(request)
        reading = self._reading(number, request, preview)
        for objection in self._objections(reading.situation, preview, against):
            self._stop(request, objection)
            if objection.code != _MOVED:
                return False
        self._record(Kind.SENDING_AGAIN, number, request, request=digest(request))
        return place_again(self.world, self.run, number, preview)

    def _priced(self, leg: Leg, attempt: int, quantity: Decimal) -> OrderRequest | None:
        """What is to be ordered, at a limit near the present quote; None when it was dropped."""
        planned = leg.planned
        quote = quote_of(self.world, planned.symbol)
        if quote is None or not quote.sane:
            shown = "there is none" if quote is None else f"bid {quote.bid}, ask {quote.ask}"
            self._drop(leg.number, Objection("bad_quote", f"no usable quote for {planned.symbol}: {shown}"))
            return None
        assert planned.limit is not None
        limit = limit_price(planned.side, planned.limit, quote, self.mandate.rules)
        if planned.side is Side.BUY:
            step = self.mandate.venue.share_step
            quantity = min(quantity, affordable(self._spendable(self._steady(Side.BUY, planned.symbol)), limit, step))
            if quantity <= 0:
                self._drop(leg.number, Objection("no_cash", "there is not enough cash for a share"))
                return None
        own = client_id(self.run.account, self.run.run, leg.number, attempt)
        return OrderRequest(own, planned.side, planned.symbol, quantity, planned.lots, limit)

    def _steady(self, side: Side, symbol: str) -> AccountSnapshot:
        return steady_part(self.world, self.run.account, expected_positions(self.run, side, symbol))

    def _spendable(self, account: AccountSnapshot) -> Decimal:
        """USD for purchases: what the account shows, but no more than the journal knows of; fills may be shown late."""
        cash = min(account.cash.total, expected_cash(self.run))
        if self.mandate.rules.settled_only:
            cash = min(cash, account.cash.settled, expected_settled(self.run))
        return cash - self.mandate.reserve

    def _preview(self, number: int, request: OrderRequest) -> OrderPreview | None:
        """The broker's preview, under an intent of just its shares; None when the broker refused it and the order was dropped."""
        step, leg = self.mandate.venue.share_step, self.run.legs[number]
        try:
            if request.side is Side.SELL or self._was_sent(leg):
                preview = previewed(self.world, self.run.account, request)
            else:
                cash = self._spendable(self._steady(Side.BUY, request.symbol))
                preview = affordable_preview(self.world, self.run.account, request, cash, step)
        except (LoginRequired, UnknownOrderState):
            raise
        except BrokerError as problem:
            self._drop(number, Objection(problem.code, str(problem)))
            return None
        if preview.request != request:
            self._record(Kind.INTENT, number, preview.request, attempt=leg.attempt, request=to_plain(preview.request))
        self._record(
            Kind.PREVIEWED, number, preview.request,
            preview=preview.preview, estimated=plain(preview.estimated), fees=plain(preview.fees), warnings=list(preview.warnings),
            expires=None if preview.expires is None else preview.expires.isoformat(),
        )  # fmt: skip
        return preview

    def _was_sent(self, leg: Leg) -> bool:
        """Whether the client id of ``leg`` was sent already, and refused for its old preview: it stands for that very order."""
        return self.world.journal.state.was_sent(leg.asked.client_id)

    def _sent(self, number: int, preview: OrderPreview) -> bool:
        """Check and send; returns whether it must be previewed anew."""
        request = preview.request
        read_at = self.world.clock.monotonic()
        # It asks much, while the account may change: what is counted on to the share and the cent is read after it.
        against = self.recheck(request)
        reading = self._reading(number, request, preview)
        for objection in self._objections(reading.situation, preview, against):
            self._stop(request, objection)
            if objection.code == _MOVED and self._was_sent(self.run.legs[number]):
                continue
            if objection.code == _MOVED:
                return True
            self._drop(number, objection)
            return False
        if self.world.clock.monotonic() - read_at > _SLEPT:
            return True
        shown = reading.situation
        quote = shown.quote
        assert quote is not None
        self._record(
            Kind.CHECKED, number, request,
            bid=plain(quote.bid), ask=plain(quote.ask), cash=plain(shown.account.cash.total), at=shown.at.isoformat(),
        )  # fmt: skip
        self._record(
            Kind.SENDING_AGAIN if self._was_sent(self.run.legs[number]) else Kind.SENDING, number, request,
            request=digest(request),
            orders=sorted(one.order for one in reading.unclaimed),
            position=plain(shares_of(reading.account, request.symbol)),
            lots={lot.lot: plain(lot.quantity) for lot in reading.account.lots if lot.symbol == request.symbol},
            cash=plain(reading.account.cash.total),
        )  # fmt: skip
        return place(self.world, self.run, number, preview)

    def _stop(self, request: OrderRequest, objection: Objection) -> None:
        """Raise BlockedError where ``objection`` stops the run."""
        if objection.stops:
            raise BlockedError(
                f"{request.side} {plain(request.quantity)} {request.symbol}: {objection.message}",
                code=objection.code,
                remedy="Nothing more was sent. `rebalkit status` shows how far the run is.",
            )

    def _objections(self, situation: Situation, preview: OrderPreview, against: Sequence[Objection]) -> Iterator[Objection]:
        """Everything that stands against the order, the stops of the whole run first."""
        stopped = self.world.asked_to_stop()
        if stopped:
            yield Objection("kill_switch", stopped, stops=True)
        found = [*objections(situation, self.mandate.rules), *self._cost(situation, preview), *against]
        yield from sorted(found, key=lambda one: not one.stops)

    def _cost(self, situation: Situation, preview: OrderPreview) -> Iterator[Objection]:
        """The broker counts with another amount than the price, the shares and its own fees come to."""
        request = situation.request
        assert request.limit is not None
        amount = request.quantity * request.limit
        apart = abs(abs(preview.estimated) - amount)
        most = amount * (self.mandate.rules.max_drift + self.mandate.rules.collar) / 100 + preview.fees
        if self.mandate.live and apart > most:
            message = f"the broker counts with {plain(preview.estimated)} USD, but the order is for about {plain(amount)} USD"
            yield Objection("preview_cost", message, details={"preview": plain(preview.estimated), "amount": plain(amount)})

    def _reading(self, number: int, request: OrderRequest, preview: OrderPreview) -> _Reading:
        world, run, mandate = self.world, self.run, self.mandate
        account = self._steady(request.side, request.symbol)
        listed, ours = listed_orders(world, run), world.journal.state.orders
        refuse_late_fills(world, run, listed)
        unclaimed = tuple(one for one in listed if one.order not in ours)
        planned_price = run.legs[number].planned.limit
        assert planned_price is not None
        situation = Situation(
            request=request,
            planned_price=planned_price,
            live=mandate.live,
            at=broker_moment(world),
            clock=world.clock.now(),
            account=account,
            expected=expected_positions(run, request.side, request.symbol),
            quote=quote_of(world, request.symbol),
            foreign=_foreign(account, unclaimed, ours),
            spendable=self._spendable(account),
            fees=preview.fees,
            traded_today=sent_value(world.journal.state, run) if mandate.live else Decimal(0),
            account_value=mandate.value,
            as_of=run.as_of,
        )
        return _Reading(account, unclaimed, situation)

    def _drop(self, number: int, objection: Objection) -> None:
        request = self.run.legs[number].asked
        self._record(Kind.DROPPED, number, request, code=objection.code, reason=objection.message)

    def _record(self, kind: Kind, number: int, request: OrderRequest, /, **body: Any) -> None:
        self.world.journal.record(kind, self.run.run, number, request.client_id, **body)


def _foreign(account: AccountSnapshot, unclaimed: Sequence[OrderStatus], ours: Container[str]) -> tuple[OpenOrder, ...]:
    """Orders that may still fill and that no journal knows."""
    listed = {
        one.order: OpenOrder(one.order, one.side, one.symbol, one.quantity - one.filled, one.limit)
        for one in unclaimed
        if one.state is OrderState.OPEN
    }
    held = {one.order: one for one in account.open_orders if one.order not in ours}
    return tuple((held | listed).values())
