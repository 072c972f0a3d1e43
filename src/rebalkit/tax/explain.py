"""Why a loss is disallowed: the rules that a match rests on, each with its source, and the match in words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal

from attrs import frozen

from rebalkit.money import from_cents, to_cents
from rebalkit.tax.cents import nearest_cent, whole_cents
from rebalkit.tax.forms import FormRow, share_count
from rebalkit.tax.ledger import Match

__all__ = ["RULES", "Rule", "amounts", "explain_match", "rules_behind", "rules_of"]


@frozen
class Rule:
    """One rule of the ledger.

    Attributes:
        name: Its name in the documentation, ``R1`` to ``R24``.
        words: What it says.
        source: Where that is written.
    """

    name: str
    words: str
    source: str


RULES: Mapping[str, Rule] = {
    rule.name: rule
    for rule in (
        Rule("R1", "A loss is not deductible if substantially identical shares are acquired within the window.", "26 USC 1091(a)"),
        Rule(
            "R2", "The window runs from 30 calendar days before to 30 days after the sale, by trade dates.",
            "26 USC 1091(a); Reg. 1.1091-1(a); Rev. Rul. 66-97, 70-598",
        ),
        Rule(
            "R3", "Which symbols are substantially identical the person declares; funds of one index are too, unless switched off.",
            "26 USC 1091(a); no ruling for funds",
        ),
        Rule(
            "R4", "Purchases, reinvested dividends and shares vested as pay are acquisitions; gifts, transfers and splits are not.",
            "Reg. 1.1091-1(a), (f); IRS Publication 550",
        ),
        Rule("R5", "Losses are taken in the order of the sales, within one order by real acquisition.", "Reg. 1.1091-1(b)"),
        Rule("R6", "Replacements are taken in the order of their real acquisition, in all accounts.", "Reg. 1.1091-1(c), (d)"),
        Rule("R7", "One share acquired replaces one share sold.", "26 USC 1091(b), (c); Reg. 1.1091-1(c), (d)"),
        Rule("R8", "A share that has replaced one loss replaces no other.", "Reg. 1.1091-1(e)"),
        Rule("R9", "What was bought in one order with the shares sold does not replace them.", "Rev. Rul. 56-602"),
        Rule("R10", "A share acquired before the sale replaces only while it is still held after it.", "reading of Reg. 1.1091-1"),
        Rule("R12", "Disallowed is the loss of each share that was replaced.", "26 USC 1091(a); Reg. 1.1091-1(c)"),
        Rule("R13", "The loss is added to the basis of the share that replaces.", "26 USC 1091(d); Reg. 1.1091-2"),
        Rule(
            "R14", "The replacement is deemed held as long as the share that it replaces was.",
            "26 USC 1223(3); Reg. 1.1091-1(h) Ex. 3",
        ),
        Rule("R16", "All accounts of the person and the spouse count as one.", "IRS Publication 550, Wash Sales"),
        Rule("R17", "What an IRA buys takes the loss away for good: no basis is raised.", "Rev. Rul. 2008-5"),
    )
}  # fmt: skip
"""The rules that a match can rest on, by name."""


def rules_of(match: Match) -> tuple[Rule, ...]:
    """The rules that ``match`` rests on, in their order."""
    names = ["R1", "R2", "R4", "R5", "R6", "R7", "R8"]
    if match.symbol != match.replacement_symbol:
        names.append("R3")
    if match.replaced_on < match.sold:
        names.append("R10")
    names.append("R12")
    names.extend(("R17",) if match.permanent else ("R13", "R14"))
    if match.account != match.replacement_account:
        names.append("R16")
    return tuple(rule for name, rule in RULES.items() if name in names)


def rules_behind(matches: Iterable[Match]) -> tuple[Rule, ...]:
    """The rules that any of ``matches`` rests on, in their order."""
    rules = {rule.name: rule for match in matches for rule in rules_of(match)}
    return tuple(rule for name, rule in RULES.items() if name in rules)


def explain_match(match: Match, amount: Decimal | None = None, *, sources: bool = True) -> str:
    """``match`` as sentences for a person: lots, dates, shares, dollars, what becomes of the loss, and the rules.

    Args:
        match: The match.
        amount: Its loss in whole cents (see `amounts`); None for the nearest.
        sources: Whether the source of each rule stands beside its name.
    """
    shares = f"{share_count(match.quantity):,f}"
    dollars = f"${from_cents(nearest_cent(match.amount)) if amount is None else amount:,f}"
    elsewhere = f" in {match.replacement_account}" if match.replacement_account != match.account else ""
    first = (
        f"{shares} sh {match.symbol} of lot {match.loss_lot}, sold at a loss in {match.account} on {match.sold} ({match.sale}), "
        f"are replaced by {shares} sh {match.replacement_symbol} of lot {match.replacement_lot}, acquired{elsewhere} "
        f"{_when(match)}."
    )
    if match.permanent:
        second = f"The loss of {dollars} is lost for good: {match.replacement_account} is an IRA or treated like one, and no basis is raised."
    else:
        second = (
            f"The loss of {dollars} is added to the basis of lot {match.replacement_lot}, whose shares are deemed held since "
            f"{match.deemed_acquired}."
        )
    if sources:
        return f"{first} {second} Rules: {'; '.join(f'{rule.name} ({rule.source})' for rule in rules_of(match))}."
    return f"{first} {second} Rules: {', '.join(rule.name for rule in rules_of(match))}."


def amounts(rows: Iterable[FormRow], matches: Sequence[Match]) -> list[Decimal]:
    """The losses of ``matches`` in whole cents, which add up to column g of the ``rows`` of the same sale and lot.

    Those that are permanent add up to what these rows say is permanent.
    """
    totals: dict[tuple[str, str, bool], int] = {}
    for row in rows:
        for permanent, part in ((True, row.permanent), (False, row.adjustment - row.permanent)):
            key = (row.sale, row.lot, permanent)
            totals[key] = totals.get(key, 0) + to_cents(part)
    alike: dict[tuple[str, str, bool], list[int]] = {}
    for number, match in enumerate(matches):
        alike.setdefault((match.sale, match.loss_lot, match.permanent), []).append(number)
    found = [Decimal(0)] * len(matches)
    for key, numbers in alike.items():
        for number, cents in zip(numbers, whole_cents([matches[one].amount for one in numbers], totals.get(key)), strict=True):
            found[number] = from_cents(cents)
    return found


def _when(match: Match) -> str:
    days = (match.replaced_on - match.sold).days
    if days == 0:
        return f"on the same day, {match.replaced_on}"
    return (
        f"on {match.replaced_on}, {abs(days)} {'day' if abs(days) == 1 else 'days'} {'after' if days > 0 else 'before'} the sale"
    )
