from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import pytest

import report_samples as samples
from rebalkit.model import ExecutionEnd, Report
from rebalkit.report.json_report import JsonReporter, account_document, document_of, execution_document, plan_document, to_text
from rebalkit.report.schema import DOCUMENTS, schema_of

REPORTS: dict[str, tuple[str, Callable[[], Report]]] = {
    "planned": ("plan", samples.planned),
    "blocked": ("plan", samples.blocked),
    "account": ("account", samples.account_only),
    "converged": ("execution", samples.executed),
    "unfinished": ("execution", lambda: samples.executed(ExecutionEnd.UNFINISHED)),
    "ticket": ("execution", lambda: samples.executed(ExecutionEnd.TICKET)),
    "hostile": ("execution", samples.hostile),
}


def valid(document: Any, name: str) -> None:
    jsonschema.Draft202012Validator(schema_of(name)).validate(document)


@pytest.mark.parametrize("name", DOCUMENTS)
def test_the_schemas_are_schemas(name: str) -> None:
    jsonschema.Draft202012Validator.check_schema(schema_of(name))


@pytest.mark.parametrize("case", REPORTS)
def test_every_document_validates_against_its_schema(case: str) -> None:
    schema, make = REPORTS[case]
    valid(json.loads(to_text(document_of(make()))), schema)


def test_the_plan_has_exactly_the_keys_of_the_contract() -> None:
    document = plan_document(samples.planned())
    assert list(document) == [
        "plan_id", "as_of", "account", "strategy", "classes", "orders", "not_traded", "tax", "cash", "findings",
        "identical", "promises",
    ]  # fmt: skip
    assert set(document["classes"][0]) == {
        "name", "target", "value", "percent", "sales", "after_sales", "buy", "buy_target", "buy_quantity", "buy_cost", "after",
        "after_percent",
    }  # fmt: skip
    assert set(document["orders"][0]) == {"side", "symbol", "quantity", "lots", "limit", "estimated", "reason"}
    assert document["orders"][0]["reason"] == {"code": "harvest_loss", "loss": "7289.83", "lots": 5}
    assert set(document["tax"]) == {"short_gain", "short_loss", "long_gain", "long_loss", "harvested"}
    assert document["cash"]["before"] == "4318.27"


def test_no_number_of_money_is_a_json_number() -> None:
    def floats(value: Any) -> list[Any]:
        if isinstance(value, dict):
            return [found for one in value.values() for found in floats(one)]
        if isinstance(value, list):
            return [found for one in value for found in floats(one)]
        return [value] if isinstance(value, float) else []

    assert floats(json.loads(to_text(execution_document(samples.executed())))) == []


def test_a_schema_refuses_a_document_with_a_number_for_money() -> None:
    document = plan_document(samples.planned())
    document["cash"]["before"] = 4318.27
    with pytest.raises(jsonschema.ValidationError):
        valid(document, "plan")


def test_text_is_ascii_so_that_no_terminal_obeys_it() -> None:
    text = to_text(document_of(samples.hostile()))
    assert text.isascii()
    assert "\x1b" not in text


def test_documents_that_the_report_does_not_hold_are_refused() -> None:
    with pytest.raises(ValueError, match="no plan"):
        plan_document(samples.account_only())
    with pytest.raises(ValueError, match="no execution"):
        execution_document(samples.planned())


def test_an_account_knows_its_lots_and_terms() -> None:
    document = account_document(samples.account_only())
    lots = {lot["lot"]: lot for lot in document["lots"]}
    assert lots["GIFT-1"]["term"] == "unknown"
    assert lots["ODD-1"]["value"] is None
    assert lots["IVV-01"]["gain"] == "3888.48"


def test_the_reporter_writes_the_document(tmp_path: Path) -> None:
    (path,) = JsonReporter().render(samples.planned(), tmp_path)
    assert json.loads(path.read_text(encoding="utf-8")) == plan_document(samples.planned())
    assert list(tmp_path.iterdir()) == [path]
