"""Enums and their values."""

from __future__ import annotations

from types import MappingProxyType

from tensorwire.proto import features as rules
from tensorwire.proto.description.base import Description, by_name

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from tensorwire.proto.description.files import FileDescription
    from tensorwire.proto.description.messages import MessageDescription
    from tensorwire.proto.features import Features


class EnumDescription(Description):
    """An enum type."""

    __slots__ = ("_by_name", "_by_number", "containing_type", "values")

    DECLARATION, OPTIONS = "EnumDescriptorProto", "EnumOptions"

    def __init__(
        self,
        proto: Any,
        full_name: str,
        file: FileDescription,
        index: int,
        features: Features,
        containing_type: MessageDescription | None,
    ) -> None:
        super().__init__(proto, full_name, file, index, rules.merged(features, proto))
        self.containing_type = containing_type
        self.values = tuple(
            [EnumValueDescription(value, self, i) for i, value in enumerate(proto.value)]
        )
        self._by_name = by_name(self.values)
        # Of several names for one number, the first is its name.
        self._by_number = MappingProxyType({one.number: one for one in reversed(self.values)})

    @property
    def values_by_name(self) -> Mapping[str, EnumValueDescription]:
        """The values by label."""
        return self._by_name

    @property
    def values_by_number(self) -> Mapping[int, EnumValueDescription]:
        """The values by number; of several labels for one, the first."""
        return self._by_number

    @property
    def is_closed(self) -> bool:
        """Whether unknown numbers become unknown fields."""
        return bool(self.features.enum_type == rules.CLOSED)


class EnumValueDescription(Description):
    """A label of an enum."""

    __slots__ = ("number", "type")

    DECLARATION, OPTIONS = "EnumValueDescriptorProto", "EnumValueOptions"

    def __init__(self, proto: Any, enum: EnumDescription, index: int) -> None:
        # Labels are siblings of their type, as in C++: descriptor.proto, "EnumDescriptorProto".
        scope = enum.full_name.rpartition(".")[0]
        full_name = f"{scope}.{proto.name}" if scope else proto.name
        super().__init__(proto, full_name, enum.file, index, enum.features)
        self.number: int = proto.number
        self.type = enum
