"""What plugin authors import: the protocols that operate, the records that register, and the marker for hook implementations.

Hooks register, protocols operate: a hook returns frozen records, which the core can list and check without running anything; the
work itself is done by the object that a record's ``factory`` makes, chosen by name in the configuration. With several brokers
installed, an operation that were a hook would let the load order choose which one gets a live order.

A module named by an entry point of the group ``rebalkit`` holds the hook implementations. It must be light to import: its
factories import the rest when they are called.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

import pluggy
from attrs import frozen

from rebalkit.lots import LotBook
from rebalkit.model import (
    AccountRef,
    AccountSnapshot,
    Finding,
    HistoryRows,
    IdentityGroups,
    Limits,
    OrderPreview,
    OrderRequest,
    OrderStatus,
    PlaceResult,
    Plan,
    Quote,
    Report,
    Snapshot,
    Targets,
    Transaction,
    VenueRules,
    WashPolicy,
)
from rebalkit.tax.wash_view import WashView

if TYPE_CHECKING:
    import click

__all__ = [
    "API_VERSION",
    "Broker",
    "BrokerCapabilities",
    "BrokerRecord",
    "Check",
    "CheckInput",
    "CheckRecord",
    "CommandRecord",
    "HistoryReader",
    "HistoryReaderRecord",
    "KeepsHistory",
    "NoSettings",
    "PlanContext",
    "PriceSourceRecord",
    "Record",
    "Reporter",
    "ReporterRecord",
    "Strategy",
    "StrategyRecord",
    "TaxRuleRecord",
    "hookimpl",
]

API_VERSION = 1
"""Version of these protocols and records. A record of another version is refused."""

hookimpl = pluggy.HookimplMarker("rebalkit")
"""Marks a function of a plugin module as the implementation of the hook of its name (see `rebalkit.hookspecs`)."""


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
    """

    live: bool
    places_orders: bool
    lot_selection: bool = True
    venue: VenueRules = VenueRules()
    echoes_client_id: bool = False
    dedupes_client_id: bool = False
    history_days: int | None = None


class Broker(Protocol):
    """A connection to the accounts of one broker.

    Reading raises `rebalkit.errors.BrokerError`, `LoginRequired` or `DataError`. Client ids, retries and order states are the
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
        """Place the previewed order, once. The outcome is a value, never an exception: what is not certainly refused is unknown."""
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


@frozen
class PlanContext:
    """What a strategy is given beside the snapshot and the targets.

    Attributes:
        book: The lots of the planned account as integers.
        limits: Limits of the person; the reserve is not to be spent.
        policy: How the wash-sale rule is read.
        accept_wash: Symbols whose purchase the person allows although it washes an earlier loss.
        wash_budget: USD of newly disallowed losses that the plan as a whole may cause, only into taxable accounts.
        wash: What the wash-sale rule allows today; worked out when it is first asked.
    """

    book: LotBook
    wash: WashView
    limits: Limits = Limits()
    policy: WashPolicy = WashPolicy()
    accept_wash: frozenset[str] = frozenset()
    wash_budget: Decimal = Decimal(0)

    @classmethod
    def of(
        cls,
        snapshot: Snapshot,
        limits: Limits = Limits(),
        policy: WashPolicy = WashPolicy(),
        accept_wash: Iterable[str] = (),
        wash_budget: Decimal = Decimal(0),
    ) -> PlanContext:
        """The context of ``snapshot``, with its lot book and its view of the wash-sale rule."""
        book, wash = LotBook.from_lots(snapshot.account.lots), WashView(snapshot, policy)
        return cls(book, wash, limits, policy, frozenset(accept_wash), wash_budget)

    @property
    def groups(self) -> IdentityGroups:
        """Which symbols the wash-sale rule treats as one."""
        return self.policy.groups


class Strategy(Protocol):
    """Decides what to trade. A pure function: no input or output, no clock, no randomness.

    It never decides whether a trade is legal: the checks do, whatever the strategy says.
    """

    def plan(self, snapshot: Snapshot, targets: Targets, context: PlanContext) -> Plan:
        """The plan. Raises `rebalkit.errors.PlanError` when the account cannot be planned."""
        ...


class Reporter(Protocol):
    """Shows a report."""

    def render(self, report: Report, into: Path) -> Sequence[Path]:
        """Write ``report`` as one or more files into the folder ``into`` and return their paths."""
        ...


@frozen
class CheckInput:
    """What a check looks at. A check trusts nothing that the strategy computed: it works from the snapshot and the orders."""

    snapshot: Snapshot
    targets: Targets
    plan: Plan
    limits: Limits = Limits()
    policy: WashPolicy = WashPolicy()
    accept_wash: frozenset[str] = frozenset()
    wash_budget: Decimal = Decimal(0)

    @property
    def groups(self) -> IdentityGroups:
        """Which symbols the wash-sale rule treats as one."""
        return self.policy.groups

    @cached_property
    def wash(self) -> WashView:
        """The wash-sale rule as it bears on the snapshot, worked out anew: it shares nothing with the strategy's."""
        return WashView(self.snapshot, self.policy)


Check = Callable[[CheckInput], Iterable[Finding]]


class HistoryReader(Protocol):
    """Reads the transaction export of one broker, in one layout. It guesses nothing: what it does not understand is an error."""

    def recognises(self, text: str) -> bool:
        """Whether ``text`` is such an export: by the line with the names of the columns, and by nothing else."""
        ...

    def read(self, text: str, source: str) -> HistoryRows:
        """The rows of ``text``; ``source`` names the file in messages.

        Raises:
            DataError: Rows that it does not understand; all problems at once, each with file and line as its place, the row's own
                word for its kind, and what to do.
        """
        ...


@frozen
class NoSettings:
    """The settings class of a plugin that has none."""


@frozen
class Record:
    """What every registration has.

    Attributes:
        name: Name by which the configuration selects it; letters, digits, hyphens.
        summary: One line for ``rebalkit plugins list``.
        api_version: The version of this interface that it was written for.
    """

    name: str
    summary: str
    api_version: int = API_VERSION


@frozen(kw_only=True)
class BrokerRecord(Record):
    """A broker. ``factory(settings)`` makes it from an instance of the attrs class that ``settings()`` returns."""

    factory: Callable[[Any], Broker]
    settings: Callable[[], type] = lambda: NoSettings
    capabilities: BrokerCapabilities


@frozen(kw_only=True)
class StrategyRecord(Record):
    """A strategy. ``factory(settings)`` makes it from an instance of the attrs class that ``settings()`` returns."""

    factory: Callable[[Any], Strategy]
    settings: Callable[[], type] = lambda: NoSettings


@frozen(kw_only=True)
class ReporterRecord(Record):
    """A reporter. ``factory()`` makes it."""

    factory: Callable[[], Reporter]


@frozen(kw_only=True)
class HistoryReaderRecord(Record):
    """A reader of transaction exports. ``factory()`` makes it. All registered readers are asked which one recognises a file."""

    factory: Callable[[], HistoryReader]


@frozen(kw_only=True)
class CheckRecord(Record):
    """A check. ``factory()`` returns the function. All registered checks run on every plan."""

    factory: Callable[[], Check]


@frozen(kw_only=True)
class PriceSourceRecord(Record):
    """A source of daily prices for simulations. ``factory(settings)`` makes it."""

    factory: Callable[[Any], Any]
    settings: Callable[[], type] = lambda: NoSettings


@frozen(kw_only=True)
class TaxRuleRecord(Record):
    """A replacement for a part of the tax rules. ``factory(settings)`` makes it."""

    factory: Callable[[Any], Any]
    settings: Callable[[], type] = lambda: NoSettings


@frozen(kw_only=True)
class CommandRecord(Record):
    """A command of the command line. ``factory()`` returns the click command; it is imported only when the command is used."""

    factory: Callable[[], click.Command]
