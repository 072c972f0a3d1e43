"""Run folders: every stage of a run as a file, so that any stage can be run again from the one before it."""

from __future__ import annotations

import datetime as dt
import json
import os
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

from attrs import frozen

from rebalkit.errors import DataError, UsageError
from rebalkit.model.findings import Finding
from rebalkit.model.orders import OrderPreview
from rebalkit.model.plans import Plan
from rebalkit.model.reports import Execution, Report
from rebalkit.model.snapshots import Snapshot
from rebalkit.pipeline.request import PlanRequest
from rebalkit.serial import dumps, from_plain, loads

__all__ = ["RunFolder", "create_run", "run_name"]


def run_name(now: dt.datetime, plan_id: str) -> str:
    """Name of the folder of a run: its moment in UTC and its plan."""
    return f"{now.astimezone(dt.UTC):%Y%m%dT%H%M%SZ}-{plan_id}"


@frozen
class RunFolder:
    """A folder with snapshot.json, request.json, plan.json, findings.json and, later, previews.json, execution.json and reports."""

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

    def save_plan(self, report: Report, request: PlanRequest) -> None:
        """Write the stages up to the findings. ``report`` must hold a plan."""
        plan = report.plan
        if plan is None:
            raise ValueError("there is no plan to save")
        self.write("snapshot.json", dumps(report.snapshot))
        self.write("request.json", dumps(request))
        self.write("plan.json", dumps({"plan": plan, "plan_id": plan.plan_id}))
        self.write("findings.json", dumps(report.findings))

    def save_execution(self, execution: Execution) -> None:
        """Write what was done."""
        self.write("execution.json", dumps(execution))

    def save_previews(self, previews: tuple[OrderPreview, ...]) -> None:
        """Write the broker's word on the orders before they were placed."""
        self.write("previews.json", dumps(previews))

    def snapshot(self) -> Snapshot:
        """The snapshot. Raises DataError when the file is missing or is not one."""
        return loads(Snapshot, self._read("snapshot.json"), str(self.path / "snapshot.json"))

    def request(self) -> PlanRequest:
        """The request. Raises DataError when the file is missing or is not one."""
        return loads(PlanRequest, self._read("request.json"), str(self.path / "request.json"))

    def plan(self) -> Plan:
        """The plan. Raises DataError when it is not the one that its own id and the snapshot stand for."""
        place = str(self.path / "plan.json")
        text = self._read("plan.json")
        try:
            document = json.loads(text)
            plan_id, body = document["plan_id"], document["plan"]
        except (ValueError, TypeError, KeyError) as problem:
            raise DataError(
                f"not a plan: {problem}", place=place, code="bad_file", remedy="Plan again: `rebalkit plan`."
            ) from None
        plan = from_plain(Plan, body, place)
        if plan.plan_id != plan_id or plan.snapshot != self.snapshot().digest:
            raise DataError(
                "the plan was changed after it was made", place=place, code="plan_changed", remedy="Plan again: `rebalkit plan`."
            )
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
        request = self.request()
        return Report(
            self.snapshot(), request.targets, self.plan(), self.findings(), self.execution(), request.limits, request.groups
        )  # fmt: skip

    def write(self, name: str, text: str) -> Path:
        """Write one file whole or not at all; only the owner can read it."""
        target = self.path / name
        handle, temporary = tempfile.mkstemp(dir=self.path, prefix=f".{name}-")
        try:
            with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as file:
                file.write(text)
            Path(temporary).replace(target)
        except BaseException:
            Path(temporary).unlink(missing_ok=True)
            raise
        return target

    def _read(self, name: str) -> str:
        path = self.path / name
        try:
            return path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as problem:
            raise DataError(
                f"cannot be read: {problem}", place=str(path), code="bad_file", remedy="Plan again: `rebalkit plan`."
            ) from None


def create_run(parent: Path, name: str, fill: Callable[[RunFolder], object]) -> RunFolder:
    """A new run folder under ``parent`` that appears whole once ``fill`` has written into it, or not at all when ``fill`` raises.

    Raises UsageError when ``parent`` cannot be written to.
    """
    try:
        parent.mkdir(parents=True, exist_ok=True)
        hidden = Path(tempfile.mkdtemp(dir=parent, prefix=f".{name}-"))
    except OSError as problem:
        raise UsageError(
            f"cannot be written to: {problem.strerror}",
            place=str(parent),
            code="runs_folder",
            remedy="Give another folder (--runs DIR).",
        ) from None
    target, number = parent / name, 1
    while target.exists():
        number += 1
        target = parent / f"{name}-{number}"
    try:
        fill(RunFolder(hidden))
        hidden.rename(target)
    except BaseException:
        shutil.rmtree(hidden, ignore_errors=True)
        raise
    return RunFolder(target)
