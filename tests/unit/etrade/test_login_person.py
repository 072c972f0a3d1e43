"""The login as a person goes through it: the browser, the code, what goes wrong between them, and what nobody else gets to see."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
import traceback
import webbrowser
from collections.abc import Callable, Iterator
from pathlib import Path

import click
import pytest

from commands import Shell
from etrade_server import EtradeServer
from etrade_server.replies import Call, Reply
from etrade_world import etrade_config
from rebalkit.errors import BrokerError, LoginRequired, UsageError
from rebalkit.secrets import Secret, without_secrets
from rebalkit_etrade.session import Session
from rebalkit_etrade.settings import EtradeSettings


@pytest.fixture
def types(monkeypatch: pytest.MonkeyPatch, etrade: EtradeServer) -> Callable[..., Iterator[str]]:
    """Lets the person type one text after the other; CODE is the one that the page has shown."""
    code: list[str] = []

    class Browser:
        def open(self, address: str) -> bool:
            code.append(etrade.authorize(address))
            return True

    def typing(*texts: str) -> Iterator[str]:
        left = iter(texts)
        monkeypatch.setattr(click, "prompt", lambda text, **more: next(left).replace("CODE", code[-1]))
        return left

    monkeypatch.setattr(webbrowser, "get", Browser)
    return typing


# The code


def test_a_mistyped_code_is_asked_for_again_and_not_sent(
    shell: Shell, etrade: EtradeServer, types: Callable[..., Iterator[str]]
) -> None:
    types("WXYZ-9", "no", " CODE ")
    ran = shell("login")
    assert ran.code == 0, ran.err
    assert ran.err.count("Not sent: that is no code: it is a few letters and digits. Type the code once more.") == 2
    assert etrade.paths(0) == ["GET /oauth/request_token", "GET /oauth/access_token"]


def test_who_mistypes_it_again_and_again_has_to_begin_again(
    shell: Shell, etrade: EtradeServer, types: Callable[..., Iterator[str]]
) -> None:
    left = types("a", "b", "c", "CODE")
    ran = shell("login")
    assert (ran.code, list(left)) == (6, ["CODE"])
    assert "that is no code" in ran.err
    assert etrade.paths(0) == ["GET /oauth/request_token"]


def test_a_wrong_code_is_sent_once(shell: Shell, etrade: EtradeServer, types: Callable[..., Iterator[str]]) -> None:
    """E*TRADE has seen it: what the request token is worth now is not known."""
    left = types("WRONG", "CODE")
    ran = shell("login")
    assert (ran.code, list(left)) == (6, ["CODE"])
    assert "the code was wrong, or came too late" in ran.err


def begun(etrade: EtradeServer, tmp_path: Path) -> tuple[Session, str]:
    session = Session(EtradeSettings(base_url=etrade.url, requests_per_second=4, tokens=f"file:{tmp_path / 'token'}"))
    return session, etrade.authorize(session.login_page())


def test_a_login_stays_begun_until_a_code_is_sent(etrade: EtradeServer, tmp_path: Path) -> None:
    session, code = begun(etrade, tmp_path)
    for mistyped in ("", "no", "W-X-Y-Z"):
        with pytest.raises(LoginRequired):
            session.login(mistyped)
    session.login(f"{code[:2]} {code[2:]}")
    assert len(session.client.accounts()) == 2
    with pytest.raises(UsageError, match="no login was begun"):
        session.login(code)


def test_a_code_that_was_sent_ends_the_login_however_it_ends(etrade: EtradeServer, tmp_path: Path) -> None:
    session, code = begun(etrade, tmp_path)
    with pytest.raises(LoginRequired):
        session.login("WRONG")
    with pytest.raises(UsageError):
        session.login(code)


# What nobody gets to see


@pytest.mark.parametrize("word", ["WXYZ8", "WXYZ89", "WX-8"])
@pytest.mark.parametrize("drop", [False, True])
def test_no_variable_in_a_traceback_shows_the_code(
    etrade: EtradeServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, word: str, drop: bool
) -> None:
    """Some tools write tracebacks with the values of all variables; a code stands in them neither refused nor on its way."""
    session, _ = begun(etrade, tmp_path)
    respond = etrade.api.respond

    def dropping(call: Call) -> Reply:
        return Reply(drop=True) if drop and "access" in call.path else respond(call)

    monkeypatch.setattr(etrade.api, "respond", dropping)
    with pytest.raises(BrokerError) as caught:
        session.login(word)
    shown = with_variables(caught.value)
    assert "session = <rebalkit_etrade.session.Session" in shown
    own = f"word = {word!r}"  # this test's
    assert own in shown
    assert word not in shown.replace(own, "")


def test_the_command_holds_the_code_and_the_page_as_secrets(
    shell: Shell, etrade: EtradeServer, types: Callable[..., Iterator[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    from rebalkit.cli.login import command
    from rebalkit.cli.state import State

    types("WRONG")
    with pytest.raises(LoginRequired) as caught:
        command.callback.__wrapped__(State(), None, None, False, False)  # type: ignore[union-attr]
    shown = with_variables(caught.value)
    assert "page = Secret(•••)" in shown
    assert "WRONG" not in shown
    assert "authorize?key=" not in shown


def with_variables(problem: BaseException) -> str:
    return "".join(traceback.TracebackException.from_exception(problem, capture_locals=True).format())


def test_a_code_of_five_letters_is_taken_out_of_what_is_said() -> None:
    Secret("WXYZ8")
    assert without_secrets("the code WXYZ8 was wrong") == "the code ••• was wrong"


# The browser, in a process of its own


def run(
    etrade: EtradeServer, folder: Path, *more: str, script: tuple[str, str] | None = None, **given: object
) -> tuple[int, str, str]:
    """``rebalkit login`` with no browser but the ``script``, a name and what it does."""
    (folder / "rebalkit.toml").write_text(etrade_config(etrade))
    (folder / "bin").mkdir()
    if script is not None:
        (folder / "bin" / script[0]).write_text(f"#!/bin/sh\n{script[1]}\n")
        (folder / "bin" / script[0]).chmod(0o755)
    plain = {name: value for name, value in os.environ.items() if name not in ("DISPLAY", "WAYLAND_DISPLAY", "BROWSER")}
    # Nothing else is found: a browser that is installed here would be preferred.
    environment = {
        **plain, "PATH": str(folder / "bin"), "TERM": "xterm", "REBALKIT_HOME": str(folder / "home"),
        "ETRADE_CONSUMER_KEY": etrade.KEY, "ETRADE_CONSUMER_SECRET": etrade.SECRET,
        **({"DISPLAY": ":0"} if script and script[0] == "xdg-open" else {}),
    }  # fmt: skip
    ran = subprocess.run(
        [sys.executable, "-m", "rebalkit", "login", *more],
        env=environment, cwd=folder, capture_output=True, text=True, timeout=60, **given,  # type: ignore[call-overload]
    )  # fmt: skip
    return ran.returncode, ran.stdout.strip(" "), ran.stderr


def test_a_browser_neither_writes_into_the_answer_nor_to_the_screen_nor_reads_the_code(
    etrade: EtradeServer, tmp_path: Path
) -> None:
    script = f'echo NOISE; echo NOISE "$1" >&2; if [ -p /dev/stdin ]; then echo input; fi > {tmp_path}/got; : > {tmp_path}/over; /bin/sleep 1'
    code, out, err = run(etrade, tmp_path, "--json", script=("xdg-open", script), input="WRONG\n")
    assert (code, out) == (6, "")
    assert "NOISE" not in err
    assert "token=" not in err
    assert "Your browser shows the broker's page." in err
    assert "the code was wrong" in err
    until = time.monotonic() + 20
    while not (tmp_path / "over").exists() and time.monotonic() < until:
        time.sleep(0.05)
    assert (tmp_path / "got").read_text() == ""


@pytest.mark.parametrize("name", ["elinks", "links", "lynx", "w3m", "www-browser"])
def test_a_browser_of_the_terminal_is_none(etrade: EtradeServer, tmp_path: Path, name: str) -> None:
    """It would take the terminal away from the person who is to type the code there."""
    code, out, err = run(etrade, tmp_path, "--json", script=(name, f": > {tmp_path}/started"), input="WRONG\n")
    assert (code, out) == (6, "")
    assert "Open this page, say yes" in err
    assert f"{etrade.url}/e/t/etws/authorize?key=" in err
    assert not (tmp_path / "started").exists()


@pytest.mark.parametrize("closed", [False, True])
def test_where_nobody_can_type_it_is_said_what_to_do(etrade: EtradeServer, tmp_path: Path, closed: bool) -> None:
    given = {"preexec_fn": lambda: os.close(0)} if closed else {"stdin": subprocess.DEVNULL}
    code, out, err = run(etrade, tmp_path, "--json", **given)
    assert (code, out) == (2, "")
    assert (
        "there is nobody to type the code: the standard input is at its end. Run the command in a terminal; with --no-browser"
        in err
    )
    assert "Stopped" not in err


def test_who_stops_it_is_not_told_what_to_do(
    shell: Shell, types: Callable[..., Iterator[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(text: str, **more: object) -> str:
        try:
            raise KeyboardInterrupt
        except KeyboardInterrupt:
            raise click.Abort from None

    types()
    monkeypatch.setattr(click, "prompt", interrupted)
    ran = shell("login")
    assert (ran.code, ran.err.splitlines()[-1]) == (130, "Stopped.")


def test_the_answer_of_a_login_is_the_only_thing_on_stdout(shell: Shell, types: Callable[..., Iterator[str]]) -> None:
    types("no", "CODE")
    ran = shell("login", "--json")
    assert json.loads(ran.out) == {"broker": "etrade-live", "logged_in": True}


# The command to run


def test_a_message_names_the_command_that_logs_in(etrade: EtradeServer, tmp_path: Path) -> None:
    """Whoever knows the name of the broker in the configuration says it, at any time."""
    session, _ = begun(etrade, tmp_path)
    with pytest.raises(LoginRequired) as caught:
        session.client.accounts()
    assert caught.value.remedy == "Log in: `rebalkit login`."
    session.login_command = "rebalkit login etrade-live"
    with pytest.raises(LoginRequired) as caught:
        session.client.accounts()
    assert caught.value.remedy == "Log in: `rebalkit login etrade-live`."
