"""Commands as processes of their own: pipes, signals, full disks, encodings."""

from __future__ import annotations

import json
import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from commands import DAY

PLAN = ("plan", "--from", "account", "--targets", "targets.toml", "--as-of", DAY)

pytestmark = pytest.mark.usefixtures("shell")


def started(*arguments: str, **more: Any) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "rebalkit", *arguments]
    given: dict[str, Any] = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **more}
    return subprocess.Popen(command, **given)


def ended(*arguments: str, **more: Any) -> tuple[int, bytes, str]:
    with started(*arguments, **more) as process:
        out, err = process.communicate(timeout=60)
        return process.returncode, out, err.decode(errors="replace")


def closed_pipe() -> int:
    """The writing end of a pipe that nobody reads."""
    reading, writing = os.pipe()
    os.close(reading)
    return writing


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (PLAN, 0),
        ((*PLAN, "--json"), 0),
        ((*PLAN, "--set", "limits.max_order=1"), 4),
        ((*PLAN, "--set", "limits.max_order=1", "--json"), 4),
        (("show", "--from", "account", "--as-of", DAY), 0),
        (("schema", "plan"), 0),
        (("plugins", "list", "--json"), 0),
        (("doctor",), 0),
        (("--help",), 0),
        (("plan", "--help"), 0),
    ],
)
def test_a_reader_that_has_gone_does_not_change_the_exit_code(arguments: tuple[str, ...], code: int) -> None:
    pipe = closed_pipe()
    found, _, err = ended(*arguments, stdout=pipe)
    os.close(pipe)
    assert found == code, err
    assert "Traceback" not in err
    assert "BrokenPipe" not in err
    if arguments[0] == "plan" and "--help" not in arguments:
        assert "Run: runs" in err


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
@pytest.mark.parametrize("arguments", [(*PLAN, "--json"), PLAN, ("schema", "plan"), ("--help",)])
def test_output_that_cannot_be_written_is_no_success(arguments: tuple[str, ...]) -> None:
    with open("/dev/full", "wb") as full:
        code, _, err = ended(*arguments, stdout=full)
    assert code == 3
    assert "No space left on device" in err
    assert "Traceback" not in err


def _no_file_above(size: int) -> Callable[[], None]:
    return lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))


@pytest.mark.parametrize("size", [0, 5_000, 20_000, 50_000])
def test_a_disk_that_fills_up_leaves_no_run(size: int) -> None:
    """The stages and the report are larger and larger: each limit stops at another file."""
    code, out, err = ended(*PLAN, preexec_fn=_no_file_above(size))
    assert (code, out) == (2, b"")
    assert "cannot be written: File too large. Make room or name another folder." in err
    assert "Traceback" not in err
    assert list(Path("runs").iterdir()) == []


@pytest.mark.parametrize("size", [0, 1_000])
def test_a_disk_that_fills_up_leaves_no_half_of_init(size: int) -> None:
    code, _, err = ended("init", "mine", preexec_fn=_no_file_above(size))
    assert code == 2
    assert err.startswith("error: mine")
    assert [path for path in Path("mine").rglob("*") if path.is_file()] == []


def _slow_strategy() -> None:
    Path("slow.py").write_text(
        "import time\nfrom pathlib import Path\nfrom rebalkit.plugin import StrategyRecord, hookimpl\n"
        "class Slow:\n    def plan(self, *given):\n        Path('begun').touch()\n        time.sleep(60)\n"
        "@hookimpl\ndef rebalkit_strategies():\n"
        "    return [StrategyRecord('slow', 'Slow', factory=lambda settings: Slow())]\n"
    )
    Path("targets.toml").write_text('plugins = ["./slow.py"]\n' + Path("targets.toml").read_text())


def test_ctrl_c_stops_with_130_and_leaves_nothing() -> None:
    _slow_strategy()
    with started(*PLAN, "--strategy", "slow", start_new_session=True) as process:
        deadline = time.monotonic() + 30
        while not Path("begun").exists():
            assert time.monotonic() < deadline
            time.sleep(0.01)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=30)
    assert (process.returncode, out) == (130, b"")
    assert err.decode().strip() == "Stopped."
    assert not Path("runs").exists()


@pytest.mark.parametrize("place", [0, len(PLAN)])
def test_debug_shows_where_an_error_comes_from_wherever_it_stands(place: int) -> None:
    Path("targets.toml").unlink()
    arguments = list(PLAN)
    arguments.insert(place, "--debug")
    code, out, err = ended(*arguments)
    assert (code, out) == (1, b"")
    assert err.startswith("Traceback")
    assert "targets.toml: there is no such file" in err
    assert "Traceback" not in ended(*PLAN)[2]


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "utf-8"])
def test_every_terminal_can_be_written_to(encoding: str) -> None:
    text = Path("targets.toml").read_text().replace("US large cap", "Große US-Werte ∑ 株")
    Path("targets.toml").write_text(text, encoding="utf-8")
    env = {**os.environ, "PYTHONIOENCODING": encoding}
    code, out, err = ended(*PLAN, "--json", env=env)
    assert code == 0, err
    assert json.loads(out)["classes"][0]["name"] == "Große US-Werte ∑ 株"
    code, out, err = ended(*PLAN, env=env)
    assert code == 0, err
    assert b"US-Werte" in out
    wrong = ended(*PLAN, "--set", "strategy.forced_buys.株=VV", env=env)
    assert wrong[0] == 3
    assert "Traceback" not in wrong[2]


def test_colour_is_for_terminals_that_want_it() -> None:
    pty = pytest.importorskip("pty")

    def seen(**variables: str) -> bytes:
        ours, theirs = pty.openpty()
        env = {key: value for key, value in os.environ.items() if key not in {"NO_COLOR", "FORCE_COLOR", "COLORTERM"}}
        with started(
            *PLAN, stdout=theirs, stderr=subprocess.DEVNULL, env={**env, "TERM": "xterm-256color", **variables}
        ) as process:
            os.close(theirs)
            found = b""
            try:
                while chunk := os.read(ours, 65536):
                    found += chunk
            except OSError:
                pass  # how the end of a terminal is told
            os.close(ours)
        assert process.returncode == 0
        return found

    coloured = b"\x1b[3"
    assert coloured in seen()
    assert coloured not in seen(NO_COLOR="1")
    assert b"\x1b[" not in seen(TERM="dumb")


def test_two_runs_of_one_moment_do_not_meet() -> None:
    several = [started(*PLAN, "--json") for _ in range(4)]
    answers = [process.communicate(timeout=60) for process in several]
    assert [process.returncode for process in several] == [0] * 4
    assert len({out for out, _ in answers}) == 1
    runs = [line.removeprefix("Run: ") for _, err in answers for line in err.decode().splitlines() if line.startswith("Run: ")]
    assert sorted(runs) == sorted({str(path) for path in Path("runs").iterdir()})
    assert len(runs) == 4
