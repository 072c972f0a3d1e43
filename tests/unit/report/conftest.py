from __future__ import annotations

import os

import pytest

# Read before the tests' own environment hides the settings of whoever runs them.
_WRITE = os.environ.get("REBALKIT_GOLDEN") == "write"


@pytest.fixture
def write_golden() -> bool:
    """Whether the golden reports are to be written anew."""
    return _WRITE
