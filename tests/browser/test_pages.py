"""The page in a real browser: silent, alone, and no wider than the window."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path

import pytest

import chromium
import report_samples as samples
import tax_history
from rebalkit.config.profile import FilingStatus, ProfileConfig
from rebalkit.model import Report
from rebalkit.report.files import write_whole
from rebalkit.report.html import HtmlReporter
from rebalkit.report.tax_html import render_tax_year

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(chromium.installed() is None, reason="no Chromium is installed"),
]
REPORTS: dict[str, Callable[[], Report]] = {
    "planned": samples.planned,
    "blocked": samples.blocked,
    "account": samples.account_only,
    "executed": samples.executed,
    "hostile": samples.hostile,
}
# Everything that reaches beyond the window without being inside a box that scrolls.
TOO_WIDE = """[...document.querySelectorAll('body *')].filter(e => {
    const box = e.getBoundingClientRect();
    return box.width > 1 && box.right > innerWidth + 1 && !e.closest('.scroll') && !e.closest('.skip');
}).map(e => e.outerHTML.slice(0, 80))"""
# Contrast of text to the first opaque background behind it, as WCAG 2.2 defines it (1.4.3 asks for 4.5 at these sizes).
LOW_CONTRAST = """(() => {
    const parse = c => c.match(/[0-9.]+/g).map(Number);
    const light = ([r, g, b]) => [r, g, b].map(v => v / 255).map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
        .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
    const behind = e => { for (; e; e = e.parentElement) {
        const c = parse(getComputedStyle(e).backgroundColor); if (c.length < 4 || c[3] > 0) return c; } return [255, 255, 255]; };
    return [...document.querySelectorAll('p, td, th, dt, dd, small, span, code, h1, h2, h3, a, li, caption, figcaption')]
        .filter(e => [...e.childNodes].some(n => n.nodeType === 3 && n.textContent.trim()) && !e.closest('.skip'))
        .map(e => { const [a, b] = [light(parse(getComputedStyle(e).color)), light(behind(e))].sort((x, y) => y - x);
            return [(a + 0.05) / (b + 0.05), e.outerHTML.slice(0, 80)]; })
        .filter(([ratio]) => ratio < 4.5);
})()"""


def written(name: str, folder: Path) -> Path:
    """The page ``name`` as a file."""
    if name == "tax year":
        said = ProfileConfig(FilingStatus.JOINT, Decimal(150_000), state_rate=Decimal(5))
        return write_whole(folder / "tax.html", render_tax_year(tax_history.rich_report(said, notes=("a note",))))
    (file,) = HtmlReporter().render(REPORTS[name](), folder)
    return file


@pytest.fixture(scope="module")
def tab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[chromium.Page]:
    with chromium.page(tmp_path_factory.mktemp("profile")) as tab:
        yield tab


@pytest.mark.parametrize("width", [390, 1400])
@pytest.mark.parametrize("name", [*REPORTS, "tax year"])
def test_a_page_is_silent_alone_and_fits(name: str, width: int, tab: chromium.Page, tmp_path: Path) -> None:
    file = written(name, tmp_path)
    tab.open(file, width)
    tab.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true })")
    assert tab.evaluate("document.querySelectorAll('section').length") >= 4
    assert tab.evaluate("document.documentElement.scrollWidth") <= width
    assert tab.evaluate(TOO_WIDE) == []
    asked = {event["request"]["url"] for event in tab.named("Network.requestWillBeSent")}
    assert {url for url in asked if not url.startswith("data:")} == {file.as_uri()}
    assert tab.named("Runtime.consoleAPICalled") == []
    assert tab.named("Runtime.exceptionThrown") == []
    assert tab.named("Log.entryAdded") == []
    assert tab.named("Page.javascriptDialogOpening") == []


@pytest.mark.parametrize("name", [*REPORTS, "tax year"])
def test_on_a_telephone_reasons_and_forms_need_no_sideways_scrolling(name: str, tab: chromium.Page, tmp_path: Path) -> None:
    tab.open(written(name, tmp_path), 390)
    cards = "[...document.querySelectorAll('table.cards')]"
    assert tab.evaluate(f"{cards}.length") > 0 or name == "account"
    assert tab.evaluate(f"{cards}.filter(one => one.parentElement.scrollWidth > one.parentElement.clientWidth).length") == 0
    unlabelled = "[...document.querySelectorAll('table.cards td.n')].filter(one => one.textContent && !one.dataset.label)"
    assert tab.evaluate(f"{unlabelled}.map(one => one.outerHTML)") == []


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("name", ["planned", "blocked", "executed", "tax year"])
def test_all_text_stands_out_from_its_background(name: str, dark: bool, tab: chromium.Page, tmp_path: Path) -> None:
    file = written(name, tmp_path)
    tab.open(file, 1400, dark=dark)
    tab.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true })")
    assert tab.evaluate("getComputedStyle(document.body).backgroundColor") == (
        "rgb(20, 23, 27)" if dark else "rgb(245, 243, 238)"
    )
    assert tab.evaluate(LOW_CONTRAST) == []


def test_the_style_is_allowed_by_the_policy(tab: chromium.Page, tmp_path: Path) -> None:
    """Were the hash wrong, the page would be bare."""
    (file,) = HtmlReporter().render(samples.planned(), tmp_path)
    tab.open(file, 1400)
    assert tab.evaluate("getComputedStyle(document.querySelector('td.n')).textAlign") == "right"


def test_paper_shows_what_a_closed_line_hides(tab: chromium.Page, tmp_path: Path) -> None:
    (file,) = HtmlReporter().render(samples.planned(), tmp_path)
    tab.open(file, 1000)
    tab.call("Emulation.setEmulatedMedia", media="print")
    height = tab.evaluate("document.querySelector('details .inside').getBoundingClientRect().height")
    tab.call("Emulation.setEmulatedMedia", media="")
    assert height > 100
    tab.pdf(tmp_path / "report.pdf")
    assert (tmp_path / "report.pdf").read_bytes().startswith(b"%PDF")
