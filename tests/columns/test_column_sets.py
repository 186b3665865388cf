"""Columns that reach into message sets, the old form of extensions."""

import random

import pytest

from proto import contract_schemas
from tensorwire import DecodeError, proto

two = contract_schemas.upstream("proto2")
SUB, REQUIRED = two.ext["s_sub"], two.ext["s_required"]
PATHS = [f"[{SUB.full_name}].a", f"[{SUB.full_name}].b", f"[{REQUIRED.full_name}].must"]
NUMBER_LAST = b"\x0b\x1a\x02\x08\x05\x10\x88\x27\x0c"      # Sub's message before its number
UNKNOWN = b"\x0b\x10\x07\x1a\x02\x08\x05\x0c"              # a member that nobody declared

HELD = proto.Schema.from_proto_text("""
    syntax = "proto2";
    package sets;
    message Bag { option message_set_wire_format = true; extensions 4 to max; }
    message Part {
      extend Bag { optional Part part = 1000; }
      optional int32 id = 1;
      repeated string names = 2;
      optional Bag inner = 3;
    }
    message Holder { optional Bag bag = 1; repeated Bag bags = 2; optional int32 after = 3; }
""")
Holder = HELD["sets.Holder"]


def loop(message, path: str):
    """What a loop over upstream's messages gives for a path."""
    extension, field = (SUB, path[-1]) if path in PATHS[:2] else (REQUIRED, "must")
    if not message.HasExtension(extension):
        return None
    part = message.Extensions[extension]
    return getattr(part, field) if part.HasField(field) else None


def drawn(draw: random.Random) -> bytes:
    message = two.Set()
    if draw.random() < 0.7:
        message.Extensions[SUB].a = draw.randrange(-5, 300)
    if draw.random() < 0.5:
        message.Extensions[SUB].b = draw.choice(["", "x", "text" * 9])
    if draw.random() < 0.5:
        message.Extensions[REQUIRED].must = draw.randrange(9)
    data = message.SerializePartialToString()
    first = UNKNOWN if message.HasExtension(SUB) else NUMBER_LAST
    return draw.choice([b"", first]) + data + draw.choice([b"", UNKNOWN])


@pytest.mark.parametrize("verify", ["visited", "all"])
def test_members_are_what_a_loop_gives(verify):
    draw = random.Random(7)
    records = [drawn(draw) for _ in range(300)]
    records[40] = None
    columns = proto.decode_batch(records, two.Set, PATHS, verify=verify)
    for path in PATHS:
        expected = []
        for record in records:
            message = two.Set()
            if record is not None:
                message.MergeFromString(record)
            expected.append(loop(message, path))
        assert columns[path].to_pylist() == expected


def test_a_member_in_two_parts_is_one():
    """As our messages have it, C++ and Java; upb keeps the last part."""
    record = NUMBER_LAST + b"\x0b\x10\x88\x27\x1a\x03\x12\x01x\x0c"
    message = proto.message_class(two.Set).FromString(record)
    columns = proto.decode_batch([record], two.Set, PATHS)
    part = message.Extensions[SUB]
    assert [columns[path].to_pylist() for path in PATHS[:2]] == [[part.a], [part.b]] == [[5], ["x"]]


def test_every_field_has_the_members():
    assert set(PATHS) < set(proto.Decoder(two.Set).paths)


def test_sets_inside_of_messages_and_of_their_own_members():
    holder = Holder(after=7)
    extension = Holder.DESCRIPTOR.file.pool.FindExtensionByName("sets.Part.part")
    holder.bag.Extensions[extension].id = 3
    for i in range(3):
        inner = holder.bags.add().Extensions[extension]
        inner.names.extend(["x"] * i)
        inner.inner.Extensions[extension].id = i
    records = [holder.SerializeToString(), Holder(after=1).SerializeToString()]
    name = "[sets.Part.part]"
    paths = [f"bag.{name}.id", f"bags.{name}.names", f"bags.{name}.inner.{name}.id", "after"]
    columns = proto.decode_batch(records, Holder, paths)
    assert [columns[path].to_pylist() for path in paths] == [
        [3, None], [[[], ["x"], ["x", "x"]], []], [[0, 1, 2], []], [7, 1],
    ]  # fmt: skip
    of_message = proto.columns(Holder.FromString(records[0]), paths)
    assert of_message[paths[2]].to_pylist() == [[0, 1, 2]]
    each = proto.decode_batch(records, Holder, [f"{name}.names"], each="bags")
    assert each[f"{name}.names"].to_pylist() == [[], ["x"], ["x", "x"]]


@pytest.mark.parametrize("bad", [
    b"\x0b\x10\x88\x27\x1a\x05\x08\x05\x0c",      # a length beyond the item
    b"\x0b\x10\x88\x27\x1a\x02\x08\x05",          # no end
    b"\x0b\x10\x88\x27\x1a\x02\x08\x80\x0c",      # a number that is cut inside
    b"\x0c",
])  # fmt: skip
def test_bad_sets_are_bad_rows(bad):
    good = NUMBER_LAST
    with pytest.raises(DecodeError):
        proto.decode_batch([good, bad], two.Set, PATHS)
    columns = proto.decode_batch([good, bad, good], two.Set, PATHS, on_error="null")
    assert columns[PATHS[0]].to_pylist() == [5, None, 5]
    assert [error.row for error in columns.errors] == [1]


def test_streams_of_sets():
    data = b"".join(bytes([len(one)]) + one for one in [NUMBER_LAST, b"", NUMBER_LAST])
    columns = proto.decode_batch(data, two.Set, PATHS[:1], framing="delimited")
    assert columns[PATHS[0]].to_pylist() == [5, None, 5]
