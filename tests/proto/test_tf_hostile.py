"""Records against guard pages, cut and changed at random: read or refused, never past their end."""

import random
import shutil
import subprocess
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
from google.protobuf.message import DecodeError

import tensorwire as tw
from guard import Guarded, needs_guard_pages
from tensorwire.proto import tf

from .generate import Generator
from .schemas import PROTO2
from .tf_schemas import DTYPE_OF, SOURCE

CORE = Path(__file__).resolve().parents[2] / "_core"
STRICT = ["-std=c11", "-D_GNU_SOURCE", "-Wall", "-Wextra", "-Wconversion", "-Wsign-conversion",
          "-Werror", "-Wno-unused-function"]  # fmt: skip
FEATURES = {
    "a": tf.VarLenFeature("int64"),
    "f": tf.VarLenFeature("float32"),
    "s": tf.VarLenFeature("string"),
    "long" * 20: tf.FixedLenSequenceFeature([], "int64", True),
}
LISTS = {"x": tf.RaggedFeature("int64"), "y": tf.VarLenFeature("string")}
NAMES = list(DTYPE_OF)
TYPES = list(DTYPE_OF.values())


@pytest.fixture(scope="module")
def memory():
    return Guarded(1 << 16)


def placed(memory, data):
    """The record at the upper and at the lower guard page, as a column of one."""
    offsets = np.array([0, len(data)])
    yield memory.at_end(data), offsets
    yield memory.at_start(data), offsets


def read(given, record):
    """Whether the column was read; its answer is that of the record alone."""
    try:
        found = tf.decode_proto(given, "p.M", NAMES, TYPES, SOURCE)
    except tw.DecodeError:
        with pytest.raises(tw.DecodeError):
            tf.decode_proto([record], "p.M", NAMES, TYPES, SOURCE)
        return False
    alone = tf.decode_proto([record], "p.M", NAMES, TYPES, SOURCE)
    assert np.array_equal(found.sizes, alone.sizes)
    for one, other in zip(found.values, alone.values, strict=True):
        assert one.tolist() == other.tolist() or one.tobytes() == other.tobytes()
    return True


def some_record(rng):
    """All fields of p.M, in all wire types that they take."""
    maker = Generator(rng)
    fields = {
        "varint": lambda number: maker.tag(number, 0) + maker.varint(maker.value()),
        "fixed": lambda number: maker.tag(number, rng.choice((1, 5))) + bytes(rng.choice((4, 8))),
        "run": lambda number: maker.run(number, rng.randbytes(rng.choice((0, 4, 8, 50)))),
        "packed": lambda number: maker.run(
            number, b"".join([maker.varint(maker.value()) for _ in range(rng.choice((1, 5, 50)))])
        ),
        "group": lambda number: maker.tag(number, 3) + b"\x08\x07" + maker.tag(number, 4),
    }
    return b"".join(
        [
            fields[rng.choice(list(fields))](rng.choice((*range(1, 26), 300, 536870911, 99)))
            for _ in range(rng.randrange(6))
        ]
    )


@needs_guard_pages
@pytest.mark.parametrize("seed", range(80))
def test_decode_at_guard_pages(memory, seed):
    rng = random.Random(seed)
    record = some_record(rng)
    if seed % 2:
        record = Generator(rng).corrupt(record)
    for stop in {len(record), *range(max(0, len(record) - 12), len(record))}:
        for given in placed(memory, record[:stop]):
            read(given, record[:stop])


def some_example(rng):
    cls = tf.schema()["tensorflow.SequenceExample" if rng.random() < 0.3 else "tensorflow.Example"]
    message = cls()
    features = message.features if hasattr(message, "features") else message.context
    for key in FEATURES:
        feature = features.feature[key]
        count = rng.choice((0, 1, 3, 40))
        if key == "f":
            feature.float_list.value.extend([1.5] * count)
        elif key == "s":
            feature.bytes_list.value.extend([b"x" * rng.choice((0, 1, 200))] * count)
        else:
            feature.int64_list.value.extend([rng.getrandbits(63) for _ in range(count)])
    return message.SerializeToString()


@needs_guard_pages
@pytest.mark.parametrize("seed", range(60))
def test_examples_at_guard_pages(memory, seed):
    rng = random.Random(seed)
    record = some_example(rng)
    for _ in range(10):
        changed = Generator(rng).corrupt(record)[: memory.nbytes]
        if rng.random() < 0.5:
            changed = record[: rng.randrange(len(record) + 1)]
        for given in placed(memory, changed):
            try:
                tf.parse_example(given, FEATURES)
            except tw.DecodeError:
                with pytest.raises(tw.DecodeError):
                    tf.parse_example([changed], FEATURES)
            with suppress(tw.DecodeError):
                tf.parse_sequence_example(given, FEATURES, LISTS)


@pytest.mark.parametrize("seed", range(100))
def test_rows_do_not_leak_into_each_other(seed):
    rng = random.Random(seed)
    records = [some_record(rng) for _ in range(5)]
    good = [one for one in records if read([one], one)]
    if not good:
        return
    together = tf.decode_proto(good, "p.M", NAMES, TYPES, SOURCE)
    for row, record in enumerate(good):
        alone = tf.decode_proto([record], "p.M", NAMES, TYPES, SOURCE)
        assert np.array_equal(together.sizes[row], alone.sizes[0])
        for place, (one, other) in enumerate(zip(together.values, alone.values, strict=True)):
            count = int(alone.sizes[0, place])
            mine, theirs = one[row, :count], other[0, :count]
            assert mine.tolist() == theirs.tolist() or mine.tobytes() == theirs.tobytes()


@pytest.mark.parametrize("seed", range(40))
def test_scalars_equal_upstreams(seed):
    """Against a parser: what a field of numbers holds, where nothing needs merging."""
    rng = random.Random(seed)
    theirs, ours = PROTO2.theirs["All"], PROTO2.ours["All"]
    descriptor = theirs.DESCRIPTOR
    records = [one for _ in range(6) if parses(theirs, one := Generator(rng).message(descriptor))]
    if not records:
        return
    for number in (1, 3, 5, 8, 17, *range(41, 59), *range(61, 79)):
        field = descriptor.fields_by_number.get(number)
        if field is None or field.cpp_type not in NUMPY:
            continue
        wanted = []
        for record in records:
            value = getattr(theirs.FromString(record), field.name)
            wanted.append(list(value) if field.is_repeated else [value])
        dtype = NUMPY[field.cpp_type]
        found = tf.decode_proto(records, ours, [field.name], [dtype])
        for row, values in enumerate(wanted):
            count = len(values) if field.is_repeated else 1
            mine = found.values[0][row, :count]
            assert np.array_equal(mine, np.array(values, mine.dtype), equal_nan=dtype[0] == "f")


def parses(cls, record):
    try:
        cls.FromString(record)
    except DecodeError:
        return False
    return True


# Source: upstream's FieldDescriptor, CPPTYPE_*.
NUMPY = {1: "int32", 2: "int64", 3: "uint32", 4: "uint64", 5: "float64", 6: "float32", 7: "bool"}


@pytest.mark.skipif(shutil.which("gcc") is None, reason="gcc is not installed")
@pytest.mark.parametrize("header", sorted(path.name for path in CORE.glob("tf_*.h")))
def test_headers_compile_without_a_warning(header):
    source = f'#include "{header}"\n'
    command = ["gcc", *STRICT, "-O2", f"-I{CORE}", "-x", "c", "-c", "-", "-o", "/dev/null"]
    done = subprocess.run(command, input=source, text=True, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
