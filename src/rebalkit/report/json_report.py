"""The JSON documents of the contract: what programs read. Keys and meaning are stable; `rebalkit.report.schema` describes them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from rebalkit.model.findings import Finding
from rebalkit.model.plans import Order, Reason
from rebalkit.model.reports import Execution, Report
from rebalkit.report.files import write_whole
from rebalkit.report.identical import identical_of
from rebalkit.serial import to_plain

__all__ = ["JsonReporter", "account_document", "document_of", "execution_document", "plan_document", "to_text"]


def to_text(document: dict[str, Any]) -> str:
    """``document`` as JSON text with a line end, in plain ASCII: safe on every terminal and in every encoding."""
    return json.dumps(document, indent=2) + "\n"


def plan_document(report: Report) -> dict[str, Any]:
    """The plan of ``report``. Raises ValueError when there is none."""
    plan = report.plan
    if plan is None:
        raise ValueError("the report has no plan")
    classes = ("name", "target", "value", "percent", "sales", "after_sales", "buy", "buy_target", "buy_quantity", "buy_cost")
    return {
        "plan_id": plan.plan_id,
        "as_of": to_plain(plan.as_of),
        "account": plan.account,
        "strategy": plan.strategy,
        "classes": [{key: to_plain(getattr(one, key)) for key in (*classes, "after", "after_percent")} for one in plan.classes],
        "orders": _orders(plan.orders),
        "not_traded": [{"subject": one.subject, "reason": _reason(one.reason)} for one in plan.not_traded],
        "tax": to_plain(plan.tax),
        "cash": to_plain(plan.cash),
        "findings": _findings(report.findings),
        "identical": [to_plain(one) for one in identical_of(report)],
        "promises": [to_plain(one) for one in report.promises],
    }


def account_document(report: Report) -> dict[str, Any]:
    """The account of ``report`` as it stands, without a plan: what ``rebalkit show --json`` prints."""
    from rebalkit.report.view import view_of

    view = view_of(report)
    account = report.snapshot.account
    lots = ("lot", "symbol", "quantity", "acquired", "term", "cost", "value", "gain")
    held = [(group.name, one) for group in view.groups for one in group.securities if one.lots]
    return {
        "as_of": to_plain(view.as_of),
        "account": account.account,
        "kind": account.kind.value,
        "total": to_plain(view.total),
        "classes": [{key: to_plain(getattr(one, key)) for key in ("name", "target", "value", "percent")} for one in view.classes],
        "securities": [
            {"symbol": one.symbol, "class": name, **{key: to_plain(getattr(one, key)) for key in ("quantity", "price", "value")}}
            for name, one in held
        ],
        "lots": [{key: to_plain(getattr(one, key)) for key in lots} for one in view.lots],
        "gains": {key: to_plain(getattr(view.unrealized, key)) for key in ("short_gain", "short_loss", "long_gain", "long_loss")},
        "cash": {key: to_plain(getattr(account.cash, key)) for key in ("settled", "unsettled", "total")},
        "findings": _findings(report.findings),
        "notes": list(report.snapshot.notes),
        "promises": [to_plain(one) for one in report.promises],
    }


def execution_document(report: Report) -> dict[str, Any]:
    """What became of the plan of ``report``. Raises ValueError when it was not executed."""
    execution = report.execution
    if execution is None:
        raise ValueError("the report has no execution")
    return {
        "plan_id": execution.plan_id,
        "account": report.snapshot.account.account,
        "end": execution.end.value,
        "orders": [to_plain(one) for one in execution.orders],
        "cash": {"before": to_plain(execution.cash_before), "after": to_plain(execution.cash_after)},
        "live": report.live,
        "journal": None if execution.journal is None else to_plain(execution.journal),
        "verification": _verification(execution),
        "plan": None if report.plan is None else plan_document(report),
    }


def _verification(execution: Execution) -> dict[str, Any] | None:
    again = execution.verification
    return None if again is None else {"plan_id": again.plan_id, "orders": _orders(again.orders)}


def document_of(report: Report) -> dict[str, Any]:
    """The document that fits ``report``: of its execution, else of its plan, else of the account."""
    if report.execution is not None:
        return execution_document(report)
    return account_document(report) if report.plan is None else plan_document(report)


def _reason(reason: Reason) -> dict[str, Any]:
    details = to_plain(reason.details)
    return {"code": reason.code, **{key: value for key, value in details.items() if key != "code"}}


def _orders(orders: Iterable[Order]) -> list[dict[str, Any]]:
    return [{**to_plain(one), "reason": _reason(one.reason)} for one in orders]


def _findings(findings: Iterable[Finding]) -> list[dict[str, Any]]:
    return [to_plain(one) for one in findings]


class JsonReporter:
    """Writes ``report.json``: the document that fits the report."""

    def render(self, report: Report, into: Path) -> Sequence[Path]:
        """Write the document into the folder ``into``."""
        return [write_whole(into / "report.json", to_text(document_of(report)))]
