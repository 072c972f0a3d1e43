"""How a command ends: with an exit code, and words on stderr when it went wrong."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable

import click

from rebalkit.errors import RebalkitError

__all__ = ["close_stdout", "ended"]

INTERRUPTED = 130
"""128 + SIGINT, as shells have it."""


def ended(run: Callable[[], object], *, debug: bool) -> int:
    """The exit code of ``run``; what it raises is told in words, with a traceback only when ``debug``."""
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
    except RebalkitError as problem:
        if debug:
            raise
        for one in problem.problems:
            click.echo(f"error: {one}", err=True)
        return problem.exit_code
    except OSError as problem:
        if debug:
            raise
        place = f"{problem.filename}: " if problem.filename else "reading or writing failed: "
        click.echo(
            f"error: {place}{problem.strerror or problem}. Check the path, its rights and the space on the disk.", err=True
        )
        return 3
    except Exception as problem:
        if debug:
            raise
        click.echo(
            f"error: this is a bug in rebalkit or in a plugin: {type(problem).__name__}: {problem}. "
            "Run again with --debug and report what it prints.",
            err=True,
        )
        return 1
    return answer if isinstance(answer, int) else 0


def close_stdout() -> None:
    """Write nothing more to stdout: its reader has seen enough (``| head``), and nothing more can be told it."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
