"""Message types and oneofs."""

from __future__ import annotations

from types import MappingProxyType

from tensorwire.proto import features as rules
from tensorwire.proto.access import raw
from tensorwire.proto.description.base import Description, by_name

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from tensorwire.proto.description.enums import EnumDescription, EnumValueDescription
    from tensorwire.proto.description.fields import FieldDescription
    from tensorwire.proto.description.files import FileDescription
    from tensorwire.proto.features import Features


class MessageDescription(Description):
    """A message type. `seal` makes its mappings once everything in it is known."""

    __slots__ = (
        "containing_type",
        "enum_types",
        "enum_types_by_name",
        "enum_values_by_name",
        "extension_ranges",
        "extensions",
        "extensions_by_name",
        "fields",
        "fields_by_camelcase_name",
        "fields_by_name",
        "fields_by_number",
        "is_map_entry",
        "nested_types",
        "nested_types_by_name",
        "oneofs",
        "oneofs_by_name",
        "uses_message_set",
    )

    DECLARATION, OPTIONS = "DescriptorProto", "MessageOptions"

    def __init__(
        self,
        proto: Any,
        full_name: str,
        file: FileDescription,
        index: int,
        parent: Features,
        containing_type: MessageDescription | None,
    ) -> None:
        super().__init__(proto, full_name, file, index, rules.merged(parent, proto))
        self.containing_type = containing_type
        self.fields: tuple[FieldDescription, ...] = ()
        self.oneofs: tuple[OneofDescription, ...] = ()
        self.nested_types: tuple[MessageDescription, ...] = ()
        self.enum_types: tuple[EnumDescription, ...] = ()
        self.extensions: tuple[FieldDescription, ...] = ()
        self.extension_ranges: list[tuple[int, int]] = [
            (one.start, one.end) for one in proto.extension_range
        ]
        options = proto.options if proto.HasField("options") else None
        self.is_map_entry = options is not None and bool(options.map_entry)
        self.uses_message_set = options is not None and bool(options.message_set_wire_format)

    def seal(self) -> None:
        """Makes the mappings."""
        self.fields_by_name: Mapping[str, FieldDescription] = by_name(self.fields)
        self.fields_by_number: Mapping[int, FieldDescription] = MappingProxyType(
            {field.number: field for field in self.fields}
        )
        self.fields_by_camelcase_name: Mapping[str, FieldDescription] = MappingProxyType(
            {field.json_name: field for field in self.fields}  # as upb has it
        )
        self.oneofs_by_name: Mapping[str, OneofDescription] = by_name(self.oneofs)
        self.nested_types_by_name: Mapping[str, MessageDescription] = by_name(self.nested_types)
        self.enum_types_by_name: Mapping[str, EnumDescription] = by_name(self.enum_types)
        self.extensions_by_name: Mapping[str, FieldDescription] = by_name(self.extensions)
        self.enum_values_by_name: Mapping[str, EnumValueDescription] = by_name(
            [value for enum in self.enum_types for value in enum.values]
        )

    @property
    def is_extendable(self) -> bool:
        """Whether numbers are set aside for extensions."""
        return bool(self.extension_ranges)

    @property
    def _concrete_class(self) -> type[Any]:
        """The class of this type."""
        return self.file.pool.class_of(self)

    def range_options(self, extension_range: Any) -> Any:
        """The options of one of the declaration's ranges, or None."""
        if not extension_range.HasField("options"):
            return None
        options = self.file.pool.option_class("ExtensionRangeOptions")
        return options.FromString(raw(extension_range.options))

    def EnumValueName(self, enum: str, value: int) -> str:
        """The label of a number of a nested enum. Raises ``KeyError``."""
        return self.enum_types_by_name[enum].values_by_number[value].name


class OneofDescription(Description):
    """A oneof; one of the compiler's own making for a proto3 ``optional`` field, too."""

    __slots__ = ("containing_type", "fields")

    DECLARATION, OPTIONS = "OneofDescriptorProto", "OneofOptions"

    def __init__(self, proto: Any, owner: MessageDescription, index: int) -> None:
        features = rules.merged(owner.features, proto)
        super().__init__(proto, f"{owner.full_name}.{proto.name}", owner.file, index, features)
        self.containing_type = owner
        self.fields: tuple[FieldDescription, ...] = ()
