"""decode_proto and encode_proto against TensorFlow's own ops, on random messages and arrays."""

import os
import random

import numpy as np
import pytest

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")
tensorflow = pytest.importorskip("tensorflow")

from google.protobuf import descriptor_pb2  # noqa: E402
from google.protobuf.descriptor import FieldDescriptor as Kind  # noqa: E402

import tensorwire as tw  # noqa: E402
from proto import oracle  # noqa: E402
from proto.encode import LEN  # noqa: E402
from proto.generate import Generator  # noqa: E402
from proto.schemas import BY_NAME, file_of  # noqa: E402
from tensorwire.proto import tf  # noqa: E402

SOURCES = {
    syntax: b"bytes://"
    + descriptor_pb2.FileDescriptorSet(file=[file_of(syntax)]).SerializeToString()
    for syntax in BY_NAME
}
DTYPES = {
    Kind.TYPE_FLOAT: ("float32", "float64"),
    Kind.TYPE_DOUBLE: ("float64",),
    Kind.TYPE_INT32: ("int32", "int64"),
    Kind.TYPE_SINT32: ("int32", "int64"),
    Kind.TYPE_SFIXED32: ("int32", "int64"),
    Kind.TYPE_UINT32: ("uint32", "uint64"),
    Kind.TYPE_FIXED32: ("uint32", "uint64"),
    Kind.TYPE_INT64: ("int64",),
    Kind.TYPE_SINT64: ("int64",),
    Kind.TYPE_SFIXED64: ("int64",),
    Kind.TYPE_UINT64: ("uint64",),
    Kind.TYPE_FIXED64: ("uint64",),
    Kind.TYPE_ENUM: ("int32",),
    Kind.TYPE_BOOL: ("bool",),
}


class Common(Generator):
    """What both are to read alike: no padded tags, none of the documented differences."""

    def tag(self, number, wire):
        return oracle_tag(number, wire)

    def varint(self, value):
        return oracle_varint(value & 2**64 - 1)  # TensorFlow writes anew what is inside of groups

    def run(self, number, payload):
        return self.tag(number, LEN) + oracle_varint(len(payload)) + payload

    def scalar(self, field, wire):
        data = super().scalar(field, wire)
        # A packed negative int32 read as int64 is one of TensorFlow's defects.
        while field.type in (Kind.TYPE_INT32, Kind.TYPE_ENUM) and negative(data):
            data = super().scalar(field, wire)
        return data

    def packed(self, field, count):
        return super().packed(field, max(count, 1))  # TensorFlow fails on some that are empty

    def unknown(self, descriptor, depth):
        while True:
            data = super().unknown(descriptor, depth)
            number, wire = first_tag(data)
            field = descriptor.fields_by_number.get(number)
            if field is None or oracle.wire_of(field) == LEN or wire != LEN:
                return data


def oracle_varint(value):
    out = bytearray()
    while value >= 0x80:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*out, value])


def oracle_tag(number, wire):
    return oracle_varint(number << 3 | wire)


def varint_of(data):
    value = 0
    for place, byte in enumerate(data):
        value |= (byte & 0x7F) << 7 * place
        if byte < 0x80:
            return value & 2**64 - 1
    return value


def first_tag(data):
    return varint_of(data) >> 3, varint_of(data) & 7


def negative(data):
    return bool(varint_of(data) & 2**31)


def theirs(data, name, fields, dtypes, source, **options):
    found = tensorflow.io.decode_proto(
        data,
        name,
        fields,
        [tensorflow.as_dtype(dtype) for dtype in dtypes],
        descriptor_source=source,
        **options,
    )
    return found.sizes.numpy(), [one.numpy() for one in found.values]


def assert_same(ours, upstream):
    assert ours.sizes.dtype == np.int32 and np.array_equal(ours.sizes, upstream[0])
    for mine, other in zip(ours.values, upstream[1], strict=True):
        assert mine.dtype == other.dtype and mine.shape == other.shape
        if mine.dtype == np.float64:
            mine, other = flushed(mine), flushed(other)
        assert mine.tobytes() == other.tobytes() if mine.dtype != object else (mine == other).all()


def flushed(values):
    """TensorFlow's threads flush subnormal floats to zero when they widen them."""
    tiny = (np.abs(values) < np.finfo(np.float32).tiny) & (values != 0)
    return np.where(tiny, np.copysign(0.0, values), values)


def chosen(rng, descriptor):
    fields = rng.sample(list(descriptor.fields), rng.randrange(1, 9))
    return fields, [rng.choice(DTYPES.get(field.type, ("string",))) for field in fields]


@pytest.mark.parametrize("syntax", BY_NAME)
@pytest.mark.parametrize("seed", range(150))
def test_random_messages(syntax, seed):
    rng = random.Random(seed)
    descriptor = BY_NAME[syntax].theirs["All"].DESCRIPTOR
    fields, dtypes = chosen(rng, descriptor)
    names = [field.name for field in fields]
    maker = Common(rng)
    shape = rng.choice([(1,), (7,), (2, 3), (1, 2, 2)])
    batch = np.empty(shape, object)
    batch.ravel()[:] = [maker.message(descriptor, 12) for _ in range(batch.size)]
    arguments = (batch, descriptor.full_name, names, dtypes)
    ours = tf.decode_proto(*arguments, descriptor_source=SOURCES[syntax])
    assert_same(ours, theirs(*arguments, SOURCES[syntax]))


def test_tensors_are_taken():
    tensor = tensorflow.constant([[b"\x08\x01"], [b"\x08\x02\x00"[:2]]])
    arguments = (tensor, "tests.proto3.All", ["s_double"], [tensorflow.float64])
    ours = tf.decode_proto(*arguments, descriptor_source=SOURCES["proto3"])
    assert ours.sizes.shape == (2, 1, 1)


@pytest.mark.parametrize("seed", range(60))
def test_sanitized_messages(seed):
    rng = random.Random(seed)
    descriptor = BY_NAME["proto3"].theirs["All"].DESCRIPTOR
    scalar = [field for field in descriptor.fields if field.message_type is None]
    fields = rng.sample(scalar, 6)
    dtypes = [rng.choice(DTYPES.get(field.type, ("string",))) for field in fields]
    names = [field.name for field in fields]
    batch = [Generator(rng).message(descriptor) for _ in range(4)]
    arguments = (batch, descriptor.full_name, names, dtypes)
    try:
        expected = theirs(*arguments, SOURCES["proto3"], sanitize=True)
    except tensorflow.errors.DataLossError:
        with pytest.raises(tw.DecodeError):
            tf.decode_proto(*arguments, descriptor_source=SOURCES["proto3"], sanitize=True)
        return
    for field, dtype, values in zip(fields, dtypes, expected[1], strict=True):
        if field.is_packed and field.type == Kind.TYPE_INT32 and dtype == "int64":
            values[:] = values.astype(np.int32)  # the defect
    ours = tf.decode_proto(*arguments, descriptor_source=SOURCES["proto3"], sanitize=True)
    assert_same(ours, expected)


@pytest.mark.parametrize("syntax", BY_NAME)
@pytest.mark.parametrize("seed", range(100))
def test_corrupt_messages_are_refused_alike(syntax, seed):
    """Cut messages: what one refuses the other refuses."""
    rng = random.Random(seed)
    descriptor = BY_NAME[syntax].theirs["All"].DESCRIPTOR
    fields, dtypes = chosen(rng, descriptor)
    names = [field.name for field in fields]
    data = Common(rng).message(descriptor, 12)
    data = data[: rng.randrange(len(data) + 1)]
    arguments = ([data], descriptor.full_name, names, dtypes)
    try:
        expected = theirs(*arguments, SOURCES[syntax])
    except tensorflow.errors.DataLossError:
        with pytest.raises(tw.DecodeError):
            tf.decode_proto(*arguments, descriptor_source=SOURCES[syntax])
    else:
        assert_same(tf.decode_proto(*arguments, descriptor_source=SOURCES[syntax]), expected)


@pytest.mark.parametrize("syntax", BY_NAME)
@pytest.mark.parametrize("seed", range(100))
def test_encoding(syntax, seed):
    rng = random.Random(seed)
    descriptor = BY_NAME[syntax].theirs["All"].DESCRIPTOR
    fields, dtypes = chosen(rng, descriptor)
    names = [field.name for field in fields]
    shape = rng.choice([(1,), (5,), (2, 3), (0,)])
    values = [random_values(rng, (*shape, rng.randrange(4)), dtype) for dtype in dtypes]
    longest = [one.shape[-1] for one in values]
    sizes = np.array(
        [[rng.randrange(most + 1) for most in longest] for _ in range(int(np.prod(shape)))], "i4"
    ).reshape(*shape, len(names))
    ours = tf.encode_proto(sizes, values, names, descriptor.full_name, SOURCES[syntax])
    given = [
        tensorflow.constant(one, tensorflow.as_dtype(dtype), one.shape)
        for one, dtype in zip(values, dtypes, strict=True)
    ]
    upstream = tensorflow.io.encode_proto(
        sizes, given, names, descriptor.full_name, descriptor_source=SOURCES[syntax]
    ).numpy()
    assert ours.shape == upstream.shape == shape
    assert ours.tolist() == upstream.tolist()


def random_values(rng, shape, dtype):
    count = int(np.prod(shape))
    if dtype == "string":
        out = np.empty(count, object)
        out[:] = [bytes(rng.randrange(256) for _ in range(rng.randrange(5))) for _ in range(count)]
        return out.reshape(shape)
    width = np.dtype(dtype).itemsize
    if dtype == "bool":
        return np.array([rng.random() < 0.5 for _ in range(count)], bool).reshape(shape)
    if dtype.startswith("float"):
        choices = (0.0, -0.0, 1.5, float("inf"), 1e300, float("nan"))
        with np.errstate(over="ignore"):
            values = np.array([rng.choice(choices) for _ in range(count)], dtype)
        return values.reshape(shape)
    raw = b"".join([rng.getrandbits(64).to_bytes(8, "little")[:width] for _ in range(count)])
    return np.frombuffer(raw, dtype).reshape(shape) >> rng.choice((0, width * 4))
