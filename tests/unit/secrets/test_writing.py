"""Writing where a secret is kept: what a killed process leaves behind, and who writes when several would."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

import pytest

from rebalkit.errors import ConfigError
from rebalkit.secrets import Secret, resolve, store
from rebalkit.secrets.references import alone_with

CANARY = "canary-5b1f"


def test_what_a_killed_process_left_of_a_secret_goes_with_the_next_writing(tmp_path: Path) -> None:
    """Each holds a whole secret. Those of other files stay, whose names only begin so, or which are no leftovers."""
    path = tmp_path / "to[k]en"
    others = [".to[k]en.new", ".to[k]en.json.abcd_123.new", ".token.abcd_123.new", "to[k]en.abcd_123.new", ".to[k]en.lock"]
    for name in (".to[k]en.abcd_123.new", ".to[k]en.00000000.new", *others):
        (tmp_path / name).write_text(CANARY)
    store(f"file:{path}", Secret("new-one"))
    assert {one.name for one in tmp_path.iterdir()} == {"to[k]en", *others}


def test_a_process_that_dies_between_writing_and_renaming_leaves_a_name_that_is_found(tmp_path: Path) -> None:
    reference = f"file:{tmp_path / 'token'}"
    store(reference, Secret("old-one"))
    child = os.fork()
    if child == 0:
        os.replace = lambda *given, **more: os._exit(9)  # type: ignore[assignment]
        with suppress(BaseException):
            store(reference, Secret(CANARY))
        os._exit(1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 9
    assert sorted(one.read_text() for one in tmp_path.iterdir()) == [CANARY, "old-one"]
    store(reference, Secret("new-one"))
    assert [one.read_text() for one in tmp_path.iterdir()] == ["new-one"]


def test_a_folder_that_does_not_show_what_is_in_it_can_be_written_to(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def hidden(path: Path) -> None:
        raise PermissionError(13, "Permission denied")

    with monkeypatch.context() as patch:
        patch.setattr(Path, "iterdir", hidden)
        store(f"file:{tmp_path / 'token'}", Secret(CANARY))
    assert resolve(f"file:{tmp_path / 'token'}").reveal() == CANARY


# Holding the place alone.


@pytest.mark.parametrize("reference", ["file:~/a/token", "keyring:rebalkit/token", "env:TOKEN"])
def test_a_place_is_held_by_one_at_a_time(reference: str, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REBALKIT_HOME", str(home / "state"))
    with alone_with(reference, 0):
        with pytest.raises(ConfigError, match="another process is at work there") as caught, alone_with(reference, 0.05):
            pass
        with alone_with(reference.replace("oken", "oken2").replace("TOKEN", "OTHER"), 0):
            pass
    assert (caught.value.code, caught.value.place) == ("unwritable", reference)
    with alone_with(reference, 0):
        pass


def test_what_happens_meanwhile_is_not_taken_for_a_failure_of_the_lock(home: Path) -> None:
    with pytest.raises(FileNotFoundError), alone_with("file:~/a/token", 0):
        raise FileNotFoundError(2, "of somebody else")


def test_a_lock_is_beside_its_file_and_never_the_file_itself(home: Path) -> None:
    for name in ("token", "token.lock", ".token.lock"):
        store(f"file:~/a/{name}", Secret(CANARY))
        with alone_with(f"file:~/a/{name}", 0):
            store(f"file:~/a/{name}", Secret("second-one"))
            with pytest.raises(ConfigError, match="another process"), alone_with(f"file:~/a/{name}", 0):
                pass
        assert resolve(f"file:~/a/{name}").reveal() == "second-one"


@pytest.mark.parametrize("wrong", ["file:token", "file:/proc/no-such-folder/token", CANARY])
def test_where_there_is_no_place_for_a_lock_that_is_told(wrong: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ConfigError), alone_with(wrong, 0):
        pass
    assert list(tmp_path.iterdir()) == []
