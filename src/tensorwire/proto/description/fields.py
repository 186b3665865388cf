"""Fields and extensions."""

from __future__ import annotations

from tensorwire._core.plan import KINDS
from tensorwire.proto import features as rules
from tensorwire.proto.description.base import Description
from tensorwire.proto.description.defaults import scalar_default
from tensorwire.proto.description.names import json_name_of, lower_first

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from tensorwire.proto.description.enums import EnumDescription
    from tensorwire.proto.description.files import FileDescription
    from tensorwire.proto.description.messages import MessageDescription, OneofDescription
    from tensorwire.proto.features import Features

MESSAGE, GROUP, ENUM, STRING, BYTES = (
    KINDS[name] for name in ("message", "group", "enum", "string", "bytes")
)
UNPACKABLE = frozenset((MESSAGE, GROUP, STRING, BYTES))

# google.protobuf.descriptor.FieldDescriptor: CPPTYPE_*, and the one of each TYPE_*.
CPP_TYPES = {
    "INT32": 1,
    "INT64": 2,
    "UINT32": 3,
    "UINT64": 4,
    "DOUBLE": 5,
    "FLOAT": 6,
    "BOOL": 7,
    "ENUM": 8,
    "STRING": 9,
    "MESSAGE": 10,
}
_CPP_OF = {
    "SINT32": "INT32",
    "SFIXED32": "INT32",
    "SINT64": "INT64",
    "SFIXED64": "INT64",
    "FIXED32": "UINT32",
    "FIXED64": "UINT64",
    "BYTES": "STRING",
    "GROUP": "MESSAGE",
}
CPP_TYPE_OF = {
    number: CPP_TYPES[_CPP_OF.get(name.upper(), name.upper())] for name, number in KINDS.items()
}


class FieldDescription(Description):
    """A field, or an extension: then ``containing_type`` is the type extended."""

    __slots__ = (
        "_default",
        "containing_oneof",
        "containing_type",
        "enum_type",
        "extension_scope",
        "is_extension",
        "json_name",
        "message_type",
        "number",
        "type",
    )

    DECLARATION, OPTIONS = "FieldDescriptorProto", "FieldOptions"

    # What `link` fills in, once every type of the file has a name.
    containing_type: MessageDescription
    message_type: MessageDescription | None
    enum_type: EnumDescription | None

    def __init__(
        self,
        proto: Any,
        full_name: str,
        file: FileDescription,
        index: int,
        parent: Features,
        oneof: OneofDescription | None,
    ) -> None:
        features = rules.merged(rules.inferred(parent, proto), proto)
        super().__init__(proto, full_name, file, index, features)
        self.number: int = proto.number
        # 0: the declaration leaves it to whoever knows what its type name stands for.
        self.type: int = proto.type if proto.HasField("type") else 0
        self.containing_oneof = oneof
        self.is_extension = False
        self.extension_scope: MessageDescription | None = None
        self.message_type = None
        self.enum_type = None
        self.json_name: str = (
            proto.json_name if proto.HasField("json_name") else json_name_of(self.name)
        )
        self._default: Any = None

    def link(
        self, owner: MessageDescription, target: MessageDescription | EnumDescription | None
    ) -> None:
        """Gives the field the type that it belongs to, and its own message or enum type."""
        self.containing_type = owner
        if self.type == ENUM:
            self.enum_type = target  # type: ignore[assignment]
        elif target is not None:
            self.message_type = target  # type: ignore[assignment]
            if self._is_delimited():
                self.type = GROUP
        self._default = self._read_default()

    @property
    def camelcase_name(self) -> str:
        """The JSON name, with a small first letter."""
        return lower_first(self.json_name)

    @property
    def cpp_type(self) -> int:
        """One of ``CPPTYPE_*``."""
        return CPP_TYPE_OF[self.type]

    @property
    def is_repeated(self) -> bool:
        """Whether it is a list or a map."""
        return bool(self.declaration.label == self.LABEL_REPEATED)

    @property
    def is_required(self) -> bool:
        """Whether a message without it is not initialized."""
        return bool(self.features.field_presence == rules.LEGACY_REQUIRED)

    @property
    def label(self) -> int:
        """One of ``LABEL_*``."""
        if self.is_repeated:
            return self.LABEL_REPEATED
        return self.LABEL_REQUIRED if self.is_required else self.LABEL_OPTIONAL

    @property
    def is_packed(self) -> bool:
        """Whether elements are written in one run."""
        packed = self.features.repeated_field_encoding == rules.PACKED
        return self.is_repeated and packed and self.type not in UNPACKABLE

    @property
    def has_presence(self) -> bool:
        """Whether "absent" and "default" are told apart."""
        if self.is_repeated:
            return False
        if self.message_type is not None or self.containing_oneof or self.is_extension:
            return True
        return bool(self.features.field_presence != rules.IMPLICIT)

    @property
    def validates_utf8(self) -> bool:
        """Whether bytes that are no UTF-8 are refused."""
        return self.type == STRING and self.features.utf8_validation == rules.VERIFY

    @property
    def is_map(self) -> bool:
        """Whether it is a map."""
        entry = self.message_type
        return self.is_repeated and entry is not None and entry.is_map_entry

    @property
    def is_proto3_optional(self) -> bool:
        """Whether proto3's ``optional`` gave it presence."""
        return bool(self.declaration.proto3_optional)

    @property
    def default_text(self) -> str:
        """The declared default as the declaration holds it: of bytes with escapes."""
        return str(self.declaration.default_value)

    @property
    def has_default_value(self) -> bool:
        """Whether a default was declared."""
        return bool(self.declaration.HasField("default_value"))

    @property
    def default_value(self) -> Any:
        """What an absent field reads as; None for messages, ``[]`` for repeated fields."""
        return [] if self.is_repeated else self._default

    def _is_delimited(self) -> bool:
        """Whether a message is written as a group; maps and what is in them never are."""
        in_map = self.is_map or (self.containing_type.is_map_entry and not self.is_extension)
        return bool(self.features.message_encoding == rules.DELIMITED and not in_map)

    def _read_default(self) -> Any:
        if self.message_type is not None:
            return None
        text = self.declaration.default_value if self.has_default_value else None
        if self.enum_type is None:
            return scalar_default(self.type, text)
        if text is None:
            return self.enum_type.values[0].number
        return self.enum_type.values_by_name[text].number

    LABEL_OPTIONAL, LABEL_REQUIRED, LABEL_REPEATED = 1, 2, 3


for _name, _number in KINDS.items():
    setattr(FieldDescription, f"TYPE_{_name.upper()}", _number)
for _name, _number in CPP_TYPES.items():
    setattr(FieldDescription, f"CPPTYPE_{_name}", _number)
