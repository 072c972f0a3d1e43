"""The amounts of Form 8949 in whole cents, so that they add up and say nothing that is not so.

Each of the columns d, e and g adds up to its exact total rounded to the cent. Column h is what they make it, so that no row may round
by itself: one that is washed as a whole recognises exactly nothing, and no adjustment is above the loss that the row shows. Only a row
that has gains beside a washed loss, of shares whose basis differs, shows less of a loss than is washed of it, or none.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction
from typing import NamedTuple

from rebalkit.tax.cents import fitted_cents, nearest_cent, whole_cents
from rebalkit.tax.ledger import RealisedRow

__all__ = ["FormCents", "form_cents"]


class FormCents(NamedTuple):
    """One row, in cents.

    Attributes:
        proceeds: Column d.
        basis: Column e.
        adjustment: Column g, 0 or more; up to the loss that d and e show unless the row has gains beside it.
        permanent: Of it what is lost for good.
    """

    proceeds: int
    basis: int
    adjustment: int
    permanent: int


def form_cents(rows: Sequence[RealisedRow]) -> list[FormCents]:
    """The amounts of the rows of one part of the form.

    Where every row is washed, columns d and e leave g no choice: its total may then be a cent beside the exact one.
    """
    whole = [number for number, row in enumerate(rows) if row.disallowed and not row.recognised]
    partly = [number for number, row in enumerate(rows) if row.disallowed and row.recognised < 0]
    mixed = [number for number, row in enumerate(rows) if row.disallowed and row.recognised > 0]
    others = [number for number, row in enumerate(rows) if not row.disallowed or row.recognised > 0]
    washed = [*whole, *partly]
    disallowed, losses = [row.disallowed for row in rows], [row.basis - row.proceeds for row in rows]
    total_proceeds, total_basis = (
        nearest_cent(_sum(amounts)) for amounts in ([r.proceeds for r in rows], [r.basis for r in rows])
    )

    # What is washed as a whole, what is washed, and all losses of the washed rows: each holds the one before, and so do the totals.
    loss = nearest_cent(_sum(losses[one] for one in washed)) if others else total_basis - total_proceeds
    gone = min(nearest_cent(_sum(disallowed[one] for one in washed)), loss) if partly else loss
    all_gone = min(nearest_cent(_sum(disallowed[one] for one in whole)), gone) if partly else loss

    lost = dict(zip(whole, _cents([losses[one] for one in whole], all_gone), strict=True))
    adjusted = dict(lost)
    lost |= zip(partly, _cents([losses[one] for one in partly], loss - all_gone), strict=True)
    room = [lost[one] for one in partly]
    adjusted |= zip(partly, fitted_cents([disallowed[one] for one in partly], gone - all_gone, room), strict=True)
    if mixed:
        adjusted |= zip(mixed, _cents([disallowed[one] for one in mixed], nearest_cent(_sum(disallowed)) - gone), strict=True)
    # Of a loss that is lost as a whole, every cent of the adjustment is lost.
    parts = {one: rows[one].permanent / disallowed[one] * Fraction(adjusted[one], 100) for one in (*washed, *mixed)}
    permanent = dict(zip(parts, whole_cents(list(parts.values())), strict=True))

    received = _proceeds_of_washed([rows[one] for one in washed], [rows[one] for one in others], loss)
    proceeds = dict(zip(washed, whole_cents([rows[one].proceeds for one in washed], received), strict=True))
    basis = {one: proceeds[one] + lost[one] for one in washed}
    proceeds |= zip(others, whole_cents([rows[one].proceeds for one in others], total_proceeds - received), strict=True)
    basis |= zip(others, whole_cents([rows[one].basis for one in others], total_basis - received - loss), strict=True)
    return [FormCents(proceeds[one], basis[one], adjusted.get(one, 0), permanent.get(one, 0)) for one in range(len(rows))]


def _proceeds_of_washed(washed: Sequence[RealisedRow], others: Sequence[RealisedRow], loss: int) -> int:
    """Cents of the proceeds of the washed rows, so that no total of proceeds or basis is far off, with ``loss`` in between."""
    mine, theirs = (_sum(one.proceeds for one in rows) * 100 for rows in (washed, others))
    paid, other_paid = (_sum(one.basis for one in rows) * 100 for rows in (washed, others))
    proceeds, basis = round(mine + theirs), round(paid + other_paid)
    if not others:
        return proceeds
    if not washed:
        return 0

    def off(cents: int) -> Fraction:
        return max(
            abs(cents - mine), abs(proceeds - cents - theirs), abs(cents + loss - paid), abs(basis - cents - loss - other_paid)
        )

    low = mine.numerator // mine.denominator
    # Shares that cost nothing must not get a basis below 0.
    floor = sum((one.basis * 100).numerator // (one.basis * 100).denominator for one in others)
    fit = [one for one in range(low - 1, low + 3) if basis - one - loss >= floor]
    return min(fit or [low - 1], key=lambda one: (off(one), one))


def _cents(parts: Sequence[Fraction], total: int) -> list[int]:
    """As `fitted_cents`, with no more than a cent above each part where that is enough."""
    above = [-(-part.numerator * 100 // part.denominator) for part in parts]
    return fitted_cents(parts, total, above if sum(above) >= total else [one + total for one in above])


def _sum(amounts: Iterable[Fraction]) -> Fraction:
    return sum(amounts, Fraction(0))
