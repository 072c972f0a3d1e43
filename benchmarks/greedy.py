"""Times the greedy strategy against the row-wise pandas baseline: ``python benchmarks/greedy.py [--quick]``.

Both must give the same answer before anything is timed. Times are the best of several runs, in one process. "Ready" starts from a
loaded snapshot and its lot book; "with book" also builds the lot book. Ends with 1 when a limit is not met.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable

import pandas_greedy
import portfolios

from rebalkit.model import Plan, Snapshot, Targets
from rebalkit.plugin import PlanContext
from rebalkit.strategies import Greedy, GreedySettings

MOST = {"sample": 0.8, "10,000 lots": 12.0, "100,000 lots": 120.0}
"""Milliseconds that a plan from a ready context may take."""
LEAST_RATIO = 30
"""How many times faster than the baseline the plan of the sample has to be."""


def best_of(runs: int, call: Callable[[], object]) -> float:
    """Milliseconds of the fastest of ``runs`` calls."""
    times = []
    for _ in range(runs):
        start = time.perf_counter()
        call()
        times.append(time.perf_counter() - start)
    return min(times) * 1000


def differences(plan: Plan, baseline: pandas_greedy.Answer) -> list[str]:
    """In what the two disagree."""
    sold = {part.lot for order in plan.sells for part in order.lots}
    found = [f"sold here only: {lot}" for lot in sorted(sold - baseline.sell)]
    found += [f"sold there only: {lot}" for lot in sorted(baseline.sell - sold)]
    for one in plan.classes:
        here, there = (one.buy, int(one.buy_quantity)), (baseline.buy[one.name], baseline.shares.get(one.name, 0))
        if here != there:
            found.append(f"bought in {one.name}: {here} here, {there} there")
    return found


def compare(name: str, snapshot: Snapshot, targets: Targets, runs: int) -> list[str]:
    """Print one line; return what is wrong."""
    greedy, context, frames = (
        Greedy(GreedySettings(wash_rule="by_ticker")),
        PlanContext.of(snapshot),
        pandas_greedy.frames(snapshot, targets),
    )
    found = differences(greedy.plan(snapshot, targets, context), pandas_greedy.plan(frames))
    ready = best_of(runs, lambda: greedy.plan(snapshot, targets, context))
    built = best_of(runs, lambda: greedy.plan(snapshot, targets, PlanContext.of(snapshot)))
    baseline = best_of(max(1, runs // 20), lambda: pandas_greedy.plan(frames))
    print(
        f"{name:>13}: pandas {baseline:9.2f} ms   ready {ready:7.3f} ms ({baseline / ready:4.0f} times faster)"
        f"   with book {built:7.3f} ms ({baseline / built:4.0f} times faster)"
    )
    if ready > MOST[name]:
        found.append(f"a plan takes {ready:.3f} ms, more than {MOST[name]}")
    if name == "sample" and baseline / ready < LEAST_RATIO:
        found.append(f"only {baseline / ready:.0f} times faster than the baseline, not {LEAST_RATIO}")
    return [f"{name}: {problem}" for problem in found]


def main(arguments: list[str]) -> int:
    """Run all sizes, or all but the largest with ``--quick``."""
    problems = compare("sample", *portfolios.sample(), runs=200)
    problems += compare("10,000 lots", *portfolios.generated(10_000), runs=20)
    if "--quick" not in arguments:
        problems += compare("100,000 lots", *portfolios.generated(100_000), runs=5)
    for problem in problems[:20]:
        print(problem, file=sys.stderr)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
