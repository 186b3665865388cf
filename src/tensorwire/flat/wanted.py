"""Paths into a FlatBuffers type: which fields they name, and the tree of columns they make.

``subgraphs.tensors.shape``         a vector in tables in tables; no index, no star
``operators.options.Conv2D.stride`` what a union holds, by the name of the member
``operators.options_type``          which member that is, an enum
``points.x``                        a field of structs
"""

from __future__ import annotations

from tensorwire.columns.paths import PathError, split
from tensorwire.columns.place import Place
from tensorwire.columns.types import NUMPY_NAMES, ListType, ScalarType, StructType
from tensorwire.columns.wanted_paths import wanted_leaves
from tensorwire.flat.declarations import (
    ARRAY,
    BOOL,
    DEPRECATED,
    FLOAT32,
    FLOAT64,
    INT8,
    INT16,
    INT32,
    INT64,
    NONE,
    OBJECT,
    OPTIONAL,
    REQUIRED,
    STRING,
    UINT8,
    UINT16,
    UINT32,
    UINT64,
    UNION,
    UTYPE,
    VECTOR,
    VECTOR64,
)
from tensorwire.limits import DEFAULT

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import Any

    from tensorwire._core.flat_plan import FlatPlans
    from tensorwire.columns.types import AnyType
    from tensorwire.flat.declarations import EnumValue, Field, Type

    #: A field with its position in its type, or a member with its in the union.
    Known = tuple[int, Field | EnumValue]
    #: A table or struct, or a union, by its position among those of the schema.
    Target = tuple[str, int]

__all__ = ["Wanted", "wanted"]

KINDS = {
    BOOL: "bool",
    INT8: "int8",
    UINT8: "uint8",
    UTYPE: "uint8",
    INT16: "int16",
    UINT16: "uint16",
    INT32: "int32",
    UINT32: "uint32",
    INT64: "int64",
    UINT64: "uint64",
    FLOAT32: "float32",
    FLOAT64: "float64",
    STRING: "string",
}

#: Types of enums whose numbers are int32; wider ones stay what they are.
NARROW = (UTYPE, INT8, UINT8, INT16, UINT16, INT32)

VECTORS = (VECTOR, VECTOR64)


class Wanted(Place):
    """A field or member that is asked for, or the rows."""

    __slots__ = ("declared", "index", "plans")

    WITH_FIELDS = "table"
    target: Target | None

    def __init__(self, plans: FlatPlans, name: str, known: Known | None, target: Target | None):
        super().__init__(name, target)
        self.plans = plans
        self.index = -1 if known is None else known[0]
        self.declared: Field | EnumValue | None = None if known is None else known[1]

    @property
    def type(self) -> Type | None:
        """The declared type; None of the rows."""
        return None if self.declared is None else self.declared.type

    @property
    def is_bytes(self) -> bool:
        """A vector of bytes that are no numbers of an enum: one value."""
        kind = self.type
        return (
            kind is not None and kind.base in VECTORS and kind.element == UINT8 and not kind.ref
        )

    @property
    def is_list(self) -> bool:
        kind = self.type
        return kind is not None and kind.base in (ARRAY, *VECTORS) and not self.is_bytes

    def fields_of(self, target: Target) -> dict[str, Known]:
        return fields_by_name(self.plans, target)

    def place_of(self, name: str, field: Known) -> Wanted:
        return Wanted(self.plans, name, field, target_of(self.plans, field[1]))

    def nodes(self) -> tuple[tuple[int, int, Any], ...]:
        """What `FlatProjection` takes; numbers the nodes."""
        import numpy as np

        found: list[tuple[int, int, Any]] = []
        pending = [(self, -1)]
        for parent, place in pending:
            for one in parent.below.values():
                one.node = len(found)
                kind: Any = None if one.target else NUMPY_NAMES[one.kind()]
                found.append((place, one.index, None if kind is None else np.dtype(kind)))
                pending.append((one, one.node))
        return tuple(found)

    def kind(self) -> str:
        """Of the values of a leaf: a key of `NUMPY_NAMES`."""
        kind = self.type
        if kind is None or self.is_bytes:
            return "bytes"
        base = kind.element if self.is_list else kind.base
        return "enum" if kind.ref is not None and base in NARROW else KINDS[base]

    def tree_type(self, checked: bool) -> AnyType:
        """The tree's type from here on. ``checked``: strings are known to be UTF-8."""
        item = self.item_type(checked)
        return ListType(self.name, item) if self.is_list else item

    def item_type(self, checked: bool) -> ScalarType | StructType:
        """The same without the list."""
        return self._scalar(checked) if self.target is None else self.struct_type(checked)

    def struct_type(self, checked: bool) -> StructType:
        """The same of a table, struct or union."""
        return StructType(
            self.name, tuple([one.tree_type(checked) for one in self.below.values()])
        )

    def _scalar(self, checked: bool) -> ScalarType:
        kind, declared = self.kind(), self.declared
        flags, default = getattr(declared, "flags", 0), getattr(declared, "default", None)
        optional = (kind == "string" and not flags & REQUIRED) or bool(flags & OPTIONAL)
        return ScalarType(
            name=self.name,
            kind=kind,
            nullable=optional and not self.is_list,
            default=None if kind in ("string", "bytes") else default,
            labels=self._labels(),
            checked=checked or kind != "string",
        )

    def _labels(self) -> tuple[tuple[int, str], ...]:
        ref = getattr(self.type, "ref", None)
        if ref is None:
            return ()
        enum = self.plans.declarations.enums[self.plans.enum_place(ref) or 0]
        names = {value.value: value.name for value in reversed(enum.values)}
        return tuple(sorted(names.items()))


def wanted(
    plans: FlatPlans, place: int, paths: Sequence[str] | None, each: str | None, depth: int
) -> tuple[Wanted, Wanted, tuple[str, ...]]:
    """The table or struct, what has the rows (it, or the elements of ``each``), and the full paths
    of the columns below that.

    Raises: ``PathError`` for a path that leads nowhere, with near names.
    """
    root = Wanted(plans, "", None, ("object", place))
    row = root if each is None else _each(root, each)
    return root, row, wanted_leaves(row, paths, depth, _whole)


def fields_by_name(plans: FlatPlans, target: Target) -> dict[str, Known]:
    """The fields of a table or struct that are not deprecated, or the members of a union."""
    what, place = target
    if what == "union":
        members = enumerate(plans.declarations.enums[place].values)
        return {
            one.name: (i, one) for i, one in members if one.type is not None and one.type.base
        }
    declared = enumerate(plans.declarations.objects[place].fields)
    return {one.name: (i, one) for i, one in declared if not one.flags & DEPRECATED}


def target_of(plans: FlatPlans, declared: Field | EnumValue) -> Target | None:
    """What has the fields below a field or member; None: it is a value, or values."""
    kind = declared.type
    inner = NONE if kind is None else kind.base
    if kind is not None and inner in (ARRAY, *VECTORS):
        inner = kind.element
    if inner == OBJECT and kind is not None:
        return "object", plans.object_place(kind.ref) or 0
    if inner == UNION and kind is not None:
        return "union", plans.enum_place(kind.ref or "") or 0
    return None


def _each(root: Wanted, path: str) -> Wanted:
    place = root.follow(split(path))
    if not place.is_list or place.target is None:
        raise PathError(f"each={path!r} must name a vector of tables, structs or unions")
    return place


def _whole(
    place: Wanted, parts: tuple[str, ...], depth: int, types: list[Target | None]
) -> Iterator[tuple[str, ...] | None]:
    """The leaves of a field that is asked for as a whole; each is asked for then. And None for each
    table on the way, so that those count that have no leaves: they can be as many as 2**depth.

    A table may occur ``depth`` times on the way from the rows, and is left out below.
    """
    if place.target is None:
        yield parts
        return
    yield None
    for name, (_, declared) in place.fields().items():
        target = target_of(place.plans, declared)
        if target is not None and target[0] == "object" and types.count(target) >= depth:
            continue
        if len(types) > DEFAULT.depth + 1:
            continue
        below = place.add(name)
        if below is not None:
            yield from _whole(below, (*parts, name), depth, [*types, target])
