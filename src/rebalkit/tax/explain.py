"""Why a loss is disallowed: the rules that a match rests on, each with its source, and the match in words."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal

from attrs import frozen

from rebalkit.money import from_cents
from rebalkit.tax.cents import nearest_cent
from rebalkit.tax.forms import share_count
from rebalkit.tax.ledger import Match
from rebalkit.tax.window import WINDOW

__all__ = ["RULES", "Rule", "explain_match", "rules_of"]


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
        Rule("R3", "Which symbols are substantially identical is declared by the person.", "26 USC 1091(a); no ruling for funds"),
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
        names.insert(2, "R3")
    if match.replaced_on < match.sold:
        names.append("R10")
    names.append("R12")
    names.extend(("R17",) if match.permanent else ("R13", "R14"))
    if match.account != match.replacement_account:
        names.append("R16")
    return tuple(RULES[name] for name in sorted(names, key=lambda name: int(name[1:])))


def explain_match(match: Match) -> str:
    """``match`` as sentences for a person: lots, dates, shares, dollars, what becomes of the loss, and the rules with their sources."""
    shares = f"{share_count(match.quantity):,f}"
    amount = f"${_cents(match):,f}"
    elsewhere = f" in {match.replacement_account}" if match.replacement_account != match.account else ""
    first = (
        f"{shares} sh {match.symbol} of lot {match.loss_lot}, sold at a loss in {match.account} on {match.sold} ({match.sale}), "
        f"are replaced by {shares} sh {match.replacement_symbol} of lot {match.replacement_lot}, acquired{elsewhere} "
        f"{_when(match)}."
    )
    if match.permanent:
        second = f"The loss of {amount} is lost for good, for an IRA bought: it is added to no basis."
    else:
        second = (
            f"The loss of {amount} is added to the basis of lot {match.replacement_lot}, whose shares are deemed held since "
            f"{match.deemed_acquired}."
        )
    return f"{first} {second} Rules: {'; '.join(f'{rule.name} ({rule.source})' for rule in rules_of(match))}."


def _cents(match: Match) -> Decimal:
    return from_cents(nearest_cent(match.amount))


def _when(match: Match) -> str:
    """On which day, and how far from the sale that is; further than the law's window only under a policy that widens it."""
    days = (match.replaced_on - match.sold) // dt.timedelta(days=1)
    if days == 0:
        return f"on the same day, {match.replaced_on}"
    side = "after" if days > 0 else "before"
    word = "day" if abs(days) == 1 else "days"
    inside = f" of the {WINDOW.days} that count" if abs(days) <= WINDOW.days else ""
    return f"on {match.replaced_on}, {abs(days)} {word}{inside} {side} the sale"
