"""``[execution]``: every number has a default, and what is wrong is told with its place."""

from __future__ import annotations

import re
from decimal import Decimal
from pathlib import Path

import pytest
from attrs import fields

from rebalkit.config import load_config
from rebalkit.errors import ConfigError
from rebalkit.execution.rules import ExecutionRules

ROOT = Path(__file__).parents[3]
LIVE = {"quote_age", "plan_age", "clock_skew", "after_open", "before_close", "day_turnover"}


def rules(folder: Path, text: str, *overrides: str) -> ExecutionRules:
    path = folder / "rebalkit.toml"
    path.write_text(text)
    return load_config(path, overrides=overrides).execution_rules(ExecutionRules)


def test_what_is_not_said_is_the_default(tmp_path: Path) -> None:
    assert rules(tmp_path, "") == ExecutionRules()
    changed = rules(tmp_path, "[execution]\ncollar = 0.5\nplan_age = 60\nsettled_only = true\n", "execution.max_drift=2.5")
    assert changed == ExecutionRules(collar=Decimal("0.5"), plan_age=60, settled_only=True, max_drift=Decimal("2.5"))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[execution]\ncollar = -1\n", "execution.collar: -1 is below 0"),
        ("[execution]\ncollar = 100\n", "execution.collar: 100 is not below 100"),
        ("[execution]\nplan_age = -1\n", "execution.plan_age: -1 is below 0"),
        ("[execution]\nplan_age = 1.5\n", "execution.plan_age"),
        ("[execution]\ncolar = 1\n", "'collar'"),
        ("[execution]\nsettled_only = 1\n", "execution.settled_only"),
        ("execution = 3\n", "expected a table"),
    ],
)
def test_what_is_wrong_is_told(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(ConfigError) as caught:
        rules(tmp_path, text)
    assert words in str(caught.value)


def test_all_problems_are_told_at_once(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        rules(tmp_path, "[execution]\ncollar = 100\nquote_age = -1\nmax_drift = true\n", "execution.fill_wait=-3")
    told = [str(one) for one in caught.value.problems]
    assert len(told) == 4
    assert any("--set" in one and "-3 is below 0" in one for one in told)


@pytest.mark.parametrize(
    "name", [one.name for one in fields(ExecutionRules) if one.name not in ("settled_only", "require_export")]
)
def test_no_number_is_below_0_and_0_is_one(name: str) -> None:
    assert getattr(ExecutionRules(**{name: 0}), name) == 0
    with pytest.raises(ValueError, match="-1 is below 0"):
        ExecutionRules(**{name: -1})


DEFAULTS = ExecutionRules()


@pytest.mark.parametrize("name", [one.name for one in fields(ExecutionRules)])
def test_the_template_and_the_reference_say_each_default(name: str) -> None:
    value = getattr(DEFAULTS, name)
    text = f'"{value}"' if isinstance(value, str) else str(value).lower()
    template = (ROOT / "src/rebalkit/config/default.toml").read_text(encoding="utf-8").partition("[execution]")[2]
    assert re.search(rf"^#{name} = {re.escape(text)} +# \w", template, re.M)
    page = (ROOT / "docs/reference/configuration.md").read_text(encoding="utf-8").partition("### `[execution]`")[2]
    assert re.search(rf"^\| `{name}` \| .*; `?{re.escape(text)}`? unless set\.", page, re.M)
    assert isinstance(value, (bool, str)) or ("*Live*:" in page.split(f"| `{name}` |")[1].splitlines()[0]) is (name in LIVE)


def test_the_template_is_read_as_the_defaults(tmp_path: Path) -> None:
    text = (ROOT / "src/rebalkit/config/default.toml").read_text(encoding="utf-8").partition("[execution]")[2]
    assert rules(tmp_path, "[execution]\n" + re.sub(r"^#(?=\w+ = )", "", text, flags=re.M)) == DEFAULTS
