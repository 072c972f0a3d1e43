"""The lines of Schedule D (Form 1040) that follow from Form 8949 and from what was carried in.

Line numbers as on the forms for 2024 and 2025. Lines that are not here (1a, 2 to 5, 8a, 9 to 13) hold what this ledger does not know:
sales that no Form 1099-B reports with their basis, other forms, partnerships, capital gain distributions.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from attrs import frozen

from rebalkit.tax.forms import FormRow
from rebalkit.tax.ledger import Term
from rebalkit.tax.year import TaxYear

__all__ = ["ScheduleLine", "schedule_d"]

_NOTHING = Decimal("0.00")


@frozen
class ScheduleLine:
    """One line. USD in whole cents; a loss is below 0, where the form has parentheses.

    Attributes:
        line: Number of the line.
        label: What it holds.
        gain: Column h.
        proceeds: Column d; None on a line without it.
        basis: Column e; None on a line without it.
        adjustment: Column g; None on a line without it.
    """

    line: str
    label: str
    gain: Decimal
    proceeds: Decimal | None = None
    basis: Decimal | None = None
    adjustment: Decimal | None = None


def schedule_d(year: TaxYear) -> tuple[ScheduleLine, ...]:
    """The lines of ``year``, in the order of the form, and after them what the next year carries in."""
    netting = year.netting
    lines = [
        _totals("1b", "Form 8949, Part I, box A", year.part(Term.SHORT)),
        ScheduleLine("6", "Short-term capital loss carryover", -year.carried_short),
        ScheduleLine("7", "Net short-term capital gain or loss", netting.short),
        _totals("8b", "Form 8949, Part II, box D", year.part(Term.LONG)),
        ScheduleLine("14", "Long-term capital loss carryover", -year.carried_long),
        ScheduleLine("15", "Net long-term capital gain or loss", netting.long),
        ScheduleLine("16", "Lines 7 and 15 together", netting.net),
    ]
    if netting.net < 0:
        lines.append(ScheduleLine("21", f"Loss deducted, at most {year.limit:,.0f}", -netting.deduction))
    return tuple(lines)


def _totals(line: str, label: str, rows: Sequence[FormRow]) -> ScheduleLine:
    def total(column: str) -> Decimal:
        return sum((getattr(row, column) for row in rows), _NOTHING)

    return ScheduleLine(line, label, total("gain"), total("proceeds"), total("basis"), total("adjustment"))
