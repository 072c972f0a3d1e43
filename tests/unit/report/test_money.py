"""Paper and live look different, and not by colour alone."""

from __future__ import annotations

from pathlib import Path

import pytest
from attrs import evolve

import report_samples as samples
from rebalkit.report.html import HtmlReporter
from rebalkit.report.json_report import execution_document
from rebalkit.report.terminal import plain_text, report_lines


@pytest.mark.parametrize(("live", "word"), [(True, "LIVE"), (False, "PAPER"), (None, "")])
def test_every_report_says_which_it_is(live: bool | None, word: str, tmp_path: Path) -> None:
    report = evolve(samples.executed(), live=live)
    (page,) = HtmlReporter().render(report, tmp_path)
    first = plain_text(report).splitlines()[0]
    title = page.read_text().split("<title>")[1].split("</title>")[0]
    assert first == (word or "Plan for taxable")
    assert title.startswith(f"{word} Plan for taxable" if word else "Plan for taxable")
    assert (f'class="money {word.lower()}"' in page.read_text()) is bool(word)
    assert execution_document(report)["live"] is live


def test_the_two_have_colours_of_their_own() -> None:
    lines = [report_lines(evolve(samples.executed(), live=live), 100, "utf-8")[0][-1] for live in (True, False)]
    assert lines[0][1] != lines[1][1]
    assert "red" in lines[0][1]
