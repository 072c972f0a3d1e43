"""The registry against distributions that are good, broken, rude, or claim what belongs to others."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from fake_plugins import HEAD, Site
from rebalkit.errors import UsageError
from rebalkit.plugin import NoSettings
from rebalkit.registry import Registry, find_providers

GOOD = """
@hookimpl
def rebalkit_strategies():
    return [strategy("mine")]
"""


def one_problem(registry: Registry) -> str:
    (problem,) = registry.problems
    return str(problem)


def test_the_built_in_plugins_are_there_and_sound() -> None:
    registry = Registry.load()
    assert registry.problems == ()
    assert {"files", "paper"} <= set(registry.brokers)
    assert {"greedy", "hold"} <= set(registry.strategies)
    assert set(registry.reporters) == {"html", "json", "csv", "terminal"}
    assert len(registry.checks) >= 10
    assert "paper" in registry.commands


def test_every_factory_and_settings_class_of_the_core_can_be_had() -> None:
    registry = Registry.load()
    for strategy in registry.strategies.values():
        assert callable(strategy.factory(strategy.settings()()).plan)
    assert registry.broker("files").factory(registry.broker("files").settings()("folder")).capabilities.live is False
    for reporter in registry.reporters.values():
        assert callable(reporter.factory().render)
    for check in registry.checks.values():
        assert callable(check.factory())


def test_a_plugin_is_found_with_its_distribution_and_version(site: Site) -> None:
    site.install("nice-strategies", GOOD, version="2.5")
    registry = Registry.load()
    assert registry.strategy("mine").settings() is NoSettings
    kind, record, provider = next(one for one in registry.listing() if one[1].name == "mine")
    assert (kind, record.summary) == ("strategy", "A strategy")
    assert (provider.name, provider.distribution, provider.version) == ("nice-strategies", "nice-strategies", "2.5")
    assert str(provider) == "nice-strategies 2.5 (plugin nice-strategies)"


def test_providers_are_listed_without_being_imported(site: Site) -> None:
    site.install("nice", "raise RuntimeError('imported')")
    found = list(find_providers(True, [], []))
    assert [(one.name, one.builtin) for one in found] == [("builtin", True), ("etrade", True), ("paper", True), ("nice", False)]
    assert "nice" not in sys.modules


def test_no_plugins_leaves_what_comes_with_rebalkit(site: Site) -> None:
    site.install("nice", GOOD)
    registry = Registry.load(plugins=False, local=[site.folder / "nice.py"])
    assert [one.name for one in registry.providers] == ["builtin", "etrade", "paper"]
    assert registry.problems == ()


@pytest.mark.parametrize("name", ["nice-strategies", "Nice_Strategies", "entry", " entry "])
def test_a_plugin_is_switched_off_by_either_name(site: Site, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    site.install("nice-strategies", GOOD, entry="entry")
    monkeypatch.setenv("REBALKIT_DISABLE_PLUGINS", f"paper,{name},")
    registry = Registry.load()
    assert "paper" not in registry.brokers
    with pytest.raises(UsageError, match="there is no strategy named 'mine'") as caught:
        registry.strategy("mine")
    assert "Switched off: rebalkit" in caught.value.remedy
    assert "nice-strategies 1.0 (plugin entry)" in caught.value.remedy
    assert registry.problems == ()


def test_the_core_cannot_be_switched_off() -> None:
    registry = Registry.load(disabled=["builtin", "rebalkit"])
    assert "greedy" in registry.strategies
    assert "paper" in registry.brokers


def test_switching_off_what_is_not_there_is_told() -> None:
    assert one_problem(Registry.load(disabled=["papr"])) == "papr: REBALKIT_DISABLE_PLUGINS names a plugin that is not installed."


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("import nothing_of_this_name", "it cannot be imported: ModuleNotFoundError: No module named 'nothing_of_this_name'"),
        ("1 / 0", "it cannot be imported: ZeroDivisionError: division by zero"),
        ("raise SystemExit(3)", "it cannot be imported: SystemExit: 3"),
        ("def broken(:", "it cannot be imported: SyntaxError"),
        ("", "it implements no hook"),
        ("@hookimpl\ndef rebalkit_strategys(): ...", "there is no hook rebalkit_strategys. Did you mean rebalkit_strategies?"),
        ("@hookimpl(specname='rebalkit_x')\ndef f(): ...", "there is no hook rebalkit_x"),
        ("def rebalkit_checks(): return []", "rebalkit_checks is not marked. Write @hookimpl above it."),
        ("@hookimpl\ndef rebalkit_checks(config): return []", "its hooks do not fit"),
        (
            "@hookimpl(wrapper=True)\ndef rebalkit_before_order(plan, request):\n    return (yield)",
            "rebalkit_before_order is a wrapper",
        ),
        ("@hookimpl(hookwrapper=True)\ndef rebalkit_checks():\n    yield", "rebalkit_checks is a wrapper"),
        ("@hookimpl\ndef rebalkit_strategies(): return 5", "rebalkit_strategies returned a int"),
        ("@hookimpl\ndef rebalkit_strategies(): return None", "rebalkit_strategies returned a NoneType"),
        ("@hookimpl\ndef rebalkit_strategies(): return 'abc'", "rebalkit_strategies returned a str"),
        ("@hookimpl\ndef rebalkit_strategies(): return [5]", "rebalkit_strategies returned a int"),
        ("@hookimpl\ndef rebalkit_brokers(): return [strategy('x')]", "rebalkit_brokers returned a StrategyRecord"),
        ("@hookimpl\ndef rebalkit_strategies(): raise OSError('gone')", "rebalkit_strategies failed: OSError: gone"),
        ("@hookimpl\ndef rebalkit_strategies():\n    yield strategy('x')\n    1 / 0", "failed: ZeroDivisionError"),
        ("@hookimpl\ndef rebalkit_strategies(): raise SystemExit", "rebalkit_strategies failed: RuntimeError"),
        ("@hookimpl\ndef rebalkit_strategies(): return [strategy('a b')]", "the strategy 'a b' has a name that is not made of"),
        ("@hookimpl\ndef rebalkit_strategies(): return [strategy(5)]", "the strategy 5 has a name that is not made of"),
        (
            "@hookimpl\ndef rebalkit_strategies(): return [strategy('x', api_version=2)]",
            "the strategy 'x' is written for version 2 of the plugin interface, and this rebalkit supports version 1 only",
        ),
        (
            "@hookimpl\ndef rebalkit_strategies(): return [StrategyRecord('x', 'y', factory=5)]",
            "the strategy 'x' has a factory that cannot be called",
        ),
        (
            "@hookimpl\ndef rebalkit_brokers(): return [BrokerRecord('x', 'y', factory=len, capabilities=5)]",
            "the broker 'x' does not say what it can do",
        ),
    ],
)
def test_f110_f112_f114_a_broken_plugin_is_left_out_and_harms_no_other(site: Site, code: str, reason: str) -> None:
    site.install("bad", code)
    site.install("good", GOOD)
    registry = Registry.load()
    problem = one_problem(registry)
    assert problem.startswith("bad 1.0 (plugin bad): ")
    assert reason in problem
    assert {"mine", "greedy"} <= set(registry.strategies)
    assert "x" not in registry.strategies


def test_what_a_broken_plugin_raised_is_kept(site: Site) -> None:
    site.install("bad", "1 / 0")
    (problem,) = Registry.load().problems
    assert isinstance(problem.cause, ZeroDivisionError)
    assert problem.cause.__traceback__ is not None


def test_an_entry_point_that_is_no_module_is_refused(site: Site) -> None:
    site.install("bad", points="bad = bad:strategy")
    assert "bad:strategy is a function, not a module" in one_problem(Registry.load())


def test_a_module_is_registered_once(site: Site) -> None:
    site.install("twice", GOOD, points="one = twice\ntwo = twice")
    registry = Registry.load()
    assert "twice 1.0 (plugin two): its hooks do not fit" in one_problem(registry)
    assert "mine" in registry.strategies


def test_a_name_that_two_plugins_claim_is_nobodys(site: Site) -> None:
    site.install("one", GOOD)
    site.install("two", GOOD, version="3")
    registry = Registry.load()
    assert "the strategy 'mine' is also registered by one 1.0 (plugin one)" in one_problem(registry)
    assert "mine" not in registry.strategies
    with pytest.raises(UsageError, match=r"registered by one 1.0 .plugin one. and two 3 .plugin two.") as caught:
        registry.strategy("mine")
    assert caught.value.code == "contested_plugin"
    assert "REBALKIT_DISABLE_PLUGINS=two" in caught.value.remedy
    assert Registry.load(disabled=["two"]).strategy("mine")


def test_a_plugin_cannot_take_a_name_of_the_core(site: Site) -> None:
    site.install("thief", GOOD.replace("mine", "greedy"))
    with pytest.raises(UsageError, match=r"the strategy 'greedy' is registered by rebalkit .* and thief 1.0") as caught:
        Registry.load().strategy("greedy")
    assert "REBALKIT_DISABLE_PLUGINS=thief" in caught.value.remedy


def test_one_plugin_that_registers_a_name_twice_is_refused_too(site: Site) -> None:
    site.install("twin", GOOD.replace('strategy("mine")', 'strategy("mine"), strategy("mine")'))
    registry = Registry.load()
    assert len(registry.problems) == 1
    assert "mine" not in registry.strategies


def test_names_of_different_kinds_do_not_collide() -> None:
    registry = Registry.load()
    assert registry.broker("paper").name == registry.command("paper").name == "paper"


def test_an_unknown_name_is_answered_with_the_closest_and_all_others() -> None:
    with pytest.raises(UsageError) as caught:
        Registry.load().strategy("greddy")
    assert str(caught.value) == "there is no strategy named 'greddy'. Did you mean 'greedy'? Installed: greedy, hold."
    assert caught.value.code == "unknown_plugin"
    with pytest.raises(UsageError, match=r"Known: etrade, files, paper."):
        Registry.load().broker("zzz")


@pytest.mark.parametrize("ask", ["broker", "strategy", "reporter", "price_source", "history_reader", "tax_rule", "command"])
def test_every_kind_can_be_asked_for(ask: str) -> None:
    with pytest.raises(UsageError, match=f"there is no {ask.replace('_', ' ')} named 'zzz'"):
        getattr(Registry.load(), ask)("zzz")


def test_a_broken_plugin_that_is_chosen_is_fatal_with_its_cause(site: Site) -> None:
    site.install("mine", "1 / 0")
    with pytest.raises(UsageError, match="it cannot be imported: ZeroDivisionError") as caught:
        Registry.load().strategy("mine")
    assert caught.value.code == "broken_plugin"
    assert isinstance(caught.value.__cause__, ZeroDivisionError)


def test_a_record_that_was_refused_says_why_when_it_is_chosen(site: Site) -> None:
    site.install("other", GOOD.replace('"mine"', '"mine", api_version=9'))
    with pytest.raises(UsageError, match="version 9 of the plugin interface"):
        Registry.load().strategy("mine")


def test_what_might_have_brought_an_unknown_name_is_told(site: Site) -> None:
    site.install("broken", "1 / 0")
    with pytest.raises(UsageError, match=r"Left out: broken 1.0 .plugin broken.: it cannot be imported"):
        Registry.load().strategy("somebody")


@pytest.mark.parametrize(
    "code",
    [
        "@hookimpl\ndef rebalkit_checks(): 1 / 0",
        "@hookimpl\ndef rebalkit_checks(): return [CheckRecord('x', 'y', factory=len, api_version=2)]",
        "@hookimpl\ndef rebalkit_checks(): return [CheckRecord('cash', 'y', factory=len)]",
    ],
)
def test_a_check_is_never_left_out_in_silence(site: Site, code: str) -> None:
    """All checks are in use, so a broken or contested one stops planning until it is repaired or switched off."""
    site.install("bad", code)
    registry = Registry.load()
    assert registry.strategies
    with pytest.raises(UsageError, match=r"bad 1.0"):
        registry.checks  # noqa: B018 - the property raises
    assert "cash" in Registry.load(disabled=["bad"]).checks


def test_a_project_local_file_is_a_plugin(tmp_path: Path, site: Site) -> None:
    path = tmp_path / "my strategy.py"
    path.write_text(HEAD + GOOD.replace("mine", "local-one"), encoding="utf-8")
    registry = Registry.load(local=[path, path])
    assert registry.problems == ()
    assert registry.strategy("local-one").name == "local-one"
    provider = registry.providers[-1]
    assert (provider.local, provider.builtin, str(provider)) == (True, False, str(path))


def test_two_local_files_of_one_name_are_two_modules(tmp_path: Path) -> None:
    paths = []
    for name in ("a", "b"):
        path = tmp_path / name / "plug.py"
        path.parent.mkdir()
        path.write_text(HEAD + GOOD.replace("mine", f"local-{name}"), encoding="utf-8")
        paths.append(path)
    assert {"local-a", "local-b"} <= set(Registry.load(local=paths).strategies)


@pytest.mark.parametrize(
    ("code", "reason"), [(None, "there is no file"), ("1 / 0", "ZeroDivisionError"), ("x = (", "SyntaxError")]
)
def test_a_broken_local_file_is_told_and_stops_planning(tmp_path: Path, code: str | None, reason: str) -> None:
    """The configuration names it, so it is chosen; and nobody knows which check was in it."""
    path = tmp_path / "plug.py"
    if code is not None:
        path.write_text(code, encoding="utf-8")
    before = set(sys.modules)
    registry = Registry.load(local=[path])
    assert reason in one_problem(registry)
    assert str(path) in one_problem(registry)
    assert not any("rebalkit_local" in name for name in set(sys.modules) - before)
    with pytest.raises(UsageError, match="it cannot be imported"):
        registry.checks  # noqa: B018 - the property raises


LIFE = """
@hookimpl
def rebalkit_before_order(plan, request):
    {0}

@hookimpl
def rebalkit_run_finished(execution):
    {1}
"""


def test_f111_deciders_are_asked_one_by_one_and_what_they_raise_is_an_answer(site: Site) -> None:
    site.install("a", LIFE.format("return f'no {request}'", "pass"))
    site.install("b", LIFE.format("1 / 0", "pass"))
    site.install("c", LIFE.format("raise SystemExit(0)", "pass"))
    site.install("d", LIFE.format("return None", "pass"))
    answers = Registry.load().decide("rebalkit_before_order", plan="p", request="r")
    assert [(provider, type(answer).__name__) for provider, answer in answers] == [
        ("a 1.0 (plugin a)", "str"),
        ("b 1.0 (plugin b)", "ZeroDivisionError"),
        ("c 1.0 (plugin c)", "RuntimeError"),
        ("d 1.0 (plugin d)", "NoneType"),
    ]
    assert answers[0][1] == "no r"


def test_a_hook_takes_only_the_arguments_it_wants_and_a_generator_is_run(site: Site) -> None:
    site.install("a", "@hookimpl\ndef rebalkit_after_plan(plan):\n    yield plan\n    yield plan")
    site.install("b", "@hookimpl\ndef rebalkit_after_plan():\n    yield 1\n    1 / 0")
    (_, first), (_, second) = Registry.load().decide("rebalkit_after_plan", snapshot="s", plan="p")
    assert first == ["p", "p"]
    assert isinstance(second, ZeroDivisionError)


def test_observers_fail_open(site: Site, capsys: pytest.CaptureFixture[str]) -> None:
    site.install("a", LIFE.format("pass", "1 / 0"))
    site.install("b", LIFE.format("pass", "print('seen', execution)"))
    (problem,) = Registry.load().observe("rebalkit_run_finished", execution="e")
    assert str(problem) == "a 1.0 (plugin a): rebalkit_run_finished failed: ZeroDivisionError: division by zero."
    assert capsys.readouterr().out == "seen e\n"


def test_loading_imports_nothing_heavy() -> None:
    code = (
        "import sys; from rebalkit.registry import Registry; r = Registry.load(); r.checks; r.strategy('greedy');"
        "heavy = {'numpy', 'pandas', 'rich', 'jinja2', 'click', 'requests', 'rebalkit.strategies', 'rebalkit.report', 'rebalkit.checks'};"
        "print(sorted(heavy & set(sys.modules)))"
    )
    ran = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert ran.stdout.strip() == "[]"


def test_the_readers_of_exports_are_listed_with_those_of_plugins() -> None:
    registry = Registry.load(plugins=False, disabled=())
    listed = {record.name for kind, record, _ in registry.listing() if kind == "history reader"}
    assert listed == set(registry.history_readers) == {
        "etrade-history", "etrade-legacy-history", "fidelity-history", "schwab-history",
    }  # fmt: skip
    assert registry.history_reader("schwab-history").factory().recognises("") is False
