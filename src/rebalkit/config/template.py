"""The configuration that ``rebalkit init`` writes."""

from __future__ import annotations

from pathlib import Path

__all__ = ["default_config_text"]


def default_config_text() -> str:
    """A configuration of the defaults, with every setting explained. What is commented out says what holds without it."""
    return Path(__file__).with_name("default.toml").read_text(encoding="utf-8")
