"""One class for each type of a pool, whichever file or attribute leads to it, and what it has."""

import gc
import threading

import pytest
from google.protobuf import (
    any_pb2,
    descriptor_pb2,
    descriptor_pool,
    message,
    message_factory,
    struct_pb2,
    timestamp_pb2,
    type_pb2,
)  # fmt: skip
from google.protobuf.internal import enum_type_wrapper, well_known_types

from tensorwire import proto
from tensorwire._core.message import Message
from tensorwire.errors import DecodeError

from . import compiled

Field = descriptor_pb2.FieldDescriptorProto


def upstream_classes(name):
    schema, pool = compiled.compiled(name)
    found = {}
    for full_name in schema:
        descriptor = pool.FindMessageTypeByName(full_name)
        found[full_name] = message_factory.GetMessageClass(descriptor)
    return found


def test_a_type_of_another_file_has_the_class_of_that_file():
    outer = proto.message_class(type_pb2.Option)
    value = outer.FromString(b"\x12\x03\x0a\x01t").value
    assert type(value) is proto.message_class(any_pb2.Any) and value.type_url == "t"
    assert proto.message_class(any_pb2.Any.DESCRIPTOR) is type(value)


def test_the_same_over_a_whole_schema():
    for full_name, theirs in upstream_classes("legacy").items():
        ours = proto.message_class(theirs)
        assert ours is proto.message_class(theirs.DESCRIPTOR) and ours is proto.message_class(ours)
        assert ours.DESCRIPTOR is theirs.DESCRIPTOR
        for nested in theirs.DESCRIPTOR.nested_types:
            assert getattr(ours, nested.name) is proto.message_class(nested)
        for field in theirs.DESCRIPTOR.fields:
            kind = field.message_type
            if kind is not None and not field.is_repeated:
                assert type(getattr(ours(), field.name)) is proto.message_class(kind)
            number = getattr(ours, f"{field.name.upper()}_FIELD_NUMBER")
            assert number == field.number, full_name


def test_pools_are_worlds_of_their_own():
    pools = [descriptor_pool.DescriptorPool() for _ in range(2)]
    classes = []
    for pool in pools:
        pool.AddSerializedFile(timestamp_pb2.DESCRIPTOR.serialized_pb)
        descriptor = pool.FindMessageTypeByName("google.protobuf.Timestamp")
        classes.append(proto.message_class(descriptor))
        assert proto.message_class(descriptor) is classes[-1]
    assert len({*classes, proto.message_class(timestamp_pb2.Timestamp)}) == 3


def test_classes_are_made_once_by_many_threads():
    pool = descriptor_pool.DescriptorPool()
    for file in (any_pb2, descriptor_pb2):
        pool.AddSerializedFile(file.DESCRIPTOR.serialized_pb)
    names = ["google.protobuf.Any", "google.protobuf.FileDescriptorSet"]
    start, found = threading.Barrier(8), []

    def make(name):
        start.wait()
        found.append(proto.message_class(pool.FindMessageTypeByName(name)))

    threads = [threading.Thread(target=make, args=[names[i % 2]]) for i in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 8 and len(set(found)) == 2


@pytest.mark.parametrize("name", ["any", "duration", "field_mask", "struct", "timestamp"])
def test_well_known_types_have_upstreams_methods(name):
    module = __import__(f"google.protobuf.{name}_pb2", fromlist=["DESCRIPTOR"])
    for full_name, mixin in well_known_types.WKTBASES.items():
        theirs = getattr(module, full_name.rpartition(".")[2], None)
        if theirs is None:
            continue
        ours = proto.message_class(theirs)
        assert issubclass(ours, (mixin,)) and issubclass(ours, message.Message)
        assert issubclass(ours, Message) and ours.__mro__.index(Message) < ours.__mro__.index(mixin)


def test_methods_of_well_known_types_work():
    stamp = proto.message_class(timestamp_pb2.Timestamp)()
    stamp.FromJsonString("2026-01-02T03:04:05Z")
    assert stamp.ToJsonString() == "2026-01-02T03:04:05Z"
    struct = proto.message_class(struct_pb2.Struct)()
    struct["a"] = 1.5
    assert struct["a"] == 1.5


def test_own_schemas_need_no_upstream_base():
    schema, _ = compiled.compiled("plain")
    cls = schema["plain.All"]
    assert cls.__mro__[1] is Message and not issubclass(cls, message.Message)
    assert cls.DESCRIPTOR is schema.files[0].message_types_by_name["All"]
    assert cls.DESCRIPTOR._concrete_class is cls and proto.message_class(cls.DESCRIPTOR) is cls
    assert cls.Inner.Innermost is schema["plain.All.Inner.Innermost"]
    assert cls.Inner.__qualname__ == "All.Inner" and cls.Inner.__module__ == cls.__module__


def test_upstreams_base_class_itself_is_no_source():
    for wrong in (Message, message.Message, 3, None, enum_type_wrapper.EnumTypeWrapper):
        with pytest.raises(TypeError, match="upstream message class"):
            proto.message_class(wrong)


def test_an_unused_own_schema_is_collected():
    gc.collect()
    schema = proto.Schema.from_descriptor_set(timestamp_pb2.DESCRIPTOR.serialized_pb)
    made = schema["google.protobuf.Timestamp"]
    before = len(Message.__subclasses__())
    del schema, made
    gc.collect()
    assert len(Message.__subclasses__()) == before - 1


# -- enums --------------------------------------------------------------------------------------


def enum_pairs():
    theirs = Field.Type
    yield proto.message_class(Field).Type, theirs
    own = proto.Schema.from_descriptor_set(descriptor_pb2.DESCRIPTOR.serialized_pb)
    yield own.enums["google.protobuf.FieldDescriptorProto.Type"], theirs


@pytest.mark.parametrize("which", [0, 1])
def test_enums_are_upstreams_wrapper_or_like_it(which):
    ours, theirs = list(enum_pairs())[which]
    if which == 0:
        assert type(ours) is type(theirs)
    else:
        assert "TYPE_BOOL" in dir(ours) and repr(ours) == f"<enum {theirs.DESCRIPTOR.full_name}>"
    assert (ours.keys(), ours.values(), ours.items()) == (
        theirs.keys(), theirs.values(), theirs.items())  # fmt: skip
    assert ours.TYPE_BOOL == theirs.TYPE_BOOL == 8 and type(ours.TYPE_BOOL) is int
    assert ours.DESCRIPTOR.full_name == theirs.DESCRIPTOR.full_name
    for call in (
        lambda enum: enum.Name(8),
        lambda enum: enum.Name(True),
        lambda enum: enum.Name(99),
        lambda enum: enum.Name("8"),
        lambda enum: enum.Name(8.0),
        lambda enum: enum.Name(None),
        lambda enum: enum.Value("TYPE_BOOL"),
        lambda enum: enum.Value("NOPE"),
        lambda enum: enum.NOPE,
        lambda enum: enum(8),
    ):
        assert outcome(call, ours) == outcome(call, theirs)


def outcome(call, enum):
    try:
        return call(enum)
    except Exception as error:  # noqa: BLE001 - its type is compared
        return type(error)


def test_aliases_have_the_first_name():
    schema, pool = compiled.compiled("legacy")
    ours, theirs = schema.enums["legacy.v1.Grade"], pool.FindEnumTypeByName("legacy.v1.Grade")
    wrapper = enum_type_wrapper.EnumTypeWrapper(theirs)
    assert ours.items() == wrapper.items() and ours.Name(3) == wrapper.Name(3) == "POOR"


def test_values_and_nested_enums_are_attributes():
    for cls in (proto.message_class(Field), compiled_field()):
        assert cls.TYPE_BOOL == cls.Type.TYPE_BOOL == 8
        assert cls.Label.Value("LABEL_REPEATED") == cls.LABEL_REPEATED == 3


def compiled_field():
    own = proto.Schema.from_descriptor_set(descriptor_pb2.DESCRIPTOR.serialized_pb)
    return own["google.protobuf.FieldDescriptorProto"]


# -- extensions ---------------------------------------------------------------------------------

BAD_TOP = b"\xe2\x44\x01\xff"  # field 1100 of type int32, as a string: unknown, whatever is known


def test_extensions_of_a_pool_are_known_to_the_class():
    theirs = upstream_classes("legacy")["legacy.v1.Every"]
    for every in (proto.message_class(theirs), compiled.compiled("legacy")[0]["legacy.v1.Every"]):
        with pytest.raises(DecodeError, match=r"\[legacy\.v1\.everything\]\[0\]"):
            every.FromString(b"\xf2\x44\x01\xff")
        every.FromString(BAD_TOP)
        nested = every.Nested
        assert nested.inner_extension.number == nested.INNER_EXTENSION_FIELD_NUMBER == 1000
        assert nested.inner_extension.containing_type is every.DESCRIPTOR


def extended_pool():
    """A pool with one extendable type, and the file that is to extend it."""
    base = descriptor_pb2.FileDescriptorProto(name="base.proto", package="x", syntax="proto2")
    base.message_type.add(name="Base").extension_range.add(start=100, end=200)
    late = descriptor_pb2.FileDescriptorProto(name="late.proto", package="x", syntax="proto2")
    late.dependency.append("base.proto")
    late.message_type.add(name="Sub").field.add(name="a", number=1, type=5, label=1)
    late.extension.add(name="sub", number=100, type=11, type_name=".x.Sub", label=1,
                       extendee=".x.Base")  # fmt: skip
    pool = descriptor_pool.DescriptorPool()
    pool.Add(base)
    return pool, base, late


BAD_SUB = b"\xa2\x06\x01\xff"


def test_extensions_that_are_found_later():
    pool, _, late = extended_pool()
    cls = proto.message_class(pool.FindMessageTypeByName("x.Base"))
    cls.FromString(BAD_SUB)
    pool.Add(late)
    sub = proto.message_class(pool.FindMessageTypeByName("x.Sub"))
    with pytest.raises(DecodeError, match=r"\[x\.sub\]"):
        cls.FromString(BAD_SUB)
    data = b"\xa2\x06\x02\x08\x07"
    child = cls.FromString(data).Extensions[pool.FindExtensionByName("x.sub")]
    assert type(child) is sub and child.a == 7


def test_extensions_of_files_that_nobody_asked_for():
    pool, _, late = extended_pool()
    pool.Add(late)
    cls = proto.message_class(pool.FindMessageTypeByName("x.Base"))
    with pytest.raises(DecodeError, match=r"\[x\.sub\]"):
        cls.FromString(BAD_SUB)


def test_an_extension_that_comes_with_its_first_use():
    pool, _, late = extended_pool()
    cls = proto.message_class(pool.FindMessageTypeByName("x.Base"))
    message = cls()
    pool.Add(late)
    message.Extensions[pool.FindExtensionByName("x.sub")].a = 3
    assert message.SerializeToString() == b"\xa2\x06\x02\x08\x03"
