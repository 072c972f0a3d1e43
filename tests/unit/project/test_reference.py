"""The reference says all that the program says."""

from __future__ import annotations

import re
import runpy
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from rebalkit.cli.root import root
from rebalkit.cli.state import State
from rebalkit.model.reasons import TEMPLATES

ROOT = Path(__file__).parents[3]


def options_of(command: click.Command, ctx: click.Context, path: str) -> Iterator[tuple[str, str]]:
    """Every option of ``command`` and of the commands below it, with the path of its command."""
    for parameter in command.params:
        if isinstance(parameter, click.Option):
            yield from ((path, name) for name in parameter.opts if name.startswith("--"))
    if isinstance(command, click.Group):
        for name in command.list_commands(ctx):
            inner = command.get_command(ctx, name)
            assert inner is not None
            yield f"{path} {name}", "--help"
            yield from options_of(inner, ctx, f"{path} {name}")


def test_every_command_and_option_is_in_the_reference() -> None:
    """Its layout is compared by ``nox -s docs``, since it changes with releases of click."""
    page = (ROOT / "docs/reference/commands.md").read_text()
    sections = dict(re.findall(r"^## (.*?)\n(.*?)(?=^## |\Z)", page, re.M | re.S))
    state = State(plugins=False)
    with click.Context(root, info_name="rebalkit", obj=state) as ctx:
        wanted = [
            *options_of(root, ctx, "rebalkit"),
            *options_of(state.registry.commands["paper"].factory(), ctx, "rebalkit paper"),
        ]
    missing = [(path, name) for path, name in wanted if name not in sections.get(path, page if path == "rebalkit" else "")]
    assert len(wanted) > 40
    assert missing == []


def test_every_finding_is_in_the_reference_and_no_other() -> None:
    sources = [*(ROOT / "src/rebalkit/checks").glob("*.py"), *(ROOT / "src/rebalkit/pipeline").glob("*.py")]
    said = set()
    for path in sources:
        said |= set(re.findall(r'\b(?:blocking|warning|info|say|severity|Finding)\(\s*"([a-z_]+)"', path.read_text()))
    page = (ROOT / "docs/reference/findings.md").read_text()
    listed = {code for row in re.findall(r"^\| (`[^|]*) \|", page, re.M) for code in re.findall(r"`([a-z_]+)`", row)}
    assert said == listed


@pytest.mark.parametrize("name", ["json", "reasons"])
def test_the_pages_of_documents_and_reasons_are_what_the_program_says(name: str) -> None:
    written = runpy.run_path(str(ROOT / "tools/reference_pages.py"))[f"{name}_page"]()
    assert (ROOT / f"docs/reference/{name}.md").read_text(encoding="utf-8") == written


def test_every_reason_that_a_strategy_gives_has_a_sentence_and_every_sentence_a_strategy() -> None:
    sources = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "src/rebalkit/strategies").rglob("*.py"))
    given = set(re.findall(r'\b(?:Reason|_note)\((?:[^(),]+,)?\s*"([a-z_]+)"', sources))
    assert len(given) > 10
    assert given - set(TEMPLATES) == set()
    assert {code for code in TEMPLATES if f'"{code}"' not in sources} == set()
