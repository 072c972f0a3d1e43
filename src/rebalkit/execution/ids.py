"""Client order ids."""

from __future__ import annotations

import base64
import hashlib

__all__ = ["client_id"]


def client_id(account: str, plan_id: str, leg: int, attempt: int = 1) -> str:
    """The id of one order: 20 letters and digits, the same for the same account, plan, leg and attempt, and no other.

    Twenty is the longest that brokers are known to take; 100 bits of a SHA-256 make a clash unthinkable.
    """
    text = "\x1f".join((account, plan_id, str(leg), str(attempt)))
    return base64.b32encode(hashlib.sha256(text.encode()).digest()).decode()[:20]
