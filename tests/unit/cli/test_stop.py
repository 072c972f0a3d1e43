"""``rebalkit stop``: a wish that every process finds, and that only a person takes back."""

from __future__ import annotations

from pathlib import Path

from commands import Shell
from rebalkit.pipeline.stopping import stop_file, stop_wish


def test_a_stop_is_in_force_until_it_is_cleared(shell: Shell) -> None:
    assert shell("stop", "--show").out == "Orders may be sent.\n"
    ran = shell("stop", "--reason", "the market\nlooks odd")
    assert (ran.code, ran.out) == (0, "")
    assert str(stop_file()) in ran.err
    assert stop_wish().endswith("UTC: the market looks odd")
    assert shell("stop", "--show").out == f"No order is sent: {stop_wish()}\n"
    assert shell("stop", "--clear").err == "Orders may be sent again.\n"
    assert stop_wish() == ""
    assert shell("stop", "--clear").err == "Nothing was stopped.\n"


def test_what_cannot_be_meant_is_refused(shell: Shell) -> None:
    assert shell("stop", "--clear", "--show").code == 2
    assert shell("stop", "--clear", "--reason", "x").code == 2
    assert not stop_file().exists()


def test_a_stop_that_cannot_be_written_is_an_error(shell: Shell, home: Path) -> None:
    stop_file().mkdir(parents=True)
    ran = shell("stop")
    assert ran.code == 8
    assert "STOP" in ran.err
    assert stop_wish() != "", "whatever is there, it is in the way of every order"
    assert shell("stop", "--clear").code == 8
