"""One field of an answer at a time: what it may look like on the wire, and what is never guessed."""

from __future__ import annotations

import datetime as dt
import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rebalkit.calendar import NEW_YORK
from rebalkit.errors import DataError
from rebalkit_etrade.answers import Answer, document
from rebalkit_etrade.reading.fields import Fields, unreadable

LARGEST = 2**63 - 1


def fields(**given: Any) -> Fields:
    return Fields(given, "answer")


def on_the_wire(text: str) -> Fields:
    """The fields of a JSON object, as they are read from the wire."""
    found = document(Answer(200, "application/json", b'{"Root":' + text.encode() + b"}"), "Root")
    assert found is not None
    return found


def midnight(day: dt.date) -> int:
    """Milliseconds of a day's beginning in New York, without help of the code under test."""
    return int(dt.datetime(day.year, day.month, day.day, tzinfo=NEW_YORK).timestamp()) * 1000


# Names


@pytest.mark.parametrize("on_wire", ["Position", "position"])
@pytest.mark.parametrize("asked", ["Position", "position"])
def test_either_case_of_a_first_letter_is_found_by_either(on_wire: str, asked: str) -> None:
    assert fields(**{on_wire: "X"}).text(asked) == "X"


def test_only_the_first_letter_may_differ() -> None:
    with pytest.raises(DataError, match="positionId is missing"):
        fields(positionID=1, POSITIONID=1, positionid=1).whole("positionId")


def test_two_cases_that_contradict_each_other_are_an_error() -> None:
    with pytest.raises(DataError, match="quantity is there twice, with different content"):
        fields(quantity=1, Quantity=2).amount("quantity")


@pytest.mark.parametrize("silent", [None, "", {}, []])
def test_two_cases_that_agree_or_of_which_one_says_nothing_are_one(silent: Any) -> None:
    assert fields(quantity=2, Quantity=2).amount("quantity") == 2
    assert fields(quantity=silent, Quantity=2).amount("quantity") == 2
    assert fields(quantity=2, Quantity=silent).amount("Quantity") == 2


@pytest.mark.parametrize("value", [None, "", {}, []])
def test_what_says_nothing_is_missing(value: Any) -> None:
    one = fields(a=value)
    assert not one.has("a")
    for read in (one.text, one.whole, one.amount, one.one, one.some, one.moment, one.day):
        with pytest.raises(DataError, match="a is missing"):
            read("a")
    assert (one.many("a"), one.text_or("a", "-"), one.label("a"), one.flag("a")) == ([], "-", "", False)
    for read_or_none in (one.whole_or_none, one.amount_or_none, one.moment_or_none, one.day_or_none):
        assert read_or_none("a") is None


@pytest.mark.parametrize("value", [0, "0", False])
def test_nothing_and_zero_are_two_things(value: Any) -> None:
    assert fields(a=value).has("a")


# Objects and lists


def test_an_object_may_stand_without_its_list_and_a_list_of_one_for_its_object() -> None:
    assert [one.whole("id") for one in fields(Order={"id": 7}).many("Order")] == [7]
    assert [one.whole("id") for one in fields(Order=[{"id": 7}, {"id": 8}]).some("Order")] == [7, 8]
    assert fields(Order=[{"id": 7}]).one("Order").whole("id") == 7


@pytest.mark.parametrize("value", [[{"id": 1}, {"id": 2}], "x", 7, True])
def test_what_is_no_single_object_is_an_error(value: Any) -> None:
    with pytest.raises(DataError, match="instead of an object"):
        fields(Order=value).one("Order")


@pytest.mark.parametrize("wrong", [None, "", 7, "x", [{"id": 1}]])
def test_no_element_of_a_list_is_left_out(wrong: Any) -> None:
    with pytest.raises(DataError) as caught:
        fields(Order=[{"id": 1}, wrong]).many("Order")
    assert caught.value.place == "E*TRADE, answer.Order[1]"


def test_an_error_says_where_and_that_nothing_was_guessed() -> None:
    problem = unreadable("here", "it is wrong")
    assert (problem.place, problem.reason, problem.code) == ("E*TRADE, here", "it is wrong", "unreadable")
    assert "Nothing was guessed" in problem.remedy
    with pytest.raises(DataError) as caught:
        fields(Order={"Leg": {"size": "many"}}).one("Order").one("Leg").amount("size")
    assert (caught.value.place, caught.value.reason) == ("E*TRADE, answer.Order.Leg.size", "'many' is not a number")


# Texts


def test_a_text_is_made_harmless() -> None:
    assert fields(a=" V\x1b[31mT\u202eI \n now ").text("a") == "VTI now"


@pytest.mark.parametrize("value", [7, True, ["x"], {"x": 1}])
def test_what_is_no_text_is_an_error(value: Any) -> None:
    for read in (fields(a=value).text, fields(a=value).text_or):
        with pytest.raises(DataError, match="is not a text"):
            read("a")


@pytest.mark.parametrize(("value", "label"), [("058", "058"), (58315636, "58315636"), (2**60 + 1, str(2**60 + 1)), (0, "0")])
def test_a_label_is_a_text_or_a_whole_number(value: Any, label: str) -> None:
    assert fields(a=value).label("a") == label


@pytest.mark.parametrize("value", [True, Decimal("1.0"), [1], {"a": 1}])
def test_what_is_neither_is_no_label(value: Any) -> None:
    with pytest.raises(DataError, match="is not a text"):
        fields(a=value).label("a")


# Numbers


@given(st.integers(-LARGEST, LARGEST))
def test_an_id_keeps_its_last_digit_as_a_number_and_as_a_text(number: int) -> None:
    one = on_the_wire(f'{{"n": {number}, "t": "{number}"}}')
    assert (one.whole("n"), one.whole("t"), one.whole_or_none("t")) == (number, number, number)


@pytest.mark.parametrize("number", [2**53 + 1, 494715020211494715, LARGEST])
def test_ids_above_two_to_the_53_are_exact(number: int) -> None:
    assert int(float(number)) != number
    assert on_the_wire(f'{{"positionLotId": {number}}}').whole("positionLotId") == number


@pytest.mark.parametrize(
    "text", ["7.0", "1e3", '"7.0"', '"1e3"', '"0x10"', '"seven"', '"1_000"', '"1 000"', '"+7"', "true", "[7]"]
)
def test_what_is_no_whole_number_is_an_error(text: str) -> None:
    with pytest.raises(DataError, match="is not a whole number"):
        on_the_wire(f'{{"a": {text}}}').whole("a")


@given(st.decimals(-(10**12), 10**12, allow_nan=False, allow_infinity=False, places=6))
def test_an_amount_is_exact_as_a_number_and_as_a_text(amount: Decimal) -> None:
    one = on_the_wire(f'{{"n": {amount:f}, "t": "{amount:f}"}}')
    assert one.amount("n") == one.amount("t") == one.amount_or_none("t") == amount


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("86.90", "86.9"), ('"86.90"', "86.9"), ("11", "11"), ('" 11.000 "', "11"), ("100", "100"), ('"-0.01"', "-0.01"),
        ("1e3", "1000"), ("63.402149483676965", "63.402149483676965"),
        ("123456789012345.123456789012345678901234567891", "123456789012345.123456789012345678901234567891"),
    ],
)  # fmt: skip
def test_an_amount_is_as_it_is_written_but_for_zeros_at_its_end(text: str, amount: str) -> None:
    assert str(on_the_wire(f'{{"a": {text}}}').amount("a")) == amount


@pytest.mark.parametrize(
    "value",
    ["NaN", "Infinity", "1e3", "1,000", "$1", "0x10", "--1", "+1", ".5", "5.", "1_000", "", " ", "1" * 16, True, [1], {"a": 1}],
)
def test_what_is_no_amount_is_an_error(value: Any) -> None:
    with pytest.raises(DataError):
        on_the_wire(json.dumps({"a": value})).amount("a")


def test_a_float_is_no_amount() -> None:
    """It would have lost digits already."""
    with pytest.raises(DataError, match="is not a number"):
        fields(a=0.1).amount("a")


@pytest.mark.parametrize(("value", "flag"), [(True, True), (False, False), ("true", True), (" FALSE ", False), (None, False)])
def test_truth_may_be_written_as_a_text(value: Any, flag: bool) -> None:
    assert fields(a=value).flag("a") is flag


@pytest.mark.parametrize("value", ["yes", 1, 0, ["true"]])
def test_truth_is_not_guessed(value: Any) -> None:
    with pytest.raises(DataError, match="is not true or false"):
        fields(a=value).flag("a")


# Moments and days


@given(st.integers(10**8 + 1, 4102444799))
def test_seconds_and_milliseconds_tell_the_same_moment(seconds: int) -> None:
    """Both are on the wire; a moment in milliseconds is above 10^11 from March 1973 on."""
    told = fields(s=seconds, ms=seconds * 1000, text=str(seconds * 1000))
    assert told.moment("s") == told.moment("ms") == told.moment("text") == dt.datetime.fromtimestamp(seconds, dt.UTC)


def test_a_moment_is_in_new_york_and_keeps_its_milliseconds() -> None:
    moment = fields(a=1676490079653).moment("a")
    assert moment == dt.datetime(2023, 2, 15, 19, 41, 19, 653000, tzinfo=dt.UTC)
    assert moment.isoformat() == "2023-02-15T14:41:19.653000-05:00"


@given(st.dates(dt.date(1973, 3, 4), dt.date(2099, 12, 30)))
def test_a_day_is_the_one_that_begins_then_in_new_york(day: dt.date) -> None:
    begins, ends = midnight(day), midnight(day + dt.timedelta(days=1)) - 1
    told = fields(first=begins, last=ends, seconds=begins // 1000)
    assert told.day("first") == told.day("last") == told.day_or_none("seconds") == day


@pytest.mark.parametrize(
    ("value", "day"),
    [
        (1676350800000, dt.date(2023, 2, 14)),  # as it was recorded
        (1676350799999, dt.date(2023, 2, 13)),
        (1720584000, dt.date(2024, 7, 10)),  # in seconds, in summer
        (1720583999, dt.date(2024, 7, 9)),
        (1793505600000, dt.date(2026, 11, 1)),  # the day of 25 hours
        (1793595599999, dt.date(2026, 11, 1)),
        (1793595600000, dt.date(2026, 11, 2)),
        (1773028799999, dt.date(2026, 3, 8)),  # the day of 23 hours
        (1773028800000, dt.date(2026, 3, 9)),
    ],
)
def test_days_are_those_of_new_york(value: int, day: dt.date) -> None:
    assert fields(a=value).day("a") == day


@pytest.mark.parametrize("value", [-68400000, -57600000, "-68400000", "-57600000", 0, "0", -1])
def test_a_date_before_1970_stands_for_an_unknown_one(value: Any) -> None:
    assert fields(a=value).day_or_none("a") is None
    with pytest.raises(DataError, match="is not a moment"):
        fields(a=value).day("a")


def test_seconds_end_where_milliseconds_begin() -> None:
    """A lot may have been bought in 1970, and nothing is of after 2099."""
    assert fields(a=4102444799).moment("a").astimezone(dt.UTC) == dt.datetime(2099, 12, 31, 23, 59, 59, tzinfo=dt.UTC)
    assert fields(a=4102444800).day("a") == dt.date(1970, 2, 17)
    assert fields(a=63_000_000_000).day("a") == dt.date(1971, 12, 30)


def test_a_moment_of_nothing_is_none_and_one_before_1970_is_an_error() -> None:
    assert fields(a=0).moment_or_none("a") is None
    with pytest.raises(DataError, match="is not a moment"):
        fields(a=-68400000).moment_or_none("a")


@pytest.mark.parametrize("value", [4102444800000, 10**15, 10**400, -1, -(10**15)])
def test_a_moment_beyond_this_century_is_none(value: int) -> None:
    with pytest.raises(DataError, match="is not a moment"):
        fields(a=value).moment("a")


@pytest.mark.parametrize("value", ["2023-02-14", "soon", Decimal("1676350800000.5"), True])
def test_what_is_no_number_is_no_day_either(value: Any) -> None:
    with pytest.raises(DataError, match="is not a whole number"):
        fields(a=value).day_or_none("a")
