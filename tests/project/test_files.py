"""Rules for every file of the repository: its length, and what it must not name."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = (".ci", "_core", "bench", "src", "tests", "wheels")
CODE = {".py", ".pyi", ".pyx", ".pxd", ".h", ".c"}
SKIPPED = {"__pycache__", "out"}

MOST_LINES = 399
MOST_LINES_OF_FUNCTION = 40

# A checkout must work on any machine: no folder of one, and no package registry by its host.
FORBIDDEN = re.compile(
    r"(?<![\w.~$}])/(?:work|root|home|Users|opt)/\w"
    r"|(?:pypi|pythonhosted|npmjs|crates|debian|conda|anaconda)\.(?:org|io|com|net)\b",
    re.IGNORECASE,
)


def texts() -> list[tuple[Path, str]]:
    """Every text file, by path; binary test data is left out."""
    paths = [p for p in ROOT.iterdir() if p.is_file() and p.name != ".git"]
    paths += [p for name in FOLDERS for p in (ROOT / name).rglob("*") if p.is_file()]
    found = []
    for path in sorted(paths):
        if not SKIPPED.isdisjoint(path.parts) or path.suffix in {".so", ".pyd"}:
            continue
        try:
            found.append((path, path.read_text(encoding="utf-8")))
        except UnicodeDecodeError:
            continue
    return found


def too_long(path: Path, text: str) -> list[str]:
    """Complaints about the file's length and, in Python, its functions'; docstrings are free."""
    lines = text.count("\n")
    found = [f"{path.name}: {lines} lines"] if lines > MOST_LINES else []
    for node in ast.walk(ast.parse(text)) if path.suffix == ".py" else ():
        if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            continue
        first = node.body[0]
        documented = ast.get_docstring(node, clean=False) is not None
        docstring = first.end_lineno - first.lineno + 1 if documented else 0
        length = node.end_lineno - node.lineno + 1 - docstring
        if length > MOST_LINES_OF_FUNCTION:
            found.append(f"{path.name}:{node.lineno}: {node.name} has {length} lines")
    return found


def test_files_and_functions_are_short():
    code = [(path, text) for path, text in texts() if path.suffix in CODE]
    assert len(code) > 3, "no code found: this test looked at nothing"
    assert [line for path, text in code for line in too_long(path, text)] == []


def test_no_file_names_a_machine_or_a_registry():
    found = [
        f"{path.relative_to(ROOT)}:{text.count(chr(10), 0, match.start()) + 1}: {match[0]}"
        for path, text in texts()
        for match in FORBIDDEN.finditer(text)
    ]
    assert found == []


def test_a_long_file_is_found():
    assert too_long(Path("a.h"), "\n" * 399) == []
    assert too_long(Path("a.h"), "\n" * 400) == ["a.h: 400 lines"]


def test_a_long_function_is_found():
    body = "def f():\n    '''\n    one\n    '''\n" + "    x = 1\n" * 39
    assert too_long(Path("a.py"), body) == []
    assert too_long(Path("a.py"), body + "    y = 2\n") == ["a.py:1: f has 41 lines"]


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("cd " + "/ho" + "me/someone", True),
        ("see '" + "/wo" + "rk/x'", True),
        ("pip install -i https://" + "py" + "pi.org/simple", True),
        ("https://files.python" + "hosted.org/x", True),
        ("~/.pyenv/versions, $HOME/work/x, a/work/b, /usr/bin/env", False),
        ("protobuf.dev/programming-guides/encoding", False),
    ],
)
def test_a_forbidden_name_is_found(text, wrong):
    assert bool(FORBIDDEN.search(text)) is wrong
