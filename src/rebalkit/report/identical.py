"""Which symbols the wash-sale rule treated as one, and on whose word."""

from __future__ import annotations

from collections.abc import Iterator

from rebalkit.model.reports import Report
from rebalkit.report.parts import IdenticalRow
from rebalkit.tax.same_index import index_of

__all__ = ["identical_of"]


def identical_of(report: Report) -> Iterator[IdenticalRow]:
    """The groups in force that touch an account, the targets or the history."""
    snapshot = report.snapshot
    seen = {lot.symbol for account in snapshot.accounts for lot in account.lots}
    seen |= {one.symbol for one in snapshot.transactions}
    seen |= {symbol for one in (report.targets.classes if report.targets else ()) for symbol in one.symbols}
    for group in report.groups.groups:
        if seen.intersection(group):
            yield IdenticalRow(group, index_of(group))
