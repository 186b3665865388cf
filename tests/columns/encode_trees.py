"""Random trees of columns for any message type, and upstream's messages made of their rows."""

from __future__ import annotations

import itertools
import math
from typing import Any

import numpy as np
from google.protobuf.descriptor import FieldDescriptor as Kind

from tensorwire import proto
from tensorwire.columns.data import ListData, ScalarData, StructData
from tensorwire.columns.sources import Sources
from tensorwire.columns.types import NUMPY_NAMES, ListType, ScalarType, StructType

KINDS = {
    Kind.TYPE_DOUBLE: "float64", Kind.TYPE_FLOAT: "float32", Kind.TYPE_INT64: "int64",
    Kind.TYPE_UINT64: "uint64", Kind.TYPE_INT32: "int32", Kind.TYPE_FIXED64: "uint64",
    Kind.TYPE_FIXED32: "uint32", Kind.TYPE_BOOL: "bool", Kind.TYPE_STRING: "string",
    Kind.TYPE_BYTES: "bytes", Kind.TYPE_UINT32: "uint32", Kind.TYPE_ENUM: "enum",
    Kind.TYPE_SFIXED32: "int32", Kind.TYPE_SFIXED64: "int64", Kind.TYPE_SINT32: "int32",
    Kind.TYPE_SINT64: "int64",
}  # fmt: skip
INTEGERS = (0, 0, 1, 2, 63, 64, 127, 128, 300, 2**14, 2**21, 2**28, 2**31 - 1, 2**31, 2**32 - 1,
            2**35, 2**56, 2**62, 2**63 - 1, 2**64 - 1, -1, -2, -64, -(2**31), -(2**63))  # fmt: skip
REALS = (0.0, -0.0, 1.5, -2.25, math.inf, -math.inf, math.nan, 2.0**60)
TEXTS = (b"", b"", b"a", b"name", "hé".encode(), "€😀".encode(), b"nul\0", b"x" * 15, b"y" * 16,
         b"longer" * 25, b"z" * 200)  # fmt: skip
BAD = (b"\x80", b"ascii\xe2\x82")


class Trees:
    """Makes trees. ``rng``: anything like `random.Random`."""

    def __init__(self, rng: Any) -> None:
        self.rng = rng
        self.texts = [*TEXTS, *BAD]
        rng.shuffle(self.texts)
        self.buffers = self._buffers()
        self.sources = Sources.of(self.buffers)

    def _buffers(self) -> list[bytes]:
        """All texts in one buffer, or one each."""
        if self.rng.random() < 0.5:
            return [b"".join(self.texts)]
        return list(self.texts)

    def chance(self, of: float) -> bool:
        return self.rng.random() < of

    def struct(
        self, descriptor: Any, rows: int, depth: int, above: Any = None, name: str = ""
    ) -> StructData:
        """``above``: which rows have what the struct lies in."""
        above = np.ones(rows, bool) if above is None else above
        fields, oneofs = [], {}
        known = [*descriptor.fields, *extensions_of(descriptor)]
        for field in known:
            ends = depth <= 0 and field.message_type is not None
            if not ends and (self.chance(0.75) or field.is_required):
                fields.append(self.field(field, rows, depth, above, oneofs))
        self.rng.shuffle(fields)
        types = tuple([field.type for field in fields])
        valid = None if above.all() and self.chance(0.7) else above
        return StructData(StructType(name, types), rows, tuple(fields), valid)

    def field(self, field: Any, rows: int, depth: int, above: Any, oneofs: dict[str, Any]) -> Any:
        name = name_of(field)
        message = field.message_type
        if field.is_repeated:
            choices = (0, 0, 1, 2, 5, 130)[: 6 if depth == 3 else 4]
            drawn = [self.rng.choice(choices) if here else 0 for here in above]
            sizes = np.array(drawn, dtype=np.int64)
            is_map = message is not None and message.GetOptions().map_entry
            if message is not None and sizes.sum() > 140:
                sizes[:] = 0
            if is_map and message.fields_by_name["key"].type == Kind.TYPE_BOOL:
                sizes = np.minimum(sizes, 2)
            offsets = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
            items = int(offsets[-1])
            if is_map:
                return self.map(name, message, offsets, depth)
            if message is None:
                item: Any = self.scalar(field, np.ones(items, bool), name)
            else:
                item = self.struct(message, items, depth - 1, name=name)
            return ListData(ListType(name, item.type), offsets, item)
        present = above & np.array([self.chance(0.6) for _ in range(rows)], dtype=bool)
        if field.is_required or not field.has_presence:
            present = above.copy()
        oneof = field.containing_oneof
        if oneof is not None:
            taken = oneofs.setdefault(oneof.name, np.zeros(rows, bool))
            present &= ~taken
            taken |= present
        if message is not None:
            return self.struct(message, rows, depth - 1, present, name)
        return self.scalar(field, present, name)

    def map(self, name: str, entry: Any, offsets: Any, depth: int) -> ListData:
        """Keys of a row differ."""
        items = int(offsets[-1])
        here = np.ones(items, bool)
        key = self.scalar(entry.fields_by_name["key"], here, "key")
        for start, stop in itertools.pairwise(offsets):
            self._distinct(key, entry.fields_by_name["key"], int(start), int(stop))
        value_field = entry.fields_by_name["value"]
        if value_field.message_type is None:
            value: Any = self.scalar(value_field, here, "value")
        else:
            value = self.struct(value_field.message_type, items, depth - 1, here, "value")
        kind = StructType(name, (key.type, value.type))
        return ListData(ListType(name, kind, True), offsets, StructData(kind, items, (key, value)))

    def _distinct(self, key: ScalarData, field: Any, start: int, stop: int) -> None:
        values = key.values
        if key.type.kind in ("string", "bytes"):
            good = [self.texts.index(text) for text in sorted({*TEXTS})]
            for at in range(start, stop):
                which = good[(at - start) % len(good)]
                values[at] = (self._start(which), len(self.texts[which]))
            if stop - start > len(good):
                for at in range(start, stop):  # slices of the longest text
                    which = max(good, key=lambda i: len(self.texts[i]))
                    values[at] = (self._start(which), at - start)
        elif key.type.kind == "bool":
            values[start:stop] = np.arange(stop - start) % 2
        else:
            values[start:stop] = np.arange(stop - start) * 77

    def _start(self, which: int) -> int:
        return sum(len(text) for text in self.texts[:which])

    def scalar(self, field: Any, present: Any, name: str) -> ScalarData:
        kind = KINDS[field.type]
        rows = len(present)
        values = np.zeros(rows, dtype=NUMPY_NAMES[kind])
        for row in present.nonzero()[0]:
            values[row] = self.value(field, kind, values.dtype)
        valid = None if present.all() and self.chance(0.7) else present
        return ScalarData(ScalarType(name, kind, field.has_presence), values, valid)

    def value(self, field: Any, kind: str, dtype: Any) -> Any:
        rng = self.rng
        if kind in ("string", "bytes"):
            which = rng.randrange(len(self.texts))
            while field.type == Kind.TYPE_STRING and self.texts[which] in BAD:
                which = rng.randrange(len(self.texts))
            return self._start(which), len(self.texts[which])
        if kind == "bool":
            return rng.choice((False, True))
        if kind == "enum":
            return rng.choice(field.enum_type.values).number
        if dtype.kind == "f":
            return rng.choice(REALS)
        info = np.iinfo(dtype)
        return rng.choice([one for one in INTEGERS if info.min <= one <= info.max])


def extensions_of(descriptor: Any) -> list[Any]:
    found = descriptor.file.pool.FindAllExtensions(descriptor)
    return sorted(found, key=lambda field: field.number)


def name_of(field: Any) -> str:
    return f"[{field.full_name}]" if field.is_extension else field.name


# -- the oracle ------------------------------------------------------------------------------------


class Messages:
    """Upstream's messages from a tree, one row after another, in plain Python."""

    def __init__(self, sources: Sources) -> None:
        self.joined = b"".join(map(bytes, sources.buffers))

    def rows(self, cls: Any, data: StructData) -> list[bytes | None]:
        found: list[bytes | None] = []
        for row in range(data.length):
            if data.valid is not None and not data.valid[row]:
                found.append(None)
                continue
            message = cls()
            self.fill(message, data, row)
            found.append(message.SerializePartialToString(deterministic=True))
        return found

    def fill(self, message: Any, data: StructData, row: int) -> None:
        for field in data.fields:
            self.set(message, field, row)

    def set(self, message: Any, data: Any, row: int) -> None:
        name = data.type.name
        descriptor, read, write, mark = self._access(message, name)
        if isinstance(data, ListData):
            start, stop = int(data.offsets[row]), int(data.offsets[row + 1])
            if data.type.is_map:
                self._map(read(), data.item, descriptor, start, stop)
                return
            for at in range(start, stop):
                if descriptor.message_type is not None:
                    self.fill(read().add(), data.item, at)
                else:
                    read().append(self.value(data.item, at, descriptor))
        elif data.valid is not None and not data.valid[row]:
            return
        elif isinstance(data, StructData):
            mark().SetInParent()
            self.fill(read(), data, row)
        else:
            write(self.value(data, row, descriptor))

    def _access(self, message: Any, name: str) -> Any:
        if name.startswith("["):
            pool = message.DESCRIPTOR.file.pool
            extension = pool.FindExtensionByName(name[1:-1])
            held = message.Extensions

            def write(value: Any) -> None:
                held[extension] = value

            return extension, lambda: held[extension], write, lambda: held[extension]
        descriptor = message.DESCRIPTOR.fields_by_name[name]
        return (
            descriptor,
            lambda: getattr(message, name),
            lambda value: setattr(message, name, value),
            lambda: getattr(message, name),
        )

    def _map(self, held: Any, item: StructData, descriptor: Any, start: int, stop: int) -> None:
        fields = descriptor.message_type.fields_by_name
        by_name = {field.type.name: field for field in item.fields}
        for at in range(start, stop):
            key = self.value(by_name["key"], at, fields["key"])
            value = by_name["value"]
            if isinstance(value, StructData):
                held[key].SetInParent()
                self.fill(held[key], value, at)
            else:
                held[key] = self.value(value, at, fields["value"])

    def value(self, data: ScalarData, row: int, descriptor: Any) -> Any:
        value = data.values[row]
        if data.type.kind in ("string", "bytes"):
            text = self.joined[int(value["start"]) : int(value["start"] + value["length"])]
            return text.decode() if descriptor.type == Kind.TYPE_STRING else text
        return value.item()


def canonical(cls: Any, data: bytes) -> bytes:
    """With the entries of maps by key and extensions by number; upstream has no order of these."""
    return proto.serialize(proto.message_class(cls).FromString(data), deterministic=True)


def has_maps(data: Any) -> bool:
    if isinstance(data, ListData):
        return data.type.is_map or has_maps(data.item)
    return isinstance(data, StructData) and any(has_maps(field) for field in data.fields)


def has_extensions(data: Any) -> bool:
    if isinstance(data, ListData):
        return data.type.name.startswith("[") or has_extensions(data.item)
    below = isinstance(data, StructData) and any(has_extensions(field) for field in data.fields)
    return data.type.name.startswith("[") or below


def paths_of(data: Any, above: str = "") -> list[str]:
    """The paths of the leaves; a message without fields is one."""
    if isinstance(data, ListData):
        return paths_of(data.item, above)
    if not isinstance(data, StructData) or not data.fields:
        return [above] if above else []
    prefix = f"{above}." if above else ""
    return [path for one in data.fields for path in paths_of(one, prefix + one.type.name)]
