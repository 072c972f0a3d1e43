"""Secrets in files that only their owner may read."""

from __future__ import annotations

import os
import re
import stat
from contextlib import suppress
from pathlib import Path

from rebalkit.errors import ConfigError
from rebalkit.places import make_private_folder
from rebalkit.secrets.secret import Secret

__all__ = ["absolute", "read", "write"]

_LARGEST = 65_536
"""Bytes: no secret is larger, and no file that was named by mistake is read whole."""


def read(named: str, *, exposed: bool = False) -> Secret:
    """The secret in the file ``named``, without the end of its line.

    Args:
        named: Path of the file, absolute or one that begins with ``~``.
        exposed: Whether a file that others may read is read, too: only to let the secret in it die.

    Raises:
        ConfigError: There is no such file, it is a link, another user's, or others may read it; or it holds no text.
    """
    path = absolute(named)
    # No link is followed: whoever may write into the folder could make it point at another file. Nor does a pipe hang this.
    flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0)
    try:
        descriptor = os.open(path, flags)
    except OSError as problem:
        if path.is_symlink():
            raise _refused(path, "it is a link", "Name the file itself.") from None
        raise _refused(
            path, f"it cannot be read ({problem.strerror})", "Write the secret there, mode 0600.", "no_secret"
        ) from None
    try:
        _refuse_open(path, os.fstat(descriptor), exposed)
        data = os.read(descriptor, _LARGEST + 1)  # whole: a file gives all that is asked for
    finally:
        os.close(descriptor)
    try:
        text = data.decode("utf-8").removesuffix("\n").removesuffix("\r")
    except UnicodeDecodeError:
        text = ""
    if not text or len(data) > _LARGEST:
        raise _refused(path, "it holds no secret: expected one text, at most 64 KiB", "Write the secret there.", "no_secret")
    return Secret(text)


def write(named: str, secret: Secret) -> None:
    """Put ``secret`` in the place of the file ``named`` at once: whatever happens, the old file or the new one is there, and whole.

    What a process that was killed has left of an earlier writing is taken away. So two processes that write the same file must each hold
    it alone (`rebalkit.secrets.references.alone_with`); where they do not, one of the two may fail, with what is there untouched.

    Raises:
        ConfigError: It cannot be written, or what is there is no file of this user; that stays as it is.
    """
    import tempfile

    path = absolute(named)
    try:
        there = path.lstat()
    except OSError:
        there = None
    if there is not None and not stat.S_ISREG(there.st_mode):
        raise _refused(path, "there is something else than a file", "Name another path.")
    new = None
    try:
        make_private_folder(path.parent)
        _remove_left_over(path)
        # A new file of a name that nobody can guess, for this user only from its first moment.
        descriptor, new = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".new", dir=path.parent)
        with open(descriptor, "w", encoding="utf-8", newline="\n") as file:
            file.write(secret.reveal())
            file.flush()
            os.fsync(file.fileno())
        os.replace(new, path)  # noqa: PTH105 - both are names, not paths
        new = None
    except OSError as problem:
        raise _refused(path, f"it cannot be written ({problem.strerror})", "The old one is still valid.", "unwritable") from None
    finally:
        if new is not None:
            with suppress(OSError):
                os.unlink(new)  # noqa: PTH108


def absolute(named: str) -> Path:
    """The path that ``named`` means. Raises ConfigError where that depends on the folder that a command is started in."""
    path = Path(named)
    # Where there is no home to be found the path stays as it is, which is refused then.
    with suppress(RuntimeError):
        path = path.expanduser()
    if not path.is_absolute():
        raise _refused(path, "it depends on the folder that a command is started in", "Name it from / or ~ on.")
    return path


def _remove_left_over(path: Path) -> None:
    """Take away what writings of the file ``path`` left that were never over: each holds a secret that may still be valid."""
    name = re.compile(rf"\.{re.escape(path.name)}\.[a-z0-9_]{{8}}\.new")
    with suppress(OSError):  # a folder that may be written to need not show what is in it
        for one in path.parent.iterdir():
            if name.fullmatch(one.name):
                one.unlink(missing_ok=True)


def _refuse_open(path: Path, status: os.stat_result, exposed: bool) -> None:
    if not stat.S_ISREG(status.st_mode):
        raise _refused(path, "it is no file", "Name a file.")
    if os.name != "posix":
        return  # Windows keeps the folders of users apart by itself.
    if status.st_uid != os.geteuid():
        raise _refused(path, "it belongs to another user", f"Copy it, and make it yours: chown $USER {path}")
    mode = stat.S_IMODE(status.st_mode)
    if mode & 0o077 and not exposed:
        remedy = f"Others may have read it: get a new secret, then chmod 600 {path}"
        raise _refused(path, f"others on this machine may read or change it (mode {mode:03o})", remedy, "open_to_others")


def _refused(path: Path, why: str, remedy: str, code: str = "unsafe_secret") -> ConfigError:
    return ConfigError(f"the file of a secret is refused: {why}", place=f"file:{path}", code=code, remedy=remedy)
