"""Short ways to say what was found."""

from __future__ import annotations

from typing import Any

from rebalkit.model.findings import Finding, Severity

__all__ = ["blocking", "info", "warning"]


def blocking(code: str, message: str, subject: str = "", **details: Any) -> Finding:
    """A finding that forbids the plan to be executed."""
    return Finding(code, Severity.BLOCKING, message, subject, details)


def warning(code: str, message: str, subject: str = "", **details: Any) -> Finding:
    """A finding that a person should know of before saying yes."""
    return Finding(code, Severity.WARNING, message, subject, details)


def info(code: str, message: str, subject: str = "", **details: Any) -> Finding:
    """A finding that explains how the plan came about."""
    return Finding(code, Severity.INFO, message, subject, details)
