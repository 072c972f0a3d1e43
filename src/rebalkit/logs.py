"""What the command line logs, and what it never does.

Third-party libraries log requests with their headers, and exceptions quote addresses with passwords in them. So everything that is
written passes one formatter, whoever logged it: secrets that this process has held are taken out, and what looks like one.
Nothing here touches the loggers of a program that imports rebalkit: only the command line calls `set_up`.
"""

from __future__ import annotations

import logging
import re
import sys

from rebalkit.outside_text import clean, clean_lines
from rebalkit.secrets.concealing import HIDDEN
from rebalkit.secrets.credentials import without_credentials

__all__ = ["TALKATIVE", "QuietHandler", "set_up"]

TALKATIVE = ("http.client", "keyring", "oauthlib", "requests", "requests_oauthlib", "urllib3")
"""Loggers of libraries that log credentials on their lower levels: they are heard from WARNING on, whatever is asked for.

Of ``urllib3`` only errors are heard: its warnings quote addresses, which hold what identifies an account.
"""

# Seven digits and more that are not part of a word or an amount: the number of an account, or of an order. The last four stay.
_LONG_NUMBER = re.compile(r"(?<![\w.,$])\d{3,}(?=\d{4}(?!\w|[.,]\d))")


class _Formatter(logging.Formatter):
    """Takes out what must not be seen, of the message, of its traceback and of its stack."""

    def format(self, record: logging.LogRecord) -> str:
        return clean_lines(_LONG_NUMBER.sub(HIDDEN, without_credentials(super().format(record))))


class QuietHandler(logging.Handler):
    """Writes to what is stderr at the moment. A record that cannot be formatted is not shown: logging would print its arguments."""

    def __init__(self) -> None:
        super().__init__()
        self.setFormatter(_Formatter("%(levelname)s %(name)s: %(message)s"))

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether ``record`` is written: a talkative library may have set a level of its own."""
        return record.levelno >= _heard_from(record.name) and bool(super().filter(record))

    def emit(self, record: logging.LogRecord) -> None:
        """Write ``record``."""
        try:
            line = self.format(record)
        except Exception:  # noqa: BLE001 - the objects of others, which may fail in any way when they are shown
            line = f"{record.levelname} {clean(record.name)}: a message that cannot be shown"
        try:
            sys.stderr.write(f"{line}\n")
            sys.stderr.flush()
        except (OSError, ValueError):
            return  # Nobody listens any more; what runs goes on.


def _heard_from(name: str) -> int:
    """The lowest level of a logger that is written."""
    library = next((one for one in TALKATIVE if name == one or name.startswith(f"{one}.")), None)
    if library is None:
        return logging.NOTSET
    return logging.ERROR if library == "urllib3" else logging.WARNING


def set_up(*, debug: bool | None = None) -> None:
    """Let everything that is logged in this process go to stderr by one handler.

    Other handlers of the root that write to a terminal are taken away: they would show what this one takes out.

    Args:
        debug: Whether to show everything, or from WARNING on; None to leave it as it was last.
    """
    root = logging.getLogger()
    root.handlers[:] = [one for one in root.handlers if type(one) is not logging.StreamHandler]
    if not any(isinstance(one, QuietHandler) for one in root.handlers):
        root.addHandler(QuietHandler())
    if debug is not None:
        root.setLevel(logging.DEBUG if debug else logging.WARNING)
    for name in TALKATIVE:
        logging.getLogger(name).setLevel(_heard_from(name))
