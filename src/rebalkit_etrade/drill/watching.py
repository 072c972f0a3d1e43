"""A wire whose traffic is written into a notebook, and whose last answer can be looked at as it came."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from rebalkit.errors import RebalkitError
from rebalkit_etrade.answers import Answer, document
from rebalkit_etrade.client import Wire
from rebalkit_etrade.drill.notebook import Notebook
from rebalkit_etrade.reading.fields import Fields

__all__ = ["Watched"]


class Watched:
    """Carries requests as ``wire`` does, and writes down what it carries.

    Args:
        wire: Carries them.
        notebook: Where they are written down.

    Attributes:
        last: The last answer; None before the first, and after a request without one.
    """

    def __init__(self, wire: Wire, notebook: Notebook) -> None:
        self._wire = wire
        self._notebook = notebook
        self.last: Answer | None = None

    def get(self, path: str, query: Mapping[str, str] | None = None) -> Answer:
        """Ask."""
        self._notebook.asked("GET", path, query)
        self.last = None
        try:
            self.last = self._wire.get(path, query)
        except RebalkitError as problem:
            self._notebook.write("no_answer", reason=problem.reason)
            raise
        self._notebook.answered(self.last)
        return self.last

    def send(self, verb: str, path: str, body: Mapping[str, object]) -> Answer:
        """Send a body, exactly once."""
        self._notebook.asked(verb, path, body)
        self.last = None
        try:
            self.last = self._wire.send(verb, path, body)
        except RebalkitError as problem:
            self._notebook.write("no_answer", reason=problem.reason)
            raise
        self._notebook.answered(self.last)
        return self.last

    def ready(self) -> None:
        """See that the session holds."""
        self._wire.ready()

    def moment(self) -> dt.datetime | None:
        """What time it is at E*TRADE."""
        return self._wire.moment()

    def content(self, root: str) -> Fields:
        """The content of the last answer, nothing where it has none."""
        found = None if self.last is None or self.last.status != 200 else document(self.last, root)
        return found or Fields({}, root)

    def raw(self, root: str, *names: str) -> list[dict[str, Any]]:
        """The objects under a path of names in the last answer, as they came."""
        found = [self.content(root)]
        for name in names:
            found = [inner for one in found for inner in one.many(name)]
        return [one.plain() for one in found]
