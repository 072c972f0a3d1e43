"""Bodies of answers: JSON, or an error as JSON, XML or a page of HTML, whatever was asked for."""

from __future__ import annotations

import json
import re
from decimal import Decimal
from html import unescape
from html.parser import HTMLParser
from typing import Any, NoReturn

from attrs import field, frozen

from rebalkit.errors import BrokerError
from rebalkit_etrade.reading.fields import Fields, unreadable
from rebalkit_etrade.redaction import redacted

__all__ = ["Answer", "EtradeError", "document", "error_of"]

_READ, _LONGEST = 20_000, 300
"""Characters of E*TRADE's words that are looked through, and that a message shows."""
_LONGEST_NUMBER = 40
"""Characters of its own code that are shown."""
_TRIED_LATER = frozenset({"100", "670"})
"""Codes of the service being unavailable, and of maintenance (documented)."""
_XML_ERROR = re.compile(r"(?:<\?xml[^>]*>\s*)?<error\b", re.IGNORECASE)
_XML_FIELD = {name: re.compile(rf"<{name}>([^<]{{0,2000}})</{name}>", re.IGNORECASE) for name in ("code", "message")}
"""An error as XML is flat (observed), so that no parser is needed, nor what a parser can be made to do."""
_RATE = re.compile(r"exceeded the rate limit", re.IGNORECASE)


@frozen
class Answer:
    """What came back.

    Attributes:
        status: HTTP status.
        content_type: Type of content.
        body: The body.
        wait: Seconds that E*TRADE asks to wait before the next request; 0 where it does not.
    """

    status: int
    content_type: str
    body: bytes = field(repr=False)
    wait: float = 0


class EtradeError(BrokerError):
    """E*TRADE answered with an error.

    Attributes:
        status: HTTP status.
        number: E*TRADE's own code, as text; None when the answer has none.
        text: Its words, made harmless, without what identifies an account or lets anybody in.
        wait: Seconds that it asks to wait before the next request; 0 where it does not.
    """

    wait: float = 0

    def __init__(self, status: int, number: str | None, text: str, *, place: str = "", remedy: str = "", code: str = "") -> None:
        self.status = status
        self.number = number
        self.text = redacted(text[:_READ])[:_LONGEST]
        named = f"{self.text} (code {number}, HTTP {status})" if number else f"{self.text or 'no words'} (HTTP {status})"
        super().__init__(f"E*TRADE answered: {named}", place=place, remedy=remedy, code=code or _code(status, number, text))


def document(answer: Answer, root: str, *, none_found: bool = False) -> Fields | None:
    """The content of an answer under its one outermost name.

    Args:
        answer: The answer.
        root: That name, such as ``OrdersResponse``.
        none_found: Whether an answer of status 204 says that there is none of what was asked for.

    Returns:
        The content; None for an answer that says that there is none.

    Raises:
        EtradeError: It is an error, or not what it must be.
    """
    if answer.status == 204 and none_found and not answer.body.strip():
        return None
    if answer.status != 200:
        raise error_of(answer)
    body = _json(answer)
    if body is None:
        problem = error_of(answer)
        if problem.number is None:
            what = "nothing" if not answer.body.strip() else "something that is no JSON"
            raise unreadable(root, f"the answer holds {what}")
        raise problem
    whole = Fields(body, "answer")
    if whole.has("Error"):
        raise error_of(answer)
    return whole.one(root)


def error_of(answer: Answer) -> EtradeError:
    """The error that ``answer`` is, as far as it can be read."""
    number, text = _from_json(answer) or _from_xml(answer) or (None, _from_page(answer))
    problem = EtradeError(answer.status, number, text)
    problem.wait = answer.wait
    return problem


def _code(status: int, number: str | None, text: str) -> str:
    if status == 429 or _RATE.search(text):
        return "rate_limited"
    if number in _TRIED_LATER and status >= 500:
        return "unavailable"
    if number is not None:
        return f"etrade_{number}"
    return f"http_{status}"


def _json(answer: Answer) -> dict[str, Any] | None:
    """The body as a JSON object, every number exact; None when it is none. Two values of one name are no answer."""
    try:
        found = json.loads(
            answer.body.decode("utf-8-sig"), parse_float=Decimal, parse_constant=_refuse, object_pairs_hook=_without_doubles
        )
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _refuse(name: str) -> NoReturn:
    raise ValueError(f"{name} is no number")


def _without_doubles(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name comes twice")
    return found


def _from_json(answer: Answer) -> tuple[str | None, str] | None:
    body = _json(answer)
    error = next((body[name] for name in ("Error", "error") if body and isinstance(body.get(name), dict)), None)
    if error is None:
        return None
    code, message = error.get("code"), error.get("message")
    return (None if code in (None, "") else _number(str(code)), str(message or ""))


def _from_xml(answer: Answer) -> tuple[str | None, str] | None:
    text = answer.body.decode("utf-8-sig", "replace").strip()
    if not _XML_ERROR.match(text[:2_000]):
        return None
    code, message = (_XML_FIELD[name].search(text) for name in ("code", "message"))
    return (_number(code[1]) or None if code else None), unescape(message[1]) if message else ""


def _number(text: str) -> str:
    """E*TRADE's own code: it is shown, too."""
    return redacted(text[:_READ])[:_LONGEST_NUMBER]


class _Title(HTMLParser):
    """Takes the title of a page, where Tomcat tells of problems with OAuth, and its words."""

    def __init__(self) -> None:
        super().__init__()
        self.title, self.words, self._inside = "", "", ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._inside = tag

    def handle_endtag(self, tag: str) -> None:
        self._inside = ""

    def handle_data(self, data: str) -> None:
        if self._inside == "title":
            self.title += data
        elif self._inside not in ("style", "script"):
            self.words += f" {data}"


def _from_page(answer: Answer) -> str:
    text = answer.body[:20_000].decode("utf-8", "replace")
    if "<" not in text:
        return text
    page = _Title()
    page.feed(text)
    # Tomcat has the problem in the title, or, where that says nothing, in the heading (both observed).
    return page.title.strip() if "oauth_problem" in page.title else f"{page.title} {page.words}".strip()
