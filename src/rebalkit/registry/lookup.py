"""The registry: all plugins, by name."""

from __future__ import annotations

import os
import shlex
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any, TypeVar, cast

import pluggy

from rebalkit.config import suggestion
from rebalkit.errors import UsageError
from rebalkit.plugin import (
    BrokerRecord,
    CheckRecord,
    CommandRecord,
    HistoryReaderRecord,
    PortfolioReaderRecord,
    PriceSourceRecord,
    Record,
    ReporterRecord,
    StrategyRecord,
    TaxRuleRecord,
)
from rebalkit.registry.modules import hang, new_manager
from rebalkit.registry.problems import PluginProblem, described
from rebalkit.registry.providers import Provider, find_providers, unknown_names
from rebalkit.registry.records import KINDS, Kind, collect

__all__ = ["Registry"]

R = TypeVar("R", bound=Record)

DISABLE = "REBALKIT_DISABLE_PLUGINS"


class Registry:
    """All plugins of this process, by name. Make it with `load`.

    Attributes:
        providers: Who brings plugins, in the order in which they count; those that are switched off or failed included.
        problems: What was left out, and why. Warnings, until somebody asks for what was left out.
    """

    providers: tuple[Provider, ...]
    problems: tuple[PluginProblem, ...]

    def __init__(self, providers: Sequence[Provider], only: Callable[[Provider], str] | None = None) -> None:
        self.providers = tuple(providers)
        self._manager: pluggy.PluginManager = new_manager()
        self._of_key: dict[str, Provider] = {}
        self._found: dict[str, dict[str, list[tuple[Provider, Record]]]] = {kind.name: {} for kind in KINDS}
        problems: list[PluginProblem] = []
        for number, provider in enumerate(providers):
            if provider.disabled:
                continue
            key = f"{number}:{provider.name}"
            objection = only(provider) if only else ""
            if objection:
                problems.append(PluginProblem(provider.name, provider, objection, _trust(provider)))
                continue
            problem = hang(self._manager, provider, key)
            if problem is None:
                self._of_key[key] = provider
            else:
                problems.append(problem)
        for kind in KINDS:
            problems += self._gather(kind)
        self.problems = tuple(problems)

    @classmethod
    def load(
        cls,
        *,
        plugins: bool = True,
        disabled: Iterable[str] | None = None,
        local: Sequence[Path] = (),
        only: Callable[[Provider], str] | None = None,
    ) -> Registry:
        """Find and import all plugins. One that fails is left out and becomes one of `problems`.

        Args:
            plugins: Whether to load others than those that come with rebalkit, which always are.
            disabled: Names of plugins or of distributions to leave out; None for those that the environment variable
                ``REBALKIT_DISABLE_PLUGINS`` lists, separated by commas. The core of rebalkit cannot be left out.
            local: Python files of a project, imported after all others.
            only: Says of a provider why it must not be imported, or nothing. Where real money moves it is
                `rebalkit.registry.TrustList.objection`. What is left out so becomes one of `problems`, too.
        """
        names = os.environ.get(DISABLE, "").split(",") if disabled is None else list(disabled)
        off = [name.strip() for name in names if name.strip()]
        registry = cls(list(find_providers(plugins, off, local)), only)
        if plugins:
            unknown = unknown_names(registry.providers, off)
            registry.problems += tuple(
                PluginProblem(name, None, f"{DISABLE} names a plugin that is not installed") for name in unknown
            )
        return registry

    def _gather(self, kind: Kind) -> Iterator[PluginProblem]:
        for provider, answer in self._calls(kind.hook):
            if isinstance(answer, Exception):
                reason = f"{kind.hook} failed: {described(answer)}"
                yield PluginProblem(provider.name, provider, reason, kind=kind.name, cause=answer)
                continue
            for one in collect(kind, provider, answer):
                if isinstance(one, PluginProblem):
                    yield one
                    continue
                claims = self._found[kind.name].setdefault(one.name, [])
                claims.append((provider, one))
                if len(claims) > 1:
                    yield PluginProblem(
                        provider.name, provider, f"the {kind.name} {one.name!r} is also registered by {claims[0][0]}",
                        _disable(claims), kind.name, one.name,
                    )  # fmt: skip

    @property
    def loaded(self) -> tuple[Provider, ...]:
        """Those of `providers` whose code was imported."""
        return tuple(self._of_key.values())

    @property
    def brokers(self) -> Mapping[str, BrokerRecord]:
        """The brokers by name."""
        return self._of(BrokerRecord)

    @property
    def strategies(self) -> Mapping[str, StrategyRecord]:
        """The strategies by name."""
        return self._of(StrategyRecord)

    @property
    def reporters(self) -> Mapping[str, ReporterRecord]:
        """The reporters by name."""
        return self._of(ReporterRecord)

    @property
    def checks(self) -> Mapping[str, CheckRecord]:
        """The checks by name, all of which run on every plan.

        Every check is in use, so that a broken one cannot merely be left out. Raises UsageError when two plugins claim the name of
        one, when a plugin registers a check that cannot be used, or when a project-local file, which may hold one, is broken.
        """
        for problem in self.problems:
            if problem.kind == "check" or (not problem.kind and problem.provider and problem.provider.local):
                raise _fatal(problem)
        return self._of(CheckRecord)

    @property
    def price_sources(self) -> Mapping[str, PriceSourceRecord]:
        """The sources of prices by name."""
        return self._of(PriceSourceRecord)

    @property
    def history_readers(self) -> Mapping[str, HistoryReaderRecord]:
        """The readers of transaction exports by name."""
        return self._of(HistoryReaderRecord)

    @property
    def portfolio_readers(self) -> Mapping[str, PortfolioReaderRecord]:
        """The readers of downloaded portfolios by name."""
        return self._of(PortfolioReaderRecord)

    @property
    def tax_rules(self) -> Mapping[str, TaxRuleRecord]:
        """The replacements of tax rules by name."""
        return self._of(TaxRuleRecord)

    @property
    def commands(self) -> Mapping[str, CommandRecord]:
        """The commands of plugins by name."""
        return self._of(CommandRecord)

    def broker(self, name: str) -> BrokerRecord:
        """The broker ``name``. Raises UsageError when there is none, or none that can be used."""
        return self._named(BrokerRecord, name)

    def strategy(self, name: str) -> StrategyRecord:
        """The strategy ``name``. Raises UsageError when there is none, or none that can be used."""
        return self._named(StrategyRecord, name)

    def reporter(self, name: str) -> ReporterRecord:
        """The reporter ``name``. Raises UsageError when there is none, or none that can be used."""
        return self._named(ReporterRecord, name)

    def price_source(self, name: str) -> PriceSourceRecord:
        """The price source ``name``. Raises UsageError when there is none, or none that can be used."""
        return self._named(PriceSourceRecord, name)

    def history_reader(self, name: str) -> HistoryReaderRecord:
        """The reader of transaction exports ``name``. Raises UsageError when there is none, or none that can be used."""
        return self._named(HistoryReaderRecord, name)

    def tax_rule(self, name: str) -> TaxRuleRecord:
        """The tax rule ``name``. Raises UsageError when there is none, or none that can be used."""
        return self._named(TaxRuleRecord, name)

    def command(self, name: str) -> CommandRecord:
        """The command ``name``. Raises UsageError when there is none, or none that can be used."""
        return self._named(CommandRecord, name)

    def listing(self) -> list[tuple[str, Record, Provider]]:
        """Every record that was registered, with its kind and provider, also those whose name two plugins claim."""
        return [
            (kind, record, provider)
            for kind, names in self._found.items()
            for claims in names.values()
            for provider, record in claims
        ]

    def decide(self, hook: str, **arguments: Any) -> list[tuple[str, Any]]:
        """Ask every implementation of a decider. Deciders fail closed: the caller takes an exception among the answers as a no.

        Returns:
            The provider of each implementation with its answer, or with the exception that it raised.
        """
        return [(str(provider), answer) for provider, answer in self._calls(hook, **arguments)]

    def observe(self, hook: str, **arguments: Any) -> list[PluginProblem]:
        """Tell every observer. Observers fail open: what they raise is returned, and nothing else depends on them."""
        return [
            PluginProblem(provider.name, provider, f"{hook} failed: {described(answer)}", cause=answer)
            for provider, answer in self._calls(hook, **arguments)
            if isinstance(answer, Exception)
        ]

    def _calls(self, hook: str, **arguments: Any) -> Iterator[tuple[Provider, Any]]:
        """Call each implementation of ``hook`` alone, in the order of the providers, so that one that raises silences no other."""
        implementations = getattr(self._manager.hook, hook).get_hookimpls()
        order = list(self._of_key)
        for one in sorted(implementations, key=lambda one: order.index(one.plugin_name)):
            try:
                answer = one.function(*(arguments[name] for name in one.argnames))
                # A generator has not done anything yet.
                answer = list(answer) if isinstance(answer, Iterator) else answer
            except SystemExit as error:
                answer = RuntimeError(f"it wanted to end the program ({error})")
            except Exception as error:  # noqa: BLE001 - the caller decides what an exception means
                answer = error
            yield self._of_key[one.plugin_name], answer

    def _of(self, record: type[R]) -> Mapping[str, R]:
        names = self._found[_KIND_OF[record].name]
        return MappingProxyType({name: cast(R, claims[0][1]) for name, claims in names.items() if len(claims) == 1})

    def _named(self, record: type[R], name: str) -> R:
        kind = _KIND_OF[record].name
        claims = self._found[kind].get(name, [])
        if len(claims) == 1:
            return cast(R, claims[0][1])
        if claims:
            both = " and ".join(str(provider) for provider, _ in claims)
            raise UsageError(f"the {kind} {name!r} is registered by {both}", code="contested_plugin", remedy=_disable(claims))
        for problem in self.problems:
            if (problem.kind == kind and problem.record == name) or (not problem.kind and problem.plugin == name):
                raise _fatal(problem)
        known = self._of(record)
        hints = [suggestion(name, known)]
        if not hints[0].startswith("Known") and known:
            hints.append(f"Installed: {', '.join(sorted(known))}.")
        off = [str(one) for one in self.providers if one.disabled]
        if off:
            hints.append(f"Switched off: {', '.join(off)}.")
        hints += [f"Left out: {problem}" for problem in self.problems if not problem.record and problem.provider]
        raise UsageError(f"there is no {kind} named {name!r}", code="unknown_plugin", remedy=" ".join(hints))


_KIND_OF: dict[type[Record], Kind] = {kind.record: kind for kind in KINDS}


def _trust(provider: Provider) -> str:
    return f"If you trust it: rebalkit plugins trust {shlex.quote(provider.module if provider.local else provider.distribution)}"


def _disable(claims: Sequence[tuple[Provider, Record]]) -> str:
    """What to do about a name that two plugins claim."""
    one = next((provider for provider, _ in reversed(claims) if provider.name != "builtin"), claims[-1][0])
    if one.local:
        return "Rename it in the project's file."
    return f"Uninstall one of them, or set {DISABLE}={one.name}."


def _fatal(problem: PluginProblem) -> UsageError:
    """A problem that somebody has run into."""
    error = UsageError(problem.reason, place=str(problem.provider or problem.plugin), remedy=problem.remedy, code="broken_plugin")
    error.__cause__ = problem.cause
    return error
