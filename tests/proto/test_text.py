"""Messages as text, against ``str`` of upstream's own: the printer takes any message."""

import contextlib

import pytest
from google.protobuf import any_pb2, descriptor_pb2, descriptor_pool, message_factory, wrappers_pb2
from google.protobuf.message import DecodeError
from hypothesis import given
from hypothesis import strategies as st

from tensorwire.proto.text import message_text

from . import schemas
from .effort import examples, generators, named
from .generate import Generator

Field = descriptor_pb2.FieldDescriptorProto
ALL = schemas.PROTO2.theirs["All"]
CHARACTERS = st.text(st.characters(codec="utf-8"))


def parsed(cls, data):
    """A message of upstream's, or None where it is refused."""
    try:
        return cls.FromString(data)
    except DecodeError:
        return None


def the_same(message):
    assert message_text(message) == str(message)


@pytest.mark.parametrize("name", ["proto2", "proto3"])
def test_random_messages(name):
    cls, lines = schemas.BY_NAME[name].theirs["All"], 0
    for seed, rng in generators(400):
        generator = Generator(rng, rng.choice((0, 0.02, 0.1)))
        message = parsed(cls, generator.message(cls.DESCRIPTOR, 40, 3))
        if message is None:
            continue
        with named(seed), contextlib.suppress(UnicodeDecodeError):  # upstream's maps raise it
            the_same(message)
            lines += str(message).count("\n")
    assert lines > 10_000


@examples(300)
@given(st.lists(st.floats()), st.lists(st.floats(width=32)))
def test_numbers_with_a_point(doubles, floats):
    the_same(ALL(r_double=doubles, r_float=floats))


def test_numbers_with_a_point_at_their_limits():
    edges = [1.0, 1e15, 1e16, 123456789012345678, 0.1, 1 / 3, 5e-324, 1.7976931348623157e308,
             -0.0, float("inf"), float("-inf"), float("nan"), 2.5e300, 1e-5, 3.4028235e38, 1e-45,
             1.1754944e-38, 16777216, 1234567, 0.99999999999999]  # fmt: skip
    the_same(ALL(r_double=edges, r_float=edges))


@examples(300)
@given(st.lists(CHARACTERS), st.lists(st.binary()))
def test_text_and_bytes(texts, payloads):
    the_same(ALL(r_string=texts, r_bytes=payloads))


@examples(300)
@given(st.binary(max_size=100))
def test_text_that_is_not_utf8(payload):
    """Proto2 takes it; what is UTF-8 in it stays, every other byte is escaped."""
    the_same(ALL.FromString(b"\x4a" + bytes([len(payload)]) + payload))


@examples(200)
@given(
    st.dictionaries(CHARACTERS, CHARACTERS),
    st.dictionaries(st.integers(-(2**63), 2**63 - 1), st.binary()),
    st.dictionaries(st.integers(-(2**31), 2**31 - 1), st.integers(-5, 5)),
    st.dictionaries(st.integers(0, 2**32 - 1), st.floats(width=32)),
    st.dictionaries(st.booleans(), st.floats()),
)
def test_maps_are_sorted_as_upb_sorts_them(texts, longs, ints, fixed, flags):
    message = ALL(
        m_string_string=texts, m_sint64_bytes=longs, m_int32_int64=ints, m_fixed32_float=fixed,
        m_bool_double=flags,
    )  # fmt: skip
    the_same(message)


def test_maps_of_messages_and_enums():
    message = ALL(m_int32_color={-1: 70, 3: 1000, 2: -1})
    for key in ("b", "a", "", "ab", "é"):
        message.m_string_all[key].s_int32 = 1
    message.m_string_all["a"].m_string_all["z"].SetInParent()
    the_same(message)


def test_enums_go_by_label_or_else_by_number():
    message = schemas.PROTO3.theirs["All"](s_enum=99, r_enum=[0, 1, -1, -2])
    assert message_text(message) == (
        "s_enum: 99\nr_enum: C0\nr_enum: C1\nr_enum: CMINUS1\nr_enum: -2\n"
    )
    the_same(message)


def test_nothing_is_no_text_and_unknown_fields_are_none():
    assert message_text(ALL()) == message_text(ALL.FromString(b"\x98\x01\x05")) == ""


def test_any_is_not_opened():
    packed = any_pb2.Any()
    packed.Pack(wrappers_pb2.StringValue(value="a'b"))
    the_same(packed)
    assert message_text(packed).endswith('value: "\\n\\003a\\\'b"\n')


def test_a_deep_message_needs_no_stack():
    message = inner = ALL()
    for _ in range(3000):
        inner = inner.sub
    inner.s_int32 = 1
    text = message_text(message)
    assert text.count("sub {") == text.count("}") == 3000
    assert "\n" + "  " * 200 + "s_int32: 1\n" in text  # indented no further
    assert len(text) < 2 * 3000 * 410


@pytest.fixture(scope="module")
def extended():
    """A pool with a message that has extensions below and above its fields, and a message set."""
    file = descriptor_pb2.FileDescriptorProto(name="text.proto", package="tests.text")
    base = file.message_type.add(name="Base")
    for number, name in ((1, "low"), (50, "high")):
        base.field.add(number=number, name=name, label=1, type=Field.TYPE_INT32)
    base.extension_range.add(start=10, end=200)
    for number, kind, label in (
        (11, Field.TYPE_STRING, 3),
        (12, Field.TYPE_FLOAT, 1),
        (101, Field.TYPE_MESSAGE, 1),
        (102, Field.TYPE_GROUP, 3),
    ):
        is_message = kind in (Field.TYPE_MESSAGE, Field.TYPE_GROUP)
        file.extension.add(
            number=number, name=f"x{number}", label=label, type=kind, extendee=".tests.text.Base",
            type_name=".tests.text.Base" if is_message else None,
        )  # fmt: skip
    message_set = file.message_type.add(name="Set")
    message_set.options.message_set_wire_format = True
    message_set.extension_range.add(start=4, end=2**31 - 1)
    base.extension.add(
        number=1000, name="in_set", label=1, type=Field.TYPE_MESSAGE,
        type_name=".tests.text.Base", extendee=".tests.text.Set",
    )  # fmt: skip
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    return pool


def class_of(pool, name):
    return message_factory.GetMessageClass(pool.FindMessageTypeByName(f"tests.text.{name}"))


def test_extensions_come_last_in_brackets(extended):
    message = class_of(extended, "Base")(low=1, high=2)
    strings, number, inner, groups = (
        extended.FindExtensionByName(f"tests.text.x{n}") for n in (11, 12, 101, 102)
    )
    message.Extensions[strings].extend(["a", "b"])
    message.Extensions[number] = 0.5
    message.Extensions[inner].Extensions[number] = 2
    message.Extensions[groups].add().low = 3
    assert "[tests.text.x101] {\n  [tests.text.x12]: 2\n}\n[tests.text.x102] {\n  low: 3\n}" in (
        message_text(message)
    )
    the_same(message)


def test_members_of_message_sets_are_extensions(extended):
    members = class_of(extended, "Set")()
    members.Extensions[extended.FindExtensionByName("tests.text.Base.in_set")].high = 5
    assert message_text(members) == "[tests.text.Base.in_set] {\n  high: 5\n}\n"
    the_same(members)
