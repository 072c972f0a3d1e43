"""The command line: one module a command, imported only when the command is used."""

from __future__ import annotations

import atexit
import gc
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager

from rebalkit.cli.ending import ended
from rebalkit.cli.root import root
from rebalkit.secrets import at_first_secret
from rebalkit.steps import show_steps_with

__all__ = ["main"]


def main(arguments: list[str] | None = None) -> None:
    """Run ``rebalkit`` with ``arguments`` (those of the process by default) and exit with the code of `rebalkit.errors`."""
    # A command lives for a moment and makes few cycles: collecting them while modules load is a tenth of its time.
    gc.set_threshold(1_000_000, 50, 50)
    # At its end the system takes back all memory at once: looking through it for cycles first is another tenth.
    atexit.register(gc.freeze)
    given = sys.argv[1:] if arguments is None else arguments
    # Whoever is told to run again with --debug adds it at the end of the line, where click would not look for it.
    debug = "--debug" in given
    rest = [one for one in given if one != "--debug"]
    if debug:
        _log(debug=True)
    else:  # Most commands have no secret, and log nothing.
        at_first_secret(_log)
    show_steps_with(_bar if sys.stderr.isatty() else None)
    sys.exit(ended(lambda: _run(rest), debug=debug))


def _bar(what: str, total: int) -> AbstractContextManager[Callable[[], object]]:
    from rebalkit.cli.bar import bar  # Only long work needs it, and what it imports is heavy.

    return bar(what, total)


def _log(*, debug: bool | None = None) -> None:
    from rebalkit.logs import set_up

    set_up(debug=debug)


def _run(arguments: list[str]) -> object:
    # Not root.main: that ends the process by itself, with 1, when the reader of stdout has gone.
    with root.make_context("rebalkit", arguments) as context:
        return root.invoke(context)
