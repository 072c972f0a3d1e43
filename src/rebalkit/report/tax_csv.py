"""Form 8949 and Schedule D as CSV tables, in the order of the columns and lines of the forms."""

from __future__ import annotations

from collections.abc import Iterable

from rebalkit.report.csv_report import Cell, table
from rebalkit.tax.forms import BrokerFigures, FormRow
from rebalkit.tax.schedule_d import ScheduleLine

__all__ = ["form_8949_csv", "schedule_d_csv"]

_FORM = (
    "part", "box", "description", "acquired", "sold", "proceeds", "basis", "code", "adjustment", "gain",
    "account", "symbol", "quantity", "sale", "lot", "permanent", "broker_term", "broker_basis", "broker_disallowed", "differs",
)  # fmt: skip
_SCHEDULE = ("line", "label", "proceeds", "basis", "adjustment", "gain")


def form_8949_csv(rows: Iterable[FormRow]) -> str:
    """The rows of Form 8949: its columns a to h, then what identifies the sale, then what the broker reports (boxes 2, 1e, 1g)."""
    return table(_FORM, ([*_ours(row), *_brokers(row.broker), " ".join(row.differs)] for row in rows))


def _ours(row: FormRow) -> tuple[Cell, ...]:
    return (
        row.part, row.box, row.description, row.acquired, row.sold, row.proceeds, row.basis, row.code, row.adjustment, row.gain,
        row.account, row.symbol, row.quantity, row.sale, row.lot, row.permanent,
    )  # fmt: skip


def _brokers(figures: BrokerFigures | None) -> tuple[Cell, ...]:
    return (None, None, None) if figures is None else (figures.term.value, figures.basis, figures.disallowed)


def schedule_d_csv(lines: Iterable[ScheduleLine]) -> str:
    """The lines of Schedule D; a column that a line does not have is empty."""
    return table(_SCHEDULE, ((one.line, one.label, one.proceeds, one.basis, one.adjustment, one.gain) for one in lines))
