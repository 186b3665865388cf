"""Unknown fields as objects, against upstream's ``UnknownFieldSet`` of the same bytes."""

import pytest
from google.protobuf import empty_pb2, unknown_fields
from google.protobuf.message import DecodeError

import tensorwire as tw
from tensorwire.proto.unknown import UnknownField, UnknownFieldSet, unknown_field_set

from . import schemas
from .effort import generators, named
from .encode import END, FIXED32, START, VARINT, group, number, run, tag, varint
from .generate import Generator


def plain(fields):
    """Sets as lists, down to the last group."""
    return [
        (number, wire, data if isinstance(data, (int, bytes)) else plain(data))
        for number, wire, data in fields
    ]


def upstreams(data):
    return plain(unknown_fields.UnknownFieldSet(empty_pb2.Empty.FromString(data)))


def test_random_messages_of_fields_that_a_type_does_not_have():
    descriptor, count = schemas.PROTO2.theirs["All"].DESCRIPTOR, 0
    for seed, rng in generators(400):
        generator = Generator(rng, rng.choice((0, 0.1, 0.3)))
        data = generator.message(descriptor, 20, 3)
        try:
            expected = upstreams(data)
        except DecodeError:
            continue
        with named(seed):
            assert plain(unknown_field_set(data)) == expected
        count += len(expected)
    assert count > 1000


def test_each_wire_type():
    data = number(1, 2**64 - 1) + run(2, b"ab") + group(3, number(4, 0) + group(3, b""))
    data += tag(5, FIXED32) + b"\1\2\3\4" + b"\x31" + bytes(7) + b"\x80"
    found = unknown_field_set(data)
    assert plain(found) == upstreams(data)
    assert [item.wire_type for item in found] == [0, 2, 3, 5, 1]
    assert found[0] == UnknownField(field_number=1, wire_type=0, data=2**64 - 1)
    assert found[1].data == b"ab" and found[3].data == 0x04030201
    assert isinstance(found[2].data, UnknownFieldSet) and len(found[2].data) == 2
    assert found[2].data[0].data == 0 and len(found[2].data[1].data) == 0


def test_it_is_a_sequence_of_few_habits():
    found = unknown_field_set(number(1, 5) + number(2, 6))
    assert len(found) == 2 and found[-1].data == 6 and next(iter(found)) == (1, 0, 5)
    assert repr(found) == "<UnknownFieldSet of 2>" and found == found
    assert found != unknown_field_set(number(1, 5) + number(2, 6))
    with pytest.raises(IndexError):
        found[2]
    for wrong in ("0", None, slice(0, 1)):
        with pytest.raises(TypeError, match="integer"):
            found[wrong]
    with pytest.raises(TypeError, match="unhashable"):
        hash(found)
    assert not unknown_field_set(b"") and len(unknown_field_set(b"")) == 0


def test_open_groups_need_no_stack():
    depth = 100_000
    found = unknown_field_set(tag(1, START) * depth + tag(1, END) * depth)
    for _ in range(depth - 1):
        (item,) = found
        found = item.data
    assert len(found[0].data) == 0


@pytest.mark.parametrize(
    "data",
    [b"\x80", tag(1, VARINT), tag(1, VARINT) + b"\xff" * 10, b"\x0a\x05abcd", b"\x0d\1\2\3",
     b"\x09" + bytes(7), tag(1, START), tag(1, END), tag(1, START) + tag(2, END), b"\x0e", b"\x0f",
     run(1, b"")[:1] + varint(2**63)],
)  # fmt: skip
def test_bytes_that_are_no_items(data):
    with pytest.raises(tw.DecodeError):
        unknown_field_set(data)
