"""Text from outside, at the places where it is let in and where it comes out (F118). The reports have their own tests of this."""

from __future__ import annotations

import ast
import unicodedata
from contextlib import suppress
from pathlib import Path

import pytest
from click.testing import CliRunner

import report_samples
from fake_plugins import HEAD
from rebalkit.cli.ending import ended
from rebalkit.cli.plugins import command
from rebalkit.cli.state import State
from rebalkit.errors import BrokerError, DataError, RebalkitError, UsageError
from rebalkit.execution.disk.paths import journal_path
from rebalkit.model import check_symbol
from rebalkit.outside_text import clean, clean_lines
from rebalkit.pipeline.stopping import ask_to_stop
from rebalkit_paper.store import path_of

HOSTILE = (
    *report_samples.EVIL,
    "../../etc/passwd", "..\\..\\x", "/etc/passwd", "C:\\x", "a/b", ".", "..", "~", "~root", "a\0b", "con", "-rf", "--help",
    "VTI' OR '1'='1", "VTI; DROP TABLE event", "VTI<a>", "VTI&x", "]]>", "<!ENTITY x SYSTEM 'file:///etc/passwd'>", "${jndi:ldap://x}",
    "{{7*7}}", "{0.__class__}", "%s%n", "`id`", "$(id)", "=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "VTI\n", " VTI", "VTI ", "vti",
    "VTI\x1b[2J", "\x9b2J", "\x1b]0;title\x07", "VTI\u202e", "\u2066VTI", "V\u200bTI", "\ufeffVTI",
    "ＶＴＩ", "VТI", "V" * 17, "", "1VTI", "\ud800",
)  # fmt: skip
UNSEEN = ("Cc", "Cf", "Cs", "Co", "Cn")


@pytest.mark.parametrize("text", HOSTILE)
def test_f118_nothing_but_a_symbol_is_let_in_as_one(text: str) -> None:
    with pytest.raises(DataError, match="is not a ticker symbol"):
        check_symbol(text)


@pytest.mark.parametrize("text", HOSTILE[:-1])  # half of a character is no name in any file system
def test_f118_no_name_reaches_another_folder(text: str, home: Path) -> None:
    folder = home / "rebalkit/journal"
    for path in (journal_path(text, "main"), journal_path("broker", text)):
        assert path.parent == folder
        assert path.stem.isalnum()
    with suppress(UsageError):
        assert path_of(text).parent == home / "rebalkit/paper"


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("debug", [False, True])
def test_f118_what_an_error_quotes_cannot_act_on_the_terminal(text: str, debug: bool, capsys: pytest.CaptureFixture[str]) -> None:
    def fails(error: Exception) -> None:
        raise error

    errors = (
        BrokerError(f"it said {text}", place=text, remedy=text),
        RebalkitError.together([DataError(text), DataError(f"{text}!")]),
        ValueError(text),
        OSError(5, text, text),
    )
    for error in errors:
        assert ended(lambda error=error: fails(error), debug=debug) > 0  # type: ignore[misc]
    out, err = capsys.readouterr()
    assert out == ""
    assert [one for one in err if one != "\n" and unicodedata.category(one) in UNSEEN] == []


@pytest.mark.parametrize("text", HOSTILE)
def test_f118_lines_keep_their_layout_and_lose_what_is_not_seen(text: str) -> None:
    laid_out = clean_lines(f"  a  |{text}\n    b")
    assert laid_out.startswith("  a  |")
    assert laid_out.endswith("\n    b")
    assert [one for one in laid_out if one != "\n" and unicodedata.category(one) in UNSEEN] == []
    assert clean_lines(laid_out) == laid_out
    assert "\n" not in clean(f"a{text}")


def test_f118_what_a_plugin_or_a_file_says_of_itself_cannot_act_on_the_terminal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    evil = "a\\x1b[2J\\u202eb"
    Path("own.py").write_text(
        HEAD
        + f'from attrs import frozen\n\n@frozen\nclass Mine:\n    """{evil}\n\n    Attributes:\n        word: {evil}\n    """\n\n'
        + f'    word: str = "{evil}"\n\n@hookimpl\ndef rebalkit_strategies():\n'
        + f'    return [StrategyRecord("mine", "{evil}", factory=len, settings=lambda: Mine)]\n'
        + f'\n@hookimpl\ndef rebalkit_reporters():\n    raise ValueError("{evil}")\n'
    )
    Path("rebalkit.toml").write_text('plugins = ["./own.py"]')
    for arguments in (["list"], ["show", "mine"], ["trust", "own.py"], ["trust"]):
        result = CliRunner().invoke(command, arguments, obj=State(), catch_exceptions=False)
        assert "\x1b" not in result.output, arguments
        assert "\u202e" not in result.output, arguments
    import datetime as dt

    from rebalkit.cli.stop import command as stop

    ask_to_stop("odd\x1b[2J market", dt.datetime(2025, 4, 8, tzinfo=dt.UTC))
    assert "\x1b" not in CliRunner().invoke(stop, ["--show"], catch_exceptions=False).output


def test_f118_tables_are_written_in_one_place_which_guards_against_formulas() -> None:
    """And in the writer of a folder of CSV files, which a person makes for rebalkit to read, and which gives back what was put in."""
    source = Path(__file__).parents[3] / "src"
    writers = set()
    for path in source.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Attribute) and ast.unparse(node) in {"csv.writer", "csv.DictWriter"}:
                writers.add(path.relative_to(source).as_posix())
    assert writers == {"rebalkit/report/csv_report.py", "rebalkit/brokers/files/writer.py"}
