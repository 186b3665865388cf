"""Functions of generated modules that write with a builder: which are flatc's, and what they do."""

from __future__ import annotations

import ast
import re
from types import FunctionType

from tensorwire._core.flat_functions import KINDS, NAMES, BuilderFunction
from tensorwire.flat.adoption.expressions import without_docstring
from tensorwire.flat.adoption.unrecognised import Unrecognised

TYPE_CHECKING = False  # see errors.py
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Any

    from tensorwire.flat.adoption.sources import Sources
    from tensorwire.flat.declarations import Declarations

    Step = tuple[str, int, int]

_NUMBER = r"-?\d+(?:\.\d+)?(?:e[-+]?\d+)?|True|False|None|float\('[-a-z]+'\)"
_OFFSET = r"flatbuffers\.number_types\.UOffsetTFlags\.py_type\((?P<x>\w+)\)"
#: Base types by what builders call them.
NUMBERS = {name: kind for kind, name in enumerate(NAMES) if name} | {"Byte": NAMES.index("Uint8")}

# Statements as Python writes them out; %b is the builder.
_PATTERNS = {
    "start": r"(?:return )?%b\.StartObject\((?P<size>\d+)\)",
    "end": r"return %b\.EndObject\(\)",
    "vector": r"return %b\.StartVector\((?P<size>\d+), (?P<x>\w+), (?P<align>\d+)\)",
    "number": rf"%b\.Prepend(?P<number>\w+)Slot"
    rf"\((?P<slot>\d+), (?P<x>\w+), (?P<default>{_NUMBER})\)",
    "offset": rf"%b\.PrependUOffsetTRelativeSlot\((?P<slot>\d+), {_OFFSET}, 0\)",
    "inline": rf"%b\.PrependStructSlot\((?P<slot>\d+), {_OFFSET}, 0\)",
}
_BYTES = re.compile(
    r"(?P<b>\w+)\.StartVector\(1, len\((?P<x>\w+)\), 1\)\n"
    r"(?P=b)\.head = (?P=b)\.head - len\((?P=x)\)\n"
    r"(?P=b)\.Bytes\[(?P=b)\.head:(?P=b)\.head \+ len\((?P=x)\)\] = (?P=x)\n"
    r"return (?P=b)\.EndVector\(\)"
)
# Those that return None, so that a function that calls them may leave out ``return``.
_GIVE_NOTHING = {"start", "number", "offset", "inline"}
_CALLS_ANOTHER = re.compile(r"(?:return )?(?P<name>\w+)\((?P<given>[\w, ]+)\)")


def is_builder_function(value: object) -> bool:
    """Whether it may be one, by the names of builders' methods in its code."""
    if not isinstance(value, FunctionType) or value.__code__.co_varnames[:1] != ("builder",):
        return False
    names = value.__code__.co_names
    return any(name.startswith(("Start", "End", "Prep", "Add")) or "Add" in name for name in names)


class BuilderFunctions:
    """Describes functions. ``forced``: by the names of those that start vectors, what their
    elements align to by the schema's ``force_align``, which flatc does not tell Python."""

    def __init__(self, sources: Sources, forced: Mapping[str, int] | None = None) -> None:
        self._sources = sources
        self._forced = forced or {}

    def native(self, function: object) -> BuilderFunction:
        """The native form of a function, which may be one already. Raises: `Unrecognised`."""
        if isinstance(function, BuilderFunction):
            if function.forced == self._forced.get(function.original.__name__, 0):
                return function
            function = function.original  # adopted by somebody with another schema
        if not isinstance(function, FunctionType) or function.__defaults__:
            raise Unrecognised("calls what is no function of flatc's")
        node = self._sources.tree_of(function)
        given = [one.arg for one in node.args.args]
        if not given or node.args.vararg or node.args.kwarg or node.args.kwonlyargs:
            raise Unrecognised("not of flatc's shapes: its arguments")
        body = without_docstring(node.body)
        if len(body) > 1:
            whole = _BYTES.fullmatch("\n".join(map(ast.unparse, body)))
            if whole and given == [whole["b"], whole["x"]]:
                return BuilderFunction(function, "bytes", arguments=1)
            steps = list(_struct_steps(body, given))
            return BuilderFunction(function, "struct", arguments=len(given) - 1, steps=steps)
        text = ast.unparse(body[0])
        return self._of_one_statement(function, text, given) or self._another(function, text, given)

    def _of_one_statement(
        self, function: FunctionType, text: str, given: list[str]
    ) -> BuilderFunction | None:
        for kind, pattern in _PATTERNS.items():
            found = re.fullmatch(pattern.replace("%b", re.escape(given[0])), text)
            if found is None:
                continue
            words = found.groupdict()
            argument = words.pop("x", None)
            if given[1:] != ([] if argument is None else [argument]):
                continue
            numbers = _numbers(words)
            forced = self._forced.get(function.__name__, 0) if kind == "vector" else 0
            if forced:
                numbers |= {"align": max(numbers["align"], forced), "forced": forced}
            return BuilderFunction(function, kind, arguments=len(given) - 1, **numbers)
        return None

    def _another(self, function: FunctionType, text: str, given: list[str]) -> BuilderFunction:
        """What calls another function of the module with the same arguments, and no more."""
        found = _CALLS_ANOTHER.fullmatch(text)
        other = function.__globals__.get(found["name"]) if found else None
        if found and found["given"].split(", ") == given and other not in (None, function):
            known = self.native(other)
            if text.startswith("return ") or KINDS[known.kind] in _GIVE_NOTHING:
                return known.renamed(function)
        raise Unrecognised(f"not of flatc's shapes: {text.splitlines()[0][:60]}")


def forced_alignments(declarations: Declarations) -> dict[str, int]:
    """``force_align`` by the names of the functions that start vectors of that field.

    Source: google/flatbuffers ``src/idl_gen_python.cpp``, BuildVectorOfTable.
    """
    found: dict[str, int] = {}
    for table in declarations.objects:
        for field in table.fields:
            if field.force_align:
                words = "".join(word[:1].upper() + word[1:] for word in field.name.split("_"))
                name = f"{table.name.rpartition('.')[2]}Start{words}Vector"
                found[name] = max(found.get(name, 1), field.force_align)
    return found


def _numbers(words: dict[str, str]) -> dict[str, Any]:
    """What a pattern found, as arguments of `BuilderFunction`."""
    numbers: dict[str, Any] = {}
    for name, text in words.items():
        if name == "number":
            if text not in NUMBERS:
                raise Unrecognised(f"not of flatc's shapes: Prepend{text}Slot")
            numbers[name] = NUMBERS[text]
        elif text.startswith("float("):
            numbers[name] = float(text[7:-2])
        else:
            numbers[name] = ast.literal_eval(text)
    return numbers


def _struct_steps(body: list[ast.stmt], given: list[str]) -> Iterator[Step]:
    """What a function does that writes a struct of its arguments. Raises: `Unrecognised`."""
    if ast.unparse(body[-1]) != f"return {given[0]}.Offset()":
        raise Unrecognised("not of flatc's shapes")
    yield from _steps(body[:-1], given, [], 0)


def _steps(body: list[ast.stmt], given: list[str], loops: list[str], first: int) -> list[Step]:
    """The steps of statements inside of loops; ``first``: how many come before."""
    steps: list[Step] = []
    for statement in body:
        text = ast.unparse(statement)
        if isinstance(statement, ast.For) and not statement.orelse:
            found = re.match(r"for (\w+) in range\((\d+), 0, -1\):", text)
            if found is None or found[1] in (*given, *loops):
                raise Unrecognised(f"not of flatc's shapes: {text.splitlines()[0][:60]}")
            at = first + len(steps) + 1
            inside = _steps(statement.body, given, [*loops, found[1]], at)
            steps += [("loop", int(found[2]), at + len(inside)), *inside]
        else:
            steps.append(_step(text, given, loops))
    return steps


def _step(text: str, given: list[str], loops: list[str]) -> Step:
    found = re.fullmatch(rf"{re.escape(given[0])}\.(\w+)\((.*)\)", text)
    name, argument = found.groups() if found else ("", "")
    if name == "Prep" and (sizes := re.fullmatch(r"(\d+), (\d+)", argument)):
        return "prep", int(sizes[1]), int(sizes[2])
    if name == "Pad" and argument.isdecimal():
        return "pad", int(argument), 0
    place = "".join(f"[{index} - 1]" for index in loops)
    kind = NUMBERS.get(name.removeprefix("Prepend")) if name.startswith("Prepend") else None
    plain = argument[: len(argument) - len(place)]
    if kind is not None and plain in given[1:] and argument == plain + place:
        return "number", kind, given.index(plain) - 1
    raise Unrecognised(f"not of flatc's shapes: {text.splitlines()[0][:60]}")
