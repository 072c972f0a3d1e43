"""The examples of the README and of the documentation do what the text beside them says.

Of a page, in order and in one empty folder: ``python`` blocks are run (with ``>>>`` their output is compared), and so are
``console`` blocks, whose lines after ``$`` are commands of bash and whose other lines, if any, are the output (``...`` stands for
anything). ``<!-- file: NAME -->`` before a block of whatever language first writes it as a file. Blocks of other languages are for
reading only; ``sh`` and ``py`` are the names of those that look the same and are not run.
"""

from __future__ import annotations

import builtins
import doctest
import os
import re
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

import pytest
from sybil import Document, Example, Region, Sybil
from sybil.example import SybilFailure
from sybil.parsers.markdown import CodeBlockParser, PythonCodeBlockParser

from etrade_server import EtradeServer
from etrade_world import etrade
from rebalkit_etrade import session
from rebalkit_etrade.wire.hosts import loopback

__all__ = ["etrade"]

ROOT = Path(__file__).parents[2]
FLAGS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
NAMED = re.compile(r"^<!-- file: (?P<name>[\w./-]+) -->\n+(?P<fence>`{3,})[^\n]*\n(?P<text>.*?)^(?P=fence)$", re.M | re.S)


def parse_files(document: Document) -> Iterable[Region]:
    """The comments that name a file; the block itself stays for the other parsers."""
    for found in NAMED.finditer(document.text):
        yield Region(found.start(), found.end("name"), (found["name"], found["text"]), write_file)


def write_file(example: Example) -> None:
    name, text = example.parsed
    path = Path(name)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def run_console(example: Example) -> None:
    """Run each command of the block; it must end with 0 and print what the block shows, if it shows anything."""
    text = str(example.parsed).replace("\\\n", "")
    for part in re.split(r"^\$ ", text, flags=re.M)[1:]:
        command, _, expected = part.partition("\n")
        ran = subprocess.run(
            ["bash", "-c", command], check=False, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=300
        )
        if ran.returncode:
            raise SybilFailure(example, f"$ {command}\n{ran.stdout}(exit code {ran.returncode})")
        if expected.strip() and not doctest.OutputChecker().check_output(expected, ran.stdout, FLAGS):
            raise SybilFailure(example, f"$ {command}\nshown:\n{expected}\nprinted:\n{ran.stdout}")


EXAMPLES = Sybil(
    parsers=[
        PythonCodeBlockParser(doctest_optionflags=FLAGS),
        CodeBlockParser("console", run_console),
        parse_files,
    ]
)


ELSEWHERE = {"etrade-client.md"}
"""Pages whose examples need something beside them, and have a test of their own."""


def pages_with_examples() -> list[Path]:
    found = [page for page in sorted((ROOT / "docs").rglob("*.md")) if page.name not in ELSEWHERE]
    pages = [page for page in found if list(EXAMPLES.parse(page).examples())]
    return [ROOT / "README.md", *pages]


@pytest.fixture
def workplace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder to work in, where ``rebalkit`` is a command; of the repository it has the vectors, which are in no package."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests" / "vectors").symlink_to(ROOT / "tests" / "vectors")
    monkeypatch.setenv("PATH", os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]))
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.setenv("NO_COLOR", "1")
    return tmp_path


def run_page(page: Path) -> None:
    examples = list(EXAMPLES.parse(page).examples())
    assert examples, f"{page} shows nothing that could be run"
    for example in examples:
        example.evaluate()


@pytest.mark.parametrize("page", pages_with_examples(), ids=lambda page: page.relative_to(ROOT).as_posix())
@pytest.mark.usefixtures("workplace")
def test_page(page: Path) -> None:
    run_page(page)


@pytest.mark.usefixtures("workplace")
def test_the_page_of_the_etrade_client(
    etrade: EtradeServer, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The local server stands in the place of E*TRADE, and a person opens the page that is printed and types the code."""
    monkeypatch.setattr(session, "PRODUCTION", loopback(etrade.url))
    monkeypatch.setattr(builtins, "input", lambda prompt: etrade.authorize(capsys.readouterr().out.split()[-1]))
    run_page(ROOT / "docs" / "how-to" / "etrade-client.md")
    assert etrade.book.accounts[0].orders[0].status == "CANCELLED"


def test_blocks_of_a_page_build_on_each_other(workplace: Path) -> None:
    page = workplace / "page.md"
    page.write_text(
        "<!-- file: settings/a.toml -->\n```toml\nanswer = 42\n```\n\n"
        "```python\nimport tomllib\nwith open('settings/a.toml', 'rb') as file:\n    read = tomllib.load(file)\n```\n\n"
        "```python\n>>> read['answer']\n42\n```\n\n"
        "```console\n$ cat settings/a.toml\nanswer = ...\n$ echo one \\\n  two > b\n$ cat b\none two\n```\n\n"
        "```sh\nexit 1\n```\n",
        encoding="utf-8",
    )
    run_page(page)
    assert (workplace / "b").read_text(encoding="utf-8") == "one two\n"


@pytest.mark.parametrize(
    ("block", "complaint"),
    [
        ("```python\n>>> 1 + 1\n3\n```\n", "Got:\n *2"),
        ("```python\nassert False, 'wrong'\n```\n", "wrong"),
        ("```console\n$ echo hello\ngoodbye\n```\n", "printed:\nhello"),
        ("```console\n$ exit 3\n```\n", "exit code 3"),
    ],
)
def test_an_example_that_is_wrong_fails(workplace: Path, block: str, complaint: str) -> None:
    page = workplace / "page.md"
    page.write_text(block, encoding="utf-8")
    with pytest.raises(AssertionError, match=complaint):
        run_page(page)
