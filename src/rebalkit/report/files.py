"""Files of a report, whole or not at all."""

from __future__ import annotations

import contextlib
from pathlib import Path

__all__ = ["write_whole"]


def write_whole(path: Path, text: str) -> Path:
    """Write ``text`` as UTF-8 to ``path``, replacing what is there, so that a half-written file is never seen; returns ``path``.

    Line ends are written as they are in ``text``. Raises OSError, which names ``path``, when it cannot be written.
    """
    part = path.with_name(f".{path.name}.part")
    try:
        part.write_text(text, encoding="utf-8", newline="")
        part.replace(path)
    except OSError as problem:
        with contextlib.suppress(OSError):
            part.unlink(missing_ok=True)
        problem.filename, problem.filename2 = str(path), None  # the file that was asked for, not the one beside it
        raise
    except BaseException:
        part.unlink(missing_ok=True)
        raise
    return path
