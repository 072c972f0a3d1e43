"""What a plugin is made of, as one digest, without importing it."""

from __future__ import annotations

import hashlib
import importlib.util
from base64 import urlsafe_b64encode
from importlib import metadata
from pathlib import Path

from rebalkit.registry.providers import Provider

__all__ = ["Unsound", "fingerprint"]

_REINSTALL = "Install it as a wheel (pip install, without --editable), or name its file under plugins in the configuration."


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
    files = {file.as_posix(): file for file in distribution.files or ()}
    for file in files.values():
        _refuse_changed(file)
    _refuse_elsewhere(provider, files)
    return hashlib.sha256(record.encode()).hexdigest()


def _refuse_changed(file: metadata.PackagePath) -> None:
    if file.hash is None:  # RECORD itself, and what is compiled when the plugin is imported
        return
    try:
        content = Path(str(file.locate())).read_bytes()
        found = urlsafe_b64encode(hashlib.new(file.hash.mode, content).digest()).decode().rstrip("=")
    except (OSError, ValueError):
        raise Unsound(f"its file {file} cannot be read") from None
    if found != file.hash.value:
        raise Unsound(f"its file {file} is not the one that was installed")


def _refuse_elsewhere(provider: Provider, files: dict[str, metadata.PackagePath]) -> None:
    """Refuse a module that an import would not find among the files: another distribution's, or a file that is in front of it."""
    parts = provider.module.partition(":")[0].split(".")
    path = "/".join(parts)
    # Only the outermost package is looked up: looking further would import it.
    outer = next((name for name in (f"{parts[0]}.py", f"{parts[0]}/__init__.py") if name in files), None)
    spec = importlib.util.find_spec(parts[0])
    if outer is None or not {f"{path}.py", f"{path}/__init__.py"} & files.keys():
        raise Unsound(f"its module {provider.module} is not among the files that were installed with it")
    if spec is None or spec.origin is None or Path(spec.origin).resolve() != Path(str(files[outer].locate())).resolve():
        raise Unsound(f"importing {parts[0]} would load another file than the one that was installed")
