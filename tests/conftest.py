"""What every test gets, asked for or not: an empty home folder, no way out of this machine, and the profiles of hypothesis."""

from __future__ import annotations

import ipaddress
import itertools
import os
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings

# A slow machine is not a failure, so there is no deadline. `ci` tries the same examples every time: what lands depends on the
# change, not on luck. `long` (nox -s property, or HYPOTHESIS_PROFILE=long) looks for new ones.
settings.register_profile("ci", max_examples=100, deadline=None, derandomize=True, print_blob=True)
settings.register_profile("long", max_examples=5000, deadline=None, print_blob=True, suppress_health_check=[HealthCheck.too_slow])
# `mutants` (tools/mutants.py) only asks whether something fails, not on how small an example.
settings.register_profile("mutants", settings.get_profile("ci"), max_examples=50, phases=[Phase.explicit, Phase.generate])
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci"))

_HOMES = {
    "HOME": "",
    "USERPROFILE": "",
    "XDG_CONFIG_HOME": ".config",
    "XDG_DATA_HOME": ".local/share",
    "XDG_STATE_HOME": ".local/state",
    "XDG_CACHE_HOME": ".cache",
    "REBALKIT_HOME": "rebalkit",
}


@pytest.fixture(scope="session")
def _homes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    root = tmp_path_factory.mktemp("homes")
    return (root / str(number) for number in itertools.count())


@pytest.fixture(autouse=True)
def home(_homes: Iterator[Path], monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty home folder of this test's own; the settings of whoever runs the tests do not reach it or its subprocesses."""
    folder = next(_homes)
    folder.mkdir()
    for name in os.environ:
        if name.startswith("REBALKIT_") and name != "REBALKIT_DATA":
            monkeypatch.delenv(name)
    for name, below in _HOMES.items():
        monkeypatch.setenv(name, str(folder / below))
    return folder


@pytest.fixture(scope="session")
def real_data() -> Path:
    """The folder of real prices. It is not part of the project: ``REBALKIT_DATA`` names it, else the test is skipped."""
    named = os.environ.get("REBALKIT_DATA", "")
    if not named:
        pytest.skip("REBALKIT_DATA does not name a folder of real prices")
    folder = Path(named)
    if not folder.is_dir():
        pytest.fail(f"REBALKIT_DATA names {named}, which is not a folder")
    return folder


class NetworkBlocked(RuntimeError):
    """A test tried to leave this machine."""


def _refuse_strangers(host: Any) -> None:
    name = host.decode() if isinstance(host, bytes) else str(host or "")
    if name in {"", "localhost"}:
        return
    try:
        if ipaddress.ip_address(name).is_loopback:
            return
    except ValueError:
        pass
    raise NetworkBlocked(f"tests may talk to this machine only, not to {name}")


def _guarded(function: Callable[..., Any]) -> Callable[..., Any]:
    def guard(self: socket.socket, *arguments: Any) -> Any:
        address = arguments[-1]
        if self.family in {socket.AF_INET, socket.AF_INET6}:
            _refuse_strangers(address[0])
        return function(self, *arguments)

    return guard


@pytest.fixture(autouse=True, scope="session")
def _no_network() -> Iterator[None]:
    """Sockets reach loopback addresses only, and only their names are looked up."""
    look_up = socket.getaddrinfo

    def guarded_look_up(host: Any, *arguments: Any, **options: Any) -> Any:
        _refuse_strangers(host)
        return look_up(host, *arguments, **options)

    with pytest.MonkeyPatch.context() as patch:
        for name in ("connect", "connect_ex", "sendto"):
            patch.setattr(socket.socket, name, _guarded(getattr(socket.socket, name)))
        patch.setattr(socket, "getaddrinfo", guarded_look_up)
        yield


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A test that asks for the real prices is marked so, for ``-m "not real_data"``."""
    for item in items:
        if "real_data" in getattr(item, "fixturenames", ()):
            item.add_marker("real_data")
