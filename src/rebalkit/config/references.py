"""Secrets are named in a configuration, never written into it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from rebalkit.secrets.references import is_reference

__all__ = ["inline_secrets", "names_a_secret"]

_SECRET_WORDS = {
    "apikey", "credential", "credentials", "key", "keys", "passphrase", "passwd", "password", "passwords", "pin", "secret",
    "secrets", "token", "tokens",
}  # fmt: skip


def names_a_secret(key: str) -> bool:
    """Whether a setting named ``key`` holds a secret, judged by the words of its name."""
    words = re.split(r"[^a-z]+", re.sub(r"(?<=[a-z])(?=[A-Z])", "_", key).lower())
    return not _SECRET_WORDS.isdisjoint(words)


def inline_secrets(raw: Mapping[str, Any], path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """The paths of all values in ``raw`` that are secrets themselves instead of references (``keyring:…``, ``env:…``, ``file:…``)."""
    for key, value in raw.items():
        yield from _inspect(value, (*path, key), names_a_secret(key))


def _inspect(value: Any, path: tuple[str | int, ...], secret: bool) -> Iterator[tuple[str | int, ...]]:
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _inspect(inner, (*path, key), secret or names_a_secret(key))
    elif isinstance(value, (list, tuple)):
        for number, inner in enumerate(value, 1):
            yield from _inspect(inner, (*path, number), secret)
    elif secret and not isinstance(value, bool) and not is_reference(value):
        yield path
