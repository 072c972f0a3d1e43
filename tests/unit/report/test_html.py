from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Callable
from html.parser import HTMLParser

import pytest

import report_samples as samples
from rebalkit.model import ExecutionEnd, Report
from rebalkit.report.html import render_html

REPORTS: dict[str, Callable[[], Report]] = {
    "planned": samples.planned,
    "blocked": samples.blocked,
    "account": samples.account_only,
    "converged": samples.executed,
    "unfinished": lambda: samples.executed(ExecutionEnd.UNFINISHED),
    "ticket": lambda: samples.executed(ExecutionEnd.TICKET),
    "hostile": samples.hostile,
}
VOID = {"meta", "link", "line", "rect"}


class Elements(HTMLParser):
    """All elements of a page, and whether they nest."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self._open: list[str] = []
        self.feed(text)
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))
        if tag not in VOID:
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


@pytest.fixture(params=REPORTS)
def page(request: pytest.FixtureRequest) -> str:
    return render_html(REPORTS[request.param]())


def test_no_page_has_a_script_a_handler_an_image_or_an_address(page: str) -> None:
    elements = Elements(page).found
    assert {tag for tag, _ in elements} & {"script", "img", "iframe", "object", "embed", "form", "input", "base"} == set()
    assert [attrs for _, attrs in elements if any(name.startswith("on") or name in ("src", "style") for name in attrs)] == []
    links = {attrs["href"] for _, attrs in elements if "href" in attrs}
    assert {link for link in links if link and not link.startswith(("#", "data:,"))} == set()


def test_the_policy_allows_the_style_of_the_page_and_nothing_else(page: str) -> None:
    style = re.search(r"<style>(.*?)</style>", page, re.DOTALL)
    assert style is not None
    digest = base64.b64encode(hashlib.sha256(style[1].encode()).digest()).decode()
    policy = next(attrs["content"] for tag, attrs in Elements(page).found if attrs.get("http-equiv") == "Content-Security-Policy")
    assert policy == f"default-src 'none'; style-src 'sha256-{digest}'; img-src data:; base-uri 'none'; form-action 'none'"
    assert "url(" not in style[1]
    assert "@import" not in style[1]


def test_tables_can_be_read_aloud(page: str) -> None:
    elements = Elements(page).found
    assert all(attrs.get("scope") in ("row", "col") for tag, attrs in elements if tag == "th")
    count = [tag for tag, _ in elements]
    assert count.count("caption") == count.count("table") > 0
    assert ("html", {"lang": "en"}) in elements
    ids = [attrs["id"] for _, attrs in elements if "id" in attrs]
    assert len(ids) == len(set(ids))
    targets = {attrs["href"] for tag, attrs in elements if tag == "a"}
    assert targets <= {f"#{one}" for one in ids}


def test_hostile_names_are_shown_as_text() -> None:
    text = Elements(render_html(samples.hostile())).text
    for name in (samples.EVIL[0], samples.EVIL[1], samples.EVIL[2], samples.EVIL[3]):
        assert name in text
    assert [one for one in text if not one.isprintable() and one != "\n"] == []


def test_a_plan_shows_every_lot_sold_and_everything_not_traded() -> None:
    report = samples.planned()
    assert report.plan is not None
    text = Elements(render_html(report)).text
    assert [part.lot for order in report.plan.sells for part in order.lots if part.lot not in text] == []
    assert [one.subject for one in report.plan.not_traded if one.subject not in text] == []
    assert "not a return" in text


def test_a_blocked_plan_says_so_prominently() -> None:
    text = Elements(render_html(samples.blocked())).text
    assert text.index("This plan cannot be executed") < text.index("The quote of IEFA is of 2025-03-28") < text.index("To sell")


def test_the_picture_has_a_title_and_says_its_numbers_in_words() -> None:
    elements = Elements(render_html(samples.planned()))
    (svg,) = [attrs for tag, attrs in elements.found if tag == "svg"]
    assert svg["role"] == "img"
    assert "US large cap: target 41.00 percent, now +2.70 points, −0.02 points after the plan" in elements.text


def test_bars_stay_inside_the_picture() -> None:
    rects = [attrs for tag, attrs in Elements(render_html(samples.planned())).found if tag == "rect"]
    assert len(rects) == 2 * len(samples.TARGETS.classes)
    for rect in rects:
        left, width = (float(str(rect[name]).rstrip("%")) for name in ("x", "width"))
        assert left >= 0
        assert left + width <= 100
        assert abs(left - 50) < 0.01 or abs(left + width - 50) < 0.02
