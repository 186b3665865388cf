"""What each source file imports: Python by its syntax tree, Cython by its import lines."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

PACKAGE = "tensorwire"
SUFFIXES = {".py", ".pyi", ".pyx", ".pxd"}
STRING = re.compile(r'"""(?:.|\n)*?"""' + r"|'''(?:.|\n)*?'''")
CYTHON_IMPORT = re.compile(
    r"^(?P<indent>[ \t]*)(?:from[ \t]+(?P<module>[\w.]+)[ \t]+)?c?import[ \t]+"
    r"(?P<names>\([^)]*\)|[^\n]*)",
    re.MULTILINE,
)


@dataclass(frozen=True)
class Import:
    """One name that one module imports; both names are absolute and dotted."""

    importer: str
    target: str
    line: int
    runs_at_import: bool


def sources(root: Path) -> list[Path]:
    """Every file that becomes part of the package."""
    folders = (root / "src" / PACKAGE, root / "_core")
    return sorted(p for folder in folders for p in folder.rglob("*") if p.suffix in SUFFIXES)


def module_of(path: Path, root: Path) -> str:
    """The dotted name under which ``path`` is imported; ``_core/x.pyx`` is ``..._core.x``."""
    parts = path.relative_to(root).with_suffix("").parts
    names = parts[1:] if parts[0] == "src" else (PACKAGE, *parts)
    return ".".join(names[:-1] if names[-1] == "__init__" else names)


def imports_of(path: Path, root: Path) -> Iterator[Import]:
    """All imports of one file, those inside functions too."""
    importer = module_of(path, root)
    package = importer if path.stem == "__init__" else importer.rpartition(".")[0]
    text = path.read_text(encoding="utf-8")
    if path.suffix in {".py", ".pyi"}:
        found = python_imports(ast.parse(text), path.suffix == ".py")
    else:
        found = cython_imports(text)
    for module, names, line, runs in found:
        for target in targets(module, names, package, root):
            yield Import(importer, target, line, runs)


def targets(module: str, names: list[str], package: str, root: Path) -> list[str]:
    """The modules that ``from module import names`` brings in, seen from inside ``package``."""
    depth = len(module) - len(module.lstrip("."))
    if depth:
        parents = package.split(".")
        start = parents[: len(parents) - depth + 1]
        module = ".".join([*start, module[depth:]]).rstrip(".")
    return sorted({submodule(module, name, root) for name in names}) or [module]


def submodule(module: str, name: str, root: Path) -> str:
    """``module.name`` if that is a module of the tree, else ``module``, which then holds a name."""
    path = root.joinpath("src", *module.split("."), name)
    return f"{module}.{name}" if path.is_dir() or path.with_suffix(".py").is_file() else module


def python_imports(tree: ast.AST, runs: bool) -> Iterator[tuple[str, list[str], int, bool]]:
    """(module, names, line, whether it runs when the module is imported)."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield alias.name, [], node.lineno, runs
        elif isinstance(node, ast.ImportFrom):
            module = "." * node.level + (node.module or "")
            yield module, [alias.name for alias in node.names], node.lineno, runs
        elif isinstance(node, ast.Call) and called(node) in {"import_module", "__import__"}:
            argument = node.args[0] if node.args else None
            if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
                yield argument.value, [], node.lineno, runs
        if isinstance(node, ast.If) and called(node.test) == "TYPE_CHECKING":
            yield from python_imports(ast.Module(node.body, []), False)
            yield from python_imports(ast.Module(node.orelse, []), runs)
        else:
            deferred = isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda))
            yield from python_imports(node, runs and not deferred)


def called(node: ast.AST) -> str:
    """The last name of ``a.b`` or of a call of it."""
    if isinstance(node, ast.Call):
        return called(node.func)
    return getattr(node, "attr", None) or getattr(node, "id", "")


def cython_imports(text: str) -> Iterator[tuple[str, list[str], int, bool]]:
    """As ``python_imports``; a line at the left margin runs when the module is imported."""
    text = STRING.sub(lambda match: "\n" * match[0].count("\n"), text)
    for match in CYTHON_IMPORT.finditer(text):
        line = text.count("\n", 0, match.start()) + 1
        listed = re.sub(r"#[^\n]*", "", match["names"]).strip("() \t\n")
        names = [re.split(r"\s", name.strip())[0] for name in listed.split(",") if name.strip()]
        if match["module"]:
            yield match["module"], names, line, not match["indent"]
        else:
            for name in names:
                yield name, [], line, not match["indent"]
