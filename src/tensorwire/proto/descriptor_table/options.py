"""descriptor.proto: the options of what is declared."""

from __future__ import annotations

from tensorwire.proto.descriptor_table.rows import Enum, Message, many, need, one

MESSAGES: tuple[Message, ...] = (
    (
        "google.protobuf.ExtensionRangeOptions",
        (
            many(999, "uninterpreted_option", "message", "google.protobuf.UninterpretedOption"),
            many(2, "declaration", "message", "google.protobuf.ExtensionRangeOptions.Declaration"),
            one(50, "features", "message", "google.protobuf.FeatureSet"),
            one(
                3,
                "verification",
                "enum",
                "google.protobuf.ExtensionRangeOptions.VerificationState",
                default=1,
            ),
        ),
    ),
    (
        "google.protobuf.ExtensionRangeOptions.Declaration",
        (
            one(1, "number", "int32"),
            one(2, "full_name", "string"),
            one(3, "type", "string"),
            one(5, "reserved", "bool"),
            one(6, "repeated", "bool"),
        ),
    ),
    (
        "google.protobuf.FileOptions",
        (
            one(1, "java_package", "string"),
            one(8, "java_outer_classname", "string"),
            one(10, "java_multiple_files", "bool", default=False),
            one(20, "java_generate_equals_and_hash", "bool"),
            one(27, "java_string_check_utf8", "bool", default=False),
            one(9, "optimize_for", "enum", "google.protobuf.FileOptions.OptimizeMode", default=1),
            one(11, "go_package", "string"),
            one(16, "cc_generic_services", "bool", default=False),
            one(17, "java_generic_services", "bool", default=False),
            one(18, "py_generic_services", "bool", default=False),
            one(23, "deprecated", "bool", default=False),
            one(31, "cc_enable_arenas", "bool", default=True),
            one(36, "objc_class_prefix", "string"),
            one(37, "csharp_namespace", "string"),
            one(39, "swift_prefix", "string"),
            one(40, "php_class_prefix", "string"),
            one(41, "php_namespace", "string"),
            one(44, "php_metadata_namespace", "string"),
            one(45, "ruby_package", "string"),
            one(50, "features", "message", "google.protobuf.FeatureSet"),
            many(999, "uninterpreted_option", "message", "google.protobuf.UninterpretedOption"),
        ),
    ),
    (
        "google.protobuf.MessageOptions",
        (
            one(1, "message_set_wire_format", "bool", default=False),
            one(2, "no_standard_descriptor_accessor", "bool", default=False),
            one(3, "deprecated", "bool", default=False),
            one(7, "map_entry", "bool"),
            one(11, "deprecated_legacy_json_field_conflicts", "bool"),
            one(12, "features", "message", "google.protobuf.FeatureSet"),
            many(999, "uninterpreted_option", "message", "google.protobuf.UninterpretedOption"),
        ),
    ),
    (
        "google.protobuf.FieldOptions",
        (
            one(1, "ctype", "enum", "google.protobuf.FieldOptions.CType", default=0),
            one(2, "packed", "bool"),
            one(6, "jstype", "enum", "google.protobuf.FieldOptions.JSType", default=0),
            one(5, "lazy", "bool", default=False),
            one(15, "unverified_lazy", "bool", default=False),
            one(3, "deprecated", "bool", default=False),
            one(10, "weak", "bool", default=False),
            one(16, "debug_redact", "bool", default=False),
            one(17, "retention", "enum", "google.protobuf.FieldOptions.OptionRetention"),
            many(19, "targets", "enum", "google.protobuf.FieldOptions.OptionTargetType"),
            many(20, "edition_defaults", "message", "google.protobuf.FieldOptions.EditionDefault"),
            one(21, "features", "message", "google.protobuf.FeatureSet"),
            one(22, "feature_support", "message", "google.protobuf.FieldOptions.FeatureSupport"),
            many(999, "uninterpreted_option", "message", "google.protobuf.UninterpretedOption"),
        ),
    ),
    (
        "google.protobuf.FieldOptions.EditionDefault",
        (
            one(3, "edition", "enum", "google.protobuf.Edition"),
            one(2, "value", "string"),
        ),
    ),
    (
        "google.protobuf.FieldOptions.FeatureSupport",
        (
            one(1, "edition_introduced", "enum", "google.protobuf.Edition"),
            one(2, "edition_deprecated", "enum", "google.protobuf.Edition"),
            one(3, "deprecation_warning", "string"),
            one(4, "edition_removed", "enum", "google.protobuf.Edition"),
            one(5, "removal_error", "string"),
        ),
    ),
    (
        "google.protobuf.OneofOptions",
        (
            one(1, "features", "message", "google.protobuf.FeatureSet"),
            many(999, "uninterpreted_option", "message", "google.protobuf.UninterpretedOption"),
        ),
    ),
    (
        "google.protobuf.EnumOptions",
        (
            one(2, "allow_alias", "bool"),
            one(3, "deprecated", "bool", default=False),
            one(6, "deprecated_legacy_json_field_conflicts", "bool"),
            one(7, "features", "message", "google.protobuf.FeatureSet"),
            many(999, "uninterpreted_option", "message", "google.protobuf.UninterpretedOption"),
        ),
    ),
    (
        "google.protobuf.EnumValueOptions",
        (
            one(1, "deprecated", "bool", default=False),
            one(2, "features", "message", "google.protobuf.FeatureSet"),
            one(3, "debug_redact", "bool", default=False),
            one(4, "feature_support", "message", "google.protobuf.FieldOptions.FeatureSupport"),
            many(999, "uninterpreted_option", "message", "google.protobuf.UninterpretedOption"),
        ),
    ),
    (
        "google.protobuf.ServiceOptions",
        (
            one(34, "features", "message", "google.protobuf.FeatureSet"),
            one(33, "deprecated", "bool", default=False),
            many(999, "uninterpreted_option", "message", "google.protobuf.UninterpretedOption"),
        ),
    ),
    (
        "google.protobuf.MethodOptions",
        (
            one(33, "deprecated", "bool", default=False),
            one(
                34,
                "idempotency_level",
                "enum",
                "google.protobuf.MethodOptions.IdempotencyLevel",
                default=0,
            ),
            one(35, "features", "message", "google.protobuf.FeatureSet"),
            many(999, "uninterpreted_option", "message", "google.protobuf.UninterpretedOption"),
        ),
    ),
    (
        "google.protobuf.UninterpretedOption",
        (
            many(2, "name", "message", "google.protobuf.UninterpretedOption.NamePart"),
            one(3, "identifier_value", "string"),
            one(4, "positive_int_value", "uint64"),
            one(5, "negative_int_value", "int64"),
            one(6, "double_value", "double"),
            one(7, "string_value", "bytes"),
            one(8, "aggregate_value", "string"),
        ),
    ),
    (
        "google.protobuf.UninterpretedOption.NamePart",
        (
            need(1, "name_part", "string"),
            need(2, "is_extension", "bool"),
        ),
    ),
)

ENUMS: tuple[Enum, ...] = (
    (
        "google.protobuf.ExtensionRangeOptions.VerificationState",
        (
            ("DECLARATION", 0),
            ("UNVERIFIED", 1),
        ),
    ),
    (
        "google.protobuf.FileOptions.OptimizeMode",
        (
            ("SPEED", 1),
            ("CODE_SIZE", 2),
            ("LITE_RUNTIME", 3),
        ),
    ),
    (
        "google.protobuf.FieldOptions.CType",
        (
            ("STRING", 0),
            ("CORD", 1),
            ("STRING_PIECE", 2),
        ),
    ),
    (
        "google.protobuf.FieldOptions.JSType",
        (
            ("JS_NORMAL", 0),
            ("JS_STRING", 1),
            ("JS_NUMBER", 2),
        ),
    ),
    (
        "google.protobuf.FieldOptions.OptionRetention",
        (
            ("RETENTION_UNKNOWN", 0),
            ("RETENTION_RUNTIME", 1),
            ("RETENTION_SOURCE", 2),
        ),
    ),
    (
        "google.protobuf.FieldOptions.OptionTargetType",
        (
            ("TARGET_TYPE_UNKNOWN", 0),
            ("TARGET_TYPE_FILE", 1),
            ("TARGET_TYPE_EXTENSION_RANGE", 2),
            ("TARGET_TYPE_MESSAGE", 3),
            ("TARGET_TYPE_FIELD", 4),
            ("TARGET_TYPE_ONEOF", 5),
            ("TARGET_TYPE_ENUM", 6),
            ("TARGET_TYPE_ENUM_ENTRY", 7),
            ("TARGET_TYPE_SERVICE", 8),
            ("TARGET_TYPE_METHOD", 9),
        ),
    ),
    (
        "google.protobuf.MethodOptions.IdempotencyLevel",
        (
            ("IDEMPOTENCY_UNKNOWN", 0),
            ("NO_SIDE_EFFECTS", 1),
            ("IDEMPOTENT", 2),
        ),
    ),
)
