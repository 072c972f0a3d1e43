"""The rows of Form 8949: whole cents that add up, our figures beside those that the broker reports.

Form and Schedule D (Form 1040) as they are for 2024 and 2025: Part I holds short-term sales, Part II long-term ones. Box A (Part I) and
box D (Part II) are for sales that a Form 1099-B reports with their basis, which a broker must do for shares of funds and stock bought
in 2012 or 2011 and later (26 USC 6045(g)). Code W in column f stands beside the loss that a wash sale disallows, which is positive in
column g; code T where the broker reports the other term.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from decimal import ROUND_HALF_EVEN, Decimal
from fractions import Fraction

from attrs import frozen

from rebalkit.money import from_cents, plain, trim
from rebalkit.tax.cents import nearest_cent
from rebalkit.tax.form_cents import form_cents
from rebalkit.tax.ledger import RealisedRow, Term

__all__ = ["BrokerFigures", "FormRow", "form_rows", "share_count"]

BOXES = {Term.SHORT: "A", Term.LONG: "D"}
PARTS = {Term.SHORT: "I", Term.LONG: "II"}
_SIX_DECIMALS = Decimal("0.000001")


@frozen
class BrokerFigures:
    """What the broker's Form 1099-B says of the same shares: it looks at one account and one symbol (Reg. 1.6045-1(d)(6)(iii)).

    Attributes:
        term: Box 2.
        basis: Box 1e, USD.
        disallowed: Box 1g, USD, 0 or more.
    """

    term: Term
    basis: Decimal
    disallowed: Decimal


@frozen
class FormRow:
    """One row of Form 8949: what one sale realised on one lot in one term. USD in whole cents.

    Attributes:
        term: Which part of the form it belongs to.
        description: Column a.
        acquired: Column b, the day on which the shares were really acquired.
        sold: Column c.
        proceeds: Column d, net of selling fees.
        basis: Column e, with the additions of earlier wash sales.
        code: Column f: ``W``, ``T``, both in the order of the alphabet, or nothing.
        adjustment: Column g: the loss disallowed, 0 or more.
        permanent: Of it what is added to no basis, for an IRA bought.
        account: Where the sale was.
        symbol: Ticker.
        quantity: Shares.
        sale: Id of the sale.
        lot: Id of the lot.
        broker: What the broker reports; None when that is not known.
    """

    term: Term
    description: str
    acquired: dt.date
    sold: dt.date
    proceeds: Decimal
    basis: Decimal
    code: str
    adjustment: Decimal
    permanent: Decimal
    account: str
    symbol: str
    quantity: Decimal
    sale: str
    lot: str
    broker: BrokerFigures | None

    @property
    def part(self) -> str:
        """Part of the form: ``I`` (short-term) or ``II`` (long-term)."""
        return PARTS[self.term]

    @property
    def box(self) -> str:
        """Box at the head of the part: ``A`` or ``D``, for sales that the broker reports with their basis."""
        return BOXES[self.term]

    @property
    def gain(self) -> Decimal:
        """Column h: d − e + g."""
        return self.proceeds - self.basis + self.adjustment

    @property
    def differs(self) -> tuple[str, ...]:
        """Boxes of Form 1099-B that say something else: ``1e`` (basis), ``1g`` (wash sale loss disallowed), ``2`` (term)."""
        if self.broker is None:
            return ()
        pairs = (
            ("1e", self.basis, self.broker.basis),
            ("1g", self.adjustment, self.broker.disallowed),
            ("2", self.term, self.broker.term),
        )
        return tuple(box for box, ours, theirs in pairs if ours != theirs)


def form_rows(realised: Iterable[RealisedRow], broker: Iterable[RealisedRow] | None = None) -> tuple[FormRow, ...]:
    """The rows of the form, Part I first, each part in the order of the sales.

    The columns are rounded so that each adds up to its exact total rounded to the cent (see `form_cents`), and column h follows from
    them: of a sale that is washed as a whole nothing is recognised.

    Args:
        realised: Rows of the ledger; those of 0 shares are left out.
        broker: The rows of the ledgers that each broker keeps by itself (one account, one symbol); None = not known.
    """
    kept = sorted((row for row in realised if row.quantity > 0), key=lambda row: row.sold)
    theirs = None if broker is None else _beside(kept, broker)
    found: list[FormRow] = []
    for term in Term:
        part = [row for row in kept if row.term is term]
        found.extend(_part(part, theirs))
    return tuple(found)


def _part(rows: Sequence[RealisedRow], theirs: Mapping[int, BrokerFigures] | None) -> list[FormRow]:
    return [
        _row(row, *cents, (theirs or {}).get(id(row))) for row, cents in zip(rows, form_cents(rows), strict=True)
    ]  # fmt: skip


def _row(row: RealisedRow, proceeds: int, basis: int, adjustment: int, permanent: int, broker: BrokerFigures | None) -> FormRow:
    quantity = share_count(row.quantity)
    if broker is not None:
        # A cent more or less of rounding is no difference: where the exact figures agree to the cent, so do the rounded ones.
        broker = BrokerFigures(
            broker.term,
            from_cents(basis) if broker.basis == from_cents(nearest_cent(row.basis)) else broker.basis,
            from_cents(adjustment) if broker.disallowed == from_cents(nearest_cent(row.disallowed)) else broker.disallowed,
        )
    wrong_term = broker is not None and broker.term is not row.term
    code = ("T" if wrong_term else "") + ("W" if adjustment else "")
    return FormRow(
        row.term, f"{plain(quantity)} sh {row.symbol}", row.acquired, row.sold, from_cents(proceeds), from_cents(basis), code,
        from_cents(adjustment), from_cents(permanent), row.account, row.symbol, quantity, row.sale, row.lot, broker,
    )  # fmt: skip


def _beside(rows: Sequence[RealisedRow], broker: Iterable[RealisedRow]) -> dict[int, BrokerFigures]:
    """By identity of our row what the broker reports of the same shares.

    Both know the same shares of a lot, but each may split them into terms at another place: shares of an equal term stand side by
    side, the others where there is room, with their part of basis and loss.
    """
    reported: dict[tuple[str, str], list[RealisedRow]] = {}
    for one in broker:
        reported.setdefault((one.sale, one.lot), []).append(one)
    room = [row.quantity for row in rows]
    portions: list[list[tuple[RealisedRow, Fraction]]] = [[] for _ in rows]
    left = {id(one): one.quantity for same in reported.values() for one in same}
    for equal_term in (True, False):
        for number, row in enumerate(rows):
            for one in reported.get((row.sale, row.lot), ()):
                taken = min(room[number], left[id(one)]) if not equal_term or one.term is row.term else Fraction(0)
                if taken:
                    portions[number].append((one, taken / one.quantity))
                    room[number] -= taken
                    left[id(one)] -= taken
    return {id(row): _figures(row.term, found) for row, found in zip(rows, portions, strict=True) if found}


def _figures(term: Term, portions: Sequence[tuple[RealisedRow, Fraction]]) -> BrokerFigures:
    """The portions together, of another term as soon as one of them is."""
    theirs = next((one.term for one, _ in portions if one.term is not term), term)
    basis = sum((one.basis * part for one, part in portions), Fraction(0))
    disallowed = sum((one.disallowed * part for one, part in portions), Fraction(0))
    return BrokerFigures(theirs, from_cents(nearest_cent(basis)), from_cents(nearest_cent(disallowed)))


def share_count(quantity: Fraction) -> Decimal:
    """``quantity`` to a millionth of a share, without trailing zeros."""
    exact = Decimal(quantity.numerator) / Decimal(quantity.denominator)
    return trim(exact.quantize(_SIX_DECIMALS, ROUND_HALF_EVEN))
