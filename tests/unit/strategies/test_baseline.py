"""The pandas baseline of the benchmarks answers as the strategy does, or comparing their times would mean nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from rebalkit.plugin import PlanContext
from rebalkit.strategies import Greedy, GreedySettings


@pytest.mark.parametrize("lots", [None, 40, 85, 600])
def test_the_baseline_gives_the_same_answer(lots: int | None, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("pandas")
    monkeypatch.syspath_prepend(str(Path(__file__).parents[3] / "benchmarks"))
    import pandas_greedy
    import portfolios

    snapshot, targets = portfolios.sample() if lots is None else portfolios.generated(lots, seed=lots)
    plan = Greedy(GreedySettings(wash_rule="by_ticker")).plan(snapshot, targets, PlanContext.of(snapshot))
    baseline = pandas_greedy.plan(pandas_greedy.frames(snapshot, targets))
    assert {one.name: one.buy for one in plan.classes} == baseline.buy
    assert {part.lot for order in plan.sells for part in order.lots} == baseline.sell
    assert {one.name: int(one.buy_quantity) for one in plan.classes if one.buy} == baseline.shares
    assert plan.sells
