"""A bar that grows with the steps of long work, on a terminal; it goes away when the work is done."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

__all__ = ["bar"]

_FEW = 4
"""Steps that are over before anybody has read what they are."""


@contextmanager
def bar(what: str, total: int) -> Iterator[Callable[[], object]]:
    """Show ``total`` steps of ``what`` on stderr; what it gives is called after each of them."""
    if total <= _FEW:
        yield lambda: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(compact=True))
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task(what, total=total)
        yield lambda: progress.advance(task)
