"""What is no place for a journal: drives and folders that others share or synchronise, and files that others may read."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from rebalkit.errors import JournalError

__all__ = ["filesystem_of", "refuse_open_to_others", "refuse_shared_place"]

_NETWORK = frozenset({
    "9p", "afs", "cifs", "davfs", "fuse.gcsfuse", "fuse.rclone", "fuse.s3fs", "fuse.sshfs", "ncpfs", "nfs", "nfs4", "smb3", "smbfs",
})  # fmt: skip
"""Types of file systems on which locks and synchronised writes are not those of this machine."""

_SYNCED = (
    "Box Sync", "Dropbox", "Google Drive", "GoogleDrive", "iCloud Drive", "iCloudDrive", "Mobile Documents", "Nextcloud", "OneDrive",
    "pCloudDrive",
)  # fmt: skip
"""Names of folders whose content programs copy between machines, behind the back of whoever writes there."""


def refuse_shared_place(folder: Path, mounts: Path = Path("/proc/self/mounts")) -> None:
    """Raise JournalError when ``folder`` is on a network drive or in a folder that is synchronised with other machines."""
    resolved = folder.resolve()
    synced = next((part for part in resolved.parts if part.startswith(_SYNCED)), None)
    if synced is not None:
        raise _refused(folder, f"{synced} copies its files between machines: two of them could trade on one journal")
    kind = filesystem_of(resolved, mounts)
    if kind in _NETWORK:
        raise _refused(folder, f"it is on a network drive ({kind}), where a lock does not keep other machines out")


def filesystem_of(folder: Path, mounts: Path) -> str | None:
    """Type of the file system that ``folder`` is on, by a table of mounts as Linux has it; None where there is no such table."""
    try:
        lines = mounts.read_text(encoding="utf-8", errors="surrogateescape").splitlines()
    except OSError:
        return None
    best, found = -1, None
    for line in lines:
        _, point, kind, *_ = [*line.split(" "), "", "", ""]
        mounted = Path(point.replace("\\040", " ").replace("\\011", "\t").replace("\\134", "\\"))
        if folder.is_relative_to(mounted) and len(mounted.parts) >= best:
            best, found = len(mounted.parts), kind
    return found


def refuse_open_to_others(path: Path) -> None:
    """Raise JournalError when anyone but the owner may read or write ``path``. Windows keeps the folders of users apart by itself."""
    mode = stat.S_IMODE(path.stat().st_mode)
    if os.name == "posix" and mode & 0o077:
        own = "700" if path.is_dir() else "600"
        raise JournalError(
            f"others on this machine may read or change it (mode {mode:03o})",
            place=str(path),
            code="open_to_others",
            remedy=f"Nothing is sent until only you can: chmod {own} {path}",
        )


def _refused(folder: Path, why: str) -> JournalError:
    return JournalError(
        f"this is no place for a journal: {why}",
        place=str(folder),
        code="journal_on_network",
        remedy="Nothing is sent. Name a folder on a disk of this machine in REBALKIT_HOME.",
    )
