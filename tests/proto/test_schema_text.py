"""``to_proto``: text that people can read, and that compiles to an equal schema."""

from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

import pytest

from tensorwire import proto
from tensorwire.errors import UnsupportedError
from tensorwire.formats.onnx import schema as onnx_table

from . import compiled, schemas

pytest.importorskip("grpc_tools")

WELL_KNOWN = (
    "any api descriptor duration empty field_mask source_context struct timestamp type wrappers"
).split()
# What upstream's pools leave out, or write in their own way.
UPSTREAMS = ("json_name", "default_value")
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


def again(schema, folder, name=None):
    """A schema compiled from the texts of another's files, and one of those texts."""
    for file in schema.files:
        path = folder / file.name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(schema.to_proto(file.name), encoding="utf-8")
    name = name or schema.files[0].name
    return proto.Schema.from_proto(folder / name, include=[folder]), schema.to_proto(name)


@pytest.mark.parametrize("name", compiled.NAMES)
def test_made_schemas_compile_to_the_same(name, tmp_path):
    schema, _ = compiled.compiled(name)
    second, text = again(schema, tmp_path)
    assert declared(second.files[0]) == declared(schema.files[0]), text
    assert second.to_proto() == text


@pytest.mark.parametrize("name", WELL_KNOWN)
def test_well_known_types_compile_to_the_same(name, tmp_path):
    schema = proto.Schema.from_pb2(import_module(f"google.protobuf.{name}_pb2"))
    second, text = again(schema, tmp_path)
    assert declared(second.files[0], UPSTREAMS) == declared(schema.files[0], UPSTREAMS), text


@pytest.mark.parametrize("name", ONNX)
def test_onnx_compiles_to_the_same(name, tmp_path):
    pytest.importorskip("onnx")
    schema = proto.Schema.from_pb2(import_module(f"onnx.{name}"))
    second, text = again(schema, tmp_path)
    assert [one.name for one in second.files] == [one.name for one in schema.files]
    for ours, theirs in zip(second.files, schema.files, strict=True):
        assert declared(ours, UPSTREAMS) == declared(theirs, UPSTREAMS), text


BUNDLED = Path(find_spec("grpc_tools").origin).parent / "_proto"


@pytest.mark.parametrize("path", sorted(BUNDLED.rglob("*.proto")), ids=lambda path: path.stem)
def test_the_compilers_own_protos_compile_to_the_same(path, tmp_path):
    schema = proto.Schema.from_proto(path, include=[BUNDLED])
    second, text = again(schema, tmp_path)
    assert declared(second.files[0]) == declared(schema.files[0]), text


def test_edition_2024(tmp_path):
    schema = proto.Schema.from_proto(compiled.PROTOS / "edition2024.proto")
    second, text = again(schema, tmp_path)
    assert declared(second.files[0]) == declared(schema.files[0]), text
    assert "option features.(pb.cpp).string_type = VIEW;" in text
    assert "export message Shown {\n" in text and "local enum Hidden {\n" in text


def test_a_shipped_table_has_a_text(tmp_path):
    schema = proto.Schema.from_table(onnx_table)
    second, text = again(schema, tmp_path)
    ours, theirs = (declared(one.files[0], ("json_name",)) for one in (second, schema))
    for message in theirs.message_type:  # a table's rows ascend: a oneof's may lie apart
        message.field.sort(key=lambda field: field.number)
    for message in ours.message_type:
        message.field.sort(key=lambda field: field.number)
    assert ours == theirs
    assert "message TensorProto {\n" in text and "enum DataType {\n" in text
    assert set(second) == set(schema)


def test_the_schema_of_generated_tests(tmp_path):
    schema = proto.Schema.from_pb2(schemas.PROTO3.theirs["All"])
    second, text = again(schema, tmp_path)
    assert declared(second.files[0], UPSTREAMS) == declared(schema.files[0], UPSTREAMS), text


def test_what_no_text_declares_is_refused():
    schema = proto.Schema.from_pb2(schemas.PROTO2.theirs["All"])
    with pytest.raises(UnsupportedError, match=r"deeper: a group of a type that is not its own"):
        schema.to_proto()


def test_only_files_of_the_schema_are_printed():
    schema = proto.Schema.from_pb2(import_module("google.protobuf.type_pb2"))
    assert 'package google.protobuf;' in schema.to_proto("google/protobuf/any.proto")
    with pytest.raises(KeyError, match=r"no file 'nope\.proto'"):
        schema.to_proto("nope.proto")


GOLDEN = """\
syntax = "proto3";

package t;

import "google/protobuf/any.proto";

enum Color {
  RED = 0;
  BLUE = 2 [deprecated = true];
}

message Holder {
  option deprecated = true;

  message Inner {
    bytes data = 1;
  }

  optional int32 count = 1;
  repeated Inner inner = 2;
  map<string, Color> colors = 3;

  oneof choice {
    string text = 4;
    google.protobuf.Any any = 5;
  }

  repeated int64 loose = 6 [packed = false];
  reserved 10, 20 to 29;
  reserved "gone";
}
"""


def test_it_reads_as_people_write():
    assert proto.Schema.from_proto_text(GOLDEN).to_proto() == GOLDEN


def test_names_of_json_that_are_empty(tmp_path):
    """As upstream reads them: what is written counts, also where nothing is written."""
    text = 'syntax = "proto3"; message M { int32 one_two = 1 [json_name = ""]; int32 a_b = 2; }'
    schema = proto.Schema.from_proto_text(text)
    upstream = compiled.upstream_pool(schema).FindMessageTypeByName("M")
    for fields in (schema["M"].DESCRIPTOR.fields, upstream.fields):
        assert [field.json_name for field in fields] == ["", "aB"]
    second, text = again(schema, tmp_path)
    assert declared(second.files[0]) == declared(schema.files[0]), text


def test_options_of_messages_that_are_empty(tmp_path):
    text = """
        edition = "2023";
        enum Enum { ZERO = 0 [feature_support = {}]; }
        message M { int32 one = 1 [feature_support = {}, debug_redact = true]; }
    """
    schema = proto.Schema.from_proto_text(text)
    second, text = again(schema, tmp_path)
    assert text.count("feature_support = { }") == 2
    assert declared(second.files[0]) == declared(schema.files[0]), text
