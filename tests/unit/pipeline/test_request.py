"""A request is kept in a file and read again as it was."""

from __future__ import annotations

import datetime as dt
import json
from decimal import Decimal

import pytest

from rebalkit.errors import DataError
from rebalkit.execution.rules import ExecutionRules
from rebalkit.model import AssetClass, HoldingMethod, IdentityGroups, OlderReplacement, Targets, WashPolicy
from rebalkit.pipeline.request import PlanRequest, Source
from rebalkit.serial import dumps, loads, to_plain

TARGETS = Targets((AssetClass("all", 100, ("IVV",)),))
POLICY = WashPolicy(IdentityGroups([["IVV", "VOO"]]), OlderReplacement.IGNORE, HoldingMethod.UNION, dt.timedelta(days=45))


@pytest.mark.parametrize("policy", [WashPolicy(), POLICY])
def test_the_reading_of_the_wash_sale_rule_survives_the_file(policy: WashPolicy) -> None:
    request = PlanRequest(Source(""), TARGETS, policy=policy, accept_wash=("IVV",), wash_budget=Decimal("12.50"))
    text = dumps(request)
    assert loads(PlanRequest, text) == request
    assert dumps(loads(PlanRequest, text)) == text
    assert json.loads(text)["policy"]["window"] == policy.window.days


@pytest.mark.parametrize("window", ["30", 30.0, True, None, -1])
def test_a_window_is_whole_days(window: object) -> None:
    document = json.loads(dumps(PlanRequest(Source(""), TARGETS)))
    document["policy"]["window"] = window
    with pytest.raises(DataError):
        loads(PlanRequest, json.dumps(document))


def test_part_of_a_day_is_no_span_for_a_file() -> None:
    with pytest.raises(TypeError, match="no place in a file"):
        to_plain(dt.timedelta(days=1, seconds=1))


def test_the_rules_of_an_execution_survive_the_file_and_an_older_file_has_the_defaults() -> None:
    rules = ExecutionRules(collar="0.25", plan_age=60, settled_only=True)
    text = dumps(PlanRequest(Source(""), TARGETS, execution=rules))
    assert loads(PlanRequest, text).execution == rules
    document = json.loads(text)
    del document["execution"]
    assert loads(PlanRequest, json.dumps(document)).execution == ExecutionRules()
    document["execution"] = {"collar": "-1"}
    with pytest.raises(DataError):
        loads(PlanRequest, json.dumps(document))
