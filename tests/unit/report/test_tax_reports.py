"""Reports of a tax year: as they were when a person last looked at them, valid, and harmless whatever the names in them."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from attrs import evolve

import tax_history
from rebalkit._version import __version__
from rebalkit.config.profile import FilingStatus, ProfileConfig
from rebalkit.report.json_report import to_text
from rebalkit.report.page import plain
from rebalkit.report.schema import schema_of
from rebalkit.report.tax_csv import form_8949_csv, schedule_d_csv
from rebalkit.report.tax_html import render_tax_year
from rebalkit.report.tax_json import form_document, ledger_document, year_document
from rebalkit.report.tax_report import TaxReport
from rebalkit.report.tax_text import form_lines, ledger_lines, year_lines

GOLDEN = Path(__file__).parents[2] / "golden" / "tax-year"
D = Decimal
SAID = ProfileConfig(FilingStatus.SEPARATE, D(110_000), D(128_000), state_rate=D("9.3"))


def ledger_text(width: int = 100) -> str:
    ledger = tax_history.ledger(tax_history.RICH, tax_history.RICH_GROUPS, tax_history.RICH_KINDS)
    report = tax_history.rich_report()
    lines = ledger_lines(
        "Wash-sale ledger", report.year.rows, report.matches, ledger.open_lots, frozenset({"J3"}), width, "utf-8"
    )
    return plain(lines)


def ledger_json() -> dict[str, Any]:
    ledger = tax_history.ledger(tax_history.RICH, tax_history.RICH_GROUPS, tax_history.RICH_KINDS)
    report = tax_history.rich_report()
    return ledger_document(
        tax_history.RICH_KINDS, report.year.rows, report.matches, ledger.open_lots, frozenset({"J3"}), ("a note",)
    )


def written() -> dict[str, str]:
    report = tax_history.rich_report(SAID, notes=("joint.csv: covers 2022-01-01 to 2026-01-31",))
    return {
        "form-8949.csv": form_8949_csv(report.year.rows),
        "schedule-d.csv": schedule_d_csv(report.lines),
        "year.json": to_text(year_document(report)),
        "year.txt": plain(year_lines(report, 100, "utf-8")),
        "form-8949.txt": plain(form_lines(report, 100, "utf-8")),
        "ledger.txt": ledger_text(),
        "ledger.json": to_text(ledger_json()),
        "year.html": render_tax_year(report).replace(__version__, "VERSION"),
    }


def test_reports_are_as_they_were(write_golden: bool) -> None:
    now = written()
    if write_golden:
        GOLDEN.mkdir(parents=True, exist_ok=True)
        for file, text in now.items():
            (GOLDEN / file).write_text(text, encoding="utf-8", newline="")
    then = {path.name: path.read_bytes().decode() for path in GOLDEN.iterdir()}
    assert now.keys() == then.keys()
    for file, text in now.items():
        assert text == then[file], f"{file} changed"


@pytest.mark.parametrize(
    ("name", "document"),
    [
        ("tax-year", lambda: year_document(tax_history.rich_report(SAID))),
        ("tax-year", lambda: year_document(tax_history.rich_report())),
        ("form-8949", lambda: form_document(tax_history.rich_report())),
        ("tax-ledger", ledger_json),
    ],
)
def test_documents_validate(name: str, document: Callable[[], dict[str, Any]]) -> None:
    jsonschema.Draft202012Validator(schema_of(name)).validate(json.loads(to_text(document())))


def test_the_sums_of_the_csv_are_the_lines_of_schedule_d() -> None:
    report = tax_history.rich_report()
    rows = list(csv.DictReader(io.StringIO(form_8949_csv(report.year.rows))))
    lines = {one["line"]: one for one in csv.DictReader(io.StringIO(schedule_d_csv(report.lines)))}
    assert list(rows[0])[:10] == [
        "part", "box", "description", "acquired", "sold", "proceeds", "basis", "code", "adjustment", "gain",
    ]  # fmt: skip
    for line, part in (("1b", "I"), ("8b", "II")):
        for column in ("proceeds", "basis", "adjustment", "gain"):
            cells = [row[column] for row in rows if row["part"] == part]
            assert cells, part
            assert all(re.fullmatch(r"-?[0-9]+\.[0-9]{2}", cell) for cell in cells)
            assert sum(map(D, cells)) == D(lines[line][column])
    assert D(lines["16"]["gain"]) == D(lines["7"]["gain"]) + D(lines["15"]["gain"])


def test_the_explanations_of_a_lot_add_up_to_its_adjustment() -> None:
    report = tax_history.rich_report()
    losses = [(D(re.findall(r"The loss of \$([0-9.]+) ", one)[0]), "lost for good" in one) for one in report.explanations]
    assert sum(loss for loss, _ in losses) == report.year.disallowed
    assert sum(loss for loss, permanent in losses if permanent) == report.year.permanent


@pytest.mark.parametrize(
    ("carry", "words"),
    [
        ("0", "A net gain of $1,252.53: short-term $0.00, long-term $1,252.53."),
        ("1252.53", "Gains and losses come to nothing."),
        ("2000", "A net loss of $747.47: $747.47 deducted, nothing is carried into 2026."),
        ("5000", "A net loss of $3,747.47: $3,000.00 deducted, $747.47 carried into 2026: short-term $747.47, long-term $0.00."),
    ],
)
def test_the_outcome_in_one_sentence(carry: str, words: str) -> None:
    assert words == tax_history.rich_report(carry_short=carry).outcome


def test_what_is_not_known_is_not_shown_as_zero() -> None:
    report = tax_history.rich_report()
    assert "Not counted: the configuration has no [tax.profile]" in plain(year_lines(report, 100, "utf-8"))
    assert "Not counted: the configuration has no [tax.profile]" in render_tax_year(report)
    assert year_document(report)["tax"] is None
    (line,) = [line for line in ledger_text().splitlines() if "J3" in line and "2026-01-05" in line]
    assert re.search(r"4 +– ", line)
    (lot,) = [one for one in ledger_json()["open_lots"] if one["lot"] == "J3"]
    assert lot["basis"] is None


@pytest.mark.parametrize("width", [40, 60, 80, 100, 140])
def test_no_line_is_wider_than_the_terminal(width: int) -> None:
    report = tax_history.rich_report(SAID)
    for text in (plain(year_lines(report, width, "utf-8")), plain(form_lines(report, width, "utf-8")), ledger_text(width)):
        assert max(map(len, text.splitlines())) <= width


def test_letters_that_the_terminal_lacks_are_replaced() -> None:
    report = tax_history.rich_report(SAID)
    assert plain(year_lines(report, 100, "ascii")).isascii()


def hostile(report: TaxReport) -> TaxReport:
    name = "\x1b[31mevil\u202e<script>alert(1)</script>"
    rows = tuple(evolve(row, account=name, lot=f"={name}", sale=name) for row in report.year.rows)
    matches = tuple(evolve(match, account=name, sale=name, loss_lot=f"={name}") for match in report.matches)
    kinds = {name: next(iter(report.accounts.values()))}
    return evolve(report, year=evolve(report.year, rows=rows), matches=matches, accounts=kinds, notes=(name,))


def test_names_from_outside_do_no_harm() -> None:
    report = hostile(tax_history.rich_report())
    page = render_tax_year(report)
    assert "<script" not in page
    lines = ledger_lines("Ledger", report.year.rows, report.matches, (), frozenset(), 100, "utf-8")
    for text in (page, plain(year_lines(report, 100, "utf-8")), plain(form_lines(report, 100, "utf-8")), plain(lines)):
        assert "\x1b" not in text
        assert "\u202e" not in text
    for row in csv.DictReader(io.StringIO(form_8949_csv(report.year.rows))):
        assert row["lot"].startswith("'=")
