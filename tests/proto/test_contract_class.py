"""The contract: message classes, instances, and what Python may do with them."""

import copy
import pickle
import weakref

import pytest
from google.protobuf import message as upstream_message
from google.protobuf import struct_pb2

from tensorwire import proto


def test_constants_of_a_class(each):
    cls = each.All
    assert cls.DESCRIPTOR.full_name == f"contract.{each.syntax}.All"
    assert cls.DESCRIPTOR.name == cls.__name__ == cls.__qualname__ == "All"
    assert (cls.F_INT32_FIELD_NUMBER, cls.FROM_FIELD_NUMBER) == (1, 44)
    assert cls.M_TEXT_INT_FIELD_NUMBER == 60
    assert cls.MTextIntEntry.DESCRIPTOR.GetOptions().map_entry
    assert (cls.CALM, cls.WILD, cls.DARK) == (0, 1, -3)


def test_nested_classes(two):
    assert two.All.Group is two.AllGroup
    assert two.All.Group.DESCRIPTOR.containing_type is two.All.DESCRIPTOR
    assert type(two.All().group) is two.All.Group
    assert type(two.All().groups.add()) is two.All.Groups


def test_the_classes_of_children_are_those_of_the_file(each):
    message = each.All()
    assert type(message.sub) is each.Sub
    assert type(message.subs.add()) is each.Sub
    assert type(message.m_text_sub["x"]) is each.Sub
    assert type(message.all) is each.All


def test_fields_are_no_attributes_of_a_class(two):
    with pytest.raises(AttributeError):
        two.All.no_such_field


def test_enum_wrapper(two):
    mood = two.All.Mood
    assert (mood.Name(1), mood.Value("DARK"), mood.WILD) == ("WILD", -3, 1)
    assert mood.keys() == ["CALM", "WILD", "DARK"]
    assert mood.values() == [0, 1, -3]
    assert mood.items() == [("CALM", 0), ("WILD", 1), ("DARK", -3)]
    assert mood.DESCRIPTOR.full_name == "contract.proto2.All.Mood"
    with pytest.raises(ValueError, match="NOPE"):
        mood.Value("NOPE")
    with pytest.raises(ValueError, match="7"):
        mood.Name(7)
    with pytest.raises(TypeError):
        mood.Name("1")
    with pytest.raises(TypeError):
        mood()
    with pytest.raises(AttributeError):
        mood.NOPE


def test_messages_are_upstreams_messages(each):
    assert isinstance(each.All(), upstream_message.Message)
    assert issubclass(each.Sub, upstream_message.Message)
    assert not isinstance(each.Sub(), each.All)


def test_classes_have_no_subclasses(two):
    with pytest.raises(TypeError):
        type("Derived", (two.All,), {})


def test_an_instance_has_no_room_for_other_names(two):
    message = two.All()
    assert two.All.__slots__ == ()
    for name in ("no_such_field", "DESCRIPTOR", "SerializeToString", "_private"):
        with pytest.raises(AttributeError):
            setattr(message, name, 1)
    with pytest.raises(AttributeError):
        message.no_such_field
    with pytest.raises(AttributeError):
        del message.f_int32


def test_messages_are_neither_hashed_ordered_counted_nor_iterated(two):
    message = two.All()
    for attempt in (hash, len, iter, weakref.ref, lambda m: m < m, lambda m: m + m, lambda m: m[0]):
        with pytest.raises(TypeError):
            attempt(message)


def test_a_message_is_true(two):
    assert bool(two.All()) is True
    assert bool(two.Empty()) is True


@pytest.mark.parametrize(
    "name",
    ["ByteSize", "Clear", "ClearExtension", "ClearField", "CopyFrom", "DiscardUnknownFields",
     "FindInitializationErrors", "FromString", "HasExtension", "HasField", "IsInitialized",
     "ListFields", "MergeFrom", "MergeFromString", "ParseFromString", "SerializePartialToString",
     "SerializeToString", "SetInParent", "UnknownFields", "WhichOneof", "Extensions"],
)  # fmt: skip
def test_methods_of_a_class(each, name):
    assert hasattr(each.All, name)
    assert name in dir(each.All)


def test_methods_may_be_called_through_the_class(two):
    message = two.All(f_int32=5)
    assert two.All.ByteSize(message) == 2
    assert two.All.SerializeToString(message) == b"\x08\x05"
    with pytest.raises(TypeError):
        two.All.ByteSize(3)
    with pytest.raises(TypeError):
        two.All.SerializeToString()


@pytest.mark.parametrize(
    ("method", "arguments"),
    [("ListFields", (1,)), ("HasField", ()), ("HasField", ("f_int32", 1)), ("Clear", (1,)),
     ("ClearField", ()), ("CopyFrom", ()), ("MergeFrom", ()), ("WhichOneof", ()),
     ("ParseFromString", ()), ("MergeFromString", (b"", b"")), ("ByteSize", (1,)),
     ("SetInParent", (1,)), ("DiscardUnknownFields", (1,)), ("SerializeToString", (True, True)),
     ("FindInitializationErrors", (1,)), ("IsInitialized", ([], []))],
)  # fmt: skip
def test_methods_count_their_arguments(two, method, arguments):
    with pytest.raises(TypeError):
        getattr(two.All(), method)(*arguments)


def test_a_field_named_as_a_keyword(each):
    message = each.All(**{"from": 3})
    assert getattr(message, "from") == 3
    setattr(message, "from", 4)
    assert message == each.All(**{"from": 4})
    assert each.All.FROM_FIELD_NUMBER == 44


# -- copies --------------------------------------------------------------------------------------


def filled(classes):
    message = classes.All(f_int32=1, r_string=["a", "b"], sub={"a": 2, "subs": [{"a": 3}]})
    message.m_text_sub["k"].a = 4
    message.m_text_int["k"] = 5
    message.MergeFromString(b"\xf8\x7f\x09")
    return message


@pytest.mark.parametrize(
    "duplicate",
    [copy.copy, copy.deepcopy, lambda m: m.__deepcopy__({}), lambda m: m.__deepcopy__()],
)
def test_copies_are_equal_and_independent(each, duplicate):
    message = filled(each)
    twin = duplicate(message)
    assert twin == message and twin is not message and type(twin) is each.All
    twin.sub.subs[0].a = 9
    twin.m_text_sub["k"].a = 9
    twin.m_text_int["k"] = 9
    twin.r_string.append("c")
    assert message == filled(each)
    message.sub.a = 7
    assert twin.sub.a == 2


def test_a_deep_copy_of_a_child_has_no_parent(each):
    message = filled(each)
    child = copy.deepcopy(message.sub)
    child.a = 99
    assert message == filled(each)


def test_a_deep_copy_of_an_absent_child_stays_absent(each):
    message = each.All()
    assert copy.deepcopy(message.sub) == each.Sub()
    assert not message.HasField("sub")


def test_state_of_a_message(each):
    message = filled(each)
    state = message.__getstate__()
    assert set(state) == {"serialized"}
    assert each.All.FromString(state["serialized"]) == message
    other = each.All(f_int32=77, f_string="gone")
    other.__setstate__(state)
    assert other == message
    with pytest.raises(KeyError):
        other.__setstate__({})


def test_partial_messages_have_a_state_too(two):
    message = two.Required(may=3)
    other = two.Required()
    other.__setstate__(message.__getstate__())
    assert other == message


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_pickles(kind, protocol):
    cls = struct_pb2.Struct if kind == "upb" else proto.message_class(struct_pb2.Struct)
    message = cls()
    message.fields["a"].list_value.values.add(number_value=1.5)
    message.MergeFromString(b"\xf8\x7f\x09")
    loaded = pickle.loads(pickle.dumps(message, protocol))
    assert type(loaded) is cls
    assert loaded == message
    loaded.fields["a"].string_value = "x"
    assert loaded != message
