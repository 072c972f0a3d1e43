"""Journals on the disk of this machine."""

from __future__ import annotations

from rebalkit.execution.disk.opening import holder_of, open_journal
from rebalkit.execution.disk.paths import journal_path, journals
from rebalkit.execution.disk.reading import Inspection, inspect, read_journal

__all__ = ["Inspection", "holder_of", "inspect", "journal_path", "journals", "open_journal", "read_journal"]
