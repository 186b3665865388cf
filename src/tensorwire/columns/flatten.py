"""From the tree of columns to one flat column: the values, and offsets for every list around them.

Validity of what is around a value is applied to it: a value in an absent message is absent, and so
is a list in one. The items of a list are not: an absent list has none.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from tensorwire.columns.data import ListData, ScalarData, StructData
from tensorwire.columns.paths import PathError, join, split, unknown_name
from tensorwire.columns.validity import both
from tensorwire.errors import LimitError

TYPE_CHECKING = False  # see errors.py
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    import numpy as np

    from tensorwire.columns.data import AnyData
    from tensorwire.columns.types import AnyType, ScalarType, StructType
    from tensorwire.columns.validity import Valid

    Array = np.ndarray[Any, Any]

__all__ = ["Flat", "flatten", "leaf_paths", "pruned"]


@dataclass(frozen=True, slots=True, eq=False)
class Flat:
    """A leaf and the lists around it, outermost first.

    ``kind`` is that of the values: one of `NUMPY_NAMES`, or "timestamp" or "duration", which are
    int64 counted in ``unit``. ``type`` is the leaf's: of a special struct, the struct's.
    """

    type: ScalarType | StructType
    kind: str
    unit: str
    values: Array
    validity: Valid
    offsets: tuple[Array, ...]
    list_validity: tuple[Valid, ...]


def leaf_paths(type: StructType) -> tuple[str, ...]:
    """The paths of all leaves below a struct, in order. A special struct is a leaf."""
    return tuple(join(parts) for parts in _leaves(type, ()))


def flatten(data: StructData, path: str, unit: str = "ns") -> Flat:
    """The column of a leaf. Copies: only validity that lies around it, and special structs.

    Raises: ``PathError`` if ``path`` leads to no leaf; ``LimitError`` if a time does not fit.
    """
    offsets: list[Array] = []
    lists: list[Valid] = []
    node: ScalarData | StructData = data
    valid = data.valid
    for part in split(path):
        below = _field(node, path, part)
        if isinstance(below, ListData):
            offsets.append(below.offsets)
            lists.append(valid)
            below, valid = below.item, None
        node, valid = below, both(valid, below.valid)
    around = tuple(offsets), tuple(lists)
    if isinstance(node, StructData):
        return _special(node, path, unit, valid, around)
    return Flat(node.type, node.type.kind, "", node.values, valid, *around)


def pruned(data: StructData, path: str) -> StructData:
    """The tree with nothing but the one leaf. Copies: nothing."""
    return _pruned_struct(data, path, split(path))


def _pruned_struct(node: StructData, path: str, parts: tuple[str, ...]) -> StructData:
    if not parts:
        return node
    below = _field(node, path, parts[0])
    if isinstance(below, ListData):
        item = below.item
        if isinstance(item, StructData):
            item = _pruned_struct(item, path, parts[1:])
        below = ListData(replace(below.type, item=item.type), below.offsets, item)
    elif isinstance(below, StructData):
        below = _pruned_struct(below, path, parts[1:])
    return StructData(replace(node.type, fields=(below.type,)), node.length, (below,), node.valid)


def _field(node: AnyData, path: str, part: str) -> AnyData:
    fields = node.fields if isinstance(node, StructData) else ()
    for field in fields:
        if field.type.name == part:
            return field
    raise unknown_name(path, part, [field.type.name for field in fields])


def _special(
    node: StructData,
    path: str,
    unit: str,
    valid: Valid,
    around: tuple[tuple[Array, ...], tuple[Valid, ...]],
) -> Flat:
    kind = node.type.special
    if kind == "wrapper":
        inner = _field(node, path, "value")
        if isinstance(inner, ScalarData):
            valid = both(valid, inner.valid)
            return Flat(node.type, inner.type.kind, "", inner.values, valid, *around)
    if kind not in ("timestamp", "duration"):
        names = [f"{path}.{name}" for name in leaf_paths(node.type)[:5]]
        raise PathError(f"path {path!r} names a message, not a column; columns: {names}")
    seconds, nanos = (_number(node, name) for name in ("seconds", "nanos"))
    values, bad = _counted(seconds, nanos, unit, kind)
    if bad is not None and valid is not None:  # an absent time is none, whatever stands there
        values, bad = _counted(seconds * valid, nanos * valid, unit, kind)
    if bad is not None:
        raise _beyond(path, unit, around[0], bad, (seconds[bad], nanos[bad]), kind)
    return Flat(node.type, kind, unit, values, valid, *around)


def _counted(seconds: Array, nanos: Array, unit: str, kind: str) -> tuple[Array, int | None]:
    from tensorwire.columns.times import counted

    return counted(seconds, nanos, unit, is_duration=kind == "duration")


def _number(node: StructData, name: str) -> Array:
    """A field of a special struct; a struct without it reads as all 0."""
    import numpy as np

    for field in node.fields:
        if field.type.name == name and isinstance(field, ScalarData):
            return field.values
    return np.zeros(node.length, dtype=np.int64)


def _beyond(
    path: str, unit: str, offsets: tuple[Array, ...], index: int, time: tuple[int, int], kind: str
) -> LimitError:
    """The error for a time that has no number in the unit."""
    import numpy as np

    from tensorwire.columns.times import misfit

    row = index
    for level in reversed(offsets):
        row = int(np.searchsorted(level, row, side="right")) - 1
    return LimitError(f"row {row}: {misfit(kind, unit, *time)}", path=path)


def _leaves(type: StructType, above: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    from tensorwire.columns.types import ListType, StructType

    for field in type.fields:
        parts = (*above, field.name)
        item: AnyType = field.item if isinstance(field, ListType) else field
        if isinstance(item, StructType) and not item.special:
            yield from _leaves(item, parts)
        else:
            yield parts
