"""What was asked and answered, for the person to look at: without keys, tokens, and numbers of accounts."""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from logging.handlers import RotatingFileHandler
from pathlib import Path

from rebalkit.places import make_private_folder, state_folder
from rebalkit_etrade.redaction import redacted

__all__ = ["RequestLog", "log_path"]

_LARGEST, _KEPT = 2_000_000, 5
"""Bytes of one file, and how many old ones are kept."""
_READ, _SHOWN = 200_000, 20_000
"""Characters of a line that are looked through, and that are written."""


def log_path() -> Path:
    """The file of the log."""
    return state_folder() / "etrade" / "requests.log"


class RequestLog:
    """Writes every request and its answer to a file of this user, to the screen, or nowhere.

    What cannot be written is not written, and nothing is raised: an order that was placed must not look as if nobody knew.

    Args:
        write: Writes a line; None to write nothing.
    """

    def __init__(self, write: Callable[[str], object] | None) -> None:
        self._write = write

    @classmethod
    def to(cls, where: str) -> RequestLog:
        """The log that the setting ``request_log`` asks for: ``file``, ``screen`` or ``off``."""
        if where == "screen":
            return cls(_to_screen)
        return cls(_to_file) if where == "file" else cls(None)

    def asked(self, moment: str, verb: str, path: str, query: Mapping[str, str] | None, body: str) -> None:
        """A request, before it is sent."""
        told = "&".join(f"{name}={value}" for name, value in (query or {}).items())
        self._tell(f"{moment} > {verb} {path}{'?' if told else ''}{told} {body}")

    def answered(self, moment: str, status: object, seconds: float, body: bytes) -> None:
        """Its answer, or why there is none."""
        self._tell(f"{moment} < {status} {seconds:.2f} s {body[:_READ].decode('utf-8', 'replace')}")

    def _tell(self, line: str) -> None:
        if self._write is None:
            return
        # Shortened only when nothing is in it any more of which the first half would not be known for what it is.
        with suppress(Exception):
            self._write(redacted(line[:_READ])[:_SHOWN])


class _PrivateFile(RotatingFileHandler):
    """A file that is its owner's alone from its first byte, and silent when it cannot be written."""

    def _open(self):  # type: ignore[no-untyped-def]
        # No link is followed: it could make this write into another file.
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | getattr(os, "O_NOFOLLOW", 0)
        descriptor = os.open(self.baseFilename, flags, 0o600)
        try:
            if hasattr(os, "fchmod"):
                os.fchmod(descriptor, 0o600)  # one that was there before may be open to others
            return open(descriptor, "a", encoding="utf-8")
        except OSError:
            os.close(descriptor)
            raise

    def handleError(self, record: logging.LogRecord) -> None:
        """Say nothing: logging would print a traceback."""


def _to_screen(line: str) -> None:
    # Without a stderr `print` writes to stdout, where results are.
    if sys.stderr is not None:
        print(line, file=sys.stderr)  # noqa: T201


_handlers: dict[Path, _PrivateFile] = {}


def _to_file(line: str) -> None:
    path = log_path()
    if path not in _handlers:
        make_private_folder(path.parent)
        _handlers[path] = _PrivateFile(path, maxBytes=_LARGEST, backupCount=_KEPT, delay=True)
    _handlers[path].emit(logging.LogRecord("etrade", logging.INFO, "", 0, line, None, None))
