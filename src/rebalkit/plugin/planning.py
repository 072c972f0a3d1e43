"""What a strategy and a check are given, and what strategies, checks, reporters and readers are."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from typing import Protocol

from attrs import frozen

from rebalkit.lots import LotBook
from rebalkit.model import (
    ExportedPortfolio,
    Finding,
    HistoryRows,
    IdentityGroups,
    Limits,
    Plan,
    Report,
    Snapshot,
    Targets,
    WashPolicy,
)
from rebalkit.tax.wash_view import WashView

__all__ = ["Check", "CheckInput", "HistoryReader", "PlanContext", "PortfolioReader", "Reporter", "Strategy"]


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


class PortfolioReader(Protocol):
    """Reads the portfolio that one broker's website lets a person download. It guesses nothing: what it does not understand is an error."""

    def recognises(self, text: str) -> bool:
        """Whether ``text`` is such a file: by the line with the names of the columns, and by nothing else."""
        ...

    def read(self, text: str, source: str) -> ExportedPortfolio:
        """The portfolio in ``text``; ``source`` names the file in messages. Raises DataError, also for a file that was cut off."""
        ...


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
