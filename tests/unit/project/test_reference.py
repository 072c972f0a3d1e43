"""The reference says all that the program says."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[3]


def test_the_generated_pages_are_what_the_program_says() -> None:
    done = subprocess.run(
        [sys.executable, str(ROOT / "tools" / "reference_pages.py"), "--check"], capture_output=True, text=True, check=False
    )
    assert done.stderr == ""
    assert done.returncode == 0


def test_every_finding_is_in_the_reference_and_no_other() -> None:
    sources = [*(ROOT / "src/rebalkit/checks").glob("*.py"), *(ROOT / "src/rebalkit/pipeline").glob("*.py")]
    said = set()
    for path in sources:
        said |= set(re.findall(r'\b(?:blocking|warning|info|say|severity|Finding)\(\s*"([a-z_]+)"', path.read_text()))
    page = (ROOT / "docs/reference/findings.md").read_text()
    listed = {code for row in re.findall(r"^\| (`[^|]*) \|", page, re.M) for code in re.findall(r"`([a-z_]+)`", row)}
    assert said == listed
