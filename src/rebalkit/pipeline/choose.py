"""From a configuration and the words of a command line to a request."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from rebalkit.config import Config, suggestion
from rebalkit.errors import ConfigError, UsageError
from rebalkit.execution.rules import ExecutionRules
from rebalkit.model.policy import WashPolicy
from rebalkit.pipeline.request import PlanRequest, Source
from rebalkit.tax.policy import declared_policy

if TYPE_CHECKING:
    from rebalkit.registry import Registry

__all__ = ["choose_policy", "choose_request", "choose_source"]


def choose_source(config: Config, *, folder: Path | None = None, broker: str | None = None, account: str | None = None) -> Source:
    """Where the account is.

    Args:
        config: The configuration.
        folder: A folder of CSV files; wins over everything else.
        broker: A broker of the configuration, or a plugin without settings.
        account: An account of the configuration, or the broker's own name of it.

    Raises:
        UsageError: It is not clear which broker is meant.
    """
    if folder is not None:
        if broker is not None:
            raise UsageError("a folder and a broker are both given", place="--from, --broker", remedy="Give one of them.")
        return Source("files", {"folder": str(folder)}, account)
    named = config.accounts.get(account) if account is not None else None
    if broker is None and account is None and len(config.accounts) == 1:
        (named,) = config.accounts.values()
    if named is not None and broker in (None, named.broker):
        broker, account = named.broker, named.account_id
    if broker is None and account is not None and config.accounts:
        raise UsageError(
            f"the configuration has no account {account!r}",
            place="--account",
            code="unknown_account",
            remedy=f"{suggestion(account, config.accounts)} For another one name its broker, too (--broker NAME).",
        )
    if broker is None:
        known = f"Name one: {', '.join(f'--account {name}' for name in config.accounts)}." if config.accounts else ""
        raise UsageError(
            "it is not said where the account is",
            code="no_account",
            remedy=known or "Give a folder of CSV files (--from FOLDER) or a broker (--broker NAME).",
        )
    instance = config.brokers.get(broker)
    if instance is None:
        return Source(broker, {}, account)
    return Source(instance.plugin, instance.settings, account, broker if len(config.brokers) > 1 else "")


def choose_policy(config: Config) -> WashPolicy:
    """How ``config`` reads the wash-sale rule."""
    tax = config.tax
    return declared_policy(
        tax.identical.groups, same_index=tax.same_index, older_replacement=tax.older_replacement, holding=tax.holding
    )


def choose_request(config: Config, source: Source, registry: Registry) -> PlanRequest:
    """The request for a plan of the account at ``source``.

    Raises:
        UsageError: The strategy is not installed.
        ConfigError: There are no targets, or the strategy does not take its settings.
    """
    if config.targets is None:
        raise ConfigError(
            "there are no targets",
            place=str(config.path) if config.path else "",
            code="no_targets",
            remedy="Give a file with [[asset_class]] blocks (--targets FILE), or write one with `rebalkit init`.",
        )
    record = registry.strategy(config.strategy.name)
    config.strategy_settings(record.settings())  # here a problem still knows its file and line
    return PlanRequest(
        source,
        config.targets,
        config.strategy.name,
        config.strategy.settings,
        config.limits,
        choose_policy(config),
        config.tax.accept_wash,
        config.tax.wash_budget,
        tuple(str(path) for path in config.plugins),
        config.execution_rules(ExecutionRules),
    )
