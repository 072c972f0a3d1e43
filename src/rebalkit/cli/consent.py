"""Asking for consent: at a terminal, or by what the command line says."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, TypeVar, cast

import click

from rebalkit.cli.options import with_options
from rebalkit.errors import UsageError

if TYPE_CHECKING:
    from rebalkit.pipeline.consent import Consent, Question

__all__ = ["asking", "consent_options", "question_lines", "refuse_wrong_approval"]

F = TypeVar("F", bound=Callable[..., Any])

_MOST_SHOWN = 20
"""Orders that a person reads one by one; more are in the report."""
_COLOURS = {"LIVE": {"fg": "bright_white", "bg": "red"}, "PAPER": {"fg": "black", "bg": "green"}}
"""Of what a person must never mix up. The word says it, too."""


def consent_options(command: F) -> F:
    """Add ``--live``, ``--yes`` and ``--approve``."""
    options = (
        click.option("--live", is_flag=True, help="Move real money."),
        click.option("--yes", is_flag=True, help="Do not ask. Never enough where real money moves."),
        click.option("--approve", metavar="PLAN", help="Do not ask: this is the id of the plan that was read, all 12 digits."),
    )
    return cast(F, with_options(command, options))


def refuse_wrong_approval(plan_id: str, *, live: bool, yes: bool, approve: str | None) -> None:
    """Raise UsageError for an approval that cannot be one, before anything is read from a broker."""
    if live and yes:
        raise UsageError(
            "a plain yes is no consent where real money moves",
            place="--yes",
            code="yes_is_not_enough",
            remedy=f"Type the phrase that is asked for at a terminal, or give the plan's id: --approve {plan_id}.",
        )
    if approve is not None and approve != plan_id:
        raise UsageError(
            f"{approve!r} is not the id of the plan",
            place="--approve",
            code="approve_differs",
            remedy="Give all 12 digits of the plan that you read, as its report shows them.",
        )


def asking(*, yes: bool, approve: str | None) -> Consent:
    """What answers the question for this command line; `refuse_wrong_approval` has passed."""

    def consent(question: Question) -> str:
        if approve is not None:
            return "plan_id"
        if yes and not question.live:
            return "flag"
        if not question.sells and not question.buys:
            return "nothing_to_do"
        if not (sys.stdin.isatty() and sys.stderr.isatty()):
            remedy = "add --yes" if not question.live else f"give its id: --approve {question.plan_id}"
            raise UsageError("there is no terminal to ask at", code="no_consent", remedy=f"Read the plan, then {remedy}.")
        return _asked(question)

    return consent


def _asked(question: Question) -> str:
    from rebalkit.pipeline.consent import says_phrase
    from rebalkit.pipeline.stopping import leaving_on_interrupt

    for line in question_lines(question, colours=not os.environ.get("NO_COLOR")):
        click.echo(line, err=True)
    with leaving_on_interrupt():
        if not question.live:
            return "terminal" if click.confirm("Place these orders?", default=False, err=True) else ""
        typed = click.prompt(
            f"To place them type  {question.phrase}  and anything else to leave", default="", show_default=False, err=True
        )
    return "phrase" if says_phrase(question, typed) else ""


def question_lines(question: Question, *, colours: bool) -> Iterator[str]:
    """``question`` as the lines that a person reads before answering."""
    from rebalkit.report.figures import day, dollars, price, shares, signed
    from rebalkit.report.wording import clean, counted

    word = "LIVE" if question.live else "PAPER"
    sign = click.style(f" {word} ", bold=True, **_COLOURS[word]) if colours else f" {word} "  # type: ignore[arg-type]
    what = "real money moves" if question.live else "no money moves"
    yield f"{sign} {clean(question.broker)}: {what}"

    tax = question.tax
    rows = [
        ("Account", f"{clean(question.account_tail)}, worth {dollars(question.value)}"),
        ("Plan", f"{question.plan_id} of {day(question.as_of)}"),
        (
            "Orders",
            f"{counted(question.sells, 'sale')} ({counted(question.lots, 'lot')}), {counted(question.buys, 'purchase')}, "
            f"together ${question.turnover:,}",
        ),
        (
            "At worst",
            f"sales bring {dollars(question.least_proceeds)} if all of them fill, purchases cost {dollars(question.most_spent)} "
            f"and their fees; fees of the sales {dollars(question.fees)}",
        ),
        (
            "Tax",
            f"losses short {signed(tax.short_loss)}, long {signed(tax.long_loss)}; gains short {signed(tax.short_gain)}, "
            f"long {signed(tax.long_gain)}; before netting",
        ),
    ]
    each = [
        f"{one.side.value} {shares(one.quantity)} {clean(one.symbol)} at about {price(one.limit)}"
        + (f" ({counted(len(one.lots), 'lot')})" if one.lots else "")
        for one in question.orders[:_MOST_SHOWN]
    ]
    if len(question.orders) > _MOST_SHOWN:
        each.append(f"and {len(question.orders) - _MOST_SHOWN} smaller ones, see the report")
    yield from (f"  {name:<9} {text}" for name, text in rows[:3])
    yield from (f"  {'':<9} {text}" for text in each)
    yield from (f"  {name:<9} {text}" for name, text in rows[3:])
    for number, sentence in enumerate(question.unchecked):
        yield f"  {'' if number else 'Not sure':<9} {clean(sentence)}"
