"""A bar while long work goes on: on a terminal, of work of more than a few steps, and nowhere else."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import pytest

from rebalkit.cli import main
from rebalkit.plugin import steps
from rebalkit.steps import show_steps_with


@pytest.fixture
def nobody() -> Iterator[None]:
    yield
    show_steps_with(None)


def worked(monkeypatch: pytest.MonkeyPatch, terminal: bool, total: int) -> list[int]:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: terminal)
    with pytest.raises(SystemExit):
        main(["--version"])
    return list(steps("reading lots", range(total)))


@pytest.mark.usefixtures("nobody")
@pytest.mark.parametrize(("terminal", "total", "shown"), [(True, 40, True), (True, 4, False), (False, 40, False)])
def test_a_bar_shows_the_steps_of_long_work_on_a_terminal(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], terminal: bool, total: int, shown: bool
) -> None:
    monkeypatch.setenv("TTY_COMPATIBLE", "1")
    assert worked(monkeypatch, terminal, total) == list(range(total))
    out, err = capsys.readouterr()
    assert ("reading lots" in err, f"{total}/{total}" in err) == (shown, shown)
    assert "reading" not in out


@pytest.mark.usefixtures("nobody")
def test_work_that_breaks_off_ends_the_bar(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def breaks() -> None:
        for one in steps("reading lots", range(40)):
            if one == 3:
                raise ValueError("no answer")

    monkeypatch.setenv("TTY_COMPATIBLE", "1")
    worked(monkeypatch, True, 0)
    with pytest.raises(ValueError, match="no answer"):
        breaks()
    assert capsys.readouterr().err.endswith("\x1b[2K")  # the line is wiped
