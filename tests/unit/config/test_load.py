"""Reading configurations: what they mean, and everything that is wrong with one at once."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest
from attrs import frozen

from rebalkit.config import AccountConfig, BrokerConfig, Config, load_config
from rebalkit.errors import ConfigError, UsageError
from rebalkit.model import HoldingMethod, OlderReplacement

CLASSES = """
[[asset_class]]
name = "Stocks"
target = 77.5
buy = ["IVV", ["SCHX", "VV"]]
hold = ["IWB"]
[[asset_class]]
name = "Bonds"
target = 22.5
buy = ["MUB"]
"""

Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def writer(text: str, name: str = "rebalkit.toml") -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    return writer


def refused(path: Path | None, *overrides: str, targets: Path | None = None) -> dict[str, str]:
    """The problems of a configuration: reason by place, with the folder of the file left out."""
    with pytest.raises(UsageError) as caught:
        load_config(path, targets=targets, overrides=overrides)
    folder = f"{path.parent}/" if path else ""
    return {problem.place.replace(folder, ""): problem.reason for problem in caught.value.problems}


def test_every_section_is_read(write: Write) -> None:
    path = write(
        'plugins = ["./mine.py", "more/other.py"]\n'
        '[accounts.main]\nbroker = "live"\naccount_id = "0042"\n'
        '[accounts.second]\nbroker = "paper"\n'
        '[brokers.live]\nplugin = "etrade"\nsecrets = "keyring:rebalkit/etrade"\nsandbox = true\n'
        '[strategy]\nname = "hold"\nmax_loss_to_forgo = 0.10\n'
        '[tax]\nidentical = [["IVV", "VOO"], ["VOO", "SPY"]]\naccept_wash = ["MUB"]\n'
        'same_index = false\nolder_replacement = "ignore"\nholding = "union"\nwash_budget = 12.5\n'
        "[limits]\nreserve = 100.25\nmax_turnover = 20\n" + CLASSES
    )
    config = load_config(path)
    assert config.accounts == {"main": AccountConfig("live", "0042"), "second": AccountConfig("paper")}
    assert config.brokers == {"live": BrokerConfig("etrade", {"secrets": "keyring:rebalkit/etrade", "sandbox": True})}
    assert config.strategy.name == "hold"
    assert config.strategy.settings == {"max_loss_to_forgo": Decimal("0.10")}
    assert config.tax.identical.groups == (("IVV", "SPY", "VOO"),)
    assert config.tax.accept_wash == ("MUB",)
    assert (config.tax.same_index, config.tax.wash_budget) == (False, Decimal("12.5"))
    assert (config.tax.older_replacement, config.tax.holding) == (OlderReplacement.IGNORE, HoldingMethod.UNION)
    assert (config.limits.reserve, config.limits.max_order, config.limits.max_turnover) == (Decimal("100.25"), None, 20)
    assert config.plugins == (path.parent / "mine.py", path.parent / "more" / "other.py")
    assert config.path == path


def test_targets_are_exact_decimals_in_the_order_of_the_file(write: Write) -> None:
    targets = load_config(write(CLASSES)).targets
    assert targets is not None
    assert [(one.name, one.target) for one in targets.classes] == [("Stocks", Decimal("77.5")), ("Bonds", Decimal("22.5"))]
    assert targets.classes[0].buy == (("IVV",), ("SCHX", "VV"))
    assert targets.classes[0].hold == ("IWB",)


def test_a_budget_for_washes_is_not_below_0(write: Write) -> None:
    assert refused(write("[tax]\nwash_budget = -0.01\n")) == {"rebalkit.toml: tax.wash_budget": "-0.01 is below 0"}


def test_without_a_file_the_defaults_hold() -> None:
    assert load_config(None) == Config()
    assert load_config(None).targets is None


def test_a_broker_instance_is_its_own_plugin_unless_it_names_one(write: Write) -> None:
    config = load_config(write("[brokers.paper]\nbook = 'demo'\n"))
    assert config.broker("paper") == BrokerConfig("paper", {"book": "demo"})
    assert config.broker("elsewhere") == BrokerConfig("elsewhere", {})


def test_a_section_of_the_targets_file_replaces_the_section(write: Write) -> None:
    config = write("[limits]\nreserve = 5\nmax_order = 10\n[strategy]\nname = 'hold'\n" + CLASSES)
    other = write('[limits]\nreserve = 7\n[[asset_class]]\nname = "All"\ntarget = 100\nbuy = ["VT"]\n', "sub/targets.toml")
    read = load_config(config, targets=other)
    assert (read.limits.reserve, read.limits.max_order) == (7, None)
    assert read.strategy.name == "hold"
    assert read.targets is not None
    assert [one.name for one in read.targets.classes] == ["All"]


def test_problems_name_the_file_they_are_in(write: Write) -> None:
    config = write("[limits]\nreserve = 'x'\n")
    other = write("[tax]\nidentical = 5\n", "targets.toml")
    assert set(refused(config, targets=other)) == {"rebalkit.toml: limits.reserve", "targets.toml: tax.identical"}


def test_paths_of_plugins_are_relative_to_the_file_that_names_them(write: Write) -> None:
    other = write("plugins = ['mine.py']", "sub/targets.toml")
    assert load_config(write(""), targets=other).plugins == (other.parent / "mine.py",)


def test_all_problems_are_found_at_once(write: Write) -> None:
    path = write(
        "stratgy = 1\nplugins = ['./a.txt']\n"
        "[accounts.a]\nbrokr = 'x'\n[accounts.b]\nbroker = 'x'\naccount_id = 42\n"
        "[brokers]\npaper = 3\n[brokers.live]\nplugin = 7\n"
        "[strategy]\nname = ''\n[tax]\nidentical = [['IVV'], ['ivv', 'VOO']]\naccept_wash = 'VOO'\n"
        "same_index = 'no'\nolder_replacement = 'always'\nholding = 1\n"
        "[limits]\nreserve = -1\nmax_order = 0\nmax_turnover = true\n"
        "[[asset_class]]\nname = 'A'\ntarget = '4x'\nbuy = 'IVV'\n"
        "[[asset_class]]\nname = 'B'\ntarget = 0\nbuy = ['IVV', ['bad one']]\nholds = []\n"
    )
    assert refused(path) == {
        "rebalkit.toml: stratgy": "unknown key 'stratgy'",
        "rebalkit.toml: plugins[1]": "'a.txt' is not a Python file",
        "rebalkit.toml: accounts.a.broker": "is missing",
        "rebalkit.toml: accounts.a.brokr": "unknown key 'brokr'",
        "rebalkit.toml: accounts.b.account_id": "expected text in quotes, got 42",
        "rebalkit.toml: brokers.paper": "expected a table, got 3",
        "rebalkit.toml: brokers.live.plugin": "expected the name of a plugin in quotes, got 7",
        "rebalkit.toml: strategy.name": "expected the name of a plugin in quotes, got ''",
        "rebalkit.toml: tax.identical[2][1]": "'ivv' is not a ticker symbol; it is 1 to 10 capital letters or digits, as in BRK.B",
        "rebalkit.toml: tax.accept_wash": "expected a list in brackets, got 'VOO'",
        "rebalkit.toml: tax.same_index": "expected true or false, got 'no'",
        "rebalkit.toml: tax.older_replacement": "expected one of count, ignore; got 'always'",
        "rebalkit.toml: tax.holding": "expected one of added, union, date; got 1",
        "rebalkit.toml: limits.max_turnover": "expected a number, got true",
        "rebalkit.toml: asset_class[1].target": "expected a number, got '4x'",
        "rebalkit.toml: asset_class[1].buy": "expected a list in brackets, got 'IVV'",
        "rebalkit.toml: asset_class[2].buy[2]": "'bad one' is not a ticker symbol; it is 1 to 10 capital letters or digits, as in BRK.B",
        "rebalkit.toml: asset_class[2].holds": "unknown key 'holds'",
    }


@pytest.mark.parametrize(
    ("text", "remedy"),
    [
        ("stratgy = 1", "Did you mean 'strategy'?"),
        ("[limits]\nreserv = 1", "Did you mean 'reserve'?"),
        ("[tax]\nidenticall = []", "Did you mean 'identical'?"),
        ("[limits]\nxyz = 1", "Known: max_order, max_turnover, reserve."),
    ],
)
def test_f104_an_unknown_key_is_refused_with_a_suggestion(write: Write, text: str, remedy: str) -> None:
    with pytest.raises(ConfigError, match="unknown key") as caught:
        load_config(write(text))
    assert caught.value.remedy == remedy


@pytest.mark.parametrize(
    ("classes", "place", "reason"),
    [
        ("target = 99\nbuy = ['IVV']", "asset_class", "the targets sum to 99, not 100"),
        ("target = 0\nbuy = ['IVV']", "asset_class[1]", "a target of 0 % is not above 0 and at most 100"),
        ("target = 100", "asset_class[1]", "neither `buy` nor `hold` names a symbol"),
        ("target = 100\nbuy = ['IVV']\nhold = ['IVV']", "asset_class[1]", "IVV is named twice"),
        ("target = inf\nbuy = ['IVV']", "asset_class[1].target", "expected a number, got Infinity"),
        ("target = 100\nbuy = [[]]", "asset_class[1].buy[1]", "expected at least one symbol, got an empty list"),
    ],
)
def test_what_the_model_refuses_gets_its_place(write: Write, classes: str, place: str, reason: str) -> None:
    found = refused(write(f"[[asset_class]]\nname = 'A'\n{classes}\n"))
    assert found == {f"rebalkit.toml: {place}": reason}


def test_a_symbol_in_two_classes_is_refused(write: Write) -> None:
    found = refused(write(CLASSES.replace("MUB", "IWB")))
    assert found == {"rebalkit.toml: asset_class": "IWB is in 'Stocks' and in 'Bonds'"}


@pytest.mark.parametrize(("value", "reason"), [("-1", "-1 is below 0"), ("'1e20'", "expected a number, got '1e20'")])
def test_limits_are_amounts(write: Write, value: str, reason: str) -> None:
    assert refused(write(f"[limits]\nreserve = {value}\n")) == {"rebalkit.toml: limits.reserve": reason}


def test_no_limit_is_said_by_leaving_it_out(write: Write) -> None:
    assert refused(write("[limits]\nmax_order = 0\n")) == {"rebalkit.toml: limits.max_order": "0 is not above 0"}


@pytest.mark.parametrize(
    ("content", "place", "part"),
    [
        (b"a = 1\nb = = 2\n", ":2:5", "not TOML"),
        (b"a = [1", ": at the end", "not TOML"),
        (b"a = '\xff'", "", "byte 6 is not UTF-8"),
        (b"a = 1e99999999999999999999", "", "beyond all numbers"),
        (b"a = " + b"[" * 5000, "", "not TOML"),
    ],
)
def test_a_file_that_is_no_toml_is_refused_where_it_goes_wrong(tmp_path: Path, content: bytes, place: str, part: str) -> None:
    path = tmp_path / "x.toml"
    path.write_bytes(content)
    with pytest.raises(ConfigError) as caught:
        load_config(path)
    assert caught.value.code == "not_toml"
    assert caught.value.place.startswith(f"{path}{place}")
    assert part in caught.value.reason


def test_a_byte_order_mark_and_windows_line_ends_are_read(tmp_path: Path) -> None:
    path = tmp_path / "x.toml"
    path.write_bytes(b"\xef\xbb\xbf[limits]\r\nreserve = 5\r\n")
    assert load_config(path).limits.reserve == 5


def test_a_file_that_is_not_there_is_refused_with_the_way_to_one(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="there is no such file") as caught:
        load_config(tmp_path / "none.toml")
    assert caught.value.code == "no_config"
    assert "rebalkit init" in caught.value.remedy
    with pytest.raises(ConfigError, match="cannot be read"):
        load_config(tmp_path)


@pytest.mark.parametrize(
    "text",
    [
        "[brokers.live]\nconsumer_secret = 'hunter2hunter2'",
        "[brokers.live]\napiKey = 'hunter2hunter2'",
        "[brokers.live]\nsecrets = {consumer = 'hunter2hunter2'}",
        "[brokers.live]\ntokens = ['env:GOOD', 'hunter2hunter2']",
        "[brokers.live.deep]\npassword = 'hunter2hunter2'",
        "[accounts.a]\nbroker = 'b'\ntoken = 'hunter2hunter2'",
        "password = 'hunter2hunter2'",
    ],
)
def test_a_secret_in_the_file_is_refused_and_never_repeated(write: Write, text: str) -> None:
    with pytest.raises(ConfigError, match="a secret does not belong") as caught:
        load_config(write(text))
    assert "hunter2" not in str(caught.value)
    assert "inline_secret" in {problem.code for problem in caught.value.problems}


@pytest.mark.parametrize(
    "text", ["secrets = 'keyring:a/b'", "api_key = 'env:KEY'", "token = 'file:~/t'", "use_token = true", "monkey = 'x'"]
)
def test_references_to_secrets_are_welcome(write: Write, text: str) -> None:
    assert len(load_config(write(f"[brokers.live]\n{text}\n")).brokers["live"].settings) == 1


@frozen
class Settings:
    max_loss: Decimal = Decimal(0)
    tokens: int = 0


def test_settings_of_plugins_are_refused_at_their_own_place(write: Write) -> None:
    config = load_config(write("[strategy]\nmax_loss = 'x'\n[brokers.a]\nmax_los = 1\n"), overrides=["brokers.b.max_loss=y"])
    with pytest.raises(ConfigError, match="expected a number, got 'x'") as caught:
        config.strategy_settings(Settings)
    assert caught.value.place.endswith("rebalkit.toml: strategy.max_loss")
    with pytest.raises(ConfigError, match="Did you mean 'max_loss'") as caught:
        config.broker_settings("a", Settings)
    assert caught.value.place.endswith("rebalkit.toml: brokers.a.max_los")
    with pytest.raises(ConfigError, match="expected a number, got 'y'") as caught:
        config.broker_settings("b", Settings)
    assert caught.value.place == "--set brokers.b.max_loss"
    assert config.broker_settings("paper", Settings) == Settings()
