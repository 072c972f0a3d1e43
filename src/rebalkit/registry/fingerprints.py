"""What a plugin is made of, as one digest, without importing it."""

from __future__ import annotations

import csv
import hashlib
import importlib.util
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from pathlib import Path

from rebalkit.registry.providers import Provider

__all__ = ["Unsound", "fingerprint"]

_REINSTALL = "Install it as a wheel (pip install, without --editable), or name its file under plugins in the configuration."


_SOUND = ("sha256", "sha384", "sha512")
"""Digests that a list of files may have; older ones can be met by another file."""


class Unsound(Exception):
    """It cannot be said what a plugin is made of; the message says why."""

    def __init__(self, reason: str, remedy: str = _REINSTALL) -> None:
        super().__init__(reason)
        self.remedy = remedy


def fingerprint(provider: Provider) -> str:
    """SHA-256 of the file of a project-local plugin; of others that of the RECORD of the distribution, whose files must agree with it.

    What the distribution depends on is not part of it.

    Raises:
        Unsound: A file is missing or was changed, or the module of the plugin is not among the files.
    """
    if provider.point is None:
        try:
            return hashlib.sha256(Path(provider.module).read_bytes()).hexdigest()
        except OSError as problem:
            raise Unsound(f"its file cannot be read ({problem.strerror})", "Check the path and its rights.") from None
    distribution = provider.point.dist
    record = distribution.read_text("RECORD") if distribution else None
    if distribution is None or record is None:
        raise Unsound("its installation has no list of its files (RECORD)")
    # Not Distribution.files: from Python 3.12 on it passes over files that are missing.
    rows = [row for row in csv.reader(record.splitlines()) if row]
    places = {row[0]: Path(str(distribution.locate_file(row[0]))) for row in rows}
    for file, digest, *_ in ([*row, ""] for row in rows):
        _refuse_changed(file, places[file], digest)
    _refuse_elsewhere(provider, places)
    return hashlib.sha256(record.encode()).hexdigest()


def _refuse_changed(file: str, place: Path, recorded: str) -> None:
    if not recorded and file.endswith(
        (".dist-info/RECORD", ".pyc")
    ):  # what was written after the list, or is compiled at an import
        return
    kind, _, digest = recorded.partition("=")
    if kind not in _SOUND:
        raise Unsound(f"its file {file} is recorded with a weak digest ({kind or 'none'})")
    try:
        found = urlsafe_b64encode(hashlib.new(kind, place.read_bytes()).digest()).decode().rstrip("=")
    except OSError:
        raise Unsound(f"its file {file} cannot be read") from None
    if found != digest:
        raise Unsound(f"its file {file} is not the one that was installed")


def _refuse_elsewhere(provider: Provider, files: Mapping[str, Path]) -> None:
    """Refuse a module that an import would not find among the files: another distribution's, or a file that is in front of it."""
    parts = provider.module.partition(":")[0].split(".")
    path = "/".join(parts)
    # Only the outermost package is looked up: looking further would import it.
    outer = next((name for name in (f"{parts[0]}.py", f"{parts[0]}/__init__.py") if name in files), None)
    spec = importlib.util.find_spec(parts[0])
    if outer is None or not {f"{path}.py", f"{path}/__init__.py"} & files.keys():
        raise Unsound(f"its module {provider.module} is not among the files that were installed with it")
    if spec is None or spec.origin is None or Path(spec.origin).resolve() != files[outer].resolve():
        raise Unsound(f"importing {parts[0]} would load another file than the one that was installed")
