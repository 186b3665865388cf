"""Where schemas come from, what they list, and what is wrong with some."""

import sys

import pytest
from google.protobuf import descriptor_pb2, descriptor_pool, timestamp_pb2, type_pb2

import tensorwire as tw
from tensorwire import proto
from tensorwire.errors import DecodeError, SchemaError, UnsupportedError
from tensorwire.proto.pool import Pool

from . import compiled

Field = descriptor_pb2.FieldDescriptorProto


def file_set(*files):
    return descriptor_pb2.FileDescriptorSet(file=files).SerializeToString()


def file(name, *imports, package="p", messages=(), syntax="proto3"):
    found = descriptor_pb2.FileDescriptorProto(name=name, package=package, syntax=syntax)
    found.dependency.extend(imports)
    for message in messages:
        found.message_type.add(name=message)
    return found


def add(message, name, number, kind=Field.TYPE_INT32, type_name="", label=1, **more):
    return message.field.add(
        name=name, number=number, type=kind, type_name=type_name, label=label, **more
    )


def real_set():
    files = _closure(type_pb2.DESCRIPTOR)
    return [descriptor_pb2.FileDescriptorProto.FromString(one.serialized_pb) for one in files]


def _closure(top):
    return [*[one for dependency in top.dependencies for one in _closure(dependency)], top]


# -- descriptor sets ----------------------------------------------------------------------------


@pytest.mark.parametrize("order", [1, -1])
def test_files_of_a_set_may_come_in_any_order(order):
    schema = proto.Schema.from_descriptor_set(file_set(*real_set()[::order]))
    assert "google.protobuf.Type" in schema and "google.protobuf.Any" in schema
    assert schema["google.protobuf.Type"].DESCRIPTOR.file.dependencies[0].name.endswith("any.proto")


@pytest.mark.parametrize("wrap", [bytes, bytearray, memoryview])
def test_a_lone_file_is_a_schema(wrap):
    data = wrap(timestamp_pb2.DESCRIPTOR.serialized_pb)
    schema = proto.Schema.from_descriptor_set(data)
    stamp = schema["google.protobuf.Timestamp"].FromString(b"\x08\x05")
    assert stamp.seconds == 5 and list(schema) == ["google.protobuf.Timestamp"]


def test_a_set_may_lie_in_a_file(tmp_path):
    path = tmp_path / "set.bin"
    path.write_bytes(file_set(*real_set()))
    for name in (path, str(path)):
        assert len(proto.Schema.from_descriptor_set(name)) == 7
    with pytest.raises(FileNotFoundError):
        proto.Schema.from_descriptor_set(tmp_path / "none")


def test_the_empty_set():
    schema = proto.Schema.from_descriptor_set(b"")
    assert (len(schema), list(schema), schema.files, dict(schema.enums)) == (0, [], (), {})
    with pytest.raises(KeyError):
        schema.to_proto()


def test_what_a_schema_lists():
    schema = proto.Schema.from_pb2(descriptor_pb2)
    first = ["google.protobuf.FileDescriptorSet", "google.protobuf.FileDescriptorProto"]
    assert list(schema)[:2] == first
    assert len(schema) == len(list(schema)) and "google.protobuf.Nope" not in schema
    assert 3 not in schema and None not in schema
    assert schema.enums["google.protobuf.Edition"].EDITION_2023 == 1000
    assert [one.name for one in schema.files] == ["google/protobuf/descriptor.proto"]
    assert repr(schema) == f"<Schema of {len(schema)} message types>"
    for wrong in ("google.protobuf.Nope", "", "google.protobuf.Edition"):
        with pytest.raises(KeyError):
            schema[wrong]


def test_entries_of_maps_are_not_listed_but_there():
    schema = proto.Schema.from_descriptor_set(file_set(_with_map()))
    assert list(schema) == ["p.M"] and schema["p.M.MapEntry"] is schema["p.M"].MapEntry


def _with_map():
    found = file("m.proto", messages=["M"])
    entry = found.message_type[0].nested_type.add(name="MapEntry")
    entry.options.map_entry = True
    add(entry, "key", 1)
    add(entry, "value", 2)
    add(found.message_type[0], "map", 1, Field.TYPE_MESSAGE, ".p.M.MapEntry", 3)
    return found


def test_names_may_be_relative_and_kinds_left_out():
    found = file("r.proto", package="a.b", messages=["M"])
    inner = found.message_type[0].nested_type.add(name="Inner")
    found.message_type[0].enum_type.add(name="E").value.add(name="ZERO", number=0)
    for number, name in enumerate(("M.Inner", "Inner", "b.M.Inner", ".a.b.M", "a.b.M.E"), 1):
        field = add(inner, f"f{number}", number, Field.TYPE_MESSAGE, name)
        field.ClearField("type")
    description = proto.Schema.from_descriptor_set(file_set(found))["a.b.M.Inner"].DESCRIPTOR
    targets = [field.message_type or field.enum_type for field in description.fields]
    assert [one.full_name for one in targets] == ["a.b.M.Inner"] * 3 + ["a.b.M", "a.b.M.E"]
    assert [field.type for field in description.fields] == [11, 11, 11, 11, 14]


# -- what is wrong ------------------------------------------------------------------------------


def _duplicate_number():
    found = file("d.proto", messages=["M"])
    add(found.message_type[0], "a", 1)
    add(found.message_type[0], "b", 1)
    return [found]


def _bad_default(kind, text, syntax="proto2"):
    found = file("d.proto", messages=["M"], syntax=syntax)
    found.enum_type.add(name="E").value.add(name="ONE", number=1)
    type_name = ".p.E" if kind == Field.TYPE_ENUM else ""
    add(found.message_type[0], "f", 1, kind, type_name, default_value=text)
    return [found]


def _one_field(**keywords):
    found = file("f.proto", messages=["M"])
    found.enum_type.add(name="E").value.add(name="ZERO", number=0)
    found.message_type[0].field.add(name="f", number=1, label=1, **keywords)
    return [found]


def _extending(number, again=False):
    found = file("x.proto", messages=["M"], syntax="proto2")
    found.message_type[0].extension_range.add(start=100, end=200)
    for name in ("one", "two")[: 1 + again]:
        found.extension.add(name=name, number=number, type=5, label=1, extendee=".p.M")
    return [found]


def _empty_enum():
    found = file("e.proto")
    found.enum_type.add(name="E")
    return [found]


WRONG = {
    "import missing": ([file("a.proto", "b.proto")], r"a\.proto imports b\.proto.*include_imports"),
    "imports itself": ([file("a.proto", "a.proto")], "imports itself"),
    "in a ring": (
        [file("a.proto", "b.proto"), file("b.proto", "c.proto"), file("c.proto", "a.proto")],
        "imports itself",
    ),
    "two files of one name": (
        [file("a.proto"), file("a.proto", package="q")], r"two different files are named a\.proto"),
    "two types of one name": (
        [file("a.proto", messages=["M"]), file("b.proto", messages=["M"])],
        r"p\.M is declared twice, in a\.proto and in b\.proto",
    ),
    "a type twice": ([file("a.proto", messages=["M", "M"])], r"p\.M is declared twice"),
    "unknown type": (_one_field(type=11, type_name=".p.N"), r"no type 'p\.N'"),
    "unknown relative type": (_one_field(type=11, type_name="N"), r"no type 'N'"),
    "an enum for a message": (_one_field(type=11, type_name=".p.E"), r"p\.E is no type for this"),
    "a message for an enum": (_one_field(type=14, type_name=".p.M"), r"p\.M is no type for this"),
    "a message without a type": (_one_field(type=11), r"p\.M\.f has no type"),
    "an enum without a type": (_one_field(type=14), r"p\.M\.f has no type"),
    "nothing about its type": (_one_field(), r"p\.M\.f has no type"),
    "an unknown kind of type": (_one_field(type=11, oneof_index=0), r"p\.M\.f: oneof 0 of 0"),
    "a number twice": (_duplicate_number(), r"d\.proto: p\.M: a field number is used twice"),
    "a default that is no number": (_bad_default(5, "x"), r"p\.M\.f: default 'x' is no value"),
    "a default that is no bool": (_bad_default(8, "yes"), "default 'yes'"),
    "a default that is no label": (_bad_default(14, "TWO"), "default 'TWO'"),
    "an enum without values": (_empty_enum(), r"enum p\.E has no values"),
    "two extensions of one number": (_extending(100, again=True), r"p\.two and p\.one both extend"),
}  # fmt: skip


def every_class(data):
    """Numbers are looked at when a class is made."""
    schema = proto.Schema.from_descriptor_set(data)
    return [schema[name] for name in schema]


@pytest.mark.parametrize("case", WRONG)
def test_contradictions_are_named(case):
    files, message = WRONG[case]
    with pytest.raises(SchemaError, match=message):
        every_class(file_set(*files))


def test_the_error_is_of_the_family():
    assert issubclass(SchemaError, tw.ModelError) and issubclass(SchemaError, ValueError)


@pytest.mark.parametrize("edition", [99997, 900, 0])
def test_editions_that_came_later_are_refused(edition):
    found = file("a.proto", syntax="editions")
    found.edition = edition
    with pytest.raises(UnsupportedError, match=rf"a\.proto: edition {edition} is not known"):
        proto.Schema.from_descriptor_set(file_set(found))
    with pytest.raises(UnsupportedError, match="syntax 'proto4'"):
        proto.Schema.from_descriptor_set(file_set(file("a.proto", syntax="proto4")))


@pytest.mark.parametrize("data", [b"\xff", b"\x0a\x05abc", b"not a descriptor"])
def test_garbage_is_a_decode_error(data):
    with pytest.raises(DecodeError):
        proto.Schema.from_descriptor_set(data)


def test_a_failed_file_leaves_no_trace():
    pool = Pool()
    for case in ("unknown type", "a type twice", "two extensions of one number"):
        (wrong,) = WRONG[case][0]
        with pytest.raises(SchemaError):
            pool.AddSerializedFile(wrong.SerializeToString())
    assert pool.files() == ()
    pool.AddSerializedFile(file("good.proto", messages=["M"]).SerializeToString())
    assert pool.class_named("p.M").FromString(b"").DESCRIPTOR.full_name == "p.M"


# -- upstream's ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "source", [descriptor_pb2, descriptor_pb2.DescriptorProto, descriptor_pb2.DESCRIPTOR,
               descriptor_pb2.DescriptorProto.DESCRIPTOR]
)  # fmt: skip
def test_from_upstreams_modules_and_classes(source):
    schema = proto.Schema.from_pb2(source)
    name = "google.protobuf.DescriptorProto"
    assert schema[name] is proto.message_class(descriptor_pb2.DescriptorProto)


def test_from_our_own_classes():
    schema = proto.Schema.from_descriptor_set(file_set(*real_set()))
    again = proto.Schema.from_pb2(schema["google.protobuf.Type"])
    assert again["google.protobuf.Any"] is schema["google.protobuf.Any"]
    assert again.files[0].name == "google/protobuf/type.proto"


@pytest.mark.parametrize("wrong", [None, 3, "x", sys, dict])
def test_from_nothing_of_the_kind(wrong):
    with pytest.raises(TypeError, match="upstream module or message class"):
        proto.Schema.from_pb2(wrong)


def test_a_pool_of_ones_own():
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file("own.proto", messages=["M"]))
    schema = proto.Schema.from_pb2(pool.FindFileByName("own.proto"))
    assert list(schema) == ["p.M"]


# -- text ---------------------------------------------------------------------------------------

TEXT = 'syntax = "proto3"; package t; message M { int32 a = 1; Sub s = 2; message Deep {} }'


def test_from_a_file_with_imports(tmp_path):
    pytest.importorskip("grpc_tools")
    (tmp_path / "lib/deep").mkdir(parents=True)
    (tmp_path / "lib/deep/sub.proto").write_text('syntax = "proto3"; package t; message Sub {}')
    main = tmp_path / "main.proto"
    main.write_text(TEXT.replace("package t;", 'package t; import "deep/sub.proto";'))
    with pytest.raises(SchemaError, match=r"deep/sub\.proto"):
        proto.Schema.from_proto(main)
    schema = proto.Schema.from_proto(str(main), include=[tmp_path / "lib"])
    assert list(schema) == ["t.M", "t.M.Deep", "t.Sub"]
    assert [one.name for one in schema.files] == ["main.proto", "deep/sub.proto"]
    lone = proto.Schema.from_proto(tmp_path / "lib/deep/sub.proto", include=[tmp_path / "lib"])
    assert [one.name for one in lone.files] == ["deep/sub.proto"]
    for only in (tmp_path / "lib", str(tmp_path / "lib")):
        assert list(proto.Schema.from_proto(main, only)) == list(schema)
        assert "t.Sub" in proto.Schema.from_proto_text(main.read_text(), only)


def test_complaints_name_file_and_line(tmp_path):
    pytest.importorskip("grpc_tools")
    path = tmp_path / "bad.proto"
    path.write_text('syntax = "proto3";\n\nmessage M {\n  int32 a = 1;\n  int32 b = 1;\n}\n')
    with pytest.raises(SchemaError, match=r"bad\.proto: line 5, column 13: .*already") as caught:
        proto.Schema.from_proto(path)
    assert (caught.value.line, caught.value.file) == (5, str(path))
    with pytest.raises(SchemaError, match=r"^schema\.proto: line 2, column 9: ") as caught:
        proto.Schema.from_proto_text('syntax = "proto3";\nmessage 5 {}')
    assert (caught.value.line, caught.value.file) == (2, "schema.proto")
    with pytest.raises(FileNotFoundError):
        proto.Schema.from_proto(tmp_path / "none.proto")


def test_bundled_imports_are_found():
    pytest.importorskip("grpc_tools")
    text = """
        syntax = "proto3";
        import "google/protobuf/timestamp.proto";
        message M { google.protobuf.Timestamp t = 1; }
    """
    schema = proto.Schema.from_proto_text(text)
    assert schema["M"].FromString(b"\x0a\x02\x08\x05").t.seconds == 5


def test_without_the_compiler_the_extra_is_named(monkeypatch):
    monkeypatch.setattr("tensorwire.proto.protoc.find_spec", lambda name: None)
    with pytest.raises(ImportError, match=r"grpcio-tools.*tensorwire\[schema\]"):
        proto.Schema.from_proto_text('syntax = "proto3";')


def test_the_made_schemas_read_what_upstream_writes():
    """Presence, packing and openness as compiled, seen from the bytes."""
    schema, _ = compiled.compiled("edition")
    base = schema["edition.of2023.Base"]
    assert base.FromString(b"\x70\x09").open == 9                  # open: kept
    assert base.FromString(b"\x68\x09").closed == 2                # closed: the default
    assert base.FromString(b"\x2a\x01\xff").unchecked == b"\xff"
    with pytest.raises(DecodeError, match="UTF-8"):
        base.FromString(b"\x22\x01\xff")
    assert base.FromString(b"\x43\x08\x05\x44").delimited.implicit == 5
    assert base.FromString(b"\x4a\x02\x08\x05").prefixed.implicit == 5
    assert not base.FromString(b"\x42\x00").HasField("delimited")
