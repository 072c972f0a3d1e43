"""The clock of the machine."""

from __future__ import annotations

import datetime as dt
import time

import pytest

from rebalkit.execution.system_clock import SystemClock


def test_now_is_the_moment_in_utc() -> None:
    before = dt.datetime.now(dt.UTC)
    now = SystemClock().now()
    assert before <= now <= dt.datetime.now(dt.UTC)
    assert now.utcoffset() == dt.timedelta(0)


def test_what_is_slept_is_counted() -> None:
    clock = SystemClock()
    before = clock.monotonic()
    clock.sleep(0.01)
    assert clock.monotonic() >= before + 0.01


def test_f076_durations_do_not_follow_a_clock_that_is_set(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = SystemClock()
    before = clock.monotonic()
    monkeypatch.setattr(time, "time", lambda: 0.0)
    assert clock.monotonic() >= before


@pytest.mark.skipif(not hasattr(time, "CLOCK_BOOTTIME"), reason="this system has no clock that counts sleep")
def test_the_sleep_of_the_machine_is_counted_where_it_can_be(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "clock_gettime", {time.CLOCK_BOOTTIME: 7.0}.__getitem__)
    assert SystemClock().monotonic() == 7
    monkeypatch.delattr(time, "CLOCK_BOOTTIME")
    monkeypatch.setattr(time, "monotonic", lambda: 5.0)
    assert SystemClock().monotonic() == 5
