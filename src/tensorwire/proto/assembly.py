"""From the arrays of a projection to the tree of columns."""

from __future__ import annotations

from functools import partial

from tensorwire.columns.data import ListData, ScalarData, StructData
from tensorwire.columns.sources import Sources
from tensorwire.columns.types import NUMPY_NAMES, ListType, StructType

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    import numpy as np

    from tensorwire._core.block import Block
    from tensorwire._core.decoded import Decoded
    from tensorwire._core.rows import Rows
    from tensorwire.columns.data import AnyData
    from tensorwire.columns.types import AnyType, ScalarType
    from tensorwire.proto.wanted import Wanted

    Array = np.ndarray[Any, Any]

__all__ = ["assembled", "sources_of"]


def assembled(root: Wanted, row: Wanted, kind: StructType, decoded: Decoded) -> StructData:
    """The tree of the rows: of the records, or of the items of the field ``row``."""
    if row is root:
        length = decoded.rows(0)
        return StructData(kind, length, _fields(root, kind, decoded, length), _not_null(decoded))
    length = decoded.rows(decoded.projection.nodes[row.node][3])
    return StructData(kind, length, _fields(row, kind, decoded, length))


def sources_of(chunks: list[Rows]) -> Sources:
    """What the addresses of all chunks count in, one chunk behind the other."""
    return Sources.later(partial(_listed, chunks))


def _listed(chunks: list[Rows]) -> tuple[Sequence[Any], Array]:
    import numpy as np

    held: list[Any] = []
    sizes = [np.zeros(1, dtype=np.int64)]
    for chunk in chunks:
        buffers, block = chunk.sources()
        held.append(buffers)
        sizes.append(np.frombuffer(block, dtype=np.int64))
    starts = np.cumsum(np.concatenate(sizes))
    return held[0] if len(held) == 1 else tuple([b for one in held for b in one]), starts


def _fields(
    place: Wanted, kind: StructType, decoded: Decoded, length: int
) -> tuple[AnyData, ...]:
    """The fields of a message, whose table has ``length`` rows."""
    pairs = zip(place.below.values(), kind.fields, strict=True)
    return tuple([_data(one, type_, decoded, length) for one, type_ in pairs])


def _data(place: Wanted, kind: AnyType, decoded: Decoded, length: int) -> AnyData:
    values, seen, list_number, table = decoded.projection.nodes[place.node]
    if not isinstance(kind, ListType):
        return _item(place, kind, decoded, (values, seen), length)
    offsets = _array(decoded.starts(list_number), "<i8")
    item = _item(place, kind.item, decoded, (values, -1), decoded.rows(table))
    return ListData(kind, offsets, item)


def _item(
    place: Wanted,
    kind: ScalarType | StructType,
    decoded: Decoded,
    arrays: tuple[int, int],
    length: int,
) -> ScalarData | StructData:
    """One value or message per row."""
    values, seen = arrays
    valid = _valid(decoded, seen)
    if isinstance(kind, StructType):
        return StructData(kind, length, _fields(place, kind, decoded, length), valid)
    return ScalarData(kind, _array(decoded.array(values), NUMPY_NAMES[kind.kind]), valid)


def _valid(decoded: Decoded, seen: int) -> Any:
    if seen < 0:
        return None
    valid = _array(decoded.array(seen), "?")
    return None if valid.all() else valid


def _not_null(decoded: Decoded) -> Any:
    return ~_array(decoded.array(0), "?") if decoded.nulls else None


def _array(block: Block, dtype: Any) -> Array:
    import numpy as np

    if len(block) == 0:
        return np.empty(0, dtype=dtype)
    return np.frombuffer(block, dtype=dtype)
