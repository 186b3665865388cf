"""The file that the recorded answers of TensorFlow 2.21 are about, and more."""

from google.protobuf import descriptor_pb2

Field = descriptor_pb2.FieldDescriptorProto

FIELDS = (
    (1, "a", "int32", 1, {}),
    (2, "b", "int32", 3, {}),
    (3, "s", "string", 1, {"default_value": "x\0y"}),
    (4, "bs", "bytes", 3, {}),
    (5, "u", "uint64", 1, {"default_value": "300"}),
    (6, "f", "float", 1, {"default_value": "1.5"}),
    (7, "rd", "double", 3, {}),
    (8, "pi", "int32", 3, {"packed": True}),
    (9, "by", "bytes", 1, {"default_value": "a\\000b\\377"}),
    (10, "g", "group", 1, {"type_name": ".p.M.G"}),
    (11, "si", "sint32", 3, {}),
    (12, "e", "enum", 1, {"type_name": ".p.E", "default_value": "B"}),
    (13, "bo", "bool", 3, {}),
    (14, "m", "message", 1, {"type_name": ".p.M.G"}),
    (15, "u3", "uint32", 1, {"default_value": "4000000000"}),
    (16, "i64", "int64", 1, {}),
    (17, "si64", "sint64", 3, {}),
    (18, "d", "double", 1, {"default_value": "nan"}),
    (19, "sf32", "sfixed32", 3, {}),
    (20, "f32", "fixed32", 3, {}),
    (21, "sf64", "sfixed64", 1, {}),
    (22, "f64", "fixed64", 1, {}),
    (23, "rf", "float", 3, {"packed": True}),
    (24, "re", "enum", 3, {"type_name": ".p.F"}),
    (25, "oe", "enum", 1, {"type_name": ".p.F"}),
    (300, "far", "int32", 3, {"packed": True}),
    (536870911, "farthest", "string", 1, {}),
)


def descriptor_set(syntax: str = "proto2") -> bytes:
    """An encoded FileDescriptorSet."""
    file = descriptor_pb2.FileDescriptorProto(name="p.proto", package="p", syntax="proto2")
    message = file.message_type.add(name="M")
    for number, name, kind, label, more in FIELDS:
        field = message.field.add(name=name, number=number, label=label)
        field.type = Field.Type.Value(f"TYPE_{kind.upper()}")
        for key, value in more.items():
            if key == "packed":
                field.options.packed = value
            else:
                setattr(field, key, value)
    message.nested_type.add(name="G").field.add(name="x", number=1, type=5, label=1)
    message.extension_range.add(start=100, end=200)
    file.extension.add(
        name="ext", number=100, type=5, label=1, extendee=".p.M", default_value="7"
    )
    need = file.message_type.add(name="Need")
    need.field.add(name="must", number=1, type=5, label=2)
    for name, values in (("E", (("A", 0), ("B", 5))), ("F", (("C", 3), ("D", 0)))):
        enum = file.enum_type.add(name=name)
        for label, number in values:
            enum.value.add(name=label, number=number)
    return descriptor_pb2.FileDescriptorSet(file=[file]).SerializeToString()


SOURCE = b"bytes://" + descriptor_set()

DTYPES = {
    "int32": "int32", "sint32": "int32", "sfixed32": "int32", "enum": "int32", "uint32": "uint32",
    "fixed32": "uint32", "int64": "int64", "sint64": "int64", "sfixed64": "int64",
    "uint64": "uint64", "fixed64": "uint64", "float": "float32", "double": "float64",
    "bool": "bool", "string": "string", "bytes": "string", "message": "string", "group": "string",
}  # fmt: skip
DTYPE_OF = {name: DTYPES[kind] for _, name, kind, _, _ in FIELDS}
KIND_OF = {name: kind for _, name, kind, _, _ in FIELDS}
