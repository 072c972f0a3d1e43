"""What a person says of their own taxes in a configuration."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from rebalkit.config import load_config
from rebalkit.config.profile import FilingStatus, ProfileConfig
from rebalkit.errors import ConfigError


def written(folder: Path, text: str) -> Path:
    path = folder / "rebalkit.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_profile_is_read_and_without_one_nothing_is_assumed(tmp_path: Path) -> None:
    path = written(tmp_path, '[tax.profile]\nstatus = "joint"\nincome = 180000.50\nmagi = 200000\nstate_rate = 9.3\n')
    assert load_config(path).tax.profile == ProfileConfig(
        FilingStatus.JOINT, Decimal("180000.50"), Decimal(200000), state_rate=Decimal("9.3")
    )
    assert load_config(written(tmp_path, "[tax]\nwash_budget = 1\n")).tax.profile is None


def test_a_profile_can_be_given_on_the_command_line(tmp_path: Path) -> None:
    config = load_config(written(tmp_path, ""), overrides=("tax.profile.status=head", "tax.profile.long_rate=15"))
    assert config.tax.profile == ProfileConfig(FilingStatus.HEAD, long_rate=Decimal(15))


def test_all_that_is_wrong_with_a_profile_is_told_at_once(tmp_path: Path) -> None:
    path = written(tmp_path, '[tax.profile]\nstatus = "married"\nincome = -1\nstate_rate = 100\nlongrate = 1\n')
    with pytest.raises(ConfigError) as caught:
        load_config(path)
    assert {one.place.removeprefix(f"{path}: "): one.reason for one in caught.value.problems} == {
        "tax.profile.status": "expected one of single, joint, separate, head; got 'married'",
        "tax.profile.income": "-1 is below 0",
        "tax.profile.state_rate": "100 is no rate: write percent, at least 0 and below 100",
        "tax.profile.longrate": "unknown key 'longrate'",
    }


def test_a_status_is_never_guessed(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"tax\.profile\.status: is missing"):
        load_config(written(tmp_path, "[tax.profile]\nincome = 1\n"))
