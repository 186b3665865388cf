"""Any library's Arrow columns of bytes, as they lie in memory: chunks of offsets or views."""

from __future__ import annotations

from dataclasses import dataclass

from tensorwire._core.arrow_input import ArrowNode, ArrowStream, read_schema, take_array
from tensorwire.columns.arrow.fields import field_from

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from tensorwire.columns.arrow.fields import Field

__all__ = ["BinaryChunk", "arrays_of", "binary_chunks", "binary_stream", "is_arrow", "validity_of"]

# Formats of bytes; a string is UTF-8 in bytes. What has nothing but nulls is of type null, where
# a library tells the type by the values.
KINDS = {
    "n": "offsets32",
    "z": "offsets32",
    "u": "offsets32",
    "Z": "offsets64",
    "U": "offsets64",
    "vz": "views",
    "vu": "views",
}

# Names of formats for errors: CDataInterface.html, "Data type description".
NAMES = {
    "n": "null",
    "b": "bool",
    "c": "int8",
    "C": "uint8",
    "s": "int16",
    "S": "uint16",
    "i": "int32",
    "I": "uint32",
    "l": "int64",
    "L": "uint64",
    "e": "float16",
    "f": "float32",
    "g": "float64",
    "z": "binary",
    "Z": "large_binary",
    "vz": "binary_view",
    "u": "string",
    "U": "large_string",
    "vu": "string_view",
    "+l": "list",
    "+L": "large_list",
    "+vl": "list_view",
    "+vL": "large_list_view",
    "+s": "struct",
    "+m": "map",
    "+r": "run-end encoded",
}
PREFIXES = {
    "d:": "decimal",
    "w:": "fixed-size binary",
    "td": "date",
    "tt": "time",
    "ts": "timestamp",
    "tD": "duration",
    "ti": "interval",
    "+w": "fixed-size list",
    "+u": "union",
}

NO_BYTES = memoryview(b"")

FIXED = "w:"  # and the number of bytes

ACCEPTED = "binary, large_binary, binary_view, fixed-size binary, or a string type"


@dataclass(frozen=True, slots=True, eq=False)
class BinaryChunk:
    """``length`` values in a producer's memory, without a copy.

    ``kind``: ``"offsets32"`` and ``"offsets64"`` have ``offsets``, of ``length + 1`` int32 or
    int64, into ``data[0]``; ``"views"`` has ``views``, of 16 bytes each, into ``data``; the other
    one is empty.
    ``validity``: a bitmap whose bit ``bit_offset`` is that of the first value, or None: all valid.
    No offset and no view is checked. Lifetime: each buffer holds the producer's whole array.
    """

    kind: str
    length: int
    offsets: memoryview
    views: memoryview
    data: tuple[Any, ...]
    validity: Any = None
    bit_offset: int = 0


def is_arrow(source: Any) -> bool:
    """Whether an object offers Arrow's arrays."""
    return hasattr(source, "__arrow_c_array__") or hasattr(source, "__arrow_c_stream__")


def binary_chunks(source: Any) -> list[BinaryChunk]:
    """The chunks of a column of bytes: of an array, or of a whole stream.

    ``source`` has ``__arrow_c_array__`` or ``__arrow_c_stream__``; a struct (as record batches and
    tables are) must have exactly one column, and a null of the struct is a null of its column.
    Copies: nothing but validity where a struct has its own.
    Raises: ``TypeError`` for other types, naming what was found; what the producer's stream raises.
    """
    return list(binary_stream(source))


def binary_stream(source: Any) -> Iterator[BinaryChunk]:
    """The chunks one by one, read as they are asked for; otherwise `binary_chunks`."""
    field, arrays = arrays_of(source)
    column = _binary_column(field)
    return (_struct_chunk(field, column, array) for array in arrays)


def arrays_of(source: Any) -> tuple[Field, Iterator[ArrowNode]]:
    """The type and the arrays of anything that offers Arrow's."""
    if hasattr(source, "__arrow_c_array__"):
        schema, array = source.__arrow_c_array__()
        return field_from(read_schema(schema)), iter((take_array(array),))
    if hasattr(source, "__arrow_c_stream__"):
        stream = ArrowStream(source.__arrow_c_stream__())
        return field_from(stream.schema()), stream
    raise TypeError(
        f"expected an object with __arrow_c_array__ or __arrow_c_stream__, "
        f"not {type(source).__name__}"
    )


def type_name(field: Field) -> str:
    """The type of a field in words."""
    if field.dictionary is not None:
        return f"dictionary of {type_name(field.dictionary)}"
    prefix = PREFIXES.get(field.format[:2], f"Arrow type {field.format!r}")
    return NAMES.get(field.format, prefix)


def _binary_column(field: Field) -> Field:
    """The column of bytes itself, or the only one of a struct. Raises: ``TypeError``."""
    column = field
    if field.format == "+s" and field.dictionary is None:
        if len(field.children) != 1:
            names = ", ".join(repr(child.name) for child in field.children[:8])
            raise TypeError(
                f"expected one column of {ACCEPTED}, not a table of {len(field.children)} columns"
                + (f" ({names}): select one" if names else "")
            )
        column = field.children[0]
    if column.dictionary is not None or not _is_bytes(column.format):
        named = f"column {column.name!r} of {type_name(column)}" if column.name else ""
        advice = ": cast it to what it is a dictionary of" if column.dictionary is not None else ""
        raise TypeError(f"expected {ACCEPTED}, not {named or type_name(column)}{advice}")
    return column


def _is_bytes(format: str) -> bool:
    return format in KINDS or format.startswith(FIXED)


def _struct_chunk(field: Field, column: Field, array: ArrowNode) -> BinaryChunk:
    if column is field:
        validity = _bits(array, array.offset, array.length)
        return _chunk(column.format, array, array.offset, array.length, validity)
    (child,) = array.children
    # Columnar.html, "Struct Layout": the children lie behind the struct's offset as well.
    start = child.offset + array.offset
    if array.length > child.length - array.offset:
        raise ValueError(
            f"a struct of {array.length} rows from {array.offset} on has a column of "
            f"{child.length} values"
        )
    validity = _joined(array, child)
    return _chunk(column.format, child, start, array.length, validity)


def _chunk(
    format: str, array: ArrowNode, start: int, length: int, validity: tuple[Any, int]
) -> BinaryChunk:
    """The values ``start`` to ``start + length`` of the buffers."""
    if format == "n":
        offsets = _numbers(memoryview(bytes(4 * (length + 1))), 4)
        return BinaryChunk(KINDS[format], length, offsets, NO_BYTES, (b"",), bytes(length // 8 + 1))
    if format.startswith(FIXED):
        return _fixed_chunk(int(format[len(FIXED) :]), array, start, length, validity)
    kind = KINDS[format]
    if kind == "views":
        return _view_chunk(array, start, length, validity)
    size = 4 if kind == "offsets32" else 8
    if not length:  # even the first offset may be missing
        return BinaryChunk(kind, 0, _numbers(memoryview(bytes(size)), size), NO_BYTES, (b"",))
    raw = _aligned(array.buffer(1, (start + length + 1) * size), start * size, size)
    offsets = _numbers(raw, size)
    data = array.buffer(2, max(offsets[-1], 0))
    return BinaryChunk(kind, length, offsets, NO_BYTES, (_or_empty(data),), *validity)


def _fixed_chunk(
    width: int, array: ArrowNode, start: int, length: int, validity: tuple[Any, int]
) -> BinaryChunk:
    """Values of one width. Columnar.html, "Fixed-Size Primitive Layout"."""
    import numpy as np

    offsets = memoryview(np.arange(start, start + length + 1, dtype=np.int64) * width)
    data = array.buffer(1, (start + length) * width)
    return BinaryChunk("offsets64", length, offsets, NO_BYTES, (_or_empty(data),), *validity)


def _numbers(raw: memoryview, size: int) -> memoryview:
    return raw.cast("i") if size == 4 else raw.cast("q")


def _view_chunk(
    array: ArrowNode, start: int, length: int, validity: tuple[Any, int]
) -> BinaryChunk:
    """Columnar.html, "Variadic buffers"; their sizes are the last buffer of the C interface."""
    data: list[Any] = []
    if not length:
        return BinaryChunk("views", 0, NO_BYTES, NO_BYTES, ())
    views = _aligned(array.buffer(1, (start + length) * 16), start * 16, 8)
    count = array.buffers - 3
    if count > 0:
        sizes = _aligned(array.buffer(array.buffers - 1, 8 * count), 0, 8).cast("q")
        data = [_or_empty(array.buffer(2 + i, size)) for i, size in enumerate(sizes)]
    return BinaryChunk("views", length, NO_BYTES, views, tuple(data), *validity)


def _aligned(buffer: Any, start: int, size: int) -> memoryview:
    """The bytes from ``start`` on, copied where the producer's memory is not aligned to ``size``,
    which the format only recommends."""
    view = memoryview(buffer)[start:]
    return memoryview(bytes(view)) if (buffer.address + start) % size else view


def _or_empty(buffer: Any) -> Any:
    return b"" if buffer is None else buffer


def _bits(array: ArrowNode, start: int, length: int) -> tuple[Any, int]:
    """The validity of ``length`` values from ``start`` on in the buffers, with its first bit."""
    if array.null_count == 0 or not array.buffers:  # those of type null have none
        return None, 0
    bits = array.buffer(0, (start + length + 7) // 8)
    return (None, 0) if bits is None else (bits, start)


def validity_of(array: ArrowNode, start: int, length: int) -> Any:
    """One bool per value from ``start`` on in the buffers; None: all valid."""
    import numpy as np

    bits, _ = _bits(array, start, length)
    if bits is None:
        return None
    packed = np.frombuffer(bits, "u1")[start // 8 :]
    return np.unpackbits(packed, count=start % 8 + length, bitorder="little")[start % 8 :].view("?")


def _joined(array: ArrowNode, child: ArrowNode) -> tuple[Any, int]:
    """The validity of a struct's only child, less the rows where the struct itself is null."""
    import numpy as np

    start = child.offset + array.offset
    rows = validity_of(array, array.offset, array.length)
    if rows is None:
        return _bits(child, start, array.length)
    values = validity_of(child, start, array.length)
    both = rows if values is None else rows & values
    return np.packbits(both, bitorder="little"), 0
