"""The guards of tests/conftest.py guard."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest


def test_home_is_an_empty_folder_of_the_test(home: Path) -> None:
    assert Path.home() == home
    assert list(home.iterdir()) == []
    assert Path(os.environ["REBALKIT_HOME"]).is_relative_to(home)


def test_a_file_left_in_the_home_by_the_test_before_is_not_seen(home: Path) -> None:
    """Together with the test above, which would fail if it ran after this one in the same home."""
    (home / "left").touch()
    assert [path.name for path in home.iterdir()] == ["left"]


def test_subprocesses_have_that_home_too(home: Path) -> None:
    script = "from pathlib import Path; print(Path.home())"
    ran = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True)
    assert ran.stdout.strip() == str(home)


@pytest.mark.parametrize("host", ["203.0.113.9", "2001:db8::9"])
def test_no_connection_leaves_this_machine(host: str) -> None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as connection, pytest.raises(RuntimeError, match="this machine only"):
        connection.connect((host, 80))


def test_no_datagram_leaves_this_machine() -> None:
    with (
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as connection,
        pytest.raises(RuntimeError, match="this machine only"),
    ):
        connection.sendto(b"x", ("203.0.113.9", 53))


def test_no_name_is_looked_up() -> None:
    with pytest.raises(RuntimeError, match=r"not to rebalkit\.example"):
        socket.create_connection(("rebalkit.example", 443))


def test_loopback_is_open() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        with socket.create_connection(("localhost", server.getsockname()[1])) as client:
            client.sendall(b"hello")
            accepted, _ = server.accept()
        with accepted:
            assert accepted.recv(5) == b"hello"
