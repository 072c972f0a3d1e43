"""Readers of brokers' transaction exports, and what they share: write another one as a `Layout` and a function (see `ExportReader`)."""

from rebalkit.brokers.exports.entries import Entry
from rebalkit.brokers.exports.kinds import Kind, Move
from rebalkit.brokers.exports.layout import Layout
from rebalkit.brokers.exports.reader import ExportReader

__all__ = ["Entry", "ExportReader", "Kind", "Layout", "Move"]
