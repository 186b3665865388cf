"""Trees of columns made from plain Python rows, and the columns that plain Python makes of them.

A row is a dict by field, None where it is absent; a list is a list; times are (seconds, nanos).
"""

from __future__ import annotations

import numpy as np
from hypothesis import strategies as st

from tensorwire.columns.columns import Columns
from tensorwire.columns.data import ListData, ScalarData, StructData
from tensorwire.columns.flatten import leaf_paths
from tensorwire.columns.sources import Sources
from tensorwire.columns.types import NUMPY_NAMES, ListType, ScalarType, StructType

SPAN = np.dtype(NUMPY_NAMES["string"])

NUMBERS = {
    "int8": st.integers(-(2**7), 2**7 - 1),
    "int16": st.integers(-(2**15), 2**15 - 1),
    "uint8": st.integers(0, 2**8 - 1),
    "uint16": st.integers(0, 2**16 - 1),
    "int32": st.integers(-(2**31), 2**31 - 1),
    "int64": st.integers(-(2**63), 2**63 - 1),
    "uint32": st.integers(0, 2**32 - 1),
    "uint64": st.integers(0, 2**64 - 1),
    "float32": st.floats(width=32, allow_nan=False),
    "float64": st.floats(allow_nan=False),
    "bool": st.booleans(),
    "enum": st.integers(-3, 3),
    "string": st.text(max_size=20),
    "bytes": st.binary(max_size=20),
}

ZEROS = dict.fromkeys(NUMBERS, 0) | {"string": "", "bytes": b"", "bool": False}

#: What "seconds" are in all units' reach, and nanoseconds as the protos have them.
SECONDS = st.integers(-(2**33), 2**33)
NANOS = st.integers(0, 999_999_999)


class Bytes:
    """Collects bytes into buffers, a new one now and then, and gives their addresses."""

    def __init__(self, most: int) -> None:
        self.most = most
        self.buffers = [bytearray()]
        self.end = 0

    def span(self, text: bytes) -> tuple[int, int]:
        if not text:
            return (0, 0)
        if len(self.buffers[-1]) > self.most:
            self.buffers.append(bytearray())
        start = self.end
        self.buffers[-1] += text
        self.end += len(text)
        return (start, len(text))

    def sources(self) -> Sources:
        return Sources.of([bytes(buffer) for buffer in self.buffers])


def mask(values: list) -> np.ndarray | None:
    valid = np.array([value is not None for value in values], dtype=bool)
    return None if valid.all() else valid


def made_scalar(kind: ScalarType, values: list, text: Bytes) -> ScalarData:
    there = [ZEROS[kind.kind] if value is None else value for value in values]
    if kind.kind in ("string", "bytes"):
        plain = [one.encode() if isinstance(one, str) else one for one in there]
        there = [text.span(one) for one in plain]
    return ScalarData(kind, np.array(there, dtype=NUMPY_NAMES[kind.kind]), mask(values))


def made_struct(kind: StructType, values: list, text: Bytes) -> StructData:
    if kind.special in ("timestamp", "duration"):
        values = [
            None if value is None else dict(zip(("seconds", "nanos"), value, strict=True))
            for value in values
        ]
    fields = tuple(
        made(field, [absent(field, value) for value in values], text) for field in kind.fields
    )
    valid = mask(values)
    # A scalar of implicit presence is not invalid itself where its message is absent.
    fields = tuple(
        ScalarData(f.type, f.values) if isinstance(f, ScalarData) and not f.type.nullable else f
        for f in fields
    )
    return StructData(kind, len(values), fields, valid)


def absent(field, value):
    if value is None:
        return [] if isinstance(field, ListType) else None
    return value[field.name]


def made(kind, values: list, text: Bytes):
    if isinstance(kind, ScalarType):
        return made_scalar(kind, values, text)
    if isinstance(kind, StructType):
        return made_struct(kind, values, text)
    offsets = np.cumsum([0, *map(len, values)], dtype=np.int64)
    return ListData(kind, offsets, made(kind.item, [one for each in values for one in each], text))


def plain(kind, value, parts: tuple[str, ...], unit: int = 1):
    """One row's part of the column, by a loop."""
    if value is None:
        return None
    if isinstance(kind, ListType):
        return [plain(kind.item, one, parts, unit) for one in value]
    if isinstance(kind, ScalarType):
        return value
    if kind.special in ("timestamp", "duration"):
        name = "M8[ns]" if kind.special == "timestamp" else "m8[ns]"
        return np.int64(value[0] * 10**9 + value[1]).view(name)
    if kind.special == "wrapper":
        return value["value"]
    field = next(field for field in kind.fields if field.name == parts[0])
    return plain(field, value[field.name], parts[1:], unit)


def table(kind: StructType, rows: list, most: int = 8) -> Columns:
    text = Bytes(most)
    data = made_struct(kind, rows, text)
    return Columns(data, leaf_paths(kind), text.sources())


def expected(kind: StructType, rows: list, path: str) -> list:
    return [plain(kind, row, tuple(path.split("."))) for row in rows]


@st.composite
def scalar_types(draw, name="value", nullable=None):
    kind = draw(st.sampled_from(sorted(NUMBERS)))
    default = draw(st.none() | NUMBERS[kind])
    nullable = draw(st.booleans()) if nullable is None else nullable
    return ScalarType(name, kind, nullable, default)


TIMES = (ScalarType("seconds", "int64"), ScalarType("nanos", "int32"))


@st.composite
def item_types(draw, name, depth, in_list=False):
    choice = draw(st.integers(0, 6 if depth else 4))
    if choice < 3:
        return draw(scalar_types(name, False if in_list else None))
    if choice == 3:
        return StructType(name, TIMES, draw(st.sampled_from(["timestamp", "duration"])))
    if choice == 4:
        return StructType(name, (draw(scalar_types("value", False)),), "wrapper")
    return draw(struct_types(name, depth - 1))


@st.composite
def struct_types(draw, name="", depth=2):
    fields = []
    for number in range(draw(st.integers(1, 3))):
        child = f"f{number}"
        if draw(st.integers(0, 2)) == 0:
            fields.append(ListType(child, draw(item_types(child, depth, in_list=True))))
        else:
            fields.append(draw(item_types(child, depth)))
    return StructType(name, tuple(fields))


def values_of(kind, in_list=False):
    if isinstance(kind, ScalarType):
        known = NUMBERS[kind.kind]
        return known | st.none() if kind.nullable else known
    if isinstance(kind, ListType):
        return st.lists(values_of(kind.item, in_list=True), max_size=4)
    if kind.special in ("timestamp", "duration"):
        there = st.tuples(SECONDS, NANOS)
    else:
        there = st.fixed_dictionaries({field.name: values_of(field) for field in kind.fields})
    return there if in_list else there | st.none()


@st.composite
def tables(draw, kind=None):
    """(type, rows, columns)."""
    kind = draw(struct_types()) if kind is None else kind
    rows = draw(st.lists(values_of(kind), max_size=6))
    return kind, rows, table(kind, rows, draw(st.integers(0, 40)))
