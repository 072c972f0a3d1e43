"""Words: text from outside made harmless, codes made readable, lists and counts made English."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

from rebalkit.model.plans import Reason
from rebalkit.model.reasons import explain

__all__ = ["clean", "counted", "joined", "ordinal", "sentence_of"]

# Terminal control sequences (ECMA-48): CSI … final byte, OSC/DCS/SOS/PM/APC strings to their end, and the two-byte escapes.
_ESCAPES = re.compile(
    r"(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]"
    r"|(?:\x1b[\]PX^_]|[\x90\x98\x9d-\x9f])[^\x07\x1b\x9c]*(?:\x07|\x1b\\|\x9c)?"
    r"|\x1b[ -/]*[0-~]"
)


def clean(text: str) -> str:
    """``text`` from outside, fit to be shown on one line of anything.

    Terminal escapes, control characters, and the invisible characters that turn the direction of text around (which could make
    one word read as another) are taken out; runs of white space become one space.
    """
    if text.isascii() and text.isprintable() and "  " not in text:
        return text.strip()
    kept = "".join(
        " " if one.isspace() else one
        for one in _ESCAPES.sub("", text)
        if one.isspace() or unicodedata.category(one) not in ("Cc", "Cf", "Cs", "Co", "Cn")
    )
    return " ".join(kept.split())


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
