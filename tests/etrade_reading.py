"""Documents as they come over the wire, and errors about them."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from rebalkit.errors import DataError
from rebalkit_etrade.answers import Answer, document
from rebalkit_etrade.reading.fields import Fields

__all__ = ["told", "wrong"]


def told(content: dict[str, Any]) -> Fields:
    """The content of an answer that came over the wire."""
    found = document(Answer(200, "application/json", json.dumps({"Root": content}).encode()), "Root")
    assert found is not None
    return found


def wrong(reading: Callable[[], object], why: str) -> None:
    with pytest.raises(DataError, match=why) as caught:
        reading()
    assert caught.value.code == "unreadable"
