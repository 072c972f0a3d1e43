"""Which answers to a placement prove that the order was not taken. Whatever is not in this table proves nothing."""

from __future__ import annotations

import re

from attrs import frozen

from rebalkit.model import Refused, Unknown
from rebalkit_etrade.answers import EtradeError

__all__ = ["REFUSALS", "Refusal", "judged"]


@frozen
class Refusal:
    """An answer that proves it.

    Attributes:
        number: E*TRADE's code.
        words: What its text must contain, or nothing where the code alone says it.
        code: The core's name of the refusal.
        known: Whether that is ``documented`` or was ``observed`` in production.
    """

    number: str
    words: str
    code: str
    known: str

    def fits(self, error: EtradeError) -> bool:
        """Whether ``error`` is this answer."""
        return error.number == self.number and re.search(self.words, error.text, re.IGNORECASE) is not None


_TIMED_OUT = r"timed out your original order"

REFUSALS = (
    Refusal("1033", _TIMED_OUT, "preview_expired", "observed"),
    Refusal("101", _TIMED_OUT, "preview_expired", "observed"),
    Refusal("8400", r"insufficient funds", "insufficient_funds", "observed"),
    Refusal("1037", r"", "shares_not_available", "observed"),
)
"""All of them come with HTTP 400. A text is matched where one code has several meanings.

Code 101 with ``InvalidPreviewId`` is not among them: it also tells of a preview that was used (observed), and then the order is there.
"""


def judged(error: EtradeError) -> Refused | Unknown:
    """What an error that a placement was answered with proves.

    An error of the server (5xx), of the session (401) or of the rate says nothing of the order, and neither does a code that nobody has
    seen.
    """
    if error.status == 400:
        for one in REFUSALS:
            if one.fits(error):
                return Refused(one.code, error.text)
    return Unknown(error.reason)
