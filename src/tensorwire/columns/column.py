"""One column: flat values, the offsets of the lists around them, and what is absent."""

from __future__ import annotations

from tensorwire.columns.flatten import flatten
from tensorwire.columns.nesting import nested, places, rectangle
from tensorwire.limits import DEFAULT

TYPE_CHECKING = False  # see errors.py
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any

    import numpy as np

    from tensorwire.columns.arrow.options import ArrowOptions
    from tensorwire.columns.columns import Columns
    from tensorwire.columns.data import StructData
    from tensorwire.columns.sources import Sources
    from tensorwire.columns.types import ScalarType, StructType
    from tensorwire.columns.validity import Valid
    from tensorwire.limits import Limits

    Array = np.ndarray[Any, Any]

__all__ = ["Column"]

_TIMES = {"timestamp": "M8", "duration": "m8"}


class Column:
    """The values of one field in all rows, ready for NumPy and Arrow.

    ``len`` is the number of rows. Of a field in lists, repeated or in what repeats, all values lie
    flat in `values`, and `offsets` has one array per list around it.
    Threads: any number may read. Lifetime: strings and bytes lie in the input, which this keeps;
    `Columns.compact` lets go of it. Compared by identity. Pickles with its own bytes only.
    """

    __slots__ = ("_data", "_flat", "arrow", "path", "sources")

    def __init__(self, path: str, data: StructData, sources: Sources, arrow: ArrowOptions) -> None:
        """``data``: a tree with the one leaf (see `flatten.pruned`)."""
        self.path = path
        self.sources = sources
        self.arrow = arrow
        self._data = data
        self._flat = flatten(data, path, arrow.timestamps)

    @property
    def type(self) -> ScalarType | StructType:
        """The type of the field: a struct for timestamps, durations and wrappers."""
        return self._flat.type

    @property
    def kind(self) -> str:
        """Of the values: "int64", "string", "enum", ... or "timestamp" or "duration"."""
        return self._flat.kind

    @property
    def unit(self) -> str:
        """What timestamps and durations are counted in: "ns", "us", "ms" or "s"; else ""."""
        return self._flat.unit

    @property
    def values(self) -> Array:
        """All values, flat; 0 where absent.

        Strings and bytes are pairs ``start`` and ``length`` of int64 in the addresses of
        `sources`; timestamps and durations int64 in `unit`; enums int32. Copies: nothing.
        """
        return self._flat.values

    @property
    def offsets(self) -> tuple[Array, ...]:
        """Where each list begins, and the last one ends, for every level of lists; int64.

        The outermost level comes first and has one list per row; each counts in the next one's
        lists, the last one in `values`.
        """
        return self._flat.offsets

    @property
    def validity(self) -> Valid:
        """One bool per value, False where it is absent; None if all are there."""
        return self._flat.validity

    @property
    def list_validity(self) -> tuple[Valid, ...]:
        """For every level of lists one bool per list; None if all are there."""
        return self._flat.list_validity

    @property
    def labels(self) -> dict[int, str]:
        """The names of an enum by number; empty for other types."""
        return dict(getattr(self.type, "labels", ()))

    def __len__(self) -> int:
        return len(self.offsets[0]) - 1 if self.offsets else len(self.values)

    def __iter__(self) -> Iterator[Any]:
        return iter(self.to_pylist())

    def to_pylist(self) -> list[Any]:
        """One object per row, None for what is absent; of fields in lists, lists.

        Strings are str (bytes where the schema does not demand UTF-8 and they are not), bytes
        are bytes, timestamps and durations NumPy's datetime64 and timedelta64, enums int.
        Raises: ``DecodeError`` if the input was changed in the meantime.
        """
        items = self._objects()
        for level, valid in zip(reversed(self.offsets), reversed(self.list_validity), strict=True):
            items = nested(items, level, valid)
        return items

    def to_numpy(self, fill: Any = None, pad: bool = False, limits: Limits | None = None) -> Any:
        """An array with one element per row; of fields in lists, a list of arrays, or padded.

        Strings and bytes give an array of objects, timestamps and durations datetime64 and
        timedelta64. ``fill`` stands for what is absent, in an array whose dtype has room for it;
        ``numpy.ma.masked`` gives masked arrays. By default objects are None and times NaT there,
        and numbers an error. ``pad=True`` lays lists out in a rectangle as long as the longest,
        of which the rest is ``fill`` (by default None, NaT or 0); without, absent lists are None,
        or empty where ``fill`` is given. Copies: nothing of numbers that are all there and keep
        their dtype, and are not to be padded or have lists of one length: they are views.
        Raises: ``ValueError`` for absent numbers without ``fill``; ``LimitError`` for a rectangle
        that is far larger than what lies in it, see `Limits`, ``column_growth``.
        """
        if pad and self.offsets:
            return self._padded(fill, DEFAULT if limits is None else limits)
        items: Any = self._elements(fill)
        for level, valid in zip(reversed(self.offsets), reversed(self.list_validity), strict=True):
            items = nested(items, level, valid, None if fill is None else items[:0])
        return items

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Array:
        """As `to_numpy`; a field in lists is an array of objects, one array or list per row."""
        import numpy as np

        made = self.to_numpy()
        array = _objects_array(made) if isinstance(made, list) else made
        is_view = np.shares_memory(array, self.values) if len(array) else True
        if copy is False and not (is_view and dtype in (None, array.dtype)):
            raise ValueError(f"column {self.path!r} cannot be an array without being copied")
        if dtype is not None:
            array = array.astype(dtype, copy=False)
        return array.copy() if copy and np.shares_memory(array, self.values) else array

    def to_arrow(self) -> Any:
        """A pyarrow array. Needs pyarrow; see `Columns.to_arrow` for what is copied."""
        from tensorwire.columns.arrow.export import to_arrow

        return to_arrow(self)

    def __arrow_c_schema__(self) -> object:
        from tensorwire.columns.arrow.export import column_schema

        return column_schema(self._table(), self.path)

    def __arrow_c_array__(self, requested_schema: object = None) -> tuple[object, object]:
        from tensorwire.columns.arrow.export import column_capsules

        return column_capsules(self._table(), self.path, requested_schema)

    def _table(self) -> Columns:
        from tensorwire.columns.columns import Columns

        return Columns(self._data, (self.path,), self.sources, (), self.arrow)

    def __repr__(self) -> str:
        """``<Column 'items.price' list<float64>: 3 rows, 7 values, 1 absent>``, one line."""
        rows = len(self)
        parts = [f"{rows} row{'' if rows == 1 else 's'}"]
        if self.offsets:
            parts.append(f"{len(self.values)} values")
        absent = 0 if self.validity is None else int((~self.validity).sum())
        if absent:
            parts.append(f"{absent} absent")
        return f"<Column {self.path!r} {self.dtype_text()}: {', '.join(parts)}>"

    def dtype_text(self) -> str:
        """The type in short: ``int64``, ``timestamp[ns]``, ``list<string>``."""
        depth = len(self.offsets)
        unit = f"[{self.unit}]" if self.unit else ""
        return f"{'list<' * depth}{self.kind}{unit}{'>' * depth}"

    def __reduce__(self) -> tuple[Callable[..., Column], tuple[Any, ...]]:
        from tensorwire.columns.compact import compact_tree

        return Column, (self.path, *compact_tree(self._data, self.sources), self.arrow)

    def _objects(self) -> list[Any]:
        """`values` as Python objects, flat."""
        values, valid = self.values, self.validity
        if self.kind in ("string", "bytes"):
            return self._texts()
        if self.kind in _TIMES:
            listed = list(self._times())
        elif valid is None:
            return list(values.tolist())
        else:
            listed = values.tolist()
        if valid is not None:
            for place in (~valid).nonzero()[0].tolist():
                listed[place] = None
        return listed

    def _texts(self) -> list[Any]:
        from tensorwire._core.spans import BYTES, TEXT, TEXT_OR_BYTES, span_objects

        inner = self.type if not hasattr(self.type, "fields") else self.type.fields[0]
        checked = getattr(inner, "checked", True)
        kind = BYTES if self.kind == "bytes" else TEXT if checked else TEXT_OR_BYTES
        sources = self.sources
        return span_objects(sources.buffers, sources.starts, self.values, kind, self.validity)

    def _times(self) -> Array:
        return self.values.view(f"<{_TIMES[self.kind]}[{self.unit}]")

    def _elements(self, fill: Any) -> Array:
        """The values, flat, in a dtype for ``fill``, which stands for absent ones."""
        import numpy as np

        valid = self.validity
        if self.kind in ("string", "bytes"):
            values = np.array(self._texts(), dtype=object)
        else:
            values = self._times() if self.kind in _TIMES else self.values
        if fill is np.ma.masked:
            return np.ma.MaskedArray(values, mask=False if valid is None else ~valid)
        if fill is not None and values.dtype != object:
            values = values.astype(np.result_type(values.dtype, fill), copy=False)
        if valid is None or valid.all():
            return values
        if fill is None and values.dtype == object:
            return values
        if fill is None:
            fill = self._no_fill(values)
        return np.where(valid, values, np.asarray(fill, dtype=values.dtype))

    def _no_fill(self, values: Array) -> Any:
        """What stands for absent values where nothing was said."""
        import numpy as np

        if self.kind in _TIMES:
            return np.array("NaT", dtype=values.dtype)
        valid = self.validity
        absent = 0 if valid is None else int((~valid).sum())
        raise ValueError(
            f"column {self.path!r} has {absent} absent of {len(values)} values: pass fill= with a "
            "number for them (fill=0, fill=float('nan')), or fill=numpy.ma.masked"
        )

    def _padded(self, fill: Any, limits: Limits) -> Array:
        from math import prod

        import numpy as np

        shape = rectangle(self.offsets)
        values = self._elements(fill)
        held = values.nbytes + sum(level.nbytes for level in self.offsets)
        what = f"column {self.path!r}: {' x '.join(map(str, shape))} padded values"
        limits.require_columns(what, prod(shape) * values.itemsize, held, shape[0])
        if len(values) == prod(shape):  # no list is shorter than another
            return values.reshape(shape)
        is_masked = fill is np.ma.masked
        if fill is None or is_masked:
            fill = None if values.dtype == object else np.zeros((), values.dtype)[()]
            if self.kind in _TIMES:
                fill = np.array("NaT", dtype=values.dtype)
        laid = np.full(shape, fill, dtype=values.dtype)
        where = places(self.offsets, shape)
        laid.reshape(-1)[where] = values.data if is_masked else values
        if not is_masked:
            return laid
        mask = np.ones(shape, dtype=bool)
        mask.reshape(-1)[where] = np.ma.getmaskarray(values)
        return np.ma.MaskedArray(laid, mask=mask)


def _objects_array(items: list[Any]) -> Array:
    """A 1-D array of these objects, whatever their lengths are."""
    import numpy as np

    return np.fromiter(items, dtype=object, count=len(items))
