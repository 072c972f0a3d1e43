"""Texts of E*TRADE without what identifies an account or lets anybody in, in whatever form it comes."""

from __future__ import annotations

import re

from rebalkit.outside_text import clean, clean_lines
from rebalkit.secrets.concealing import conceal
from rebalkit.secrets.credentials import without_credentials

__all__ = ["conceal_key_in", "named", "redacted"]

_SLASH = r"(?:\\?/|%2F)"
_PATH = re.compile(rf"({_SLASH}accounts{_SLASH})(?!list(?![A-Za-z0-9_-]))([A-Za-z0-9_-]+)", re.IGNORECASE)
"""The key in an address, also as JSON and addresses in addresses write it. A key may begin with ``list``."""

_NAME = r"acc(?:oun)?t_?(?P<what>id_?key|key|id|no|num|number|name|nick_?name|desc|description)"
_QUOTED = re.compile(
    rf"(?P<before>(?P<name>\\{{0,7}}[\"']){_NAME}(?P=name)\s*[:=]\s*(?P<quote>\\{{0,7}}[\"']))(?P<value>.*?)(?=(?<!\\)(?P=quote)|$)",
    re.IGNORECASE | re.DOTALL,
)
"""A field of JSON, or of JSON in a text of JSON, or as Python shows it: up to the quote that is not a part of the value."""
_ELEMENT = re.compile(
    rf"(?P<before>(?:<|&lt;)(?:\w+:)?{_NAME}(?:\s[^<>&]*)?(?:>|&gt;))(?P<value>.*?)(?=<|&lt;|$)", re.IGNORECASE | re.DOTALL
)
_KEY = re.compile(r"(\bacc(?:oun)?t[ _]?(?:id[ _]?)?key[^\w<>]{1,4})[A-Za-z0-9_-]{16,}", re.IGNORECASE)
"""A key in words or in a query."""
_NUMBER = re.compile(
    r"(?P<before>\bacc(?:oun)?ts?[ _]?(?:id|no|num|number)?[^\w$€….<>]{1,8})(?P<value>\d+(?:[ -]\d{3,})*)(?!\w|[.,]\d)",
    re.IGNORECASE,
)
"""A number in words, in a query, or without quotes; an amount is none."""
_SHORTEST = 5
"""Digits of a number of which all but four are taken out."""
_SHORTEST_KEY = 16
"""Characters of a key that is looked for wherever it stands: those of E*TRADE have 22."""


def redacted(text: str) -> str:
    """``text`` on one line, without what identifies an account or lets anybody in; of an account's number the last four digits stay."""
    # First what cannot be seen: it could stand in the middle of what is looked for.
    text = _PATH.sub(r"\1…", clean_lines(text))
    text = _ELEMENT.sub(_shortened, _QUOTED.sub(_shortened, text))
    text = _NUMBER.sub(_shortened, _KEY.sub(r"\1…", text))
    return clean(without_credentials(text))


def named(account: str) -> str:
    """An account in words that tell its owner which one it is, and nobody else: by the last four digits of its number."""
    return f"account …{account[-4:]}"


def conceal_key_in(path: str) -> None:
    """Take the account's key in the ``path`` of a request out of everything from now on: an answer may name it anywhere."""
    found = _PATH.search(path)
    if found is not None and len(found[2]) >= _SHORTEST_KEY:
        conceal(found[2])


def _shortened(found: re.Match[str]) -> str:
    """The field with its last four digits where it is a number, else without all that it says."""
    parts = found.groupdict()
    before, value, what = parts["before"], parts["value"], (parts.get("what") or "number").lower()
    if not value.strip():
        return found[0]
    if what not in ("id", "no", "num", "number"):
        return f"{before}…"
    digits = re.sub(r"\D", "", value)
    if "what" not in parts and len(digits) < _SHORTEST:
        return found[0]
    return f"{before}…{digits[-4:] if len(digits) >= _SHORTEST else ''}"
