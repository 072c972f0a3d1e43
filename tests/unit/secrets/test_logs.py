"""What is logged passes one formatter, whoever logs it (F119)."""

from __future__ import annotations

import logging
import sys
from base64 import b64encode

import pytest

from rebalkit.logs import TALKATIVE, set_up
from rebalkit.secrets import Secret

CANARY = "canary/9+c2e"


def logged(capsys: pytest.CaptureFixture[str]) -> str:
    return capsys.readouterr().err


def test_nothing_below_a_warning_is_shown_unless_debugged(capsys: pytest.CaptureFixture[str]) -> None:
    set_up(debug=False)
    logging.getLogger("plugin").info("quiet")
    logging.getLogger("plugin").warning("loud")
    assert logged(capsys) == "WARNING plugin: loud\n"
    set_up(debug=True)
    logging.getLogger("plugin").debug("quiet")
    assert logged(capsys) == "DEBUG plugin: quiet\n"


def test_setting_up_twice_shows_each_record_once(capsys: pytest.CaptureFixture[str]) -> None:
    logging.getLogger().addHandler(logging.StreamHandler(sys.stderr))
    set_up(debug=True)
    set_up(debug=True)
    logging.getLogger("plugin").error("once")
    assert logged(capsys) == "ERROR plugin: once\n"


@pytest.mark.parametrize(
    "name", [*TALKATIVE, "oauthlib.oauth1.rfc5849", "urllib3.connectionpool", "requests_oauthlib.oauth1_auth"]
)
def test_f119_libraries_that_log_credentials_are_quiet_even_under_debug(capsys: pytest.CaptureFixture[str], name: str) -> None:
    set_up(debug=True)
    logging.getLogger(name).debug("oauth_signature=x")
    own = logging.getLogger(name)
    own.setLevel(logging.DEBUG)
    own.debug("a level of its own")
    own.info("a level of its own")
    assert logged(capsys) == ""
    own.setLevel(logging.NOTSET)
    # A warning of urllib3 quotes addresses, with what identifies an account.
    own.log(logging.ERROR if name.startswith("urllib3") else logging.WARNING, "told")
    assert logged(capsys).endswith(f" {name}: told\n")


@pytest.mark.parametrize(
    "text",
    [
        CANARY, "canary%2F9%2Bc2e", "canary%2f9%2bc2e", b64encode(f"user:{CANARY}".encode()).decode(),
        "https://broker.example/?oauth_token=unknown-canary&x=1", "Authorization: OAuth canary", "https://me:canary@broker.example/",
    ],
)  # fmt: skip
def test_f119_secrets_are_taken_out_of_messages_arguments_tracebacks_and_stacks(
    capsys: pytest.CaptureFixture[str], text: str
) -> None:
    Secret(CANARY)
    set_up(debug=True)
    logger = logging.getLogger("some.plugin")
    logger.debug("got %s", text)
    logger.debug({"answer": text})
    logger.debug("got", stack_info=True)
    hidden = {"answer": text}
    try:
        raise RuntimeError(f"no answer from {text}")
    except RuntimeError:
        logger.exception("failed: %r", hidden)
    shown = logged(capsys)
    assert "Traceback" in shown
    assert "•••" in shown
    assert "canary" not in shown
    assert text not in shown


def test_numbers_of_accounts_keep_their_last_four_digits(capsys: pytest.CaptureFixture[str]) -> None:
    set_up(debug=True)
    logging.getLogger("plugin").debug("account 123456789, 1234567; 123456; $1234567.89; 1234567.89; 20250408T200000Z")
    assert logged(capsys) == "DEBUG plugin: account •••6789, •••4567; 123456; $1234567.89; 1234567.89; 20250408T200000Z\n"


def test_a_record_that_cannot_be_shown_shows_nothing_of_itself(capsys: pytest.CaptureFixture[str]) -> None:
    """Logging itself would print the arguments, unfiltered."""

    class Rude:
        def __str__(self) -> str:
            raise ValueError(CANARY)

    logging.getLogger().handlers.clear()  # those of pytest raise what they cannot format
    set_up(debug=True)
    logging.getLogger("plugin").error("%d %s", CANARY)
    logging.getLogger("plugin").error("%s", Rude())
    assert logged(capsys) == "ERROR plugin: a message that cannot be shown\n" * 2


def test_a_log_cannot_act_on_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    set_up(debug=True)
    logging.getLogger("plugin").error("a\x1b[2Jb\x07\u202ec")
    assert logged(capsys) == "ERROR plugin: abc\n"


def test_nobody_who_listens_does_not_stop_what_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    set_up(debug=True)

    class Closed:
        def write(self, text: str) -> None:
            raise BrokenPipeError

    with monkeypatch.context() as patch:
        patch.setattr(sys, "stderr", Closed())
        logging.getLogger("plugin").error("unheard")
