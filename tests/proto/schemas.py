"""Schemas with every kind of field, as upstream's classes and as ours; no protoc needed.

``PROTO2.All`` and ``PROTO3.All`` have every scalar kind singular, repeated and packed, and one of
each structure: recursion, groups, oneofs, maps, defaults, required fields, far field numbers.
Some of everything has a number below 32: those are the tags that verification finds by table.
"""

from typing import Any, NamedTuple

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

from tensorwire import proto

Field = descriptor_pb2.FieldDescriptorProto
KINDS = {
    name.removeprefix("TYPE_").lower(): number
    for name, number in Field.Type.items()
    if name not in ("TYPE_GROUP", "TYPE_MESSAGE")
}
UNPACKABLE = ("string", "bytes")
PACKABLE = tuple(kind for kind in KINDS if kind not in UNPACKABLE)
LABELS = {"optional": 1, "required": 2, "repeated": 3}

SUB, SUBS, GROUP, GROUPS = 20, 21, 22, 23
C_INT, C_TEXT, C_SUB, C_COLOR, C_FAR = 24, 25, 26, 27, 150
NEAR_REPEATED, NEAR_PACKED, NEAR_MAP, NEED = 28, 29, 30, 31
REPEATED, PACKED, MAPS, DEFAULTS, OPTIONAL = 40, 60, 80, 100, 120
FAR, FARTHER, FARTHEST = 5000, 2**28, 2**29 - 1
COLORS = (0, 1, 2, 5, 70, 1000, -1)
MAP_TYPES = (
    ("string", "All"),
    ("int32", "Color"),
    ("string", "string"),
    ("bool", "double"),
    ("sint64", "bytes"),
    ("fixed32", "float"),
)
DEFAULT_TEXTS = {
    "int32": "-42",
    "uint64": "18446744073709551615",
    "string": "hé",
    "bytes": "\\000\\377x",
    "enum": "C1000",
    "bool": "true",
    "double": "inf",
    "float": "-1.5",
}


class Schemas(NamedTuple):
    """The classes of one file: upstream's by name, and ours."""

    package: str
    theirs: dict[str, Any]
    ours: dict[str, Any]


def _number(kind: str) -> int:
    """1 to 18, the kind's own number: a stable place for the field of that kind."""
    return KINDS[kind]


def _add(message: Any, number: int, name: str, kind: str, label="optional", **more: Any) -> Any:
    field = message.field.add(number=number, name=name, label=LABELS[label])
    if kind in KINDS and kind != "enum":
        field.type = KINDS[kind]
    elif kind in ("enum", "Color"):
        field.type, field.type_name = Field.TYPE_ENUM, "Color"
    else:
        field.type, field.type_name = Field.TYPE_MESSAGE, kind
    for key, value in more.items():
        setattr(field, key, value)
    return field


def _add_scalars(message: Any, proto3: bool) -> None:
    for kind in KINDS:
        _add(message, _number(kind), f"s_{kind}", kind)
        repeated = _add(message, REPEATED + _number(kind), f"r_{kind}", kind, "repeated")
        if kind in PACKABLE:
            if proto3:
                repeated.options.packed = False
            packed = _add(message, PACKED + _number(kind), f"p_{kind}", kind, "repeated")
            packed.options.packed = True


def _add_messages(message: Any) -> None:
    _add(message, SUB, "sub", "All")
    _add(message, SUBS, "subs", "All", "repeated")
    _add(message, NEAR_REPEATED, "near_repeated", "int64", "repeated").options.packed = False
    _add(message, NEAR_PACKED, "near_packed", "int32", "repeated").options.packed = True
    _add(message, FAR, "far", "string")
    _add(message, FARTHER, "farther", "int32")
    _add(message, FARTHEST, "farthest", "All", "repeated")


def _add_groups(message: Any) -> None:
    """Proto2 only. A group's type has fields of its own, itself among them."""
    for number, name, label in ((GROUP, "Group", "optional"), (GROUPS, "Groups", "repeated")):
        kind = message.nested_type.add(name=name)
        _add(kind, 1, "number", "int32")
        _add(kind, 2, "texts", "string", "repeated")
        _add(kind, 3, "all", "All")
        _add(kind, 4, "deeper", f"All.{name}").type = Field.TYPE_GROUP
        kind.field[-1].name = "deeper"
        field = _add(message, number, name.lower(), f"All.{name}", label)
        field.type = Field.TYPE_GROUP


def _add_oneofs(message: Any) -> None:
    members = ((C_INT, "c_int", "int32"), (C_TEXT, "c_text", "string"), (C_SUB, "c_sub", "All"),
               (C_COLOR, "c_color", "Color"), (C_FAR, "c_far", "fixed64"))
    index = len(message.oneof_decl)
    message.oneof_decl.add(name="choice")
    for number, name, kind in members:
        _add(message, number, name, kind, oneof_index=index)


def _add_maps(message: Any) -> None:
    numbers = (NEAR_MAP, *range(MAPS, MAPS + len(MAP_TYPES)))
    for number, (key, value) in zip(numbers, (("int32", "int64"), *MAP_TYPES), strict=True):
        name = f"m_{key}_{value.lower()}"
        entry_name = "".join(part.capitalize() for part in name.split("_")) + "Entry"
        entry = message.nested_type.add(name=entry_name)
        entry.options.map_entry = True
        _add(entry, 1, "key", key)
        _add(entry, 2, "value", value)
        _add(message, number, name, f"All.{entry_name}", "repeated")


def _add_proto2(file: Any, message: Any) -> None:
    _add_groups(message)
    for kind, text in DEFAULT_TEXTS.items():
        _add(message, DEFAULTS + _number(kind), f"d_{kind}", kind, default_value=text)
    need = file.message_type.add(name="Need")
    _add(need, 1, "must", "int32", "required")
    _add(need, 2, "may", "int32")
    _add(need, 3, "need", "Need")
    _add(need, 40, "must_far", "string", "required")
    _add(message, NEED, "need", "Need")


def _add_proto3(message: Any) -> None:
    """Explicit presence: each optional field is the only member of a oneof of its own."""
    for kind in KINDS:
        field = _add(message, OPTIONAL + _number(kind), f"o_{kind}", kind, proto3_optional=True)
        field.oneof_index = len(message.oneof_decl)
        message.oneof_decl.add(name=f"_o_{kind}")


def file_of(syntax: str) -> Any:
    """The file descriptor, as a message."""
    package = f"tests.{syntax}"
    file = descriptor_pb2.FileDescriptorProto(name=f"{package}.proto", package=package)
    file.syntax = syntax
    color = file.enum_type.add(name="Color")
    for number in COLORS:
        color.value.add(name=f"C{number}".replace("-", "MINUS"), number=number)
    message = file.message_type.add(name="All")
    _add_scalars(message, syntax == "proto3")
    _add_messages(message)
    _add_oneofs(message)
    _add_maps(message)
    if syntax == "proto2":
        _add_proto2(file, message)
    else:
        _add_proto3(message)
    _qualify(file)
    return file


def _qualify(file: Any) -> None:
    """Type names were written short."""
    pending = list(file.message_type)
    while pending:
        message = pending.pop()
        pending.extend(message.nested_type)
        for field in message.field:
            if field.type_name:
                field.type_name = f".{file.package}.{field.type_name}"


def load(file: Any) -> Schemas:
    """The classes of a file, from a pool of its own."""
    pool = descriptor_pool.DescriptorPool()
    pool.AddSerializedFile(file.SerializeToString())
    theirs = {}
    for message in file.message_type:
        descriptor = pool.FindMessageTypeByName(f"{file.package}.{message.name}")
        theirs[message.name] = message_factory.GetMessageClass(descriptor)
    ours = {name: proto.message_class(cls) for name, cls in theirs.items()}
    return Schemas(file.package, theirs, ours)


PROTO2 = load(file_of("proto2"))
PROTO3 = load(file_of("proto3"))
BY_NAME = {"proto2": PROTO2, "proto3": PROTO3}
