"""Python classes for the message types of a schema."""

from __future__ import annotations

from types import MappingProxyType

from tensorwire._core.fields import Field
from tensorwire._core.message import TYPE_KEY, Message, seal
from tensorwire._core.metaclass import MessageClass
from tensorwire._core.parse import MessageType
from tensorwire._core.plan import KINDS, REPEATED, PlanSet

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

ZEROS: dict[int, Any] = {
    KINDS["double"]: 0.0,
    KINDS["float"]: 0.0,
    KINDS["bool"]: False,
    KINDS["string"]: "",
    KINDS["bytes"]: b"",
}


def make_class(
    plans: PlanSet,
    index: int,
    members: Mapping[str, Any] = MappingProxyType({}),
    bases: tuple[type[Any], ...] = (),
) -> type[Message]:
    """The class of one type, with a descriptor per field and ``FromString``.

    ``members``: class attributes beside the fields, which win; ``bases``: further base classes.
    """
    full_name, fields, _, _ = plans.messages[index]
    package, _, name = full_name.rpartition(".")
    kind = MessageType(plans, index)
    namespace: dict[str, Any] = {
        "__slots__": (),
        "__module__": package or "tensorwire.proto",
        "__doc__": f"A message of type {full_name}.",
        TYPE_KEY: kind,
        "FromString": kind.FromString,
        **members,
        **{f"{field[1].upper()}_FIELD_NUMBER": field[0] for field in fields},
    }
    for slot, field in enumerate(fields):
        namespace[field[1]] = Field(kind, slot, _default(plans, field))
    cls: type[Message] = MessageClass(name, (Message, *bases), namespace)
    seal(cls)
    return cls


def type_of(cls: Any) -> MessageType:
    """The `MessageType` of a class that `make_class` made. Raises ``TypeError`` for any other."""
    kind = vars(cls).get(TYPE_KEY) if isinstance(cls, type) else None
    if not isinstance(kind, MessageType):
        name = cls.__name__ if isinstance(cls, type) else type(cls).__name__
        raise TypeError(f"a message class of a tensorwire schema is needed, not {name}")
    return kind


def _default(plans: PlanSet, field: tuple[Any, ...]) -> Any:
    """What an absent scalar reads as: the declared default, else zero or an enum's first number.

    Of a repeated field nobody asks; its enum may be another file's.
    """
    _, _, kind, flags, type_name, default, _ = field
    if default is not None:
        return default
    if kind == KINDS["enum"] and not flags & REPEATED:
        return next(values for name, _, values in plans.enumerations if name == type_name)[0][1]
    return ZEROS.get(kind, 0)
