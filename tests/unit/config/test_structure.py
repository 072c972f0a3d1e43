"""Settings of plugins: attrs classes made of raw tables, strictly, and described."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from decimal import Decimal
from enum import Enum, StrEnum
from pathlib import Path
from typing import Any, Literal

import attrs
import pytest
from attrs import field, frozen, validators

from rebalkit.config import SettingInfo, default_config_text, describe_settings, load_config, structure_settings
from rebalkit.config.template import default_config_text as template
from rebalkit.errors import ConfigError


class Rounding(StrEnum):
    FLOOR = "floor"
    FILL = "fill"


class Level(Enum):
    LOW = 1
    HIGH = 2


@frozen
class Inner:
    each: int


@frozen
class Everything:
    """Settings of every type.

    Attributes:
        amount: USD.
        whole: A count
            that goes on.
    """

    amount: Decimal
    whole: int = 1
    share: float = 0.5
    flag: bool = False
    text: str = "a"
    where: Path = Path("b")
    day: dt.date | None = None
    rounding: Rounding = Rounding.FILL
    level: Level = Level.LOW
    mode: Literal["x", "y"] = "x"
    buys: dict[str, str | None] = field(factory=dict)
    loose: Mapping[str, Any] = field(factory=dict)
    symbols: tuple[str, ...] = ("IVV",)
    numbers: Sequence[Decimal] = ()
    inner: Inner | None = None


def test_every_type_is_read() -> None:
    read = structure_settings(
        Everything,
        {
            "amount": Decimal("0.10"), "whole": 5, "share": Decimal("0.25"), "flag": True, "text": "t", "where": "/x",
            "day": dt.date(2025, 1, 2), "rounding": "floor", "level": 2, "mode": "y", "buys": {"US large": "none"},
            "loose": {"a": [1, {"b": True}]}, "symbols": ["A", "B"], "numbers": [1, "2.5"], "inner": {"each": 3},
        },
    )  # fmt: skip
    assert read == Everything(
        Decimal("0.10"), 5, 0.25, True, "t", Path("/x"), dt.date(2025, 1, 2), Rounding.FLOOR, Level.HIGH, "y", {"US large": "none"},
        {"a": [1, {"b": True}]}, ("A", "B"), (Decimal(1), Decimal("2.5")), Inner(3),
    )  # fmt: skip
    assert type(read.rounding) is Rounding


def test_text_of_the_command_line_becomes_what_the_setting_is() -> None:
    read = structure_settings(Everything, {"amount": "200", "whole": "7", "share": "0.5", "day": "2025-01-02"})
    assert (read.amount, read.whole, read.share, read.day) == (200, 7, 0.5, dt.date(2025, 1, 2))


@pytest.mark.parametrize(
    ("key", "value", "reason"),
    [
        ("amount", 1.5, "expected a number, got 1.5"),
        ("amount", True, "expected a number, got true"),
        ("amount", "NaN", "expected a number, got 'NaN'"),
        ("amount", Decimal("Infinity"), "expected a number, got Infinity"),
        ("amount", [], "expected a number, got a list"),
        ("whole", "1.5", "expected a whole number, got '1.5'"),
        ("share", "x", "expected a number, got 'x'"),
        ("flag", "yes", "expected true or false, got 'yes'"),
        ("flag", 1, "expected true or false, got 1"),
        ("text", 5, "expected text in quotes, got 5"),
        ("text", "x" * 5 + "\n", None),
        ("where", "", "expected a path, got nothing"),
        ("day", "tomorrow", "expected a date such as 2025-12-31, got 'tomorrow'"),
        ("rounding", "up", "expected one of floor, fill; got 'up'"),
        ("level", True, "expected one of 1, 2; got true"),
        ("mode", "z", "expected one of x, y; got 'z'"),
        ("buys", ["A"], "expected a table, got a list"),
        ("symbols", "IVV", "expected a list in brackets, got 'IVV'"),
        ("symbols", {"A": 1}, "expected a list in brackets, got a table"),
        ("inner", 5, "expected a table, got 5"),
    ],
)
def test_nothing_is_converted_that_may_have_been_meant_otherwise(key: str, value: Any, reason: str | None) -> None:
    raw = {"amount": 1, key: value}
    if reason is None:
        assert getattr(structure_settings(Everything, raw), key) == value
        return
    with pytest.raises(ConfigError) as caught:
        structure_settings(Everything, raw, "a.toml: strategy")
    assert (caught.value.place, caught.value.reason) == (f"a.toml: strategy.{key}", reason)


def test_all_problems_are_told_with_their_paths() -> None:
    raw = {"whol": 1, "inner": {"eac": 1}, "symbols": ["A", 5], "buys": {"US large": 5}}
    with pytest.raises(ConfigError) as caught:
        structure_settings(Everything, raw, "a.toml: brokers.x")
    assert {problem.place: problem.code for problem in caught.value.problems} == {
        "a.toml: brokers.x.amount": "missing_key",
        "a.toml: brokers.x.whol": "unknown_key",
        "a.toml: brokers.x.inner.each": "missing_key",
        "a.toml: brokers.x.inner.eac": "unknown_key",
        "a.toml: brokers.x.symbols[2]": "bad_value",
        'a.toml: brokers.x.buys."US large"': "bad_value",
    }
    assert "Did you mean 'whole'?" in str(caught.value)


@frozen
class Guarded:
    low: Decimal = field(default=Decimal(0), validator=validators.ge(0))
    high: Decimal = field(default=Decimal(0), validator=validators.ge(0))
    name: str = field(default="a", validator=validators.in_(["a", "b"]))
    token: int = 0

    def __attrs_post_init__(self) -> None:
        if self.high < self.low:
            raise ValueError("high is below low")


def refused(raw: Mapping[str, Any]) -> dict[str, str]:
    with pytest.raises(ConfigError) as caught:
        structure_settings(Guarded, raw)
    return {problem.place: problem.reason for problem in caught.value.problems}


def test_every_validator_is_heard_although_attrs_stops_at_the_first() -> None:
    assert refused({"low": -1, "high": -2, "name": "c", "other": 1}) == {
        "low": "'low' must be >= 0: -1",
        "high": "'high' must be >= 0: -2",
        "name": "'name' must be in ['a', 'b'] (got 'c')",
        "other": "unknown key 'other'",
    }


def test_validators_are_heard_beside_values_of_a_wrong_type() -> None:
    assert set(refused({"low": "x", "high": -2})) == {"low", "high"}


def test_what_the_class_as_a_whole_says_is_heard() -> None:
    assert refused({"low": 2, "high": 1}) == {"": "high is below low"}


def test_the_value_of_a_secret_is_never_repeated() -> None:
    assert refused({"token": "hunter2"}) == {"token": "is not what the setting can be"}


def test_settings_are_described_in_words() -> None:
    described = describe_settings(Everything)
    assert described[:3] == [
        SettingInfo("amount", "number", None, "USD."),
        SettingInfo("whole", "whole number", "1", "A count that goes on."),
        SettingInfo("share", "number", "0.5", ""),
    ]
    assert {one.name: (one.type, one.default) for one in described[3:]} == {
        "flag": ("true or false", "false"),
        "text": ("text", '"a"'),
        "where": ("path", '"b"'),
        "day": ("date | none", "none"),
        "rounding": ("floor | fill", '"fill"'),
        "level": ("1 | 2", "1"),
        "mode": ("x | y", '"x"'),
        "buys": ("table of text | none", "{}"),
        "loose": ("table of anything", "{}"),
        "symbols": ("list of text", '["IVV"]'),
        "numbers": ("list of number", "[]"),
        "inner": ("Inner | none", "none"),
    }


def test_a_class_without_settings_or_words_is_described() -> None:
    assert describe_settings(attrs.make_class("Empty", [], frozen=True)) == []


def uncommented() -> str:
    """The default configuration with every setting switched on: those are the lines with # and no space after it."""
    return "\n".join(
        line[1:] if line.startswith("#") and line[1:2] not in ("", " ") else line for line in default_config_text().splitlines()
    )


def test_the_default_configuration_loads_and_says_nothing_but_the_defaults(tmp_path: Path) -> None:
    path = tmp_path / "rebalkit.toml"
    path.write_text(template(), encoding="utf-8")
    config = load_config(path)
    assert config.targets is not None
    assert {one.name: int(one.target) for one in config.targets.classes} == {
        "US large cap": 41, "US mid cap": 11, "US small cap": 5, "International developed": 23, "Emerging markets": 5,
        "Real estate": 5, "Short bonds": 3, "Mid and long bonds": 7,
    }  # fmt: skip
    bare = load_config(None)
    assert (config.strategy, config.tax, config.limits, config.plugins) == (bare.strategy, bare.tax, bare.limits, bare.plugins)
    assert config.brokers["files"].settings == {"folder": str(tmp_path / "account")}


def test_the_default_configuration_has_the_targets_of_the_sample(tmp_path: Path) -> None:
    from rebalkit.sample import sample_folder

    path = tmp_path / "rebalkit.toml"
    path.write_text(default_config_text(), encoding="utf-8")
    assert load_config(path).targets == load_config(sample_folder() / "targets.toml").targets


def test_the_default_configuration_shows_every_setting_with_its_default(tmp_path: Path) -> None:
    from rebalkit.strategies import GreedySettings

    path = tmp_path / "rebalkit.toml"
    path.write_text(uncommented(), encoding="utf-8")
    config = load_config(path)
    settings = dict(config.strategy.settings)
    assert set(settings) == {one.name for one in describe_settings(GreedySettings)}
    assert settings.pop("forced_buys") == {"US large cap": "VOO"}
    # Left out, these two also follow the spread and the rule, which no number in a file can say.
    assert (settings.pop("min_loss"), settings.pop("min_loss_percent")) == (20, Decimal("0.5"))
    assert structure_settings(GreedySettings, settings) == GreedySettings()
    assert (config.limits.max_order, config.limits.max_turnover) == (50000, 100)
    assert config.accounts["main"].account_id == "main"
