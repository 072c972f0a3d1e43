"""Requests and answers as values."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs

__all__ = ["NOTHING", "Call", "Reply", "page", "refused", "said"]


@dataclass
class Call:
    """A request."""

    verb: str
    path: str
    query: str
    headers: dict[str, str]
    body: bytes = b""

    @property
    def given(self) -> dict[str, str]:
        """The query."""
        return {name: values[-1] for name, values in parse_qs(self.query, keep_blank_values=True).items()}


@dataclass
class Reply:
    """An answer; ``drop`` closes the connection without one, ``cut`` in the middle of it."""

    status: int = 200
    kind: str = "application/json;charset=utf-8"
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    drop: bool = False
    cut: bool = False


def said(document: Any, status: int = 200) -> Reply:
    return Reply(status, body=json.dumps(document).encode())


def refused(status: int, code: int | None, message: str, *, xml: bool = False) -> Reply:
    if xml:
        number = "" if code is None else f"<code>{code}</code>"
        return Reply(status, "application/xml", f"<Error>{number}<message>{message}</message></Error>".encode())
    return said({"Error": {**({} if code is None else {"code": code}), "message": message}}, status)


def page(status: int, title: str) -> Reply:
    return Reply(status, "text/html", f"<html><head><title>{title}</title></head><body><h1>{title}</h1></body></html>".encode())


NOTHING = Reply(204, "", b"")
