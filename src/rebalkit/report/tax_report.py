"""What the reports of a tax year show."""

from __future__ import annotations

from collections.abc import Mapping

from attrs import frozen

from rebalkit.model import AccountKind
from rebalkit.report.figures import dollars
from rebalkit.report.wording import clean
from rebalkit.tax.explain import Rule, amounts, explain_match, rules_behind
from rebalkit.tax.ledger import Match
from rebalkit.tax.profile import TaxEstimate, TaxProfile, tax_of
from rebalkit.tax.schedule_d import ScheduleLine, schedule_d
from rebalkit.tax.year import TaxYear

__all__ = ["BASIS_DIFFERS", "DIFFERENCES", "TaxReport", "accounts_seen"]

DIFFERENCES = (
    "A broker looks at its own account and one security. The law looks at all of them, and its figure is the one that counts."
)
"""Why Form 1099-B can say something else."""

BASIS_DIFFERS = (
    "Where box 1e differs, the instructions for Form 8949 want the broker's basis in column e, and add code B in column f and "
    "the difference, with its sign, to column g; column h stays what it is."
)
"""What the form asks for then (code B, for sales reported with their basis)."""


def accounts_seen(accounts: Mapping[str, AccountKind]) -> str:
    """``main (taxable), savings (ira)``."""
    return ", ".join(f"{clean(name)} ({kind.value})" for name, kind in accounts.items())


@frozen
class TaxReport:
    """One tax year.

    Attributes:
        year: Its figures.
        profile: The rates of the person; None = nothing is known of them, and no tax is counted.
        accounts: The accounts that the ledger saw, each with how it is taxed.
        identical: The sets of symbols that were treated as identical and of which one was traded.
        matches: The replacements found for the sales of the year.
        notes: Remarks on the files.
    """

    year: TaxYear
    profile: TaxProfile | None
    accounts: Mapping[str, AccountKind]
    identical: tuple[tuple[str, ...], ...]
    matches: tuple[Match, ...]
    notes: tuple[str, ...]

    @property
    def title(self) -> str:
        """``Tax year 2025``."""
        return f"Tax year {self.year.year}"

    @property
    def seen(self) -> str:
        """The accounts, for a person."""
        return accounts_seen(self.accounts)

    @property
    def lines(self) -> tuple[ScheduleLine, ...]:
        """The lines of Schedule D."""
        return schedule_d(self.year)

    @property
    def estimate(self) -> TaxEstimate | None:
        """What the year costs or saves at the rates of the profile; None without one."""
        return None if self.profile is None else tax_of(self.year.netting, self.profile)

    @property
    def explanations(self) -> tuple[str, ...]:
        """Why each loss is disallowed, in the order of the sales."""
        found = zip(self.matches, amounts(self.year.rows, self.matches), strict=True)
        return tuple(explain_match(match, amount, sources=False) for match, amount in found)

    @property
    def rules(self) -> tuple[Rule, ...]:
        """The rules that the explanations name."""
        return rules_behind(self.matches)

    @property
    def outcome(self) -> str:
        """The netting in one sentence."""
        netting, following = self.year.netting, self.year.year + 1
        if netting.net > 0:
            return f"A net gain of {dollars(netting.net)}: short-term {dollars(netting.short_gain)}, long-term {dollars(netting.long_gain)}."
        if not netting.net:
            return "Gains and losses come to nothing."
        carried = netting.carry_short + netting.carry_long
        rest = (
            f"{dollars(carried)} carried into {following}: short-term {dollars(netting.carry_short)}, "
            f"long-term {dollars(netting.carry_long)}."
            if carried
            else f"nothing is carried into {following}."
        )
        return f"A net loss of {dollars(-netting.net)}: {dollars(netting.deduction)} deducted, {rest}"
