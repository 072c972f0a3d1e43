"""Stage 5: reports."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from rebalkit.errors import RebalkitError, UsageError
from rebalkit.model.reports import Report

if TYPE_CHECKING:
    from rebalkit.registry import Registry

__all__ = ["render_report"]


def render_report(registry: Registry, report: Report, reporters: Sequence[str], into: Path) -> list[Path]:
    """Let each of the ``reporters`` write ``report`` into the folder ``into``; returns the files.

    Raises:
        UsageError: An unknown reporter, or one that failed.
    """
    chosen = [registry.reporter(name) for name in reporters]
    written: list[Path] = []
    for record in chosen:
        try:
            written += record.factory().render(report, into)
        except RebalkitError:
            raise
        except Exception as problem:
            reason = f"the reporter {record.name!r} failed: {type(problem).__name__}: {problem}"
            raise UsageError(
                reason, place="--reporter", code="reporter_failed", remedy="Run again with --debug to see where."
            ) from problem
    return written
