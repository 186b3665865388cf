"""What columns must hold, in plain Python from upstream's messages: slow, and no cleverer.

One path at a time: `expected` gives what ``Column.to_pylist()`` must be. Entries of maps have no
order of their own and a key counts once, so both sides are brought into one order first: see
`in_order_of_keys`.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

WRAPPERS = {
    f"google.protobuf.{kind}Value"
    for kind in "Double Float Int64 UInt64 Int32 UInt32 Bool String Bytes".split()
}
MOMENTS = {"google.protobuf.Timestamp", "google.protobuf.Duration"}
SPECIAL = WRAPPERS | MOMENTS
LOWEST, HIGHEST = -(2**63), 2**63 - 1
BEYOND = "beyond 64 bits"


class UnreadableError(Exception):
    """Upstream cannot give a value: a string in a map of proto2 that is not UTF-8."""


# -- paths ---------------------------------------------------------------------------------------


def split(path: str) -> list[str]:
    """``a.[pkg.ext].b`` in its three parts."""
    parts, rest = [], path
    while rest:
        stop = rest.index("]") + 1 if rest[0] == "[" else (rest + ".").index(".")
        parts.append(rest[:stop])
        rest = rest[stop + 1 :]
    return parts


def part_of(field: Any) -> str:
    return f"[{field.full_name}]" if field.is_extension else field.name


def fields_of(descriptor: Any, extensions: bool = True) -> list[Any]:
    """Fields by number, then the extensions that the pool knows, by number."""
    fields = sorted(descriptor.fields, key=lambda field: field.number)
    if not extensions or not descriptor.is_extendable:
        return fields
    found = descriptor.file.pool.FindAllExtensions(descriptor)
    return [*fields, *sorted(found, key=lambda field: field.number)]


def field_of(descriptor: Any, part: str) -> Any:
    return next(field for field in fields_of(descriptor) if part_of(field) == part)


def is_map(field: Any) -> bool:
    return field.message_type is not None and field.message_type.GetOptions().map_entry


def is_special(descriptor: Any) -> bool:
    return descriptor.full_name in SPECIAL


def leaf_paths(
    descriptor: Any, depth: int, prefix: str = "", above: tuple[Any, ...] = (),
    extensions: bool = True,
) -> Iterator[str]:
    """Paths of all values, with a type inside itself at most ``depth`` times.

    ``extensions``: whether those of the pool are among them.
    """  # fmt: skip
    above = (*above, descriptor.full_name)
    for field in fields_of(descriptor, extensions):
        path = f"{prefix}{part_of(field)}"
        kind = field.message_type
        if kind is None or (is_special(kind) and not is_map(field)):
            yield path
        elif above.count(kind.full_name) <= depth:
            yield from leaf_paths(kind, depth, f"{path}.", above, extensions)


def maps_of(descriptor: Any, path: str) -> list[tuple[str, int]]:
    """The maps that a path goes through, outermost first: ``(path, lists around its entries)``."""
    found, lists, parts = [], 0, split(path)
    for i, part in enumerate(parts):
        field = field_of(descriptor, part)
        lists += field.is_repeated
        if is_map(field):
            found.append((".".join(parts[: i + 1]), lists))
        descriptor = field.message_type
    return found


# -- values --------------------------------------------------------------------------------------


def expected(
    messages: Sequence[Any], descriptor: Any, path: str, each: str | None = None,
    absent: str = "null",
) -> list[Any]:
    """One entry per row. ``messages``: upstream's, None for a null row."""  # fmt: skip
    parts = split(path)
    if each is None:
        return [_row(message, descriptor, parts, absent) for message in messages]
    rows, kind = [], descriptor
    for part in split(each):
        kind = field_of(kind, part).message_type
    for message in messages:
        if message is not None:
            rows += [read(one, kind, parts, absent) for one in elements(message, split(each))]
    return rows


def _row(message: Any, descriptor: Any, parts: list[str], absent: str) -> Any:
    return None if message is None else read(message, descriptor, parts, absent)


def elements(message: Any, parts: list[str]) -> Iterator[Any]:
    """The messages that a path leads to."""
    field = field_of(message.DESCRIPTOR, parts[0])
    if not field.is_repeated:
        found = [_get(message, field)] if _has(message, field) else []
    else:
        found = list(_get(message, field))
    for one in found:
        if len(parts) == 1:
            yield one
        else:
            yield from elements(one, parts[1:])


def read(message: Any, descriptor: Any, parts: list[str], absent: str) -> Any:
    """What a path leads to from ``message``, which is None where it is absent itself."""
    field, rest = field_of(descriptor, parts[0]), parts[1:]
    if field.is_repeated:
        if message is None:
            return None if absent == "null" else []
        if is_map(field):
            return _entries(message, field, rest, absent)
        return [_below(one, field, rest, absent) for one in _get(message, field)]
    if field.message_type is not None:
        there = message is not None and _has(message, field)
        return _below(_get(message, field) if there else None, field, rest, absent)
    if message is None or (field.has_presence and not _has(message, field)):
        return None if absent == "null" else field.default_value
    return _get(message, field)


def _below(value: Any, field: Any, rest: list[str], absent: str) -> Any:
    """What the rest of a path leads to from the value of a field, None if that is absent."""
    if field.message_type is None:
        return value
    if rest:
        return read(value, field.message_type, rest, absent)
    if value is None and absent == "null":
        return None
    if field.message_type.full_name in MOMENTS:
        return 0 if value is None else moment(value)
    return field.message_type.fields[0].default_value if value is None else value.value


def moment(value: Any) -> Any:
    """Nanoseconds; `BEYOND` where they do not fit 64 bits, of which NumPy takes one for itself."""
    ns = value.seconds * 10**9 + value.nanos
    return ns if LOWEST < ns <= HIGHEST else BEYOND


def holds(values: Any, wanted: Any) -> bool:
    """Whether an object is somewhere in nested lists."""
    if isinstance(values, list):
        return any(holds(one, wanted) for one in values)
    return values is wanted


def _entries(message: Any, field: Any, rest: list[str], absent: str) -> list[Any]:
    try:
        pairs = sorted(dict(_get(message, field).items()).items(), key=lambda pair: pair[0])
    except UnicodeDecodeError:
        raise UnreadableError(field.full_name) from None
    if rest[0] == "key":
        return [key for key, _ in pairs]
    value = field.message_type.fields_by_name["value"]
    return [_below(one, value, rest[1:], absent) for _, one in pairs]


def _get(message: Any, field: Any) -> Any:
    return message.Extensions[field] if field.is_extension else getattr(message, field.name)


def _has(message: Any, field: Any) -> bool:
    if field.is_extension:
        return message.HasExtension(field)
    return message.HasField(field.name)


# -- comparing -----------------------------------------------------------------------------------


def in_order_of_keys(found: Mapping[str, list[Any]], descriptor: Any, path: str) -> list[Any]:
    """The rows of a path with the entries of its maps sorted by key, the last of each key only.

    ``found`` has the keys of those maps too.
    """
    rows = found[path]
    for name, lists in reversed(maps_of(descriptor, path)):
        rows = [_sorted_at(row, keys, lists)
                for row, keys in zip(rows, found[f"{name}.key"], strict=True)]  # fmt: skip
    return rows


def _sorted_at(values: Any, keys: Any, lists: int) -> Any:
    if values is None or keys is None:
        assert values is keys is None, "a map's key and value are absent together"
        return None
    if lists > 1:
        return [_sorted_at(*pair, lists - 1) for pair in zip(values, keys, strict=True)]
    last = dict(zip(keys, values, strict=True))
    return [last[key] for key in sorted(last)]


def in_any_order(values: Any, levels: Sequence[int], level: int = 0) -> Any:
    """Nested lists with the lists of these levels sorted somehow: where keys are not known."""
    if not isinstance(values, list):
        return values
    below = [in_any_order(one, levels, level + 1) for one in values]
    return sorted(below, key=lambda one: repr(plain(one))) if level in levels else below


def plain(value: Any) -> Any:
    """Something that is equal only if type and bits are: 0.0 is not -0.0, NaN is any NaN."""
    if isinstance(value, list):
        return [plain(one) for one in value]
    if isinstance(value, (np.datetime64, np.timedelta64)):
        return ("int", int(value.astype(np.int64)))
    if isinstance(value, float):
        return "nan" if math.isnan(value) else ("float", struct.pack("<d", value))
    return (type(value).__name__, value)
