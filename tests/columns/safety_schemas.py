"""Schemas for hostile columns: wide messages, and types that fork at every level."""

from __future__ import annotations

from typing import Any

from google.protobuf import descriptor_pb2

from tensorwire import proto

Field = descriptor_pb2.FieldDescriptorProto


def field(message: Any, name: str, number: int, kind: str, repeated: bool = False) -> Any:
    """Adds a field; ``kind`` is a scalar's, or the name of a message."""
    made = message.field.add(name=name, number=number)
    made.label = Field.LABEL_REPEATED if repeated else Field.LABEL_OPTIONAL
    if kind[0].isupper():
        made.type, made.type_name = Field.TYPE_MESSAGE, f".safety.{kind}"
    else:
        made.type = Field.Type.Value(f"TYPE_{kind.upper()}")
    return made


def schema(file: Any) -> Any:
    return proto.Schema.from_descriptor_set(file.SerializeToString())


def new_file() -> Any:
    return descriptor_pb2.FileDescriptorProto(
        name="safety.proto", package="safety", syntax="proto3"
    )


def wide(width: int) -> Any:
    """``Root`` with a message of ``width`` numbers and one of as many lists: in a oneof with a
    number, and repeated; and maps."""
    file = new_file()
    for name, repeated in (("Numbers", False), ("Lists", True)):
        message = file.message_type.add(name=name)
        for i in range(width):
            field(message, f"f{i}", i + 1, "int32", repeated)
    root = file.message_type.add(name="Root")
    root.oneof_decl.add(name="choice")
    for i, (name, kind) in enumerate((("numbers", "Numbers"), ("x", "int32"), ("lists", "Lists"))):
        field(root, name, i + 1, kind).oneof_index = 0
    field(root, "many", 4, "Numbers", repeated=True)
    field(root, "many_lists", 5, "Lists", repeated=True)
    for number, name, kind in ((6, "ints", "int64"), (7, "texts", "string")):
        entry = root.nested_type.add(name=f"{name.title()}Entry")
        entry.options.map_entry = True
        field(entry, "key", 1, kind)
        field(entry, "value", 2, "int32")
        field(root, name, number, f"Root.{entry.name}", repeated=True)
    return schema(file)["safety.Root"]


def forks(levels: int, with_leaf: bool = False) -> Any:
    """Each type has two fields of the next: 2**levels places, of which none has a value."""
    file = new_file()
    for level in range(levels + 1):
        message = file.message_type.add(name=f"M{level}")
        if level < levels:
            field(message, "a", 1, f"M{level + 1}")
            field(message, "b", 2, f"M{level + 1}")
        elif with_leaf:
            field(message, "leaf", 1, "int32")
    return schema(file)["safety.M0"]
