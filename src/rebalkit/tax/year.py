"""One tax year of a ledger: what is recognised, what a wash sale takes away, netting, and what is carried over."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from decimal import Decimal

from attrs import frozen

from rebalkit.money import CENT
from rebalkit.tax.forms import FormRow, form_rows
from rebalkit.tax.ledger import Ledger, RealisedRow, Term
from rebalkit.tax.netting import LIMIT, Netting, net

__all__ = ["TaxYear"]

_NOTHING = Decimal("0.00")


@frozen
class TaxYear:
    """The sales of one calendar year, in whole cents. What was exact until here is rounded here, and only here.

    Attributes:
        year: Calendar year of the trade dates of the sales.
        rows: The rows of Form 8949; everything else is a sum of them.
        carried_short: Short-term loss carried in, as the person gave it, 0 or more.
        carried_long: Long-term loss carried in.
        limit: The most that is deducted of a net loss.
        netting: What remains when all have met.
    """

    year: int
    rows: tuple[FormRow, ...]
    carried_short: Decimal
    carried_long: Decimal
    limit: Decimal
    netting: Netting

    @classmethod
    def of(
        cls,
        ledger: Ledger,
        year: int,
        *,
        carry_short: Decimal = _NOTHING,
        carry_long: Decimal = _NOTHING,
        limit: Decimal = LIMIT,
        broker: Iterable[RealisedRow] | None = None,
        accounts: Collection[str] | None = None,
    ) -> TaxYear:
        """The year ``year`` of ``ledger``.

        Args:
            ledger: The ledger of all accounts.
            year: Calendar year.
            carry_short: Short-term loss carried in from the return of the year before, 0 or more. It is not guessed from the ledger.
            carry_long: Long-term loss carried in.
            limit: `LIMIT`, or `LIMIT_SEPARATE` for a married person who files separately.
            broker: Rows as each broker reports them (see `form_rows`); None = not known.
            accounts: The accounts whose sales are on the return; None = all taxable ones, as on a joint return.

        Raises:
            ValueError: For a carryover below 0.
        """
        carry_short, carry_long, limit = (amount.quantize(CENT) for amount in (carry_short, carry_long, limit))
        theirs = None if broker is None else [row for row in broker if row.sold.year == year]
        ours = [row for row in ledger.realised if row.sold.year == year and (accounts is None or row.account in accounts)]
        rows = form_rows(ours, theirs)
        sums = {term: sum((row.gain for row in rows if row.term is term), _NOTHING) for term in Term}
        netting = net(sums[Term.SHORT], sums[Term.LONG], carry_short, carry_long, limit)
        return cls(year, rows, carry_short, carry_long, limit, netting)

    def part(self, term: Term) -> tuple[FormRow, ...]:
        """The rows of one part of the form."""
        return tuple(row for row in self.rows if row.term is term)

    @property
    def short(self) -> Decimal:
        """Recognised short-term, before what was carried in."""
        return self.netting.short + self.carried_short

    @property
    def long(self) -> Decimal:
        """Recognised long-term, before what was carried in."""
        return self.netting.long + self.carried_long

    @property
    def disallowed(self) -> Decimal:
        """Loss that wash sales take away this year, 0 or more."""
        return sum((row.adjustment for row in self.rows), _NOTHING)

    @property
    def permanent(self) -> Decimal:
        """What of it is lost for good, because an IRA bought (Rev. Rul. 2008-5)."""
        return sum((row.permanent for row in self.rows), _NOTHING)

    @property
    def differing(self) -> tuple[FormRow, ...]:
        """The rows of which the broker reports something else."""
        return tuple(row for row in self.rows if row.differs)
