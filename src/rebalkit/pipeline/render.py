"""Stage 5: reports."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from rebalkit.errors import RebalkitError, UsageError
from rebalkit.model.reports import Report
from rebalkit.pipeline.runs import unwritable

if TYPE_CHECKING:
    from rebalkit.plugin import ReporterRecord
    from rebalkit.registry import Registry

__all__ = ["choose_reporters", "render_report"]


def choose_reporters(registry: Registry, names: Sequence[str]) -> list[ReporterRecord]:
    """The reporters ``names``, each once. Raises UsageError for one that is not installed.

    A command chooses them before it does anything that it would have to take back.
    """
    return [registry.reporter(name) for name in dict.fromkeys(names)]


def render_report(reporters: Sequence[ReporterRecord], report: Report, into: Path) -> list[Path]:
    """Let each of the ``reporters`` write ``report`` into the folder ``into``, which is made if need be; returns the files.

    Raises:
        UsageError: ``into`` cannot be written, or a reporter failed.
    """
    written: list[Path] = []
    for record in reporters:
        try:
            into.mkdir(parents=True, exist_ok=True)
            written += record.factory().render(report, into)
        except RebalkitError:
            raise
        except OSError as problem:
            raise unwritable(Path(problem.filename or into), problem) from problem
        except Exception as problem:
            reason = f"the reporter {record.name!r} failed: {type(problem).__name__}: {problem}"
            raise UsageError(
                reason, place="--reporter", code="reporter_failed", remedy="Run again with --debug to see where."
            ) from problem
    return written
