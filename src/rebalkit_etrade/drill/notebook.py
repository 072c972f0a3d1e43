"""The notebook of a drill: each request, answer and finding on a line of its own, on disk before anything else happens."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import os
import re
import sys
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from rebalkit.errors import BlockedError
from rebalkit.places import make_private_folder, state_folder
from rebalkit_etrade.answers import Answer
from rebalkit_etrade.drill.facts import FACTS, Seen, Verdict
from rebalkit_etrade.redaction import redacted

__all__ = ["Notebook", "folder", "unfinished"]

_TAIL = 4
"""Digits of an account's number that its owner knows it by, and that are of no use to anybody else."""

_LIVES = dt.timedelta(days=4)
"""How long an order of a drill may live: one that was queued while the market was closed lives until the next close."""


def folder() -> Path:
    """Where notebooks are."""
    return state_folder() / "etrade" / "drills"


class Notebook:
    """Writes one; without keys, tokens and numbers of accounts, of which the last four digits stay.

    Args:
        now: What time it is, UTC.
        account: The number of the account.

    Attributes:
        path: The file.
        seen: What was found so far.

    Raises:
        BlockedError: Another drill of the account begins in the same second.
    """

    def __init__(self, now: Callable[[], dt.datetime], account: str) -> None:
        self._now = now
        self._numbers: list[re.Pattern[str]] = []
        self.hide([account])
        self.seen: list[Seen] = []
        self._sent = False
        make_private_folder(folder())
        self.path = folder() / f"{now():%Y%m%dT%H%M%S}-{_name(account)}.jsonl"
        try:
            os.close(os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        except FileExistsError:
            raise BlockedError("another drill of this account has just begun", code="drill_twice") from None
        self.write("begun", account=account[-_TAIL:])

    def hide(self, accounts: Iterable[str]) -> None:
        """Write these numbers of accounts with their last digits only, wherever they stand: remarks may hold them."""
        self._numbers += [re.compile(r"[ -]?".join(one)) for one in accounts if len(one) > _TAIL]

    def write(self, what: str, **more: object) -> None:
        """A line. It is on the disk when this returns.

        Once an order is on its way, a disk that is full is no reason to stop looking after it: the line goes to stderr then.
        """
        told = {name: self._without_numbers(value) if isinstance(value, str) else value for name, value in more.items()}
        line = json.dumps({"at": self._now().isoformat(timespec="milliseconds"), "what": what, **told}, ensure_ascii=False)
        line = line.encode("utf-8", "backslashreplace").decode()
        try:
            with open(self.path, "a", encoding="utf-8") as file:
                file.write(f"{line}\n")
                file.flush()
                os.fsync(file.fileno())
        except OSError:
            if not self._sent:
                raise
            with suppress(OSError, ValueError):
                sys.stderr.write(f"{line}\n")
        self._sent = self._sent or what == "placing"

    def asked(self, verb: str, path: str, more: Mapping[str, object] | None) -> None:
        """A request, before it is sent."""
        self.write("asked", request=redacted(f"{verb} {path}"), content=redacted(json.dumps(more or {})))

    def answered(self, answer: Answer) -> None:
        """Its answer."""
        self.write("answered", status=answer.status, body=redacted(answer.body.decode("utf-8", "replace")))

    def found(self, name: str, what: str, verdict: Verdict) -> None:
        """What was seen of the fact ``name``."""
        what = self._without_numbers(redacted(what))
        self.seen.append(Seen(FACTS[name], what, verdict))
        self.write("seen", fact=name, seen=what, verdict=verdict)

    def _without_numbers(self, text: str) -> str:
        for number in self._numbers:
            text = number.sub(lambda found: f"…{found[0][-_TAIL:]}", text)
        return text


def unfinished(account: str, now: dt.datetime) -> Path | None:
    """A notebook of this account, not older than a day order lives, whose order was on its way and not seen to end; None for none.

    Args:
        account: The number of the account.
        now: The moment, UTC.
    """
    for path in sorted(folder().glob(f"*-{_name(account)}.jsonl"), reverse=True):
        lines = {one.get("what"): one for one in map(_parsed, path.read_text(encoding="utf-8", errors="replace").splitlines())}
        if "placing" in lines and "ended" not in lines and now - dt.datetime.fromisoformat(lines["placing"]["at"]) < _LIVES:
            return path
    return None


def _name(account: str) -> str:
    """The last digits, for the eyes of the owner, and what tells two accounts with the same ones apart."""
    return f"{account[-_TAIL:]}-{hashlib.sha256(account.encode()).hexdigest()[:6]}"


def _parsed(line: str) -> dict[str, Any]:
    """A line; nothing of one that was cut off."""
    try:
        found = json.loads(line)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
