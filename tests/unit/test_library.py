"""The pipeline from Python gives what the command line gives."""

from __future__ import annotations

from decimal import Decimal

import pytest

import rebalkit
from rebalkit.errors import ConfigError, UsageError
from rebalkit.model import HoldingMethod, WashPolicy
from rebalkit.sample import SAMPLE_AS_OF, sample_folder


@pytest.fixture(scope="module")
def targets() -> rebalkit.Targets:
    return rebalkit.read_targets(sample_folder() / "targets.toml")


@pytest.fixture(scope="module")
def snapshot(targets: rebalkit.Targets) -> rebalkit.Snapshot:
    return rebalkit.read_folder(sample_folder(), targets, as_of=SAMPLE_AS_OF)


def test_a_plan_of_the_sample(snapshot: rebalkit.Snapshot, targets: rebalkit.Targets) -> None:
    report = rebalkit.plan(snapshot, targets)
    assert report.plan is not None
    assert not report.blocked
    assert [one.name for one in report.plan.classes] == [one.name for one in targets.classes]
    assert rebalkit.document(report)["plan_id"] == report.plan.plan_id


def test_settings_reach_the_strategy(snapshot: rebalkit.Snapshot, targets: rebalkit.Targets) -> None:
    report = rebalkit.plan(snapshot, targets, max_gain_to_realize=1_000_000)
    assert report.plan is not None
    assert report.plan.tax.long_gain > 0
    with pytest.raises(ConfigError, match="max_gain_to_realise"):
        rebalkit.plan(snapshot, targets, max_gain_to_realise=1)
    with pytest.raises(UsageError, match="greedy"):
        rebalkit.plan(snapshot, targets, "greddy")


def test_limits_and_groups_hold(snapshot: rebalkit.Snapshot, targets: rebalkit.Targets) -> None:
    report = rebalkit.plan(snapshot, targets, limits=rebalkit.Limits(reserve=Decimal(5000)), identical=[["IVV", "VOO"]])
    assert report.plan is not None
    assert report.plan.cash.after >= 5000
    assert report.groups.of("VOO") == "IVV"


def test_the_reading_of_the_rule_reaches_the_report(snapshot: rebalkit.Snapshot, targets: rebalkit.Targets) -> None:
    policy = WashPolicy(rebalkit.IdentityGroups([["IVV", "VV"]]), holding=HoldingMethod.DATE)
    assert rebalkit.plan(snapshot, targets, policy=policy).policy == policy
    assert rebalkit.plan(snapshot, targets, same_index=False).policy == WashPolicy()


def test_holding_does_nothing(snapshot: rebalkit.Snapshot, targets: rebalkit.Targets) -> None:
    report = rebalkit.plan(snapshot, targets, "hold")
    assert report.plan is not None
    assert report.plan.orders == ()
    assert report.plan.cash.before == report.plan.cash.after == Decimal("4318.27")
