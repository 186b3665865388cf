"""descriptor.proto: what a file declares."""

from __future__ import annotations

from tensorwire.proto.descriptor_table.rows import Enum, Message, many, one

MESSAGES: tuple[Message, ...] = (
    (
        "google.protobuf.FileDescriptorSet",
        (many(1, "file", "message", "google.protobuf.FileDescriptorProto"),),
    ),
    (
        "google.protobuf.FileDescriptorProto",
        (
            one(1, "name", "string"),
            one(2, "package", "string"),
            many(3, "dependency", "string"),
            many(10, "public_dependency", "int32"),
            many(11, "weak_dependency", "int32"),
            many(15, "option_dependency", "string"),
            many(4, "message_type", "message", "google.protobuf.DescriptorProto"),
            many(5, "enum_type", "message", "google.protobuf.EnumDescriptorProto"),
            many(6, "service", "message", "google.protobuf.ServiceDescriptorProto"),
            many(7, "extension", "message", "google.protobuf.FieldDescriptorProto"),
            one(8, "options", "message", "google.protobuf.FileOptions"),
            one(9, "source_code_info", "message", "google.protobuf.SourceCodeInfo"),
            one(12, "syntax", "string"),
            one(14, "edition", "enum", "google.protobuf.Edition"),
        ),
    ),
    (
        "google.protobuf.DescriptorProto",
        (
            one(1, "name", "string"),
            many(2, "field", "message", "google.protobuf.FieldDescriptorProto"),
            many(6, "extension", "message", "google.protobuf.FieldDescriptorProto"),
            many(3, "nested_type", "message", "google.protobuf.DescriptorProto"),
            many(4, "enum_type", "message", "google.protobuf.EnumDescriptorProto"),
            many(5, "extension_range", "message", "google.protobuf.DescriptorProto.ExtensionRange"),
            many(8, "oneof_decl", "message", "google.protobuf.OneofDescriptorProto"),
            one(7, "options", "message", "google.protobuf.MessageOptions"),
            many(9, "reserved_range", "message", "google.protobuf.DescriptorProto.ReservedRange"),
            many(10, "reserved_name", "string"),
            one(11, "visibility", "enum", "google.protobuf.SymbolVisibility"),
        ),
    ),
    (
        "google.protobuf.DescriptorProto.ExtensionRange",
        (
            one(1, "start", "int32"),
            one(2, "end", "int32"),
            one(3, "options", "message", "google.protobuf.ExtensionRangeOptions"),
        ),
    ),
    (
        "google.protobuf.DescriptorProto.ReservedRange",
        (
            one(1, "start", "int32"),
            one(2, "end", "int32"),
        ),
    ),
    (
        "google.protobuf.FieldDescriptorProto",
        (
            one(1, "name", "string"),
            one(3, "number", "int32"),
            one(4, "label", "enum", "google.protobuf.FieldDescriptorProto.Label"),
            one(5, "type", "enum", "google.protobuf.FieldDescriptorProto.Type"),
            one(6, "type_name", "string"),
            one(2, "extendee", "string"),
            one(7, "default_value", "string"),
            one(9, "oneof_index", "int32"),
            one(10, "json_name", "string"),
            one(8, "options", "message", "google.protobuf.FieldOptions"),
            one(17, "proto3_optional", "bool"),
        ),
    ),
    (
        "google.protobuf.OneofDescriptorProto",
        (
            one(1, "name", "string"),
            one(2, "options", "message", "google.protobuf.OneofOptions"),
        ),
    ),
    (
        "google.protobuf.EnumDescriptorProto",
        (
            one(1, "name", "string"),
            many(2, "value", "message", "google.protobuf.EnumValueDescriptorProto"),
            one(3, "options", "message", "google.protobuf.EnumOptions"),
            many(
                4,
                "reserved_range",
                "message",
                "google.protobuf.EnumDescriptorProto.EnumReservedRange",
            ),
            many(5, "reserved_name", "string"),
            one(6, "visibility", "enum", "google.protobuf.SymbolVisibility"),
        ),
    ),
    (
        "google.protobuf.EnumDescriptorProto.EnumReservedRange",
        (
            one(1, "start", "int32"),
            one(2, "end", "int32"),
        ),
    ),
    (
        "google.protobuf.EnumValueDescriptorProto",
        (
            one(1, "name", "string"),
            one(2, "number", "int32"),
            one(3, "options", "message", "google.protobuf.EnumValueOptions"),
        ),
    ),
    (
        "google.protobuf.ServiceDescriptorProto",
        (
            one(1, "name", "string"),
            many(2, "method", "message", "google.protobuf.MethodDescriptorProto"),
            one(3, "options", "message", "google.protobuf.ServiceOptions"),
        ),
    ),
    (
        "google.protobuf.MethodDescriptorProto",
        (
            one(1, "name", "string"),
            one(2, "input_type", "string"),
            one(3, "output_type", "string"),
            one(4, "options", "message", "google.protobuf.MethodOptions"),
            one(5, "client_streaming", "bool", default=False),
            one(6, "server_streaming", "bool", default=False),
        ),
    ),
    (
        "google.protobuf.SourceCodeInfo",
        (many(1, "location", "message", "google.protobuf.SourceCodeInfo.Location"),),
    ),
    (
        "google.protobuf.SourceCodeInfo.Location",
        (
            many(1, "path", "int32", packed=True),
            many(2, "span", "int32", packed=True),
            one(3, "leading_comments", "string"),
            one(4, "trailing_comments", "string"),
            many(6, "leading_detached_comments", "string"),
        ),
    ),
    (
        "google.protobuf.GeneratedCodeInfo",
        (many(1, "annotation", "message", "google.protobuf.GeneratedCodeInfo.Annotation"),),
    ),
    (
        "google.protobuf.GeneratedCodeInfo.Annotation",
        (
            many(1, "path", "int32", packed=True),
            one(2, "source_file", "string"),
            one(3, "begin", "int32"),
            one(4, "end", "int32"),
            one(5, "semantic", "enum", "google.protobuf.GeneratedCodeInfo.Annotation.Semantic"),
        ),
    ),
)

ENUMS: tuple[Enum, ...] = (
    (
        "google.protobuf.SymbolVisibility",
        (
            ("VISIBILITY_UNSET", 0),
            ("VISIBILITY_LOCAL", 1),
            ("VISIBILITY_EXPORT", 2),
        ),
    ),
    (
        "google.protobuf.FieldDescriptorProto.Type",
        (
            ("TYPE_DOUBLE", 1),
            ("TYPE_FLOAT", 2),
            ("TYPE_INT64", 3),
            ("TYPE_UINT64", 4),
            ("TYPE_INT32", 5),
            ("TYPE_FIXED64", 6),
            ("TYPE_FIXED32", 7),
            ("TYPE_BOOL", 8),
            ("TYPE_STRING", 9),
            ("TYPE_GROUP", 10),
            ("TYPE_MESSAGE", 11),
            ("TYPE_BYTES", 12),
            ("TYPE_UINT32", 13),
            ("TYPE_ENUM", 14),
            ("TYPE_SFIXED32", 15),
            ("TYPE_SFIXED64", 16),
            ("TYPE_SINT32", 17),
            ("TYPE_SINT64", 18),
        ),
    ),
    (
        "google.protobuf.FieldDescriptorProto.Label",
        (
            ("LABEL_OPTIONAL", 1),
            ("LABEL_REPEATED", 3),
            ("LABEL_REQUIRED", 2),
        ),
    ),
    (
        "google.protobuf.GeneratedCodeInfo.Annotation.Semantic",
        (
            ("NONE", 0),
            ("SET", 1),
            ("ALIAS", 2),
        ),
    ),
)
