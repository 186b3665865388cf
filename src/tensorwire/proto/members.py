"""What a message class has beside its fields: nested types, enums and their values, extensions."""

from __future__ import annotations

from functools import partial

from tensorwire.proto.enum_type import EnumType
from tensorwire.proto.late import Late

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from tensorwire._core.plan import PlanSet


def members_of(
    message: Any, plans: PlanSet, enum_type: Callable[[Any], Any] = EnumType
) -> dict[str, Any]:
    """The class attributes of a described message type; nested classes are made on first use.

    ``message``: our description, or upstream's descriptor, whose enums are of upstream's type.
    """
    package = message.file.package
    members: dict[str, Any] = {
        "DESCRIPTOR": message,
        "__module__": package or "tensorwire.proto",
        "__qualname__": message.full_name.removeprefix(f"{package}."),
    }
    for nested in message.nested_types:
        members[nested.name] = nested_class(plans, nested.full_name)
    for enum in message.enum_types:
        members[enum.name] = enum_type(enum)
        members.update([(value.name, value.number) for value in enum.values])
    for extension in message.extensions:
        members[extension.name] = extension
        members[number_name(extension.name)] = extension.number
    return members


def nested_class(plans: PlanSet, full_name: str) -> Late:
    """The class of a nested type."""
    return Late(partial(plans.class_of, plans.index_of(full_name)))


def number_name(field: str) -> str:
    """The attribute with the number of a field or extension."""
    return f"{field.upper()}_FIELD_NUMBER"
