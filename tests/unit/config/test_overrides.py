"""``--set section.key=value`` and ``--strategy``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from rebalkit.config import load_config
from rebalkit.errors import ConfigError, UsageError


@pytest.mark.parametrize(
    ("override", "settings"),
    [
        ("strategy.max_gain_to_realize=200", {"max_gain_to_realize": "200"}),
        ("strategy.rounding=floor", {"rounding": "floor"}),
        ("strategy.allow_underfilled=true", {"allow_underfilled": True}),
        ("strategy.some=[1, 'a']", {"some": [1, "a"]}),
        ("strategy.some='quoted'", {"some": "quoted"}),
        ("strategy.some={a = 1}", {"some": {"a": 1}}),
        ("strategy.some=", {"some": ""}),
        ("strategy.some=a=b", {"some": "a=b"}),
        ("strategy.forced_buys.US large cap=VOO", {"forced_buys": {"US large cap": "VOO"}}),
        ("strategy.forced_buys.U.S. large=none", {"forced_buys": {"U.S. large": "none"}}),
        ('strategy.forced_buys."US large cap"=VOO', {"forced_buys": {"US large cap": "VOO"}}),
    ],
)
def test_a_setting_reaches_the_strategy(override: str, settings: dict[str, Any]) -> None:
    """Numbers stay text until the settings class says what they are; what is left of a name is one key."""
    assert load_config(None, overrides=[override]).strategy.settings == settings


def test_numbers_stay_text_so_that_an_account_id_keeps_its_zeros() -> None:
    config = load_config(None, overrides=["accounts.a.broker=paper", "accounts.a.account_id=0042", "limits.reserve=0042"])
    assert config.accounts["a"].account_id == "0042"
    assert config.limits.reserve == 42


def test_a_broker_instance_is_made_when_there_is_none() -> None:
    broker = load_config(None, overrides=["brokers.paper.book=demo", "brokers.paper.fees.per_order=1"]).brokers["paper"]
    assert (broker.plugin, broker.settings) == ("paper", {"book": "demo", "fees": {"per_order": "1"}})


def test_the_command_line_wins_and_keeps_what_it_does_not_name(tmp_path: Path) -> None:
    path = tmp_path / "a.toml"
    path.write_text("[strategy]\na = 1\nb = 2\n[strategy.forced_buys]\nA = 'X'\n")
    overrides = ["strategy.a=2", "strategy.a=3", "strategy.forced_buys.B=Y"]
    assert load_config(path, overrides=overrides).strategy.settings == {"a": "3", "b": 2, "forced_buys": {"A": "X", "B": "Y"}}


@pytest.mark.parametrize("how", [{"strategy": "hold"}, {"overrides": ["strategy.name=hold"]}])
def test_settings_of_the_file_do_not_count_for_another_strategy(tmp_path: Path, how: dict[str, Any]) -> None:
    path = tmp_path / "a.toml"
    path.write_text("[strategy]\nname = 'greedy'\nmin_order = 2\n[strategy.forced_buys]\nA = 'X'\n")
    assert load_config(path, **how).strategy.settings == {}
    more = {**how, "overrides": [*how.get("overrides", []), "strategy.min_order=3", "strategy.forced_buys.B=Y"]}
    assert load_config(path, **more).strategy.settings == {"min_order": "3", "forced_buys": {"B": "Y"}}


def test_settings_of_the_file_count_when_its_strategy_is_named_again(tmp_path: Path) -> None:
    path = tmp_path / "a.toml"
    path.write_text("[strategy]\nmin_order = 2\n")
    assert load_config(path, strategy="greedy").strategy.settings == {"min_order": 2}


@pytest.mark.parametrize(
    ("override", "place", "reason"),
    [
        ("", "--set", "there is no value"),
        ("strategy.min_order", "--set strategy.min_order", "there is no value"),
        ("=5", "--set", "unknown section ''"),
        ("strategy=hold", "--set strategy", "the name of the setting is not complete"),
        ("strategy.=hold", "--set strategy.", "the name of the setting is not complete"),
        ("brokers.paper=x", "--set brokers.paper", "the name of the setting is not complete"),
        ("stratgy.a=1", "--set stratgy.a", "unknown section 'stratgy'"),
        ("plugins.a=1", "--set plugins.a", "unknown section 'plugins'"),
        ("asset_class.target=1", "--set asset_class.target", "asset classes are set in a file"),
        ("strategy.a=[1", "--set strategy.a", "the value starts like a list, a table or quoted text, but is none"),
        ("limits.reserve=x", "--set limits.reserve", "expected a number, got 'x'"),
        ("limits.reserv=1", "--set limits.reserv", "unknown key 'reserv'"),
        ("tax.accept_wash=VOO", "--set tax.accept_wash", "expected a list in brackets, got 'VOO'"),
    ],
)
def test_a_wrong_override_is_refused_by_name(override: str, place: str, reason: str) -> None:
    with pytest.raises(UsageError) as caught:
        load_config(None, overrides=[override])
    assert (caught.value.place, caught.value.reason) == (place, reason)
    assert caught.value.exit_code == 2


def test_wrong_overrides_and_wrong_files_are_told_together(tmp_path: Path) -> None:
    path = tmp_path / "a.toml"
    path.write_text("limits = 5\nstrategy = 1\n")
    with pytest.raises(UsageError) as caught:
        load_config(path, overrides=["nothing", "limits.reserve=1"], strategy="hold")
    assert [problem.place.replace(str(path), "a.toml") for problem in caught.value.problems] == [
        "--set nothing",
        "a.toml: limits",
        "a.toml: strategy",
    ]


def test_a_secret_on_the_command_line_is_refused_and_never_repeated() -> None:
    with pytest.raises(ConfigError, match="a secret does not belong") as caught:
        load_config(None, overrides=["brokers.live.token=hunter2"])
    assert caught.value.place == "--set brokers.live.token"
    assert "hunter2" not in str(caught.value)


def test_paths_of_brokers_that_start_with_a_dot_are_beside_the_file(tmp_path: Path) -> None:
    path = tmp_path / "sub" / "a.toml"
    path.parent.mkdir()
    path.write_text("[brokers.files]\nfolder = './account'\nother = ['../x', 'y']\n")
    settings = load_config(path, overrides=["brokers.more.folder=./here"]).brokers
    assert settings["files"].settings == {"folder": str(path.parent / "account"), "other": [str(path.parent / "../x"), "y"]}
    assert settings["more"].settings == {"folder": "./here"}
