"""descriptor.proto: features, which editions give their defaults."""

from __future__ import annotations

from tensorwire.proto.descriptor_table.rows import Enum, Message, many, one

MESSAGES: tuple[Message, ...] = (
    (
        "google.protobuf.FeatureSet",
        (
            one(1, "field_presence", "enum", "google.protobuf.FeatureSet.FieldPresence"),
            one(2, "enum_type", "enum", "google.protobuf.FeatureSet.EnumType"),
            one(
                3,
                "repeated_field_encoding",
                "enum",
                "google.protobuf.FeatureSet.RepeatedFieldEncoding",
            ),
            one(4, "utf8_validation", "enum", "google.protobuf.FeatureSet.Utf8Validation"),
            one(5, "message_encoding", "enum", "google.protobuf.FeatureSet.MessageEncoding"),
            one(6, "json_format", "enum", "google.protobuf.FeatureSet.JsonFormat"),
            one(7, "enforce_naming_style", "enum", "google.protobuf.FeatureSet.EnforceNamingStyle"),
            one(
                8,
                "default_symbol_visibility",
                "enum",
                "google.protobuf.FeatureSet.VisibilityFeature.DefaultSymbolVisibility",
            ),
            one(
                9,
                "enforce_proto_limits",
                "enum",
                "google.protobuf.FeatureSet.ProtoLimitsFeature.EnforceProtoLimits",
            ),
        ),
    ),
    (
        "google.protobuf.FeatureSet.VisibilityFeature",
        (),
    ),
    (
        "google.protobuf.FeatureSet.ProtoLimitsFeature",
        (),
    ),
    (
        "google.protobuf.FeatureSetDefaults",
        (
            many(
                1,
                "defaults",
                "message",
                "google.protobuf.FeatureSetDefaults.FeatureSetEditionDefault",
            ),
            one(4, "minimum_edition", "enum", "google.protobuf.Edition"),
            one(5, "maximum_edition", "enum", "google.protobuf.Edition"),
        ),
    ),
    (
        "google.protobuf.FeatureSetDefaults.FeatureSetEditionDefault",
        (
            one(3, "edition", "enum", "google.protobuf.Edition"),
            one(4, "overridable_features", "message", "google.protobuf.FeatureSet"),
            one(5, "fixed_features", "message", "google.protobuf.FeatureSet"),
        ),
    ),
)

ENUMS: tuple[Enum, ...] = (
    (
        "google.protobuf.Edition",
        (
            ("EDITION_UNKNOWN", 0),
            ("EDITION_LEGACY", 900),
            ("EDITION_PROTO2", 998),
            ("EDITION_PROTO3", 999),
            ("EDITION_2023", 1000),
            ("EDITION_2024", 1001),
            ("EDITION_2026", 1002),
            ("EDITION_UNSTABLE", 9999),
            ("EDITION_1_TEST_ONLY", 1),
            ("EDITION_2_TEST_ONLY", 2),
            ("EDITION_99997_TEST_ONLY", 99997),
            ("EDITION_99998_TEST_ONLY", 99998),
            ("EDITION_99999_TEST_ONLY", 99999),
            ("EDITION_MAX", 2147483647),
        ),
    ),
    (
        "google.protobuf.FeatureSet.FieldPresence",
        (
            ("FIELD_PRESENCE_UNKNOWN", 0),
            ("EXPLICIT", 1),
            ("IMPLICIT", 2),
            ("LEGACY_REQUIRED", 3),
        ),
    ),
    (
        "google.protobuf.FeatureSet.EnumType",
        (
            ("ENUM_TYPE_UNKNOWN", 0),
            ("OPEN", 1),
            ("CLOSED", 2),
        ),
    ),
    (
        "google.protobuf.FeatureSet.RepeatedFieldEncoding",
        (
            ("REPEATED_FIELD_ENCODING_UNKNOWN", 0),
            ("PACKED", 1),
            ("EXPANDED", 2),
        ),
    ),
    (
        "google.protobuf.FeatureSet.Utf8Validation",
        (
            ("UTF8_VALIDATION_UNKNOWN", 0),
            ("VERIFY", 2),
            ("NONE", 3),
        ),
    ),
    (
        "google.protobuf.FeatureSet.MessageEncoding",
        (
            ("MESSAGE_ENCODING_UNKNOWN", 0),
            ("LENGTH_PREFIXED", 1),
            ("DELIMITED", 2),
        ),
    ),
    (
        "google.protobuf.FeatureSet.JsonFormat",
        (
            ("JSON_FORMAT_UNKNOWN", 0),
            ("ALLOW", 1),
            ("LEGACY_BEST_EFFORT", 2),
        ),
    ),
    (
        "google.protobuf.FeatureSet.EnforceNamingStyle",
        (
            ("ENFORCE_NAMING_STYLE_UNKNOWN", 0),
            ("STYLE2024", 1),
            ("STYLE_LEGACY", 2),
            ("STYLE2026", 3),
        ),
    ),
    (
        "google.protobuf.FeatureSet.VisibilityFeature.DefaultSymbolVisibility",
        (
            ("DEFAULT_SYMBOL_VISIBILITY_UNKNOWN", 0),
            ("EXPORT_ALL", 1),
            ("EXPORT_TOP_LEVEL", 2),
            ("LOCAL_ALL", 3),
            ("STRICT", 4),
        ),
    ),
    (
        "google.protobuf.FeatureSet.ProtoLimitsFeature.EnforceProtoLimits",
        (
            ("PROTO_LIMITS_UNKNOWN", 0),
            ("LEGACY_NO_EXPLICIT_LIMITS", 1),
            ("PROTO_LIMITS2026", 2),
        ),
    ),
)
