"""Where real money moves only plugins are loaded that came with rebalkit or that the person trusts, as they were then (F120)."""

from __future__ import annotations

import json
import os
import stat
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from fake_plugins import HEAD, Site
from rebalkit.cli.plugins import command
from rebalkit.cli.state import State
from rebalkit.errors import ConfigError, RebalkitError, UsageError
from rebalkit.registry import Provider, Registry, Trust, TrustList, find_providers

GOOD = "@hookimpl\ndef rebalkit_strategies():\n    return [strategy('mine')]\n"


def provider(name: str) -> Provider:
    return next(one for one in find_providers(True, [], []) if one.name == name)


def live(**more: object) -> Registry:
    return Registry.load(only=TrustList.read().objection, **more)  # type: ignore[arg-type]


def kept(home: Path) -> Path:
    return home / "rebalkit/trusted-plugins.json"


def test_f120_what_is_installed_is_not_trusted_by_that_nor_imported(site: Site) -> None:
    site.install("look-alike", "raise RuntimeError('imported')", entry="paper")
    registry = live()
    (problem,) = registry.problems
    assert str(problem) == (
        "look-alike 1.0 (plugin paper): it is left out where real money moves: not trusted. "
        "If you trust it: rebalkit plugins trust look-alike"
    )
    assert "look_alike" not in sys.modules


def test_what_comes_with_rebalkit_is_trusted(home: Path) -> None:
    registry = live()
    assert registry.problems == ()
    assert {"greedy", "paper"} <= {*registry.strategies, *registry.brokers}
    assert {TrustList.read().state(one) for one in registry.providers} == {Trust.BUILT_IN}
    assert not kept(home).exists()


def test_f120_a_distribution_that_calls_itself_rebalkit_is_not_built_in(tmp_path: Path) -> None:
    """Its name is ours, its module lies elsewhere."""
    named = provider("builtin")
    assert TrustList().state(named) is Trust.BUILT_IN
    assert TrustList().state(Provider("x", "Rebalkit", "1", "click.core", False, named.point)) is Trust.UNKNOWN
    assert TrustList().state(Provider("x", "rebalkit", "1", "no_such_module_here", False, named.point)) is Trust.UNKNOWN


def test_a_trusted_plugin_is_loaded_until_its_version_or_a_file_changes(site: Site) -> None:
    site.install("nice-one", GOOD)
    TrustList.add(provider("nice-one"))
    assert "mine" in live().strategies
    assert TrustList.read().state(provider("nice-one")) is Trust.TRUSTED

    site.update("nice-one", GOOD, "1.1")
    assert TrustList.read().state(provider("nice-one")) is Trust.CHANGED
    assert "mine" not in live().strategies
    assert "changed since it was trusted" in str(live().problems[0])
    TrustList.add(provider("nice-one"))
    assert "mine" in live().strategies

    (site.folder / "nice_one.py").write_text(HEAD + GOOD + "# and more\n")
    assert "mine" not in live().strategies, "a file that is not the one that was installed"
    site.record("nice-one", "1.1")
    assert "mine" not in live().strategies, "the same version, installed from other files"
    assert "mine" in Registry.load().strategies, "on paper it is as before"


def test_a_plugin_that_is_left_out_is_named_to_who_asks_for_it(site: Site) -> None:
    site.install("mine", GOOD)
    with pytest.raises(UsageError, match="it is left out where real money moves: not trusted") as caught:
        live().strategy("mine")
    assert "rebalkit plugins trust mine" in caught.value.remedy


def test_a_file_of_a_project_is_trusted_by_its_content(tmp_path: Path) -> None:
    path = tmp_path / "own.py"
    path.write_text(HEAD + GOOD)
    with pytest.raises(UsageError, match="not trusted"):
        live(local=[path]).checks  # noqa: B018 - it may have held a check, which must not be left out in silence
    TrustList.add(Provider("own", "", "", str(path)))
    assert live(local=[path]).strategies["mine"]
    path.write_text(HEAD + GOOD + "\n")
    assert "mine" not in live(local=[path]).strategies
    other = tmp_path / "sub/own.py"
    other.parent.mkdir()
    other.write_text(HEAD + GOOD)
    assert TrustList.read().state(Provider("own", "", "", str(other))) is Trust.UNKNOWN


def unsound(name: str) -> str:
    with pytest.raises(ConfigError, match="it cannot be trusted") as caught:
        TrustList.add(provider(name))
    assert caught.value.code == "unsound_plugin"
    return caught.value.reason


def test_f120_what_cannot_be_told_apart_by_its_files_cannot_be_trusted(site: Site, tmp_path: Path) -> None:
    site.install("bare", GOOD)
    (site.folder / "bare-1.0.dist-info/RECORD").unlink()
    assert "no list of its files" in unsound("bare")

    site.install("elsewhere", GOOD, points="elsewhere = click.core")  # a module of another distribution
    assert "click.core is not among the files" in unsound("elsewhere")

    site.install("lost", GOOD)
    (site.folder / "lost.py").unlink()
    assert "lost.py cannot be read" in unsound("lost")

    site.install("weak", GOOD)
    record = site.folder / "weak-1.0.dist-info/RECORD"
    record.write_text(record.read_text().replace("weak.py,sha256=", "weak.py,md5="))
    assert "a weak digest (md5)" in unsound("weak")
    record.write_text("weak-1.0.dist-info/RECORD,,\nweak.py,,\n")
    assert "a weak digest (none)" in unsound("weak")
    record.write_text("weak-1.0.dist-info/RECORD,,\nweak.py\n\n")
    assert "a weak digest (none)" in unsound("weak")

    site.install("touched", GOOD)
    (site.folder / "touched.py").write_text("1")
    assert "touched.py is not the one that was installed" in unsound("touched")


def test_f120_a_file_in_front_of_the_installed_module_is_noticed(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    site.install("shadowed", GOOD)
    TrustList.add(provider("shadowed"))
    front = tmp_path / "front"
    front.mkdir()
    (front / "shadowed.py").write_text("raise RuntimeError('imported')")
    monkeypatch.syspath_prepend(str(front))
    assert "importing shadowed would load another file" in unsound("shadowed")
    assert "shadowed" in str(live().problems[0])
    assert "shadowed" not in sys.modules


def test_the_list_is_private_and_is_not_used_when_others_could_have_written_it(site: Site, home: Path) -> None:
    site.install("nice", GOOD)
    TrustList.add(provider("nice"))
    assert stat.S_IMODE(kept(home).stat().st_mode) == 0o600
    for mode in (0o602, 0o620, 0o644):
        kept(home).chmod(mode)
        with pytest.raises(ConfigError, match="others than you could have written it"):
            TrustList.read()
    kept(home).chmod(0o600)
    text = kept(home).read_text()
    for damage in ("", "[", "[1]", '[{"name": "x"}]', "null", "[" * 100_000):
        kept(home).write_text(damage)
        with pytest.raises(ConfigError, match="it is damaged"):
            TrustList.read()
    kept(home).write_bytes(b"\xff")
    with pytest.raises(ConfigError, match="is not used"):
        TrustList.read()
    other = home / "other.json"
    other.write_text(text)
    other.chmod(0o600)
    kept(home).unlink()
    kept(home).symlink_to(other)
    with pytest.raises(ConfigError, match="a file of yours"):
        TrustList.read()


def test_a_list_that_cannot_be_written_stays_as_it_was(site: Site, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    site.install("nice", GOOD)
    site.install("other", GOOD.replace("mine", "theirs"))
    TrustList.add(provider("nice"))
    before = kept(home).read_text()

    def full(*given: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(ConfigError, match="No space left on device"):
        TrustList.add(provider("other"))
    assert kept(home).read_text() == before


# The commands.


def run(*arguments: str) -> str:
    result = CliRunner().invoke(command, list(arguments), obj=State(), catch_exceptions=False)
    assert result.exit_code == 0
    return result.stdout


def fails(*arguments: str) -> RebalkitError:
    with pytest.raises(RebalkitError) as caught:
        CliRunner().invoke(command, list(arguments), obj=State(), catch_exceptions=False)
    return caught.value


def test_the_commands_trust_list_and_distrust_without_importing(site: Site) -> None:
    site.install("nice-one", "raise RuntimeError('imported')", version="2")
    assert ["nice-one", "2", "(plugin", "nice-one)", "not", "trusted"] in [line.split() for line in run("trust").splitlines()]
    said = run("trust", "Nice_One")
    assert "nice-one 2 (plugin nice-one)" in said
    assert f"Trusted now, as sha256 {TrustList.read().entries[0].sha256}." in said
    assert "\n  author: not named\n  files: 4 below" in said
    site.update("nice-one", "pass", "3")
    assert "changed since it was trusted" in run("trust")
    assert "Trusted again" in run("trust", "nice-one")
    assert "is not trusted any more" in run("untrust", "nice-one")
    assert "not trusted" in run("trust")
    assert "nice_one" not in sys.modules
    assert fails("untrust", "nice-one").code == "unknown_plugin"
    assert fails("trust", "nice-on").remedy == "Did you mean 'nice-one'?"
    assert "comes with rebalkit" in run("trust", "rebalkit")
    states = {one["plugin"]: one["trust"] for one in json.loads(run("list", "--json"))["plugins"]}
    assert (states["builtin"], states["nice-one"]) == ("built in", "not trusted")


def test_the_command_trusts_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("own.py").write_text(HEAD + GOOD)
    assert str(tmp_path / "own.py") in run("trust", "own.py")
    assert TrustList.read().entries[0].name == str(tmp_path / "own.py")
    Path("rebalkit.toml").write_text('plugins = ["./own.py"]')
    assert "trusted" in run("trust").splitlines()[-1]
    assert fails("trust", "missing.py").code == "unknown_plugin"
    run("untrust", "own.py")
    assert TrustList.read().entries == ()


def test_what_a_plugin_says_of_itself_cannot_act_on_the_terminal(site: Site) -> None:
    site.install(
        "rude", "@hookimpl\ndef rebalkit_strategies(): return [StrategyRecord('rude', 'a\\x1b[2Jb\\u202e', factory=len)]"
    )
    assert "\x1b" not in run("list") + run("show", "rude")
