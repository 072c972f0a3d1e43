"""What the kinds of rows mean: the words of brokers on one side, movements of shares on the other."""

from __future__ import annotations

from enum import Enum, auto

from attrs import frozen

__all__ = ["CANCELLED", "CORRECT", "FRACTION_PAID", "REORGANISED", "RETURN_OF_CAPITAL", "SHORT", "Kind", "Move"]


class Move(Enum):
    """What a row does."""

    BUY = auto()
    SELL = auto()
    REINVEST = auto()
    CASH = auto()
    """Moves no shares, whatever it names: a dividend in cash, interest, a fee, a transfer of cash."""
    SWEEP = auto()
    """Moves something within the account: cash into or out of the fund that keeps it, shares between its cash and its margin side.
    Counts as cash, with whatever quantity."""
    TRANSFER = auto()
    """Moves shares where it has a quantity, in or out by its sign; cash where it has none."""
    SPLIT = auto()
    REFUSED = auto()
    """Is understood well enough to know that it cannot be read."""


@frozen
class Kind:
    """The meaning of one kind of row.

    Attributes:
        move: What it does.
        advice: What to do instead, where it is refused; of cash, what should be known about it, if anything.
    """

    move: Move
    advice: str = ""


CORRECT = "Correct it in a copy of the file."
"""What to do about a cell where nothing better can be said."""

CANCELLED = Kind(Move.REFUSED, "Take this row and the one that it cancels out of a copy of the file.")

REORGANISED = Kind(
    Move.REFUSED,
    "Take this row out of a copy of the file, and write what happened to the shares as rows of transactions.csv "
    "(split, sell, or deliver the old and receive the new ones with price and acquired).",
)
"""Mergers, spin-offs and the like: what becomes of basis and dates stands in the issuer's notice (Form 8937), not in the row."""

FRACTION_PAID = Kind(
    Move.REFUSED,
    "This pays for the fraction of a share that a split or merger left: take the row out of a copy of the file, and write the sale of "
    "that fraction as a row of transactions.csv.",
)

RETURN_OF_CAPITAL = Kind(Move.CASH, "it lowers the basis of the shares, which is not done")

SHORT = Kind(
    Move.REFUSED, "Short sales are not supported: take the sale and the purchase that closes it out of a copy of the file."
)
