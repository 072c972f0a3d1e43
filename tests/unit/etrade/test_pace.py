"""Requests are never closer together than their pace, nor farther apart than they need to be."""

from __future__ import annotations

import time
from fractions import Fraction
from threading import Thread
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rebalkit_etrade.wire.pace import Pace


class ExactClock:
    """Time in fractions, which no sum rounds."""

    def __init__(self) -> None:
        self.moment = Fraction(1000)

    def monotonic(self) -> Any:
        return self.moment

    def sleep(self, seconds: Any) -> None:
        assert seconds > 0
        self.moment += seconds


@given(
    st.fractions(Fraction(1, 10), 100, max_denominator=1000),
    st.lists(st.fractions(0, 3, max_denominator=1000), min_size=1, max_size=30),
)
def test_a_request_is_sent_when_it_comes_or_one_gap_after_the_last_one_whatever_is_later(
    rate: Fraction, pauses: list[Fraction]
) -> None:
    clock = ExactClock()
    pace = Pace(rate, clock)  # type: ignore[arg-type]
    last = None
    for pause in pauses:
        clock.moment += pause
        came = clock.moment
        pace.wait()
        assert last is None or clock.moment - last >= 1 / rate
        assert clock.moment == (came if last is None else max(came, last + 1 / rate))
        last = clock.moment


class Yielding(float):
    """A number that lets other threads run while it is added to."""

    def __add__(self, other: float) -> Yielding:
        time.sleep(0.0002)
        return Yielding(float(self) + other)


class StandingClock:
    """Time stands still, so that what each request waits is its turn."""

    def __init__(self) -> None:
        self.slept: list[float] = []

    def monotonic(self) -> float:
        return Yielding(1000)

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)


@pytest.mark.parametrize(("threads", "each"), [(2, 20), (8, 5), (20, 2)])
def test_threads_share_one_pace(threads: int, each: int) -> None:
    clock = StandingClock()
    pace = Pace(4, clock)
    started = [Thread(target=lambda: [pace.wait() for _ in range(each)]) for _ in range(threads)]
    for thread in started:
        thread.start()
    for thread in started:
        thread.join()
    assert sorted(clock.slept) == [0.25 * turn for turn in range(1, threads * each)]
