"""Whatever is kept and dropped, in whatever order, the store holds what a dictionary would."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rebalkit.model import Promise
from rebalkit.pipeline.promises import Scope, all_promises
from rebalkit.serial import dumps, loads

DAY = dt.date(2025, 4, 8)
NAMES = st.text("ab-1", min_size=1, max_size=3)
SCOPES = st.sampled_from(["household", "paper: book=a", "paper: book=b"])


@st.composite
def some_promises(draw: st.DrawFn) -> Promise:
    sold = DAY + dt.timedelta(days=draw(st.integers(0, 60)))
    through = sold + dt.timedelta(days=draw(st.integers(0, 40)))
    group = tuple(sorted(draw(st.sets(st.sampled_from(["IVV", "VOO", "SPY", "BRK.B"]), min_size=1))))
    above_0 = st.decimals("0.000001", "99999999", places=6)
    return Promise(
        draw(NAMES),
        group,
        draw(st.text(max_size=5)),
        sold,
        through,
        through + dt.timedelta(days=1),
        draw(above_0),
        draw(above_0),
        draw(NAMES),
    )


@given(some_promises())
def test_a_promise_survives_its_file(promise: Promise) -> None:
    again = loads(Promise, dumps(promise))
    assert again == promise
    assert dumps(again) == dumps(promise)


@given(st.lists(st.tuples(SCOPES, st.one_of(st.lists(some_promises(), max_size=3), st.sets(NAMES, max_size=3))), max_size=8))
def test_the_store_is_a_dictionary_that_forgets_what_has_ended(
    tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[str, list[Promise] | set[str]]]
) -> None:
    expected: dict[str, dict[str, Promise]] = {}
    day = DAY
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("REBALKIT_HOME", str(Path(tmp_path_factory.mktemp("state"))))
        for number, (scope, step) in enumerate(steps):
            held = expected.setdefault(scope, {})
            day = DAY + dt.timedelta(days=20 * number)
            if isinstance(step, set):
                Scope(scope).drop(step)
                for name in step:
                    held.pop(name, None)
            elif step:
                Scope(scope).keep(step, day)
                for name in [name for name, one in held.items() if one.sold <= day and not one.is_remembered(day)]:
                    del held[name]
                held.update({one.promise: one for one in step})
            assert all_promises() == {name: tuple(kept.values()) for name, kept in expected.items() if kept}
