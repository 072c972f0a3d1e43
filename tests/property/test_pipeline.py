"""Generated accounts through everything: CSV files, files broker, strategy, checks, document. Refused by name, or right to the cent."""

from __future__ import annotations

import os
import tempfile
from decimal import Decimal
from pathlib import Path
from typing import Any

import jsonschema
from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st

from accounts import Case, cases
from executions import registry
from rebalkit.brokers.files.writer import write_folder
from rebalkit.errors import RebalkitError
from rebalkit.model import Severity
from rebalkit.pipeline.plan import plan_report
from rebalkit.pipeline.request import PlanRequest, Source
from rebalkit.pipeline.snapshot import open_broker, take_snapshot
from rebalkit.report.json_report import document_of
from rebalkit.report.schema import schema_of

EXAMPLES = 20_000 if os.environ.get("HYPOTHESIS_PROFILE") == "long" else 300
"""Accounts tried: in the normal suite, and in the long profile."""

VALIDATOR = jsonschema.Draft202012Validator(schema_of("plan"))


def planned(case: Case, strategy: str) -> dict[str, Any] | None:
    """The document of the plan; None when the account was refused by name."""
    shot = case.snapshot
    accounts = [evolve(one, open_orders=()) for one in shot.accounts]
    quotes = {name: one for name, one in shot.quotes.items() if one.sane}
    try:
        with tempfile.TemporaryDirectory() as folder:
            write_folder(Path(folder) / "account", accounts, quotes, shot.transactions)
            source = Source("files", {"folder": str(Path(folder) / "account")}, "main")
            snapshot = take_snapshot(open_broker(registry(), source), "main", case.targets, shot.as_of)
        request = PlanRequest(source, case.targets, strategy, {}, case.limits, case.policy)
        return document_of(plan_report(registry(), snapshot, request))
    except RebalkitError as problem:
        if problem.code in {"", "error"}:
            raise
        return None


@settings(max_examples=EXAMPLES)
@given(cases(most_lots=8), st.sampled_from(["greedy", "greedy", "greedy", "hold"]))
def test_every_account_is_planned_to_the_cent_or_refused_by_name(case: Case, strategy: str) -> None:
    plan = planned(case, strategy)
    if plan is None:
        return
    VALIDATOR.validate(plan)
    assert [one["name"] for one in plan["classes"]] == [one.name for one in case.targets.classes]
    assert sum(Decimal(one["target"]) for one in plan["classes"]) == 100
    spent = sum((Decimal(one["estimated"]) for one in plan["orders"] if one["side"] == "buy"), Decimal(0))
    cash = {name: Decimal(amount) for name, amount in plan["cash"].items()}
    assert spent == cash["spent"] <= max(Decimal(0), cash["before"] + cash["proceeds"] - case.limits.reserve)
    assert cash["before"] + cash["proceeds"] - cash["spent"] == cash["after"]
    blocking = {one["code"] for one in plan["findings"] if one["severity"] == Severity.BLOCKING}
    # What the account itself carries may forbid a plan; what a built-in strategy decides never does.
    assert blocking <= {"candidate_without_quote"}, plan["findings"]
