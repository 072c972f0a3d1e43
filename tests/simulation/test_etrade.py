"""The simulated executions once more, with E*TRADE's plugin between the executor and the simulated venue."""

from __future__ import annotations

import os
import random

import pytest

from etrade_sim import connected
from rebalkit.testing.simulation import OF_PLUGINS, Settings, play

SEEDS = int(os.environ.get("REBALKIT_ETRADE_SEEDS", "150"))
SETTINGS = Settings(
    connect=connected,
    # What a plugin does wrong is this plugin's to do; a split is a transaction that it does not understand, and it says so.
    without=OF_PLUGINS | {"split"},
    whole_shares=True,
    echoes=False,
    dedupes=False,
)
FIRST = int(os.environ.get("REBALKIT_ETRADE_FIRST", str(random.SystemRandom().randrange(10**9))))


def test_whatever_goes_wrong_no_promise_is_broken_at_etrade() -> None:
    """Fresh seeds each time; a failing one is told."""
    done = 0
    for seed in range(FIRST, FIRST + SEEDS):
        outcome = play(seed, SETTINGS)
        assert outcome.violations == (), f"seed {seed}: {outcome.violations}"
        done += outcome.end == "done"
    assert done > SEEDS // 3


@pytest.mark.parametrize("seed", range(3))
def test_where_nothing_goes_wrong_a_plan_is_carried_out(seed: int) -> None:
    from attrs import evolve

    outcome = play(seed, evolve(SETTINGS, rates={}))
    assert (outcome.end, outcome.violations, outcome.asked) == ("done", (), False)
