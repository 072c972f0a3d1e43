"""What the schemas of all documents are made of."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

__all__ = ["CODE", "DATE", "DECIMAL", "HASH", "NUMBER", "PLAN_ID", "SIDE", "SYMBOL", "TEXT", "list_of", "obj", "or_null", "said"]

DECIMAL = {"type": "string", "pattern": r"^-?[0-9]+(\.[0-9]+)?$"}
TEXT = {"type": "string"}
DATE = {"type": "string", "format": "date", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"}
SYMBOL = {"type": "string", "pattern": "^[A-Z][A-Z0-9]{0,9}([./-][A-Z0-9]{1,5})?$"}
PLAN_ID = {"type": "string", "pattern": "^[0-9a-f]{12}$"}
CODE = {"type": "string", "pattern": "^[a-z][a-z0-9_]*$"}
NUMBER = {"type": "integer", "minimum": 0}
HASH = {"type": "string", "pattern": "^[0-9a-f]{64}$"}
SIDE = {"enum": ["buy", "sell"]}


def said(schema: Mapping[str, Any], meaning: str) -> dict[str, Any]:
    """``schema`` with what it means."""
    return {**schema, "description": meaning}


def or_null(schema: Mapping[str, Any]) -> dict[str, Any]:
    """``schema``, or null."""
    return {"anyOf": [dict(schema), {"type": "null"}]}


def obj(**properties: Mapping[str, Any]) -> dict[str, Any]:
    """An object with exactly these keys."""
    return {"type": "object", "properties": properties, "required": list(properties), "additionalProperties": False}


def list_of(of: Mapping[str, Any]) -> dict[str, Any]:
    """A list."""
    return {"type": "array", "items": dict(of)}
