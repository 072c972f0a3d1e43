"""Run folders: every stage of a run as a file, so that any stage can be run again from the one before it."""

from __future__ import annotations

import datetime as dt
import errno
import glob
import itertools
import json
import os
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from attrs import Attribute, field, frozen

from rebalkit.errors import DataError, UsageError
from rebalkit.model.findings import Finding
from rebalkit.model.orders import OrderPreview
from rebalkit.model.plans import Plan
from rebalkit.model.reports import Execution, Report
from rebalkit.model.snapshots import Snapshot
from rebalkit.pipeline.promised import with_promises
from rebalkit.pipeline.request import PlanRequest
from rebalkit.serial import digest, dumps, from_plain, loads

__all__ = ["Origin", "RunFolder", "create_run", "run_name", "unwritable"]

_AGAIN = "Plan again: `rebalkit plan`."
_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


def run_name(now: dt.datetime, plan_id: str, live: bool | None = None) -> str:
    """Name of the folder of a run: its moment in UTC, its plan, and ``live`` where its orders move real money."""
    return f"{now.astimezone(dt.UTC):%Y%m%dT%H%M%SZ}-{plan_id}{'-live' if live else ''}"


def _aware(_: Any, __: Attribute[dt.datetime], moment: dt.datetime) -> None:
    if moment.tzinfo is None:
        raise DataError("a moment without its zone", code="naive_moment", remedy=_AGAIN)


@frozen
class Origin:
    """Where the snapshot of a run came from. It is no part of the plan: the same account gives the same plan a minute later.

    Attributes:
        read: The moment when the account began to be read; a plan made again from its snapshot is as old as that.
        live: Whether orders there move real money; None where it takes none.
    """

    read: dt.datetime = field(validator=_aware)
    live: bool | None


@frozen
class RunFolder:
    """A folder with the files of a run.

    These are origin.json, snapshot.json, request.json, plan.json, findings.json and, later, previews.json, execution.json and reports.
    """

    path: Path

    @classmethod
    def open(cls, path: Path) -> RunFolder:
        """An existing run folder. Raises UsageError when ``path`` is none."""
        if not (path / "snapshot.json").is_file():
            raise UsageError(
                "this is not the folder of a run: it has no snapshot.json",
                place=str(path),
                code="no_run",
                remedy="Give a folder that `rebalkit plan` made, such as the newest one in runs/.",
            )
        return cls(path)

    @classmethod
    def find(cls, run: str, runs: Path) -> RunFolder:
        """The run folder ``run``, or else the newest one under ``runs`` whose plan's id begins with ``run``.

        Raises UsageError when there is neither.
        """
        if Path(run).exists() or os.sep in run:
            return cls.open(Path(run))
        found = sorted(runs.glob(f"[0-9]*Z-{glob.escape(run)}*")) if run else []
        if not found:
            raise UsageError(
                f"there is no run of a plan {run!r}",
                place=str(runs),
                code="no_run",
                remedy="`rebalkit plan` says where its run is.",
            )
        return cls.open(found[-1])

    def save_plan(self, report: Report, request: PlanRequest, origin: Origin | None = None) -> None:
        """Write the stages up to the findings. ``report`` must hold a plan; without ``origin`` it is none for real money."""
        plan = report.plan
        if plan is None:
            raise ValueError("there is no plan to save")
        if origin is not None:
            self.write("origin.json", dumps(origin))
        self.write("snapshot.json", dumps(report.snapshot))
        self.write("request.json", dumps(request))
        self.write("plan.json", dumps({"plan": plan, "plan_id": plan.plan_id, "request": digest(request)}))
        self.save_findings(report.findings)

    def save_findings(self, findings: tuple[Finding, ...]) -> None:
        """Write what the checks say."""
        self.write("findings.json", dumps(findings))

    def save_execution(self, execution: Execution) -> None:
        """Write what was done."""
        self.write("execution.json", dumps(execution))

    def save_previews(self, previews: tuple[OrderPreview, ...]) -> None:
        """Write the broker's word on the orders before they were placed."""
        self.write("previews.json", dumps(previews))

    def origin(self) -> Origin | None:
        """Where the snapshot came from; None when that was not kept. Raises DataError when the file is not what was written."""
        if not (self.path / "origin.json").exists():
            return None
        return loads(Origin, self._read("origin.json"), str(self.path / "origin.json"))

    def snapshot(self) -> Snapshot:
        """The snapshot. Raises DataError when the file is missing or is not one."""
        return loads(Snapshot, self._read("snapshot.json"), str(self.path / "snapshot.json"))

    def request(self) -> PlanRequest:
        """The request. Raises DataError when the file is missing or is not one."""
        return loads(PlanRequest, self._read("request.json"), str(self.path / "request.json"))

    def plan(self) -> Plan:
        """The plan. Raises DataError when it is not the one that its own id, the snapshot and the request stand for."""
        place = str(self.path / "plan.json")
        text = self._read("plan.json")
        try:
            document = json.loads(text)
            plan_id, request, body = document["plan_id"], document["request"], document["plan"]
        except (ValueError, TypeError, KeyError, RecursionError):
            raise DataError("this is not a plan", place=place, code="bad_file", remedy=_AGAIN) from None
        plan = from_plain(Plan, body, place)
        if plan.plan_id != plan_id:
            raise DataError("the plan was changed after it was made", place=place, code="plan_changed", remedy=_AGAIN)
        for name, made_from, now in (
            ("snapshot.json", plan.snapshot, self.snapshot().digest),
            ("request.json", request, digest(self.request())),
        ):
            if made_from != now:
                reason = "it was changed after the plan was made from it"
                raise DataError(reason, place=str(self.path / name), code="plan_changed", remedy=_AGAIN)
        return plan

    def findings(self) -> tuple[Finding, ...]:
        """What the checks said."""
        return loads(tuple[Finding, ...], self._read("findings.json"), str(self.path / "findings.json"))

    def execution(self) -> Execution | None:
        """What was done; None while nothing was."""
        if not (self.path / "execution.json").exists():
            return None
        return loads(Execution, self._read("execution.json"), str(self.path / "execution.json"))

    def report(self) -> Report:
        """All of the run as a report is given it."""
        request, origin = self.request(), self.origin()
        return with_promises(
            Report(
                self.snapshot(),
                request.targets,
                self.plan(),
                self.findings(),
                self.execution(),
                request.limits,
                request.policy,
                live=origin.live if origin else None,
            )
        )

    def write(self, name: str, text: str) -> Path:
        """Write one file whole or not at all; only the owner can read it. Raises UsageError when it cannot be written."""
        target = self.path / name
        try:
            handle, temporary = tempfile.mkstemp(dir=self.path, prefix=f".{name}-")
            try:
                with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as file:
                    file.write(text)
                Path(temporary).replace(target)
            except BaseException:
                Path(temporary).unlink(missing_ok=True)
                raise
        except OSError as problem:
            raise unwritable(target, problem) from None
        return target

    def _read(self, name: str) -> str:
        path = self.path / name
        try:
            return path.read_text(encoding="utf-8")
        except OSError as problem:
            reason = f"cannot be read: {problem.strerror}"
        except UnicodeDecodeError:
            reason = "cannot be read: it is not text in UTF-8"
        raise DataError(reason, place=str(path), code="bad_file", remedy=_AGAIN)


def create_run(parent: Path, name: str, fill: Callable[[RunFolder], object]) -> RunFolder:
    """A new run folder under ``parent`` that appears whole once ``fill`` has written into it, or not at all when ``fill`` raises.

    Raises UsageError when ``parent`` cannot be written.
    """
    try:
        parent.mkdir(parents=True, exist_ok=True)
        # Python 3.12 and later answer with an absolute path; a person gave a relative one and is told it.
        hidden = parent / Path(tempfile.mkdtemp(dir=parent, prefix=f".{name}-")).name
    except OSError as problem:
        raise unwritable(parent, problem) from None
    try:
        fill(RunFolder(hidden))
        return RunFolder(_named(hidden, name))
    except BaseException:
        shutil.rmtree(hidden, ignore_errors=True)
        raise


def unwritable(path: Path, problem: OSError) -> UsageError:
    """The error that ``path`` cannot be written."""
    remedy = "Make room or name another folder." if problem.errno in _FULL else "Name another folder."
    return UsageError(f"cannot be written: {problem.strerror}", place=str(path), code="unwritable", remedy=remedy)


def _named(hidden: Path, name: str) -> Path:
    """Give a run folder its name, or the first of those with a number at the end that is free."""
    for number in itertools.count(1):
        target = hidden.with_name(name if number == 1 else f"{name}-{number}")
        try:
            return hidden.rename(target)
        except OSError:
            # Another run of the same second; a folder that is not empty is never replaced.
            if not target.exists():
                raise
    raise AssertionError("numbers do not end")
