"""Damaged records under TensorFlow's readers: an answer or a DecodeError, and nothing outside."""

import contextlib
import random

import numpy as np
import pytest

from guard import Guarded, needs_guard_pages
from proto import schemas
from proto.effort import FACTOR
from proto.encode import number, run
from proto.generate import Generator
from tensorwire import DecodeError
from tensorwire.proto import tf

pytestmark = needs_guard_pages

All = schemas.PROTO2.ours["All"]
DTYPES = {
    "double": "float64", "float": "float32", "int64": "int64", "uint64": "uint64",
    "int32": "int64", "fixed64": "uint64", "fixed32": "uint64", "bool": "bool", "string": "string",
    "bytes": "string", "uint32": "uint32", "sfixed32": "int32", "sfixed64": "int64",
    "sint32": "int64", "sint64": "int64",
}  # fmt: skip


def chosen() -> tuple[list[str], list[str]]:
    """Fields of every kind, single, repeated and packed, and their dtypes."""
    found = [
        (f"{prefix}_{kind}", dtype)
        for prefix in ("s", "r", "p")
        for kind, dtype in DTYPES.items()
        if f"{prefix}_{kind}" in All.DESCRIPTOR.fields_by_name
    ]
    assert len(found) > 30
    return [name for name, _ in found], [dtype for _, dtype in found]


def damaged(rng: random.Random, row: bytes) -> bytes:
    """A prefix, or some bytes changed, or neither."""
    data = bytearray(row)
    choice = rng.randrange(3)
    if choice == 1:
        del data[rng.randrange(len(data) + 1) :]
    elif choice == 2 and data:
        for _ in range(rng.choice((1, 1, 4))):
            data[rng.randrange(len(data))] = rng.choice((rng.randrange(256), 0x7F, 0x80, 0xFF, 0))
    return bytes(data)


def each_placed(rows: list[bytes]):
    """Each row alone, against either guard page."""
    memory = Guarded(max(map(len, rows)) + 1)
    for row in rows:
        for place in (memory.at_end, memory.at_start):
            yield place(row), np.array([0, len(row)])


def test_decode_proto():
    names, types = chosen()
    for seed in range(8 * FACTOR):
        rng = random.Random(seed)
        generator = Generator(rng, 0.1)
        descriptor = schemas.PROTO2.theirs["All"].DESCRIPTOR
        rows = [damaged(rng, generator.message(descriptor, 40, 1)) for _ in range(30)]
        for placed in each_placed(rows):
            with contextlib.suppress(DecodeError):
                sizes, values = tf.decode_proto(placed, All, names, types)
                tf.encode_proto(sizes, values, names, All)


def feature(rng: random.Random) -> bytes:
    kind = rng.choice((1, 2, 3))
    size = rng.choice((0, 4, 12, 60))
    values = run(1, bytes(rng.randrange(128) for _ in range(size)))
    parts = [run(kind, values)] * rng.choice((1, 1, 2)) + [number(9, 1)] * rng.randrange(2)
    return b"".join(parts)


def entry(rng: random.Random, value: bytes) -> bytes:
    parts = [run(1, b"k%d" % rng.randrange(4)), run(2, value)]
    if rng.random() < 0.2:
        rng.shuffle(parts)
        parts.append(number(3, 300))
    return run(1, b"".join(parts))


def example(rng: random.Random) -> bytes:
    """Both maps, so that it is either kind of example."""
    features = b"".join(entry(rng, feature(rng)) for _ in range(5))
    steps = (b"".join(run(1, feature(rng)) for _ in range(rng.randrange(4))) for _ in range(4))
    lists = b"".join(entry(rng, one) for one in steps)
    return run(1, features) + run(2, lists)


@pytest.mark.parametrize("strings", ["bytes", "spans"])
def test_examples(strings):
    features = {
        "k0": tf.VarLenFeature("int64"),
        "k1": tf.RaggedFeature("float32"),
        "k2": tf.RaggedFeature("string"),
        "k3": tf.FixedLenSequenceFeature((), "int64", allow_missing=True),
    }
    lists = {"k0": tf.RaggedFeature("int64"), "k2": tf.RaggedFeature("string")}
    answers = 0
    for seed in range(8 * FACTOR):
        rng = random.Random(seed)
        rows = [damaged(rng, example(rng)) for _ in range(40)]
        for placed in each_placed(rows):
            for name, wanted in features.items():
                with contextlib.suppress(DecodeError):
                    tf.parse_example(placed, {name: wanted}, strings=strings)
                    answers += 1
            with contextlib.suppress(DecodeError):
                tf.parse_sequence_example(placed, {}, lists)
    assert answers > 100
