"""What must not be bought after the losses that were taken, until when, and what is at stake."""

from __future__ import annotations

from rebalkit.model.reports import Report
from rebalkit.report.parts import PromiseRow
from rebalkit.report.wording import clean

__all__ = ["PROMISED", "PROMISED_TITLE", "promise_rows"]

PROMISED_TITLE = "What must not be bought, until when, and what is at stake"

PROMISED = (
    "No account of yours or your spouse's, IRAs and 401(k)s included, may acquire shares of these through the last day, neither by a "
    "reinvested dividend nor by an order that is still open. Each share acquired before gives back its part of the loss, in an IRA for "
    "good."
)
"""What the rows mean (26 USC 1091; Rev. Rul. 2008-5)."""


def promise_rows(report: Report) -> tuple[PromiseRow, ...]:
    """The promises of ``report``, those that end first on top."""
    plan_id = report.plan.plan_id if report.plan else None
    rows = [
        PromiseRow(
            " / ".join(one.group), one.sold, clean(one.account), one.through, one.free_from, one.quantity, one.loss,
            one.plan_id == plan_id,
        )
        for one in report.promises
    ]  # fmt: skip
    return tuple(sorted(rows, key=lambda row: (row.free_from, row.symbols, row.account)))
