"""The ledger and the tax year in a terminal, and the same as plain text."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING

from rebalkit.money import from_cents
from rebalkit.report.figures import NOTHING, day, dollars, money, percent, shares, signed
from rebalkit.report.page import Line, Page
from rebalkit.report.tax_report import BASIS_DIFFERS, DIFFERENCES, TaxReport
from rebalkit.report.wording import clean
from rebalkit.tax.cents import nearest_cent
from rebalkit.tax.explain import amounts, explain_match, rules_behind
from rebalkit.tax.forms import FormRow, share_count
from rebalkit.tax.ledger import Match, OpenLot, Term
from rebalkit.tax.position import LONG_AGO

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["form_lines", "ledger_lines", "year_lines"]

_BOXES = {"1e": "1e, basis", "1g": "1g, wash sale loss disallowed", "2": "2, term"}


def ledger_lines(
    title: str,
    rows: Sequence[FormRow],
    matches: Sequence[Match],
    held: Sequence[OpenLot],
    unpriced: frozenset[str],
    width: int,
    encoding: str,
) -> list[Line]:
    """The ledger: each sale with its lots and with why its loss is disallowed, then what is still held.

    Args:
        title: First line.
        rows: What was realised, in whole cents.
        matches: The replacements found for these sales.
        held: The open lots.
        unpriced: Ids of those whose cost is not known.
        width: Columns of the terminal.
        encoding: Its encoding.
    """
    page = Page(width, encoding)
    page.say(title, "bold")
    why: dict[str, list[str]] = {}
    given: dict[tuple[str, str], tuple[Fraction, Decimal]] = {}
    for match, amount in zip(matches, amounts(rows, matches), strict=True):
        lot = (match.replacement_account, match.replacement_lot)
        exactly, told = given.get(lot, (Fraction(0), Decimal(0)))
        given[lot] = (exactly + match.amount, told + amount)
        why.setdefault(match.sale, []).append(explain_match(match, amount, sources=False))
    by_sale: dict[str, list[FormRow]] = {}
    for row in sorted(rows, key=lambda one: one.sold):
        by_sale.setdefault(row.sale, []).append(row)
    page.head("Realised")
    if not by_sale:
        page.say("No sale in a taxable account.")
    for number, (sale, lots) in enumerate(by_sale.items()):
        if number:
            page.space()
        _sale(page, sale, lots, why.get(sale, ()))
    page.head("Held")
    if held:
        _held(page, held, unpriced, given)
    else:
        page.say("Nothing.")
    _rules(page, matches)
    return page.lines


def _held(
    page: Page, held: Sequence[OpenLot], unpriced: frozenset[str], given: Mapping[tuple[str, str], tuple[Fraction, Decimal]]
) -> None:
    def added(one: OpenLot) -> Decimal:
        # As the explanations above say it, where all that was added to the lot is in them and still in it.
        exactly, told = given.get((one.account, one.lot), (None, Decimal(0)))
        return told if exactly == one.added else from_cents(nearest_cent(one.added))

    def basis(one: OpenLot) -> str:
        return NOTHING if one.lot in unpriced else money(from_cents(nearest_cent(one.basis - one.added)) + added(one))

    names = ("Account", "Security", "Lot", "#Shares", "#Basis", "#Added", "Acquired", "Deemed")
    page.table(names, (
        (clean(one.account), one.symbol, clean(one.lot), shares(share_count(one.quantity)),
         basis(one), money(added(one)), _day(one.acquired), _day(one.deemed_acquired))
        for one in held
    ))  # fmt: skip
    page.say("Added: losses of wash sales in the basis. Deemed: the date from which the holding period counts.", "dim")


def _rules(page: Page, matches: Sequence[Match]) -> None:
    rules = rules_behind(matches)
    if rules:
        page.head("Rules")
        page.table(("Rule", "What it says", "Source"), ((rule.name, rule.words, rule.source) for rule in rules))


def _sale(page: Page, sale: str, lots: Sequence[FormRow], why: Sequence[str]) -> None:
    first = lots[0]
    sold = sum((one.quantity for one in lots), Decimal(0))
    page.say(f"{day(first.sold)}  {shares(sold)} {first.symbol} sold in {clean(first.account)}  ({clean(sale)})", "bold")
    page.table(("Lot", "Acquired", "Term", "#Shares", "#Proceeds", "#Basis", "#Disallowed", "#Recognised"), (
        (clean(one.lot), day(one.acquired), one.term.value, shares(one.quantity), money(one.proceeds), money(one.basis),
         money(one.adjustment), signed(one.gain))
        for one in lots
    ), 2)  # fmt: skip
    reported = [one.broker for one in lots if one.broker is not None]
    disallowed = sum((one.adjustment for one in lots), Decimal(0))
    if reported:
        theirs = sum((one.disallowed for one in reported), Decimal(0))
        if disallowed or theirs:
            same = "the same" if theirs == disallowed else f"not {dollars(disallowed)}: it looks at one account and one security"
            page.say(f"The broker reports {dollars(theirs)} in box 1g, {same}.", indent=2)
    for words in why:
        page.say(clean(words), indent=2)


def year_lines(report: TaxReport, width: int, encoding: str) -> list[Line]:
    """A tax year: sums, netting, Schedule D, tax, and what brokers report otherwise."""
    page = Page(width, encoding)
    year, netting = report.year, report.year.netting
    page.say(report.title, "bold")
    page.say(f"Accounts: {report.seen}", "dim")
    if report.identical:
        page.say(f"Treated as identical: {'; '.join(' = '.join(one) for one in report.identical)}", "dim")
    page.space()
    page.say(report.outcome)
    page.head("Gains and losses")
    page.table(("", "#Short-term", "#Long-term", "#Sum"), (
        ("recognised", signed(year.short), signed(year.long), signed(year.short + year.long)),
        ("carried in", signed(-year.carried_short), signed(-year.carried_long), signed(-year.carried_short - year.carried_long)),
        ("net", signed(netting.short), signed(netting.long), signed(netting.net)),
    ))  # fmt: skip
    lost = f", of it {dollars(year.permanent)} lost for good" if year.permanent else ""
    page.say(f"Disallowed by wash sales: {dollars(year.disallowed)}{lost}.")
    page.head("Schedule D")
    page.table(("Line", "What", "#Proceeds (d)", "#Basis (e)", "#Adjustment (g)", "#Gain (h)"), (
        (one.line, one.label, _blank(one.proceeds), _blank(one.basis), _blank(one.adjustment), signed(one.gain))
        for one in report.lines
    ))  # fmt: skip
    _tax(page, report)
    _differences(page, year.differing)
    return page.lines


def _tax(page: Page, report: TaxReport) -> None:
    page.head("Tax, estimated")
    profile, estimate = report.profile, report.estimate
    if profile is None or estimate is None:
        page.say("Not counted: the configuration has no [tax.profile], which says what your rates are.")
        return
    parts: tuple[tuple[str, Decimal | None, Decimal | None], ...] = (
        ("federal, short-term", profile.short_rate, estimate.federal_short),
        ("federal, long-term", profile.long_rate, estimate.federal_long),
        ("net investment income", profile.net_investment_rate, estimate.net_investment),
        ("state", profile.state_rate, estimate.state),
        ("together", None, estimate.total),
    )
    page.table(("Tax", "#Rate %", "#USD"), ((name, percent(rate), signed(amount)) for name, rate, amount in parts))
    page.say(
        "Below zero: saved. At the rates of the next dollar; a gain that reaches into another bracket is not followed there.",
        "dim",
    )
    for source in profile.sources:
        page.say(f"{source}.", "dim")


def form_lines(report: TaxReport, width: int, encoding: str) -> list[Line]:
    """The rows of Form 8949, part by part, and what brokers report otherwise."""
    page = Page(width, encoding)
    page.say(f"Form 8949 for {report.year.year}", "bold")
    for term, name in ((Term.SHORT, "Part I, short-term, box A"), (Term.LONG, "Part II, long-term, box D")):
        rows = report.year.part(term)
        page.head(name)
        if not rows:
            page.say("No sale.")
            continue
        names = ("(a) What", "(b) Acquired", "(c) Sold", "#(d) Proceeds", "#(e) Basis", "(f)", "#(g)", "#(h) Gain")
        cells = [
            (one.description, day(one.acquired), day(one.sold), money(one.proceeds), money(one.basis), one.code,
             money(one.adjustment) if one.adjustment else "", signed(one.gain))
            for one in rows
        ]  # fmt: skip
        sums = [sum((getattr(one, key) for one in rows), Decimal(0)) for key in ("proceeds", "basis", "adjustment", "gain")]
        total = ("Total", "", "", money(sums[0]), money(sums[1]), "", money(sums[2]), signed(sums[3]))
        page.table(names, [*cells, total])
    _differences(page, report.year.differing)
    return page.lines


def _differences(page: Page, rows: Sequence[FormRow]) -> None:
    if not rows:
        return
    page.head("Where Form 1099-B says something else")
    page.say(DIFFERENCES)
    if any("1e" in row.differs for row in rows):
        page.say(BASIS_DIFFERS)
    page.table(("Sold", "What", "Account", "Box", "#Ours", "#The broker's"), _pairs(rows))


def _pairs(rows: Iterable[FormRow]) -> Iterable[Sequence[str]]:
    for row in rows:
        if row.broker is None:
            continue
        figures: Mapping[str, tuple[str, str]] = {
            "1e": (money(row.basis), money(row.broker.basis)),
            "1g": (money(row.adjustment), money(row.broker.disallowed)),
            "2": (row.term.value, row.broker.term.value),
        }
        for box in row.differs:
            yield (day(row.sold), row.description, clean(row.account), _BOXES[box], *figures[box])


def _day(value: dt.date) -> str:
    return NOTHING if value == LONG_AGO else day(value)


def _blank(value: Decimal | None) -> str:
    return "" if value is None else money(value)
