"""The view of a report: everything that a person sees, computed here once, for the terminal, the page and the tables alike."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from attrs import frozen

from rebalkit.model.findings import Severity
from rebalkit.model.plans import CashSummary, Plan
from rebalkit.model.reports import Report
from rebalkit.money import from_cents, proportional_cents, to_cents
from rebalkit.report.headline import headline_of, status_of, tiles_of
from rebalkit.report.holdings import gains_of, groups_of, lot_rows, market_value
from rebalkit.report.identical import identical_of
from rebalkit.report.parts import (
    ClassRow,
    FindingRow,
    Gains,
    GroupView,
    IdenticalRow,
    LotRow,
    NotTradedRow,
    OrderRow,
    OutcomeView,
    PromiseRow,
    Status,
    Step,
    Tile,
)
from rebalkit.report.promised import promise_rows
from rebalkit.report.trades import not_traded_rows, order_rows, outcome_of, steps_of
from rebalkit.report.wording import clean, counted

__all__ = ["ReportView", "view_of"]


@frozen
class ReportView:
    """A report ready to be laid out. All text is clean (`rebalkit.report.wording.clean`), all numbers are final.

    Attributes:
        title: ``Plan for main``, or ``Account main`` where there is no plan.
        as_of: Day of the prices and the plan.
        facts: What identifies the report, as pairs of name and text.
        headline: What was asked and what will be done.
        status: Where things stand.
        tiles: The figures to see first.
        findings: What the checks say, blocking first.
        notes: Remarks on the data that was read.
        classes: The classes; empty without targets.
        drift: Half the sum of all drifts now, in percent: the share of the classes' value that is in the wrong class.
        drift_after: The same after the plan; None without one.
        groups: Securities class by class, those outside the targets last.
        orders: Sales, then purchases.
        not_traded: What is not traded, and why.
        lots: Every lot of the account.
        unrealized: Gains and losses of everything held now.
        realized: Gains and losses that the plan's sales realise; None without a plan.
        harvested: Losses taken, as a positive amount; None without a plan.
        total: Positions at the bid and cash.
        cash: Cash before and after; with no plan nothing happens to it.
        unsettled: Part of the cash that is not settled yet.
        reserve: Cash that is never spent.
        outcome: What became of the plan; None before it is executed.
        promises: What must not be bought, until when, and what is at stake.
        steps: What to do next.
        others: Other accounts that the wash-sale rule sees, in words.
        identical: Symbols that the wash-sale rule treats as one, group by group.
        open_orders: Orders of the account that are still open, in words.
        planned: Whether there is a plan.
        money: ``LIVE`` where orders move real money, ``PAPER`` where they do not; empty where the account takes none.
    """

    title: str
    as_of: dt.date
    facts: tuple[tuple[str, str], ...]
    headline: str
    status: Status
    tiles: tuple[Tile, ...]
    findings: tuple[FindingRow, ...]
    notes: tuple[str, ...]
    classes: tuple[ClassRow, ...]
    drift: Decimal
    drift_after: Decimal | None
    groups: tuple[GroupView, ...]
    orders: tuple[OrderRow, ...]
    not_traded: tuple[NotTradedRow, ...]
    lots: tuple[LotRow, ...]
    unrealized: Gains
    realized: Gains | None
    harvested: Decimal | None
    total: Decimal
    cash: CashSummary
    unsettled: Decimal
    reserve: Decimal
    outcome: OutcomeView | None
    promises: tuple[PromiseRow, ...]
    steps: tuple[Step, ...]
    others: tuple[str, ...]
    identical: tuple[IdenticalRow, ...]
    open_orders: tuple[str, ...]
    planned: bool
    money: str

    @property
    def sells(self) -> tuple[OrderRow, ...]:
        """The sales."""
        return tuple(order for order in self.orders if order.side == "sell")

    @property
    def buys(self) -> tuple[OrderRow, ...]:
        """The purchases."""
        return tuple(order for order in self.orders if order.side == "buy")

    def found(self, severity: str) -> tuple[FindingRow, ...]:
        """The findings of one severity."""
        return tuple(one for one in self.findings if one.severity == severity)


def view_of(report: Report) -> ReportView:
    """Everything that ``report`` shows a person. A pure function: equal reports give equal views."""
    plan, snapshot = report.plan, report.snapshot
    lots = lot_rows(report)
    total = market_value(report) + snapshot.account.cash.total
    classes = _class_rows(report)
    afters = [one.after_drift for one in classes if one.after_drift is not None]
    cash = plan.cash if plan else CashSummary(snapshot.account.cash.total, Decimal(0), Decimal(0), snapshot.account.cash.total)
    unrealized = gains_of(lots.values())
    return ReportView(
        title=clean(f"{'Plan for' if plan else 'Account'} {snapshot.account.account}"),
        as_of=snapshot.as_of,
        facts=tuple(_facts(report)),
        headline=headline_of(report, total),
        status=status_of(report),
        tiles=tuple(tiles_of(report, total, unrealized)),
        findings=_findings(report),
        notes=tuple(clean(note) for note in snapshot.notes),
        classes=classes,
        drift=sum((abs(one.drift) for one in classes), Decimal(0)) / 2,
        drift_after=sum((abs(one) for one in afters), Decimal(0)) / 2 if afters else None,
        groups=tuple(groups_of(report, lots, total)),
        orders=order_rows(plan, report.targets, lots) if plan else (),
        not_traded=tuple(not_traded_rows(plan, report.targets, lots)) if plan else (),
        lots=tuple(lots.values()),
        unrealized=unrealized,
        realized=_realized(plan),
        harvested=plan.tax.harvested if plan else None,
        total=total,
        cash=cash,
        unsettled=snapshot.account.cash.unsettled,
        reserve=report.limits.reserve,
        outcome=outcome_of(report.execution, report.targets) if report.execution else None,
        promises=promise_rows(report),
        steps=tuple(steps_of(report, lots)),
        others=tuple(clean(f"{one.account} ({one.kind.value}, {counted(len(one.lots), 'lot')})") for one in snapshot.others),
        identical=tuple(identical_of(report)),
        open_orders=tuple(
            clean(f"{one.side.value} {one.quantity} {one.symbol} (order {one.order})") for one in snapshot.account.open_orders
        ),
        planned=plan is not None,
        money="" if report.live is None else "LIVE" if report.live else "PAPER",
    )


def _facts(report: Report) -> list[tuple[str, str]]:
    account = report.snapshot.account
    facts = [("Account", f"{clean(account.account)} ({account.kind.value})"), ("As of", report.snapshot.as_of.isoformat())]
    if report.plan:
        facts += [("Strategy", clean(report.plan.strategy)), ("Plan", report.plan.plan_id)]
    return facts


def _findings(report: Report) -> tuple[FindingRow, ...]:
    weight = {Severity.BLOCKING: 0, Severity.WARNING: 1, Severity.INFO: 2}
    rows = [FindingRow(one.severity, one.code, clean(one.subject), clean(one.message)) for one in report.findings]
    return tuple(sorted(rows, key=lambda row: weight[row.severity]))


def _realized(plan: Plan | None) -> Gains | None:
    return None if plan is None else Gains(plan.tax.short_gain, plan.tax.short_loss, plan.tax.long_gain, plan.tax.long_loss)


def _class_rows(report: Report) -> tuple[ClassRow, ...]:
    if report.plan:
        return tuple(
            ClassRow(
                name=clean(one.name),
                target=one.target,
                value=one.value,
                percent=one.percent,
                drift=one.percent - one.target,
                sales=one.sales,
                buy=one.buy if one.buy_quantity else None,
                buy_quantity=one.buy_quantity,
                buy_cost=one.buy_cost,
                after=one.after,
                after_percent=one.after_percent,
                after_drift=one.after_percent - one.target,
            )
            for one in report.plan.classes
        )
    if report.targets is None:
        return ()
    values = [market_value(report, one.symbols) for one in report.targets.classes]
    # As a plan says them: hundredths of a percent that sum to exactly 100.
    cents = [to_cents(value) for value in values]
    shares_of = [from_cents(one) for one in (proportional_cents(10_000, cents) if sum(cents) else [0] * len(cents))]
    return tuple(
        ClassRow(clean(one.name), one.target, value, percent, percent - one.target)
        for one, value, percent in zip(report.targets.classes, values, shares_of, strict=True)
    )
