"""A sample household in the form that the files broker reads; SOURCE.md beside the files says what is real in it."""

from __future__ import annotations

from datetime import date
from pathlib import Path

__all__ = ["SAMPLE_AS_OF", "sample_folder"]

SAMPLE_AS_OF = date(2025, 4, 8)
"""The session at whose close the sample is priced; plan it as of this day."""


def sample_folder() -> Path:
    """The folder with accounts.csv, lots.csv, prices.csv, transactions.csv and targets.toml. It is not to be written to."""
    # Not importlib.resources: its import costs as much as reading the sample, and a wheel is always unpacked when installed.
    return Path(__file__).parent
