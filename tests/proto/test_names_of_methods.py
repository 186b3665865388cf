"""Fields called as methods are: they own the names, and nothing of ours calls what they hide."""

import copy
import pickle

import pytest
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

from tensorwire import proto

NAMES = ("Clear", "ListFields", "HasField", "ByteSize", "SerializeToString", "self", "None",
         "SerializePartialToString", "MergeFrom", "CopyFrom", "Extensions", "_fields", "__init__",
         "__class__")  # fmt: skip


def declared() -> bytes:
    file = descriptor_pb2.FileDescriptorProto(name="odd.proto", package="odd")
    message = file.message_type.add(name="Odd")
    for number, name in enumerate(NAMES, 1):
        message.field.add(name=name, number=number, type=5, label=1)
    message.field.add(name="inner", number=50, type=11, label=1, type_name=".odd.Odd")
    return file.SerializeToString()


@pytest.fixture(params=["upb", "own", "ours"])
def odd(request):
    if request.param == "own":
        return proto.Schema.from_descriptor_set(declared())["odd.Odd"]
    pool = descriptor_pool.DescriptorPool()
    pool.AddSerializedFile(declared())
    theirs = message_factory.GetMessageClass(pool.FindMessageTypeByName("odd.Odd"))
    return theirs if request.param == "upb" else proto.message_class(theirs)


def test_fields_hide_methods(odd):
    message = odd(**{name: number for number, name in enumerate(NAMES)}, inner={"Clear": 7})
    for number, name in enumerate(NAMES):
        assert getattr(message, name) == number
    assert str(message) == "".join(
        f"{name}: {number}\n" for number, name in enumerate(NAMES)
    ) + "inner {\n  Clear: 7\n}\n"  # fmt: skip
    assert copy.deepcopy(message) == message and message != odd()


@pytest.mark.parametrize("odd", ["own", "ours"], indirect=True)
def test_what_is_a_function_here_reaches_them(odd):
    message = odd(Clear=1, SerializePartialToString=2, inner={"ListFields": 3})
    encoded = proto.serialize(message)
    assert proto.parse(odd, encoded) == message == odd.FromString(encoded)
    assert str(proto.to_upstream(message)) == str(message)


@pytest.mark.parametrize("odd", ["own"], indirect=True)
def test_they_are_pickled(odd):
    message = odd(SerializePartialToString=2, Clear=3)
    assert pickle.loads(pickle.dumps(message)) == message
