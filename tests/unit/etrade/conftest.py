"""A shell in a folder with the configuration of a customer of the local E*TRADE server."""

from __future__ import annotations

import webbrowser
from pathlib import Path

import click
import pytest

from commands import Shell
from concealed import nothing_concealed
from etrade_server import EtradeServer
from etrade_world import etrade, etrade_config

__all__ = ["etrade", "nothing_concealed"]


class Browser:
    """Shows the page to a person who says yes, and reads the code."""

    def __init__(self, server: EtradeServer) -> None:
        self.server = server
        self.code = ""

    def open(self, address: str) -> bool:
        self.code = self.server.authorize(address)
        return True


@pytest.fixture
def browser(etrade: EtradeServer, monkeypatch: pytest.MonkeyPatch) -> Browser:
    browser = Browser(etrade)
    monkeypatch.setattr(webbrowser, "get", lambda: browser)
    monkeypatch.setattr(click, "prompt", lambda text, **more: browser.code)
    return browser


@pytest.fixture
def shell(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], etrade: EtradeServer, browser: Browser
) -> Shell:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "100")
    Path("rebalkit.toml").write_text(etrade_config(etrade))
    return Shell(capsys)
