"""What the server is told to do wrong, and how often."""

from __future__ import annotations

from collections import Counter

FAULTS = {
    "reset_before": "the connection is reset before the order is taken",
    "reset_after": "the order is taken, and the connection is reset",
    "error_before": "a server error, and the order is not taken",
    "error_after": "a server error, and the order is taken",
    "html_after": "the order is taken, and the answer is a page of a gateway",
    "cut_after": "the order is taken, and the answer is cut in the middle",
    "empty_after": "the order is taken, and the answer is empty",
    "no_number": "the order is taken, and the answer does not say its number",
    "odd_code": "the order is taken with a message of a code that nobody knows",
    "late_list": "the newest order is missing from the list",
    "list_busy": "500, code 100, to the list of orders",
    "busy": "500, code 100, to any question",
    "maintenance": "500 with a page of maintenance",
    "rate_page": "400 with a page that the rate was exceeded",
    "rate_429": "429 with Retry-After",
    "drop": "the connection is closed without an answer",
    "redirect": "302 to another host",
    "portal": "200 with a page of somebody else",
    "preview_timed_out": "400, code 1033, in the place of placing",
    "preview_timed_out_101": "400, code 101 with the same words",
    "busy_xml": "400 as XML although JSON was asked for, code 1037",
    "unlisted_refusal": "400 with a code that nobody has seen",
    "token_dead": "401 to whatever is asked",
    "cancel_lost": "the cancellation is taken, and the connection is reset",
    "wrong_lots": "other lots are sold than were named",
    "lots_behind": "the lots do not add up to the position",
    "portfolio_moves": "a position changes between two looks",
    "marker_stuck": "the marker of a page stays the same",
    "other_echo": "the preview is of another quantity",
}


class Faults:
    """How often each fault will happen from now on."""

    def __init__(self) -> None:
        self._left: Counter[str] = Counter()
        self.happened: Counter[str] = Counter()

    def add(self, name: str, times: int = 1) -> None:
        """Let ``name`` happen the next ``times`` times that it can."""
        self._left[_known(name)] += times

    def clear(self) -> None:
        """Let nothing go wrong any more."""
        self._left.clear()

    def happens(self, name: str) -> bool:
        """Whether it happens now; it is one less then."""
        if self._left[_known(name)] <= 0:
            return False
        self._left[name] -= 1
        self.happened[name] += 1
        return True


def _known(name: str) -> str:
    if name not in FAULTS:
        raise KeyError(name)
    return name
