"""Which texts this process must not show, and how they are taken out of others."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator

__all__ = ["HIDDEN", "at_first_secret", "conceal", "said", "without_secrets"]

HIDDEN = "•••"
"""What stands in the place of a secret."""

_SHORTEST = 5
"""Characters: as many as the shortest code that a page of a login shows.

Shorter ones are not looked for: they would be found in ordinary words and numbers, and change what these say.
"""

_PERCENT = re.compile(r"%[0-9A-F]{2}")

_forms: set[str] = set()
_pattern: re.Pattern[str] | None = None
_waiting: list[Callable[[], object]] = []


def conceal(value: str) -> None:
    """From now on take ``value`` out of everything that passes `without_secrets`, also as it looks encoded."""
    global _pattern
    new = {form for form in (value, *_encoded(value)) if len(form) >= _SHORTEST} - _forms
    if new:
        _forms.update(new)
        # The longest first: a secret may begin as another one does.
        _pattern = re.compile("|".join(re.escape(form) for form in sorted(_forms, key=len, reverse=True)))
    while _waiting:
        _waiting.pop()()


def without_secrets(text: str) -> str:
    """``text`` with every secret that this process has held replaced by three dots."""
    return text if _pattern is None else _pattern.sub(HIDDEN, text)


def said(remarks: Iterable[str]) -> tuple[str, ...]:
    """Each of the ``remarks`` of somebody else as `without_secrets` leaves it."""
    return tuple(without_secrets(one) for one in remarks)


def at_first_secret(do: Callable[[], object]) -> None:
    """Call ``do`` once as soon as this process holds a secret; at once when it does already."""
    if _pattern is None:
        _waiting.append(do)
    else:
        do()


def _encoded(value: str) -> Iterator[str]:
    """How ``value`` looks in an address, a header, a page, a JSON document or an exception."""
    import html
    import json
    from base64 import b64encode
    from urllib.parse import quote, quote_plus

    once = quote(value, safe="")
    # OAuth 1 encodes what it signs twice.
    for form in (once, quote(value), quote_plus(value), quote(once, safe="")):
        yield form
        yield _PERCENT.sub(lambda found: found[0].lower(), form)
    yield html.escape(value)
    yield json.dumps(value)[1:-1]
    yield repr(value)[1:-1]
    raw = value.encode("utf-8", "surrogatepass")
    for before in range(3):
        # Inside of a longer text, such as ``user:password``, it may begin at each of the three places of a group of base64.
        # What the characters at its two ends say is mixed with their neighbours, so that they are not looked for.
        coded = b64encode(b"\0" * before + raw).decode()
        yield coded[(0, 2, 3)[before] :]
        whole = coded[(0, 2, 3)[before] : len(coded) - (0, 3, 2)[(before + len(raw)) % 3]]
        yield whole
        yield whole.translate(str.maketrans("+/", "-_"))
