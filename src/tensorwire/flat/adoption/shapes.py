"""Which shape of accessor a generated method has, and what belongs to it."""

from __future__ import annotations

import ast

from tensorwire.flat.adoption.expressions import (
    POS,
    ZERO,
    Evaluator,
    added,
    unknown,
    without_docstring,
)
from tensorwire.flat.adoption.unrecognised import Unrecognised
from tensorwire.flat.declarations import SCALARS, WIDTHS

TYPE_CHECKING = False  # see errors.py
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from tensorwire.flat.adoption.expressions import Expression

J: Expression = ("argument", 0)


class Shape:
    """A shape of `tensorwire._core.flat_accessors`, and its numbers and names.

    ``target``: (module or None, path) of a class. ``length``: a method that tells an array's.
    """

    __slots__ = ("default", "flags", "kind", "length", "slot", "stride", "target")

    def __init__(
        self,
        kind: str,
        slot: int = 0,
        *,
        flags: str = "",
        stride: int = 0,
        default: object = None,
        target: tuple[str | None, tuple[str, ...]] | None = None,
        length: str = "",
    ) -> None:
        self.kind = kind
        self.slot = slot
        self.flags = flags
        self.stride = stride
        self.default = default
        self.target = target
        self.length = length

    def replaced(self, **other: Any) -> Shape:
        """The same with other numbers or names."""
        known = {name: getattr(self, name) for name in self.__slots__}
        return Shape(**(known | other))

    def __repr__(self) -> str:
        shown = [f"{name}={getattr(self, name)!r}" for name in self.__slots__]
        return f"Shape({', '.join(shown)})"


def accessor_shape(node: ast.FunctionDef, names: Mapping[str, Any], table: type) -> Shape:
    """The shape of a method that uses ``self._tab``. ``table``: our `Table`.

    Raises: `Unrecognised`.
    """
    _check_signature(node)
    body = without_docstring(node.body)
    evaluator = Evaluator(node, names, table)
    if isinstance(body[0], ast.If):
        return _array_element(body, evaluator)
    if len(body) == 3 and isinstance(body[1], ast.If):
        return _field(body, evaluator)
    if _is_init(body):
        return Shape("init")
    return _always(evaluator.block(body))


def _check_signature(node: ast.FunctionDef) -> None:
    given = node.args
    if given.posonlyargs or given.kwonlyargs or given.vararg or given.kwarg or not given.args:
        raise Unrecognised("not of flatc's shapes: its arguments")


def _is_init(body: list[ast.stmt]) -> bool:
    """``self._tab = flatbuffers.table.Table(buf, pos)``, and nothing else."""
    text = ast.unparse(body[0])
    return len(body) == 1 and text == "self._tab = flatbuffers.table.Table(buf, pos)"


def _field(body: list[ast.stmt], evaluator: Evaluator) -> Shape:
    """``o = offset``, ``if o != 0: ... return``, ``return default``."""
    evaluator.run(body[0])
    branch = body[1]
    assert isinstance(branch, ast.If)  # noqa: S101  the caller looked
    test = branch.test
    if not isinstance(test, ast.Compare) or len(test.ops) != 1 or branch.orelse:
        raise unknown(branch)
    field = evaluator.value(test.left)
    is_tested = isinstance(test.ops[0], ast.NotEq) and evaluator.value(test.comparators[0]) == ZERO
    if field[0] != "offset" or not is_tested:
        raise unknown(test)
    word, default = evaluator.block(body[2:])[:2]
    if word != "constant":
        raise unknown(body[2])
    shape = _present(evaluator.block(branch.body), field)
    return shape.replaced(slot=field[1], default=default)


def _present(value: Expression, field: Expression) -> Shape:
    """What a field of a table is read as, where it is there."""
    place, vector = added(field, POS), ("Vector", field)
    if value[0] == "Get" and value[2] == place:
        return _numbers("number", value[1])
    if value[0] == "Get":
        return _numbers("number element", value[1], stride=_stride(value[2], vector))
    if value == ("String", place):
        return Shape("string")
    if value[0] == "String":
        return Shape("string element", stride=_stride(value[1], vector))
    if value == ("VectorLen", field):
        return Shape("count")
    if value[0] == "GetVectorAsNumpy" and value[2] == field:
        return _numbers("array", value[1])
    if value == ("union", field):
        return Shape("union")
    if value[0] == "root" and value[2] == vector:
        return Shape("nested root", target=value[1][1:])
    if value[0] == "made":
        return _made(value, place, vector)
    raise Unrecognised(f"not of flatc's shapes: it returns {value[0]}")


def _made(value: Expression, place: Expression, vector: Expression) -> Shape:
    target, at = value[1][1:], value[2]
    if at == place:
        return Shape("struct", target=target)
    if at == ("Indirect", place):
        return Shape("table", target=target)
    if at[0] == "Indirect":
        return Shape("table element", stride=_stride(at[1], vector), target=target)
    return Shape("struct element", stride=_stride(at, vector), target=target)


def _stride(at: Expression, vector: Expression) -> int:
    """K of ``vector + j * K``."""
    for term in at[1] if at[0] == "sum" else ():
        if term[:2] == ("product", J) and at == added(vector, term):
            return _whole(term[2])
    raise Unrecognised("not of flatc's shapes: the place of an element")


def _always(value: Expression) -> Shape:
    """What needs no look at the vtable, and whether a field is absent."""
    if value[0] == "equal" and value[1][0] == "offset" and value[2] == ZERO:
        return Shape("absent", value[1][1])
    if value[0] == "Get":
        return _numbers("number of struct", value[1], _distance(value[2]))
    if value[0] == "shown" and value[1] == 0:
        return Shape("struct of struct", _distance(value[2]))
    if value[0] == "GetArrayAsNumpy" and value[3][0] == "call":
        distance = _distance(value[2])
        return _numbers("array of struct", value[1], distance, length=value[3][1])
    if value[0] == "made" and value[2][0] == "sum":
        products = [term for term in value[2][1] if term[:2] == ("product", J)]
        rest = [term for term in value[2][1] if term not in products]
        if len(products) == 1:
            distance, stride = _distance(added(*rest)), _whole(products[0][2])
            kind, target = "struct element of struct", value[1][1:]
            return Shape(kind, distance, stride=stride, target=target)
    raise Unrecognised(f"not of flatc's shapes: it returns {value[0]}")


def _distance(at: Expression) -> int:
    """K of ``self._tab.Pos + K``."""
    terms = at[1] if at[0] == "sum" else (at,)
    others = [term for term in terms if term != POS]
    if len(others) == len(terms) - 1 == 1 and others[0][0] == "constant":
        return _whole(others[0][1])
    raise Unrecognised("not of flatc's shapes: the place in a struct")


def _array_element(body: list[ast.stmt], evaluator: Evaluator) -> Shape:
    """An element of a fixed array, or all: ``if j is None: ... elif j >= 0 and ...: ...``."""
    branches: list[ast.stmt] = []
    first = body[0]
    if isinstance(first, ast.If) and len(first.orelse) == 1 and isinstance(first.orelse[0], ast.If):
        inner = first.orelse[0]
        branches = [*first.body, *inner.body, *inner.orelse]
        tests = [ast.unparse(first.test), ast.unparse(inner.test)]
    if len(body) != 1 or len(branches) != 3:
        raise unknown(first)
    every, one = branches[0], evaluator.block([branches[1]])
    if one[0] != "Get" or evaluator.block([branches[2]]) != ("constant", None):
        raise unknown(branches[1])
    products = [term for term in one[2][1] if term[:2] == ("product", J)]
    distance = _distance(added(*[term for term in one[2][1] if term not in products]))
    if not (len(products) == 1 and isinstance(every, ast.Return)
            and isinstance(every.value, ast.ListComp)):  # fmt: skip
        raise unknown(every)
    # The list is the replaced method's still; only its length is looked up here.
    length = ast.unparse(every.value.generators[0].iter).removeprefix("range(self.")
    length = length.removesuffix("())")
    if tests != ["j is None", f"j >= 0 and j < self.{length}()"]:
        raise unknown(first)
    kind = "number element of struct"
    return _numbers(kind, one[1], distance, stride=_whole(products[0][2]), length=length)


def _numbers(kind: str, flags: Expression, slot: int = 0, **more: Any) -> Shape:
    name = flags[1] if flags[0] == "flags" else ""
    base_of(name)
    return Shape(kind, slot, flags=name, **more)


def base_of(flags: str) -> int:
    """The base type that ``flatbuffers.number_types.<flags>`` stands for."""
    known = {"UOffsetTFlags": "uint32", "SOffsetTFlags": "int32", "VOffsetTFlags": "uint16"}
    base = SCALARS.get(known.get(flags, flags.removesuffix("Flags").lower()), 0)
    if not flags.endswith("Flags") or not WIDTHS[base]:
        raise Unrecognised(f"not of flatc's shapes: numbers of type {flags or 'unknown'}")
    return base


def _whole(number: object) -> int:
    if type(number) is int and 0 <= number <= 0xFFFF:
        return number
    raise Unrecognised(f"not of flatc's shapes: {number!r} as a stride or distance")
