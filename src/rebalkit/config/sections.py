"""The sections of a configuration, one function each.

A problem is noted and its section left at the default, so that one look finds all of them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any, TypeVar

from attrs import evolve, frozen

from rebalkit.config.problems import problems_of, unknown_key
from rebalkit.config.profile import ProfileConfig
from rebalkit.config.references import inline_secrets
from rebalkit.config.schema import AccountConfig, BrokerConfig, Config, StrategyConfig, TaxConfig
from rebalkit.config.structure import structure
from rebalkit.config.values import Rank, Symbol, shown
from rebalkit.errors import ConfigError, UsageError
from rebalkit.model import AssetClass, HoldingMethod, IdentityGroups, Limits, OlderReplacement, Targets

__all__ = ["read_sections"]

T = TypeVar("T")


@frozen
class _ClassForm:
    name: str
    target: Decimal
    buy: tuple[Rank, ...] = ()
    hold: tuple[Symbol, ...] = ()


@frozen
class _TaxForm:
    identical: tuple[tuple[Symbol, ...], ...] = ()
    same_index: bool = True
    older_replacement: OlderReplacement = OlderReplacement.COUNT
    holding: HoldingMethod = HoldingMethod.ADDED
    accept_wash: tuple[Symbol, ...] = ()
    wash_budget: Decimal = Decimal(0)
    profile: ProfileConfig | None = None


@frozen
class _LimitsForm:
    reserve: Decimal = Decimal(0)
    max_order: Decimal | None = None
    max_turnover: Decimal | None = None


def read_sections(raw: Mapping[str, Any], empty: Config, problems: list[UsageError]) -> Config:
    """``empty`` with everything that ``raw`` says. What is wrong is added to ``problems``."""
    for path in inline_secrets({key: value for key, value in raw.items() if key != "asset_class"}):
        problems.append(
            ConfigError(
                "a secret does not belong into a configuration", place=empty.place(*path), code="inline_secret",
                remedy="Name where it is kept: keyring:SERVICE/NAME, env:VARIABLE or file:PATH.",
            )
        )  # fmt: skip
    reader = _Reader(empty, problems)
    found: dict[str, Any] = {}
    for key, value in raw.items():
        section = _SECTIONS.get(key)
        if section is None:
            problems.append(unknown_key(key, _SECTIONS, empty.place(key)))
            continue
        try:
            found["targets" if key == "asset_class" else key] = section(reader, value)
        except ConfigError as problem:
            problems.extend(one for one in problem.problems if isinstance(one, ConfigError))
    return evolve(empty, **{key: value for key, value in found.items() if value is not None})


@frozen
class _Reader:
    config: Config
    problems: list[UsageError]

    def form(self, kind: type[T], value: Any, *path: str | int) -> T | None:
        """``value`` as a ``kind``; None, with its problems noted, when it is none."""
        try:
            return structure(kind, value, lambda inner: self.config.place(*path, *inner))
        except ConfigError as problem:
            self.problems.extend(one for one in problem.problems if isinstance(one, ConfigError))
            return None

    def made(self, make: Callable[[], T], *path: str | int) -> T | None:
        """What ``make`` returns; None, with its problem noted at ``path``, when it refuses."""
        try:
            return make()
        except UsageError as problem:
            self.problems.extend(problems_of(problem, lambda inner: self.config.place(*path, *inner)))
            return None

    def note(self, reason: str, *path: str | int, code: str = "bad_value", remedy: str = "") -> None:
        self.problems.append(ConfigError(reason, place=self.config.place(*path), code=code, remedy=remedy))

    def tables(self, value: Any, section: str) -> dict[str, Mapping[str, Any]]:
        """The named tables of a section; what is no table is noted."""
        if not isinstance(value, Mapping):
            self.note(f"expected tables, got {shown(value)}", section, remedy=f"Write [{section}.NAME].")
            return {}
        for name, one in value.items():
            if not isinstance(one, Mapping):
                self.note(f"expected a table, got {shown(one)}", section, name, remedy=f"Write [{section}.{name}].")
        return {name: one for name, one in value.items() if isinstance(one, Mapping)}

    def selected(self, value: Mapping[str, Any], key: str, default: str, *path: str) -> tuple[str, dict[str, Any]]:
        """The plugin that the table ``value`` names under ``key``, and its other keys."""
        name = value.get(key, default)
        if not isinstance(name, str) or not name:
            self.note(f"expected the name of a plugin in quotes, got {shown(name)}", *path, key)
            name = default
        return name, {other: one for other, one in value.items() if other != key}


def _accounts(reader: _Reader, value: Any) -> dict[str, AccountConfig]:
    read = {name: reader.form(AccountConfig, one, "accounts", name) for name, one in reader.tables(value, "accounts").items()}
    return {name: account for name, account in read.items() if account is not None}


def _brokers(reader: _Reader, value: Any) -> dict[str, BrokerConfig]:
    tables = reader.tables(value, "brokers")
    return {name: BrokerConfig(*reader.selected(one, "plugin", name, "brokers", name)) for name, one in tables.items()}


def _asset_class(reader: _Reader, value: Any) -> Targets | None:
    if not isinstance(value, list):
        reader.note(f"expected a list of tables, got {shown(value)}", "asset_class", remedy="Write [[asset_class]].")
        return None
    before = len(reader.problems)
    classes = []
    for number, one in enumerate(value, 1):
        form = reader.form(_ClassForm, one, "asset_class", number)
        if form is not None:
            classes.append(
                reader.made(lambda form=form: AssetClass(form.name, form.target, form.buy, form.hold), "asset_class", number)  # type: ignore[misc]
            )
    if len(reader.problems) > before:
        return None
    return reader.made(lambda: Targets(tuple(one for one in classes if one is not None)), "asset_class")


def _strategy(reader: _Reader, value: Any) -> StrategyConfig | None:
    if not isinstance(value, Mapping):
        reader.note(f"expected a table, got {shown(value)}", "strategy", remedy="Write [strategy].")
        return None
    return StrategyConfig(*reader.selected(value, "name", "greedy", "strategy"))


def _tax(reader: _Reader, value: Any) -> TaxConfig | None:
    form = reader.form(_TaxForm, value, "tax")
    if form is None:
        return None
    for number, one in enumerate(form.identical, 1):
        if len(set(one)) < 2:
            reader.note("a set needs two symbols to make them identical", "tax", "identical", number)
    if form.wash_budget < 0:
        reader.note(f"{shown(form.wash_budget)} is below 0", "tax", "wash_budget")
    return TaxConfig(
        IdentityGroups(form.identical), form.same_index, form.older_replacement, form.holding, form.accept_wash, form.wash_budget,
        form.profile,
    )  # fmt: skip


def _limits(reader: _Reader, value: Any) -> Limits | None:
    form = reader.form(_LimitsForm, value, "limits")
    if form is None:
        return None
    if form.reserve < 0:
        reader.note(f"{shown(form.reserve)} is below 0", "limits", "reserve")
    for key, limit in (("max_order", form.max_order), ("max_turnover", form.max_turnover)):
        if limit is not None and limit <= 0:
            reader.note(f"{shown(limit)} is not above 0", "limits", key, remedy="Leave it out for no limit.")
    return Limits(form.reserve, form.max_order, form.max_turnover)


def _execution(reader: _Reader, value: Any) -> Mapping[str, Any] | None:
    if not isinstance(value, Mapping):
        reader.note(f"expected a table, got {shown(value)}", "execution", remedy="Write [execution].")
        return None
    return value


def _plugins(reader: _Reader, value: Any) -> tuple[Path, ...] | None:
    paths = reader.form(tuple[Path, ...], value, "plugins")
    if paths is None:
        return None
    origin = reader.config.origins.get("plugins")
    folder = origin.parent if origin else Path()
    for number, path in enumerate(paths, 1):
        if path.suffix != ".py":
            reader.note(f"{str(path)!r} is not a Python file", "plugins", number, remedy="Name a file that ends in .py.")
    return tuple((folder / path).resolve() for path in paths)


_SECTIONS: dict[str, Callable[[_Reader, Any], Any]] = {
    "accounts": _accounts,
    "brokers": _brokers,
    "asset_class": _asset_class,
    "strategy": _strategy,
    "tax": _tax,
    "limits": _limits,
    "execution": _execution,
    "plugins": _plugins,
}
