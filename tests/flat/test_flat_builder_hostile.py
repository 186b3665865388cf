"""What callers may do to a FlatBuffers builder that no program should, and what comes of it."""

from __future__ import annotations

import contextlib
import copy
import pickle
import struct
import sys

import pytest

pytest.importorskip("flatbuffers")

import flatbuffers
import numpy as np
from flatbuffers import builder as upstream

from tensorwire._core import flat_builder

SMALL = 1 << 16


def test_errors_are_upstreams():
    b = flat_builder.Builder(0)
    with pytest.raises(upstream.BuilderNotFinishedError):
        b.Output()
    with pytest.raises(upstream.IsNotNestedError):
        b.EndObject()
    b.StartObject(1)
    with pytest.raises(upstream.IsNestedError):
        b.CreateString("a")
    with pytest.raises(upstream.OffsetArithmeticError):
        b.PrependUOffsetTRelative(100)
    with pytest.raises(upstream.StructIsNotInlineError):
        b.PrependStructSlot(0, 100, 0)
    with pytest.raises(IndexError):
        b.PrependInt8Slot(1, 1, 0)
    with pytest.raises(TypeError, match="bad number 128 for type int8"):
        b.PrependInt8Slot(0, 128, 0)
    with pytest.raises(struct.error):
        b.PrependInt8Slot(0, 1.5, 0)


def test_errors_without_upstream(monkeypatch):
    monkeypatch.delitem(sys.modules, "flatbuffers.builder")
    with pytest.raises(RuntimeError) as caught:
        flat_builder.Builder(0).Output()
    assert type(caught.value).__name__ == "BuilderNotFinishedError"
    assert not isinstance(caught.value, upstream.BuilderNotFinishedError)


@pytest.mark.parametrize("size", [-1, 2**31 + 1, 2**64])
def test_a_builder_of_an_impossible_size(size):
    with pytest.raises(upstream.BuilderSizeError):
        flat_builder.Builder(size)


@pytest.mark.parametrize("size", ["1", None, 1.0])
def test_a_builder_of_no_size(size):
    with pytest.raises(TypeError):
        flat_builder.Builder(size)


@pytest.mark.parametrize(
    "ask",
    [
        lambda b: b.Prep(2**31, 1),
        lambda b: b.Prep(2**40, 0),
        lambda b: b.Prep(1, 2**31),
        lambda b: b.Prep(4, 2**62),
        lambda b: b.Prep(4, 2**64),
        lambda b: b.StartVector(1, 2**31 - 1, 4),
        lambda b: b.StartVector(2**16, 2**16, 4),
        lambda b: b.StartVector(2**32, 2**32, 4),
        lambda b: b.StartVector(1, 2**64, 1),
    ],
)
def test_what_fits_no_buffer_is_refused_before_memory_is_asked_for(ask):
    b = flat_builder.Builder(16)
    b.PrependInt8(1)
    with pytest.raises(upstream.BuilderSizeError):
        ask(b)
    assert len(b.Bytes) == 16


@pytest.mark.parametrize("slots", [2**20, 2**31, 2**40])
def test_an_object_of_too_many_slots(slots):
    b = flat_builder.Builder(0)
    b.StartObject(slots)
    b.PrependInt8Slot(3, 1, 0)
    assert b.EndObject() == 8 and len(b.Bytes) < 64
    with pytest.raises((MemoryError, OverflowError)):
        flat_builder.Builder(0).StartObject(2**64)


def test_an_object_that_no_vtable_describes():
    b = flat_builder.Builder(0)
    b.StartObject(1)
    b.Prep(1, 70_000)
    b.Pad(70_000)
    with pytest.raises(TypeError, match="for type uint16"):
        b.EndObject()
    b = flat_builder.Builder(0)
    b.StartObject(40_000)
    b.PrependInt8Slot(39_999, 1, 0)
    with pytest.raises(TypeError, match="for type uint16"):
        b.EndObject()


class Runs:
    """A number that does something whenever somebody looks at it."""

    def __init__(self, value, action):
        self.value, self.action = value, action

    def look(self):
        self.action()
        return self.value

    def __index__(self):
        return self.look()

    def __float__(self):
        return float(self.look())

    def __bool__(self):
        return bool(self.look())

    def __le__(self, other):
        return self.look() <= other

    def __ge__(self, other):
        return self.look() >= other

    def __eq__(self, other):
        return self.look() == other

    def __hash__(self):
        return 0

    def __neg__(self):
        return -self.look()

    def __rsub__(self, other):
        return other - self.look()

    def __radd__(self, other):
        return other + self.look()

    def __rmul__(self, other):
        return other * self.look()


def replace_bytes(b):
    b.Bytes = bytearray(3)


def empty_bytes(b):
    b.Bytes.clear()


def grow_bytes(b):
    b.Bytes.extend(bytes(SMALL))


def end_object(b):
    b.nested = True
    b.current_vtable = None


def restart(b):
    b.__init__(0)


ACTIONS = [
    replace_bytes, empty_bytes, grow_bytes, end_object, restart, flat_builder.Builder.Clear,
    lambda b: b.StartObject(1), lambda b: b.CreateString("x" * 5000), lambda b: b.vtables.clear(),
    lambda b: setattr(b, "head", 2**62), lambda b: setattr(b, "head", -(2**62)),
    lambda b: setattr(b, "minalign", 2**62), lambda b: b.current_vtable.clear(),
]  # fmt: skip
CALLS = [
    lambda b, n: b.PrependInt32(n),
    lambda b, n: b.PrependUint64(n),
    lambda b, n: b.PrependFloat32(n),
    lambda b, n: b.PrependBool(n),
    lambda b, n: b.PrependInt32Slot(n, 5, 0),
    lambda b, n: b.PrependInt32Slot(0, n, 0),
    lambda b, n: b.PrependInt32Slot(0, 5, n),
    lambda b, n: b.PrependFloat64Slot(0, n, 0.0),
    lambda b, n: b.PrependUOffsetTRelative(n),
    lambda b, n: b.PrependUOffsetTRelativeSlot(0, n, 0),
    lambda b, n: b.PrependStructSlot(0, n, 0),
    lambda b, n: b.Slot(n),
    lambda b, n: b.Place(n, flatbuffers.number_types.Int32Flags),
    lambda b, n: b.PlaceUOffsetT(n),
    lambda b, n: b.Prep(4, n),
    lambda b, n: b.Prep(n, 4),
    lambda b, n: b.Pad(n),
    lambda b, n: (setattr(b, "nested", False), b.StartVector(4, n, 4), b.EndVector()),
    lambda b, n: (setattr(b, "nested", False), b.StartVector(n, 4, n)),
    lambda b, n: (setattr(b, "nested", False), b.StartObject(n)),
    lambda b, n: (setattr(b, "vectorNumElems", n), b.EndVector()),
    lambda b, n: b.EndVector(n),
    lambda b, n: b.Finish(n),
    lambda b, n: b.CreateVectorOfTables([n, n]),
]


@pytest.mark.filterwarnings("ignore:numElems")
@pytest.mark.parametrize("call", range(len(CALLS)))
@pytest.mark.parametrize("action", range(len(ACTIONS)))
def test_numbers_that_change_the_builder(call, action):
    """Anything may be raised; nothing is read or written out of bounds, as sanitizers see."""
    for size in (0, 64):
        b = flat_builder.Builder(size)
        b.CreateString("abc")
        b.StartObject(4)
        b.PrependInt8Slot(1, 1, 0)
        with contextlib.suppress(Exception):
            CALLS[call](b, Runs(2, lambda: ACTIONS[action](b)))  # noqa: B023
        survives(b)


def survives(b):
    """Goes on as if nothing had been."""
    for step in (
        lambda: b.PrependInt64(1), lambda: b.PrependInt8Slot(0, 1, 0), b.EndObject, b.EndVector,
        lambda: b.CreateString("abc"), lambda: b.CreateByteVector(b.Bytes[:100]),
        lambda: b.Finish(4, b"abcd"), b.Output, lambda: b.vtables, lambda: b.current_vtable,
    ):  # fmt: skip
        with contextlib.suppress(Exception):
            step()


@pytest.mark.parametrize("name", ["head", "minalign", "objectEnd"])
@pytest.mark.parametrize("value", [0, -1, 7, 2**31, 2**62, -(2**62), 2**63 - 1, -(2**63)])
def test_attributes_that_make_no_sense(name, value):
    b = flat_builder.Builder(64)
    b.StartObject(3)
    b.PrependInt8Slot(1, 1, 0)
    setattr(b, name, value)
    assert getattr(b, name) == value
    survives(b)
    b.nested = False
    survives(b)


def test_attributes_of_wrong_types():
    b = flat_builder.Builder(0)
    for value in (None, b"abc", "abc", memoryview(bytearray(9))):
        with pytest.raises(TypeError):
            b.Bytes = value
    for name in ("head", "minalign", "objectEnd"):
        with pytest.raises(TypeError):
            setattr(b, name, "1")
        with pytest.raises(OverflowError):
            setattr(b, name, 2**63)
    with pytest.raises(AttributeError):
        b.other = 1


def test_the_buffer_written_into_itself():
    ours, theirs = flat_builder.Builder(32), upstream.Builder(32)
    for b in (ours, theirs):
        b.CreateString("abcdefgh")
        b.CreateByteVector(b.Bytes)
        b.CreateByteVector(b.Bytes)
    assert ours.Bytes == theirs.Bytes
    ours.CreateNumpyVector(np.frombuffer(ours.Bytes, np.uint8))
    theirs.CreateNumpyVector(np.frombuffer(theirs.Bytes, np.uint8))
    assert ours.Bytes == theirs.Bytes


def test_views_of_the_buffer_keep_the_old_one():
    b = flat_builder.Builder(8)
    b.PrependInt8(7)
    view = memoryview(b.Bytes)
    b.CreateString("x" * 100)
    assert view[7] == 7 and len(view) == 8 and len(b.Bytes) > 100


def test_copies():
    for make in (copy.copy, copy.deepcopy, lambda b: pickle.loads(pickle.dumps(b))):
        found = []
        for cls in (flat_builder.Builder, upstream.Builder):
            b = cls(16)
            text = b.CreateSharedString("abc")
            b.StartObject(2)
            b.PrependUOffsetTRelativeSlot(0, text, 0)
            other = make(b)
            assert type(other) is cls
            for made in (other, b):    # a shallow copy shares what upstream's shares
                made.Bytes = bytearray(made.Bytes)
                made.Finish(made.EndObject())
                found.append(made.Output())
        assert found[:2] == found[2:]


def test_a_deprecated_argument():
    b = flat_builder.Builder(0)
    b.StartVector(1, 1, 1)
    b.PrependInt8(1)
    with pytest.warns(DeprecationWarning, match="numElems") as caught:
        b.EndVector(1)
    assert caught[0].filename == __file__
    b.StartVector(1, 1, 1)
    mismatch = pytest.raises(upstream.EndVectorLengthMismatched)
    with pytest.warns(DeprecationWarning, match="numElems"), mismatch:
        b.EndVector(2)
