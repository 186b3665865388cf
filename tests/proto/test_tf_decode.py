"""decode_proto: answers recorded from TensorFlow 2.21.0, and where ours differ on purpose."""

import numpy as np
import pytest

import tensorwire as tw
from tensorwire import proto
from tensorwire.proto import tf

from .tf_schemas import DTYPE_OF, KIND_OF, SOURCE, descriptor_set


def decode(data, names, types=None, source=SOURCE, **options):
    types = types or [DTYPE_OF[name] for name in names]
    return tf.decode_proto(data, "p.M", names, types, descriptor_source=source, **options)


def lists(found):
    return found.sizes.tolist(), [one.tolist() for one in found.values]


# (data, fields, sizes, values): what tf.io.decode_proto of TensorFlow 2.21.0 gave.
RECORDED = [
    (b"\x08\x01\x10\x02\x08\x03\x10\x04", "a b", [1, 2], [[3], [2, 4]]),
    (b"\x10\x02\x08\x03\x10\x04", "a b", [1, 2], [[3], [2, 4]]),
    (b"\x10\x02\x10\x03", "b b", [2, 0], [[2, 3], [0]]),
    (b"\x10\x02\x08\x01\x10\x03", "b b", [2, 0], [[2, 3], [0]]),
    (b"", "s by u f e u3 m g", [0] * 8,
     [[b"x\0y"], [b"a\0b\xff"], [300], [1.5], [5], [4000000000], [b""], [b""]]),
    (b"\xc0\x01\x00\xc0\x01\x03", "oe re", [0, 2], [[3], [0, 3]]),
    (b"\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\x7f", "a", [1], [[-1]]),
    (b"\x58\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", "si", [1], [[-(2**31)]]),
    (b"\x68\x80\x80\x80\x80\x10", "bo", [1], [[True]]),
    (b"\x6a\x05\x80\x80\x80\x80\x10", "bo", [1], [[True]]),
    (b"\x08\x81\x80\x80\x80\x10", "a", [1], [[1]]),
    (b"\x0a\x00", "a", [0], [[0]]),
    (b"\x42\x00", "pi", [0], [[0]]),
    (b"\x53\x08\x07\x54", "g", [1], [[b"S\x08\x07T"]]),
    (b"\x53\x08\x07\x54\x53\x08\x08\x54", "g", [1], [[b"S\x08\x08T"]]),
    (b"\x73\x08\x07\x74", "m", [0], [[b""]]),
    (b"\x72\x02\x08\x07\x72\x00", "m", [1], [[b""]]),
    (b"\x9b\x06\x08\x07\x9c\x06\x08\x01", "a", [1], [[1]]),
    (b"\x53" * 100 + b"\x54" * 100, "g", [1], [[b"\x53" * 100 + b"\x54" * 100]]),
    (b"\x60\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", "e", [1], [[-1]]),
    (b"\x60\x63", "e", [1], [[99]]),
    (b"\x1a\x02\xff\xfe", "s", [1], [[b"\xff\xfe"]]),
    (b"\x42\x02\x01\x02\x40\x03\x42\x01\x04", "pi", [4], [[1, 2, 3, 4]]),
    (b"\x10\x01\x12\x02\x02\x03", "b", [3], [[1, 2, 3]]),
    (b"\xa0\x06\x05", "p.ext", [1], [[5]]),
]  # fmt: skip


@pytest.mark.parametrize(("data", "names", "sizes", "values"), RECORDED)
def test_recorded_answers(data, names, sizes, values):
    names = names.split()
    types = [DTYPE_OF.get(name, "int32") for name in names]
    found = decode([data], names, types)
    assert lists(found) == ([sizes], [[one] for one in values])
    assert found.sizes.dtype == np.int32
    for one, dtype in zip(found.values, types, strict=True):
        assert one.dtype == (object if dtype == "string" else np.dtype(dtype))


# What TensorFlow 2.21.0 answered with DataLossError, and the byte where we say it is wrong.
REFUSED = [
    (b"\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", "a", 0),
    (b"\x42\x0b\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", "pi", 2),
    (b"\x3a\x07abcdefg", "rd", 0),
    (b"\x53\x08\x07", "g", 1),
    (b"\x53\x08\x07\x5c", "g", 3),
    (b"\x9b\x06\x00\x07\x9c\x06\x08\x01", "a", 2),
    (b"\x08\x01\x14", "a", 2),
    (b"\x08\x01\x00", "a", 2),
    (b"\x08\x01\x02\x00", "a", 2),
    (b"\x0e\x01", "a", 0),
    (b"\xaf\x06\x01", "a", 0),
    (b"\x08", "a", 0),
    (b"\x22\x05abc", "bs", 0),
    (b"\xa2\x06\x05abc", "a", 0),
    (b"\x9b\x06" * 101 + b"\x9c\x06" * 101, "a", 200),
    (b"\x53" * 101 + b"\x54" * 101, "g", 100),
]


@pytest.mark.parametrize(("data", "name", "offset"), REFUSED)
def test_refused_messages(data, name, offset):
    with pytest.raises(tw.DecodeError, match="row 1: ") as caught:
        decode([b"", data], [name])
    assert caught.value.offset == offset and caught.value.row == 1


# (data, field, dtype, size, values, TensorFlow 2.21.0's answer)
OTHERWISE = [
    (b"\x42\x0a\xfb\xff\xff\xff\xff\xff\xff\xff\xff\x01", "pi", "int64", 1, [-5], [4294967291]),
    (b"\x42\x28" + b"\xfb\xff\xff\xff\xff\xff\xff\xff\xff\x01" * 4, "pi", "int64", 4, [-5] * 4,
     [4294967291] * 4),
    (b"\x0a\x02\x05\x06", "a", "int32", 0, [0], [0]),        # size 1 there
    (b"\x08\x03\x0a\x02\x05\x06", "a", "int32", 1, [3], None),
    (b"\x42\x01\x09\x42\x00", "pi", "int32", 1, [9], None),
    (b"\x52\x02\x08\x07", "g", "string", 0, [b""], None),
    (b"\xd3\x00\x08\x07\xd4\x00", "g", "string", 1, [b"\xd3\x00\x08\x07\xd4\x00"], [b"S\x08\x07T"]),
]  # fmt: skip


@pytest.mark.parametrize(("data", "name", "dtype", "size", "values", "theirs"), OTHERWISE)
def test_differences_on_purpose(data, name, dtype, size, values, theirs):
    assert lists(decode([data], [name], [dtype])) == ([[size]], [[values]])


@pytest.mark.parametrize(
    "data",
    [
        b"\x88\x80\x80\x80\x80\x00\x01",  # a tag of six bytes
        b"\x88\x80\x80\x80\x10\x01",  # of 33 bits
        b"\x22\x81\x80\x80\x80\x80\x00z",  # a length padded to six
        b"\x22\x81\x80\x80\x80\x10z",  # of 33 bits
    ],
)
def test_stricter_than_tensorflow(data):
    with pytest.raises(tw.DecodeError):
        decode([data], ["a", "bs"])


WIDE = {"float": "float64", "int32": "int64", "sint32": "int64", "sfixed32": "int64",
        "uint32": "uint64", "fixed32": "uint64"}  # fmt: skip


@pytest.mark.parametrize("name", DTYPE_OF)
@pytest.mark.parametrize("dtype", ["int8", "float16", *sorted(set(DTYPE_OF.values()))])
def test_pairs_of_kind_and_dtype(name, dtype):
    if dtype in (DTYPE_OF[name], WIDE.get(KIND_OF[name])):
        found = decode([b""], [name], [dtype])
        assert found.values[0].dtype == (object if dtype == "string" else np.dtype(dtype))
        assert found.sizes.tolist() == [[0]]
    else:
        with pytest.raises(ValueError, match=f"'{name}' is {KIND_OF[name]}: its dtype may be"):
            decode([b""], [name], [dtype])


WIDENED = [
    (b"\x08\xfb\xff\xff\xff\x0f", "a", "int64", [-5]),
    (b"\x5a\x02\x01\x02", "si", "int64", [-1, 1]),
    (b"\x5a\x28" + b"\x01\x02" * 20, "si", "int64", [-1, 1] * 20),
    (b"\x9d\x01\xff\xff\xff\xff", "sf32", "int64", [-1]),
    (b"\x9a\x01\x08\xff\xff\xff\xff\x01\0\0\0", "sf32", "int64", [-1, 1]),
    (b"\xa5\x01\xff\xff\xff\xff", "f32", "uint64", [2**32 - 1]),
    (b"\x35\0\0\xc0\x3f", "f", "float64", [1.5]),
    (b"\xba\x01\x08\0\0\xc0\x3f\0\0\x80\x3f", "rf", "float64", [1.5, 1.0]),
    (b"\x78\xff\xff\xff\xff\x1f", "u3", "uint64", [2**32 - 1]),
]


@pytest.mark.parametrize(("data", "name", "dtype", "values"), WIDENED)
def test_wider_numbers(data, name, dtype, values):
    assert decode([data], [name], [dtype]).values[0].tolist() == [values]


def test_long_runs_and_padding():
    runs = [list(range(-i, i)) for i in range(60)]
    cls = proto.Schema.from_descriptor_set(descriptor_set())["p.M"]
    data = [cls(pi=run, far=run, si64=run, rf=[float(i) for i in run]).SerializeToString()
            for run in runs]  # fmt: skip
    found = decode(data, ["pi", "far", "si64", "rf"], ["int32", "int64", "int64", "float32"])
    assert found.sizes.tolist() == [[len(run)] * 4 for run in runs]
    for values in found.values:
        assert values.shape == (60, 118)
        assert values.tolist() == [run + [0] * (118 - len(run)) for run in runs]


@pytest.mark.parametrize("shape", [(), (1,), (4,), (2, 2), (1, 2, 2)])
def test_any_shape(shape):
    count = int(np.prod(shape))
    records = [b"\x08" + bytes([i]) + b"\x10\x01" * i for i in range(count)]
    batch = np.empty(count, object)
    batch[:] = records
    found = decode(batch.reshape(shape) if shape else records[0], ["a", "b", "s"])
    assert found.sizes.shape == (*shape, 3) and found.values[0].shape == (*shape, 1)
    assert found.values[0].ravel().tolist() == list(range(count))
    assert found.values[1].shape == (*shape, max(1, count - 1))
    assert found.values[2].ravel().tolist() == [b"x\0y"] * count
    nested = batch.reshape(shape).tolist()
    assert lists(decode(nested, ["a", "b", "s"])) == lists(found)


def test_columns_of_records():
    pyarrow = pytest.importorskip("pyarrow")
    records = [b"\x08\x01", b"", b"\x08\x03\x10\x01\x10\x02"]
    wanted = lists(decode(records, ["a", "b"]))
    arrow = pyarrow.array(records, pyarrow.binary())
    assert lists(decode(arrow, ["a", "b"])) == wanted
    assert lists(decode(pyarrow.chunked_array([arrow[:1], arrow[1:]]), ["a", "b"])) == wanted
    offsets = np.cumsum([0, *map(len, records)])
    assert lists(decode((b"".join(records), offsets), ["a", "b"])) == wanted
    assert lists(decode(tuple(map(bytearray, records)), ["a", "b"])) == wanted
    with pytest.raises(ValueError, match="row 1 is null"):
        decode(pyarrow.array([b"", None]), ["a"])


def test_records_in_any_buffer():
    pa = pytest.importorskip("pyarrow")
    records = [b"\x08\x05", b"\x08\x07"]
    for kind in (pa.py_buffer, bytearray, memoryview):
        assert lists(decode([kind(one) for one in records], ["a"])) == ([[1], [1]], [[[5], [7]]])


def test_what_is_no_batch():
    with pytest.raises(ValueError, match="the batch is empty"):
        decode([], ["a"])
    with pytest.raises(ValueError, match="the batch is empty"):
        decode(np.zeros((2, 0), object), ["a"])
    with pytest.raises(TypeError, match="zero bytes"):
        decode(np.array([b"\x08\x00"]), ["a"])
    with pytest.raises(TypeError):
        decode([1], ["a"])
    with pytest.raises(ValueError, match="row 0 is null"):
        decode([None], ["a"])


def test_no_fields():
    found = tf.decode_proto([b"\x08\x01"] * 2, "p.M", [], [], descriptor_source=SOURCE)
    assert found.sizes.shape == (2, 0) and found.values == []


def test_wrong_arguments():
    with pytest.raises(ValueError, match=r"'farthes'.*near.*'farthest'"):
        decode([b""], ["farthes"], ["string"])
    with pytest.raises(ValueError, match="1 field names and 2 output types"):
        decode([b""], ["a"], ["int32", "int32"])
    with pytest.raises(ValueError, match="message_format"):
        decode([b""], ["a"], message_format="json")
    with pytest.raises(ValueError, match=r"no message type 'p.X'"):
        tf.decode_proto([b""], "p.X", ["a"], ["int32"], descriptor_source=SOURCE)


def test_sources_of_descriptors(tmp_path):
    data, wanted = [b"\x08\x05"], ([[1]], [[[5]]])
    path = tmp_path / "p.pb"
    path.write_bytes(descriptor_set())
    schema = proto.Schema.from_descriptor_set(path)
    for source in (SOURCE, str(path), path, schema):
        assert lists(decode(data, ["a"], source=source)) == wanted
    assert lists(tf.decode_proto(data, schema["p.M"], ["a"], ["int32"])) == wanted
    with pytest.raises(FileNotFoundError):
        decode(data, ["a"], source=str(tmp_path / "none"))
    with pytest.raises(ValueError, match="no message type"):
        decode(data, ["a"], source="local://")


def test_local_types():
    import onnx

    data = [onnx.ModelProto(ir_version=9).SerializeToString()]
    wanted = ([[1]], [[[9]]])
    assert lists(tf.decode_proto(data, "onnx.ModelProto", ["ir_version"], ["int64"])) == wanted
    assert lists(tf.decode_proto(data, onnx.ModelProto, ["ir_version"], [np.int64])) == wanted
    example = tf.schema()["tensorflow.FloatList"](value=[1, 2]).SerializeToString()
    found = tf.decode_proto(example, "tensorflow.FloatList", ["value"], ["float32"])
    assert lists(found) == ([2], [[1.0, 2.0]])


def test_text_format():
    # TensorFlow 2.21.0's answer.
    text = ['a: 3 b: [1, -2] s: "q" pi: [-5]', b"g { x: 3 }", b"G { x: 4 }"]
    found = decode(text, ["a", "b", "s", "pi", "g"], message_format="text")
    assert lists(found) == (
        [[1, 2, 1, 1, 0], [0, 0, 0, 0, 1], [0, 0, 0, 0, 1]],
        [[[3], [0], [0]], [[1, -2], [0, 0], [0, 0]], [[b"q"], [b"x\0y"], [b"x\0y"]],
         [[-5], [0], [0]], [[b""], [b"S\x08\x03T"], [b"S\x08\x04T"]]],
    )  # fmt: skip
    with pytest.raises(tw.DecodeError, match=r"no text of p\.M"):
        decode(["zz: 3"], ["a"], message_format="text")
    with pytest.raises(tw.DecodeError, match="must"):
        tf.decode_proto("", "p.Need", [], [], SOURCE, message_format="text")


def test_sanitize():
    assert lists(decode([b"\x72\x02\x08\x07\x72\x00"], ["m"], sanitize=True)) == (
        [[1]],
        [[[b"\x08\x07"]]],
    )
    with pytest.raises(tw.DecodeError, match="row 1: "):
        decode([b"", b"\x1a\x09\xff\xfe"], ["s"], sanitize=True)
    with pytest.raises(tw.DecodeError, match="must"):
        tf.decode_proto(b"", "p.Need", [], [], SOURCE, sanitize=True)


def test_arrays_outlive_everything():
    found = decode([b"\x08\x01\x10\x02"], ["a", "b"])
    a, b = found.values
    sizes = found.sizes
    del found
    assert (a.tolist(), b.tolist(), sizes.tolist()) == ([[1]], [[2]], [[1, 1]])
    assert a.flags.writeable
