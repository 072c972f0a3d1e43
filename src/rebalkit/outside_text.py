"""Text from outside (files, brokers, plugins, exceptions) made harmless for whatever shows it."""

from __future__ import annotations

import re
import unicodedata

__all__ = ["clean", "clean_lines"]

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
    return " ".join(_visible(text).split())


def clean_lines(text: str) -> str:
    """Like `clean` for what is laid out in lines, such as a traceback or a table: its lines and its spaces stay."""
    if text.isascii() and text.isprintable():
        return text
    return "\n".join(_visible(line).rstrip() for line in text.split("\n"))


def _visible(text: str) -> str:
    """``text`` with a space for each white space, and without what is neither white nor to be seen."""
    return "".join(
        " " if one.isspace() else one
        for one in _ESCAPES.sub("", text)
        if one.isspace() or unicodedata.category(one) not in ("Cc", "Cf", "Cs", "Co", "Cn")
    )
