"""The hook specifications: when each hook is called, and what its answer does.

Registration hooks return frozen records. Life-cycle hooks watch a run: a decider (`rebalkit_before_order`) fails closed, an
observer fails open. Each implementation is called alone, so that one that raises is named and cannot silence the others.
"""

from __future__ import annotations

from collections.abc import Iterable

import pluggy

from rebalkit.model import Execution, Finding, OrderRequest, OrderStatus, Plan, Snapshot
from rebalkit.plugin import (
    BrokerRecord,
    CheckRecord,
    CommandRecord,
    HistoryReaderRecord,
    PortfolioReaderRecord,
    PriceSourceRecord,
    ReporterRecord,
    StrategyRecord,
    TaxRuleRecord,
)

__all__ = ["LifeCycle", "Registration"]

hookspec = pluggy.HookspecMarker("rebalkit")


class Registration:
    """Hooks that are called once, at the start. Each returns the records that the plugin adds; names are unique among all plugins."""

    @hookspec
    def rebalkit_brokers(self) -> Iterable[BrokerRecord]:  # type: ignore[empty-body]
        """Brokers, selected with ``plugin = "name"`` in ``[brokers.…]``."""

    @hookspec
    def rebalkit_strategies(self) -> Iterable[StrategyRecord]:  # type: ignore[empty-body]
        """Strategies, selected with ``name`` in ``[strategy]``."""

    @hookspec
    def rebalkit_reporters(self) -> Iterable[ReporterRecord]:  # type: ignore[empty-body]
        """Reporters, selected with ``--reporter``."""

    @hookspec
    def rebalkit_checks(self) -> Iterable[CheckRecord]:  # type: ignore[empty-body]
        """Checks. All of them run on every plan; one that raises is a blocking finding."""

    @hookspec
    def rebalkit_price_sources(self) -> Iterable[PriceSourceRecord]:  # type: ignore[empty-body]
        """Sources of daily prices for simulations."""

    @hookspec
    def rebalkit_history_readers(self) -> Iterable[HistoryReaderRecord]:  # type: ignore[empty-body]
        """Readers of brokers' transaction exports. All of them are asked which one recognises a file."""

    @hookspec
    def rebalkit_portfolio_readers(self) -> Iterable[PortfolioReaderRecord]:  # type: ignore[empty-body]
        """Readers of portfolios downloaded from brokers' websites. All of them are asked which one recognises a file."""

    @hookspec
    def rebalkit_tax_rules(self) -> Iterable[TaxRuleRecord]:  # type: ignore[empty-body]
        """Replacements for parts of the tax rules."""

    @hookspec
    def rebalkit_commands(self) -> Iterable[CommandRecord]:  # type: ignore[empty-body]
        """Commands of the command line, beside the built-in ones."""


class LifeCycle:
    """Hooks that follow a run."""

    @hookspec
    def rebalkit_after_snapshot(self, snapshot: Snapshot) -> None:
        """Observer: the account was read. Nothing can be changed."""

    @hookspec
    def rebalkit_after_plan(self, snapshot: Snapshot, plan: Plan) -> Iterable[Finding]:  # type: ignore[empty-body]
        """Decider: the findings it returns are added to those of the checks. Raising is a blocking finding."""

    @hookspec
    def rebalkit_before_order(self, plan: Plan, request: OrderRequest) -> str | None:
        """Decider, before each order is placed: a sentence vetoes the order, None lets it pass. Raising is a veto."""

    @hookspec
    def rebalkit_order_event(self, plan: Plan, status: OrderStatus) -> None:
        """Observer: an order was placed or changed its state."""

    @hookspec
    def rebalkit_run_finished(self, execution: Execution) -> None:
        """Observer: an execution has ended."""
