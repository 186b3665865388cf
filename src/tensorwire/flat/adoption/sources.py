"""The syntax tree of a function, and the proof that the function was compiled from it."""

from __future__ import annotations

import ast
import sys

from tensorwire.flat.adoption.unrecognised import Unrecognised

TYPE_CHECKING = False  # see errors.py
if TYPE_CHECKING:
    from types import CodeType, FunctionType

# Python 3.10 keeps the full name of a list comprehension, its class in it, with the constants.
_INSIDE = ".<locals>.<listcomp>"


class Sources:
    """The lines of modules, read once each."""

    def __init__(self) -> None:
        self._lines: dict[str, list[str]] = {}

    def tree_of(self, function: FunctionType) -> ast.FunctionDef:
        """What the function's source says.

        Raises: `Unrecognised` without source, or where the function is not what it compiles to.
        """
        code = function.__code__
        block = _block(self._lines_of(function), code.co_firstlineno - 1)
        try:
            tree = ast.parse(block)
            compiled = compile(tree, code.co_filename, "exec", dont_inherit=True)
        except SyntaxError:
            raise Unrecognised("its source is not what it was compiled from") from None
        node = tree.body[0] if len(tree.body) == 1 else None
        found = [
            one
            for one in compiled.co_consts
            if isinstance(one, type(code)) and one.co_name == code.co_name  # 3.14: annotations
        ]
        if not isinstance(node, ast.FunctionDef) or len(found) != 1 or not same(found[0], code):
            raise Unrecognised("its source is not what it was compiled from")
        return node

    def _lines_of(self, function: FunctionType) -> list[str]:
        name = function.__module__
        if name not in self._lines:
            self._lines[name] = _source(name).splitlines(keepends=True)
        return self._lines[name]


def same(one: CodeType, other: CodeType) -> bool:
    """Whether two functions do the same, but for names of locals, lines and places in the file."""
    return bare(one) == bare(other) and alike(one.co_consts, other.co_consts)


def alike(one: tuple[object, ...], other: tuple[object, ...]) -> bool:
    """Whether two tuples of constants are equal, in type too: 0 is neither False nor 0.0."""
    return len(one) == len(other) and all(map(_alike, one, other))


def _alike(one: object, other: object) -> bool:
    if type(one) is not type(other):
        return False
    if isinstance(one, type(_alike.__code__)):
        assert isinstance(other, type(one))  # noqa: S101  for the type checker
        return same(one, other)
    if isinstance(one, str) and one.endswith(_INSIDE):
        assert isinstance(other, str)  # noqa: S101
        return other.endswith(_INSIDE)
    return repr(one) == repr(other)  # tells -0.0 from 0.0, and has nan equal itself


def bare(code: CodeType) -> tuple[object, ...]:
    counts = code.co_argcount, code.co_posonlyargcount, code.co_kwonlyargcount
    unpacks = code.co_flags & 0x0C  # CO_VARARGS, CO_VARKEYWORDS
    handlers = getattr(code, "co_exceptiontable", b"")
    return counts, unpacks, code.co_code, code.co_names, code.co_freevars, handlers


def _source(name: str) -> str:
    """The source of a module, from its loader."""
    module = sys.modules.get(name)
    spec = getattr(module, "__spec__", None)
    read = getattr(getattr(spec, "loader", None), "get_source", None)
    try:
        text = None if read is None else read(name)
    except (ImportError, OSError, SyntaxError, UnicodeDecodeError):
        text = None
    if text is None:
        raise Unrecognised(f"there is no source of {name}")
    assert isinstance(text, str)  # noqa: S101  for the type checker
    return text


def _block(lines: list[str], first: int) -> str:
    """The function that begins in that line, moved to the left margin; its decorators are left out:
    they are no part of its code."""
    while first < len(lines) and lines[first].lstrip().startswith("@"):
        first += 1
    if first >= len(lines):
        raise Unrecognised("its source is not what it was compiled from")
    margin = len(lines[first]) - len(lines[first].lstrip())
    taken = [lines[first][margin:]]
    depth = _depth(lines[first])  # of brackets: a signature may have several lines
    for line in lines[first + 1 :]:
        is_inside = len(line) - len(line.lstrip()) > margin
        if line.strip() and not is_inside and depth <= 0:
            break
        depth += _depth(line)
        taken.append(line[margin:] if is_inside else line.lstrip(" \t"))
    return "".join(taken)


def _depth(line: str) -> int:
    """How many brackets it opens more than it closes."""
    return sum(map(line.count, "([{")) - sum(map(line.count, ")]}"))
