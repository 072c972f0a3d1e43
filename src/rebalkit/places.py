"""Where rebalkit keeps what has to outlive a command, such as paper accounts."""

from __future__ import annotations

import os
from pathlib import Path

__all__ = ["make_private_folder", "state_folder"]


def state_folder() -> Path:
    """The folder of rebalkit's state: ``$REBALKIT_HOME`` when that is set and not empty, else the platform's own place.

    It need not exist yet: whoever writes into it makes the folder with `make_private_folder`.
    """
    named = os.environ.get("REBALKIT_HOME", "")
    if named:
        return Path(named).expanduser().absolute()
    from platformdirs import user_state_path

    return user_state_path("rebalkit")


def make_private_folder(folder: Path) -> None:
    """Make ``folder`` and what is missing above it, open to this user only. Folders that exist stay as they are.

    Raises:
        OSError: It cannot be made, or is no folder.
    """
    # mkdir(parents=True) would give the mode to the last folder alone.
    if not folder.parent.exists():
        make_private_folder(folder.parent)
    folder.mkdir(mode=0o700, exist_ok=True)
