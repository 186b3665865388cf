"""The shipped table of descriptor.proto says what upstream's descriptors of it say."""

from google.protobuf import descriptor_pb2

from tensorwire.proto import descriptor_table as table
from tensorwire.proto.own import own_class

TYPES = {
    number: name.removeprefix("TYPE_").lower()
    for name, number in descriptor_pb2.FieldDescriptorProto.Type.items()
}
FILE = descriptor_pb2.DESCRIPTOR


def nested(messages):
    for message in messages:
        yield message
        yield from nested(message.nested_types)


MESSAGES = list(nested(FILE.message_types_by_name.values()))
ENUMS = [*FILE.enum_types_by_name.values(), *[e for m in MESSAGES for e in m.enum_types]]


def row(field):
    reference = field.message_type or field.enum_type
    return (
        field.number,
        field.name,
        "repeated" if field.is_repeated else "required" if field.is_required else "optional",
        TYPES[field.type],
        reference.full_name if reference else "",
        field.is_packed,
        field.default_value if field.has_default_value else None,
        field.containing_oneof.name if field.containing_oneof else "",
    )


def test_every_message_and_field_both_ways():
    theirs = {message.full_name: [row(field) for field in message.fields] for message in MESSAGES}
    assert {name: list(rows) for name, rows in table.MESSAGES} == theirs
    assert len(table.MESSAGES) == len(theirs)


def test_every_enum_both_ways():
    theirs = {e.full_name: [(value.name, value.number) for value in e.values] for e in ENUMS}
    assert {name: list(values) for name, values in table.ENUMS} == theirs
    assert len(table.ENUMS) == len(theirs)


def test_numbers_that_are_set_aside():
    theirs = {m.full_name: tuple(m.extension_ranges) for m in MESSAGES if m.extension_ranges}
    assert theirs == table.RANGES


def test_what_stands_above():
    assert (table.NAME, table.PACKAGE, table.SYNTAX) == (FILE.name, FILE.package, "proto2")


def test_descriptions_of_a_table_are_made_from_its_rows():
    """And its classes stay the classes that were made without them."""
    for message in MESSAGES:
        ours = own_class(message.full_name.removeprefix("google.protobuf."))
        description = ours.DESCRIPTOR
        assert description._concrete_class is ours
        assert [f.default_value for f in description.fields] == [
            f.default_value for f in message.fields
        ]
        assert [(f.name, f.type, f.index, f.json_name) for f in description.fields] == [
            (f.name, f.type, f.index, f.json_name) for f in message.fields
        ]
        assert description.extension_ranges == list(message.extension_ranges)
        assert [nested.full_name for nested in description.nested_types] == [
            nested.full_name for nested in message.nested_types
        ]


def test_nested_classes_and_enums_of_a_table():
    field = own_class("FieldDescriptorProto")
    assert field.Type.Name(11) == "TYPE_MESSAGE" and field.TYPE_MESSAGE == 11
    assert field.Type.DESCRIPTOR is field.DESCRIPTOR.enum_types_by_name["Type"]
    assert own_class("DescriptorProto").ExtensionRange is own_class(
        "DescriptorProto.ExtensionRange"
    )
    assert field.NUMBER_FIELD_NUMBER == 3


def test_it_reads_its_own_file():
    file = own_class("FileDescriptorProto").FromString(FILE.serialized_pb)
    assert [message.name for message in file.message_type] == list(FILE.message_types_by_name)
