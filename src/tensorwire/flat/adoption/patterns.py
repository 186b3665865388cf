"""Methods known by their bytecode: one of each shape is looked at as source, the rest is compared.

Two methods with the same bytecode do the same with the constants and names in the same places. So
what the source of one says of a constant is true of what stands in its place in the other, if
everything else is equal. A module of 700 accessors has some 12 of such patterns.
"""

from __future__ import annotations

from tensorwire.flat.adoption.shapes import Shape, accessor_shape, base_of
from tensorwire.flat.adoption.sources import alike, bare
from tensorwire.flat.adoption.unrecognised import Unrecognised

TYPE_CHECKING = False  # see errors.py
if TYPE_CHECKING:
    from types import CodeType, FunctionType
    from typing import Any

    from tensorwire.flat.adoption.sources import Sources

# What a method may refer to without it being part of its shape's numbers and names.
_FIXED = {
    "flatbuffers", "number_types", "py_type", "UOffsetTFlags", "_tab", "Bytes", "Pos", "Offset",
    "Vector", "VectorLen", "Indirect", "String", "Get", "GetVectorAsNumpy", "GetArrayAsNumpy",
    "Union", "Table", "table", "Init", "GetRootAs", "bool", "float", "bytearray", "range",
}  # fmt: skip

# Names that mean something else where a module has them itself.
_WATCHED = ("Table", "bool", "float", "bytearray", "range")


class Patterns:
    """The patterns met so far. ``table``: our `Table`."""

    def __init__(self, sources: Sources, table: type) -> None:
        self._sources = sources
        self._table = table
        self._known: dict[object, list[_Pattern]] = {}

    def shape_of(self, function: FunctionType) -> Shape:
        """The shape of a method. Raises: `Unrecognised`."""
        code, names = function.__code__, function.__globals__
        own = [(name, names[name] is self._table) for name in _WATCHED
               if name in names and name in code.co_names]  # fmt: skip
        met = self._known.setdefault((code.co_code, *own), [])
        for pattern in met:
            shape = pattern.shape_of(code)
            if shape is not None:
                return shape
        shape = accessor_shape(self._sources.tree_of(function), names, self._table)
        met.append(_Pattern(code, shape))
        return shape


class _Pattern:
    """One method's code, and which of its constants and names make its shape."""

    def __init__(self, code: CodeType, shape: Shape) -> None:
        self.code = code
        self.shape = shape
        self.constants: dict[str, int] = {}
        for name in ("slot", "stride", "default"):
            value = getattr(shape, name)
            if value not in {0, None}:  # these are in every method, for other reasons too
                self._hold(name, value)
        self.names: dict[str, int] = {}
        if "bool" not in code.co_names:  # of flags that are BoolFlags only
            self._name("flags", shape.flags)
        self._name("length", shape.length)
        self._name_target(*(shape.target or (None, ())))

    def _name_target(self, module: str | None, path: tuple[str, ...]) -> None:
        """A global, or ``from module import name``. Relative imports are said by other names."""
        self.imported: int | None = None
        constants = self.code.co_consts
        if module is None and len(path) == 1:
            self._name("target", path[0])
        elif module in self.code.co_names and (path[0],) in constants:
            self._name("target", path[0])
            if "target" in self.names:
                self._name("module", module or "")
                self.imported = constants.index((path[0],))

    def _hold(self, name: str, value: object) -> None:
        for place, one in enumerate(self.code.co_consts):
            if alike((one,), (value,)):
                self.constants[name] = place
                return

    def _name(self, name: str, value: str) -> None:
        if value and value not in _FIXED and value in self.code.co_names:
            self.names[name] = self.code.co_names.index(value)

    def shape_of(self, code: CodeType) -> Shape | None:
        """The shape of another method, or None if it is not of this pattern."""
        mine = self.code
        sizes = len(code.co_consts) == len(mine.co_consts), len(code.co_names) == len(mine.co_names)
        if not all(sizes):
            return None
        moved = code.replace(
            co_consts=_put(code.co_consts, mine.co_consts, *self.constants.values(), self.imported),
            co_names=_put(code.co_names, mine.co_names, *self.names.values()),
        )
        if bare(moved) != bare(mine) or not alike(moved.co_consts, mine.co_consts):
            return None
        return self._with(code)

    def _with(self, code: CodeType) -> Shape | None:
        numbers = {name: code.co_consts[i] for name, i in self.constants.items()}
        of_type = all(type(numbers[name]) is type(getattr(self.shape, name)) for name in numbers)
        if not of_type or not all(0 <= numbers.get(n, 0) <= 0xFFFF for n in ("slot", "stride")):
            return None
        names = {name: code.co_names[i] for name, i in self.names.items()}
        if not _FIXED.isdisjoint(names.values()):
            return None
        if "target" in names:
            target = (names.pop("target"),)
            if self.imported is not None and code.co_consts[self.imported] != target:
                return None
            known = self.shape.target or (None, ())
            numbers["target"] = (names.pop("module", known[0]), target)
        if "flags" in names:
            try:
                base_of(names["flags"])
            except Unrecognised:
                return None
        return self.shape.replaced(**numbers, **names)


def _put(into: tuple[Any, ...], of: tuple[Any, ...], *places: int | None) -> tuple[Any, ...]:
    """``into``, with what ``of`` has in those places."""
    changed = list(into)
    for place in places:
        if place is not None:
            changed[place] = of[place]
    return tuple(changed)
