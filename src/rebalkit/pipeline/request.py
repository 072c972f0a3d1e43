"""What is asked for: all that a plan is made from beside the snapshot."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from attrs import field, frozen

from rebalkit.execution.rules import ExecutionRules
from rebalkit.model.findings import Limits
from rebalkit.model.policy import WashPolicy
from rebalkit.model.targets import Targets

__all__ = ["PlanRequest", "Source"]


@frozen
class Source:
    """Where the account is.

    Attributes:
        broker: Name of the broker plugin.
        settings: Its settings as they stand in the configuration; secrets only by reference.
        account: Name of the account at the broker; None for the only taxable one.
        name: Name of the broker in a configuration that has several: the command to log in needs it. Empty otherwise.
    """

    broker: str
    settings: Mapping[str, Any] = field(factory=dict)
    account: str | None = None
    name: str = ""


@frozen
class PlanRequest:
    """One request, kept in the run folder so that every stage can be run again.

    Attributes:
        source: Where the account is.
        targets: What it should hold.
        strategy: Name of the strategy.
        strategy_settings: Its settings as they stand in the configuration.
        limits: What the plan must respect.
        policy: How the wash-sale rule is read.
        accept_wash: Symbols whose purchase is allowed although it washes an earlier loss.
        wash_budget: USD of newly disallowed losses that the plan may cause, only into taxable accounts.
        plugins: Project-local plugin files.
        execution: What every order must respect right before it is sent.
    """

    source: Source
    targets: Targets
    strategy: str = "greedy"
    strategy_settings: Mapping[str, Any] = field(factory=dict)
    limits: Limits = Limits()
    policy: WashPolicy = WashPolicy()
    accept_wash: tuple[str, ...] = ()
    wash_budget: Decimal = Decimal(0)
    plugins: tuple[str, ...] = ()
    execution: ExecutionRules = ExecutionRules()
