"""One column for a field, as users hold it: an array, values with offsets, a list, a `Column`."""

from __future__ import annotations

from tensorwire._core.plan import KINDS, MAP
from tensorwire.columns.column import Column
from tensorwire.proto.batch.matching import FieldOf, field_named
from tensorwire.proto.batch.nodes import Items, Node, Struct, Values
from tensorwire.proto.batch.objects import texts, values_of
from tensorwire.proto.batch.values import TIMES, WRAPPERS

TYPE_CHECKING = False  # see errors.py
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    import numpy as np

    from tensorwire._core.parse import MessageType

    Array = np.ndarray[Any, Any]

ARROW = ("__arrow_c_array__", "__arrow_c_stream__")


def is_arrow(given: Any) -> bool:
    return any(hasattr(given, name) for name in ARROW)


def leaf(given: Any, owner: MessageType, parts: Sequence[str], path: str) -> Node:
    """The node of the column given for the field at ``parts`` in a message of type ``owner``.

    Raises: ``TypeError``, ``ValueError`` for what is no column for it.
    """
    field, levels = _resolved(owner, parts, path)
    return _column(given, field, levels, path)


def _resolved(owner: MessageType, parts: Sequence[str], path: str) -> tuple[FieldOf, int]:
    """The field, and in how many lists it lies."""
    levels = 0
    inner: MessageType | None = owner
    for part in parts:
        if inner is None:
            from tensorwire.columns.paths import unknown_name

            raise unknown_name(path, part, ())
        field = field_named(inner, part, path)
        levels += field.repeated
        inner = field.message()
    return field, levels


def _column(given: Any, field: FieldOf, levels: int, path: str) -> Node:
    import numpy as np

    if isinstance(given, Column):
        return of_column(given)
    if isinstance(given, tuple):
        return _pair(given, field, levels, path)
    if isinstance(given, np.ndarray) and given.dtype.kind in "biufmM":
        return _array(given, levels, path)
    if is_arrow(given):
        from tensorwire.proto.batch.arrow import node_of_arrow

        return node_of_arrow(given)
    if isinstance(given, np.ndarray):
        given = given.tolist()
    elif hasattr(given, "__array__"):
        return _column(np.asarray(given), field, levels, path)
    if not isinstance(given, list):
        raise TypeError(
            f"{path}: an array, a list, (values, offsets), a Column or an Arrow array is needed, "
            f"not {type(given).__name__}"
        )
    return _listed(given, field, levels, path)


def of_column(column: Column) -> Node:
    """Copies: nothing."""
    values = column.values
    if column.unit:
        letter = "M" if column.kind == "timestamp" else "m"
        values = values.view(f"<{letter}8[{column.unit}]")
    node: Node = Values(values, column.validity, column.sources)
    levels = zip(reversed(column.offsets), reversed(column.list_validity), strict=True)
    for offsets, valid in levels:
        node = Items(offsets, node, valid)
    return node


def _pair(given: tuple[Any, ...], field: FieldOf, levels: int, path: str) -> Node:
    """``(values, offsets)``, or ``(values, (outer offsets, ..., inner offsets))``."""
    if len(given) != 2:
        raise ValueError(f"{path}: a tuple is (values, offsets), not of {len(given)}")
    values, offsets = given
    rings = offsets if isinstance(offsets, tuple) else (offsets,)
    if len(rings) != levels:
        raise ValueError(
            f"{path}: {len(rings)} arrays of offsets for a field in {levels} lists; "
            "there is one for each repeated field in the path, the outermost first"
        )
    node = _column(values, field, 0, path)
    for ring in reversed(rings):
        node = Items(_offsets(ring, node.rows, path), node)
    return node


def _offsets(given: Any, items: int, path: str) -> Array:
    """Raises: ``ValueError`` for offsets that do not begin at 0 or do not end with the items."""
    import numpy as np

    offsets = np.asarray(given)
    if offsets.ndim != 1 or offsets.dtype.kind not in "iu" or not len(offsets):
        raise ValueError(f"{path}: offsets are integers in one dimension, one more than rows")
    offsets = np.ascontiguousarray(offsets, dtype=np.int64)
    if offsets[0] != 0 or offsets[-1] != items or (offsets[1:] < offsets[:-1]).any():
        raise ValueError(
            f"{path}: offsets ascend from 0 to the {items} values; "
            f"they go from {offsets[0]} to {offsets[-1]}"
        )
    return offsets


def _array(given: Array, levels: int, path: str) -> Node:
    """An array of numbers or times, of one dimension more than the field has lists around it."""
    import numpy as np

    if given.ndim != levels + 1:
        hint = "; lists of any length are given as (values, offsets)" if levels else ""
        raise ValueError(
            f"{path}: an array of {given.ndim} dimensions for a field in {levels} lists{hint}"
        )
    valid = None
    if isinstance(given, np.ma.MaskedArray):
        valid = ~np.ma.getmaskarray(given).reshape(-1)
        given = np.where(valid.reshape(given.shape), given.data, np.zeros((), given.dtype))
    node: Node = Values(np.ascontiguousarray(given).reshape(-1), valid)
    count = given.size
    for size in reversed(given.shape[1:]):  # each is a level of lists of that length
        rows = count // size if size else int(np.prod(given.shape[:1]))
        node = Items(np.arange(rows + 1, dtype=np.int64) * size, node)
        count = rows
    return node


def _listed(given: list[Any], field: FieldOf, levels: int, path: str) -> Node:
    """A list of Python objects, or of lists of them."""
    import numpy as np

    if levels == 0:
        return _objects(given, field, path)
    if levels == 1 and field.flags & MAP and _has_dicts(given):
        return _maps(given, field, path)
    valid = np.fromiter([one is not None for one in given], bool, len(given))
    sizes = np.fromiter([0 if one is None else _size(one, path) for one in given], np.int64)
    offsets = np.zeros(len(given) + 1, dtype=np.int64)
    np.cumsum(sizes, out=offsets[1:])
    flat: list[Any] = []
    for one in given:
        flat.extend(() if one is None else one.tolist() if hasattr(one, "tolist") else one)
    return Items(offsets, _listed(flat, field, levels - 1, path), None if valid.all() else valid)


def _size(given: Any, path: str) -> int:
    if isinstance(given, str | bytes) or not hasattr(given, "__len__"):
        raise TypeError(f"{path}: this field needs a list for each row, not {given!r}")
    return len(given)


def _has_dicts(given: list[Any]) -> bool:
    return any(isinstance(one, dict) for one in given)


def _maps(given: list[Mapping[Any, Any] | None], field: FieldOf, path: str) -> Node:
    """A dict for each row."""
    pairs = [None if one is None else list(one.items()) for one in given]
    listed = [None if one is None else [key for key, _ in one] for one in pairs]
    entry = field.message()
    if entry is None:
        raise TypeError(f"{path}: no map")
    keys = _listed(listed, field_named(entry, "key", path), 1, f"{path}.key")
    values = [value for one in pairs if one is not None for _, value in one]
    value = _objects(values, field_named(entry, "value", path), f"{path}.value")
    if not isinstance(keys, Items):
        raise TypeError(f"{path}: no map")
    both = Struct((("key", keys.item), ("value", value)), len(values))
    return Items(keys.offsets, both, keys.valid)


def _objects(given: list[Any], field: FieldOf, path: str) -> Values:
    import numpy as np

    if all(one is None for one in given):  # of any type
        return Values(np.zeros(len(given), np.int32), np.zeros(len(given), dtype=bool))
    kind = field.kind
    if field.type_name in WRAPPERS:
        message = field.message()
        kind = field_named(message, "value", path).kind if message is not None else kind
    if kind == KINDS["message"] and field.type_name not in TIMES:
        raise TypeError(
            f"{path} is a message of type {field.type_name}: it needs columns of its fields"
        )
    if kind in (KINDS["string"], KINDS["bytes"]):
        return texts(given, kind == KINDS["bytes"], path)
    return values_of(given, kind, field.type_name, path)
