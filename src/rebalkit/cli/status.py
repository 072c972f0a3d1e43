"""``rebalkit status``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click

from rebalkit.cli.options import json_option
from rebalkit.cli.output import say, show

if TYPE_CHECKING:
    from rebalkit.pipeline.journals import KeptJournal
    from rebalkit.report.page import Line

__all__ = ["command"]

_OPEN, _DAMAGED = 7, 8
"""Exit codes, as `rebalkit.errors.UnknownOrderState` and `JournalError` have them."""


@click.command("status")
@json_option
def command(as_json: bool) -> int:
    """Say of every journal whether it is whole, what is under way, what is not known, and what `rebalkit resume` would do.

    Reads the journals only and asks no broker. Ends with 0 when no run is open, with 7 when one is, with 8 when a journal is damaged.

    \b
    Examples:
      rebalkit status
      rebalkit status --json
    """
    from rebalkit.pipeline.journals import kept_journals
    from rebalkit.pipeline.stopping import stop_wish

    kept, stopped = kept_journals(), stop_wish()
    if not kept and not as_json:
        say("No order was ever placed: there is no journal.")
        if stopped:
            say(f"No order is sent at present: {stopped}")
        return 0
    show(
        lambda: _document(kept, stopped),
        lambda width, encoding: _lines(kept, stopped, width, encoding),
        as_json=as_json,
    )
    if any(one.problem is not None for one in kept):
        return _DAMAGED
    return _OPEN if any(one.open_run is not None for one in kept) else 0


def _document(kept: Sequence[KeptJournal], stopped: str) -> dict[str, Any]:
    from rebalkit.report.run_status import run_document

    return {
        "journals": [
            {
                "journal": str(one.path),
                "account": one.runs[-1].account if one.runs else None,
                "live": one.runs[-1].live if one.runs else None,
                "state": "verified" if one.problem is None else "damaged",
                "code": None if one.problem is None else one.problem.code,
                "problem": None if one.problem is None else str(one.problem),
                "events": one.events,
                "head": one.head or None,
                "held_by": one.holder or None,
                "run": None if one.open_run is None else run_document(one.open_run),
            }
            for one in kept
        ],
        "stop": stopped or None,
    }


def _lines(kept: Sequence[KeptJournal], stopped: str, width: int, encoding: str) -> list[Line]:
    from rebalkit.report.page import Page
    from rebalkit.report.run_status import candidate_words, leg_words, next_words, order_words, run_words
    from rebalkit.report.wording import clean, counted

    page = Page(width, encoding)
    if stopped:
        page.say(f"No order is sent at present: {clean(stopped)}", "bold red")
    for number, one in enumerate(kept):
        if number or stopped:
            page.space()
        last = one.runs[-1] if one.runs else None
        page.say(
            f"{'LIVE' if last.live else 'PAPER'}  account {clean(last.account)}" if last else clean(one.path.name),
            "bold underline",
        )
        if one.problem is not None:
            page.say(f"DAMAGED  {clean(str(one.problem))}", "bold red", 2)
            continue
        page.say(
            f"Journal {one.path.name}: {counted(one.events, 'event')}, verified{f', the last one {one.head}' if one.head else ''}.",
            indent=2,
        )
        run = one.open_run
        if run is None:
            page.say("Nothing is open.", indent=2)
            continue
        page.say(f"OPEN  plan {run.run} of {run.as_of}: {run_words(run)}", "bold yellow", 2)
        page.say(f"Run: {clean(run.folder)}", indent=2)
        for leg in run.legs.values():
            page.say(f"{leg.asked.client_id}  {order_words(leg)}: {leg_words(leg)}", indent=4)
            for candidate in leg.candidates:
                page.say(f"may be the broker's {candidate_words(candidate)}", indent=8)
        if one.holder:
            page.say(f"It is being carried out now, by {clean(one.holder)}.", "bold", 2)
        else:
            page.say(f"`rebalkit resume` would {next_words(run)}.", indent=2)
    return page.lines
