"""``rebalkit plugins list`` and ``show``."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from fake_plugins import HEAD, Site
from rebalkit.cli.plugins import command
from rebalkit.cli.state import State
from rebalkit.errors import UsageError


def run(*arguments: str) -> str:
    result = CliRunner().invoke(command, list(arguments), obj=State(), catch_exceptions=False)
    assert result.exit_code == 0
    return result.stdout


def refused(*arguments: str) -> UsageError:
    with pytest.raises(UsageError) as caught:
        CliRunner().invoke(command, list(arguments), obj=State(), catch_exceptions=False)
    return caught.value


def test_the_list_names_every_record_with_who_brings_it(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    site.install("nice", "@hookimpl\ndef rebalkit_strategies(): return [strategy('mine')]", version="2")
    site.install("broken", "1 / 0")
    monkeypatch.setenv("REBALKIT_DISABLE_PLUGINS", "etrade")
    lines = [line.split() for line in run("list").splitlines()]
    assert ["strategy", "mine", "nice", "2", "A", "strategy"] in lines
    assert ["strategy", "greedy", "rebalkit"] in [line[:3] for line in lines]
    text = run("list")
    assert "Switched off: rebalkit" in text
    assert "Left out:\n  broken 1.0 (plugin broken): it cannot be imported: ZeroDivisionError" in text


def test_the_list_as_json(site: Site) -> None:
    site.install("broken", "1 / 0")
    document = json.loads(run("list", "--json"))
    assert {one["plugin"]: one["status"] for one in document["plugins"]}["broken"] == "broken"
    assert {"kind", "name", "summary", "plugin", "distribution", "version"} == set(document["records"][0])
    assert document["problems"][0]["plugin"] == "broken"


def test_show_explains_settings_and_capabilities() -> None:
    text = run("show", "greedy")
    assert text.startswith("strategy greedy: ")
    assert "  max_loss_to_forgo: number, default 0\n" in text
    files = run("show", "files")
    assert "  places_orders: false\n" in files
    assert "  folder: " in files
    assert "must be given" in files


def test_show_as_json_has_every_record_of_the_name() -> None:
    records = json.loads(run("show", "paper", "--json"))["records"]
    assert [one["kind"] for one in records] == ["broker", "command"]
    assert records[0]["capabilities"]["places_orders"] is True
    assert {"name", "type", "default", "doc"} == set(records[0]["settings"][0])


def test_every_registered_name_can_be_shown() -> None:
    for one in json.loads(run("list", "--json"))["records"]:
        assert one["summary"] in run("show", one["name"])


def test_an_unknown_or_broken_name_is_refused(site: Site) -> None:
    site.install("broken", "1 / 0")
    assert refused("show", "greddy").remedy == "Did you mean 'greedy'?"
    assert "ZeroDivisionError" in refused("show", "broken").reason


def test_settings_that_cannot_be_read_are_an_error_of_the_plugin(site: Site) -> None:
    site.install("late", "@hookimpl\ndef rebalkit_strategies(): return [strategy('late', settings=lambda: 1 / 0)]")
    assert "the settings of the strategy 'late' cannot be read: ZeroDivisionError" in refused("show", "late").reason


@pytest.mark.parametrize("option", [["--config", "rebalkit.toml"], []])
def test_plugins_of_the_configuration_are_listed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, option: list[str]) -> None:
    monkeypatch.chdir(tmp_path)
    Path("rebalkit.toml").write_text("plugins = ['./mine.py']", encoding="utf-8")
    Path("mine.py").write_text(HEAD + "\n@hookimpl\ndef rebalkit_strategies(): return [strategy('mine')]\n", encoding="utf-8")
    assert str(tmp_path / "mine.py") in run("list", *option)
    assert run("show", "mine", *option).startswith("strategy mine: A strategy\nfrom ")
