"""Who makes columns of the same records: tensorwire by each kind of input, and the others.

Every side is a function without arguments over records that it holds in the form that it reads.
What is prepared once and used for every batch (a decoder, a handler, a loop) is prepared before.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import cached_property
from itertools import chain
from typing import Any

import numpy as np
from record_sets import RecordSet, encoded
from upb_columns import UpbColumn, reader, rows_of

from tensorwire import proto

Side = Callable[[], Any]


def offsets_of(records: Sequence[bytes]) -> tuple[bytes, np.ndarray]:
    """The records in one buffer, and where each starts."""
    starts = np.zeros(len(records) + 1, np.int64)
    np.cumsum([len(record) for record in records], out=starts[1:])
    return b"".join(records), starts


class Work:
    """The records of one set, in each form, and the sides that read them."""

    def __init__(self, chosen: RecordSet, quick: bool = False) -> None:
        self.set = chosen
        self.cls, self.records = encoded(chosen, quick)
        self.nbytes = sum(map(len, self.records))

    @cached_property
    def pair(self) -> tuple[bytes, np.ndarray]:
        return offsets_of(self.records)

    @cached_property
    def arrow(self) -> Any:
        """A pyarrow BinaryArray."""
        import pyarrow as pa

        return pa.array(self.records, pa.binary())

    def ours(self, form: str = "list", paths: Iterable[str] | None = None, **options: Any) -> Side:
        """``form``: ``"list"``, ``"offsets"`` or ``"arrow"``."""
        wanted = self.set.paths if paths is None else tuple(paths)
        decoder = proto.Decoder(self.cls, wanted, **{"threads": 1, **options})
        records = {"list": lambda: self.records, "offsets": lambda: self.pair}
        given = records.get(form, lambda: self.arrow)()
        return lambda: decoder(given)

    def upb(self, paths: Iterable[str] | None = None) -> Side:
        read = reader(self.cls, self.set.paths if paths is None else paths)
        return lambda: read(self.records)

    def upb_parse(self) -> Side:
        """The parse alone, each message dropped."""
        parse = self.cls.FromString

        def call() -> None:
            for record in self.records:
                parse(record)

        return call

    def upb_arrow(self, paths: Iterable[str] | None = None) -> Side:
        """The loop, then a pyarrow table of its arrays; lists in lists of one level."""
        read = self.upb(paths)
        return lambda: arrow_table(read())

    def ptars(self, form: str = "list") -> Side:
        from ptars import HandlerPool

        descriptor = self.cls.DESCRIPTOR
        handler = HandlerPool([descriptor.file]).get_for_message(descriptor)
        if form == "list":
            return lambda: handler.list_to_record_batch(self.records)
        array = self.arrow
        return lambda: handler.array_to_record_batch(array)

    def protarrow(self) -> Side:
        import protarrow

        parse, cls = self.cls.FromString, self.cls
        return lambda: protarrow.messages_to_record_batch(list(map(parse, self.records)), cls)

    def memcpy(self) -> Side:
        """A copy of the input's bytes to warm memory."""
        source = np.frombuffer(self.pair[0], np.uint8)
        target = np.zeros_like(source)
        return lambda: np.copyto(target, source)


def arrow_table(found: dict[str, UpbColumn]) -> Any:
    import pyarrow as pa

    arrays = {}
    for path, column in found.items():
        lists = bool(column.lengths)
        array = pa.array(column.values, mask=None if lists else absent(column))
        for offsets in reversed(column.offsets()):
            array = pa.LargeListArray.from_arrays(pa.array(offsets), array)
        arrays[path] = array
    return pa.table(arrays)


def absent(column: UpbColumn) -> np.ndarray | None:
    return None if column.valid is None else ~column.valid


def plain(rows: Iterable[Any], levels: int) -> list[Any]:
    """Rows for comparing: a list that is absent counts as empty, as the loop reads it."""
    found = [[] if row is None else row for row in rows]
    return [plain(row, levels - 1) for row in found] if levels > 1 else found


def flat(row: Any) -> list[Any]:
    return list(chain.from_iterable(map(flat, row))) if isinstance(row, list) else [row]


def check(work: Work, columns: Any, found: dict[str, UpbColumn]) -> None:
    """Ours and the loop's are equal. Entries of maps, whose order upb does not keep, as a set.

    Raises: ``AssertionError`` that names the column.
    """
    assert set(columns.keys()) == set(found), f"{sorted(columns.keys())}, not {sorted(found)}"
    for path, column in found.items():
        ours, theirs = columns[path].to_pylist(), list(rows_of(column))
        if column.lengths:
            ours = plain(ours, len(column.lengths))
        if path.startswith(("features.feature.", "tags.")):
            ours, theirs = (sorted(map(repr, flat(side))) for side in (ours, theirs))
        assert ours == theirs, f"{work.set.name}: {path} differs"


def check_tables(columns: Any, batch: Any) -> None:
    """Columns of a flat message equal a batch of Arrow. Raises ``AssertionError``."""
    for name in batch.schema.names:
        ours, theirs = columns[name].to_pylist(), batch.column(name).to_pylist()
        assert ours == theirs, f"{name} differs"


def values_of(columns: Any) -> int:
    """How many values the columns hold, absent ones too."""
    return sum(len(column.values) for column in columns.values())
