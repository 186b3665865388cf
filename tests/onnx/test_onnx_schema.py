"""Our ONNX schema table says what the installed onnx's own descriptors say."""

import pytest

onnx = pytest.importorskip("onnx")
from google.protobuf.descriptor import FieldDescriptor  # noqa: E402
from onnx import onnx_data_pb2, onnx_ml_pb2, onnx_operators_ml_pb2  # noqa: E402

from tensorwire.formats.onnx import schema  # noqa: E402

FILES = [pb2.DESCRIPTOR for pb2 in (onnx_ml_pb2, onnx_data_pb2, onnx_operators_ml_pb2)]
TYPES = {
    getattr(FieldDescriptor, f"TYPE_{name.upper()}"): name
    for name in "bytes double enum float int32 int64 message string uint64".split()
}
#: What releases after the installed one may have added: (enum, member).
NEWER = {
    ("onnx.TensorProto.DataType", "FLOAT6E2M3"),
    ("onnx.TensorProto.DataType", "FLOAT6E3M2"),
    ("onnx.Version", "IR_VERSION_2025_11_06"),
}


def nested(messages):
    for message in messages:
        yield message
        yield from nested(message.nested_types)


def upstream_messages():
    return [m for file in FILES for m in nested(file.message_types_by_name.values())]


def upstream_enums():
    enums = [e for file in FILES for e in file.enum_types_by_name.values()]
    return enums + [e for m in upstream_messages() for e in m.enum_types]


def row(field):
    """The table's row for an upstream field descriptor."""
    reference = field.message_type or field.enum_type
    oneof = field.containing_oneof
    return (
        field.number,
        field.name,
        "repeated" if field.is_repeated else "required" if field.is_required else "optional",
        TYPES[field.type],
        reference.full_name if reference else "",
        bool(field.is_packed),
        field.default_value if field.has_default_value else None,
        oneof.name if oneof else "",
    )


def test_every_message_and_field_both_ways():
    ours = {name: set(fields) for name, fields in schema.MESSAGES}
    theirs = {m.full_name: {row(f) for f in m.fields} for m in upstream_messages()}
    assert ours == theirs


def test_every_enum_member_both_ways():
    ours = {(name, *member) for name, members in schema.ENUMS for member in members}
    theirs = {(e.full_name, v.name, v.number) for e in upstream_enums() for v in e.values}
    newest = {m for m in theirs if m[:2] == ("onnx.Version", "IR_VERSION")}  # moves every release
    assert theirs - newest <= ours
    extra = {member[:2] for member in ours - theirs}
    assert extra <= NEWER | {("onnx.Version", "IR_VERSION")}


def test_nothing_is_listed_twice():
    names = [name for name, _ in schema.MESSAGES] + [name for name, _ in schema.ENUMS]
    assert len(names) == len(set(names))
    for _, fields in schema.MESSAGES:
        assert len({f[0] for f in fields}) == len({f[1] for f in fields}) == len(fields)


def test_every_reference_is_in_the_table():
    names = {name for name, _ in schema.MESSAGES} | {name for name, _ in schema.ENUMS}
    used = {field[4] for _, fields in schema.MESSAGES for field in fields} - {""}
    assert used <= names
