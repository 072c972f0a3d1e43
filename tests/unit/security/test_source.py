"""What the source never does, beside what `tests/unit/project/test_rooms.py` forbids: no shell, no parser that expands, no endless wait."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[3] / "src"
MODULES = sorted(SOURCE.rglob("*.py"))

UNSAFE_MODULES = {"cloudpickle", "code", "codeop", "joblib", "yaml"}
# XML may be written. It is not parsed: what Python has for it expands entities.
XML = {"fromstring", "parse", "iterparse", "XMLParser", "XML"}
UNSAFE_CALLS = {
    ("os", "system"), ("os", "popen"), ("tempfile", "mktemp"), ("pd", "eval"), ("pandas", "eval"), ("pd", "read_pickle"),
    ("pandas", "read_pickle"), ("ssl", "_create_unverified_context"),
}  # fmt: skip
REQUESTS = {"get", "post", "put", "delete", "head", "patch", "request", "options"}


def is_true(node: ast.expr | None) -> bool:
    return node is not None and not (isinstance(node, ast.Constant) and node.value is False)


def faults(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import | ast.ImportFrom):
            names = [node.module or ""] if isinstance(node, ast.ImportFrom) else [one.name for one in node.names]
            unsafe = [
                name for name in names if name.partition(".")[0] in UNSAFE_MODULES or name.startswith(("xml.sax", "xml.dom"))
            ]
            yield from (f"{node.lineno}: imports {name}" for name in unsafe)
        elif isinstance(node, ast.Call):
            yield from (f"{node.lineno}: {fault}" for fault in faults_of_call(node))


def faults_of_call(node: ast.Call) -> Iterator[str]:
    before, what = "", ast.unparse(node.func)
    if isinstance(node.func, ast.Attribute):
        before, what = ast.unparse(node.func.value), node.func.attr
    given = {one.arg: one.value for one in node.keywords}
    if (before, what) in UNSAFE_CALLS or (what in XML and before.rpartition(".")[2] in {"ElementTree", "ET", "etree"}):
        yield f"{before}.{what}"
    if is_true(given.get("shell")):
        yield "a shell"
    if (before == "requests" or before.lower().endswith("session")) and what in REQUESTS and "timeout" not in given:
        yield f"{before}.{what} without a timeout"
    if what == "urlopen" and "timeout" not in given:
        yield "urlopen without a timeout"
    if "verify" in given and not is_true(given["verify"]):
        yield "a certificate that is not checked"
    if "autoescape" in given and not (isinstance(given["autoescape"], ast.Constant) and given["autoescape"].value is True):
        yield "a page whose text is not escaped"


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.relative_to(SOURCE).as_posix())
def test_f118_no_module_asks_a_shell_waits_for_ever_or_trusts_what_it_is_sent(module: Path) -> None:
    assert list(faults(ast.parse(module.read_text(encoding="utf-8")))) == []


@pytest.mark.parametrize(
    "code",
    [
        "import yaml", "from xml.dom.minidom import parse", "os.system(x)", "tempfile.mktemp()", "pd.eval(x)",
        "subprocess.run(x, shell=True)", "subprocess.run(x, shell=y)", "requests.get(x)", "session.post(x)", "self._session.request(x)",
        "request.urlopen(x)", "urlopen(x)", "ElementTree.fromstring(x)", "session.get(x, timeout=3, verify=False)",
        "Environment(autoescape=select_autoescape())", "Environment(autoescape=False)",
    ],
)  # fmt: skip
def test_the_look_at_the_source_finds_what_it_looks_for(code: str) -> None:
    assert list(faults(ast.parse(code)))


@pytest.mark.parametrize(
    "code",
    [
        "requests.get(x, timeout=3)", "subprocess.run([x], shell=False)", "mapping.get(x)", "ElementTree.tostring(x)",
        "Environment(autoescape=True)",
    ],
)  # fmt: skip
def test_the_look_at_the_source_lets_the_rest_pass(code: str) -> None:
    assert list(faults(ast.parse(code))) == []
