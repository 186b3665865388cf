"""The contract: repeated scalars and NumPy."""

import array

import numpy as np
import pytest

from .refusal import refused

DTYPES = {
    "int32": "i4", "sint32": "i4", "sfixed32": "i4", "int64": "i8", "sint64": "i8",
    "sfixed64": "i8", "uint32": "u4", "fixed32": "u4", "uint64": "u8", "fixed64": "u8",
    "bool": "?", "float": "f4", "double": "f8",
}  # fmt: skip


@pytest.mark.parametrize("scalar", DTYPES)
def test_arrays_have_the_exact_type(each, scalar):
    values = [1, 0, 1] if scalar == "bool" else [1, 0, 100]
    for cls, name in ((each.All, f"r_{scalar}"), (each.Packed, f"{scalar}s")):
        for start in ([], values):
            message = cls(**{name: start})
            parsed = cls.FromString(message.SerializeToString())
            for field in (getattr(message, name), getattr(parsed, name)):
                found = np.asarray(field)
                assert found.dtype == np.dtype(DTYPES[scalar]) and found.shape == (len(start),)
                assert found.tolist() == start
                field.append(1)
                field.extend(values)
                assert np.asarray(field).dtype == np.dtype(DTYPES[scalar])
                assert np.asarray(field).tolist() == [*start, 1, *values]


def test_arrays_of_enums(each):
    found = np.asarray(each.All(colors=[1, -1]).colors)
    assert found.dtype == np.int32 and found.tolist() == [1, -1]
    assert np.asarray(each.All().colors).dtype == np.int32


def test_arrays_of_texts(each):
    assert np.asarray(each.All(r_string=["ab", "c"]).r_string).tolist() == ["ab", "c"]
    assert np.asarray(each.All(r_bytes=[b"ab", b"c"]).r_bytes).tolist() == [b"ab", b"c"]


def test_arrays_of_another_type(each):
    field = each.All(r_int32=[1, 2]).r_int32
    assert np.array(field, dtype="f4").tolist() == [1.0, 2.0]
    assert np.array(field, dtype="f4").dtype == np.float32
    assert field.__array__().tolist() == [1, 2]
    assert np.sum(field) == 3 and (np.array(field) * 2).tolist() == [2, 4]


def test_an_array_does_not_change_with_its_field(each):
    for parse in (False, True):
        message = each.Packed(int32s=[1, 2, 3], doubles=[1.5, 2.5])
        if parse:
            message = each.Packed.FromString(message.SerializeToString())
        first = [np.asarray(message.int32s), np.asarray(message.doubles)]
        message.int32s[0], message.doubles[0] = 9, 9.5
        second = [np.asarray(message.int32s), np.asarray(message.doubles)]
        message.int32s.append(4)
        message.ClearField("doubles")
        assert [found.tolist() for found in first] == [[1, 2, 3], [1.5, 2.5]]
        assert [found.tolist() for found in second] == [[9, 2, 3], [9.5, 2.5]]
        assert np.asarray(message.int32s).tolist() == [9, 2, 3, 4]


SOURCES = [np.array([1, 2], "i8"), np.array([1, 2], "u1"), np.array([1, 2, 3, 4], "i4")[::2],
           np.array([1, 2], ">i4"), np.array([2, 1])[::-1], array.array("i", [1, 2]), range(1, 3),
           pytest.param(memoryview(b"\1\2"), id="memoryview"), bytearray(b"\1\2"), b"\1\2",
           np.array([1, 2], "O")]  # fmt: skip


@pytest.mark.parametrize("source", SOURCES, ids=repr)
def test_integers_from_arrays(each, source):
    values = [int(value) for value in source]
    for scalar in ("int32", "uint64", "sint64", "fixed32", "float", "double"):
        for cls, name in ((each.All, f"r_{scalar}"), (each.Packed, f"{scalar}s")):
            message = cls(**{name: [7]})
            field = getattr(message, name)
            field.extend(source)
            assert field == [7, *values]
            field[1:2] = source
            field.MergeFrom(source)
            assert field == [7, *values, values[1], *values]
            assert cls(**{name: source}) == cls(**{name: values})
            assert cls.FromString(message.SerializeToString()) == message


def test_reals_from_arrays(each):
    for dtype in ("f2", "f4", "f8", ">f8"):
        source = np.array([1.5, -0.0, np.inf, np.nan], dtype)
        for name in ("r_float", "r_double"):
            field = getattr(each.All(**{name: source}), name)
            assert np.asarray(field).tobytes() == source.astype(np.asarray(field).dtype).tobytes()
    rounded = each.All(r_float=np.array([0.1, 1e300])).r_float
    assert rounded == [0.10000000149011612, float("inf")]


def test_bools_from_arrays(each):
    assert each.All(r_bool=np.array([True, False])).r_bool == [True, False]
    assert each.All(r_bool=np.array([2, 0])).r_bool == [True, False]
    assert each.All(r_double=np.array([True, False], "O")).r_double == [1.0, 0.0]


WRONG = [
    ("int32", np.array([1.0]), TypeError), ("int32", np.array([True]), TypeError),
    ("int32", np.array([[1, 2]]), TypeError), ("int32", np.array(5), TypeError),
    ("int32", np.array([2**31]), ValueError), ("uint32", np.array([-1]), ValueError),
    ("uint64", np.array([1, -1]), ValueError), ("int64", np.array([2**63], "u8"), ValueError),
    ("float", np.array(["1"]), TypeError), ("double", np.array(["1"]), TypeError),
    ("float", np.array([[1.0, 2.0]]), TypeError), ("bool", np.array([1.0]), TypeError),
    ("string", np.array([1]), TypeError), ("bytes", np.array(["a"]), TypeError),
    ("double", np.array(1.5), TypeError), ("int32", np.array(["1"]), TypeError),
    ("int32", np.array([1], "M8[s]"), TypeError), ("bytes", np.array([1]), TypeError),
]  # fmt: skip


@pytest.mark.parametrize(("scalar", "source", "error"), WRONG, ids=repr)
def test_what_arrays_cannot_give(each, scalar, source, error):
    field = getattr(each.All(**{f"r_{scalar}": []}), f"r_{scalar}")
    with refused(error):
        field.extend(source)
    with refused(error):
        each.All(**{f"r_{scalar}": source})
    assert len(field) == 0


def test_enums_from_arrays(two, three):
    assert two.All(colors=np.array([1, 2])).colors == [1, 2]
    with refused(ValueError):
        two.All(colors=np.array([1, 9]))
    assert three.All(colors=np.array([1, 9])).colors == [1, 9]


def test_texts_from_arrays(each):
    assert each.All(r_string=np.array(["a", "hé"])).r_string == ["a", "hé"]
    assert each.All(r_string=np.array([b"a"])).r_string == ["a"]
    assert each.All(r_bytes=np.array([b"a"], "O")).r_bytes == [b"a"]


def test_empty_arrays(each):
    for scalar in ("int32", "bool", "double"):
        field = getattr(each.All(), f"r_{scalar}")
        field.extend(np.array([], "i4"))
        assert len(field) == 0


def test_an_array_that_changes_later(each):
    source = np.array([1, 2, 3], "i4")
    message = each.Packed(int32s=source)
    message.sint32s.extend(source)
    source[:] = 9
    assert message.int32s == [1, 2, 3] and message.sint32s == [1, 2, 3]


def test_a_field_of_another_message(each):
    source = each.Packed(int32s=[1, 2], doubles=[1.5])
    message = each.Packed(int64s=np.asarray(source.int32s), floats=np.asarray(source.doubles))
    message.uint32s.extend(source.int32s)
    source.int32s[0] = 7
    assert message == each.Packed(int64s=[1, 2], floats=[1.5], uint32s=[1, 2])
