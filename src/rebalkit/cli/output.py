"""Data on stdout, words on stderr."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from rebalkit.model.reports import Report

__all__ = ["BLOCKED", "say", "show_report"]

BLOCKED = 4
"""Exit code of a command whose plan a check forbids, as `rebalkit.errors.BlockedError` has it."""


def say(words: str) -> None:
    """Tell the person something that is not the data asked for."""
    click.echo(words, err=True)


def show_report(report: Report, *, as_json: bool) -> None:
    """``report`` on stdout: for a person, or as one JSON document."""
    if as_json:
        from rebalkit.report.json_report import document_of, to_text

        click.echo(to_text(document_of(report)), nl=False)
        return
    from rich.console import Console

    from rebalkit.report.terminal import render_terminal

    # Without a terminal (a pipe, a file) nothing says how wide the reader is; 100 columns keep the tables whole.
    width = None if sys.stdout.isatty() or "COLUMNS" in os.environ else 100
    render_terminal(report, Console(width=width, highlight=False))
