"""Where journals are."""

from __future__ import annotations

import hashlib
from pathlib import Path

from rebalkit.places import state_folder

__all__ = ["journal_path", "journals", "mirror_of"]

_DATABASE, _LINES = ".sqlite3", ".jsonl"


def journal_path(scope: str, account: str) -> Path:
    """The file of the journal of one account; its name tells nothing of the account."""
    name = hashlib.sha256("\x1f".join((scope, account)).encode()).hexdigest()[:16]
    return _folder() / f"{name}{_DATABASE}"


def mirror_of(path: Path) -> Path:
    """The file of lines beside the database ``path``."""
    return path.with_suffix(_LINES)


def journals() -> list[Path]:
    """The files of all journals, by name; of one whose database is lost too."""
    folder = _folder()
    if not folder.is_dir():
        return []
    return sorted({file.with_suffix(_DATABASE) for file in folder.iterdir() if file.suffix in (_DATABASE, _LINES)})


def _folder() -> Path:
    return state_folder() / "journal"
