"""Where secrets are kept: environment, keyring, file. Whatever is wrong there, no message holds one."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
import traceback
from pathlib import Path
from typing import Any

import pytest

from keyring_stub import Ring, ring
from rebalkit.errors import ConfigError
from rebalkit.secrets import Secret, resolve, store

__all__ = ["ring"]

CANARY = "canary-5b1f"


def refused(reference: str, code: str) -> ConfigError:
    """The objection to ``reference``; nothing that it says, in words or in its traceback, holds the canary."""
    with pytest.raises(ConfigError) as caught:
        resolve(reference)
    assert caught.value.code == code
    assert CANARY not in "".join(traceback.format_exception(caught.value))
    return caught.value


@pytest.mark.parametrize("wrong", [CANARY, "", "env:", "env: X", f"env:{CANARY}", f"https://{CANARY}", "file: x", "ENV:X", None])
def test_what_is_no_reference_is_not_repeated(wrong: Any) -> None:
    """It may be the secret itself."""
    assert "env:NAME, keyring:SERVICE/NAME or file:PATH" in refused(wrong, "bad_reference").remedy


def test_an_environment_variable_is_read_once_and_taken_away(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BROKER_TOKEN", CANARY)
    assert resolve("env:BROKER_TOKEN").reveal() == CANARY
    assert "BROKER_TOKEN" not in os.environ
    assert resolve("env:BROKER_TOKEN").reveal() == CANARY
    monkeypatch.setenv("BROKER_TOKEN", "another-one")
    assert resolve("env:BROKER_TOKEN").reveal() == "another-one"


def test_a_variable_that_is_missing_or_empty_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EMPTY_ONE", "")
    for name in ("EMPTY_ONE", "MISSING_ONE"):
        assert name in str(refused(f"env:{name}", "no_secret"))


def test_nothing_is_kept_in_the_environment() -> None:
    with pytest.raises(ConfigError, match="keeps nothing"):
        store("env:X", Secret(CANARY))


# Files.


def test_a_file_is_written_for_its_owner_alone_and_read_again(home: Path) -> None:
    reference = "file:~/new/folder/token"
    store(reference, Secret(CANARY))
    path = home / "new/folder/token"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert resolve(reference).reveal() == CANARY
    store(reference, Secret("second-one"))
    assert resolve(reference).reveal() == "second-one"
    assert [one.name for one in path.parent.iterdir()] == ["token"]


@pytest.mark.parametrize(("text", "value"), [("abc\n", "abc"), ("abc\r\n", "abc"), ("a b \n\n", "a b \n"), ("abc", "abc")])
def test_one_end_of_line_does_not_belong_to_it(tmp_path: Path, text: str, value: str) -> None:
    path = tmp_path / "token"
    path.write_bytes(text.encode())
    path.chmod(0o600)
    assert resolve(f"file:{path}").reveal() == value


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o602, 0o644, 0o700 | 0o010])
def test_a_file_that_others_may_read_is_refused_with_the_command_that_closes_it(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "token"
    path.write_text(CANARY)
    path.chmod(mode)
    problem = refused(f"file:{path}", "open_to_others")
    assert f"chmod 600 {path}" in problem.remedy
    assert f"mode {mode:03o}" in problem.reason


def test_a_file_of_another_user_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "token"
    path.write_text(CANARY)
    path.chmod(0o600)
    monkeypatch.setattr(os, "geteuid", lambda: path.stat().st_uid + 1)
    assert "belongs to another user" in refused(f"file:{path}", "unsafe_secret").reason


def test_neither_a_link_nor_a_pipe_nor_a_folder_is_read(tmp_path: Path) -> None:
    real = tmp_path / "real"
    real.write_text(CANARY)
    real.chmod(0o600)
    (tmp_path / "link").symlink_to(real)
    os.mkfifo(tmp_path / "pipe", 0o600)
    (tmp_path / "folder").mkdir(mode=0o700)
    assert "it is a link" in refused(f"file:{tmp_path / 'link'}", "unsafe_secret").reason
    assert "it is no file" in refused(f"file:{tmp_path / 'pipe'}", "unsafe_secret").reason
    refused(f"file:{tmp_path / 'folder'}", "unsafe_secret")
    refused(f"file:{tmp_path / 'missing'}", "no_secret")


@pytest.mark.parametrize("data", [b"", b"\n", b"\xff\xfe canary-5b1f", b"x" * 65_537])
def test_a_file_without_a_text_is_refused(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "token"
    path.write_bytes(data)
    path.chmod(0o600)
    refused(f"file:{path}", "no_secret")


def test_a_path_that_depends_on_the_folder_is_refused() -> None:
    assert "Name it from / or ~ on" in refused("file:token", "unsafe_secret").remedy


@pytest.mark.parametrize("step", ["fsync", "replace", "open"])
def test_f059_the_old_token_stays_valid_when_the_new_one_cannot_be_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    reference = f"file:{tmp_path / 'token'}"
    store(reference, Secret("old-token"))

    def full(*given: object, **more: object) -> None:
        raise OSError(28, f"No space left on device for {CANARY}"[:23])

    with monkeypatch.context() as patch:
        patch.setattr(os, step, full)
        with pytest.raises(ConfigError, match="The old one is still valid") as caught:
            store(reference, Secret(CANARY))
    assert CANARY not in "".join(traceback.format_exception(caught.value))
    assert resolve(reference).reveal() == "old-token"
    assert [one.name for one in tmp_path.iterdir()] == ["token"]


def test_what_is_no_file_is_not_replaced(tmp_path: Path) -> None:
    target = tmp_path / "target"
    target.write_text("untouched")
    (tmp_path / "link").symlink_to(target)
    with pytest.raises(ConfigError, match="something else than a file"):
        store(f"file:{tmp_path / 'link'}", Secret(CANARY))
    assert target.read_text() == "untouched"
    assert (tmp_path / "link").is_symlink()


def test_a_file_that_others_may_read_is_read_to_end_what_is_in_it_and_no_other_wrong_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "token"
    path.write_text(CANARY)
    path.chmod(0o644)
    (tmp_path / "link").symlink_to(path)
    assert resolve(f"file:{path}", exposed=True).reveal() == CANARY
    with pytest.raises(ConfigError, match="it is a link"):
        resolve(f"file:{tmp_path / 'link'}", exposed=True)
    monkeypatch.setattr(os, "geteuid", lambda: path.stat().st_uid + 1)
    with pytest.raises(ConfigError, match="belongs to another user"):
        resolve(f"file:{path}", exposed=True)


def test_a_home_that_cannot_be_found_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "Name it from / or ~ on" in refused("file:~no-such-user-here/token", "unsafe_secret").remedy


# Keyrings.


def test_a_keyring_keeps_it(ring: Ring) -> None:
    store("keyring:rebalkit/token", Secret(CANARY))
    assert ring.kept == {("rebalkit", "token"): CANARY}
    assert resolve("keyring:rebalkit/token").reveal() == CANARY


def test_a_keyring_without_it_says_how_to_put_it_there(ring: Ring) -> None:
    assert refused("keyring:rebalkit/token", "no_secret").remedy == "keyring set rebalkit token"
    for wrong in ("keyring:token", "keyring:/token", "keyring:rebalkit/"):
        refused(wrong, "bad_reference")


@pytest.mark.parametrize(
    "name",
    ["keyring.backends.fail.Keyring", "keyring.backends.null.Keyring", "keyrings.alt.file.PlaintextKeyring", "Uncrypted.Keyring"],
)
def test_a_keyring_that_keeps_nothing_or_in_clear_is_refused(ring: Ring, name: str) -> None:
    ring.kept["rebalkit", "token"] = CANARY
    module, _, own = name.rpartition(".")
    unsafe = type(own, (Ring,), {"__module__": module})()
    chained = type("ChainerBackend", (Ring,), {"__module__": "keyring.backends.chainer"})()
    chained.backends = [Ring(), unsafe]
    for one in (unsafe, chained):
        sys.modules["keyring"].get_keyring = lambda one=one: one  # type: ignore[attr-defined]
        problem = refused("keyring:rebalkit/token", "no_keyring")
        assert name in problem.reason
        assert "mode 0600" in problem.remedy
        with pytest.raises(ConfigError):
            store("keyring:rebalkit/token", Secret("other-one"))
    assert unsafe.kept == {}


def test_the_real_library_without_a_keyring_fails_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    """As on a machine without a desktop."""
    keyring = pytest.importorskip("keyring")
    fails = pytest.importorskip("keyring.backends.fail")
    monkeypatch.setattr(keyring, "get_keyring", fails.Keyring)
    refused("keyring:rebalkit/token", "no_keyring")


def test_without_the_extra_it_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "keyring", None)
    assert 'pip install ".[keyring]"' in refused("keyring:rebalkit/token", "no_keyring").remedy


@pytest.mark.parametrize("problem", [ModuleNotFoundError("no.such"), ValueError("Empty module name"), TypeError(CANARY)])
def test_a_keyring_that_cannot_be_loaded_is_none(ring: Ring, problem: Exception) -> None:
    """As with a name in the environment that nobody can import."""

    def load() -> None:
        raise problem

    sys.modules["keyring"].get_keyring = load  # type: ignore[attr-defined]
    found = refused("keyring:rebalkit/token", "no_keyring")
    assert type(problem).__name__ in found.reason
    assert "PYTHON_KEYRING_BACKEND" in found.remedy
    assert "mode 0600" in found.remedy
    with pytest.raises(ConfigError, match="cannot be loaded"):
        store("keyring:rebalkit/token", Secret("other-one"))


@pytest.mark.parametrize("named", ["no.such.Backend", "nonsense", ""])
def test_the_real_library_with_a_keyring_that_there_is_not(named: str) -> None:
    pytest.importorskip("keyring")
    program = (
        "from rebalkit.errors import ConfigError\nfrom rebalkit.secrets import resolve\n"
        "try: resolve('keyring:a/b')\nexcept ConfigError as problem: print(problem.code)"
    )
    environment = {**os.environ, "PYTHON_KEYRING_BACKEND": named}
    ran = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True)
    assert ran.stdout == "no_keyring\n", ran.stderr


def test_what_a_keyring_says_of_its_failure_is_not_repeated(ring: Ring, monkeypatch: pytest.MonkeyPatch) -> None:
    def locked(*given: object) -> None:
        raise RuntimeError(f"cannot decrypt {CANARY}")

    monkeypatch.setattr(ring, "get_password", locked)
    monkeypatch.setattr(ring, "set_password", locked)
    assert "RuntimeError" in refused("keyring:rebalkit/token", "keyring_failed").reason
    with pytest.raises(ConfigError) as caught:
        store("keyring:rebalkit/token", Secret(CANARY))
    assert CANARY not in "".join(traceback.format_exception(caught.value))


def test_f059_a_keyring_that_cuts_a_secret_off_is_noticed(ring: Ring, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ring, "set_password", lambda service, name, value: ring.kept.update({(service, name): value[:5]}))
    with pytest.raises(ConfigError, match="did not keep it"):
        store("keyring:rebalkit/token", Secret(CANARY))
