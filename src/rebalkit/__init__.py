"""Rebalance a taxable ETF portfolio and harvest tax losses without a wash sale, at any broker.

The names below are the public interface for programs; `rebalkit.plugin` is the one for plugins. They are imported when they are
first used, so that a command that needs none of them starts at once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rebalkit._version import __version__

if TYPE_CHECKING:
    from rebalkit.errors import RebalkitError
    from rebalkit.model import AssetClass, IdentityGroups, Limits, Lot, Plan, Report, Snapshot, Targets
    from rebalkit.pipeline.library import document, plan, read_folder, read_targets

__all__ = [
    "AssetClass",
    "IdentityGroups",
    "Limits",
    "Lot",
    "Plan",
    "RebalkitError",
    "Report",
    "Snapshot",
    "Targets",
    "__version__",
    "document",
    "plan",
    "read_folder",
    "read_targets",
]

_HOMES = {
    "rebalkit.errors": ("RebalkitError",),
    "rebalkit.model": ("AssetClass", "IdentityGroups", "Limits", "Lot", "Plan", "Report", "Snapshot", "Targets"),
    "rebalkit.pipeline.library": ("document", "plan", "read_folder", "read_targets"),
}


def __getattr__(name: str) -> Any:
    import importlib

    for module, names in _HOMES.items():
        if name in names:
            value = getattr(importlib.import_module(module), name)
            globals()[name] = value
            return value
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
