"""New files for a folder: all of them or none, and nothing overwritten."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping
from pathlib import Path

from rebalkit.errors import UsageError

__all__ = ["add_files"]


def add_files(folder: Path, texts: Mapping[str, str]) -> None:
    """Add new files to ``folder``, which is made if need be; when one cannot be added, none is.

    Args:
        folder: Where.
        texts: The text of each file by its name.

    Raises:
        UsageError: One of the files is already there, or the folder cannot be written.
    """
    there = [name for name in texts if os.path.lexists(folder / name)]
    if there:
        remedy = "Nothing is overwritten: name another folder, or move these files away."
        raise UsageError(f"already there: {', '.join(there)}", place=str(folder), remedy=remedy, code="already_there")
    added: list[Path] = []
    try:
        folder.mkdir(parents=True, exist_ok=True)
        # Written aside first: what may fail, such as a full disk, fails before a file has its name.
        with tempfile.TemporaryDirectory(prefix=".rebalkit-", dir=folder) as aside:
            for name, text in texts.items():
                (Path(aside) / name).write_text(text, encoding="utf-8", newline="")
            for name in texts:
                (Path(aside) / name).rename(folder / name)
                added.append(folder / name)
    except (OSError, ValueError) as problem:
        for path in added:
            path.unlink(missing_ok=True)
        reason = f"the files cannot be written: {problem}"
        raise UsageError(reason, place=str(folder), remedy="Name another folder.", code="unwritable") from None
