"""Long work in steps, such as a request for each position, and whoever may want to see how far it is."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from contextlib import AbstractContextManager
from contextvars import ContextVar
from typing import TypeVar

__all__ = ["Show", "show_steps_with", "steps"]

T = TypeVar("T")

Show = Callable[[str, int], AbstractContextManager[Callable[[], object]]]
"""Shows work, of which it gets a name and the number of steps; what it gives is called after each step."""

_show: ContextVar[Show | None] = ContextVar("show", default=None)


def show_steps_with(show: Show | None) -> None:
    """Let ``show`` show all work in steps from now on; None for nobody."""
    _show.set(show)


def steps(what: str, items: Collection[T]) -> Iterator[T]:
    """``items``, one after the other, while whoever is there sees how many are done.

    Args:
        what: What is done, for a person, such as ``reading lots``.
        items: The items, each of which is a step.
    """
    show = _show.get()
    if show is None:
        yield from items
        return
    with show(what, len(items)) as done:
        for one in items:
            yield one
            done()
