"""What a drill found: a table for a person, a document for a program."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from rebalkit.report.page import Line, Page
from rebalkit_etrade.drill.facts import FACTS
from rebalkit_etrade.drill.notebook import Notebook

__all__ = ["as_document", "as_lines"]


def as_document(notebook: Notebook, traded: Decimal | None) -> dict[str, Any]:
    """The findings; ``traded`` are the shares that the order traded, None where none was sent."""
    return {
        "notebook": str(notebook.path),
        "traded": None if traded is None else f"{traded:f}",
        "differs": any(one.verdict == "differs" for one in notebook.seen),
        "seen": [
            {
                "fact": one.fact.name,
                "asks": one.fact.asks,
                "told": one.fact.told,
                "known": one.fact.known,
                "seen": one.what,
                "verdict": one.verdict,
            }
            for one in notebook.seen
        ],
        "not_seen": list(_not_seen(notebook)),
    }


def as_lines(notebook: Notebook, width: int, encoding: str) -> list[Line]:
    """The findings, those first that are not as it was told."""
    page = Page(width, encoding)
    groups = (("differs", "Not as it was told"), ("settled", "Now known"), ("agrees", "As it was told"))
    for verdict, words in groups:
        found = [one for one in notebook.seen if one.verdict == verdict]
        if found:
            page.head(words)
            page.table(
                ("~Question", "~Told", "~Seen"),
                [(one.fact.asks, f"{one.fact.told} ({one.fact.known})", one.what) for one in found],
            )
    missing = _not_seen(notebook)
    if missing:
        page.head("Not seen this time")
        for name in missing:
            page.say(FACTS[name].asks, indent=2)
    page.space()
    page.say(f"Everything that was asked and answered, without keys and numbers of accounts, is in {notebook.path}.")
    page.say("Amounts and symbols are in it. What differs is worth a report to the developers.")
    return page.lines


def _not_seen(notebook: Notebook) -> Sequence[str]:
    seen = {one.fact.name for one in notebook.seen}
    return [name for name in FACTS if name not in seen]
