"""The built-in table of funds that track the same index."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from rebalkit.model import IdentityGroups
from rebalkit.tax.policy import declared_policy
from rebalkit.tax.same_index import SAME_INDEX, index_of

PAGE = Path(__file__).parents[3] / "docs" / "reference" / "configuration.md"


def test_no_fund_tracks_two_indices_and_each_row_says_where_it_was_read() -> None:
    groups = IdentityGroups(one.symbols for one in SAME_INDEX)
    assert groups.groups == tuple(sorted(one.symbols for one in SAME_INDEX))
    for one in SAME_INDEX:
        assert one.symbols == tuple(sorted(one.symbols))
        assert all(symbol in one.source for symbol in one.symbols), one.index


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [("IVV", "VOO", True), ("SPLG", "SPYM", True), ("IJH", "MDY", True), ("AGG", "BND", False), ("IJR", "IWM", False)],
)
def test_same_index_same_group_and_no_other(one: str, other: str, same: bool) -> None:
    groups = declared_policy().groups
    assert (groups.of(one) == groups.of(other)) is same


def test_what_is_declared_joins_what_is_built_in() -> None:
    groups = declared_policy([["VOO", "VV"], ["AGG", "BND"]]).groups
    assert groups.of("VV") == groups.of("SPY")
    assert groups.of("AGG") == groups.of("BND")


def test_the_table_can_be_left_out() -> None:
    assert declared_policy([["AGG", "BND"]], same_index=False).groups.groups == (("AGG", "BND"),)


@pytest.mark.parametrize(
    ("group", "index"),
    [
        (("IVV", "VOO"), "S&P 500"),
        (("IVV", "SPLG", "SPY", "SPYM", "VOO"), "S&P 500"),
        (("IVV", "VV"), None),
        (("AGG", "BND"), None),
    ],
)
def test_a_group_has_an_index_only_when_all_of_it_track_it(group: tuple[str, ...], index: str | None) -> None:
    assert index_of(group) == index


def test_the_page_shows_this_table() -> None:
    rows = re.findall(r"^\| ([^|`]+) \| ([A-Z, ]+) \|$", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    assert rows == [(one.index, ", ".join(one.symbols)) for one in SAME_INDEX]
