"""Features: what an edition, a file, a message and a field say about how a field is written.

Source: protobuf.dev/editions/features, and google/protobuf/descriptor.proto, ``FeatureSet`` and its
``edition_defaults``. Older syntaxes are editions as well, whose rules ``inferred`` translates.
"""

from __future__ import annotations

from typing import NamedTuple

from tensorwire.errors import UnsupportedError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

# FeatureSet: FieldPresence, EnumType, RepeatedFieldEncoding, Utf8Validation, MessageEncoding
EXPLICIT, IMPLICIT, LEGACY_REQUIRED = 1, 2, 3
OPEN, CLOSED = 1, 2
PACKED, EXPANDED = 1, 2
VERIFY, NONE = 2, 3
LENGTH_PREFIXED, DELIMITED = 1, 2

# Edition
PROTO2, PROTO3, EDITION_2023, EDITION_2024, EDITION_2026 = 998, 999, 1000, 1001, 1002
EDITION_UNSTABLE = 9999  # of features in the making; upstream's conformance tests have a file of it
EDITIONS = {
    EDITION_2023: "2023",
    EDITION_2024: "2024",
    EDITION_2026: "2026",
    EDITION_UNSTABLE: "unstable",
}


class Features(NamedTuple):
    """One number for each feature that matters to reading and writing."""

    field_presence: int
    enum_type: int
    repeated_field_encoding: int
    utf8_validation: int
    message_encoding: int


NAMES = Features._fields

_EDITIONS_DEFAULT = Features(EXPLICIT, OPEN, PACKED, VERIFY, LENGTH_PREFIXED)
DEFAULTS = {
    PROTO2: Features(EXPLICIT, CLOSED, EXPANDED, NONE, LENGTH_PREFIXED),
    PROTO3: Features(IMPLICIT, OPEN, PACKED, VERIFY, LENGTH_PREFIXED),
    **dict.fromkeys(EDITIONS, _EDITIONS_DEFAULT),
}

# The label and the type of that name in FieldDescriptorProto.
LABEL_REQUIRED, TYPE_GROUP = 2, 10


def edition_of(file: Any) -> int:
    """The edition of a FileDescriptorProto. Raises ``UnsupportedError`` for an unknown one."""
    if file.syntax == "editions":
        if file.edition not in EDITIONS:
            raise UnsupportedError(
                f"{file.name}: edition {file.edition} is not known; known: {[*EDITIONS.values()]}"
            )
        return int(file.edition)
    known = {"": PROTO2, "proto2": PROTO2, "proto3": PROTO3}
    if file.syntax not in known:
        raise UnsupportedError(f"{file.name}: syntax {file.syntax!r} is not known")
    return known[file.syntax]


def merged(parent: Features, proto: Any) -> Features:
    """The parent's features with those that a declaration sets itself."""
    if not proto.HasField("options") or not proto.options.HasField("features"):
        return parent
    given = proto.options.features
    changes = {name: getattr(given, name) for name in NAMES if given.HasField(name)}
    return parent._replace(**changes)


def inferred(features: Features, field: Any) -> Features:
    """A field's features with what its label, type and ``packed`` option say before editions."""
    changes: dict[str, int] = {}
    if field.label == LABEL_REQUIRED:
        changes["field_presence"] = LEGACY_REQUIRED
    elif field.proto3_optional:
        changes["field_presence"] = EXPLICIT
    if field.type == TYPE_GROUP:
        changes["message_encoding"] = DELIMITED
    if field.HasField("options") and field.options.HasField("packed"):
        changes["repeated_field_encoding"] = PACKED if field.options.packed else EXPANDED
    return features._replace(**changes)
