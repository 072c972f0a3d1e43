"""What a person is asked before the first order, and what counts as a yes.

On paper a plain yes will do. Real money needs the flag that says so, a plan of the last minutes, and an answer that nobody gives by
habit and no pipe gives by accident: a phrase with the plan's own numbers, or the plan's id.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import TYPE_CHECKING

from attrs import frozen

from rebalkit.errors import BlockedError, UsageError
from rebalkit.execution.rules import ExecutionRules
from rebalkit.model.findings import Severity
from rebalkit.model.orders import OrderPreview, Side
from rebalkit.model.plans import Order, Plan, TaxSummary
from rebalkit.model.reports import Report
from rebalkit.money import CENT, plain
from rebalkit.plugin import BrokerCapabilities
from rebalkit.registry import TrustList
from rebalkit.report.holdings import market_value

if TYPE_CHECKING:
    from rebalkit.registry import Registry

__all__ = [
    "Consent",
    "Question",
    "question_of",
    "refuse_old_plan",
    "refuse_other_money",
    "refuse_too_much",
    "refuse_untrusted",
    "says_phrase",
]

_TAIL = 4
"""Characters of an account that identify it to its owner and are of no use to anybody else."""
_NOT_SEEN = frozenset({"accounts_seen", "data_note"})
"""Findings that say what no check could look at, though they are no warning."""
_AGAIN = "Plan again: `rebalkit plan`."


@frozen
class Question:
    """What a person has to know to say yes. Amounts in USD.

    Attributes:
        plan_id: The plan.
        as_of: Its day.
        broker: Name of the broker.
        live: Whether its orders move real money.
        account: The account.
        value: What it is worth, with its cash, as the plan saw it.
        sells: Number of sales.
        lots: Number of lots that they name.
        buys: Number of purchases.
        turnover: Worth of all orders, in whole dollars, rounded up.
        least_proceeds: What the sales bring at least, if they fill: every limit as bad as the rules allow, with the fees that are known.
        most_spent: What the purchases cost at most, without fees.
        fees: Fees of the sales, as the broker says.
        tax: What the sales of the whole plan realise.
        unchecked: What was warned of, or could not be looked at, in sentences. Untrusted text.
        orders: What is asked about, the order of most dollars first.
    """

    plan_id: str
    as_of: dt.date
    broker: str
    live: bool
    account: str
    value: Decimal
    sells: int
    lots: int
    buys: int
    turnover: int
    least_proceeds: Decimal
    most_spent: Decimal
    fees: Decimal
    tax: TaxSummary
    unchecked: tuple[str, ...]
    orders: tuple[Order, ...]

    @property
    def phrase(self) -> str:
        """What is typed for a yes where real money moves."""
        return f"SELL {self.sells} BUY {self.buys} TURNOVER {self.turnover}"

    @property
    def account_tail(self) -> str:
        """The end of the account's name, for the eyes of its owner."""
        return self.account if len(self.account) <= _TAIL else f"…{self.account[-_TAIL:]}"


Consent = Callable[[Question], str]
"""Asks a person. Answers how they said yes, in a word for the journal; an empty word is a no."""


def question_of(
    report: Report,
    plan: Plan,
    broker: str,
    live: bool,
    previews: Sequence[OrderPreview],
    rules: ExecutionRules,
    *,
    orders: Sequence[Order] | None = None,
) -> Question:
    """The question whether to carry out ``plan``.

    Args:
        report: The plan with what the checks say of it.
        plan: The plan.
        broker: Name of the broker.
        live: Whether its orders move real money.
        previews: The broker's word on the sales.
        rules: How far prices may move, and how far from them a limit may be.
        orders: What is left of it; None = all.
    """
    left = plan.orders if orders is None else orders
    sells = [one for one in left if one.side is Side.SELL]
    buys = [one for one in left if one.side is Side.BUY]
    fees = sum((one.fees for one in previews), Decimal(0))
    worst = (1 - rules.max_drift / 100) * (1 - rules.collar / 100)
    proceeds = sum(((one.quantity * one.limit * worst).quantize(CENT, ROUND_FLOOR) for one in sells), Decimal(0))
    spent = sum((one.estimated for one in buys), Decimal(0))
    told = [one for one in report.findings if one.severity is Severity.WARNING or one.code in _NOT_SEEN]
    return Question(
        plan.plan_id,
        plan.as_of,
        broker,
        live,
        plan.account,
        market_value(report) + report.snapshot.account.cash.total,
        len(sells),
        sum(len(one.lots) for one in sells),
        len(buys),
        int(sum((one.estimated for one in left), Decimal(0)).to_integral_value(ROUND_CEILING)),
        proceeds - fees,
        spent,
        fees,
        plan.tax,
        tuple(one.message for one in told),
        tuple(sorted(left, key=lambda one: one.estimated, reverse=True)),
    )


def says_phrase(question: Question, typed: str) -> bool:
    """Whether ``typed`` is the phrase of ``question``; letters may be small, and spaces wide."""
    return typed.upper().split() == question.phrase.split()


def refuse_other_money(capabilities: BrokerCapabilities, broker: str, live: bool) -> None:
    """Raise UsageError unless ``live``, which the person said, is what the broker does with an order."""
    if live and not capabilities.live:
        what = "only simulates orders" if capabilities.places_orders else "takes no orders: it gets a ticket"
        raise UsageError(
            f"the broker {broker!r} {what}, and real money was asked for",
            place="--live",
            code="not_live",
            remedy="Leave --live out, or plan with the broker that you mean.",
        )
    if capabilities.live and not live:
        raise UsageError(
            f"an order at {broker!r} moves real money, and that was not asked for",
            code="live_not_asked",
            remedy="Read the plan; if you mean it, add --live.",
        )


def refuse_untrusted(registry: Registry) -> None:
    """Raise BlockedError when a plugin was loaded that must not be where real money moves. Raises ConfigError when their list is not sound."""
    objection = TrustList.read().objection
    for provider in registry.loaded:
        why = objection(provider)
        if why:
            raise BlockedError(
                f"the plugin {provider.name} was loaded, but {why}",
                place=str(provider),
                code="untrusted_plugin",
                remedy="Load the plugins with `Registry.load(only=TrustList.read().objection)`, or trust it: `rebalkit plugins trust`.",
            )


def refuse_old_plan(read: dt.datetime | None, now: dt.datetime, rules: ExecutionRules) -> None:
    """Raise BlockedError when a plan is too old for real money.

    Args:
        read: When the account was read for it; None when that is not on record.
        now: The moment.
        rules: How old it may be, and how far clocks may be apart.
    """
    if read is None:
        raise BlockedError("it is not on record when the account was read for this plan", code="plan_stale", remedy=_AGAIN)
    age = (now - read).total_seconds()
    if age > rules.plan_age:
        raise BlockedError(
            f"the account was read for this plan {_minutes(age)} ago; for real money it may be {_minutes(rules.plan_age)}",
            code="plan_stale",
            remedy=_AGAIN,
        )
    if age < -rules.clock_skew:
        raise BlockedError(
            f"this plan is of {_minutes(-age)} from now: the clock of this machine was wrong then, or is now",
            code="clock_skew",
            remedy=f"Set the clock. {_AGAIN}",
        )


def refuse_too_much(question: Question, traded_today: Decimal, rules: ExecutionRules) -> None:
    """Raise BlockedError when the plan would trade more than a day may: it must not stop between its sales and its purchases.

    Args:
        question: The plan in numbers.
        traded_today: USD of the orders that were sent today already.
        rules: How much of the account a day may trade.
    """
    most = question.value * rules.day_turnover / 100
    total = traded_today + question.turnover
    if total > most:
        raise BlockedError(
            f"the orders of this day would come to about {total:,.0f} USD, more than {plain(rules.day_turnover)} % of the account, which "
            f"is worth {question.value:,.2f} USD",
            code="day_turnover",
            remedy="Nothing was placed. Raise execution.day_turnover in the configuration if you mean it, and plan again.",
        )


def _minutes(seconds: float) -> str:
    return f"{seconds / 60:.0f} minutes" if seconds >= 120 else f"{seconds:.0f} seconds"
