"""A drill: first what only asks, then, where the person wishes so, the one order."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal

from rebalkit.calendar import NEW_YORK
from rebalkit.errors import BlockedError
from rebalkit.execution.ids import client_id
from rebalkit.model import OrderRequest
from rebalkit.pipeline.journals import open_runs
from rebalkit.pipeline.snapshot import choose_account
from rebalkit_etrade.client import Client
from rebalkit_etrade.drill.notebook import Notebook
from rebalkit_etrade.drill.order import OrderDrill
from rebalkit_etrade.drill.precautions import (
    Wanted,
    chosen_lot,
    limit_of,
    refuse_closed_market,
    refuse_open_orders,
    refuse_sold,
    refuse_unfinished,
)
from rebalkit_etrade.drill.reads import Reads
from rebalkit_etrade.drill.watching import Watched
from rebalkit_etrade.redaction import named
from rebalkit_etrade.session import Session
from rebalkit_etrade.trading.broker import EtradeBroker
from rebalkit_etrade.trading.declared import Declared
from rebalkit_etrade.trading.rules import PRODUCTION_CAN

__all__ = ["Drill"]

_APART = 300.0
"""Seconds that clocks may be apart for a signature to be accepted (documented)."""


class Drill:
    """A drill at one account.

    Args:
        session: The way to E*TRADE.
        declared: What the person says of what E*TRADE does not tell.
        account: The account's number; None for the only taxable one.
        tell: Tells the person what happens.

    Attributes:
        notebook: Where everything is written down.

    Raises:
        UsageError: There is no such account, or it must be said which one.
        BlockedError: An earlier drill of it has an order whose end nobody saw.
        BrokerError: E*TRADE does not answer.
    """

    def __init__(self, session: Session, declared: Declared, account: str | None, tell: Callable[[str], None]) -> None:
        self._clock = session.clock
        self._tell = tell
        number = choose_account(EtradeBroker(session.client, PRODUCTION_CAN, declared).accounts(), account).account
        refuse_unfinished(number, self._clock.now())
        self.notebook = Notebook(self._clock.now, number[-4:])
        self._wire = Watched(session.wire, self.notebook)
        self._client = Client(self._wire)
        self._broker = EtradeBroker(self._client, PRODUCTION_CAN, declared)
        self._accounts = self._client.accounts()
        self._account = next(one for one in self._accounts if one.account_id == number)

    def ask(self) -> None:
        """Everything that needs no order."""
        now = self._broker.now()
        apart = (now - self._clock.now()).total_seconds()
        self.notebook.found("clock", f"{abs(apart):.1f} seconds", "agrees" if abs(apart) < _APART else "differs")
        self._tell(f"Asking E*TRADE about {named(self._account.account_id)}; the lots of each position are a request.")
        today = now.astimezone(NEW_YORK).date()
        Reads(self._client, self._wire, self.notebook, self._account, today).all(self._accounts)

    def prepared(self, wanted: Wanted) -> OrderRequest:
        """The order, when everything allows it. Raises BlockedError where something does not; nothing is placed yet."""
        number = self._account.account_id
        if open_runs():
            raise BlockedError(
                "a run is open",
                code="drill_open_run",
                remedy="Nothing was placed. End it first: `rebalkit status`, `rebalkit resume`.",
            )
        now = self._broker.now()
        refuse_closed_market(now)
        refuse_open_orders(self._broker.orders(number, now.astimezone(NEW_YORK).date() - dt.timedelta(days=180)))
        history = [one for ref in self._broker.accounts() for one in self._broker.transactions(ref.account, dt.date.min)]
        refuse_sold(wanted, history, now.astimezone(NEW_YORK).date())
        limit = limit_of(wanted, self._broker.quotes([wanted.symbol]).get(wanted.symbol))
        lots = chosen_lot(wanted, self._broker.part(number, [wanted.symbol]), limit)
        named = client_id(number, self.notebook.path.stem, 1)
        return OrderRequest(named, wanted.side, wanted.symbol, Decimal(1), lots, limit)

    def order(self, request: OrderRequest, *, twice: bool) -> Decimal:
        """Place the order, look at it, cancel it, see its end; shares that were traded. Raises as `OrderDrill.run`."""
        drill = OrderDrill(self._broker, self._client, self._wire, self.notebook, self._clock, self._account, self._tell)
        return drill.run(request, twice=twice)
