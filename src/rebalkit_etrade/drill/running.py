"""A drill: first what only asks, then, where the person wishes so, the one order."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from decimal import Decimal

from rebalkit.calendar import NEW_YORK
from rebalkit.errors import BlockedError
from rebalkit.execution.ids import client_id
from rebalkit.model import OrderRequest, Side
from rebalkit.pipeline.journals import open_runs
from rebalkit.pipeline.snapshot import choose_account
from rebalkit.places import alone_at
from rebalkit_etrade.client import Client
from rebalkit_etrade.drill.notebook import Notebook, folder
from rebalkit_etrade.drill.order import OrderDrill
from rebalkit_etrade.drill.precautions import (
    Wanted,
    chosen_lot,
    limit_of,
    refuse_closed_market,
    refuse_open_orders,
    refuse_other_moment,
    refuse_sold,
    refuse_unfinished,
)
from rebalkit_etrade.drill.reads import Reads
from rebalkit_etrade.drill.watching import Watched
from rebalkit_etrade.redaction import named
from rebalkit_etrade.session import Session
from rebalkit_etrade.trading.broker import EtradeBroker
from rebalkit_etrade.trading.declared import Declared
from rebalkit_etrade.trading.listing import ORDER_DAYS
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
        BrokerError: E*TRADE does not answer.
    """

    def __init__(self, session: Session, declared: Declared, account: str | None, tell: Callable[[str], None]) -> None:
        self._clock = session.clock
        self._tell = tell
        number = choose_account(EtradeBroker(session.client, PRODUCTION_CAN, declared).accounts(), account).account
        self.notebook = Notebook(self._clock.now, number)
        self._wire = Watched(session.wire, self.notebook)
        self._client = Client(self._wire)
        self._broker = EtradeBroker(self._client, PRODUCTION_CAN, declared)
        self._accounts = self._client.accounts()
        self.notebook.hide(one.account_id for one in self._accounts)
        self._account = next(one for one in self._accounts if one.account_id == number)

    def ask(self) -> None:
        """Everything that needs no order."""
        now = self._broker.now()
        apart = (now - self._clock.now()).total_seconds()
        self.notebook.found("clock", f"{abs(apart):.1f} seconds", "agrees" if abs(apart) < _APART else "differs")
        self._tell(f"Asking E*TRADE about {named(self._account.account_id)}; the lots of each position are a request.")
        today = now.astimezone(NEW_YORK).date()
        Reads(self._client, self._wire, self.notebook, self._account, today).all(self._accounts)

    @contextmanager
    def alone(self) -> Iterator[None]:
        """No other drill of this user sends an order meanwhile. Raises BlockedError when one does."""
        try:
            with alone_at(folder() / "order", patience=0):
                yield
        except TimeoutError:
            raise BlockedError(
                "another drill is about to send an order", code="drill_twice", remedy="Wait for its end."
            ) from None

    def order(self, wanted: Wanted, ask: Callable[[OrderRequest], None], *, twice: bool) -> Decimal:
        """Place the order, look at it, cancel it, see its end.

        Args:
            wanted: What it is to be.
            ask: Asks the person; raises where that is no yes.
            twice: Send the same placement once more.

        Returns:
            Shares that were traded.

        Raises:
            BlockedError: Something does not allow it, before or after the question; nothing was placed then.
            UnknownOrderState: Its end could not be seen.
        """
        request = self._prepared(wanted)
        ask(request)
        # The person may have taken their time.
        refuse_other_moment(request, self._prepared(wanted))
        drill = OrderDrill(self._broker, self._client, self._wire, self.notebook, self._clock, self._account, self._tell)
        return drill.run(request, twice=twice)

    def _prepared(self, wanted: Wanted) -> OrderRequest:
        """The order, when everything allows it. Raises BlockedError where something does not."""
        number, now = self._account.account_id, self._broker.now()
        refuse_unfinished(number, self._clock.now())
        if any(one.live for one in open_runs()):
            raise BlockedError(
                "a run is open",
                code="drill_open_run",
                remedy="Nothing was placed. End it first: `rebalkit status`, `rebalkit resume`.",
            )
        refuse_closed_market(now)
        today = now.astimezone(NEW_YORK).date()
        refuse_open_orders(self._client.orders(self._account.key, today - ORDER_DAYS, today + dt.timedelta(days=1)))
        if wanted.side is Side.BUY:
            accounts = self._broker.accounts()
            refuse_sold(wanted, [one for ref in accounts for one in self._broker.transactions(ref.account, dt.date.min)], today)
        limit = limit_of(wanted, self._broker.quotes([wanted.symbol]).get(wanted.symbol), now)
        lots = chosen_lot(wanted, self._broker.part(number, [wanted.symbol]), limit)
        client = client_id(number, self.notebook.path.stem, 1)
        return OrderRequest(client, wanted.side, wanted.symbol, Decimal(1), lots, limit)
