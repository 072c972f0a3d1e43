"""Where a configuration has several brokers, the command to log in names the one that is meant."""

from __future__ import annotations

from pathlib import Path

from commands import Shell
from etrade_server import EtradeServer

OTHER = """
[brokers.other]
plugin = "etrade"
base_url = "{url}"
requests_per_second = 4
[accounts.second]
broker = "other"
account_id = "58315636"
"""


def test_the_command_to_log_in_names_the_broker_where_there_are_several(shell: Shell, etrade: EtradeServer) -> None:
    config = Path("rebalkit.toml")
    config.write_text(config.read_text() + OTHER.format(url=etrade.url))
    assert "Log in: `rebalkit login etrade-live`." in shell("plan", "--account", "main").err
    assert "Log in: `rebalkit login other`." in shell("plan", "--account", "second").err
    assert shell("login", "other").code == 0
    ran = shell("show", "--account", "second")
    assert ran.code == 0, ran.err


def test_the_command_to_log_in_is_short_where_there_is_one_broker(shell: Shell) -> None:
    assert "Log in: `rebalkit login`." in shell("plan").err


def test_only_brokers_of_the_configuration_are_logged_in_to(shell: Shell, etrade: EtradeServer) -> None:
    """The name of the plugin would be another broker: E*TRADE's own, whatever the configuration says."""
    before = len(etrade.calls)
    ran = shell("login", "etrade")
    assert ran.code == 2
    assert "the configuration has no broker 'etrade'. There are: etrade-live." in ran.err
    ran = shell("logout", "main")
    assert ran.code == 2
    assert "That is an account; its broker is etrade-live." in ran.err
    assert len(etrade.calls) == before
