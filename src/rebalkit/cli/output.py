"""Data on stdout, words on stderr."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click

from rebalkit.cli.ending import close_stdout
from rebalkit.outside_text import clean_lines
from rebalkit.secrets import without_secrets

if TYPE_CHECKING:
    from rebalkit.model.reports import Report
    from rebalkit.report.page import Line

__all__ = ["BLOCKED", "say", "show", "show_report"]

BLOCKED = 4
"""Exit code of a command whose plan a check forbids, as `rebalkit.errors.BlockedError` has it."""


def say(words: str) -> None:
    """Tell the person something that is not the data asked for."""
    click.echo(clean_lines(without_secrets(words)), err=True)


def show_report(report: Report, *, as_json: bool) -> None:
    """``report`` on stdout: for a person, or as one JSON document."""

    def document() -> dict[str, Any]:
        from rebalkit.report.json_report import document_of

        return document_of(report)

    def lines(width: int, encoding: str) -> list[Line]:
        from rebalkit.report.terminal import report_lines

        return report_lines(report, width, encoding)

    show(document, lines, as_json=as_json)


def show(document: Callable[[], dict[str, Any]], lines: Callable[[int, str], list[Line]], *, as_json: bool) -> None:
    """Something on stdout: as one JSON document, or for a person as the lines that fit a width and an encoding.

    A reader that stops reading (``| head``) changes neither what the command does next nor its exit code.
    """
    try:
        if as_json:
            from rebalkit.report.json_report import to_text

            click.echo(to_text(document()), nl=False)
        else:
            _for_a_person(lines)
        sys.stdout.flush()
    except BrokenPipeError:
        close_stdout()


def _for_a_person(lines: Callable[[int, str], list[Line]]) -> None:
    from rebalkit.report.page import draw, plain

    # Nothing but a terminal says how wide the reader is; 100 columns keep the tables whole.
    columns = os.environ.get("COLUMNS", "")
    width = int(columns) if columns.isdecimal() else None
    if not sys.stdout.isatty() and not os.environ.get("FORCE_COLOR"):
        # Without colours there is no need of rich, whose import costs more than a plan.
        click.echo(plain(lines(width or 100, sys.stdout.encoding or "utf-8")), nl=False)
        return

    from rich.console import Console

    class Screen(Console):
        def on_broken_pipe(self) -> None:
            """Rich would end the process here."""
            raise BrokenPipeError

    screen = Screen(width=None if sys.stdout.isatty() else width or 100, highlight=False)
    draw(lines(screen.width, screen.encoding), screen)
