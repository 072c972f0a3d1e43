"""``rebalkit journal``."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from rebalkit.cli.options import json_option
from rebalkit.cli.output import say, show
from rebalkit.errors import JournalError, UsageError

if TYPE_CHECKING:
    from rebalkit.execution.disk import Inspection
    from rebalkit.execution.state import Run
    from rebalkit.report.page import Line, Page

__all__ = ["command"]


@click.group("journal")
def command() -> None:
    """Look at the journals: what was ordered, what the broker said, and whether all of it is still there as it was written.

    Each account has one. Nothing here changes a journal or asks a broker; a damaged one is shown as far as it can be trusted.

    \b
    Examples:
      rebalkit journal show
      rebalkit journal show 1f0c9a2b7d3e
      rebalkit journal verify
      rebalkit journal export --format csv --output orders.csv
    """


@command.command("show")
@click.argument("plan", default="")
@json_option
def show_journal(plan: str, as_json: bool) -> int:
    """List the runs of all journals, or every event of the run of PLAN, which may be the first letters of the plan's id.

    Ends with 0, or with 8 when a journal is damaged.

    \b
    Examples:
      rebalkit journal show
      rebalkit journal show 1f0c
      rebalkit journal show 1f0c --json
    """
    from rebalkit.report.journal_words import journal_document

    seen = _seen()
    if plan:
        damaged = next((one.problem for one in seen if one.problem is not None), None)
        seen = _with_run(seen, plan)
        if not seen and damaged is not None:
            raise damaged
        if not seen:
            raise UsageError(
                f"no journal has a run of plan {plan!r}", place="PLAN", code="no_run", remedy="`rebalkit journal show` lists all."
            )
    elif not seen and not as_json:
        say("No order was ever placed: there is no journal.")
        return 0
    show(
        lambda: journal_document(seen, plan),
        lambda width, encoding: _lines(seen, plan, width, encoding),
        as_json=as_json,
    )
    return _code(seen)


@command.command("verify")
@click.argument("journal", default="")
@json_option
def verify(journal: str, as_json: bool) -> int:
    """Compare the hashes and both files of JOURNAL, or of all journals. A journal goes by the name of its file, or its first letters.

    Says how many events there are, and the hash of the last one, which stands for all of them: compare it with the one in a report.
    Ends with 0 when all is as it was written, with 8 when a journal is damaged; then says where.

    \b
    Examples:
      rebalkit journal verify
      rebalkit journal verify --json
    """
    from rebalkit.report.journal_words import journal_document, journal_words
    from rebalkit.report.page import Page

    seen = _seen(journal)
    if not seen and not as_json:
        say("No order was ever placed: there is no journal.")
        return 0

    def lines(width: int, encoding: str) -> list[Line]:
        page = Page(width, encoding)
        for one in seen:
            page.say(f"{one.path.stem}  {journal_words(one)}", "" if one.problem is None else "bold red")
        return page.lines

    show(lambda: journal_document(seen), lines, as_json=as_json)
    return _code(seen)


@command.command("export")
@click.argument("journal", default="")
@click.option("--run", "plan", default="", metavar="PLAN", help="Only the events of this plan's run; its first letters will do.")
@click.option(
    "--format", "kind", type=click.Choice(["jsonl", "csv"]), default="jsonl", help="JSON Lines, or CSV for a spreadsheet."
)
@click.option("--output", type=click.Path(dir_okay=False, path_type=Path), help="Write to this file, not to stdout.")
def export(journal: str, plan: str, kind: str, output: Path | None) -> int:
    """Write the events of JOURNAL as JSON Lines or CSV. It need not be named where there is only one.

    The events hold the name of the account and what was traded: a file is made readable for you alone. In CSV, text that a
    spreadsheet would run as a formula gets an apostrophe in front. Ends with 8 when the journal is damaged; what can be trusted is written.

    \b
    Examples:
      rebalkit journal export > journal.jsonl
      rebalkit journal export --run 1f0c --format csv --output run.csv
    """
    from rebalkit.report.journal_words import events_csv, events_lines

    seen = _seen(journal)
    if plan and not journal:
        seen = _with_run(seen, plan)
    if len(seen) != 1:
        names = ", ".join(one.path.stem for one in seen)
        raise UsageError(
            f"there are {len(seen)} journals: {names}" if seen else "there is no such journal" if plan else "there is no journal",
            place="JOURNAL",
            code="which_journal",
            remedy="Name one of them." if seen else "",
        )
    events = [one for one in seen[0].events if one.run.startswith(plan)]
    text = events_csv(events) if kind == "csv" else events_lines(events)
    if output is None:
        click.echo(text, nl=False)
    else:
        _write(output, text)
    if seen[0].problem is not None:
        say(str(seen[0].problem))
    return _code(seen)


def _write(output: Path, text: str) -> None:
    from rebalkit.places import write_private

    try:
        write_private(output, text)
    except OSError as problem:
        raise UsageError(
            f"cannot be written: {problem.strerror or problem}",
            place=str(output),
            code="not_written",
            remedy="Name another file.",
        ) from None


def _seen(journal: str = "") -> Sequence[Inspection]:
    """All journals, or those whose names begin so."""
    from rebalkit.execution.disk import inspect, journals

    paths = journals()
    found = [path for path in paths if path.name.startswith(journal)]
    if journal and not found:
        raise UsageError(
            f"there is no journal {journal!r}",
            place="JOURNAL",
            code="no_journal",
            remedy=f"There are: {', '.join(path.stem for path in paths) or 'none'}.",
        )
    return [inspect(path) for path in found]


def _with_run(seen: Sequence[Inspection], plan: str) -> Sequence[Inspection]:
    return [one for one in seen if any(run.startswith(plan) for run in one.journal.state.runs)]


def _code(seen: Sequence[Inspection]) -> int:
    return JournalError.exit_code if any(one.problem is not None for one in seen) else 0


def _lines(seen: Sequence[Inspection], plan: str, width: int, encoding: str) -> list[Line]:
    from rebalkit.report.journal_words import journal_words
    from rebalkit.report.page import Page

    page = Page(width, encoding)
    for number, one in enumerate(seen):
        if number:
            page.space()
        page.say(f"Journal {one.path.stem}", "bold underline")
        page.say(journal_words(one), "" if one.problem is None else "bold red")
        if plan:
            _say_events(page, one, plan)
        else:
            _say_runs(page, one)
    return page.lines


def _say_runs(page: Page, seen: Inspection) -> None:
    runs = seen.journal.state.runs.values()
    if runs:
        page.table(("Plan", "Begun", "~Account", "#Orders", "~State"), map(_row, runs))


def _row(run: Run) -> Sequence[str]:
    from rebalkit.report.run_status import run_words
    from rebalkit.report.wording import clean

    account = f"{'LIVE' if run.live else 'paper'} {clean(run.account)}"
    return run.run, f"{run.started:%Y-%m-%d %H:%M}", account, str(len(run.legs)), run_words(run)


def _say_events(page: Page, seen: Inspection, plan: str) -> None:
    from rebalkit.report.journal_words import event_words
    from rebalkit.report.wording import clean

    for run in seen.journal.state.runs.values():
        if run.run.startswith(plan):
            page.head(f"Plan {run.run} of {run.as_of}, {'LIVE' if run.live else 'paper'} account {clean(run.account)}")
            page.table(
                ("#Event", "Written (UTC)", "~What happened"),
                (
                    (str(event.seq), event.at[:19].replace("T", " "), event_words(event, run))
                    for event in seen.events
                    if event.run == run.run
                ),
            )
