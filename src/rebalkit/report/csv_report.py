"""CSV tables for a spreadsheet.

Text that a spreadsheet would run as a formula is made inert as OWASP ASVS 5.0 (1.2.10) asks: a leading apostrophe before
``=``, ``+``, ``-``, ``@``, tab, carriage return or NUL. Numbers are left alone: they come from Decimals, not from text.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from pathlib import Path

from rebalkit.model.reports import Report
from rebalkit.money import plain, trim
from rebalkit.report.files import write_whole
from rebalkit.report.view import ReportView, view_of

__all__ = ["Cell", "CsvReporter", "cell", "table"]

Cell = str | Decimal | dt.date | None

# The full-width forms are read as their ASCII twins by spreadsheets in some locales.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\0", "＝", "＋", "－", "＠")
_CENT = -2


def cell(value: Cell) -> str:
    """``value`` as it is written into a field."""
    if value is None:
        return ""
    if isinstance(value, Decimal):
        exponent = value.as_tuple().exponent
        # Cents keep their two places; quantities and percents lose zeros that say nothing.
        return plain(value if exponent == _CENT else trim(value))
    if isinstance(value, dt.date):
        return value.isoformat()
    return f"'{value}" if value.startswith(_FORMULA) else value


def table(header: Sequence[str], rows: Iterable[Sequence[Cell]]) -> str:
    """A table as CSV text (RFC 4180)."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(header)
    writer.writerows([cell(value) for value in row] for row in rows)
    return text.getvalue()


class CsvReporter:
    """Writes ``lots.csv``, ``classes.csv`` and ``findings.csv``, and for a plan ``orders.csv`` and ``not_traded.csv``."""

    def render(self, report: Report, into: Path) -> Sequence[Path]:
        """Write the tables into the folder ``into``."""
        return [write_whole(into / name, text) for name, text in _tables(view_of(report))]


def _tables(view: ReportView) -> Iterator[tuple[str, str]]:
    if view.planned:
        order = ("side", "symbol", "class", "quantity", "limit", "estimated", "gain", "code", "reason")
        yield "orders.csv", table(order, (
            (o.side, o.symbol, o.group, o.quantity, o.limit, o.estimated, o.gain, o.code, o.reason) for o in view.orders
        ))  # fmt: skip
        yield (
            "not_traded.csv",
            table(("subject", "kind", "code", "reason"), ((n.subject, n.kind, n.code, n.reason) for n in view.not_traded)),
        )
    lot = ("lot", "symbol", "quantity", "acquired", "term", "cost", "value", "gain", "sold", "proceeds", "sold_cost", "sold_gain")
    yield "lots.csv", table(lot, ([getattr(one, name) for name in lot] for one in view.lots))
    group = (
        "name", "target", "value", "percent", "drift", "sales", "buy", "buy_quantity", "buy_cost", "after", "after_percent", "after_drift",
    )  # fmt: skip
    yield "classes.csv", table(group, ([getattr(one, name) for name in group] for one in view.classes))
    yield (
        "findings.csv",
        table(
            ("severity", "code", "subject", "message"), ((f.severity.value, f.code, f.subject, f.message) for f in view.findings)
        ),
    )
