"""Words: codes made readable, lists and counts made English; what comes from outside is made harmless on its way."""

from __future__ import annotations

from collections.abc import Iterable

from rebalkit.model.plans import Reason
from rebalkit.model.reasons import explain
from rebalkit.outside_text import clean

__all__ = ["clean", "counted", "joined", "ordinal", "sentence_of"]


def counted(number: int, one: str, many: str = "") -> str:
    """``1 lot``, ``2 lots``, ``no lots``."""
    return f"{number or 'no'} {one if number == 1 else many or one + 's'}"


def joined(words: Iterable[str], link: str = "and") -> str:
    """``a``, ``a and b``, ``a, b and c``."""
    *most, last = [*words] or [""]
    return f"{', '.join(most)} {link} {last}" if most else last


def ordinal(number: int) -> str:
    """``1st``, ``2nd``, ``3rd``, ``11th``."""
    ending = "th" if 10 <= number % 100 <= 20 else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending}"


def sentence_of(reason: Reason, subject: str) -> str:
    """``reason`` as a sentence for a person."""
    return clean(explain(reason, subject))
