"""The answer about the wash-sale rule in a terminal, and the same as plain text."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

from rebalkit.model import Severity
from rebalkit.money import from_cents, from_micros, from_nanos
from rebalkit.report.figures import NOTHING, day, dollars, long_day, money, price, shares, signed
from rebalkit.report.page import Line, Page
from rebalkit.report.parts import IdenticalRow
from rebalkit.report.wash_answer import WashAnswer, last_day, loss_of
from rebalkit.report.wording import clean, joined
from rebalkit.tax.cents import nearest_cent
from rebalkit.tax.clean import CleanLot
from rebalkit.tax.forms import share_count
from rebalkit.tax.ledger import Match
from rebalkit.tax.trial import Trial
from rebalkit.tax.wash_view import Recent
from rebalkit.tax.window import WINDOW

__all__ = ["wash_lines"]

_YES, _NO, _PARTLY = "bold green", "bold red", "bold yellow"
_TERMS = {frozenset({True}): "long", frozenset({False}): "short", frozenset({True, False}): "both"}


def wash_lines(answer: WashAnswer, width: int, encoding: str) -> list[Line]:
    """The answer as the lines of a terminal of ``width`` columns and that ``encoding``."""
    page = Page(width, encoding)
    page.say(f"{answer.symbol} and the wash-sale rule on {long_day(answer.as_of)}", "bold")
    page.say(f"Account: {clean(answer.account)} ({answer.kind.value})", "dim")
    if len(answer.identical) > 1:
        page.say(f"Count as one: {IdenticalRow(answer.identical, answer.index).words}", "dim")
    _buying(page, answer)
    _selling(page, answer)
    if answer.elsewhere:
        page.head("Held elsewhere")
        page.table(("Account", "Kind", "Security", "#Shares"), (
            (clean(one.account), one.kind.value, one.symbol, shares(one.quantity)) for one in answer.elsewhere
        ))  # fmt: skip
    page.head("What could spoil this")
    for one in answer.hazards:
        page.say(f"{one.severity.value.upper()}  {clean(one.message)}", "bold yellow" if one.severity is Severity.WARNING else "")
    return page.lines


def _buying(page: Page, answer: WashAnswer) -> None:
    page.head(f"Buy {answer.symbol} today?")
    if answer.buy_from is None:
        page.say("Yes: a purchase takes no loss away that was taken in the last 30 days.", _YES)
        if answer.losing:
            page.say(
                f"But not both: shares bought today take away the losses that are taken on other lots through {day(answer.as_of + WINDOW)}, and "
                "a loss taken today forbids the purchase.",
                "dim",
            )
    else:
        page.say(
            f"Not before {day(answer.buy_from)}: until then a purchase, in whatever account, takes a loss away that was taken before.",
            _NO,
        )
        page.table(("Loss taken", "Account", "Sold", "#Shares", "#At stake", "Last day", "Free from"), (
            (f"{one.what}, {one.symbol}", clean(one.account), day(one.sold), shares(from_micros(one.micros)),
             "not known" if one.loss is None else money(from_nanos(one.loss)), day(last_day(one)), day(one.free_from))
            for one in answer.exposed
        ))  # fmt: skip
        for one in answer.doubted:
            page.say(
                f"More may be at stake of {day(one.sold)} in {clean(one.account)}: what was sold may have taken over a loss from before "
                "the record, and nobody can count that.",
                _PARTLY,
            )
        page.say(
            "Each share bought takes away the loss of one, the earliest sale first: in a taxable account it is added to the basis of "
            "what is bought, in an IRA it is lost for good.",
            "dim",
        )
    if answer.purchase is not None:
        _purchase(page, answer, answer.purchase)


def _purchase(page: Page, answer: WashAnswer, trial: Trial) -> None:
    page.space()
    what = f"Buying {shares(trial.quantity)} {trial.symbol} in {clean(trial.account)} today"
    if trial.matches:
        page.say(f"{what} washes {_usd(trial.washed)} of losses{_fate(trial)}.", _NO)
        page.table(("Sold", "Account", "Security", "#Shares replaced", "#Loss washed"), (
            (day(one.sold), clean(one.account), one.symbol, _count(one.quantity), money(_cents(one.amount))) for one in trial.matches
        ))  # fmt: skip
    elif not answer.uncounted:
        page.say(f"{what} washes nothing.", _YES)
    if answer.uncounted:
        page.say(f"{what} may wash what nobody can count: {'; '.join(clean(str(one)) for one in answer.uncounted)}.", _PARTLY)


def _selling(page: Page, answer: WashAnswer) -> None:
    page.head(f"Sell {answer.symbol} at a loss today?")
    if not answer.lots:
        page.say(f"There is nothing to sell: account {clean(answer.account)} holds no {answer.symbol}.")
        return
    page.say(*_may_sell(answer))
    quote = answer.quote
    if quote is not None and quote.sane:
        of = "" if quote.date is None else f" of {day(quote.date)}"
        page.say(f"Gains and losses at the bid of {price(quote.bid)}{of}. A sale at a gain is never restricted.", "dim")
    _lots(page, answer)
    if answer.obstacles:
        page.space()
        page.say("In the way: acquired in the last 30 days", "bold")
        page.table(
            ("Account", "Lot", "Security", "Acquired", "#Shares", "Free from", "The loss is"), map(_obstacle, answer.obstacles)
        )
        page.say(
            "Each of these shares takes away the loss of one share sold; the loss on any further share counts (ask with --sell).",
            "dim",
        )
    if answer.in_one_order:
        page.say(
            f"After a loss is taken, no account may buy {' or '.join(answer.identical)} through {day(answer.as_of + WINDOW)}, reinvested "
            "dividends included.",
            "dim",
        )
    if answer.sale is not None:
        _sale(page, answer.sale)


def _may_sell(answer: WashAnswer) -> tuple[str, str]:
    """The answer in a sentence, and its style."""
    losing, order = answer.losing, answer.in_one_order
    if not answer.kind.taxable:
        return f"A loss in {clean(answer.account)} counts for nothing, so nothing can be washed: it is no taxable account.", ""
    if not losing:
        unknown = [one for one in answer.lots if one.loses is None]
        if unknown:
            return "It is not known: what the lots cost, or what they fetch, is not known of each.", _PARTLY
        return "There is no loss to take: no lot is below its basis.", ""
    count = sum((one.quantity for one in losing), Decimal(0))
    if all(one.clean == one.quantity for one in losing):
        return f"Yes: all {shares(count)} shares that lose, {_usd(loss_of(losing))} of losses. Nothing is in the way.", _YES
    if not order:
        return f"Not before {day(answer.sell_from)}: what was acquired lately takes the loss away.", _NO
    sold = sum((one.quantity for one in order), Decimal(0))
    names = joined(clean(one.lot) for one in order)
    some = "" if {one.lot for one in losing} <= set(answer.one_order) else f" The others not before {day(answer.sell_from)}."
    how = "whole and in one order" if len(order) > 1 else "whole"
    return f"Yes, but only {how}: {names}, {shares(sold)} shares, {_usd(loss_of(order))} of losses.{some}", _PARTLY


def _lots(page: Page, answer: WashAnswer) -> None:
    tacked = any(one.deemed != one.acquired for one in answer.lots)
    names = ["Lot", "Acquired", *(["Deemed"] if tacked else []), "Term", "#Shares", "#Basis", "#Gain", "#Clean", "~Otherwise"]
    rows = (
        (clean(one.lot), day(one.acquired), *([day(one.deemed)] if tacked else []), _TERMS.get(one.long, "unknown"),
         shares(one.quantity), NOTHING if one.basis is None else money(_cents(one.basis)),
         NOTHING if one.gain is None else signed(_cents(one.gain)), shares(one.clean), _otherwise(one))
        for one in answer.lots
    )  # fmt: skip
    page.table(names, rows)
    page.say("Clean: shares that may be sold, at whatever loss, when nothing else is sold.", "dim")


def _otherwise(one: CleanLot) -> str:
    """How and when the rest of a lot may be sold."""
    if one.free_from is None:
        return ""
    free = f"from {day(one.free_from)}"
    if one.together is None:
        return free
    way = f"whole with {joined(map(clean, one.together))}" if one.together else "whole"
    return f"{way}; {free}"


def _obstacle(one: Recent) -> tuple[str, ...]:
    lot = ", ".join(map(clean, one.lots)) if one.open_order is None else f"open order {clean(one.open_order)}"
    return (
        clean(one.account), lot or NOTHING, one.symbol, day(one.acquired), shares(from_micros(one.micros)), day(one.free_from),
        "deferred" if one.taxable else "lost for good",
    )  # fmt: skip


def _sale(page: Page, trial: Trial) -> None:
    page.space()
    lots = joined(f"{shares(one.quantity)} of {clean(one.lot)}" for one in trial.lots)
    lost = -sum((one.gain for one in trial.rows if one.gain < 0), Fraction(0))
    what = f"Selling {shares(trial.quantity)} {trial.symbol} today, {lots},"
    if not trial.matches:
        page.say(f"{what} takes {_usd(lost)} of losses and washes nothing." if lost else f"{what} takes no loss.", _YES)
        return
    page.say(f"{what} takes {_usd(lost)} of losses, of which {_usd(trial.washed)} is washed{_fate(trial)}.", _NO)
    page.table(("Replaced by", "Account", "Acquired", "#Shares", "#Loss washed", "The loss is"), map(_match, trial.matches))


def _match(one: Match) -> tuple[str, ...]:
    return (
        one.replacement_symbol, clean(one.replacement_account), day(one.replaced_on), _count(one.quantity), money(_cents(one.amount)),
        "lost for good" if one.permanent else "deferred",
    )  # fmt: skip


def _fate(trial: Trial) -> str:
    if not trial.permanent:
        return ": deferred, for it is added to a basis"
    return ", lost for good" if trial.permanent == trial.washed else f", of it {_usd(trial.permanent)} lost for good"


def _cents(value: Fraction) -> Decimal:
    return from_cents(nearest_cent(value))


def _usd(value: Fraction) -> str:
    return dollars(_cents(value))


def _count(value: Fraction) -> str:
    return shares(share_count(value))
