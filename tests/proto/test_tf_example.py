"""parse_example and parse_sequence_example: every kind of feature, and records no writer makes."""

import numpy as np
import pytest

import tensorwire as tw
from tensorwire.proto import tf

from .encode import FIXED32, LEN, VARINT, tag, varint

SCHEMA = tf.schema()
EXAMPLE, SEQUENCE = SCHEMA["tensorflow.Example"], SCHEMA["tensorflow.SequenceExample"]


def fill(feature, values):
    if not values:
        feature.int64_list.SetInParent()
    elif isinstance(values[0], bytes):
        feature.bytes_list.value.extend(values)
    elif isinstance(values[0], float):
        feature.float_list.value.extend(values)
    else:
        feature.int64_list.value.extend(values)


def example(**features):
    message = EXAMPLE()
    for name, values in features.items():
        fill(message.features.feature[name], values)
    return message.SerializeToString()


def run(number, payload):
    return tag(number, LEN) + varint(len(payload)) + payload


def raw(key, value):
    """An Example with one entry, whose value is the given Feature."""
    return run(1, run(1, run(1, key) + run(2, value)))


def test_fixed():
    records = [example(a=[1, 2], f=[0.5], s=[b"x\0"]), example(a=[3, 4], f=[1.5], s=[b""])]
    found = tf.parse_example(
        records,
        {
            "a": tf.FixedLenFeature([2], "int64"),
            "f": tf.FixedLenFeature([], np.float32),
            "s": tf.FixedLenFeature((1, 1), str),
            "none": tf.FixedLenFeature([2], "int64", 7),
            "nos": tf.FixedLenFeature([2], "string", ["p", b"q"]),
        },
    )
    assert found["a"].tolist() == [[1, 2], [3, 4]] and found["a"].dtype == np.int64
    assert found["f"].tolist() == [0.5, 1.5] and found["f"].dtype == np.float32
    assert found["s"].tolist() == [[[b"x\0"]], [[b""]]]
    assert found["none"].tolist() == [[7, 7]] * 2
    assert found["nos"].tolist() == [[b"p", b"q"]] * 2
    assert list(found) == ["a", "f", "s", "none", "nos"]


def test_any_number():
    records = [example(a=[1, 2, 3]), example(), example(a=[4])]
    found = tf.parse_example(records, {"a": tf.VarLenFeature("int64")})["a"]
    assert found.indices.tolist() == [[0, 0], [0, 1], [0, 2], [2, 0]]
    assert found.values.tolist() == [1, 2, 3, 4] and found.dense_shape.tolist() == [3, 3]
    ragged = tf.parse_example(records, {"b": tf.RaggedFeature("int64", "a")})["b"]
    assert ragged.offsets.tolist() == [0, 3, 3, 4] and ragged.to_list() == [[1, 2, 3], [], [4]]
    feature = tf.FixedLenSequenceFeature([], "int64", allow_missing=True, default_value=-1)
    dense = tf.parse_example(records, {"a": feature})["a"]
    assert dense.tolist() == [[1, 2, 3], [-1, -1, -1], [4, -1, -1]]


def test_items_of_a_shape():
    records = [example(a=[1, 2, 3, 4]), example(a=[5, 6]), example()]
    feature = tf.FixedLenSequenceFeature([2], "int64", allow_missing=True)
    found = tf.parse_example(records, {"a": feature})["a"]
    assert found.tolist() == [[[1, 2], [3, 4]], [[5, 6], [0, 0]], [[0, 0], [0, 0]]]
    with pytest.raises(tw.DecodeError, match="row 0: feature 'a' has 3 values; a multiple of 2"):
        tf.parse_example([example(a=[1, 2, 3])], {"a": feature})


def test_sparse():
    records = [example(at=[3, 0], of=[1.0, 2.0]), example(at=[])]
    feature = tf.SparseFeature("at", "of", "float32", 10)
    found = tf.parse_example(records, {"s": feature})["s"]
    assert found.indices.tolist() == [[0, 0], [0, 3]] and found.values.tolist() == [2.0, 1.0]
    assert found.dense_shape.tolist() == [2, 10]
    for at, why in (([3], "2 values and 1 places"), ([3, 10], "at 10, beyond 10")):
        with pytest.raises(tw.DecodeError, match=why):
            tf.parse_example([example(at=at, of=[1.0, 2.0])], {"s": feature})


def test_sparse_of_several_dimensions():
    records = [example(x=[1, 0], y=[2, 1], v=[b"p", b"q"])]
    feature = tf.SparseFeature(["x", "y"], "v", "string", [2, 3])
    found = tf.parse_example(records, {"s": feature})["s"]
    assert found.indices.tolist() == [[0, 0, 1], [0, 1, 2]]
    assert found.values.tolist() == [b"q", b"p"]


def test_single():
    record = example(a=[1, 2], b=[b"x"])
    features = {
        "a": tf.FixedLenFeature([2], "int64"),
        "b": tf.VarLenFeature("string"),
        "c": tf.RaggedFeature("int64", "a"),
    }
    found = tf.parse_single_example(record, {**features, "c": tf.RaggedFeature("int64", "d")})
    assert found["a"].tolist() == [1, 2] and found["b"].indices.tolist() == [[0]]
    assert found["b"].dense_shape.tolist() == [1] and found["c"].tolist() == []


@pytest.mark.parametrize("kind", [bytes, bytearray, memoryview, lambda one: np.array(one, object)])
def test_one_record_that_is_no_list_has_no_batch(kind):
    record = kind(example(a=[1, 2], b=[b"x"], c=[3, 4, 5]))
    features = {
        "a": tf.FixedLenFeature([2], "int64"),
        "b": tf.VarLenFeature("string"),
        "c": tf.RaggedFeature("int64"),
    }
    found = tf.parse_example(record, features)
    assert found["a"].tolist() == [1, 2] and found["c"].tolist() == [3, 4, 5]
    assert found["b"].indices.tolist() == [[0]] and found["b"].dense_shape.tolist() == [1]
    record = kind(sequence({"id": [7]}, x=[[1], [2]]))
    context, lists, lengths = tf.parse_sequence_example(
        record,
        {"id": tf.FixedLenFeature([], "int64")},
        {"x": tf.FixedLenSequenceFeature([], "int64")},
    )
    assert context["id"] == 7 and lists["x"].tolist() == [1, 2] and lengths["x"] == 2


def same(one, other):
    for field in ("values", "indices", "dense_shape", "splits"):
        if hasattr(one, field):
            pairs = [(getattr(one, field), getattr(other, field))]
            pairs = zip(*pairs[0], strict=True) if field == "splits" else pairs
            assert all(np.array_equal(mine, its) and mine.dtype == its.dtype for mine, its in pairs)
    if isinstance(one, np.ndarray):
        assert np.array_equal(one, other) and one.dtype == other.dtype


@pytest.mark.parametrize("strings", ["bytes", "spans"])
def test_threads_make_no_difference(strings):
    pa = pytest.importorskip("pyarrow")
    records = [
        example(a=[i, -i], b=[b"%d" % i] * (i % 4 + 1), c=[i / 2] * (i % 3 + 1))
        for i in range(5000)
    ]
    features = {
        "a": tf.FixedLenFeature([2], "int64"),
        "b": tf.VarLenFeature("string"),
        "c": tf.RaggedFeature("float32"),
    }
    chunked = pa.chunked_array([records[:10], [], records[10:3000], records[3000:]], pa.binary())
    for given in (records, chunked):
        alone = tf.parse_example(given, features, strings=strings, threads=1)
        for threads in (None, 2, 5):
            found = tf.parse_example(given, features, strings=strings, threads=threads)
            for name in features:
                same(found[name], alone[name])
    steps = [sequence({"id": [i]}, x=[[i]] * (i % 3)) for i in range(3000)]
    asked = ({"id": tf.FixedLenFeature([], "int64")}, {"x": tf.RaggedFeature("int64")})
    alone = tf.parse_sequence_example(steps, *asked, threads=1)
    found = tf.parse_sequence_example(steps, *asked, threads=2)
    same(found[0]["id"], alone[0]["id"])
    same(found[1]["x"], alone[1]["x"])


def test_the_first_bad_record_is_the_error_whatever_the_threads():
    records = [example(a=[1])] * 6000
    records[5500], records[2100] = b"\xff", example(a=[1.5])
    for threads in (1, 2, 4):
        with pytest.raises(tw.DecodeError, match="feature 'a' has float values") as caught:
            tf.parse_example(records, {"a": tf.VarLenFeature("int64")}, threads=threads)
        assert caught.value.row == 2100
    for threads in (0, -1, True, "2"):
        with pytest.raises((ValueError, TypeError), match="threads must be"):
            tf.parse_example(records[:1], {}, threads=threads)


def test_empty_batch():
    found = tf.parse_example(
        [], {"a": tf.FixedLenFeature([2], "int64"), "b": tf.VarLenFeature("string")}
    )
    assert found["a"].shape == (0, 2) and found["b"].dense_shape.tolist() == [0, 0]
    assert found["b"].indices.shape == (0, 2)


def test_columns_of_records():
    pyarrow = pytest.importorskip("pyarrow")
    records = [example(a=[0])] + [example(a=[i], s=[b"v%d" % i] * i) for i in range(1, 5)]
    features = {"a": tf.FixedLenFeature([], "int64"), "s": tf.RaggedFeature("string")}
    wanted = [[b"v%d" % i] * i for i in range(5)]
    offsets = np.cumsum([0, *map(len, records)])
    buffer = b"".join(records)
    arrow = pyarrow.array(records, pyarrow.large_binary())
    for given in (records, arrow, (buffer, offsets), np.array(records, object),
                  pyarrow.chunked_array([arrow[:2], arrow[2:]])):  # fmt: skip
        found = tf.parse_example(given, features)
        assert found["a"].tolist() == [0, 1, 2, 3, 4] and found["s"].to_list() == wanted
        spans = tf.parse_example(given, features, strings="spans")["s"]
        if not isinstance(given, (pyarrow.Array, pyarrow.ChunkedArray)):
            flat = [buffer[start : start + length] for start, length in spans.values.tolist()]
            assert flat == [one for row in wanted for one in row]
        assert spans.values["length"].tolist() == [2] * 10
    with pytest.raises(ValueError, match="row 1 is null"):
        tf.parse_example([records[0], None], features)


def test_tfrecord_files(tmp_path):
    import struct

    from tensorwire.mapping import open_source

    records = [example(a=[i] * (i % 3)) for i in range(10)]
    frames = [struct.pack("<QI", len(one), 0) + one + bytes(4) for one in records]
    (tmp_path / "x.tfrecord").write_bytes(b"".join(frames))
    source = open_source(tmp_path / "x.tfrecord")
    features = {"a": tf.RaggedFeature("int64")}
    found = tf.parse_example(source, features, framing="tfrecord")["a"]
    assert found.to_list() == [[i] * (i % 3) for i in range(10)]
    with pytest.raises(tw.DecodeError, match="crc32c"):
        tf.parse_example(source, features, framing="tfrecord", crc=True)


def refused(record, feature, why, before=(1,)):
    with pytest.raises(tw.DecodeError, match=why) as caught:
        tf.parse_example([example(a=list(before)), record], {"a": feature})
    assert caught.value.row == 1
    return caught.value


def test_what_is_not_as_asked():
    one = tf.FixedLenFeature([], "int64")
    refused(example(b=[1]), one, "row 1: feature 'a' is required and missing")
    refused(example(a=[1, 2]), one, "row 1: feature 'a' has 2 values; 1 are wanted")
    refused(example(a=[]), one, "has 0 values")
    error = refused(example(a=[1.0]), one, "has float values; int64 are wanted")
    assert error.offset == 9
    refused(example(a=[b"1"]), tf.VarLenFeature("int64"), "has bytes values; int64 are wanted")
    feature = tf.FixedLenSequenceFeature([], "int64")
    refused(example(), feature, "row 1: feature 'a' is required and missing")


def test_records_that_no_writer_makes():
    ints = tf.RaggedFeature("int64")
    floats = tf.RaggedFeature("float32")
    feature = {"a": ints}

    def of(record, features=feature):
        return tf.parse_example([record], features)["a"].to_list()[0]

    packed, one, two = run(1, b"\x01\x02"), tag(1, VARINT) + b"\x03", tag(1, VARINT) + b"\x04"
    assert of(raw(b"a", run(3, packed + one + packed + two))) == [1, 2, 3, 1, 2, 4]
    # The last entry of a key counts; pieces of one entry's value join; of kinds the last counts.
    assert of(raw(b"a", run(3, one)) + raw(b"a", run(3, two))) == [4]
    pieces = run(1, b"a") + run(2, run(3, one)) + run(2, run(3, two))
    assert of(run(1, run(1, pieces))) == [3, 4]
    value = run(3, one) + run(2, run(1, b"")) + run(3, two)
    assert of(raw(b"a", value)) == [4]
    # The key behind the value, twice, and with unknown fields around.
    entry = run(2, run(3, one)) + run(1, b"x") + tag(9, VARINT) + b"\x01" + run(1, b"a")
    assert of(run(1, run(1, entry))) == [3]
    keyless = run(1, run(1, run(2, run(3, one))))
    assert tf.parse_example([keyless], {"": ints})[""].to_list() == [[3]]
    # A value without a kind is missing; so is an entry without a value.
    assert of(raw(b"a", b"")) == of(run(1, run(1, run(1, b"a")))) == []
    # Unpacked floats, other wire types, unknown fields and groups on every level.
    loose = tag(1, FIXED32) + b"\0\0\xc0\x3f" + tag(1, VARINT) + b"\x01" + b"\x13\x14"
    assert of(raw(b"a", run(2, loose)) + b"\x1b\x1c", {"a": floats}) == [1.5]
    assert of(raw(b"a" * 300, run(3, one)), {"a": ints}) == []
    long = tf.parse_example([raw(b"a" * 300, run(3, one))], {"a" * 300: ints})
    assert long["a" * 300].to_list() == [[3]]


CUT = [
    raw(b"a", run(2, run(1, b"\0\0\0"))),
    raw(b"a", run(3, run(1, b"\x80"))),
    raw(b"a", run(3, run(1, b"\xff" * 11))),
    raw(b"a", run(3, run(1, b"\x01" * 40 + b"\x80"))),
    raw(b"a", run(3, b"\x0a\x05")),
    raw(b"a", b"\x1a\x05"),
    run(1, run(1, b"\x0a\x01")),
    run(1, b"\x0a\x05"),
    b"\x0a\x05",
    b"\x0a",
    b"\x00",
    b"\x0c",
    b"\x0b",
    raw(b"a", b"\x1c"),
]


@pytest.mark.parametrize("record", CUT)
def test_broken_records(record):
    """The values of the kind that is asked for are looked at."""
    dtype = "float32" if record is CUT[0] else "int64"
    refused(record, tf.VarLenFeature(dtype), "row 1: ", [1.0] if record is CUT[0] else [1])


def test_every_cut_is_refused_or_read():
    record = example(a=[1, 300], f=[1.5, 2.5], s=[b"text", b""])
    features = {
        "a": tf.VarLenFeature("int64"),
        "f": tf.VarLenFeature("float32"),
        "s": tf.VarLenFeature("string"),
    }
    tf.parse_example([record], features)
    for stop in range(1, len(record)):
        with pytest.raises(tw.DecodeError):
            tf.parse_example([record[:stop]], features)


def test_wrong_arguments():
    records = [example(a=[1])]
    for features, why in (
        ({"a": tf.FixedLenFeature([1], "int32")}, "must be int64, float32, string, not int32"),
        ({"a": tf.FixedLenFeature([None], "int64")}, "must be known"),
        ({"a": tf.FixedLenFeature([2], "int64", [1, 2, 3])}, "a default of 3 values for 2"),
        ({"a": tf.VarLenFeature("int64"), "b": tf.RaggedFeature("string", "a")}, "in two ways"),
        ({"a": tf.SparseFeature(["x"], "v", "int64", [1, 2])}, "1 index keys and 2 sizes"),
    ):
        with pytest.raises(ValueError, match=why):
            tf.parse_example(records, features)
    with pytest.raises(TypeError, match="there are FixedLenFeature"):
        tf.parse_example(records, {"a": "int64"})
    with pytest.raises(ValueError, match="strings must be one of"):
        tf.parse_example(records, {}, strings="views")
    with pytest.raises(ValueError, match="one dimension"):
        tf.parse_example(np.array([records], object), {})
    feature = tf.FixedLenFeature([], "string", "x")
    with pytest.raises(ValueError, match="use strings='bytes'"):
        tf.parse_example(records, {"s": feature}, strings="spans")


def sequence(context, **lists):
    message = SEQUENCE()
    for name, values in context.items():
        fill(message.context.feature[name], values)
    for name, steps in lists.items():
        made = message.feature_lists.feature_list[name]
        for values in steps:
            fill(made.feature.add(), values)
    return message.SerializeToString()


def test_sequences():
    records = [
        sequence({"id": [1]}, x=[[1.0, 2.0], [3.0, 4.0]], words=[[b"a"], [b"b", b"c"]]),
        sequence({"id": [2]}, x=[[5.0, 6.0]], words=[]),
    ]
    context, lists, lengths = tf.parse_sequence_example(
        records,
        {"id": tf.FixedLenFeature([], "int64")},
        {
            "x": tf.FixedLenSequenceFeature([2], "float32"),
            "words": tf.RaggedFeature("string"),
            "none": tf.VarLenFeature("int64"),
        },
    )
    assert context["id"].tolist() == [1, 2]
    assert lists["x"].tolist() == [[[1, 2], [3, 4]], [[5, 6], [0, 0]]]
    assert list(lengths) == ["x"] and lengths["x"].tolist() == [2, 1]
    assert lists["words"].to_list() == [[[b"a"], [b"b", b"c"]], []]
    assert lists["none"].indices.shape == (0, 3)
    sparse = tf.parse_sequence_example(records, None, {"words": tf.VarLenFeature("string")})[1]
    assert sparse["words"].indices.tolist() == [[0, 0, 0], [0, 1, 0], [0, 1, 1]]
    assert sparse["words"].dense_shape.tolist() == [2, 2, 2]
    one = tf.parse_single_sequence_example(
        records[0], {"id": tf.FixedLenFeature([], "int64")}, {"words": tf.RaggedFeature("string")}
    )
    assert one[0]["id"] == 1 and one[1]["words"].to_list() == [[b"a"], [b"b", b"c"]]


def test_wrong_sequences():
    record = sequence({}, x=[[1.0, 2.0], [3.0]])
    with pytest.raises(tw.DecodeError, match="feature 'x' has 1 values; 2 are wanted"):
        tf.parse_sequence_example([record], None, {"x": tf.FixedLenSequenceFeature([2], "float32")})
    with pytest.raises(tw.DecodeError, match="feature 'x' has float values; int64 are wanted"):
        tf.parse_sequence_example([record], None, {"x": tf.VarLenFeature("int64")})
    with pytest.raises(tw.DecodeError, match="feature 'y' is required and missing"):
        tf.parse_sequence_example([record], None, {"y": tf.FixedLenSequenceFeature([2], "float32")})
    with pytest.raises(ValueError, match="a FixedLenFeature is a FixedLenSequenceFeature"):
        tf.parse_sequence_example([record], None, {"x": tf.FixedLenFeature([2], "float32")})


def test_features_of_tensorflow_itself_are_taken():
    """They are told by the names of their classes and attributes."""
    from collections import namedtuple

    theirs = namedtuple("FixedLenFeature", ["shape", "dtype", "default_value"])  # noqa: PYI024
    found = tf.parse_example([example(a=[1])], {"a": theirs([], np.int64, None)})
    assert found["a"].tolist() == [1]
