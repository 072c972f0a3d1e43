"""The pipeline for people who program: what ``import rebalkit`` gives."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rebalkit.errors import ConfigError
from rebalkit.model.findings import Limits
from rebalkit.model.policy import WashPolicy
from rebalkit.model.reports import Report
from rebalkit.model.snapshots import Snapshot
from rebalkit.model.targets import Targets
from rebalkit.money import to_decimal

if TYPE_CHECKING:
    from rebalkit.registry import Registry

__all__ = ["document", "plan", "read_folder", "read_targets"]


def read_folder(
    folder: str | Path, targets: Targets, *, account: str | None = None, as_of: dt.date | str | None = None
) -> Snapshot:
    """An account from a folder of CSV files (see the files broker), with everything that a plan is made from.

    What earlier plans promised not to buy (``rebalkit promises``) is part of it.

    Args:
        folder: The folder with accounts.csv, lots.csv, prices.csv and transactions.csv.
        targets: What it should hold: the snapshot has the quotes of these symbols and of those held.
        account: Name of the account to plan; None for the only taxable one.
        as_of: Day of the plan in New York, or its ISO text; None for today.

    Raises:
        DataError: The files are wrong; all problems are in it, each with its file, line and column. Or the promises cannot be read.
        UsageError: No such account, or it must be said which one.
    """
    from rebalkit.brokers.files import FilesBroker, FilesSettings
    from rebalkit.pipeline.promises import HOUSEHOLD
    from rebalkit.pipeline.snapshot import take_snapshot

    day = dt.date.fromisoformat(as_of) if isinstance(as_of, str) else as_of
    return take_snapshot(FilesBroker(FilesSettings(str(folder))), account, targets, day, promises=HOUSEHOLD.load())


def read_targets(file: str | Path) -> Targets:
    """The targets of a TOML file with ``[[asset_class]]`` blocks. Raises ConfigError with all problems of the file."""
    from rebalkit.config import load_config

    targets = load_config(Path(file)).targets
    if targets is None:
        raise ConfigError("there are no targets", place=str(file), code="no_targets", remedy="Add [[asset_class]] blocks.")
    return targets


def plan(
    snapshot: Snapshot,
    targets: Targets,
    strategy: str = "greedy",
    *,
    limits: Limits | None = None,
    identical: Iterable[Iterable[str]] = (),
    same_index: bool = True,
    accept_wash: Iterable[str] = (),
    wash_budget: Decimal | int | str = 0,
    policy: WashPolicy | None = None,
    **settings: Any,
) -> Report:
    """A checked plan: ``report.plan`` is the plan, ``report.findings`` what the checks say, ``report.blocked`` whether it may not be executed.

    Args:
        snapshot: The account.
        targets: What it should hold.
        strategy: Name of the strategy.
        limits: What the plan must respect.
        identical: Sets of symbols that the wash-sale rule treats as one.
        same_index: Whether it also treats the built-in sets of funds that track one index as one.
        accept_wash: Symbols whose purchase is allowed although it washes an earlier loss.
        wash_budget: USD of newly disallowed losses that the plan may cause, only into taxable accounts.
        policy: How the rule is read, instead of ``identical`` and ``same_index``.
        settings: Settings of the strategy, such as ``max_gain_to_realize=200``.

    Raises:
        UsageError: No such strategy.
        ConfigError: Settings that it does not take.
        PlanError: The account cannot be planned as asked.
    """
    from rebalkit.pipeline.plan import plan_report
    from rebalkit.pipeline.request import PlanRequest, Source
    from rebalkit.tax.policy import declared_policy

    request = PlanRequest(
        Source("", {}, snapshot.account.account),
        targets,
        strategy,
        settings,
        limits or Limits(),
        policy or declared_policy(identical, same_index=same_index),
        tuple(accept_wash),
        to_decimal(wash_budget),
    )
    return plan_report(_registry(), snapshot, request)


def document(report: Report) -> dict[str, Any]:
    """What ``--json`` prints of ``report``, as plain data."""
    from rebalkit.report.json_report import document_of

    return document_of(report)


@cache
def _registry() -> Registry:
    from rebalkit.registry import Registry

    return Registry.load()
