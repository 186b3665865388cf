"""Upstream's printers and parsers walk our descriptions, and options can be read from them."""

import re

import pytest
from google.protobuf import (
    descriptor_pb2,
    descriptor_pool,
    json_format,
    message_factory,
    text_format,
)

from tensorwire import proto

from . import compiled
from .compiled import file_proto

DATA = {
    "plain.All": """
        a: 1.5 b: 2 c: "text" d: "" e: "\\377" f: ONE g: MINUS h: [1, -2] i: [3] j: ["x", "y"]
        k { a: 1 } l {} m { key: 1 value { seconds: 5 } } n { key: "k" value: ONE }
        p { c: "in" } q: 3 r { value: 9 } s: [ZERO, MINUS] snake_case_name: 7
        inner { up {} top { a: 2 } }
    """,
    "edition.of2023.Base": """
        implicit: 1 explicit: 0 needed: 2 checked: "a" packed: [1, 2] expanded: [3]
        delimited { needed: 3 } prefixed { needed: 4 } many { needed: 5 } many { needed: 6 }
        mapped { key: "k" value { needed: 7 } } texts { key: 1 value: "t" } closed: THREE open: ONE
        duration { seconds: 3 } closed_many: [TWO, THREE] left: "l"
    """,
}


def pair(name, text):
    """A message of our own schema, and upstream's of the same content."""
    schema, pool = compiled.compiled(name.partition(".")[0])
    theirs = message_factory.GetMessageClass(pool.FindMessageTypeByName(name))()
    text_format.Parse(text, theirs, descriptor_pool=pool)
    return schema[name].FromString(theirs.SerializeToString()), theirs


@pytest.mark.parametrize("name", DATA)
def test_json_is_printed_and_parsed(name):
    ours, theirs = pair(name, DATA[name])
    for options in ({}, {"preserving_proto_field_name": True}, {"use_integers_for_enums": True}):
        assert json_format.MessageToDict(ours, **options) == json_format.MessageToDict(
            theirs, **options
        )
    again = type(ours)()
    json_format.Parse(json_format.MessageToJson(theirs), again)
    assert again.SerializeToString(deterministic=True) == theirs.SerializeToString(
        deterministic=True
    )
    everything = {"always_print_fields_with_no_presence": True}
    empty, none = type(ours)(), type(theirs)()
    assert json_format.MessageToDict(empty, **everything) == json_format.MessageToDict(
        none, **everything
    )


@pytest.mark.parametrize("name", DATA)
def test_text_is_printed_and_parsed(name):
    ours, theirs = pair(name, DATA[name])
    text = text_format.MessageToString(theirs)
    assert text_format.MessageToString(ours) == text
    again = type(ours)()
    text_format.Parse(text, again)
    assert again == ours


LEGACY = """
    must: 1 s_bytes: "\\001" loose: [1, 2] tight: [3, 4] grades: [POOR, GOOD]
    One { inside: "x" Two { back { must: 2 } } } Many { deep { kind: NONE } } Many {}
    by_name { key: "a" value { must: 3 } } by_truth { key: true value: "b" }
"""


def test_groups_and_extensions_in_text():
    text = LEGACY + "[legacy.v1.top]: 5 [legacy.v1.everything] { must: 4 }"
    ours, theirs = pair("legacy.v1.Every", text)
    printed = text_format.MessageToString(theirs)
    assert text_format.MessageToString(ours) == printed
    again = type(ours)()
    text_format.Parse(printed, again, descriptor_pool=type(ours).DESCRIPTOR.file.pool)
    assert again == ours


def test_json_of_extensions():
    text = "must: 1 [legacy.v1.top]: 5 [legacy.v1.Every.Nested.inner_numbers]: 3"
    ours, theirs = pair("legacy.v1.Every", text)
    printed = json_format.MessageToDict(theirs)
    assert json_format.MessageToDict(ours) == printed
    again = json_format.ParseDict(printed, type(ours)(), descriptor_pool=None)
    assert again == ours


# -- options ------------------------------------------------------------------------------------


def test_custom_options_are_extensions_of_the_options():
    schema, _ = compiled.compiled("legacy")
    every = schema["legacy.v1.Every"].DESCRIPTOR
    options = every.fields_by_name["s_string"].GetOptions()
    assert options.Extensions[schema.extensions["legacy.v1.note"]] == 'say "hi"'
    assert list(options.Extensions[schema.extensions["legacy.v1.marks"]]) == [1, -2]
    limits = every.GetOptions().Extensions[schema.extensions["legacy.v1.limits"]]
    assert type(limits) is schema["legacy.v1.Limits"] and limits.text == 'a"b'
    assert every.GetOptions().deprecated and every.GetOptions() is every.GetOptions()
    assert not every.fields_by_name["s_bool"].has_options


def test_options_without_a_description_of_options():
    schema, _ = compiled.compiled("plain")
    one = schema.enums["plain.Open"].DESCRIPTOR.values_by_name["ONE"]
    assert one.GetOptions().deprecated and one.has_options
    assert not one.type.values_by_name["ZERO"].GetOptions().deprecated


# -- copies of declarations ---------------------------------------------------------------------


def test_declarations_are_copied_into_either_worlds_messages():
    schema, _ = compiled.compiled("legacy")
    file = schema.files[0]
    every = file.message_types_by_name["Every"]
    declared = {one.name: one for one in file_proto(file).message_type}["Every"]
    theirs = descriptor_pb2.DescriptorProto(name="before")
    every.CopyToProto(theirs)
    assert theirs == declared
    ours = proto.message_class(descriptor_pb2.DescriptorProto)(name="before")
    every.CopyToProto(ours)
    assert ours.SerializeToString() == declared.SerializeToString()
    for one, kind in (
        (file, descriptor_pb2.FileDescriptorProto),
        (every.fields[0], descriptor_pb2.FieldDescriptorProto),
        (every.oneofs[0], descriptor_pb2.OneofDescriptorProto),
        (file.enum_types_by_name["Grade"], descriptor_pb2.EnumDescriptorProto),
        (file.services_by_name["Finder"], descriptor_pb2.ServiceDescriptorProto),
    ):
        copied = kind()
        one.CopyToProto(copied)
        assert copied.name == one.name
        with pytest.raises(TypeError, match=f"a {re.escape(kind.DESCRIPTOR.full_name)} is needed"):
            one.CopyToProto(descriptor_pb2.UninterpretedOption())


# -- lookups ------------------------------------------------------------------------------------


def test_the_pool_finds_what_upstreams_finds():
    schema, theirs = compiled.compiled("legacy")
    ours = schema.files[0].pool
    for find, name in (
        ("FindFileByName", "legacy.proto"),
        ("FindMessageTypeByName", "legacy.v1.Every.Nested.Deep"),
        ("FindFieldByName", "legacy.v1.Every.number"),
        ("FindEnumTypeByName", "legacy.v1.Every.Nested.Kind"),
        ("FindExtensionByName", "legacy.v1.top"),
        ("FindExtensionByName", "legacy.v1.Every.Nested.inner_extension"),
        ("FindOneofByName", "legacy.v1.Every.choice"),
        ("FindServiceByName", "legacy.v1.Finder"),
        ("FindMethodByName", "legacy.v1.Finder.Watch"),
    ):
        assert getattr(ours, find)(name).name == getattr(theirs, find)(name).name
        if find != "FindFileByName":
            assert ours.FindFileContainingSymbol(name).name == "legacy.proto"
        for wrong in ("nope", "", "legacy.v1.Empty", "google.protobuf.Any.value"):
            assert missing(ours, find, wrong) == missing(theirs, find, wrong), (find, wrong)


def missing(pool, find, name):
    try:
        return getattr(pool, find)(name).name
    except KeyError:
        return KeyError


def test_the_pool_finds_extensions_by_number():
    schema, theirs = compiled.compiled("legacy")
    ours = schema.files[0].pool
    mine = schema["legacy.v1.Every"].DESCRIPTOR
    yours = theirs.FindMessageTypeByName("legacy.v1.Every")
    assert ours.FindExtensionByNumber(mine, 1100).full_name == "legacy.v1.top"
    assert {one.full_name for one in ours.FindAllExtensions(mine)} == {
        one.full_name for one in theirs.FindAllExtensions(yours)
    }
    assert ours.FindAllExtensions(schema["legacy.v1.Empty"].DESCRIPTOR) == []
    with pytest.raises(KeyError):
        ours.FindExtensionByNumber(mine, 1)
    assert mine.EnumValueName is not None
    nested = mine.nested_types_by_name["Nested"]
    assert nested.EnumValueName("Kind", 1) == "SOME"
    for arguments in (("Kind", 9), ("Nope", 1)):
        with pytest.raises(KeyError):
            nested.EnumValueName(*arguments)


def test_files_are_added_like_upstreams():
    ours, theirs = (
        type(compiled.compiled("plain")[0].files[0].pool)(),
        descriptor_pool.DescriptorPool(),
    )
    declared = descriptor_pb2.FileDescriptorProto(name="a.proto", package="a")
    declared.message_type.add(name="M")
    for pool in (ours, theirs):
        pool.Add(declared)
        first = pool.FindFileByName("a.proto")
        pool.AddSerializedFile(declared.SerializeToString())
        assert pool.FindFileByName("a.proto") is first
    declared.message_type.add(name="N")
    for pool, kind in ((ours, ValueError), (theirs, TypeError)):
        with pytest.raises(kind):
            pool.AddSerializedFile(declared.SerializeToString())


def test_descriptions_cannot_be_changed():
    every = compiled.compiled("legacy")[0]["legacy.v1.Every"].DESCRIPTOR
    for mapping in (every.fields_by_name, every.oneofs_by_name, every.enum_values_by_name):
        with pytest.raises(TypeError):
            mapping["new"] = None
    with pytest.raises(AttributeError):
        every.fields.append(None)
    with pytest.raises(AttributeError):
        every.fields[0].default_value = 3
    assert repr(every) == "<MessageDescription legacy.v1.Every>"
