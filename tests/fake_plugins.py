"""Distributions that exist only as files: a module and the metadata that names it."""

from __future__ import annotations

import importlib
import shutil
from base64 import urlsafe_b64encode
from hashlib import sha256
from pathlib import Path
from textwrap import dedent

HEAD = """
from rebalkit.plugin import *
from rebalkit.plugin import BrokerCapabilities, NoSettings

def strategy(name, **more):
    return StrategyRecord(name, "A strategy", factory=lambda settings: settings, **more)
"""


class Site:
    """A folder on the import path. ``install`` adds a distribution to it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def install(self, name: str, code: str = "", *, version: str = "1.0", entry: str = "", points: str = "") -> None:
        """A distribution ``name`` with one module, ``code`` after `HEAD`, and one entry point named ``entry`` or as it is."""
        module = name.replace("-", "_")
        (self.folder / f"{module}.py").write_text(HEAD + dedent(code), encoding="utf-8")
        info = self.folder / f"{module}-{version}.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n", encoding="utf-8")
        points = points or f"{entry or name} = {module}"
        (info / "entry_points.txt").write_text(f"[rebalkit]\n{points}\n", encoding="utf-8")
        self.record(name, version)
        importlib.invalidate_caches()

    def record(self, name: str, version: str = "1.0") -> None:
        """Write the list of the files of an installed distribution as an installer does."""
        module = name.replace("-", "_")
        info = self.folder / f"{module}-{version}.dist-info"
        files = [self.folder / f"{module}.py", info / "METADATA", info / "entry_points.txt"]
        lines = [f"{info.name}/RECORD,,"]
        for file in files:
            digest = urlsafe_b64encode(sha256(file.read_bytes()).digest()).decode().rstrip("=")
            lines.append(f"{file.relative_to(self.folder).as_posix()},sha256={digest},{file.stat().st_size}")
        (info / "RECORD").write_text("\n".join(sorted(lines)) + "\n", encoding="utf-8")

    def update(self, name: str, code: str, version: str) -> None:
        """Another version of an installed distribution instead of the one that is there."""
        shutil.rmtree(next(self.folder.glob(f"{name.replace('-', '_')}-*.dist-info")))
        self.install(name, code, version=version)
