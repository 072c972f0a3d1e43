"""A plan is for the account that it was made of: what changed in between voids it."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from functools import partial
from pathlib import Path

import pytest
from attrs import evolve

from executions import SOURCE, TARGETS, book, registry, run_of
from rebalkit.errors import BlockedError
from rebalkit.model import Lot
from rebalkit.pipeline.request import PlanRequest
from rebalkit.pipeline.snapshot import open_broker
from rebalkit.pipeline.unchanged import refuse_changed
from rebalkit_paper.book import Book
from rebalkit_paper.store import change


@pytest.mark.parametrize("less", ["0", "0.01", "-0.01", "250.00"])
def test_f096_a_distribution_that_changes_the_basis_of_a_lot_voids_the_plan(tmp_path: Path, less: str) -> None:
    """A return of capital lowers the cost of a lot, a correction may raise it; to the cent, whichever lot it is."""
    book()
    report = run_of(tmp_path).report()
    assert report.plan is not None
    main = open_broker(registry(), SOURCE).snapshot("main")
    lots = {lot.lot: lot for lot in main.lots}
    for name in sorted(lots):
        cost = lots[name].cost
        assert cost is not None
        changed = evolve(lots[name], cost=cost - Decimal(less))
        change("test", partial(_with_lots, lots=lots | {name: changed}))
        broker = open_broker(registry(), SOURCE)
        if Decimal(less) == 0:
            refuse_changed(registry(), broker, PlanRequest(SOURCE, TARGETS), report, report.plan)
            continue
        with pytest.raises(BlockedError, match=f"lot {name} is not what it was") as caught:
            refuse_changed(registry(), broker, PlanRequest(SOURCE, TARGETS), report, report.plan)
        assert caught.value.code == "account_changed"


def _with_lots(old: Book, lots: Mapping[str, Lot]) -> Book:
    return old.with_account(evolve(old.account("main"), lots=tuple(lots.values())))
