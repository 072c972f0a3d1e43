"""How a command ends: with an exit code, and words on stderr when it went wrong."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable

import click

from rebalkit.errors import RebalkitError
from rebalkit.outside_text import clean_lines

__all__ = ["close_stdout", "ended"]

INTERRUPTED = 130
"""128 + SIGINT, as shells have it."""


def ended(run: Callable[[], object], *, debug: bool) -> int:
    """The exit code of ``run``; what it raises is told in words, or as a traceback when ``debug``. Neither shows a secret."""
    try:
        answer = run()
        sys.stdout.flush()
    except click.exceptions.Exit as leaving:
        return leaving.exit_code
    except (click.Abort, KeyboardInterrupt):
        click.echo("Stopped.", err=True)
        return INTERRUPTED
    except click.ClickException as problem:
        problem.show(sys.stderr)
        return problem.exit_code
    except BrokenPipeError:
        close_stdout()
        return 0
    except Exception as problem:  # noqa: BLE001 - whatever it is, it is told, and nothing but what may be seen
        return _traced(problem) if debug else _told(problem)
    return answer if isinstance(answer, int) else 0


def _told(problem: Exception) -> int:
    if isinstance(problem, RebalkitError):
        for one in problem.problems:
            _show(f"error: {one}")
        return problem.exit_code
    if isinstance(problem, OSError):
        place = f"{problem.filename}: " if problem.filename else "reading or writing failed: "
        _show(f"error: {place}{problem.strerror or problem}. Check the path, its rights and the space on the disk.")
        return 3
    _show(
        f"error: this is a bug in rebalkit or in a plugin: {type(problem).__name__}: {problem}. "
        "Run again with --debug and report what it prints."
    )
    return 1


def _traced(problem: Exception) -> int:
    import traceback  # Only a person who asks for it needs it.

    _show("".join(traceback.format_exception(problem)).rstrip())
    return 1


def _show(words: str) -> None:
    """Words that may quote what a broker, a file or a plugin said."""
    from rebalkit.secrets.credentials import without_credentials

    click.echo(clean_lines(without_credentials(words)), err=True)


def close_stdout() -> None:
    """Write nothing more to stdout: its reader has seen enough (``| head``), and nothing more can be told it."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
