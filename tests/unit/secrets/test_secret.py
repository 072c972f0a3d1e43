"""A secret shows itself to nobody (F119)."""

from __future__ import annotations

import copy
import json
import pickle
import traceback
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Callable
from urllib.parse import quote

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rebalkit.secrets import Secret, at_first_secret, concealing, without_secrets
from rebalkit.secrets.credentials import without_credentials
from rebalkit.serial import to_plain

VALUE = "canary-é/+?&\"'<7f3>"


@attrs.frozen
class Settings:
    token: Secret


@pytest.mark.parametrize(
    "show",
    [
        repr, str, format, "{}".format, "{!r:>40}".format, "%s".__mod__, lambda one: f"{one}{one!r}{one:>30}", lambda one: repr([one]),
        lambda one: repr({"a": one}), lambda one: repr(Settings(one)), lambda one: str(attrs.asdict(Settings(one))),
        lambda one: str(attrs.astuple(Settings(one))), lambda one: repr(copy.copy(one)), lambda one: repr(copy.deepcopy([one])),
        lambda one: json.dumps({"a": one}, default=str), lambda one: repr(dir(one)),
    ],
)  # fmt: skip
def test_f119_no_way_of_showing_it_shows_it(show: Callable[[Secret], str]) -> None:
    assert "canary" not in show(Secret(VALUE))


@pytest.mark.parametrize("write", [pickle.dumps, json.dumps, to_plain, vars, lambda one: one.__getstate__().items()])
def test_f119_what_would_write_it_fails_without_a_word_of_it(write: Callable[[Secret], object]) -> None:
    with pytest.raises((TypeError, AttributeError)) as caught:
        write(Secret(VALUE))
    assert "canary" not in "".join(traceback.format_exception(caught.value))


def test_it_is_revealed_to_who_asks_and_does_not_change() -> None:
    secret = Secret(VALUE)
    assert secret.reveal() == VALUE
    assert copy.deepcopy(secret).reveal() == VALUE
    with pytest.raises(AttributeError):
        secret.value = "other"  # type: ignore[attr-defined]
    with pytest.raises(AttributeError):
        del secret.value  # type: ignore[attr-defined]
    assert secret == Secret(VALUE)
    assert secret != Secret(VALUE + "x")
    assert secret != VALUE
    with pytest.raises(TypeError, match="unhashable"):
        hash(secret)


@pytest.mark.parametrize("wrong", ["", None, 5, b"bytes"])
def test_what_is_no_text_is_no_secret(wrong: object) -> None:
    with pytest.raises(ValueError, match="a secret is a text that is not empty"):
        Secret(wrong)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "coded",
    [
        VALUE, quote(VALUE, safe=""), quote(VALUE), quote(VALUE, safe="").lower(), quote(quote(VALUE, safe=""), safe=""),
        json.dumps(VALUE), repr(VALUE), f"x{VALUE}y", b64encode(VALUE.encode()).decode(), urlsafe_b64encode(VALUE.encode()).decode(),
        "canary-é/+?&amp;&quot;&#x27;&lt;7f3&gt;",
    ],
)  # fmt: skip
def test_it_is_taken_out_of_texts_however_it_is_encoded(coded: str) -> None:
    Secret(VALUE)
    hidden = without_secrets(f"before {coded} after")
    assert hidden.startswith("before ")
    assert hidden.endswith(" after")
    assert "•••" in hidden
    assert not {"canary", "Y2FuYXJ5"} & {hidden[at : at + size] for size in (6, 8) for at in range(len(hidden))}


@given(st.text(min_size=6, max_size=40), st.binary(max_size=5), st.binary(max_size=5))
def test_it_is_found_in_base64_wherever_it_begins_there(value: str, before: bytes, after: bytes) -> None:
    """As in the header of a Basic login, where a name stands before it."""
    raw = value.encode("utf-8", "surrogatepass")
    Secret(value)
    shown = without_secrets(b64encode(before + raw + after).decode())
    assert "•••" in shown
    kept = sum(len(part) for part in shown.split("•••"))
    assert kept <= 4 * (len(before) + len(after) + 4) / 3 + 4


def test_what_is_too_short_to_be_told_from_other_text_is_left() -> None:
    Secret("1234")
    assert without_secrets("lot 1234") == "lot 1234"


def test_a_code_of_a_login_is_not_too_short() -> None:
    Secret("WXYZ8")
    assert without_secrets("code WXYZ8, lot WXYZ") == "code •••, lot WXYZ"


def test_the_longest_secret_is_taken_out_whole() -> None:
    Secret("beginning")
    Secret("beginning-and-end")
    assert without_secrets("beginning-and-end") == "•••"


def test_who_waits_for_the_first_secret_is_told_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(concealing, "_pattern", None)
    monkeypatch.setattr(concealing, "_forms", set())
    told: list[int] = []
    at_first_secret(lambda: told.append(1))
    assert told == []
    Secret("the-first-one")
    Secret("the-second-one")
    assert told == [1]
    at_first_secret(lambda: told.append(2))
    assert told == [1, 2]


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("GET /x?oauth_token=canary&b=1", "&b=1"),
        ('OAuth oauth_consumer_key="canary", realm=""', 'realm=""'),
        ("{'oauth_token_secret': 'canary', 'b': 1}", "'b': 1"),
        ("Authorization: OAuth realm=canary, x=canary\nnext", "\nnext"),
        ("{'Authorization': 'Basic canary'}", "Authorization"),
        ("https://me:canary@broker.example/path", "@broker.example/path"),
        ("password = canary; user = me", "user = me"),
        ("Set-Cookie: sid=canary", "Set-Cookie: "),
        ('{"access_token": "canary", "n": 2}', '"n": 2'),
        ("oauth_verifier%3Dcanary end", " end"),
    ],
)
def test_what_looks_like_a_credential_is_taken_out_although_nobody_told_of_it(text: str, kept: str) -> None:
    shown = without_credentials(text)
    assert "canary" not in shown
    assert kept in shown


def test_ordinary_text_is_left_alone() -> None:
    text = "VTI: 12 of 20 shares at https://broker.example:443/v1 key=5, token expired, run 20250408T200000Z-1f0c9a2b7d3e"
    assert without_credentials(text) == text
