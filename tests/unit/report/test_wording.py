from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rebalkit.model import Reason
from rebalkit.report.wording import clean, counted, joined, ordinal, sentence_of


@pytest.mark.parametrize(
    ("dirty", "cleaned"),
    [
        ("plain", "plain"),
        ("  two  spaces ", "two spaces"),
        ("\x1b[31mred\x1b[0m", "red"),
        ("\x1b]0;new title\x07after", "after"),
        ("\x1b]8;;http://example.invalid\x1b\\link\x1b]8;;\x1b\\", "link"),
        ("\x9b2Jcleared", "cleared"),
        ("a\x00b\x08c\x7f", "abc"),
        ("line\r\nline\tend", "line line end"),
        ("\u202egnp.exe\u2066", "gnp.exe"),
        ("שלום", "שלום"),
        ("Zürich – «β»", "Zürich – «β»"),
    ],
)
def test_what_could_act_on_a_terminal_or_turn_the_text_is_taken_out(dirty: str, cleaned: str) -> None:
    assert clean(dirty) == cleaned


@given(st.text())
def test_clean_text_is_one_line_of_visible_characters_and_stays_so(text: str) -> None:
    cleaned = clean(text)
    assert [one for one in cleaned if unicodedata.category(one) in ("Cc", "Cf", "Cs", "Zl", "Zp")] == []
    assert clean(cleaned) == cleaned


def test_counts_lists_and_ranks_are_english() -> None:
    assert [counted(n, "lot") for n in (0, 1, 2)] == ["no lots", "1 lot", "2 lots"]
    assert [joined(words) for words in ([], ["a"], ["a", "b"], ["a", "b", "c"])] == ["", "a", "a and b", "a, b and c"]
    assert joined(["a", "b"], "or") == "a or b"
    assert [ordinal(n) for n in (1, 2, 3, 4, 11, 12, 13, 21, 112)] == [
        "1st", "2nd", "3rd", "4th", "11th", "12th", "13th", "21st", "112th",
    ]  # fmt: skip


def test_a_reason_of_somebodys_own_strategy_is_said_in_words_with_its_numbers() -> None:
    sentence = sentence_of(Reason("moon_phase", {"phase": "full\x1b[5m", "days": [1, 2]}), "IVV")
    assert "moon phase" in sentence
    assert "full" in sentence
    assert "\x1b" not in sentence
