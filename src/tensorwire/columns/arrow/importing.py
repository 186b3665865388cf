"""Any library's Arrow table as a tree of columns: numbers, strings, lists, maps and structs."""

from __future__ import annotations

from tensorwire.columns.arrow.kinds import WIDTHS, kind_of, type_of
from tensorwire.columns.arrow.reading import arrays_of, validity_of
from tensorwire.columns.data import ListData, ScalarData, StructData
from tensorwire.columns.join import join_trees
from tensorwire.columns.sources import Sources
from tensorwire.columns.times import UNITS
from tensorwire.columns.types import NUMPY_NAMES, ListType, ScalarType, StructType
from tensorwire.columns.validity import both

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    import numpy as np

    from tensorwire._core.arrow_input import ArrowNode
    from tensorwire.columns.arrow.fields import Field
    from tensorwire.columns.data import AnyData
    from tensorwire.columns.types import AnyType
    from tensorwire.columns.validity import Valid

    Array = np.ndarray[Any, Any]
    # Values of an array by their place: a run of them, or any.
    Places = slice | Array

__all__ = ["data_of", "tree_of"]


def tree_of(source: Any) -> tuple[StructData, Sources]:
    """The rows of a table, a record batch or an array of structs, all chunks as one.

    float16 is widened to float32; a timestamp or duration becomes a struct of seconds and nanos; a
    dictionary is looked up; null lists become empty ones.
    Copies: numbers and offsets only where there are nulls, other widths or several chunks; of
    strings nothing. Lifetime: the sources hold the producer's arrays.
    Raises: ``TypeError`` for a type that has no place in columns, naming the column;
    ``ValueError`` for offsets that leave their array; what the producer's stream raises.
    """
    data, sources = data_of(source)
    if not isinstance(data, StructData) or data.type.special:
        raise TypeError(f"expected a table or an array of structs, not {type(source).__name__}")
    return data, sources


def data_of(source: Any) -> tuple[AnyData, Sources]:
    """The same of one column, of any of those types; its items, if a list's, may be lists."""
    field, arrays = arrays_of(source)
    node_type = type_of(field, field.name)
    whole = StructType("", (node_type,))
    parts = [_part(field, whole, array) for array in arrays]
    data, sources = join_trees(parts) if parts else _nothing(whole)
    return data.fields[0], sources


def _part(field: Field, whole: StructType, array: ArrowNode) -> tuple[StructData, Sources]:
    reader = _Reader()
    data = reader.read(field, whole.fields[0], array, slice(0, array.length), None)
    return StructData(whole, array.length, (data,)), reader.sources()


def _nothing(node_type: StructType) -> tuple[StructData, Sources]:
    import numpy as np

    data = _empty(node_type)
    return data, Sources((), np.zeros(1, "<i8"))  # type: ignore[return-value]


def _empty(node_type: AnyType) -> AnyData:
    """No rows."""
    import numpy as np

    if isinstance(node_type, ListType):
        return ListData(node_type, np.zeros(1, "<i8"), _empty(node_type.item))  # type: ignore[arg-type]
    if isinstance(node_type, StructType):
        return StructData(node_type, 0, tuple(_empty(child) for child in node_type.fields))
    return ScalarData(node_type, np.zeros(0, NUMPY_NAMES[node_type.kind]))


def _count(places: Places) -> int:
    return places.stop - places.start if isinstance(places, slice) else len(places)


def _moved(places: Places, by: int) -> Places:
    if isinstance(places, slice):
        return slice(places.start + by, places.stop + by)
    return places + by


class _Reader:
    """Reads one chunk; collects the buffers that spans lie in."""

    def __init__(self) -> None:
        self.buffers: list[Any] = []
        self.ends = [0]

    def sources(self) -> Sources:
        import numpy as np

        return Sources(tuple(self.buffers), np.array(self.ends, "<i8"))

    def place(self, buffer: Any) -> int:
        """Adds a buffer; returns the address of its first byte."""
        self.buffers.append(buffer)
        self.ends.append(self.ends[-1] + len(buffer))
        return self.ends[-2]

    def read(
        self, field: Field, node_type: AnyType, array: ArrowNode, places: Places, outer: Valid
    ) -> AnyData:
        """The values at ``places`` of an array, counted from its first value on; ``outer``: which
        of them lie in something that is there."""
        valid = both(outer, _valid_at(field, array, places))
        if field.dictionary is not None:
            return self._looked_up(field, node_type, array, places, valid)
        if isinstance(node_type, ListType):
            return self._lists(field, node_type, array, places, valid)
        if isinstance(node_type, ScalarType):
            return ScalarData(
                node_type, self._values(field, node_type, array, places, valid), valid
            )
        if node_type.special:
            return _times(field, node_type, _numbers(array, "<i8", places, valid), valid)
        inner = _moved(places, array.offset)
        children = tuple(
            self.read(child, child_type, below, _within(inner, below, field), valid)
            for child, child_type, below in zip(
                field.children, node_type.fields, array.children, strict=True
            )
        )
        return StructData(node_type, _count(places), children, valid)

    def _values(
        self, field: Field, scalar: ScalarType, array: ArrowNode, places: Places, valid: Valid
    ) -> Array:
        import numpy as np

        dtype: Any = NUMPY_NAMES[scalar.kind]
        if scalar.kind in ("string", "bytes"):
            spans: Array = np.zeros(_count(places), dtype)
            if len(spans):
                spans["start"], spans["length"] = self._spans(field, array, places, valid)
            if valid is not None:
                spans[~valid] = 0
            return spans
        if field.format == "n":
            return np.asarray(np.zeros(_count(places), dtype))
        if field.format == "b":
            bits = _bits(array, places)
            return bits if valid is None else bits & valid
        values = _numbers(array, WIDTHS[field.format], places, valid)
        return np.asarray(values, dtype)

    def _spans(
        self, field: Field, array: ArrowNode, places: Places, valid: Valid
    ) -> tuple[Array, Array]:
        """Starts and lengths. Columnar.html, "Variable-size Binary Layout", and of views."""
        import numpy as np

        if field.format.startswith("w:"):
            width = int(field.format[2:])
            data = array.buffer(1, (array.offset + array.length) * width) or b""
            at = np.arange(array.offset, array.offset + array.length)[places]
            return self.place(data) + at * width, np.full(len(at), width, "<i8")
        if field.format.startswith("v"):
            return self._views(array, places, valid)
        starts, ends = _offsets(array, 8 if field.format.isupper() else 4, places)
        data = array.buffer(2, int(ends.max(initial=0))) or b""
        return self.place(data) + starts, ends - starts

    def _views(self, array: ArrowNode, places: Places, valid: Valid) -> tuple[Array, Array]:
        """What lies in a view that is null is nobody's business: it becomes an empty one."""
        import numpy as np

        stop = array.offset + array.length
        raw = array.buffer(1, 16 * stop) or b""
        words = np.frombuffer(raw, "<i4").reshape(-1, 4)
        at = np.arange(array.offset, stop)[places]
        lengths, _, index, offset = (column.astype("<i8") for column in words[at].T)
        if valid is not None:
            lengths[~valid] = 0
        base = self.place(raw)
        count = max(array.buffers - 3, 0)
        sizes: Array = np.zeros(0, "<i8")
        if count:
            sizes = np.frombuffer(array.buffer(array.buffers - 1, 8 * count) or b"", "<i8")
        data = [array.buffer(2 + i, size) or b"" for i, size in enumerate(sizes.tolist())]
        bases = np.array([self.place(buffer) for buffer in data], "<i8")
        far = lengths > 12
        _require_views(index[far], offset[far], lengths, lengths[far], sizes)
        starts = base + 16 * at + 4
        starts[far] = bases[index[far]] + offset[far]
        return starts, lengths

    def _lists(
        self, field: Field, listed: ListType, array: ArrowNode, places: Places, valid: Valid
    ) -> ListData:
        import numpy as np

        (items,) = array.children
        if field.format.startswith("+w:"):
            size = int(field.format[3:])
            starts = np.arange(array.offset, array.offset + array.length)[places] * size
            ends = starts + size
        else:
            starts, ends = _offsets(array, 8 if field.format == "+L" else 4, places)
        lengths = ends - starts if valid is None else np.where(valid, ends - starts, 0)
        offsets = np.zeros(len(lengths) + 1, "<i8")
        np.cumsum(lengths, out=offsets[1:])
        inner = _item_places(starts, offsets, lengths)
        child = field.children[0]
        below = self.read(child, listed.item, items, _within(inner, items, field), None)
        return ListData(listed, offsets, below)  # type: ignore[arg-type]

    def _looked_up(
        self, field: Field, node_type: AnyType, array: ArrowNode, places: Places, valid: Valid
    ) -> AnyData:
        """The values that indices name in a dictionary; index 0 stands where there is none."""
        indices = _numbers(array, WIDTHS[field.format], places, valid).astype("<i8")
        found = array.dictionary
        if found is None or field.dictionary is None:
            raise ValueError(f"column {field.name!r} lacks its dictionary")
        if not found.length and valid is not None and not valid.any():
            return _all_absent(node_type, valid)
        return self.read(field.dictionary, node_type, found, _within(indices, found, field), valid)


def _all_absent(node_type: AnyType, valid: Array) -> AnyData:
    import numpy as np

    if not isinstance(node_type, ScalarType):
        raise TypeError(f"column {node_type.name!r}: an empty dictionary of {kind_of(node_type)}")
    return ScalarData(node_type, np.zeros(len(valid), NUMPY_NAMES[node_type.kind]), valid)


def _valid_at(field: Field, array: ArrowNode, places: Places) -> Valid:
    import numpy as np

    if field.format == "n":  # has no buffers
        return np.zeros(_count(places), "?")
    if isinstance(places, slice):
        length = places.stop - places.start
        return validity_of(array, array.offset + places.start, length) if length else None
    valid = validity_of(array, array.offset, array.length) if array.length else None
    return None if valid is None else valid[places]


def _numbers(array: ArrowNode, dtype: str, places: Places, valid: Valid) -> Array:
    """The values at ``places``, 0 where not valid."""
    import numpy as np

    size = np.dtype(dtype).itemsize
    raw = array.buffer(1, (array.offset + array.length) * size)
    values = np.frombuffer(raw or b"", dtype)[array.offset :][places]
    return values if valid is None else np.where(valid, values, np.zeros((), dtype))


def _bits(array: ArrowNode, places: Places) -> Array:
    import numpy as np

    stop = array.offset + array.length
    raw = np.frombuffer(array.buffer(1, (stop + 7) // 8) or b"", "u1")
    return np.unpackbits(raw, count=stop, bitorder="little")[array.offset :].view("?")[places]


def _offsets(array: ArrowNode, size: int, places: Places) -> tuple[Array, Array]:
    """Where each value begins and ends.

    Raises: ``ValueError`` for one that ends before it begins.
    """
    import numpy as np

    if not array.length:
        return np.zeros(0, "<i8"), np.zeros(0, "<i8")
    raw = array.buffer(1, (array.offset + array.length + 1) * size) or b""
    offsets = np.frombuffer(raw, f"<i{size}")[array.offset :].astype("<i8", copy=False)
    starts, ends = offsets[:-1][places], offsets[1:][places]
    if len(starts) and (starts.min() < 0 or (ends < starts).any()):
        at = int(np.argmax((starts < 0) | (ends < starts)))
        raise ValueError(f"offsets of an Arrow array go from {starts[at]} to {ends[at]}")
    return starts, ends


def _item_places(starts: Array, offsets: Array, lengths: Array) -> Places:
    """The items of lists: a run where they lie one behind the other, as they mostly do."""
    import numpy as np

    held = lengths > 0
    first = int(starts[held][0]) if held.any() else 0
    if (starts[held] - first == offsets[:-1][held]).all():
        return slice(first, first + int(offsets[-1]))
    return np.repeat(starts - offsets[:-1], lengths) + np.arange(int(offsets[-1]))


def _within(places: Places, array: ArrowNode, field: Field) -> Places:
    """Raises: ``ValueError`` for places that an array does not have."""
    if isinstance(places, slice):
        low, high = places.start, places.stop
    else:
        low, high = int(places.min(initial=0)), int(places.max(initial=-1)) + 1
    if low < 0 or high > array.length:
        raise ValueError(
            f"column {field.name!r} points to the values {low} to {high} of {array.length}"
        )
    return places


def _require_views(index: Array, offset: Array, lengths: Array, far: Array, sizes: Array) -> None:
    """Raises: ``ValueError`` for a view that leaves its buffer."""
    wrong = bool((lengths < 0).any())
    if not wrong and len(index):
        wrong = index.min() < 0 or index.max() >= len(sizes) or offset.min() < 0
        wrong = wrong or bool((offset + far > sizes[index]).any())
    if wrong:
        raise ValueError("a view of an Arrow array leaves its buffer")


def _times(field: Field, struct: StructType, counts: Array, valid: Valid) -> StructData:
    """Seconds and nanoseconds: of timestamps the latter count upwards, of durations both have the
    same sign. Source: google/protobuf/timestamp.proto and duration.proto."""
    import numpy as np

    unit = next(unit for unit in UNITS if unit[0] == field.format[2])
    per_second = UNITS[unit]
    seconds, rest = np.divmod(counts, np.int64(per_second))
    if struct.special == "duration":
        up = (seconds < 0) & (rest > 0)
        seconds, rest = seconds + up, rest - up * np.int64(per_second)
    nanos = (rest * np.int64(UNITS["ns"] // per_second)).astype("<i4")
    first, second = struct.fields
    parts = ScalarData(first, seconds), ScalarData(second, nanos)  # type: ignore[arg-type]
    return StructData(struct, len(counts), parts, valid)
