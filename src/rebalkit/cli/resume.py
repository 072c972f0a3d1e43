"""``rebalkit resume``."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import click

from rebalkit.cli.consent import asking, consent_options, refuse_wrong_approval
from rebalkit.cli.execute import ended_with, show_outcome
from rebalkit.cli.options import json_option, reporter_option
from rebalkit.cli.output import say, show_report
from rebalkit.cli.progress import carrying_out
from rebalkit.cli.state import State, pass_state
from rebalkit.errors import UnknownOrderState, UsageError
from rebalkit.model.reports import ExecutionEnd

if TYPE_CHECKING:
    from rebalkit.execution.state import Leg, Run
    from rebalkit.pipeline.resume import Answer, Ask

__all__ = ["command"]

GIVEN_UP = 4
"""Exit code when what was left is not sent, as `rebalkit.errors.BlockedError` has it."""


@click.command("resume")
@click.argument("plan", required=False)
@click.option(
    "--runs", type=click.Path(path_type=Path), default=Path("runs"), show_default=True, help="Where runs are looked for."
)
@click.option(
    "--placed",
    multiple=True,
    metavar="CLIENT_ID=ORDER",
    help="You have seen that the broker has this order, under its number ORDER; can be repeated.",
)
@click.option(
    "--not-placed",
    "not_placed",
    multiple=True,
    metavar="CLIENT_ID",
    help="You have seen that the broker does not have this order; can be repeated.",
)
@click.option("--give-up", is_flag=True, help="Send nothing more: find out what became of the orders, and end the run.")
@consent_options
@reporter_option
@json_option
@pass_state
def command(
    state: State,
    plan: str | None,
    runs: Path,
    placed: tuple[str, ...],
    not_placed: tuple[str, ...],
    give_up: bool,
    live: bool,
    yes: bool,
    approve: str | None,
    reporters: tuple[str, ...],
    as_json: bool,
) -> int:
    """Take up the run that broke off (that of PLAN, where there are several): find out what became of its orders, and finish it.

    An order that was sent and never answered is looked for at the broker. Where there is no proof you are asked, with your order and
    the broker's side by side; without a terminal it ends with 7 and the commands that answer. It is never sent a second time before
    it is certain that the first one is not there.

    What was not sent yet needs your consent again, as with `rebalkit execute`, and a plan of today, for real money of the last minutes.
    Otherwise it is given up, and the command ends with 4: plan again.

    \b
    Examples:
      rebalkit resume
      rebalkit resume 1f0c9a2b7d3e --placed RBEGQH5GANYWLQOSRHDZ=1042
      rebalkit resume 1f0c9a2b7d3e --not-placed RBEGQH5GANYWLQOSRHDZ
      rebalkit resume --live --approve 1f0c9a2b7d3e
    """
    from rebalkit.pipeline.journals import open_runs
    from rebalkit.pipeline.render import choose_reporters
    from rebalkit.pipeline.resume import Answer, resume_run
    from rebalkit.pipeline.runs import RunFolder

    found = open_runs(plan or "")
    if not found:
        say("No run is open." if plan is None else f"No run of a plan {plan!r} is open.")
        return 0
    if len(found) > 1:
        raise UsageError(
            "several runs are open",
            code="which_run",
            remedy=f"Name one: {', '.join(f'rebalkit resume {one.run}' for one in found)}.",
        )
    (run,) = found
    refuse_wrong_approval(run.run, live=live, yes=yes, approve=approve)
    answers = [*(_placed(one) for one in placed), *(Answer(one, None) for one in not_placed)]
    folder = RunFolder.open(Path(run.folder)) if Path(run.folder).is_dir() else RunFolder.find(run.run, runs)
    registry = state.registry_with([Path(path) for path in folder.request().plugins], live=live)
    chosen = choose_reporters(registry, reporters)
    with carrying_out() as under_way:
        report = resume_run(
            registry, folder, asking(yes=yes, approve=approve), _asking(),
            answers=answers, live=live, give_up=give_up, wish=under_way.wish, tell=under_way.tell,
        )  # fmt: skip
    show_outcome(report, folder, chosen, lambda one: show_report(one, as_json=as_json))
    if report.execution is not None and report.execution.end is ExecutionEnd.GIVEN_UP:
        say("What was not sent never will be. Plan again: `rebalkit plan`.")
        return GIVEN_UP
    return ended_with(report)


def _placed(given: str) -> Answer:
    from rebalkit.pipeline.resume import Answer

    client_id, sign, order = given.partition("=")
    if not sign or not client_id or not order:
        raise UsageError(f"{given!r} is not CLIENT_ID=ORDER", place="--placed", code="bad_answer")
    return Answer(client_id, order)


def _asking() -> Ask:
    """Asks at a terminal; without one, says which commands answer."""

    def ask(run: Run, leg: Leg, wrong: str) -> Answer:
        from rebalkit.pipeline.resume import Answer
        from rebalkit.pipeline.stopping import leaving_on_interrupt

        for line in [wrong, *_rows(leg)]:
            if line:
                say(line)
        if not (sys.stdin.isatty() and sys.stderr.isatty()):
            _needs_person(run, leg)
        with leaving_on_interrupt():
            typed = click.prompt(
                'The broker\'s number of it, or "none" when you have seen that it is not there', err=True
            ).strip()
        return Answer(leg.asked.client_id, None if typed.lower() == "none" else typed)

    return ask


def _rows(leg: Leg) -> Sequence[str]:
    """What was sent, and what the broker shows beside it."""
    from rebalkit.report.run_status import candidate_words, leg_words, order_words

    rows = [f"Sent:       {leg.asked.client_id}: {order_words(leg)}", f"            {leg_words(leg)}"]
    rows += [f"At broker:  {candidate_words(one)}" for one in leg.candidates]
    return rows if leg.candidates else [*rows, "At broker:  no order that may be it is listed."]


def _needs_person(run: Run, leg: Leg) -> NoReturn:
    client_id = leg.asked.client_id
    raise UnknownOrderState(
        f"it is not known whether the broker has the order {client_id}, and there is no terminal to ask at",
        code="unknown_order",
        remedy=(
            f"Look for it at the broker. If it is there: `rebalkit resume {run.run} --placed {client_id}=ORDER` with the broker's number. "
            f"If it is certainly not: `rebalkit resume {run.run} --not-placed {client_id}`."
        ),
    )
