"""Data on stdout, words on stderr."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import click

from rebalkit.cli.ending import close_stdout

if TYPE_CHECKING:
    from rebalkit.model.reports import Report

__all__ = ["BLOCKED", "say", "show_report"]

BLOCKED = 4
"""Exit code of a command whose plan a check forbids, as `rebalkit.errors.BlockedError` has it."""


def say(words: str) -> None:
    """Tell the person something that is not the data asked for."""
    click.echo(words, err=True)


def show_report(report: Report, *, as_json: bool) -> None:
    """``report`` on stdout: for a person, or as one JSON document.

    A reader that stops reading (``| head``) changes neither what the command does next nor its exit code.
    """
    try:
        if as_json:
            _as_json(report)
        else:
            _for_a_person(report)
        sys.stdout.flush()
    except BrokenPipeError:
        close_stdout()


def _as_json(report: Report) -> None:
    from rebalkit.report.json_report import document_of, to_text

    click.echo(to_text(document_of(report)), nl=False)


def _for_a_person(report: Report) -> None:
    from rebalkit.report.terminal import plain_text, render_terminal

    # Nothing but a terminal says how wide the reader is; 100 columns keep the tables whole.
    columns = os.environ.get("COLUMNS", "")
    width = int(columns) if columns.isdecimal() else None
    if not sys.stdout.isatty() and not os.environ.get("FORCE_COLOR"):
        # Without colours there is no need of rich, whose import costs more than a plan.
        click.echo(plain_text(report, width or 100, sys.stdout.encoding or "utf-8"), nl=False)
        return

    from rich.console import Console

    class Screen(Console):
        def on_broken_pipe(self) -> None:
            """Rich would end the process here."""
            raise BrokenPipeError

    render_terminal(report, Screen(width=None if sys.stdout.isatty() else width or 100, highlight=False))
