"""Where rebalkit keeps what has to outlive a command, such as paper accounts, and how it writes there."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

__all__ = ["alone_at", "make_private_folder", "state_folder", "write_private"]


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


@contextmanager
def alone_at(path: Path, patience: float) -> Iterator[None]:
    """Hold the file ``path``, which need not exist, alone. The system lets go of it when this process ends, however it ends.

    Raises:
        TimeoutError: Another process still holds it after ``patience`` seconds.
        OSError: There is no place for it.
    """
    import time

    make_private_folder(path.parent)
    descriptor = os.open(path.with_suffix(".lock"), os.O_RDWR | os.O_CREAT, 0o600)
    try:
        deadline = time.monotonic() + patience
        while not _try_lock(descriptor):
            if time.monotonic() > deadline:
                raise TimeoutError(f"another process holds {path}")
            time.sleep(0.02)
        yield
    finally:
        os.close(descriptor)


def write_private(path: Path, text: str) -> None:
    """Put ``text`` in the place of the file ``path`` at once, for this user only, in a folder that exists.

    Whatever happens, the old file or the new one is there, and whole. Two processes that write the same file must each hold it alone.

    Raises:
        OSError: It cannot be written; the old file is there.
    """
    new = path.with_suffix(".new")
    try:
        descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with open(descriptor, "w", encoding="utf-8", newline="\n") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        new.replace(path)
    except OSError:
        with suppress(OSError):
            new.unlink()
        raise
    with suppress(OSError):  # Windows has no descriptors of folders; the file itself is safe by now
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


if sys.platform == "win32":

    def _try_lock(descriptor: int) -> bool:
        import msvcrt

        try:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

else:

    def _try_lock(descriptor: int) -> bool:
        import fcntl

        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return False
        return True
