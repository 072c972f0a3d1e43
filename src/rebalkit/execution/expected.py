"""What the account must hold by the journal: what it held when the run began, and what its own orders have filled since."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from rebalkit.execution.machine import OrderPhase
from rebalkit.execution.state import Run, State
from rebalkit.model.orders import Side

__all__ = ["expected_cash", "expected_position", "expected_positions", "expected_settled", "sent_value"]


def expected_position(run: Run, symbol: str) -> Decimal:
    """Shares of ``symbol``."""
    return run.positions[symbol] + run.moved.get(symbol, Decimal(0))


def expected_positions(run: Run, side: Side, symbol: str) -> Mapping[str, Decimal]:
    """Shares by symbol that the account must show before an order for ``symbol``.

    A purchase looks at what the run traded last, too: an account that does not show those shares yet shows cash that is spent already.
    """
    last = next(reversed(run.moved), symbol)
    symbols = {symbol, last} if side is Side.BUY else {symbol}
    return {one: expected_position(run, one) for one in sorted(symbols)}


def expected_cash(run: Run) -> Decimal:
    """USD, as exactly as the broker tells average prices and fees; what others pay in or out is not in it."""
    return run.cash + run.earned


def expected_settled(run: Run) -> Decimal:
    """USD of settled cash at most: all that there was, less what was bought since. What sales brought settles a business day later."""
    spent = (leg.filled * (leg.average_price or 0) + leg.fees for leg in run.buys)
    return run.cash - sum(spent, Decimal(0))


def sent_value(state: State, run: Run) -> Decimal:
    """USD of all orders that were sent on the day of ``run``, by any run: shares times limit of those that the broker may have."""
    nowhere = (OrderPhase.REFUSED, OrderPhase.NOT_PLACED)
    total = Decimal(0)
    for other in state.runs.values():
        if other.as_of == run.as_of:
            for leg in other.legs.values():
                if leg.watermark is not None and leg.phase not in nowhere:
                    assert leg.asked.limit is not None
                    total += leg.asked.quantity * leg.asked.limit
    return total
