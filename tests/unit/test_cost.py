"""What starting costs: nothing heavy is imported on the way from an account to a report."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from rebalkit.sample import SAMPLE_AS_OF, sample_folder

PROBE = """
import contextlib, io, json, resource, sys
from rebalkit.cli import main
with contextlib.redirect_stdout(io.StringIO()), contextlib.suppress(SystemExit):
    main(sys.argv[1:])
print(json.dumps([sorted(sys.modules), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss]))
"""


def probed(folder: Path, *arguments: str) -> tuple[set[str], float]:
    """The modules that a command imports, and its peak memory in megabytes."""
    done = subprocess.run([sys.executable, "-c", PROBE, *arguments], cwd=folder, capture_output=True, text=True, check=True)
    modules, kilobytes = json.loads(done.stdout)
    return {name for name in modules if "." not in name or name.startswith("rebalkit")}, kilobytes / 1024


def test_a_plan_with_its_page_imports_no_array_library_and_stays_small(tmp_path: Path) -> None:
    sample = str(sample_folder())
    arguments = ("plan", "--from", sample, "--targets", f"{sample}/targets.toml", "--as-of", str(SAMPLE_AS_OF))
    modules, megabytes = probed(tmp_path, *arguments)
    assert modules.isdisjoint({"numpy", "pandas", "requests", "holidays", "hypothesis"})
    assert "jinja2" in modules
    assert megabytes < 60
    assert list(tmp_path.glob("runs/*/report.html"))
    bare, _ = probed(tmp_path, *arguments, "--json")
    assert "rich" not in bare


def test_help_imports_next_to_nothing(tmp_path: Path) -> None:
    modules, _ = probed(tmp_path, "--help")
    assert modules.isdisjoint({"attr", "attrs", "cattrs", "pluggy", "rich", "jinja2", "numpy", "pandas"})
    assert not {name for name in modules if name.startswith(("rebalkit.model", "rebalkit.registry", "rebalkit_"))}
