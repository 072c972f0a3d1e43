"""Errors, sorted by what the caller can do about them.

::

    RebalkitError             1  a bug, or a caller's misuse of the Python API
     ├─ UsageError            2  change the command line
     │   └─ ConfigError       2  change the configuration file
     ├─ DataError             3  change the data: an input file, a price, a lot
     │   └─ PlanError         3  this account cannot be planned as asked
     ├─ BlockedError          4  a check stands against the plan
     ├─ BrokerError           5  the broker refused or could not be reached: try again later
     ├─ LoginRequired         6  log in again
     ├─ UnknownOrderState     7  reconcile before anything else is sent
     └─ JournalError          8  the record of orders cannot be trusted

The number is the exit code of a command that ends with the error. Every error says where (``place``), why (``reason``) and
what to do (``remedy``), and carries a stable ``code`` for programs.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import ClassVar

__all__ = [
    "BlockedError",
    "BrokerError",
    "ConfigError",
    "DataError",
    "JournalError",
    "LoginRequired",
    "PlanError",
    "RebalkitError",
    "UnknownOrderState",
    "UsageError",
]


class RebalkitError(Exception):
    """Root of all errors that rebalkit raises on purpose.

    Args:
        reason: Why, as a sentence without the place.
        place: Where: a file with line and column, a path in the configuration, an option. Empty when there is none.
        remedy: What to do about it; where possible the exact line or command. Empty when there is none.
        code: Stable name of the kind of problem, in lower case with underscores.
    """

    exit_code: ClassVar[int] = 1
    default_code: ClassVar[str] = "error"

    def __init__(self, reason: str, *, place: str = "", remedy: str = "", code: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.place = place
        self.remedy = remedy
        self.code = code or self.default_code
        self.problems: tuple[RebalkitError, ...] = (self,)

    @classmethod
    def together(cls, problems: Iterable[RebalkitError]) -> RebalkitError:
        """One error out of several of this kind, so that a person sees all of them at once.

        A single problem is returned as it is. Raises ValueError when there is none.
        """
        found: Sequence[RebalkitError] = tuple(problems)
        if not found:
            raise ValueError("there is no problem to report")
        if len(found) == 1:
            return found[0]
        error = cls(f"{len(found)} problems", code=found[0].code)
        error.problems = tuple(found)
        return error

    def __str__(self) -> str:
        if len(self.problems) > 1:
            return "\n".join([f"{self.reason}:", *(f"  {problem}" for problem in self.problems)])
        sentence = f"{self.place}: {self.reason}" if self.place else self.reason
        if not sentence.endswith((".", "?", "!")):
            sentence += "."
        return f"{sentence} {self.remedy}".rstrip()


class UsageError(RebalkitError):
    """The command line or the arguments of a call are wrong: change them."""

    exit_code = 2
    default_code = "usage"


class ConfigError(UsageError):
    """The configuration is wrong. ``place`` is the file and the path of the key, such as ``asset_class[2].target``."""

    default_code = "config"


class DataError(RebalkitError):
    """An input is missing, malformed or contradicts another. Nothing has been guessed."""

    exit_code = 3
    default_code = "data"


class PlanError(DataError):
    """The account was read, but cannot be planned as asked."""

    default_code = "plan"


class BlockedError(RebalkitError):
    """A check found something that forbids the plan to be executed."""

    exit_code = 4
    default_code = "blocked"


class BrokerError(RebalkitError):
    """The broker refused a request or did not answer; nothing was changed there."""

    exit_code = 5
    default_code = "broker"


class LoginRequired(BrokerError):
    """The broker does not accept the session any more. ``remedy`` holds the command that logs in."""

    exit_code = 6
    default_code = "login"


class UnknownOrderState(BrokerError):
    """An order may or may not be at the broker. Nothing more may be sent until it is known."""

    exit_code = 7
    default_code = "unknown_order"


class JournalError(RebalkitError):
    """The record of orders is damaged or cannot be written. Nothing is sent."""

    exit_code = 8
    default_code = "journal"
