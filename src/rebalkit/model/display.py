"""How values show themselves in a notebook: one small table each, every text escaped, nothing but the standard library.

A whole report is a page (`rebalkit.report.html`); this is a glance.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rebalkit.model.accounts import AccountSnapshot
    from rebalkit.model.plans import Plan
    from rebalkit.model.reports import Report
    from rebalkit.model.snapshots import Snapshot
    from rebalkit.model.targets import Targets

__all__ = ["account_html", "plan_html", "report_html", "snapshot_html", "targets_html"]

_MANY = 20


def plan_html(plan: Plan) -> str:
    """The orders of ``plan`` and what they do to cash and tax."""
    rows = [(o.side.value, o.symbol, o.quantity, f"{o.limit:,}", f"{o.estimated:,.2f}", o.reason.code) for o in plan.orders]
    caption = (
        f"Plan {plan.plan_id} for {plan.account}, {plan.as_of}: sells {plan.cash.proceeds:,.2f}, buys {plan.cash.spent:,.2f}, "
        f"losses harvested {plan.tax.harvested:,.2f} (gross; not a return)"
    )
    return _table(caption, ("side", "symbol", "#quantity", "#limit", "#estimated", "reason"), rows)


def account_html(account: AccountSnapshot) -> str:
    """What ``account`` holds, security by security."""
    held: dict[str, tuple[Decimal, int]] = {}
    for lot in account.lots:
        quantity, lots = held.get(lot.symbol, (Decimal(0), 0))
        held[lot.symbol] = (quantity + lot.quantity, lots + 1)
    caption = f"Account {account.account} ({account.kind.value}): cash {account.cash.total:,.2f}, {len(account.lots)} lots"
    return _table(caption, ("symbol", "#shares", "#lots"), [(symbol, *held[symbol]) for symbol in sorted(held)])


def snapshot_html(snapshot: Snapshot) -> str:
    """The accounts of ``snapshot``."""
    rows = [(one.account, one.kind.value, f"{one.cash.total:,.2f}", len(one.lots)) for one in snapshot.accounts]
    caption = f"Snapshot of {snapshot.as_of}: {len(snapshot.quotes)} quotes, {len(snapshot.transactions)} transactions"
    return _table(caption, ("account", "kind", "#cash", "#lots"), rows)


def targets_html(targets: Targets) -> str:
    """The classes of ``targets``."""
    rows = [
        (one.name, one.target, " › ".join(" = ".join(rank) for rank in one.buy), " ".join(one.hold)) for one in targets.classes
    ]
    return _table("Targets", ("class", "#percent", "buy, best first", "hold"), rows)


def report_html(report: Report) -> str:
    """The plan or account of ``report``, with what the checks say."""
    shown = account_html(report.snapshot.account) if report.plan is None else plan_html(report.plan)
    if not report.findings:
        return shown
    rows = [(one.severity.value, one.subject, one.message) for one in report.findings]
    return shown + _table("Findings", ("severity", "subject", "message"), rows)


def _table(caption: str, names: Sequence[str], rows: Sequence[Iterable[object]]) -> str:
    from html import escape

    head = "".join(f'<th scope="col">{escape(name.lstrip("#"))}</th>' for name in names)
    body = "".join(
        "<tr>" + "".join(
            f'<td style="text-align:{"right" if name[0] == "#" else "left"}">{escape(str(value))}</td>'
            for name, value in zip(names, row, strict=True)
        ) + "</tr>"
        for row in rows[:_MANY]
    )  # fmt: skip
    if len(rows) > _MANY:
        body += f'<tr><td colspan="{len(names)}">and {len(rows) - _MANY} more</td></tr>'
    return f"<table><caption>{escape(caption)}</caption><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
