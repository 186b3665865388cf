"""install(force_align=schema): vectors lie as a schema asks, whoever writes them."""

from __future__ import annotations

import pytest

pytest.importorskip("flatbuffers")

import flatbuffers
import numpy as np

from tensorwire import flat
from tensorwire._core import flat_builder

SCHEMA = flat.Schema.from_fbs_text(
    "table T { name: string; data: [ubyte] (force_align: 32); wide: [ulong] (force_align: 64);"
    " plain: [ushort]; few: [ubyte] (force_align: 2); } root_type T;"
)


def written(write, before: int) -> tuple[bytes, int]:
    """A buffer of a vector behind a string of that length, and where its elements begin."""
    b = flatbuffers.Builder(0)
    b.CreateString("x" * before)
    at = write(b)
    b.Finish(at)
    return bytes(b.Output()), b.Offset() - at + 4


def elements(b, start, prepend, count):
    start(count)
    for i in range(count):
        getattr(b, prepend)(i)
    return b.EndVector()


BYTES = [
    lambda b: b.CreateByteVector(b"abcdefg"),
    lambda b: b.CreateByteVector(bytearray(b"abcdefg")),
    lambda b: b.CreateNumpyVector(np.arange(7, dtype="u1")),
    lambda b: b.CreateNumpyVector(np.arange(14, dtype="i1")[::2]),
    lambda b: elements(b, lambda n: b.StartVector(1, n, 1), "PrependUint8", 7),
    lambda b: elements(b, lambda n: b.StartVector(1, np.int8(n), 1), "PrependUint8", 7),
]
WIDE = [
    lambda b: b.CreateNumpyVector(np.arange(3, dtype="u8")),
    lambda b: b.CreateNumpyVector(np.arange(3, dtype=">f8")),
    lambda b: elements(b, lambda n: b.StartVector(8, n, 8), "PrependUint64", 3),
]


@pytest.mark.parametrize(("writes", "align"), [(BYTES, 32), (WIDE, 64)])
def test_vectors_align(writes, align):
    with flat.install(force_align=SCHEMA):
        for write in writes:
            for before in range(70):
                data, at = written(write, before)
                assert at % align == 0 and len(data) % align == 0


def test_nothing_else_changes():
    def tables(b):
        names = [b.CreateString("name"), b.CreateString("other")]
        return elements(b, lambda n: b.StartVector(4, len(names), 4), "PrependUint32", 2)

    writes = (tables, lambda b: b.CreateNumpyVector(np.arange(3, dtype="u2")),
              lambda b: b.CreateString("some text"))  # fmt: skip
    plain = [written(write, 5) for write in writes]
    with flat.install(force_align=SCHEMA):
        assert [written(write, 5) for write in writes] == plain


def test_installations_nest():
    theirs = flatbuffers.Builder
    with flat.install() as first:
        assert flatbuffers.Builder is flat_builder.Builder
        with flat.install(force_align=SCHEMA):
            aligned = flatbuffers.Builder
            assert issubclass(aligned, flat_builder.Builder) and first
            assert flatbuffers.builder.Builder is aligned
            with flat.install():
                assert flatbuffers.Builder is aligned
    assert flatbuffers.Builder is flatbuffers.builder.Builder is theirs


def test_alignments_that_are_none():
    for wrong in (0, 3, -1, 1 << 16, "2"):
        cls = type("Wrong", (flat_builder.Builder,), {"_force_align": {4: wrong}})
        with pytest.raises(ValueError, match="an alignment of"):
            cls(0)
