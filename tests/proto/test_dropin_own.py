"""Messages of schemas that did not come from upstream: pickled, and in upstream's world."""

import pickle

import pytest
from google.protobuf import descriptor_pb2, text_format
from google.protobuf.message import Message as UpstreamMessage

from tensorwire import proto

from .generated import EVENT, run_program

FILE = text_format.Parse(EVENT, descriptor_pb2.FileDescriptorProto())
OTHER = text_format.Parse(
    """
    name: "other.proto" package: "other" dependency: "event.proto"
    message_type {
      name: "Holder"
      field { name: "event" number: 1 type: TYPE_MESSAGE label: LABEL_OPTIONAL type_name: ".Event" }
    }
    """,
    descriptor_pb2.FileDescriptorProto(),
)


@pytest.fixture
def schema():
    files = descriptor_pb2.FileDescriptorSet(file=[OTHER, FILE])
    return proto.Schema.from_descriptor_set(files.SerializeToString())


@pytest.fixture
def holder(schema):
    holder = schema["other.Holder"]()
    holder.event.id = 3
    holder.event.user.name = "somebody"
    holder.event.tags.extend(["a", "b"])
    return holder


def test_a_pickle_gives_the_class_that_it_came_from(schema, holder):
    again, event, empty = pickle.loads(pickle.dumps([holder, holder.event, schema["Event.User"]()]))
    assert again == holder and type(again) is schema["other.Holder"]
    assert event == holder.event and type(event) is schema["Event"]
    assert type(empty) is schema["Event.User"] and empty.ByteSize() == 0


def test_a_pickle_brings_its_schema(tmp_path, schema, holder):
    messages = [holder, holder.event] * 100
    data = pickle.dumps(messages)
    assert data.count(FILE.SerializeToString()) == 1
    (tmp_path / "data").write_bytes(data)
    run_program(tmp_path, """
        import pickle, sys
        messages = pickle.load(open("data", "rb"))
        assert "google.protobuf" not in sys.modules
        assert len({type(message) for message in messages}) == 2
        assert messages[0].event == messages[1]
        assert messages[0].event.user.name == "somebody" and list(messages[1].tags) == ["a", "b"]
        assert pickle.loads(pickle.dumps(messages[0])) == messages[0]
    """)  # fmt: skip


def test_upstream_gets_a_class_for_it(holder):
    theirs = proto.to_upstream(holder)
    assert isinstance(theirs, UpstreamMessage) and theirs.DESCRIPTOR.full_name == "other.Holder"
    assert theirs.event.user.name == "somebody"
    assert theirs.SerializeToString() == holder.SerializeToString()
    assert type(theirs) is type(proto.to_upstream(holder))
    assert type(theirs.event) is type(proto.to_upstream(holder.event))


def test_an_imported_module_is_preferred(tmp_path):
    run_program(tmp_path, """
        from google.protobuf import timestamp_pb2
        from tensorwire import proto
        data = timestamp_pb2.DESCRIPTOR.serialized_pb
        schema = proto.Schema.from_descriptor_set(data)
        ours = schema["google.protobuf.Timestamp"](seconds=5)
        assert type(proto.to_upstream(ours)) is timestamp_pb2.Timestamp
        assert proto.to_upstream(ours).seconds == 5
    """)  # fmt: skip
