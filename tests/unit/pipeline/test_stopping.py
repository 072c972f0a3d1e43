"""The wish that nothing more is sent."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest

from rebalkit.pipeline.stopping import stop_file, stop_wish, stopping_on_interrupt


def press() -> None:
    signal.raise_signal(signal.SIGINT)


def test_f060_the_first_ctrl_c_asks_and_the_second_within_three_seconds_leaves() -> None:
    said: list[str] = []
    seconds = [100.0]
    with stopping_on_interrupt(said.append, lambda: seconds[0]) as wish:
        assert wish() == ""
        press()
        assert "Ctrl-C" in wish()
        assert len(said) == 1
        seconds[0] += 3.0
        with pytest.raises(KeyboardInterrupt):
            press()


def test_two_that_are_far_apart_only_ask() -> None:
    said: list[str] = []
    seconds = [100.0]
    with stopping_on_interrupt(said.append, lambda: seconds[0]) as wish:
        press()
        seconds[0] += 3.5
        press()
        assert wish()
    assert len(said) == 2


def test_afterwards_ctrl_c_is_what_it_was() -> None:
    before = signal.getsignal(signal.SIGINT)
    with stopping_on_interrupt(lambda words: None, lambda: 0.0):
        assert signal.getsignal(signal.SIGINT) is not before
    assert signal.getsignal(signal.SIGINT) is before


def test_a_file_that_cannot_be_read_counts() -> None:
    stop_file().mkdir(parents=True)
    assert stop_wish() == "`rebalkit stop`"


def test_any_file_of_that_name_counts_even_a_dangling_link() -> None:
    stop_file().parent.mkdir(parents=True)
    stop_file().symlink_to(Path("nowhere"))
    assert stop_wish() == "`rebalkit stop`"


def test_words_of_a_file_are_shown_short_and_on_one_line() -> None:
    stop_file().parent.mkdir(parents=True)
    stop_file().write_bytes(b"a\nb \xff" + b"c" * 1000)
    wish = stop_wish()
    assert "\n" not in wish
    assert len(wish) < 250
