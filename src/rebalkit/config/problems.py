"""Problems of a configuration, each with the path of its key."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator

from cattrs import ClassValidationError, ForbiddenExtraKeysError, IterableValidationError

from rebalkit.config.references import names_a_secret
from rebalkit.errors import ConfigError, RebalkitError

__all__ = ["KeyPath", "Where", "join", "problems_of", "suggestion", "unknown_key"]

KeyPath = tuple[str | int, ...]
"""The keys that lead to a value; an integer counts the elements of a list from 1."""

Where = Callable[[KeyPath], str]
"""Says of a path where a person wrote it."""

_BARE = re.compile(r"[A-Za-z0-9_-]+")


def join(path: Iterable[str | int], place: str = "") -> str:
    """``path`` as a person writes it, such as ``asset_class[2].target``, after ``place``."""
    text = ""
    for key in path:
        if isinstance(key, int):
            text += f"[{key}]"
        else:
            quoted = key if _BARE.fullmatch(key) else '"' + key.replace('"', '\\"') + '"'
            text += f".{quoted}" if text else quoted
    if not place or not text:
        return place or text
    # A place that already leads into the file (`rebalkit.toml: strategy`) is continued, a mere file name is introduced.
    return f"{place}.{text}" if ": " in place and not text.startswith("[") else f"{place}: {text}"


def suggestion(name: str, known: Iterable[str]) -> str:
    """A sentence that helps with the unknown ``name``: what it may be meant to be, or else all that is known."""
    import difflib  # Only somebody's mistake needs it.

    names = sorted(known)
    close = difflib.get_close_matches(name.lower(), names, n=1, cutoff=0.6)
    if close:
        return f"Did you mean {close[0]!r}?"
    return f"Known: {', '.join(names)}." if names else "There are none."


def unknown_key(name: str, known: Iterable[str], place: str) -> ConfigError:
    """The refusal of a key that means nothing."""
    return ConfigError(f"unknown key {name!r}", place=place, code="unknown_key", remedy=suggestion(name, known))


def problems_of(error: Exception, where: Where, path: KeyPath = ()) -> Iterator[ConfigError]:
    """Each problem inside an error of cattrs as a ConfigError at its own place."""
    if isinstance(error, (ClassValidationError, IterableValidationError)):
        noted, alone = error.group_exceptions()
        for inner, note in noted:
            yield from problems_of(inner, where, (*path, _step(note.name if hasattr(note, "name") else note.index)))
        for inner in alone:
            yield from problems_of(inner, where, path)
    elif isinstance(error, ForbiddenExtraKeysError):
        known = [attribute.alias or attribute.name for attribute in error.cl.__attrs_attrs__]  # type: ignore[attr-defined]
        for name in sorted(error.extra_fields):
            yield unknown_key(name, known, where((*path, name)))
    elif isinstance(error, RebalkitError):
        for one in error.problems:
            # The value knows its own name, the path knows where a person wrote it.
            yield ConfigError(one.reason, place=where(path) or one.place, remedy=one.remedy, code=one.code)
    else:
        yield _plain(error, where, path)


def _step(index: object) -> str | int:
    # cattrs counts lists from 0, people from 1.
    return index + 1 if isinstance(index, int) else str(index)


def _plain(error: Exception, where: Where, path: KeyPath) -> ConfigError:
    last = path[-1] if path else None
    if isinstance(error, KeyError) and error.args == (last,):
        return ConfigError("is missing", place=where(path), code="missing_key", remedy=f"Add {last} = …")
    if isinstance(last, str) and names_a_secret(last):
        return ConfigError("is not what the setting can be", place=where(path), code="bad_value")
    # The validators of attrs put the attribute and the value after their message.
    reason = error.args[0] if error.args and isinstance(error.args[0], str) else str(error)
    return ConfigError(reason or type(error).__name__, place=where(path), code="bad_value")
