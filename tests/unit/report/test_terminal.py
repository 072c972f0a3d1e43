from __future__ import annotations

import io
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from attrs import evolve
from rich.console import Console

import report_samples as samples
from rebalkit.model import ExecutionEnd, Report
from rebalkit.report.page import draw
from rebalkit.report.terminal import TerminalReporter, plain_text, report_lines


def render_terminal(report: Report, console: Console) -> None:
    draw(report_lines(report, console.width, console.encoding), console)


def shown(report: Report, width: int = 100) -> str:
    text = io.StringIO()
    render_terminal(report, Console(file=text, width=width, color_system=None, legacy_windows=False))
    return text.getvalue()


def test_a_plan_says_what_is_done_what_is_not_and_what_comes_next() -> None:
    text = shown(samples.planned())
    for words in (
        "SELL 73 IVV",
        "IVV-14",
        "Not traded, and why",
        "gross; not a return",
        "Next steps",
        "rebalkit execute",
        "hold only",
    ):
        assert words in text


def test_a_blocked_plan_says_so_before_anything_else_is_listed() -> None:
    text = shown(samples.blocked())
    assert text.index("cannot be executed") < text.index("stale_quote") < text.index("WARNING") < text.index("Classes")


@pytest.mark.parametrize("end", ExecutionEnd)
def test_an_execution_shows_its_orders_and_its_end(end: ExecutionEnd) -> None:
    text = shown(samples.executed(end))
    assert "Execution" in text
    assert ("Left to do" in text) == (end is ExecutionEnd.UNFINISHED)


def test_an_execution_without_orders_has_no_empty_table() -> None:
    report = samples.executed(ExecutionEnd.TICKET)
    assert report.execution is not None
    assert "Planned" in shown(report)
    assert "Planned" not in shown(evolve(report, execution=evolve(report.execution, orders=())))


def test_the_account_alone_can_be_shown() -> None:
    text = shown(samples.account_only())
    assert "Unrealised now" in text
    assert "Sales" not in text


@pytest.mark.parametrize("sample", [samples.planned, samples.executed, samples.account_only, samples.hostile])
@pytest.mark.parametrize("width", [40, 100])
def test_plain_text_says_the_same_as_a_terminal(sample: Callable[[], Report], width: int) -> None:
    assert plain_text(sample(), width).splitlines() == [line.rstrip() for line in shown(sample(), width).splitlines()]


@pytest.mark.parametrize("show", [shown, plain_text])
def test_hostile_text_reaches_no_terminal(show: Callable[[Report], str]) -> None:
    """Neither control characters nor rich's markup, links and emoji codes."""
    text = show(samples.hostile())
    assert [one for one in text if not one.isprintable() and one != "\n"] == []
    assert "[bold red]markup[/] :warning:" in text


@pytest.mark.parametrize("width", [60, 80, 100])
def test_no_line_is_wider_than_the_terminal(width: int) -> None:
    assert [line for line in shown(samples.planned(), width).splitlines() if len(line.rstrip()) > width] == []


def test_a_terminal_that_knows_ascii_only_gets_ascii_only() -> None:
    raw = io.BytesIO()
    file = io.TextIOWrapper(raw, encoding="ascii", errors="strict")
    render_terminal(samples.hostile(), Console(file=file, width=100, color_system=None, legacy_windows=False))
    render_terminal(samples.planned(), Console(file=file, width=100, color_system=None, legacy_windows=False))
    file.flush()
    assert b"-5,885.23" in raw.getvalue()
    assert plain_text(samples.planned(), encoding="ASCII").isascii()


def test_losses_are_red_and_gains_green_where_there_are_colours() -> None:
    text = io.StringIO()
    render_terminal(samples.planned(), Console(file=text, width=100, force_terminal=True, color_system="standard", _environ={}))
    assert re.search(r"\x1b\[31m−[\d,.]+\x1b\[0m", text.getvalue())
    assert re.search(r"\x1b\[32m\+[\d,.]+\x1b\[0m", text.getvalue())


def test_the_reporter_writes_plain_text(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever the terminal of whoever runs it: the file is the same bytes."""
    (path,) = TerminalReporter().render(samples.planned(), tmp_path)
    first = path.read_bytes()
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "40")
    TerminalReporter().render(samples.planned(), tmp_path)
    assert path.read_bytes() == first
    assert b"\x1b" not in first
