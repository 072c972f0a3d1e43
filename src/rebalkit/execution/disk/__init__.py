"""Journals on the disk of this machine."""

from __future__ import annotations

from rebalkit.execution.disk.opening import journal_path, journals, open_journal, read_journal

__all__ = ["journal_path", "journals", "open_journal", "read_journal"]
