"""``to_proto``: text that people can read, and that compiles to an equal schema."""

from importlib import import_module

import pytest

from tensorwire import proto

from . import compiled

pytest.importorskip("grpc_tools")

WELL_KNOWN = (
    "any api descriptor duration empty field_mask source_context struct timestamp type wrappers"
).split()
ONNX = ("onnx_ml_pb2", "onnx_data_pb2", "onnx_operators_ml_pb2")


def declared(file, without=()):
    """A file's declaration without its name, and what descriptors may leave out."""
    found = compiled.file_proto(file)
    found.ClearField("name")
    pending = list(found.message_type)
    fields = list(found.extension)
    while pending:
        message = pending.pop()
        pending.extend(message.nested_type)
        fields += [*message.field, *message.extension]
    for field in fields:
        for name in without:
            field.ClearField(name)
    return found


def again(schema, name=None, include=(compiled.PROTOS,)):
    text = schema.to_proto(name)
    return proto.Schema.from_proto_text(text, include), text


@pytest.mark.parametrize("name", compiled.NAMES)
def test_made_schemas_compile_to_the_same(name):
    schema, _ = compiled.compiled(name)
    second, text = again(schema)
    assert declared(second.files[0]) == declared(schema.files[0]), text
    assert second.to_proto() == text


@pytest.mark.parametrize("name", WELL_KNOWN)
def test_well_known_types_compile_to_the_same(name):
    schema = proto.Schema.from_pb2(import_module(f"google.protobuf.{name}_pb2"))
    second, text = again(schema)
    without = ("json_name", "default_value")
    assert declared(second.files[0], without) == declared(schema.files[0], without), text
