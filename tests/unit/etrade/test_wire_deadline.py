"""A request is over after a time, however slowly its answer comes, and whoever speaks in the place of E*TRADE's server."""

from __future__ import annotations

import logging
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from rebalkit.errors import BrokerError
from rebalkit.execution.system_clock import SystemClock
from rebalkit.secrets import Secret
from rebalkit_etrade.wire import signing
from rebalkit_etrade.wire.hosts import Host
from rebalkit_etrade.wire.request_log import RequestLog
from rebalkit_etrade.wire.signing import Signer

Speak = Callable[[socket.socket], object]


class Stranger:
    """Accepts one connection after the other and does with each what it is told."""

    def __init__(self, speak: Speak) -> None:
        self.speak = speak
        self.met = 0
        self.heard = b""
        self.done = threading.Event()
        self.listening = socket.create_server(("127.0.0.1", 0))
        self.port = self.listening.getsockname()[1]
        threading.Thread(target=self.run, daemon=True).start()

    def run(self) -> None:
        while True:
            try:
                connection, _ = self.listening.accept()
            except OSError:
                return
            self.met += 1
            with connection:
                try:
                    self.heard += connection.recv(9999)
                    self.speak(connection)
                except OSError:
                    pass
            self.done.set()


def dripping(before: bytes, drops: bytes) -> Speak:
    def speak(connection: socket.socket) -> None:
        connection.sendall(before)
        for drop in drops:
            connection.sendall(bytes([drop]))
            time.sleep(0.05)

    return speak


def continuing(connection: socket.socket) -> None:
    for _ in range(100):
        connection.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
        time.sleep(0.05)


@pytest.fixture
def meet() -> Iterator[Callable[..., tuple[Stranger, Signer]]]:
    met: list[Stranger] = []

    def made(speak: Speak, scheme: str = "http") -> tuple[Stranger, Signer]:
        stranger = Stranger(speak)
        met.append(stranger)
        address = f"{scheme}://127.0.0.1:{stranger.port}"
        return stranger, Signer(
            Host("production", address, address), Secret("k" * 8), Secret("s" * 8), SystemClock(), RequestLog(None)
        )

    yield made
    for one in met:
        one.listening.close()


def asked(signer: Signer, verb: str = "GET") -> BrokerError:
    with pytest.raises(BrokerError) as caught:
        signer.once(verb, "/v1/x.json", None)
    return caught.value


@pytest.mark.parametrize(
    ("speak", "scheme"),
    [
        (dripping(b"", b"HTTP/1.1 200 OK\r\nX-A: " + b"1" * 90), "http"),
        (continuing, "http"),
        (dripping(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n", b"x" * 100), "http"),
        (dripping(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n64\r\n", b"x" * 100), "http"),
        (dripping(b"HTTP/1.1 200 OK\r\n\r\n", b"x" * 100), "http"),
        (dripping(b"\x16\x03\x03\x40\x00", b"\x02" * 100), "https"),
    ],
    ids=["headers", "continue", "length", "chunks", "no length", "tls"],
)
def test_an_answer_that_drips_ends_when_its_time_is_over(
    meet: Any, monkeypatch: pytest.MonkeyPatch, speak: Speak, scheme: str
) -> None:
    """Each piece comes in time; the whole does not. One without a length must not look whole when it is cut off."""
    monkeypatch.setattr(signing, "_WHOLE", 0.4)
    stranger, signer = meet(speak, scheme)
    started = time.monotonic()
    problem = asked(signer)
    assert 0.3 < time.monotonic() - started < 3
    assert (problem.code, problem.reason) == (
        "unreachable",
        "E*TRADE (production) gave no answer: it was not over after 0.4 seconds",
    )
    assert stranger.met == 1


def test_what_connects_after_the_time_sends_nothing(meet: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The name of the host was looked up for too long: an order must not leave then."""
    stranger, signer = meet(lambda connection: None)
    look_up = socket.getaddrinfo

    def slow(*given: Any, **named: Any) -> Any:
        time.sleep(0.4)
        return look_up(*given, **named)

    monkeypatch.setattr(socket, "getaddrinfo", slow)
    monkeypatch.setattr(signing, "_WHOLE", 0.1)
    assert asked(signer, "POST").code == "unreachable"
    assert stranger.done.wait(5)
    assert stranger.heard == b""


def test_an_answer_in_time_leaves_nothing_behind(meet: Any) -> None:
    """No thread that waits, no socket that stays open."""
    stranger, signer = meet(lambda connection: connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"))
    before = threading.active_count()
    for _ in range(3):
        answer, _ = signer.once("GET", "/v1/x.json", None)
        assert answer.body == b"{}"
    assert threading.active_count() <= before
    assert stranger.met == 3


def test_a_connection_without_tls_is_told_apart_from_one_that_is_down(meet: Any) -> None:
    """Trying again does not help against a machine between that answers in the place of E*TRADE."""
    _, signer = meet(lambda connection: connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n"), "https")
    problem = asked(signer)
    assert problem.code == "tls"
    assert "REQUESTS_CA_BUNDLE" in problem.remedy
    assert "gave no answer" not in str(problem)


def test_a_connection_that_is_closed_in_the_middle_of_its_tls_is_only_down(meet: Any) -> None:
    """That is a line that broke, and says nothing of certificates."""
    _, signer = meet(lambda connection: None, "https")
    assert asked(signer).code == "unreachable"


@pytest.mark.parametrize("said", ["self-signed certificate", None])
def test_why_a_certificate_is_not_believed_is_told(meet: Any, monkeypatch: pytest.MonkeyPatch, said: str | None) -> None:
    """Where it is known: Python's own errors of TLS do not say it where the others do."""
    import requests

    refusal = ssl.SSLCertVerificationError(1, "verify")
    if said:
        refusal.verify_message = said

    def refused(*given: Any, **named: Any) -> Any:
        try:
            raise refusal
        except ssl.SSLError:
            raise requests.exceptions.SSLError("https://127.0.0.1/v1/accounts/KEY/") from None

    monkeypatch.setattr(requests.Session, "send", refused)
    _, signer = meet(lambda connection: None, "https")
    problem = asked(signer)
    assert (problem.code, (said or "SSLError") in problem.reason, "KEY" in str(problem)) == ("tls", True, False)


def test_the_debug_level_of_the_standard_library_shows_no_header(
    meet: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """`http.client` prints every header where a program has set it, and with them the key."""
    import http.client

    monkeypatch.setattr(http.client.HTTPConnection, "debuglevel", 1)
    _, signer = meet(lambda connection: connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"))
    signer.once("GET", "/v1/x.json", None)
    assert capsys.readouterr() == ("", "")


def test_headers_that_cannot_be_read_are_not_warned_of_with_the_address(meet: Any, caplog: pytest.LogCaptureFixture) -> None:
    """urllib3 warns of them, and shows the address with the key of an account in it."""
    caplog.set_level(logging.DEBUG)
    _, signer = meet(lambda connection: connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nno colon\r\nX: y\r\n\r\n{}"))
    signer.once("GET", "/v1/accounts/vQMsebA1H5WltUfDkJP48g/balance.json", None)
    assert "vQMsebA1H5" not in caplog.text
