"""What a reporter is given."""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum

from attrs import frozen

from rebalkit.model.display import report_html
from rebalkit.model.findings import Finding, Limits, Severity
from rebalkit.model.identity import IdentityGroups
from rebalkit.model.orders import OrderState, Side
from rebalkit.model.plans import Plan
from rebalkit.model.policy import WashPolicy
from rebalkit.model.promises import Promise
from rebalkit.model.snapshots import Snapshot
from rebalkit.model.targets import Targets

__all__ = ["Execution", "ExecutionEnd", "JournalMark", "OrderResult", "Report"]


class ExecutionEnd(StrEnum):
    """How an execution ended.

    ``converged``: planned again, the account gives no orders. ``unfinished``: orders are left to do (they are in the report).
    ``ticket``: the broker takes no orders; a ticket was written for the person instead. ``stopped``: it broke off and can be taken
    up again; what is known of each order is listed. ``given_up``: it broke off, and what was not sent never will be.
    """

    CONVERGED = "converged"
    UNFINISHED = "unfinished"
    TICKET = "ticket"
    STOPPED = "stopped"
    GIVEN_UP = "given_up"


@frozen
class OrderResult:
    """What became of one order.

    Attributes:
        client_id: The core's id of it.
        planned: Shares that the plan wanted.
        asked: Shares that were asked for, after purchases were sized again from the cash there was.
        filled: Shares filled.
        average_price: USD per share; None when nothing was filled.
        fees: USD.
        state: Its last state; None when it was never placed.
        message: What the broker said, or why it was not placed; empty when there is nothing to say. Untrusted text.
    """

    client_id: str
    side: Side
    symbol: str
    planned: Decimal
    asked: Decimal
    filled: Decimal
    average_price: Decimal | None
    fees: Decimal
    state: OrderState | None
    message: str = ""


@frozen
class JournalMark:
    """How far the journal of the account was: a witness of it that lies elsewhere.

    Attributes:
        events: How many events it had.
        head: Hash of the last one, which stands for all of them; 64 hexadecimal digits.
    """

    events: int
    head: str


@frozen
class Execution:
    """What happened when a plan was executed.

    Attributes:
        plan_id: The plan.
        end: How it ended.
        orders: Every order of the plan.
        cash_before: Cash before, USD.
        cash_after: Cash afterwards as the broker shows it, USD; None for a ticket, or when it stopped.
        verification: The plan made of the account as it was afterwards; None for a ticket, or when it stopped.
        journal: How far the journal of the account was then; None for a ticket.
    """

    plan_id: str
    end: ExecutionEnd
    orders: tuple[OrderResult, ...]
    cash_before: Decimal
    cash_after: Decimal | None
    verification: Plan | None
    journal: JournalMark | None = None


@frozen
class Report:
    """All that a report shows; a reporter computes nothing that is not here or follows from it.

    Attributes:
        snapshot: What the plan was made from.
        targets: The targets; None when only the account is shown and there are none.
        plan: The plan; None when only the account is shown.
        findings: What the checks say.
        execution: What was done; None before it.
        limits: The limits that held.
        policy: How the wash-sale rule was read.
        promises: What must not be bought from now on: what earlier plans promised, and what this one does.
        live: Whether orders in this account move real money; None where it takes none, or nobody has said.
    """

    snapshot: Snapshot
    targets: Targets | None
    plan: Plan | None
    findings: tuple[Finding, ...] = ()
    execution: Execution | None = None
    limits: Limits = Limits()
    policy: WashPolicy = WashPolicy()
    promises: tuple[Promise, ...] = ()
    live: bool | None = None

    @property
    def groups(self) -> IdentityGroups:
        """The identity groups that held."""
        return self.policy.groups

    @property
    def blocked(self) -> bool:
        """Whether a finding forbids the plan to be executed."""
        return any(finding.severity is Severity.BLOCKING for finding in self.findings)

    def _repr_html_(self) -> str:
        return report_html(self)
