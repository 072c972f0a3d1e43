"""The process dies at every step, one after the other; in the long run at every pair of steps of two starts in a row.

Two steps between which nothing lasting happens are the same place to die at, so that pairs look at those around something lasting only.
"""

from __future__ import annotations

import os
from collections.abc import Mapping

import pytest
from attrs import evolve

from rebalkit.testing.simulation import Settings, play

PAIRS = bool(os.environ.get("REBALKIT_CRASH_PAIRS"))

SCENARIOS: Mapping[str, tuple[int, Settings]] = {
    "one sale": (1, Settings(rates={}, sells=1, buys=0)),
    "one sale, one purchase": (2, Settings(rates={}, sells=1, buys=1)),
    "three sales, five purchases": (3, Settings(rates={}, sells=3, buys=5)),
    "parts over time": (4, Settings(rates={"partial": 1, "slow_fill": 0.5}, sells=2, buys=2)),
    "no echo, lost replies": (5, Settings(rates={"lost_reply": 1}, sells=2, buys=2, echoes=False, dedupes=False)),
    "echo, lost replies": (6, Settings(rates={"lost_reply": 1}, sells=2, buys=2, echoes=True, dedupes=False)),
    "no echo, lost replies, late lists": (
        7, Settings(rates={"lost_reply": 0.7, "late_listing": 1}, sells=2, buys=2, echoes=False, dedupes=False)
    ),
    "lost requests": (8, Settings(rates={"lost_request": 0.5}, sells=2, buys=2, dedupes=False)),
    "repetitions refused, lost requests": (9, Settings(rates={"lost_request": 0.5}, sells=2, buys=2, dedupes=True)),
    "repetitions refused, late requests": (10, Settings(rates={"late_request": 0.7}, sells=2, buys=2, dedupes=True)),
    "previews expire": (11, Settings(rates={"preview_expired": 0.5}, sells=2, buys=2)),
    "orders that do not fill": (12, Settings(rates={"unfilled": 0.7, "cancel_slow": 0.5}, sells=2, buys=2)),
    "cancellations get lost": (13, Settings(rates={"unfilled": 0.7, "cancel_lost": 0.5}, sells=2, buys=1)),
    "fills after the end": (14, Settings(rates={"unfilled": 0.7, "late_fill": 1}, sells=2, buys=1)),
    "late rejections": (15, Settings(rates={"rejected_late": 0.4}, sells=3, buys=1)),
    "errors of the server": (16, Settings(rates={"server_error": 0.5}, sells=2, buys=2, echoes=False, dedupes=False)),
}  # fmt: skip


def settings_of(scenario: str) -> tuple[int, Settings]:
    seed, settings = SCENARIOS[scenario]
    return seed, evolve(settings, person=True)


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_f044_f045_f046_f047_f048_f049_f050_f051_f052_f053_f054_f055_f056_a_crash_at_any_step_loses_nothing_and_does_nothing_twice(
    scenario: str,
) -> None:
    seed, settings = settings_of(scenario)
    whole = play(seed, settings)
    assert whole.violations == ()
    assert whole.end == "done"
    for start, steps in enumerate(whole.steps):
        for step in range(1, steps + 1):
            outcome = play(seed, evolve(settings, crash_at=(*[0] * start, step)))
            assert outcome.stops[start] == "crash", (start, step)
            assert outcome.violations == (), (start, step, outcome.violations)
            assert outcome.end in ("done", "void"), (start, step)


@pytest.mark.skipif(not PAIRS, reason="only where REBALKIT_CRASH_PAIRS is set, as nox -s crashes does")
@pytest.mark.parametrize("scenario", SCENARIOS)
def test_f061_a_crash_of_what_takes_up_after_a_crash_loses_nothing_either(scenario: str) -> None:
    seed, settings = settings_of(scenario)
    for first in play(seed, settings).effects[0]:
        after = play(seed, evolve(settings, crash_at=(first,)))
        for second in after.effects[1] if len(after.effects) > 1 else ():
            outcome = play(seed, evolve(settings, crash_at=(first, second)))
            assert outcome.stops[:2] == ("crash", "crash")
            assert outcome.violations == (), (first, second, outcome.violations)
            assert outcome.end in ("done", "void"), (first, second)
