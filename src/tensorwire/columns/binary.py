"""A column of bytes: one value per row, all behind one another in one block."""

from __future__ import annotations

TYPE_CHECKING = False  # see errors.py
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    import numpy as np

    Array = np.ndarray[Any, Any]

__all__ = ["BinaryColumn"]


class BinaryColumn:
    """Bytes per row, or None: what Arrow calls ``large_binary``, and exports as that.

    ``data``: all bytes, read-only; ``offsets``: int64, where each row begins, and the end of the
    last; ``validity``: one bool per row, False for None, or None where all are there.
    Threads: any number may read. Compared by identity. Pickles.
    """

    __slots__ = ("__weakref__", "data", "offsets", "validity")

    def __init__(self, data: Array, offsets: Array, validity: Array | None = None) -> None:
        self.data = data
        self.offsets = offsets
        self.validity = validity
        for array in (data, offsets, validity):
            if array is not None:
                array.setflags(write=False)

    def __len__(self) -> int:
        return len(self.offsets) - 1

    def __getitem__(self, row: int) -> bytes | None:
        """The bytes of a row; negative ones count from the end. Copies: them."""
        import operator

        at = operator.index(row)
        if not -len(self) <= at < len(self):
            raise IndexError(f"row {row} of {len(self)}")
        at %= len(self)
        if self.validity is not None and not self.validity[at]:
            return None
        return bytes(memoryview(self.data)[int(self.offsets[at]) : int(self.offsets[at + 1])])

    def __iter__(self) -> Iterator[bytes | None]:
        return iter(self.to_pylist())

    @property
    def nbytes(self) -> int:
        """Bytes of all rows."""
        return len(self.data)

    def to_pylist(self) -> list[bytes | None]:
        """One ``bytes`` per row, None for what is absent."""
        from itertools import pairwise

        view = memoryview(self.data)
        found: list[bytes | None] = [
            bytes(view[start:stop]) for start, stop in pairwise(self.offsets.tolist())
        ]
        if self.validity is not None:
            for row in (~self.validity).nonzero()[0].tolist():
                found[row] = None
        return found

    def to_arrow(self) -> Any:
        """A pyarrow array. Needs pyarrow. Copies: nothing but validity, into bits."""
        from tensorwire.columns.arrow.export import to_arrow

        return to_arrow(self)

    def __arrow_c_schema__(self) -> object:
        from tensorwire._core.arrow_export import export_schema

        return export_schema(self._field())

    def __arrow_c_array__(self, requested_schema: object = None) -> tuple[object, object]:
        """As ``large_binary``, or as ``binary`` where that is requested and holds all bytes.

        Copies: nothing but validity, into bits, and for ``binary`` the offsets.
        """
        from tensorwire._core.arrow_export import export_array, export_schema
        from tensorwire.columns.arrow.arrays import INT32_MOST, bitmap
        from tensorwire.columns.arrow.export import asked
        from tensorwire.columns.arrow.fields import Array as ArrowArray

        field, offsets = self._field(), self.offsets
        wanted = asked(field, requested_schema)
        if wanted.format == "z" and self.nbytes <= INT32_MOST:
            field, offsets = wanted, offsets.astype("<i4")
        bits, nulls = bitmap(self.validity)
        array = ArrowArray(len(self), nulls, (bits, offsets, self.data))
        return export_schema(field), export_array(array)

    def _field(self) -> Any:
        from tensorwire.columns.arrow.fields import Field

        return Field("Z", "")

    def __repr__(self) -> str:
        absent = 0 if self.validity is None else int((~self.validity).sum())
        more = f", {absent} absent" if absent else ""
        rows = len(self)
        return f"<BinaryColumn: {rows} row{'' if rows == 1 else 's'}, {self.nbytes} bytes{more}>"

    def __reduce__(self) -> tuple[type[BinaryColumn], tuple[Any, ...]]:
        return BinaryColumn, (self.data, self.offsets, self.validity)
