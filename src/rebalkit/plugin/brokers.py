"""What a broker is: the protocol that operates, and what may be said beside it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Protocol, runtime_checkable

from attrs import frozen

from rebalkit.model import (
    AccountRef,
    AccountSnapshot,
    OrderPreview,
    OrderRequest,
    OrderStatus,
    PlaceResult,
    Quote,
    Transaction,
    VenueRules,
)

__all__ = ["Broker", "BrokerCapabilities", "HoldsOthers", "KeepsHistory", "LogsIn", "ReadsPart", "TellsTime"]


@frozen
class BrokerCapabilities:
    """What a broker can do, so that the core asks for nothing else.

    Attributes:
        live: Whether an order moves real money.
        places_orders: Whether it takes orders at all; where not, executing a plan writes an order ticket for the person.
        lot_selection: Whether a sale can name its lots.
        venue: What orders may be.
        echoes_client_id: Whether its order list shows the core's client ids.
        dedupes_client_id: Whether it certainly refuses a second order of one client id.
        history_days: Days of transactions that it gives; None = all.
        logs_in: Whether a person logs in to it, see `LogsIn`.
    """

    live: bool
    places_orders: bool
    lot_selection: bool = True
    venue: VenueRules = VenueRules()
    echoes_client_id: bool = False
    dedupes_client_id: bool = False
    history_days: int | None = None
    logs_in: bool = False


class Broker(Protocol):
    """A connection to the accounts of one broker.

    Reading raises `rebalkit.errors.BrokerError`, `LoginRequired` or `DataError`; a BrokerError of the code ``unreachable`` says that the
    broker gave no answer, and the question is asked again a moment later. Client ids, retries and order states are the
    core's business: a plugin does each thing once and says what it saw.
    """

    @property
    def capabilities(self) -> BrokerCapabilities:
        """What this broker can do."""
        ...

    def today(self) -> dt.date:
        """The broker's day in New York: a live broker's is today's, a simulated one's is its own."""
        ...

    def accounts(self) -> Sequence[AccountRef]:
        """All accounts, also those that must not be traded."""
        ...

    def snapshot(self, account: str) -> AccountSnapshot:
        """Lots, cash and open orders of one account, all of one moment."""
        ...

    def quotes(self, symbols: Iterable[str]) -> Mapping[str, Quote]:
        """Quotes of those ``symbols`` that have one; a symbol without a quote is left out."""
        ...

    def transactions(self, account: str, since: dt.date) -> Sequence[Transaction]:
        """Executions, reinvestments, transfers and splits from ``since`` on, oldest first; never orders."""
        ...

    def history_from(self, account: str) -> dt.date | None:
        """First day that `transactions` covers completely; None when the broker does not say."""
        ...

    def notes(self) -> Sequence[str]:
        """Remarks for the person on what was read, such as ignored columns."""
        ...

    def preview(self, account: str, request: OrderRequest) -> OrderPreview:
        """What ``request`` would do. Raises BrokerError when the broker refuses it; nothing has been sent to the market."""
        ...

    def place(self, account: str, preview: OrderPreview) -> PlaceResult:
        """Place the previewed order, once. The outcome is a value, never an exception: what is not certainly refused is unknown.

        Two codes of a refusal have a meaning of their own. ``preview_expired``: the preview was too old; it is made again.
        ``duplicate_client_id``: the broker has an order of this client id already, which proves that the first was placed.
        """
        ...

    def orders(self, account: str, since: dt.date) -> Sequence[OrderStatus]:
        """All orders placed from ``since`` on, in whatever state, oldest first."""
        ...

    def cancel(self, account: str, order: str) -> OrderStatus:
        """Ask to cancel the order with the broker's id ``order`` and say how it stands; it may have filled meanwhile."""
        ...


@runtime_checkable
class KeepsHistory(Protocol):
    """A broker that knows in which order the transactions of a day happened in all of its accounts, which it may say beside the rest.

    Of others those of a day count account by account, in the order of `Broker.accounts`.
    """

    def history(self) -> Sequence[Transaction]:
        """All transactions of all accounts, oldest first, those of one day in the order in which they happened."""
        ...


@runtime_checkable
class LogsIn(Protocol):
    """A broker that a person logs in to on its own page, which shows a code for the program.

    Attributes:
        login_command: The command that logs in, for the remedy of each LoginRequired; the core sets it where it needs a name.
    """

    login_command: str

    def login_page(self) -> str:
        """Begin a login; the address of the page. It may hold a token: it goes to the person's browser and nowhere else."""
        ...

    def login(self, code: str) -> None:
        """End the login that was begun with the ``code`` that the page has shown.

        Raises LoginRequired for a wrong or late one. With its code ``bad_code`` nothing was sent, and this may be called once more.
        """
        ...

    def logout(self) -> bool:
        """End the session and forget it, whatever the broker says. Whether it is over: the broker said so, or there was none."""
        ...


@runtime_checkable
class HoldsOthers(Protocol):
    """A broker whose accounts hold things that it does not manage, and whose shares or units it can tell nevertheless."""

    def others(self, account: str) -> Mapping[str, Decimal]:
        """Shares or units by symbol, below 0 for what is owed, as of the account's last snapshot."""
        ...


@runtime_checkable
class TellsTime(Protocol):
    """A broker that says what time it is there: a live one from its last answer, a simulated one from its own clock."""

    def now(self) -> dt.datetime:
        """The broker's moment, aware."""
        ...


@runtime_checkable
class ReadsPart(Protocol):
    """A broker that reads a few symbols of an account with less effort than all of it, so that it can be asked before each order."""

    def part(self, account: str, symbols: Collection[str]) -> AccountSnapshot:
        """Like `Broker.snapshot` with the lots of ``symbols`` only; cash and open orders are whole."""
        ...

    def part_transactions(self, account: str, symbols: Collection[str]) -> Sequence[Transaction]:
        """All transactions of ``symbols``, oldest first."""
        ...
