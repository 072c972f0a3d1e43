"""An order as the broker really has it."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from attrs import define, field

from rebalkit.model.orders import OpenOrder, OrderRequest, OrderState, OrderStatus, Side
from rebalkit.money import from_cents, from_micros
from rebalkit.testing.simulation.book import cost_of, proceeds_of

__all__ = ["Piece", "SimOrder"]


@define
class Piece:
    """Micro-shares that fill at a moment, in milliseconds, even of an order that was cancelled where it is ``late``."""

    at: int
    micros: int
    late: bool = False


@define
class SimOrder:
    """An order at the broker.

    Attributes:
        order: Its number.
        client_id: The client id that came with it; None for somebody else's.
        side: Buy or sell.
        symbol: What.
        micros: Micro-shares asked for.
        limit: Hundredths of a cent per share.
        lots: For a sale the lots and micro-shares to take, as the broker will take them.
        placed: When it landed.
        ours: Whether it came from the program.
        doubled: Whether a proxy made it out of another one.
        twin: Whether it is somebody else's and like ours in every respect.
        hidden_looks: Looks at the list that do not show it.
        hidden_until: Milliseconds before which no list shows it.
        pieces: What will fill.
        cancel_at: Milliseconds at which a cancellation takes effect; None for none.
        reject_at: Milliseconds at which it is rejected; None for never.
        filled: Micro-shares filled.
        gross: Micro-shares times price of what is filled.
        fees: Cents charged.
        last_fill: Milliseconds of the last fill.
        shown: Milliseconds at which a list showed it first; None while none did.
        shown_filled: Micro-shares of it that a list has shown as filled, at most.
        state: Where it stands.
    """

    order: str
    client_id: str | None
    side: Side
    symbol: str
    micros: int
    limit: int
    lots: list[tuple[str, int]]
    placed: dt.datetime
    ours: bool = True
    doubled: bool = False
    twin: bool = False
    hidden_looks: int = 0
    hidden_until: int = 0
    pieces: list[Piece] = field(factory=list)
    cancel_at: int | None = None
    reject_at: int | None = None
    filled: int = 0
    gross: int = 0
    fees: int = 0
    last_fill: int = 0
    shown: int | None = None
    shown_filled: int = 0
    state: OrderState = OrderState.OPEN

    @property
    def cents(self) -> int:
        """Cents that what is filled cost or brought, without fees."""
        return cost_of(self.gross, 1) if self.side is Side.BUY else proceeds_of(self.gross, 1)

    def status(self, echo: bool) -> OrderStatus:
        """As the list shows it, with the client id where the broker echoes it."""
        # To a millionth of a cent: brokers tell averages with a few more digits than the prices have.
        average = None if not self.filled else (Decimal(self.gross) / self.filled).quantize(Decimal("0.0001")) / 10_000
        return OrderStatus(
            self.order,
            self.client_id if echo else None,
            self.side,
            self.symbol,
            from_micros(self.micros),
            from_micros(self.filled),
            average,
            from_cents(self.fees),
            self.state,
            self.placed,
            (),
            Decimal(self.limit) / 10_000,
        )

    def as_open(self) -> OpenOrder:
        """As an account shows it while it is open."""
        rest = from_micros(self.micros - self.filled)
        return OpenOrder(self.order, self.side, self.symbol, rest, Decimal(self.limit) / 10_000)

    def is_like(self, request: OrderRequest) -> bool:
        """Whether ``request`` asks for the same."""
        same = (self.side, self.symbol, from_micros(self.micros)) == (request.side, request.symbol, request.quantity)
        return same and request.limit == Decimal(self.limit) / 10_000
