"""The notebook of a drill: each request, answer and finding on a line of its own, on disk before anything else happens."""

from __future__ import annotations

import datetime as dt
import json
import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from rebalkit.places import make_private_folder, state_folder
from rebalkit_etrade.answers import Answer
from rebalkit_etrade.drill.facts import FACTS, Seen, Verdict
from rebalkit_etrade.wire.request_log import redacted

__all__ = ["Notebook", "notebooks", "unfinished"]


def _folder() -> Path:
    return state_folder() / "etrade" / "drills"


def notebooks() -> Sequence[Path]:
    """All notebooks of this user, oldest first."""
    return sorted(_folder().glob("*.jsonl"))


class Notebook:
    """Writes one; without keys, tokens and numbers of accounts, of which the last four digits stay.

    Args:
        now: What time it is, UTC.
        account: The last digits of the account's number.

    Attributes:
        path: The file.
        seen: What was found so far.
    """

    def __init__(self, now: Callable[[], dt.datetime], account: str) -> None:
        self._now = now
        self.seen: list[Seen] = []
        make_private_folder(_folder())
        self.path = _folder() / f"{now():%Y%m%dT%H%M%S}-{account}.jsonl"
        # Exclusively: two drills of one second and one account are none.
        os.close(os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        self.write("begun", account=account)

    def write(self, what: str, **more: object) -> None:
        """A line. It is on the disk when this returns."""
        line = json.dumps({"at": self._now().isoformat(timespec="milliseconds"), "what": what, **more}, ensure_ascii=False)
        with open(self.path, "a", encoding="utf-8") as file:
            file.write(f"{line}\n")
            file.flush()
            os.fsync(file.fileno())

    def asked(self, verb: str, path: str, more: Mapping[str, object] | None) -> None:
        """A request, before it is sent."""
        self.write("asked", request=redacted(f"{verb} {path}"), content=redacted(json.dumps(more or {})))

    def answered(self, answer: Answer) -> None:
        """Its answer."""
        self.write("answered", status=answer.status, body=redacted(answer.body.decode("utf-8", "replace")))

    def found(self, name: str, what: str, verdict: Verdict) -> None:
        """What was seen of the fact ``name``."""
        self.seen.append(Seen(FACTS[name], what, verdict))
        self.write("seen", fact=name, seen=what, verdict=verdict)


def unfinished(account: str, now: dt.datetime) -> Path | None:
    """A notebook of this account, not older than a day order lives, whose order was on its way and not seen to end; None for none.

    Args:
        account: The last digits of the account's number.
        now: The moment, UTC.
    """
    for path in reversed(notebooks()):
        if not path.stem.endswith(f"-{account}"):
            continue
        lines = [_parsed(line) for line in path.read_text(encoding="utf-8").splitlines()]
        names = [one.get("what") for one in lines]
        begun = dt.datetime.fromisoformat(str(lines[0].get("at"))) if lines and lines[0] else now
        if "placing" in names and "ended" not in names and now - begun < dt.timedelta(days=1):
            return path
    return None


def _parsed(line: str) -> dict[str, Any]:
    """A line; nothing of one that was cut off."""
    try:
        found = json.loads(line)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
