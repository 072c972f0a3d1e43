"""Questions are asked again politely, orders never, and only with a token that lives; a signer and a clock stand for the world."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest

from rebalkit.calendar import NEW_YORK
from rebalkit.errors import BrokerError, LoginRequired
from rebalkit.secrets import Secret
from rebalkit_etrade.answers import Answer
from rebalkit_etrade.wire.hosts import loopback
from rebalkit_etrade.wire.pace import Pace
from rebalkit_etrade.wire.tokens import Token, TokenBox
from rebalkit_etrade.wire.transport import Transport

HOST = loopback("http://127.0.0.1:9")
MORNING = dt.datetime(2026, 11, 24, 15, 0, tzinfo=dt.UTC)
SECOND = dt.timedelta(seconds=1)

OK = Answer(200, "application/json", b"{}")
DEAD = Answer(401, "application/json", b'{"Error": {"message": "oauth_problem=token_rejected"}}')
RATE = Answer(400, "text/html", b"<html><h1>Number of requests exceeded the rate limit set</h1></html>")
UNREACHABLE = BrokerError("no answer", code="unreachable")

BUSY: dict[str, Any] = {
    "429": Answer(429, "", b""),
    "400 as a page": RATE,
    "500 with code 100": Answer(500, "application/json", b'{"Error": {"code": 100}}'),
    "502 as a page": Answer(502, "text/html", b"<h1>Bad gateway</h1>"),
    "503": Answer(503, "", b""),
    "no answer": UNREACHABLE,
}
SETTLED: dict[str, Any] = {
    "200": OK,
    "204": Answer(204, "", b""),
    "400": Answer(400, "application/json", b'{"Error": {"code": 102, "message": "Please enter valid Account Key"}}'),
    "400 as another page": Answer(400, "text/html", b"<h1>Bad request</h1>"),
    "404": Answer(404, "", b""),
    "405": Answer(405, "application/json", b'{"Error": {"code": 9999}}'),
}
RENEWED = Answer(200, "text/html", b"Access Token has been renewed")
RENEW, QUESTION, ORDER = "GET /oauth/renew_access_token", "GET /v1/x.json", "POST /v1/y.json"


class FakeClock:
    """Passes when somebody sleeps."""

    def __init__(self, moment: dt.datetime) -> None:
        self.moment, self.slept = moment, list[float]()

    def now(self) -> dt.datetime:
        return self.moment

    def monotonic(self) -> float:
        return self.moment.timestamp()

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.moment += dt.timedelta(seconds=seconds)


class World:
    """A transport with a login of this day, whose requests get the ``answers`` one after the other, and then good ones."""

    host = HOST

    def __init__(self, folder: Path, moment: dt.datetime = MORNING) -> None:
        self.clock = FakeClock(moment)
        self.answers: list[Any] = []
        self.sent: list[str] = []
        self.times: list[dt.datetime] = []
        self.tells_time = True
        self.ahead = dt.timedelta(0)
        self.box = TokenBox(f"file:{folder / 'token'}", "rebalkit login")
        self.log_in()
        self.transport = Transport(self, self.box, Pace(4, self.clock), self.clock, self.clock.now)  # type: ignore[arg-type]

    def log_in(self) -> None:
        now = self.clock.moment
        self.box.keep(Token(HOST.api, Secret("a-token"), Secret("its-secret"), now.astimezone(NEW_YORK).date(), now))

    def once(self, verb: str, path: str, token: tuple[Secret, Secret], **more: object) -> tuple[Answer, dt.datetime | None]:
        """The signer: one request."""
        assert [one.reveal() for one in token] == ["a-token", "its-secret"]
        self.sent.append(f"{verb} {path}")
        self.times.append(self.clock.moment)
        answer = self.answers.pop(0) if self.answers else RENEWED if path.startswith("/oauth") else OK
        if isinstance(answer, BrokerError):
            raise answer
        return answer, self.clock.moment + self.ahead if self.tells_time else None

    def ask(self, *answers: Any) -> Answer:
        self.answers += answers
        return self.transport.get("/v1/x.json")

    def send(self, *answers: Any) -> Answer:
        self.answers += answers
        return self.transport.send("POST", "/v1/y.json", {"a": 1})

    def rest(self, **some: float) -> None:
        self.clock.moment += dt.timedelta(**some)

    @property
    def noted(self) -> dt.datetime:
        """The last use of the token that is on record."""
        return self.box.read(HOST.api).used


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


# Once more, or not


@pytest.mark.parametrize("times", [1, 2, 3])
@pytest.mark.parametrize("name", BUSY)
def test_a_question_is_asked_again_after_2_4_and_8_seconds(world: World, name: str, times: int) -> None:
    assert world.ask(*[BUSY[name]] * times) is OK
    assert world.sent == [QUESTION] * (times + 1)
    assert world.clock.slept == [2, 4, 8][:times]


@pytest.mark.parametrize("name", BUSY)
def test_a_question_is_asked_four_times_at_most_and_its_last_answer_counts(world: World, name: str) -> None:
    if isinstance(BUSY[name], BrokerError):
        with pytest.raises(BrokerError) as caught:
            world.ask(*[BUSY[name]] * 9)
        assert caught.value is BUSY[name]
    else:
        assert world.ask(*[BUSY[name]] * 9) is BUSY[name]
    assert world.sent == [QUESTION] * 4
    assert world.clock.slept == [2, 4, 8]


@pytest.mark.parametrize(("asked", "slept"), [(0, 2), (1, 2), (30, 30), (60, 60), (3600, 60)])
def test_it_waits_as_long_as_it_is_asked_to_but_a_minute_at_most(world: World, asked: float, slept: float) -> None:
    assert world.ask(Answer(429, "", b"", asked)) is OK
    assert world.clock.slept == [slept]


@pytest.mark.parametrize("name", SETTLED)
def test_any_other_answer_is_the_answer(world: World, name: str) -> None:
    assert world.ask(SETTLED[name]) is SETTLED[name]
    assert (world.sent, world.clock.slept) == ([QUESTION], [])


@pytest.mark.parametrize("code", ["redirected", "unreadable"])
def test_an_answer_that_is_not_taken_is_not_asked_for_again(world: World, code: str) -> None:
    with pytest.raises(BrokerError) as caught:
        world.ask(BrokerError("no", code=code))
    assert (caught.value.code, world.sent) == (code, [QUESTION])


@pytest.mark.parametrize("name", BUSY | SETTLED)
def test_an_order_is_sent_once_whatever_is_answered(world: World, name: str) -> None:
    answer = (BUSY | SETTLED)[name]
    if isinstance(answer, BrokerError):
        with pytest.raises(BrokerError) as caught:
            world.send(answer)
        assert caught.value is answer
    else:
        assert world.send(answer) is answer
    assert (world.sent, world.clock.slept) == ([ORDER], [])


def test_an_order_that_meets_a_dead_token_is_neither_sent_again_nor_is_the_token_renewed(world: World) -> None:
    with pytest.raises(LoginRequired, match="does not accept the login any more"):
        world.send(DEAD)
    assert world.sent == [ORDER]


def test_everything_that_is_sent_keeps_the_pace(world: World) -> None:
    world.rest(hours=2)
    for _ in range(5):
        world.ask()
        world.send()
    world.ask(DEAD)
    assert world.sent.count(RENEW) == 2
    gaps = [after - before for before, after in zip(world.times, world.times[1:], strict=False)]
    assert len(gaps) == 13
    assert set(gaps) == {dt.timedelta(seconds=0.25)}


# The token


@pytest.mark.parametrize("act", [World.ask, World.send, lambda world: world.transport.ready()])
def test_a_token_that_rested_longer_than_110_minutes_is_renewed_before_it_is_used(world: World, act: Any) -> None:
    world.rest(minutes=110)
    act(world)
    assert RENEW not in world.sent
    world.rest(minutes=110, seconds=1)
    used = len(world.sent)
    act(world)
    assert world.sent[used] == RENEW
    assert world.sent.count(RENEW) == 1
    act(world)
    assert world.sent.count(RENEW) == 1


@pytest.mark.parametrize("act", [World.ask, World.send, lambda world: world.transport.ready()])
def test_a_token_that_is_not_renewed_is_not_used(world: World, act: Any) -> None:
    world.rest(hours=3)
    world.answers = [DEAD]
    with pytest.raises(LoginRequired, match="does not accept the login any more") as caught:
        act(world)
    assert caught.value.remedy == "Log in: `rebalkit login`."
    assert world.sent == [RENEW]


def test_a_session_that_holds_is_ready_without_a_request(world: World) -> None:
    world.transport.ready()
    assert world.sent == []


def test_a_dead_token_is_renewed_once_and_the_question_asked_again(world: World) -> None:
    assert world.ask(DEAD) is OK
    assert world.sent == [QUESTION, RENEW, QUESTION]
    assert world.clock.slept == [0.25, 0.25]


def test_a_token_that_stays_dead_after_its_renewal_asks_for_a_login(world: World) -> None:
    with pytest.raises(LoginRequired, match="does not accept the login any more"):
        world.ask(DEAD, RENEWED, DEAD)
    assert world.sent == [QUESTION, RENEW, QUESTION]


@pytest.mark.parametrize("name", BUSY)
def test_a_renewal_that_is_not_answered_is_asked_for_again_and_says_nothing_of_the_token(world: World, name: str) -> None:
    assert world.ask(DEAD, BUSY[name]) is OK
    assert world.sent == [QUESTION, RENEW, RENEW, QUESTION]
    with pytest.raises(BrokerError) as caught:
        world.ask(DEAD, *[BUSY[name]] * 4)
    assert not isinstance(caught.value, LoginRequired)


def test_a_dead_token_that_is_not_renewed_asks_for_a_login(world: World) -> None:
    with pytest.raises(LoginRequired, match="does not accept the login any more"):
        world.ask(DEAD, DEAD)
    assert world.sent == [QUESTION, RENEW]


def test_without_a_login_nothing_is_sent(world: World) -> None:
    world.box.forget()
    for act in (world.ask, world.send, world.transport.ready):
        with pytest.raises(LoginRequired):
            act()
    assert world.sent == []


def test_a_dead_token_that_another_process_has_ended_is_not_renewed(world: World) -> None:
    world.ask()
    world.box.forget()
    with pytest.raises(LoginRequired, match="there is no login"):
        world.ask(DEAD)
    assert world.sent == [QUESTION, QUESTION]


def test_uses_are_noted_every_five_minutes_but_not_those_of_a_dead_token(world: World) -> None:
    world.rest(minutes=4, seconds=59)
    world.ask()
    assert world.noted == MORNING
    world.rest(seconds=1)
    world.send()
    assert world.noted == MORNING + dt.timedelta(minutes=5)
    world.rest(minutes=30)
    with pytest.raises(LoginRequired):
        world.send(DEAD)
    assert world.noted == MORNING + dt.timedelta(minutes=5)


# Days


@pytest.mark.parametrize(
    ("day", "ends"),
    [
        ("2026-01-15", "2026-01-16T05:00"),
        ("2026-07-15", "2026-07-16T04:00"),
        ("2026-03-07", "2026-03-08T05:00"),
        ("2026-03-08", "2026-03-09T04:00"),  # 23 hours
        ("2026-10-31", "2026-11-01T04:00"),
        ("2026-11-01", "2026-11-02T05:00"),  # 25 hours
        ("2026-12-31", "2027-01-01T05:00"),
    ],
)
def test_a_token_dies_at_midnight_in_new_york_and_is_not_tried_any_more(tmp_path: Path, day: str, ends: str) -> None:
    midnight = dt.datetime.fromisoformat(ends).replace(tzinfo=dt.UTC)
    world = World(tmp_path, midnight - SECOND)
    assert world.box.read(HOST.api).day == dt.date.fromisoformat(day)
    assert world.ask() is OK
    world.clock.moment = midnight
    for act in (world.ask, world.send, world.transport.ready):
        with pytest.raises(LoginRequired, match=f"the login of {day} ended at midnight in New York"):
            act()
    assert world.sent == [QUESTION]
    world.log_in()
    assert world.ask() is OK


def test_a_token_is_not_renewed_past_its_day(world: World) -> None:
    world.rest(hours=20)
    with pytest.raises(LoginRequired, match="ended at midnight"):
        world.ask()
    assert world.sent == []


def test_it_is_as_late_as_the_last_answer_says_and_the_seconds_since(world: World) -> None:
    assert world.transport.moment() is None
    world.ahead = dt.timedelta(minutes=3)
    world.ask()
    world.rest(seconds=90)
    assert world.transport.moment() == MORNING + dt.timedelta(minutes=4, seconds=30)
    world.tells_time = False
    world.ask()
    assert world.transport.moment() == MORNING + dt.timedelta(minutes=4, seconds=30)


def test_a_day_is_over_when_it_is_at_etrade_whatever_this_machine_says(tmp_path: Path) -> None:
    world = World(tmp_path, dt.datetime(2026, 11, 25, 4, 59, 50, tzinfo=dt.UTC))
    world.ahead = dt.timedelta(seconds=10)
    world.ask()
    with pytest.raises(LoginRequired, match="the login of 2026-11-24 ended"):
        world.ask()
    assert world.sent == [QUESTION]
