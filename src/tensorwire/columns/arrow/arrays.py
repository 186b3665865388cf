"""The arrays of a tree of columns, each in the format of its field."""

from __future__ import annotations

from tensorwire.columns.arrow.fields import Array
from tensorwire.columns.arrow.formats import DTYPES
from tensorwire.columns.arrow.names import name_spans
from tensorwire.columns.arrow.strings import Origin, string_buffers
from tensorwire.columns.arrow.times import times
from tensorwire.columns.data import ListData, ScalarData, StructData
from tensorwire.columns.validity import both
from tensorwire.errors import LimitError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    import numpy as np

    from tensorwire.columns.arrow.fields import Field
    from tensorwire.columns.data import AnyData
    from tensorwire.columns.types import ScalarType
    from tensorwire.columns.validity import Valid

__all__ = ["array_of", "list_array", "values_array"]

INT32_MOST = 2**31 - 1


def array_of(field: Field, data: AnyData, origin: Origin, outer: Valid = None) -> Array:
    """``data`` as ``field`` says; ``outer``: what else must be valid for a value to be valid.

    Copies: nothing of numbers and 64-bit offsets. ``field`` comes from the same type, by way of
    `formats.field_of` and `formats.requested`.
    """
    if isinstance(data, ListData):
        item = data.item
        table = item.length if isinstance(item, StructData) else len(item.values)
        if field.format == "+m":
            inner = _entries(field.children[0], item, origin, table)
        else:
            inner = array_of(field.children[0], item, origin)
        return list_array(field, data.offsets, outer, inner)
    valid = both(data.valid, outer)
    if isinstance(data, ScalarData):
        return values_array(field, data.type, data.values, valid, origin)
    if field.format == "+s":
        bits, nulls = bitmap(valid)
        pairs = zip(field.children, data.fields, strict=True)
        children = tuple(array_of(child, below, origin) for child, below in pairs)
        return Array(data.length, nulls, (bits,), children)
    if field.format.startswith("t"):
        return values_array(field, None, times(field, data, valid), valid, origin)
    value = data.fields[0]
    if not isinstance(value, ScalarData):
        raise TypeError(f"a wrapper around {type(value).__name__} has no format {field.format!r}")
    return values_array(field, value.type, value.values, valid, origin)


def _entries(field: Field, item: AnyData, origin: Origin, length: int) -> Array:
    """The entries of a map: neither they nor their keys are ever null."""
    if not isinstance(item, StructData):
        raise TypeError("the items of a map must be structs of key and value")
    key, value = item.fields
    keys = array_of(field.children[0], key, origin)
    keys = keys._replace(null_count=0, buffers=(None, *keys.buffers[1:]))
    return Array(length, 0, (None,), (keys, array_of(field.children[1], value, origin)))


def list_array(field: Field, offsets: Any, valid: Valid, inner: Array) -> Array:
    """Lists of ``inner``, or maps. Raises: ``LimitError`` for an offset of more than 32 bits."""
    import numpy as np

    bits, nulls = bitmap(valid)
    if field.format != "+L":
        if len(offsets) and offsets[-1] > INT32_MOST:
            kind = "map" if field.format == "+m" else "list"
            raise LimitError(
                f"{field.name}: the {int(offsets[-1])} items of a {kind} column pass the "
                f"{INT32_MOST} that its offsets can count; lists='large_list' in layout='flat' can"
            )
        offsets = np.asarray(offsets, "<i4")
    offsets = np.ascontiguousarray(offsets)
    return Array(len(offsets) - 1, nulls, (bits, offsets), (inner,))


def values_array(
    field: Field, scalar: ScalarType | None, values: Any, valid: Valid, origin: Origin
) -> Array:
    """One value per row: bits, numbers, times, strings, or the names of the enum ``scalar``."""
    import numpy as np

    bits, nulls = bitmap(valid)
    length = len(values)
    if field.format == "b":
        packed = np.packbits(np.asarray(values, "?"), bitorder="little")
        return Array(length, nulls, (bits, packed))
    dtype = "<i8" if field.format.startswith("t") else DTYPES.get(field.format)
    if dtype is not None:
        return Array(length, nulls, (bits, _numbers(values, dtype)))
    if scalar is not None and scalar.has_names:
        values, origin = name_spans(scalar, values, valid)
    return Array(length, nulls, (bits, *string_buffers(field.format, values, origin)))


def _numbers(values: Any, dtype: str) -> np.ndarray[Any, Any]:
    """``values`` as ``dtype``: the bits of uint64 as int64, others as they are or widened."""
    import numpy as np

    if values.dtype.itemsize == np.dtype(dtype).itemsize:
        return np.ascontiguousarray(values).view(dtype)
    return np.ascontiguousarray(values, dtype)


def bitmap(valid: Valid) -> tuple[Any, int]:
    """One bit per row, and how many are 0; no bits where that is none."""
    import numpy as np

    if valid is None:
        return None, 0
    nulls = len(valid) - int(np.count_nonzero(valid))
    return (np.packbits(valid, bitorder="little"), nulls) if nulls else (None, 0)
