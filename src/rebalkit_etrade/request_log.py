"""What was asked and answered, for the person to look at: without keys, tokens, and numbers of accounts."""

from __future__ import annotations

import logging
import os
import re
import sys
from collections.abc import Callable, Mapping
from logging.handlers import RotatingFileHandler
from pathlib import Path

from rebalkit.outside_text import clean
from rebalkit.places import make_private_folder, state_folder
from rebalkit.secrets.credentials import without_credentials

__all__ = ["RequestLog", "log_path", "redacted"]

_LARGEST, _KEPT = 2_000_000, 5
"""Bytes of one file, and how many old ones are kept."""
_SHOWN = 20_000
"""Characters of a body that are written."""
_KEYS = re.compile(r'(/accounts/)(?!list)[A-Za-z0-9_-]+|("accountIdKey"\s*:\s*")[^"]*')
_NUMBERS = re.compile(r'("account(?:Id|No)"\s*:\s*"?)\d+(\d{4})|(<accountId>)\d+(\d{4})')
_NAMES = re.compile(r'("(?:accountName|accountDesc|accountDescription)"\s*:\s*")[^"]*')


def log_path() -> Path:
    """The file of the log."""
    return state_folder() / "etrade" / "requests.log"


def redacted(text: str) -> str:
    """``text`` on one line, without what identifies an account or lets anybody in; of an account's number the last four digits stay."""
    text = _KEYS.sub(lambda found: f"{found[1] or found[2]}…", without_credentials(text))
    text = _NUMBERS.sub(lambda found: f"{found[1] or found[3]}…{found[2] or found[4]}", text)
    return clean(_NAMES.sub(r"\1…", text))


class RequestLog:
    """Writes every request and its answer to a file of this user, to the screen, or nowhere.

    Args:
        write: Writes a line; None to write nothing.
    """

    def __init__(self, write: Callable[[str], object] | None) -> None:
        self._write = write

    @classmethod
    def to(cls, where: str) -> RequestLog:
        """The log that the setting ``request_log`` asks for: ``file``, ``screen`` or ``off``."""
        if where == "screen":
            return cls(lambda line: print(line, file=sys.stderr))  # noqa: T201
        return cls(_to_file) if where == "file" else cls(None)

    def asked(self, moment: str, verb: str, path: str, query: Mapping[str, str] | None, body: str) -> None:
        """A request, before it is sent."""
        if self._write:
            told = "&".join(f"{name}={value}" for name, value in (query or {}).items())
            self._write(redacted(f"{moment} > {verb} {path}{'?' if told else ''}{told} {body}"[:_SHOWN]))

    def answered(self, moment: str, status: object, seconds: float, body: bytes) -> None:
        """Its answer, or why there is none."""
        if self._write:
            text = body.decode("utf-8", "replace")
            self._write(redacted(f"{moment} < {status} {seconds:.2f} s {text}"[:_SHOWN]))


class _PrivateFile(RotatingFileHandler):
    """A file that is its owner's alone from its first byte."""

    def _open(self):  # type: ignore[no-untyped-def]
        descriptor = os.open(self.baseFilename, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        return open(descriptor, "a", encoding="utf-8")


_handlers: dict[Path, _PrivateFile] = {}


def _to_file(line: str) -> None:
    path = log_path()
    if path not in _handlers:
        make_private_folder(path.parent)
        _handlers[path] = _PrivateFile(path, maxBytes=_LARGEST, backupCount=_KEPT, delay=True)
    _handlers[path].emit(logging.LogRecord("etrade", logging.INFO, "", 0, line, None, None))
