"""What a configuration says, as frozen values."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any, TypeVar

from attrs import field, frozen

from rebalkit.config.problems import KeyPath, join
from rebalkit.config.profile import ProfileConfig
from rebalkit.config.structure import structure
from rebalkit.model import HoldingMethod, IdentityGroups, Limits, OlderReplacement, Targets

__all__ = ["AccountConfig", "BrokerConfig", "Config", "StrategyConfig", "TaxConfig"]

T = TypeVar("T")


@frozen
class AccountConfig:
    """One account: ``[accounts.NAME]``.

    Attributes:
        broker: An instance of ``[brokers]``, or a plugin that needs no settings.
        account_id: Its id at the broker; None = the one that the broker has, if it has only one that is taxable.
    """

    broker: str
    account_id: str | None = None


@frozen
class BrokerConfig:
    """One connection to a broker: ``[brokers.NAME]``.

    Attributes:
        plugin: Name of the broker among the installed plugins; by default the name of the instance.
        settings: The other keys as they stand; the settings class of the plugin gives them a meaning.
    """

    plugin: str
    settings: Mapping[str, Any] = field(factory=dict)


@frozen
class StrategyConfig:
    """The strategy: ``[strategy]``.

    Attributes:
        name: Name of the strategy among the installed plugins.
        settings: The other keys as they stand; the settings class of the strategy gives them a meaning.
    """

    name: str = "greedy"
    settings: Mapping[str, Any] = field(factory=dict)


@frozen
class TaxConfig:
    """What the person declares for the wash-sale rule: ``[tax]``.

    Attributes:
        identical: Which symbols the rule treats as one.
        same_index: Whether it also treats the built-in sets of funds that track one index as one.
        older_replacement: Whether older shares of the window replace newer ones.
        holding: How the holding period passes to the replacement.
        accept_wash: Symbols that may be bought although that washes an earlier loss.
        wash_budget: USD of newly disallowed losses that one plan may cause, only into taxable accounts.
        profile: What the person says of their own taxes: ``[tax.profile]``; None = nothing, and then no tax is counted in dollars.
    """

    identical: IdentityGroups = IdentityGroups()
    same_index: bool = True
    older_replacement: OlderReplacement = OlderReplacement.COUNT
    holding: HoldingMethod = HoldingMethod.ADDED
    accept_wash: tuple[str, ...] = ()
    wash_budget: Decimal = Decimal(0)
    profile: ProfileConfig | None = None


@frozen
class Config:
    """A configuration in which no problem is left, but for the settings of plugins, which only the plugin knows.

    Attributes:
        accounts: The accounts by name.
        brokers: The connections by name.
        targets: The asset classes; None when the files have none.
        strategy: The strategy.
        tax: What the wash-sale rule is told.
        limits: What every plan must respect.
        execution: What every order must respect right before it is sent, as it stands; `execution_rules` gives it a meaning.
        plugins: Project-local plugin files, absolute.
        path: The configuration file; None when there is none.
        origins: The file that each top-level section came from.
        overridden: Paths that ``--set`` gave, with the option as it was written.
    """

    accounts: Mapping[str, AccountConfig] = field(factory=dict)
    brokers: Mapping[str, BrokerConfig] = field(factory=dict)
    targets: Targets | None = None
    strategy: StrategyConfig = StrategyConfig()
    tax: TaxConfig = TaxConfig()
    limits: Limits = Limits()
    execution: Mapping[str, Any] = field(factory=dict)
    plugins: tuple[Path, ...] = ()
    path: Path | None = None
    origins: Mapping[str, Path] = field(factory=dict, repr=False)
    overridden: Mapping[KeyPath, str] = field(factory=dict, repr=False)

    def broker(self, name: str) -> BrokerConfig:
        """The connection ``name``: an instance of ``[brokers]``, or else the plugin of that name without settings."""
        return self.brokers.get(name) or BrokerConfig(plugin=name)

    def broker_settings(self, name: str, kind: type[T]) -> T:
        """The settings of the connection ``name`` as the attrs class ``kind`` of its plugin.

        Raises ConfigError with all problems.
        """
        return structure(kind, self.broker(name).settings, lambda path: self.place("brokers", name, *path))

    def strategy_settings(self, kind: type[T]) -> T:
        """The settings of the strategy as its attrs class ``kind``. Raises ConfigError with all problems."""
        return structure(kind, self.strategy.settings, lambda path: self.place("strategy", *path))

    def execution_rules(self, kind: type[T]) -> T:
        """``[execution]`` as the attrs class ``kind``. Raises ConfigError with all problems."""
        return structure(kind, self.execution, lambda path: self.place("execution", *path))

    def place(self, *path: str | int) -> str:
        """Where the key at ``path`` was written: in which file, or by which ``--set``."""
        for given, option in self.overridden.items():
            if path[: len(given)] == given:
                return option
        origin = self.origins.get(str(path[0])) if path else self.path
        return join(path, str(origin) if origin else "")
