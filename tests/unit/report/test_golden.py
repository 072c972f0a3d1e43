"""Reports as they were when a person last looked at them. ``REBALKIT_GOLDEN=write pytest …`` writes them anew; then look."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

import report_samples as samples
from rebalkit._version import __version__
from rebalkit.model import ExecutionEnd, Report
from rebalkit.plugin import Reporter
from rebalkit.report.csv_report import CsvReporter
from rebalkit.report.html import HtmlReporter
from rebalkit.report.json_report import JsonReporter
from rebalkit.report.terminal import TerminalReporter
from rebalkit.report.ticket import write_ticket

GOLDEN = Path(__file__).parents[2] / "golden"
REPORTERS: tuple[Reporter, ...] = (TerminalReporter(), HtmlReporter(), JsonReporter(), CsvReporter())
REPORTS: dict[str, Callable[[], Report]] = {
    "planned": samples.planned,
    "account": samples.account_only,
    "unfinished": lambda: samples.executed(ExecutionEnd.UNFINISHED),
}


@pytest.mark.parametrize("name", REPORTS)
def test_reports_are_as_they_were(name: str, tmp_path: Path, write_golden: bool) -> None:
    report = REPORTS[name]()
    written = [path for reporter in REPORTERS for path in reporter.render(report, tmp_path)]
    if name == "planned":
        written += write_ticket(report, tmp_path)
    folder = GOLDEN / name
    now = {path.name: path.read_text(encoding="utf-8").replace(__version__, "VERSION") for path in written}
    if write_golden:
        folder.mkdir(parents=True, exist_ok=True)
        for file, text in now.items():
            (folder / file).write_text(text, encoding="utf-8")
    then = {path.name: path.read_text(encoding="utf-8") for path in folder.iterdir()}
    assert now.keys() == then.keys()
    for file, text in now.items():
        assert text == then[file], f"{name}/{file} changed"


def test_a_report_is_the_same_bytes_every_time(tmp_path: Path) -> None:
    folders = [tmp_path / "one", tmp_path / "two"]
    for folder in folders:
        folder.mkdir()
        for reporter in REPORTERS:
            reporter.render(samples.executed(), folder)
    first, second = ({path.name: path.read_bytes() for path in folder.iterdir()} for folder in folders)
    assert first == second
