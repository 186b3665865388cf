"""The native Table against upstream's: values, and types and texts of errors."""

import copy
import gc
import mmap
import pickle
import struct
import weakref

import flatbuffers
import numpy as np
import pytest
from dropin_tables import BUFFERS, FLAGS, READABLE, both, mapped, outcome, shown
from flatbuffers import encode, number_types, packer
from flatbuffers.table import Table as Theirs
from hypothesis import given, settings
from hypothesis import strategies as st

from tensorwire._core import flat_runtime

Ours = flat_runtime.Table

NUMBERS = st.one_of(
    st.integers(-9, 80),
    st.sampled_from([2**31 - 1, 2**31, 2**32 - 5, 2**32 - 1, 2**32, 2**62, 2**63, 2**64, -(2**31),
                     -(2**63), -(2**80), True, False, 4.0, 2.5, float("nan"), np.int64(4),
                     np.uint32(8), np.float32(4), "4", b"4", None, [4]]),
)  # fmt: skip
POSITIONS = st.one_of(st.integers(0, 60), NUMBERS)


@st.composite
def tables(draw):
    """Bytes that hold a vtable, a table whose fields refer to vectors and strings, and noise."""
    count = draw(st.integers(0, 5))
    vtable = struct.pack("<HH", 4 + 2 * count + draw(st.integers(-2, 2)), 4 + 4 * count)
    vtable += b"".join(struct.pack("<H", draw(st.sampled_from([0, 4, 8, 12, 16, 20, 65535])))
                       for _ in range(count))
    offset = len(vtable) if draw(st.booleans()) else draw(st.integers(-40, 40))
    values = st.one_of(st.integers(0, 60), st.integers(0, 2**32 - 1))
    fields = b"".join(struct.pack("<I", draw(values)) for _ in range(draw(st.integers(0, 8))))
    data = vtable + struct.pack("<i", offset) + fields + draw(st.binary(max_size=40))
    return data[:draw(st.integers(0, len(data)))] if draw(st.booleans()) else data, len(vtable)


def flags():
    return st.one_of(st.sampled_from(FLAGS), st.sampled_from([None, int, 5]))


CALLS = {
    "Offset": (NUMBERS,),
    "Indirect": (POSITIONS,),
    "String": (POSITIONS,),
    "VectorLen": (NUMBERS,),
    "Vector": (NUMBERS,),
    "Get": (flags(), POSITIONS),
    "GetSlot": (NUMBERS, NUMBERS, flags()),
    "GetVectorAsNumpy": (flags(), NUMBERS),
    "GetArrayAsNumpy": (flags(), POSITIONS, st.one_of(st.integers(-3, 9), NUMBERS)),
    "GetVOffsetTSlot": (NUMBERS, NUMBERS),
}


@settings(max_examples=1200, deadline=None)
@given(st.data())
def test_every_method_does_as_upstream(data):
    buffer, place = data.draw(tables())
    kind = data.draw(st.sampled_from(list(BUFFERS)))
    pos = data.draw(st.one_of(st.just(place), POSITIONS))
    name = data.draw(st.sampled_from(list(CALLS)))
    arguments = [data.draw(one) for one in CALLS[name]]
    given_buffer = BUFFERS[kind](buffer)
    theirs, ours = both(lambda cls: lambda: getattr(cls(given_buffer, pos), name)(*arguments))
    assert ours == theirs, (name, arguments)


@settings(max_examples=500, deadline=None)
@given(st.data())
def test_positions_set_later_do_as_upstream(data):
    buffer, place = data.draw(tables())
    pos = data.draw(st.one_of(st.just(place), NUMBERS))
    name = data.draw(st.sampled_from(list(CALLS)))
    arguments = [data.draw(one) for one in CALLS[name]]

    def call(cls):
        table = cls(b"", 0)
        table.Bytes, table.Pos = bytearray(buffer), pos
        return lambda: (shown(table.Pos), outcome(lambda: getattr(table, name)(*arguments)))

    theirs, ours = both(call)
    assert ours == theirs, (name, arguments)


@settings(max_examples=500, deadline=None)
@given(tables(), POSITIONS, NUMBERS, st.sampled_from(["ours", "other", "subclass"]))
def test_unions_do_as_upstream(table, pos, off, which):
    data, place = table

    def call(cls):
        class Sub(cls):
            pass

        target = {"ours": cls, "other": lambda *_: object(), "subclass": Sub}[which](bytearray(), 0)

        def union():
            cls(data, pos if which == "subclass" else place).Union(target, off)
            return shown(target.Pos), target.Bytes == data

        return union

    theirs, ours = both(call)
    assert ours == theirs


def test_a_union_may_be_given_upstreams_own_table():
    """Modules that took the class out of flatbuffers before it was replaced make upstream's."""
    data = struct.pack("<IIII", 4, 8, 4, 8)
    target = Theirs(bytearray(), 0)
    Ours(data, 0).Union(target, 4)
    assert target.Pos == 12 and target.Bytes is data


@settings(max_examples=500, deadline=None)
@given(st.data())
def test_encode_does_as_upstream(data):
    buffer = BUFFERS[data.draw(st.sampled_from(list(BUFFERS)))](data.draw(st.binary(max_size=24)))
    kinds = [value for value in vars(packer).values() if isinstance(value, struct.Struct)]
    kind = data.draw(st.sampled_from([*kinds, struct.Struct(">I"), struct.Struct("<IH"), None]))
    head = data.draw(NUMBERS)
    theirs = outcome(lambda: encode.Get(kind, buffer, head))
    assert outcome(lambda: flat_runtime.Get(kind, buffer, head)) == theirs
    dtype = data.draw(st.sampled_from([np.uint8, "<i4", ">f8", np.dtype(bool), "nonsense"]))
    count = data.draw(st.integers(-2, 9))
    theirs = outcome(lambda: encode.GetVectorAsNumpy(dtype, buffer, count, head))
    assert outcome(lambda: flat_runtime.GetVectorAsNumpy(dtype, buffer, count, head)) == theirs


@settings(max_examples=500, deadline=None)
@given(st.data())
def test_writing_does_as_upstream(data):
    kind = data.draw(st.sampled_from([packer.uint8, packer.int32, packer.float64, packer.boolean]))
    head, value = data.draw(NUMBERS), data.draw(NUMBERS)
    sides = []
    for write in (encode.Write, flat_runtime.Write):
        buffer = bytearray(12)
        sides.append((outcome(lambda: write(kind, buffer, head, value)), buffer))  # noqa: B023
    assert sides[0] == sides[1]


@pytest.mark.parametrize("arguments", [(), (b"",), (b"", 1, 2), (b"", -1), (b"", 2**32), (b"", "x"),
                                       (b"", None), (b"", 1.5), (None, 1), (b"", [1])])
def test_making_one(arguments):
    theirs, ours = both(lambda cls: lambda: shown(cls(*arguments).Pos))
    if len(arguments) == 2:
        assert ours == theirs
    else:
        assert ours[:2] == theirs[:2] == ("raised", TypeError)


def test_keywords():
    table = Ours(buf=struct.pack("<HHi", 4, 4, 4), pos=4)
    assert table.Offset(vtableOffset=4) == 0
    assert table.Get(flags=number_types.Uint16Flags, off=0) == 4
    assert flat_runtime.Get(packer_type=packer.uint16, buf=table.Bytes, head=0) == 4


def test_a_table_has_two_attributes_and_no_other():
    table = Ours(b"abc", 3)
    assert Ours.__slots__ == Theirs.__slots__
    table.Bytes, table.Pos = b"", 2**70
    assert table.Bytes == b"" and table.Pos == 2**70
    with pytest.raises(AttributeError):
        table.other = 1
    with pytest.raises(TypeError):
        weakref.ref(table)
    assert Ours(b"", 0) != Ours(b"", 0) and hash(table) == hash(table)


class OwnTable(Ours):
    """A subclass may have attributes of its own."""


def test_methods_of_a_subclass_are_asked():
    data = struct.pack("<HHHxxi", 6, 8, 4, 8) + struct.pack("<II", 7, 9)

    def call(cls):
        more = {"Get": lambda self, flags, off: cls.Get(self, flags, off) + 1}
        table = type("Sub", (cls,), more)(data, 8)
        names = ("Offset", "Vector", "VectorLen", "Indirect", "String")
        return lambda: [outcome(lambda: getattr(table, name)(4)) for name in names]  # noqa: B023

    theirs, ours = both(call)
    assert ours == theirs


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_pickles(protocol):
    if protocol >= 2:
        again = pickle.loads(pickle.dumps(Ours(b"abc", 3), protocol))
        assert type(again) is Ours and (again.Bytes, again.Pos) == (b"abc", 3)
    table = OwnTable(b"abc", 3)
    table.more = 5
    if protocol >= 2:
        again = pickle.loads(pickle.dumps(table, protocol))
        assert type(again) is OwnTable and (again.Pos, again.more) == (3, 5)


def test_copies():
    table = Ours(bytearray(b"abc"), 3)
    assert copy.copy(table).Bytes is table.Bytes
    deep = copy.deepcopy(table)
    assert deep.Bytes == table.Bytes and deep.Bytes is not table.Bytes and deep.Pos == 3


# -- the buffer --


def vector_of(values):
    """A table with one field, a vector of int32."""
    return (struct.pack("<HHHxxi", 6, 8, 4, 8) + struct.pack("<II", 4, len(values))
            + struct.pack(f"<{len(values)}i", *values))


@pytest.mark.parametrize("kind", READABLE)
def test_arrays_are_writable_where_the_buffer_is(kind):
    buffer = BUFFERS[kind](vector_of([1, 2, 3]))
    flags = number_types.Int32Flags
    theirs, ours = both(lambda cls: lambda: cls(buffer, 8).GetVectorAsNumpy(flags, 4))
    assert ours == theirs
    array = Ours(buffer, 8).GetVectorAsNumpy(flags, 4)
    assert array.tolist() == [1, 2, 3] and array.flags.writeable is not memoryview(buffer).readonly
    if array.flags.writeable:
        array[1] = 9
        assert Ours(buffer, 8).GetVectorAsNumpy(flags, 4)[1] == 9
    del array
    gc.collect()


def test_a_mapping_closes_under_a_table_but_not_under_an_array():
    buffer = mapped(vector_of([1, 2, 3]))
    table = Ours(buffer, 8)
    assert table.VectorLen(4) == 3
    array = table.GetVectorAsNumpy(number_types.Int32Flags, 4)
    with pytest.raises(BufferError):
        buffer.close()
    del array
    gc.collect()
    buffer.close()
    with pytest.raises(ValueError, match="mmap closed"):
        table.VectorLen(4)


def test_a_bytearray_may_change_its_size_under_a_table():
    buffer = bytearray(vector_of([1, 2, 3]))
    table = Ours(buffer, 8)
    assert table.VectorLen(4) == 3
    buffer[:] = buffer * 1000
    assert table.VectorLen(4) == 3
    del buffer[14:]
    with pytest.raises(struct.error):
        table.VectorLen(4)
    buffer.clear()
    with pytest.raises(struct.error):
        table.VectorLen(4)


def test_a_cycle_through_the_buffer_is_collected():
    class Buffer(bytearray):
        pass

    buffer = Buffer(b"abc")
    buffer.table = Ours(buffer, 0)
    gone = weakref.ref(buffer)
    del buffer
    gc.collect()
    assert gone() is None


def test_reading_keeps_no_export():
    view = memoryview(bytearray(vector_of([1])))
    table = Ours(view, 8)
    table.VectorLen(4), table.Offset(4), table.Get(number_types.Int32Flags, 8)
    outcome(lambda: table.Get(number_types.Int32Flags, 100))
    view.release()
    with pytest.raises(ValueError, match="released"):
        table.VectorLen(4)


def test_a_mapping_of_nothing_is_no_crash():
    with mmap.mmap(-1, 4096) as buffer:
        assert Ours(buffer, 4096).Bytes is buffer
        assert outcome(lambda: Ours(buffer, 4096).Offset(4)) == outcome(
            lambda: Theirs(buffer, 4096).Offset(4))


def test_the_module_is_upstreams_while_nothing_is_installed():
    assert flatbuffers.Table is Theirs
