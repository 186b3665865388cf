"""What is true of any columns, and how they leave: Arrow, pickles, copies of their own."""

from __future__ import annotations

import pickle
from typing import Any

import numpy as np
from column_cases import Case, lists_of, same
from column_inputs import errors_of, plain_lists
from column_oracle import BEYOND

from tensorwire import proto


def check(case: Case) -> int:
    """The parts of a column fit each other, and every copy of columns is equal to them."""
    columns = case.decode()
    lists = lists_of(columns)
    for path in columns:
        if lists[path] != BEYOND:
            check_parts(columns[path], len(columns))
            same(path, rebuilt(columns[path]), lists[path])
    wanted, errors = plain_lists(columns), errors_of(columns)
    for copy in (columns.compact(), pickle.loads(pickle.dumps(columns))):
        assert plain_lists(copy) == wanted and errors_of(copy) == errors
        assert list(copy) == list(columns) and len(copy) == len(columns)
    if BEYOND not in lists.values():
        check_arrow(columns, lists)
    return len(lists)


def check_parts(column: Any, rows: int) -> None:
    """Offsets ascend from 0 and end where the next level does; absent values are 0."""
    count = rows
    assert len(column) == rows
    for offsets, valid in zip(column.offsets, column.list_validity, strict=True):
        assert offsets.dtype == np.int64 and len(offsets) == count + 1 and offsets[0] == 0
        lengths = np.diff(offsets)
        assert (lengths >= 0).all()
        if valid is not None:
            assert valid.dtype == bool and len(valid) == count and not lengths[~valid].any()
        count = int(offsets[-1])
    assert len(column.values) == count
    if column.validity is not None:
        assert column.validity.dtype == bool and len(column.validity) == count
        absent = column.values[~column.validity]
        assert not absent.view(np.uint8).any(), "an absent value is not 0"


def rebuilt(column: Any) -> list[Any]:
    """Rows out of values, offsets and validity alone."""
    is_text = column.kind in ("string", "bytes")
    items = column._objects() if is_text else column.values.tolist()
    if column.validity is not None:
        items = [one if ok else None for one, ok in zip(items, column.validity, strict=True)]
    pairs = list(zip(column.offsets, column.list_validity, strict=True))
    for offsets, valid in reversed(pairs):
        bounds = offsets.tolist()
        there = [True] * (len(bounds) - 1) if valid is None else valid.tolist()
        items = [
            items[bounds[i] : bounds[i + 1]] if there[i] else None for i in range(len(there))
        ]
    return items


def check_arrow(columns: Any, lists: dict[str, list[Any]]) -> None:
    """pyarrow finds nothing wrong, and the same values."""
    import pyarrow as pa

    table = pa.table(columns)
    table.validate(full=True)
    assert table.column_names == list(columns) and table.num_rows == len(columns)
    for path, wanted in lists.items():
        array = table[path]
        same(path, array.cast(_counted(array.type)).to_pylist(), as_in_arrow(wanted, array.type))


def _counted(kind: Any) -> Any:
    """The type with times as int64."""
    import pyarrow as pa

    if pa.types.is_large_list(kind):
        return pa.large_list(_counted(kind.value_type))
    if pa.types.is_timestamp(kind) or pa.types.is_duration(kind):
        return pa.int64()
    return kind


def as_in_arrow(value: Any, kind: Any) -> Any:
    """A value with strings as bytes where the type is binary, which strings unchecked are."""
    import pyarrow as pa

    if isinstance(value, list):
        inner = kind.value_type if pa.types.is_large_list(kind) else kind
        return [as_in_arrow(one, inner) for one in value]
    is_binary = pa.types.is_binary_view(kind) or pa.types.is_binary(kind)
    return value.encode() if is_binary and isinstance(value, str) else value


def check_views(case: Case) -> int:
    """Our messages, parsed or changed, give the row that their bytes give."""
    count = 0
    for row in case.rows:
        if row is None:
            continue
        try:
            message = case.world.ours.FromString(row)
        except ValueError:
            continue
        wanted = plain_lists(case.decode([row]))
        options = {"each": case.each, **case.options}
        assert plain_lists(proto.columns(message, case.paths, **options)) == wanted
        again = case.world.ours()
        again.MergeFrom(message)
        alone = proto.columns(again, case.paths, **options)
        encoded = case.decode([again.SerializePartialToString()])
        assert plain_lists(alone) == plain_lists(encoded)
        count += 1
    return count
