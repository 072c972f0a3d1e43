"""Write the reference pages of the commands, the JSON documents and the reasons from what the program itself says.

python tools/reference_pages.py            # write docs/reference/{commands,json,reasons}.md
python tools/reference_pages.py --check    # exit 1 when a page is not what the program says
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import click

from rebalkit.cli.root import root
from rebalkit.cli.state import State
from rebalkit.model.reasons import TEMPLATES
from rebalkit.registry import Registry
from rebalkit.report.schema import DOCUMENTS, schema_of

FOLDER = Path(__file__).parents[1] / "docs" / "reference"
NOTE = "<!-- Written by tools/reference_pages.py; do not edit. -->\n\n"


def pages() -> dict[str, str]:
    """The text of each page by its file name."""
    return {"commands.md": commands_page(), "json.md": json_page(), "reasons.md": reasons_page()}


def commands_page() -> str:
    """Every command with its help."""
    with click.Context(
        root,
        info_name="rebalkit",
        help_option_names=["-h", "--help"],
        obj=State(plugins=False),
        terminal_width=100,
        max_content_width=100,
    ) as ctx:
        parts = [
            NOTE
            + "# Commands\n\nData goes to stdout, words go to stderr. Colours are left out when `NO_COLOR` is set or the output "
            "is no terminal. `--debug` can stand anywhere.\n",
            _help("rebalkit", root, ctx),
        ]
        names = [*root.list_commands(ctx), *Registry.load(plugins=False).commands]
        for name in names:
            command = root.get_command(ctx, name)
            assert command is not None
            parts += _command(f"rebalkit {name}", command, ctx)
    return "\n".join(parts)


def _command(path: str, command: click.Command, parent: click.Context) -> Iterator[str]:
    with click.Context(
        command, info_name=path.rpartition(" ")[2], parent=parent, terminal_width=100, max_content_width=100
    ) as ctx:
        yield f"## {path}\n"
        yield _help(path, command, ctx)
        if isinstance(command, click.Group):
            for name in command.list_commands(ctx):
                inner = command.get_command(ctx, name)
                assert inner is not None
                yield from _command(f"{path} {name}", inner, ctx)


def _help(path: str, command: click.Command, ctx: click.Context) -> str:
    return f"```text\n{command.get_help(ctx).rstrip()}\n```\n"


def json_page() -> str:
    """Every JSON document with its keys."""
    text = (
        NOTE
        + "# JSON documents\n\nMoney, quantities and percents are decimal numbers written as text, so that no reader turns them "
        "into binary floats. Losses are 0 or negative. `rebalkit schema NAME` prints the JSON Schema of a document, against which it "
        "is tested; keys are added in later versions, never renamed.\n"
    )
    for name in DOCUMENTS:
        schema = schema_of(name)
        text += f"\n## {name}\n\n{schema.get('title', '')}.\n\n| key | type | meaning |\n|---|---|---|\n"
        text += "".join(f"| `{key}` | {kind} | {meaning} |\n" for key, kind, meaning in _keys(schema, ""))
    return text


def _keys(schema: Mapping[str, Any], before: str) -> Iterator[tuple[str, str, str]]:
    for name, inner in schema.get("properties", {}).items():
        path = f"{before}{name}"
        shown = inner
        while shown.get("type") == "array" or "anyOf" in shown:
            path += "[]" if shown.get("type") == "array" else ""
            shown = shown["items"] if shown.get("type") == "array" else shown["anyOf"][0]
        yield path, _type(inner), inner.get("description", shown.get("description", ""))
        yield from _keys(shown, f"{path}.")


def _type(schema: Mapping[str, Any]) -> str:
    if "anyOf" in schema:
        return " or ".join(_type(one) for one in schema["anyOf"])
    if "enum" in schema:
        return ", ".join(f"`{one}`" for one in schema["enum"])
    if schema.get("type") == "array":
        return f"list of {_type(schema['items'])}"
    if schema.get("format") == "date":
        return "date"
    return "number as text" if str(schema.get("pattern", "")).startswith("^-?[0-9]") else str(schema.get("type", "any"))


def reasons_page() -> str:
    """Every code of a reason with its sentence."""
    rows = "".join(f"| `{code}` | {sentence} |\n" for code, sentence in TEMPLATES.items())
    return (
        NOTE
        + "# Reasons\n\nEvery order, and every trade that is not made, has a reason: a code, and the numbers that belong to it. "
        "These are the codes of the built-in strategies; the words in braces are keys beside `code` in the JSON document. Strategies "
        f"of others have codes of their own.\n\n| code | in words |\n|---|---|\n{rows}"
    )


def main() -> int:
    """Write the pages, or compare them."""
    wrong = []
    for name, text in pages().items():
        path = FOLDER / name
        if "--check" not in sys.argv[1:]:
            path.write_text(text, encoding="utf-8")
        elif not path.exists() or path.read_text(encoding="utf-8") != text:
            wrong.append(name)
    if wrong:
        sys.stderr.write(f"not what the program says: {', '.join(wrong)}; run python tools/reference_pages.py\n")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
