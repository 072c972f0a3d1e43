"""What the libraries log while they carry a request of ours: keys, tokens, codes and addresses, which nobody is to see.

A program that imports this package may show everything that is logged. Its own requests are its own affair: only records of the
thread that carries one of ours, and only while it does, are dropped.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager

__all__ = ["hushed"]

_LIBRARIES = ("oauthlib", "requests", "requests_oauthlib", "urllib3")
_LOGGERS = (
    "oauthlib.oauth1.rfc5849",
    "oauthlib.oauth1.rfc5849.signature",
    "requests_oauthlib.oauth1_auth",
    "requests_oauthlib.oauth1_session",
    "urllib3.connection",
    "urllib3.connectionpool",
    "urllib3.poolmanager",
    "urllib3.response",
    "urllib3.util.retry",
)
"""Those that are known, also where their modules are imported only later."""

_ours = threading.local()


class _Hush(logging.Filter):
    """Drops what is below a warning; of urllib3 what is below an error: its warnings quote addresses, with keys of accounts."""

    def filter(self, record: logging.LogRecord) -> bool:
        if not getattr(_ours, "busy", False):
            return True
        return record.levelno >= (logging.ERROR if record.name.startswith("urllib3") else logging.WARNING)


_HUSH = _Hush()


@contextmanager
def hushed() -> Iterator[None]:
    """Drop what the libraries log in this thread, whatever levels are set, until it ends."""
    # A filter counts at the logger itself, not at those above it: each one must have it. Once added it is not added again.
    there = [name for name in list(logging.root.manager.loggerDict) if name.partition(".")[0] in _LIBRARIES]
    for name in {*_LIBRARIES, *_LOGGERS, *there}:
        logging.getLogger(name).addFilter(_HUSH)
    _ours.busy = True
    try:
        yield
    finally:
        _ours.busy = False
