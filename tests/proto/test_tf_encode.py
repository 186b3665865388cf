"""encode_proto: answers recorded from TensorFlow 2.21.0, and where ours differ on purpose."""

import numpy as np
import pytest

from tensorwire.proto import tf

from .tf_schemas import SOURCE


def encode(sizes, values, names, name="p.M"):
    arrays = [np.array(one, dtype) for one, dtype in values]
    return tf.encode_proto(sizes, arrays, names, name, SOURCE)


# (sizes, values, fields, record): what tf.io.encode_proto of TensorFlow 2.21.0 gave.
RECORDED = [
    ([[1, 2]], [([[5]], "i4"), ([[-1, 0]], "i4")], ["a", "b"],
     b"\x08\x05\x10\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01\x10\x00"),
    ([[1, 2]], [([[5, 6]], "i4"), ([[-1, 0]], "i4")], ["b", "a"],
     b"\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01\x08\x00\x10\x05"),
    ([[-1]], [([[5]], "i4")], ["a"], b""),
    ([[2]], [([[-5, 300]], "i8")], ["pi"],
     b"B\x0c\xfb\xff\xff\xff\xff\xff\xff\xff\xff\x01\xac\x02"),
    ([[1]], [([[1 << 33]], "i8")], ["pi"], b"B\x01\x00"),
    ([[1]], [([[(1 << 33) + 7]], "i8")], ["a"], b"\x08\x07"),
    ([[1]], [([[1 << 31]], "i8")], ["a"], b"\x08\x80\x80\x80\x80\xf8\xff\xff\xff\xff\x01"),
    ([[1]], [([[(1 << 33) + 7]], "u8")], ["u3"], b"x\x07"),
    ([[1]], [([[b"\x08\x07"]], object)], ["g"], b"S\x08\x07T"),
    ([[1, 1]], [([[5]], "i4"), ([[6]], "i4")], ["a", "a"], b"\x08\x05\x08\x06"),
    ([[1]], [([[b"\xff"]], object)], ["s"], b"\x1a\x01\xff"),
    ([[2]], [([[-1, 1 << 33]], "i8")], ["si"], b"X\x01X\x00"),
    ([[2]], [([[True, False]], bool)], ["bo"], b"h\x01h\x00"),
    ([[1]], [([[1e300]], "f8")], ["f"], b"5\x00\x00\x80\x7f"),
    ([[0]], [(np.zeros((1, 0)), "i4")], ["a"], b""),
    ([[1]], [([[-1]], "i4")], ["e"], b"`\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"),
]  # fmt: skip


@pytest.mark.parametrize(("sizes", "values", "names", "record"), RECORDED)
def test_recorded_answers(sizes, values, names, record):
    assert encode(sizes, values, names).tolist() == [record]


def test_shapes():
    assert encode([[[1], [0]]], [([[[5], [6]]], "i4")], ["a"]).tolist() == [[b"\x08\x05", b""]]
    empty = encode(np.zeros((0, 1)), [(np.zeros((0, 1)), "i4")], ["a"])
    assert empty.shape == (0,) and empty.dtype == object


def test_differences_on_purpose():
    # TensorFlow writes an empty run: b"B\x00".
    assert encode([[-1]], [([[5]], "i4")], ["pi"]).tolist() == [b""]
    # TensorFlow knows no extensions here.
    assert encode([[1]], [([[5]], "i4")], ["p.ext"]).tolist() == [b"\xa0\x06\x05"]


def test_texts():
    assert encode([[1]], [([["hé"]], object)], ["s"]).tolist() == [b"\x1a\x03h\xc3\xa9"]
    assert tf.encode_proto([[1]], [[["q"]]], ["s"], "p.M", SOURCE).tolist() == [b"\x1a\x01q"]
    assert tf.encode_proto([[1]], [[[b"\0"]]], ["s"], "p.M", SOURCE).tolist() == [b"\x1a\x01\0"]
    with pytest.raises(TypeError, match="zero bytes"):
        encode([[1]], [([[b"a\0"]], "S2")], ["s"])
    with pytest.raises(TypeError, match="not int"):
        encode([[1]], [([[1]], object)], ["s"])


WRONG = [
    ([[2]], [([[5]], "i4")], ["a"], "size 2 for 1 values"),
    ([1], [([5], "i4")], ["a"], "one dimension more"),
    (np.zeros((1, 0)), [], [], "at least one field"),
    ([[1]], [([[1]], "u1")], ["a"], "its dtype may be int32 or int64, not uint8"),
    ([[1, 1]], [([[5]], "i4"), ([[6], [7]], "i4")], ["a", "b"], "must be of the batch"),
    ([[1]], [([[5]], "i4"), ([[6]], "i4")], ["a", "b"], "sizes have shape"),
    ([[1]], [([[5]], "i4")], ["zz"], "zz"),
    ([[1]], [], ["a"], "1 field names and 0 arrays"),
]


@pytest.mark.parametrize(("sizes", "values", "names", "why"), WRONG)
def test_wrong_arguments(sizes, values, names, why):
    with pytest.raises(ValueError, match=why):
        encode(sizes, values, names)


def test_round_trip():
    rng = np.random.default_rng(1)
    values = [
        rng.integers(-(2**31), 2**31, (50, 3)).astype("i4"),
        rng.integers(-(2**31), 2**31, (50, 40)).astype("i4"),
        rng.random((50, 2)),
        rng.integers(0, 2**32, (50, 2)).astype("u4"),
    ]
    names, types = ["b", "far", "rd", "f32"], ["int32", "int32", "float64", "uint32"]
    rows = [[rng.integers(0, 1 + one.shape[1]) for one in values] for _ in range(50)]
    sizes = np.array(rows, "i4")
    sizes[0] = [one.shape[1] for one in values]
    records = tf.encode_proto(sizes, values, names, "p.M", SOURCE)
    found = tf.decode_proto(records, "p.M", names, types, SOURCE)
    assert np.array_equal(found.sizes, sizes)
    for one, back, size in zip(values, found.values, sizes.T, strict=True):
        kept = np.arange(one.shape[1]) < size[:, None]
        assert np.array_equal(back, np.where(kept, one, 0))
