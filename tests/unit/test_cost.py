"""What starting costs: nothing heavy is imported on the way from an account to a report."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from rebalkit.sample import SAMPLE_AS_OF, sample_folder

PROBE = """
import contextlib, io, json, pathlib, sys
from rebalkit.cli import main
with contextlib.redirect_stdout(io.StringIO()), contextlib.suppress(SystemExit):
    main(sys.argv[1:])
# Not getrusage: its peak is that of the process that started this one, where that was larger.
status = pathlib.Path("/proc/self/status")
peak = [int(line.split()[1]) for line in status.read_text().splitlines() if line.startswith("VmHWM")] if status.exists() else [0]
print(json.dumps([sorted(sys.modules), peak[0]]))
"""


def probed(folder: Path, *arguments: str) -> tuple[set[str], float]:
    """The modules that a command imports, and its peak memory in megabytes; 0 where the system is not Linux, which tells it."""
    plain = {name: value for name, value in os.environ.items() if name != "FORCE_COLOR"}
    command = [sys.executable, "-c", PROBE, *arguments]
    done = subprocess.run(command, cwd=folder, env=plain, capture_output=True, text=True, check=True)
    modules, kilobytes = json.loads(done.stdout)
    return {name for name in modules if "." not in name or name.startswith(("rebalkit", "rich"))}, kilobytes / 1024


def test_a_plan_with_its_page_imports_no_array_library_and_stays_small(tmp_path: Path) -> None:
    sample = str(sample_folder())
    arguments = ("plan", "--from", sample, "--targets", f"{sample}/targets.toml", "--as-of", str(SAMPLE_AS_OF))
    modules, megabytes = probed(tmp_path, *arguments)
    assert modules.isdisjoint({"numpy", "pandas", "requests", "holidays", "hypothesis", "rich.console", "rich.text"})
    assert "jinja2" in modules
    assert megabytes < 60
    assert list(tmp_path.glob("runs/*/report.html"))
    bare, _ = probed(tmp_path, *arguments, "--json")
    assert "rich" not in bare


def test_help_imports_next_to_nothing(tmp_path: Path) -> None:
    modules, _ = probed(tmp_path, "--help")
    assert modules.isdisjoint({"attr", "attrs", "cattrs", "pluggy", "rich", "jinja2", "numpy", "pandas"})
    assert not {name for name in modules if name.startswith(("rebalkit.model", "rebalkit.registry", "rebalkit_"))}
