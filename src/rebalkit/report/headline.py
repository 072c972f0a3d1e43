"""The first things that a person reads: one sentence, where things stand, and the figures that matter."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from rebalkit.model.findings import Severity
from rebalkit.model.plans import Plan
from rebalkit.model.reports import ExecutionEnd, Report
from rebalkit.report.figures import dollars, long_day, signed
from rebalkit.report.holdings import lots_in_words
from rebalkit.report.parts import Gains, Status, Tile
from rebalkit.report.wording import clean, counted, joined

__all__ = ["headline_of", "status_of", "tiles_of"]

GROSS = "gross, before netting; not a return"
"""Stands beside every sum of harvested losses: a loss taken lowers the basis too, so only a part of it is ever a gain to keep."""


def headline_of(report: Report, total: Decimal) -> str:
    """What was asked and what will be done, in one sentence each."""
    account, day = clean(report.snapshot.account.account), long_day(report.snapshot.as_of)
    if report.plan is None:
        symbols = {lot.symbol for lot in report.snapshot.account.lots}
        held = lots_in_words(len(report.snapshot.account.lots), len(symbols))
        return f"Account {account} as it stood on {day}: {held} and cash, {dollars(total)} together."
    targets = f" ({counted(len(report.targets.classes), 'class', 'classes')})" if report.targets else ""
    asked = f"Asked: bring account {account}, worth {dollars(total)}, to its targets{targets} as of {day}"
    return f"{asked}, strategy {clean(report.plan.strategy)}. The plan: {_doing(report.plan)}."


def _doing(plan: Plan) -> str:
    parts = []
    if plan.sells:
        lots = sum(len(order.lots) for order in plan.sells)
        sale = f"sell {lots_in_words(lots, len({order.symbol for order in plan.sells}))} for {dollars(plan.cash.proceeds)}"
        if plan.tax.harvested:
            sale += f", taking losses of {dollars(plan.tax.harvested)} ({GROSS})"
        parts.append(sale)
    if plan.buys:
        parts.append(f"buy {joined(order.symbol for order in plan.buys)} for {dollars(plan.cash.spent)}")
    return "; then ".join(parts) if parts else "trade nothing"


def status_of(report: Report) -> Status:
    """Where things stand."""
    plan, execution = report.plan, report.execution
    blocking = sum(1 for one in report.findings if one.severity is Severity.BLOCKING)
    if execution is not None:
        if execution.end is ExecutionEnd.CONVERGED:
            return Status("good", "Done", "Executed and verified: planned again, the account gives no orders.")
        if execution.end is ExecutionEnd.TICKET:
            return Status("neutral", "Ticket written", "This broker takes no orders; the ticket lists what you place by hand.")
        if execution.end is ExecutionEnd.STOPPED:
            return Status(
                "bad", "Stopped", "The execution broke off: see what is known of its orders before anything else is placed."
            )
        if execution.end is ExecutionEnd.GIVEN_UP:
            return Status("warning", "Given up", "The execution broke off, and what was not sent never will be. Plan again.")
        return Status("warning", "Unfinished", "Executed, but the account is not yet where it should be: orders are left to do.")
    if blocking:
        what = "This plan cannot be executed" if plan else "This account cannot be planned"
        return Status("bad", "Blocked", f"{what}: {counted(blocking, 'finding stands', 'findings stand')} against it.")
    if plan is None:
        return Status("neutral", "Account", "Shown as it stands; nothing is planned.")
    if not plan.orders:
        return Status("good", "Nothing to do", "Nothing is worth trading today.")
    warnings = sum(1 for one in report.findings if one.severity is Severity.WARNING)
    if warnings:
        return Status("warning", "Ready", f"Nothing has been traded yet. Read {counted(warnings, 'warning')} first.")
    return Status("good", "Ready", "Every check passed. Nothing has been traded yet.")


def tiles_of(report: Report, total: Decimal, unrealized: Gains) -> Iterator[Tile]:
    """The figures to see first."""
    plan, cash = report.plan, report.snapshot.account.cash
    yield Tile("Account", dollars(total), f"of it cash {dollars(cash.total)}")
    if plan is None:
        yield Tile(
            "Unrealised gains",
            signed(unrealized.gain),
            f"short {signed(unrealized.short_gain)}, long {signed(unrealized.long_gain)}",
        )
        yield Tile(
            "Unrealised losses",
            signed(unrealized.loss),
            f"short {signed(unrealized.short_loss)}, long {signed(unrealized.long_loss)}",
        )
        return
    tax = plan.tax
    yield Tile("To sell", dollars(plan.cash.proceeds), counted(len(plan.sells), "order"))
    yield Tile("To buy", dollars(plan.cash.spent), counted(len(plan.buys), "order"))
    yield Tile("Harvested losses", dollars(tax.harvested), GROSS)
    gains = tax.short_gain + tax.long_gain
    yield Tile("Realised gains", signed(gains), f"short {signed(tax.short_gain)}, long {signed(tax.long_gain)}")
