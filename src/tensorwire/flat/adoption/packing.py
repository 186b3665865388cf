"""``Pack`` of the object API of generated code: whether it is flatc's, and what it does.

Source of the patterns: google/flatbuffers ``src/idl_gen_python.cpp``, GenPackForTable and
GenPackForStruct.
"""

from __future__ import annotations

import ast
import re
import sys

from tensorwire._core.flat_functions import KINDS
from tensorwire._core.flat_pack import Packer, PackStep
from tensorwire.flat.adoption.builder_functions import NUMBERS
from tensorwire.flat.adoption.expressions import without_docstring
from tensorwire.flat.adoption.unrecognised import Unrecognised

TYPE_CHECKING = False  # see errors.py
if TYPE_CHECKING:
    from types import FunctionType
    from typing import Any

    from tensorwire._core.flat_functions import BuilderFunction
    from tensorwire.flat.adoption.builder_functions import BuilderFunctions
    from tensorwire.flat.adoption.sources import Sources

# In patterns of statements, %s is the object and %b the builder; %f an attribute, %v what is
# written for it, %l a list, %F a function, %N a kind of number.
_ELEMENTS = """\
%F(%b, len(%s.%f))
for i in reversed(range(len(%s.%f))):
    {}
%v = %b.EndVector()"""
_NUMBERS = _ELEMENTS.format("%b.Prepend%N(%s.%f[i])")
_ARRAY_OR_NUMBERS = """\
if np is not None and type(%s.%f) is np.ndarray:
    %v = %b.CreateNumpyVector(%s.%f)
else:
"""
_LISTED = """\
%l = []
for i in range(len(%s.%f)):
    %l.append({})
""" + _ELEMENTS.format("%b.PrependUOffsetTRelative(%l[i])")


def _indented(text: str) -> str:
    return "\n".join(f"    {line}" for line in text.splitlines())


def _if_there(text: str) -> str:
    return "if %s.%f is not None:\n" + _indented(text)


_BEFORE = {
    "numbers": _if_there(_NUMBERS),
    "arrays": _if_there(_ARRAY_OR_NUMBERS + _indented(_NUMBERS)),
    "structs": _if_there(_ELEMENTS.format("%s.%f[i].Pack(%b)")),
    "tables": _if_there(_LISTED.format("%s.%f[i].Pack(%b)")),
    "strings": _if_there(_LISTED.format("%b.CreateString(%s.%f[i])")),
    "string": _if_there("%v = %b.CreateString(%s.%f)"),
    "object": _if_there("%v = %s.%f.Pack(%b)"),
}
_INSIDE = {
    "number": "%F(%b, %s.%f)",
    "offset": _if_there("%F(%b, %v)"),
    "inline": _if_there("%v = %s.%f.Pack(%b)\n%F(%b, %v)"),
}
_EXPECTED = {"numbers": "vector", "structs": "vector", "tables": "vector", "strings": "vector",
             "number": "number", "offset": "offset", "inline": "inline"}  # fmt: skip


def _compiled(pattern: str) -> re.Pattern[str]:
    """A pattern of statements as a regular expression, %-words as groups."""
    met: set[str] = set()

    def group(word: str) -> str:
        if word in met:
            return f"(?P={word})"
        met.add(word)
        return rf"(?P<{word}>\w+)"

    parts = re.split(r"%(\w)", pattern)
    return re.compile("".join(
        group(part) if i % 2 else re.escape(part) for i, part in enumerate(parts)
    ))  # fmt: skip


_BEFORE_COMPILED = {name: _compiled(pattern) for name, pattern in _BEFORE.items()}
_INSIDE_COMPILED = {name: _compiled(pattern) for name, pattern in _INSIDE.items()}


def packer_of(function: FunctionType, sources: Sources, functions: BuilderFunctions) -> Packer:
    """The native form of a ``Pack``. Raises: `Unrecognised`."""
    node = sources.tree_of(function)
    given = [one.arg for one in node.args.args]
    if len(given) != 2 or node.args.vararg or node.args.kwonlyargs or node.args.kwarg:
        raise Unrecognised("not of flatc's shapes: its arguments")
    reading = _Reading(function, functions, given)
    texts = [ast.unparse(one) for one in without_docstring(node.body)]
    return reading.struct(texts[0]) if len(texts) == 1 else reading.table(texts)


class _Reading:
    """One method that is being read."""

    def __init__(
        self, function: FunctionType, functions: BuilderFunctions, given: list[str]
    ) -> None:
        self.function = function
        self.functions = functions
        self.given = {"s": given[0], "b": given[1]}
        self.called: set[str] = set()
        self.written: dict[str, int] = {}  # local names, and which step wrote them
        self.attributes: list[str] = []  # of the steps before the table

    def struct(self, text: str) -> Packer:
        """``return CreateName(builder, self.a, self.b.c)``"""
        found = re.fullmatch(r"return (\w+)\((\w+)((?:, \w+(?:\.\w+)+)*)\)", text)
        if found is None or found[2] != self.given["b"]:
            raise _unknown(text)
        paths = [tuple(one.split(".")) for one in found[3].split(", ")[1:]]
        if any(path[0] != self.given["s"] for path in paths):
            raise _unknown(text)
        end = self.described(found[1], "struct")
        return Packer(self.function, None, end, [], [], tuple(path[1:] for path in paths))

    def table(self, texts: list[str]) -> Packer:
        """What is written before a table, then the table."""
        steps = iter(texts[:-2])
        before: list[PackStep] = []
        start = None
        for text in steps:
            found = re.fullmatch(rf"(\w+)\({re.escape(self.given['b'])}\)", text)
            if found:
                start = self.described(found[1], "start")
                break
            before.append(self.before(text))
        inside = [self.inside(text) for text in steps]
        last = re.fullmatch(rf"(\w+) = (\w+)\({re.escape(self.given['b'])}\)", texts[-2])
        if start is None or last is None or texts[-1] != f"return {last[1]}":
            raise _unknown(texts[-2])
        end = self.described(last[2], "end")
        reserved = {"np", "i", "len", "range", "reversed", "type", *self.given.values()}
        if (self.called | reserved) & self.written.keys():
            raise Unrecognised("not of flatc's shapes: a local name hides another")
        return Packer(self.function, start, end, before, inside)

    def before(self, text: str) -> PackStep:
        doing, words = self.match(_BEFORE_COMPILED, text)
        arrays = doing == "arrays"
        if arrays:
            doing = "numbers"
            arrays = self.has_numpy()
        for name in {"v", "l"} & words.keys():
            if words[name] in self.written:
                raise Unrecognised("not of flatc's shapes: a local name is used twice")
            self.written[words[name]] = len(self.attributes) if name == "v" else -1
        self.attributes.append(words["f"])
        function = self.described(words["F"], _EXPECTED[doing]) if "F" in words else None
        if "N" not in words:
            return PackStep(doing, words["f"], function)
        if words["N"] not in NUMBERS:
            raise _unknown(text)
        return PackStep(doing, words["f"], function, number=NUMBERS[words["N"]], arrays=arrays)

    def inside(self, text: str) -> PackStep:
        doing, words = self.match(_INSIDE_COMPILED, text)
        function = self.described(words["F"], _EXPECTED[doing])
        if doing == "offset":
            before = self.written.get(words["v"], -1)
            if before < 0 or self.attributes[before] != words["f"]:
                raise _unknown(text)
            return PackStep(doing, words["f"], function, before=before)
        if doing == "inline":
            self.written.setdefault(words["v"], -1)
        return PackStep(doing, words["f"], function)

    def match(
        self, patterns: dict[str, re.Pattern[str]], text: str
    ) -> tuple[str, dict[str, str]]:
        """Which pattern the statements have, and the words in it."""
        for doing, pattern in patterns.items():
            found = pattern.fullmatch(text)
            if found and all(found[word] == self.given[word] for word in ("s", "b")):
                return doing, found.groupdict()
        raise _unknown(text)

    def described(self, name: str, kind: str) -> BuilderFunction:
        """What the function with that global name does. Raises: `Unrecognised`."""
        self.called.add(name)
        known = self.functions.native(self.function.__globals__.get(name))
        if KINDS[known.kind] != kind:
            raise Unrecognised(f"not of flatc's shapes: {name}")
        return known

    def has_numpy(self) -> bool:
        """Whether the module's ``np`` is NumPy. Raises: `Unrecognised` if it is anything else."""
        np: Any = self.function.__globals__.get("np")
        if np is not None and np is not sys.modules.get("numpy"):
            raise Unrecognised("its np is not NumPy")
        return np is not None


def _unknown(text: str) -> Unrecognised:
    return Unrecognised(f"not of flatc's shapes: {text.splitlines()[0][:60]}")
