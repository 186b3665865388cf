"""The loop over upb's messages that fills the same arrays: written out for a class and its paths.

    python bench/upb_columns.py [SET]

prints the loop. It is what a person would write who wants it fast: records are parsed some 64 KiB
at a time, so that messages are in the cache when they are read; each column is one list
comprehension over them; each array is made once, of a list. Strings and bytes stay lists: making
arrays of them would cost upb more. Repeated numbers are joined by ``list.extend``, the fastest way
into an array that upb has (``np.array`` of each is slower below some hundred numbers).
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from google.protobuf.descriptor import Descriptor, FieldDescriptor

CHUNK_BYTES, MOST_RECORDS = 1 << 16, 1024
DTYPES = {
    FieldDescriptor.CPPTYPE_INT32: "i4",
    FieldDescriptor.CPPTYPE_INT64: "i8",
    FieldDescriptor.CPPTYPE_UINT32: "u4",
    FieldDescriptor.CPPTYPE_UINT64: "u8",
    FieldDescriptor.CPPTYPE_FLOAT: "f4",
    FieldDescriptor.CPPTYPE_DOUBLE: "f8",
    FieldDescriptor.CPPTYPE_BOOL: "?",
    FieldDescriptor.CPPTYPE_ENUM: "i4",
}


@dataclass(frozen=True)
class UpbColumn:
    """``lengths``: of the lists of each level; ``valid``: of each value, None where all are."""

    values: np.ndarray | list[Any]
    lengths: tuple[np.ndarray, ...] = ()
    valid: np.ndarray | None = None

    def offsets(self) -> tuple[np.ndarray, ...]:
        return tuple(np.concatenate(([0], np.cumsum(level))) for level in self.lengths)


Read = Callable[[list[bytes]], dict[str, UpbColumn]]


class Loop:
    """The text of one loop: what it makes before, for each chunk of messages, and in the end."""

    def __init__(self) -> None:
        self.names = 0
        self.before: list[str] = []
        self.chunk: list[str] = []
        self.after: list[str] = []

    def new(self) -> str:
        self.names += 1
        return f"n{self.names}"

    def list_of(self, expression: str) -> str:
        """The name of a list that every chunk adds to."""
        name = self.new()
        self.before.append(f"{name} = []")
        self.chunk.append(f"{name} += {expression}")
        return name

    def table(self, cls: Descriptor, at: str, path: str, lengths: str, valid: str) -> None:
        """The fields of the messages in the list named ``at``; ``valid`` names which are there."""
        for field in cls.fields:
            self.field(field, at, f"{path}{field.name}", lengths, valid)

    def field(self, field: FieldDescriptor, at: str, path: str, lengths: str, valid: str) -> None:
        here = f"m.{field.name}"
        if field.is_repeated:
            self.repeated(field, at, path, f"{lengths}{self.lengths(here, at)}, ")
        elif field.message_type is not None:
            inner, there = self.new(), self.list_of(f"[m.HasField({field.name!r}) for m in {at}]")
            self.chunk.append(f"{inner} = [{here} for m in {at}]")
            self.table(field.message_type, inner, f"{path}.", lengths, there)
        else:
            if field.has_presence:
                valid = self.list_of(f"[m.HasField({field.name!r}) for m in {at}]")
            self.column(field, path, self.list_of(f"[{here} for m in {at}]"), lengths, valid)

    def lengths(self, here: str, at: str) -> str:
        name = self.list_of(f"[len({here}) for m in {at}]")
        return f"np.array({name}, 'i8')"

    def repeated(self, field: FieldDescriptor, at: str, path: str, lengths: str) -> None:
        here, inner = f"m.{field.name}", self.new()
        if field.message_type is None:
            self.before.append(f"{inner} = []")
            self.chunk.append(f"for m in {at}: {inner}.extend({here})")
            self.column(field, path, inner, lengths, "None")
        elif not field.message_type.GetOptions().map_entry:
            self.chunk.append(f"{inner} = [i for m in {at} for i in {here}]")
            self.table(field.message_type, inner, f"{path}.", lengths, "None")
        else:
            key, value = field.message_type.fields
            keys = self.list_of(f"[key for m in {at} for key in {here}]")
            self.column(key, f"{path}.key", keys, lengths, "None")
            if value.message_type is None:
                values = self.list_of(f"[v for m in {at} for v in {here}.values()]")
                self.column(value, f"{path}.value", values, lengths, "None")
            else:
                self.chunk.append(f"{inner} = [v for m in {at} for v in {here}.values()]")
                self.table(value.message_type, inner, f"{path}.value.", lengths, "None")

    def column(self, field: FieldDescriptor, path: str, at: str, lengths: str, valid: str) -> None:
        dtype = DTYPES.get(field.cpp_type)
        values = f"np.array({at}, {dtype!r})" if dtype else at
        mask = "None" if valid == "None" else f"np.array({valid}, '?')"
        self.after.append(f"{path!r}: UpbColumn({values}, ({lengths}), {mask}),")

    def text(self) -> str:
        lines = ["def read(records):", *(f"    {line}" for line in self.before)]
        lines += ["    step = step_of(records)"]
        lines += ["    for start in range(0, len(records), step):"]
        lines += ["        messages = list(map(parse, records[start:start + step]))"]
        lines += [f"        {line}" for line in self.chunk]
        lines += ["    return {", *(f"        {line}" for line in self.after), "    }"]
        return "\n".join(lines)


class Chosen(Loop):
    """A loop that reads only what some paths name."""

    def __init__(self, paths: Iterable[str]) -> None:
        super().__init__()
        wanted = [path.split(".") for path in paths]
        self.paths = {".".join(path[: i + 1]) for path in wanted for i in range(len(path))}

    def field(self, field: FieldDescriptor, at: str, path: str, lengths: str, valid: str) -> None:
        if path in self.paths:
            super().field(field, at, path, lengths, valid)


def step_of(records: list[bytes]) -> int:
    """How many records are parsed before they are read."""
    size = sum(map(len, records))
    return max(1, min(MOST_RECORDS, CHUNK_BYTES * len(records) // max(1, size)))


def loop_text(cls: type[Any], paths: Iterable[str] | None) -> str:
    loop = Loop() if paths is None else Chosen(paths)
    loop.table(cls.DESCRIPTOR, "messages", "", "", "None")
    return loop.text()


def reader(cls: type[Any], paths: Iterable[str] | None) -> Read:
    """The loop over messages of an upstream class, compiled."""
    names: dict[str, Any] = {"np": np, "UpbColumn": UpbColumn, "step_of": step_of}
    names["parse"] = cls.FromString
    exec(loop_text(cls, paths), names)
    return names["read"]


def rows_of(column: UpbColumn) -> Iterator[Any]:
    """The values row by row, absent ones None: for comparing."""
    values = column.values if isinstance(column.values, list) else column.values.tolist()
    if column.valid is not None and len(column.valid) == len(values):
        values = [v if ok else None for v, ok in zip(values, column.valid.tolist(), strict=True)]
    for offsets in reversed(column.offsets()):
        values = [values[start:stop] for start, stop in pairwise(offsets.tolist())]
    yield from values


if __name__ == "__main__":
    from record_sets import SETS, classes

    chosen = SETS[sys.argv[1] if len(sys.argv) > 1 else "event"]
    print(loop_text(classes()[chosen.message], chosen.paths))
