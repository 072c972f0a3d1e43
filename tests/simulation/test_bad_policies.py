"""The test of the test: the simulation catches every planted bad policy."""

from __future__ import annotations

import pytest

from rebalkit.testing.simulation import play
from simulation.bad_policies import POLICIES

SEEDS = 1_000


@pytest.mark.parametrize("name", POLICIES)
def test_the_simulation_catches_a_bad_policy(name: str, monkeypatch: pytest.MonkeyPatch, record_property: object) -> None:
    """Within 1,000 seeds, and for what the policy breaks."""
    policy = POLICIES[name]
    settings = policy.plant(monkeypatch)
    for seed in range(SEEDS):
        broken = [one for one in play(seed, settings).violations if one.startswith(policy.breaks)]
        if broken:
            print(f"{name}: caught at seed {seed}: {broken[0]}")
            return
    pytest.fail(f"{name} was not caught within {SEEDS} seeds")
