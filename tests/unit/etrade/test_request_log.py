"""What the log of requests says, what it never says, and who may read it."""

from __future__ import annotations

import json
import os
import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rebalkit.secrets import Secret
from rebalkit.secrets.concealing import HIDDEN
from rebalkit_etrade.redaction import redacted
from rebalkit_etrade.wire import request_log
from rebalkit_etrade.wire.request_log import RequestLog, log_path


class Lines(list[str]):
    """A log in memory."""

    @property
    def log(self) -> RequestLog:
        return RequestLog(self.append)


@pytest.fixture
def lines() -> Lines:
    return Lines()


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("GET /v1/accounts/vQMsebA1H5WltUfDkJP48g/orders.json", "GET /v1/accounts/…/orders.json"),
        ("https://api.etrade.com/v1/accounts/6_Dpy-0rmuQ9/portfolio/30136934", "https://api.etrade.com/v1/accounts/…/portfolio/30136934"),
        ("GET /v1/accounts/list.json", "GET /v1/accounts/list.json"),
        ('"accountIdKey": "dBZOKt9xDrtRSAOl4MSiiA"', '"accountIdKey": "…"'),
        ('"accountId": "82314598"', '"accountId": "…4598"'),
        ('"accountId":82314598,', '"accountId":…4598,'),
        ('"accountNo": "82314598"', '"accountNo": "…4598"'),
        ("<accountId>82314598</accountId>", "<accountId>…4598</accountId>"),
        ('"accountName": "Ada"', '"accountName": "…"'),
        ('"accountDesc": "LLC"', '"accountDesc": "…"'),
        ('"accountDescription": "JOHN DOE"', '"accountDescription": "…"'),
        ('"positionLotId": 494715020211, "orderId": 82314598', '"positionLotId": 494715020211, "orderId": 82314598'),
        ('"limitPrice": 70.2, "quantity": 5', '"limitPrice": 70.2, "quantity": 5'),
        ("oauth_token=abcdef&oauth_token_secret=ghijkl", f"oauth_token={HIDDEN}&oauth_token_secret={HIDDEN}"),
        ('Authorization: OAuth oauth_signature="abc"', f"Authorization: {HIDDEN}"),
        ("two\nlines \x1b[31mred\x1b[0m", "two lines red"),
    ],
)  # fmt: skip
def test_accounts_people_and_credentials_are_taken_out_and_nothing_else(said: str, shown: str) -> None:
    assert redacted(said) == shown


@given(
    st.text("abcdefGHIJK0123456789_-", min_size=5, max_size=40),
    st.integers(10**7, 10**10 - 1).map(str),
    st.text(st.characters(codec="ascii", exclude_characters='"\\', categories=["L", "N", "P"]), min_size=1),
)
def test_no_key_number_or_name_of_an_account_is_left(key: str, number: str, name: str) -> None:
    whole = {
        "accountId": number,
        "accountIdKey": key,
        "accountName": name,
        "details": f"https://x/v1/accounts/{key}/orders/1.json",
    }
    assert json.loads(redacted(json.dumps(whole))) == {
        "accountId": f"…{number[-4:]}",
        "accountIdKey": "…",
        "accountName": "…",
        "details": "https://x/v1/accounts/…/orders/1.json",
    }


def test_a_secret_of_this_process_is_taken_out_in_any_form() -> None:
    Secret("Zm/+secret=")
    assert redacted("a Zm/+secret= b Zm%2F%2Bsecret%3D c Zm%252F%252Bsecret%253D d") == f"a {HIDDEN} b {HIDDEN} c {HIDDEN} d"


def test_a_request_is_one_line_before_it_is_sent_and_one_when_it_is_answered(lines: Lines) -> None:
    lines.log.asked("10:00", "GET", "/v1/accounts/KEY12/orders.json", {"count": "100", "marker": "7"}, "")
    lines.log.asked("10:01", "POST", "/v1/accounts/KEY12/orders/preview.json", None, '{"a":\n1}')
    lines.log.answered("10:02", 200, 0.456, b'{"accountId": "82314598",\r\n "x": "\xff"}')
    lines.log.answered("10:03", "unreachable", 30, b"no answer")
    assert lines == [
        "10:00 > GET /v1/accounts/…/orders.json?count=100&marker=7",
        '10:01 > POST /v1/accounts/…/orders/preview.json {"a": 1}',
        '10:02 < 200 0.46 s {"accountId": "…4598", "x": "\ufffd"}',
        "10:03 < unreachable 30.00 s no answer",
    ]


def test_of_a_long_body_the_beginning_is_written(lines: Lines) -> None:
    lines.log.asked("10:00", "POST", "/x", None, "y" * 100_000)
    lines.log.answered("10:00", 200, 1, b"z" * 100_000)
    assert [len(one) for one in lines] == [20_000, 20_000]


# Where to


@pytest.mark.parametrize("where", ["off", "", "elsewhere"])
def test_a_log_that_is_off_writes_nowhere(where: str, home: Path, capfd: pytest.CaptureFixture[str]) -> None:
    log = RequestLog.to(where)
    log.asked("10:00", "GET", "/x", None, "")
    log.answered("10:00", 200, 1, b"x")
    assert capfd.readouterr() == ("", "")
    assert list(home.rglob("*")) == []


def test_a_log_on_the_screen_is_not_among_the_results(home: Path, capfd: pytest.CaptureFixture[str]) -> None:
    RequestLog.to("screen").asked("10:00", "GET", "/v1/accounts/KEY12/x", None, "")
    assert capfd.readouterr() == ("", "10:00 > GET /v1/accounts/…/x\n")
    assert list(home.rglob("*")) == []


def test_a_log_file_is_written_line_by_line_as_it_is(capfd: pytest.CaptureFixture[str]) -> None:
    log = RequestLog.to("file")
    log.asked("10:00", "GET", "/v1/market/quote/A%2FB%s.json", None, "")
    assert log_path().read_text() == "10:00 > GET /v1/market/quote/A%2FB%s.json\n"
    log.answered("10:01", 200, 1, "é".encode())
    assert log_path().read_text().splitlines()[1] == "10:01 < 200 1.00 s é"
    assert capfd.readouterr() == ("", "")


def test_every_file_of_the_log_is_its_owners_alone_whatever_the_umask_is(monkeypatch: pytest.MonkeyPatch) -> None:
    """The ones that are full are kept under a number, the newest ones five of them."""
    monkeypatch.setattr(request_log, "_LARGEST", 1_000)
    before = os.umask(0)
    try:
        log = RequestLog.to("file")
        for number in range(100):
            log.asked(f"moment {number}", "GET", "/x", None, "y" * 80)
            mode = stat.S_IMODE(log_path().stat().st_mode)
            assert mode == 0o600
    finally:
        os.umask(before)
    folder = log_path().parent
    files = sorted(folder.iterdir())
    assert [one.name for one in files] == ["requests.log", *(f"requests.log.{number}" for number in range(1, 6))]
    assert {stat.S_IMODE(one.stat().st_mode) for one in files} == {0o600}
    assert {one.stat().st_size <= 1_000 for one in files} == {True}
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    kept = [line.split(" > ")[0] for one in (*reversed(files[1:]), files[0]) for line in one.read_text().splitlines()]
    assert kept == [f"moment {number}" for number in range(100 - len(kept), 100)]


def test_the_log_follows_the_state_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    log = RequestLog.to("file")
    log.asked("1", "GET", "/x", None, "")
    first = log_path()
    monkeypatch.setenv("REBALKIT_HOME", str(tmp_path / "other"))
    log.asked("2", "GET", "/x", None, "")
    assert first != log_path()
    assert [one.read_text().split()[0] for one in (first, log_path())] == ["1", "2"]
