"""Buffers laid out by hand, word by word: what no builder writes.

Of one schema, most of whose tables have one field, so that one vtable is enough.
"""

from __future__ import annotations

import functools
import struct

import numpy as np

from tensorwire import flat

TEXT = """
union Any { Node, Kids, Anys, Text: string }
table Node { child: Node; }
table Kids { kids: [Node]; }
table Names { names: [string]; }
table Many { items: [Names]; }
table Anys { any: Any; }
table Unions { anys: [Any]; }
table Box { inside: [ubyte] (nested_flatbuffer: "Box"); }
table Far { bytes: [ubyte] (vector64); text: string (offset64); names: [string]; near: string; }
root_type Many;
"""
ROOT = 16  # where the root table is


@functools.cache
def schema() -> flat.Schema:
    return flat.Schema.from_fbs_text(TEXT)


def words(*numbers: int) -> bytes:
    return struct.pack(f"<{len(numbers)}I", *(number % 2**32 for number in numbers))


def head() -> bytearray:
    """Root offset; at byte 4 the vtable of tables with their field, at 12 that of those without."""
    return bytearray(words(ROOT) + struct.pack("<6H", 6, 8, 4, 0, 4, 4))


def table(at: int, target: int) -> bytes:
    """A table at ``at`` whose one field is an offset to ``target``."""
    return words(at - 4, target - (at + 4))


def leaf(at: int) -> bytes:
    """A table without its field."""
    return words(at - 12)


def offsets(at: int, targets: np.ndarray) -> bytes:
    """A vector at ``at`` of offsets to ``targets``."""
    places = at + 4 + 4 * np.arange(len(targets), dtype=np.int64)
    return words(len(targets)) + (targets - places).astype("<u4").tobytes()


def shared_strings(tables: int, strings: int, distinct: bool) -> bytes:
    """``Many``: so many tables, or as many offsets to one, that share one vector of strings."""
    out = head()
    count = tables if distinct else 1
    vector = ROOT + 8
    first = vector + 4 + 4 * tables
    names = first + 8 * count
    out += table(ROOT, vector)
    where = first + 8 * np.arange(count, dtype=np.int64)
    out += offsets(vector, where if distinct else np.repeat(where, tables))
    rows = np.stack([where - 4, names - (where + 4)], axis=1)
    out += rows.astype("<u4").tobytes()
    out += offsets(names, np.full(strings, names + 4 + 4 * strings, np.int64))
    return bytes(out + bytes(8))


def overlapping_vectors(target: int) -> bytes:
    """``Many``: vectors of strings that begin 4 bytes apart, and have about ``target`` elements.

    From a word on, every word is the distance to one of two empty strings, and the length of a
    vector too, whose elements are the words behind it.
    """
    out = head()
    tables = target // 4 - 8
    vector = ROOT + 8
    first = vector + 4 + 4 * tables
    start = first + 8 * tables
    out += table(ROOT, vector)
    where = first + 8 * np.arange(tables, dtype=np.int64)
    out += offsets(vector, where)
    begins = start + 4 * np.arange(tables, dtype=np.int64)
    out += np.stack([where - 4, begins - (where + 4)], axis=1).astype("<u4").tobytes()
    near = start + target
    end = near + 4 + -(-(3 * target + 64) // 256) * 256
    places = np.arange(start, end, 4, dtype=np.int64)
    lead = np.where(places < near, near - places, end - places)
    lead[places == near] = 0  # an empty string; the zero behind it is the next word's first byte
    return bytes(out + lead.astype("<u4").tobytes() + bytes(8))


def overlapping_texts(strings: int) -> bytes:
    """``Names``: strings that begin 4 bytes apart, each of 263,235 bytes of ASCII."""
    out = head()
    length = 0x00040443  # its bytes are text too, and its last one is the zero behind a string
    vector = ROOT + 8
    first = vector + 4 + 4 * strings
    out += table(ROOT, vector)
    out += offsets(vector, first + 4 * np.arange(strings, dtype=np.int64))
    return bytes(out + words(length) * (strings + length // 4 + 2))


def chain(length: int, at: int, target: int | None = None) -> bytes:
    """``Node``s, one below the other; the last one's child is at ``target``, or absent."""
    out = bytearray()
    for here in range(at, at + 8 * length, 8):
        last = here + 8 == at + 8 * length
        if not last or target is not None:
            out += table(here, target if last else here + 8)
        else:
            out += leaf(here) + bytes(4)
    return bytes(out)


def joined(shallow: int, deep: int, shared: int, first: str) -> bytes:
    """``Kids`` of two chains that end in the same one, of ``shared`` nodes.

    The deepest is ``1 + max(shallow, deep) + shared``; ``first``: which of the two is met first.
    """
    out = head()
    vector = ROOT + 8
    one = vector + 12
    two = one + 8 * shallow
    both = two + 8 * deep
    out += table(ROOT, vector)
    targets = [one, two] if first == "shallow" else [two, one]
    out += offsets(vector, np.array(targets, np.int64))
    out += chain(shallow, one, both) + chain(deep, two, both) + chain(shared, both)
    return bytes(out)


def boxes(levels: int) -> bytes:
    """``Box``es, each with a buffer in it; the innermost has none."""
    data = bytes(head() + leaf(ROOT))
    for _ in range(levels):
        out = head() + table(ROOT, ROOT + 8) + words(len(data)) + data
        data = bytes(out + bytes(-len(out) % 4))
    return data
