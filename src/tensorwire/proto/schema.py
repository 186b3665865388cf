"""Schema: the message types of one set of ``.proto`` files, and their classes."""

from __future__ import annotations

from tensorwire._core.plan import CLOSED, KINDS, PACKED, PRESENCE, REPEATED, REQUIRED, UTF8, PlanSet
from tensorwire.errors import DecodeError
from tensorwire.proto.classes import make_class

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from types import ModuleType
    from typing import Any

# (number, name, label, type, type name, packed, default, oneof), as shipped tables write a field.
FieldRow = tuple["int", "str", "str", "str", "str", "bool", "Any", "str"]
MessageRow = tuple["str", tuple["FieldRow", ...]]
EnumRow = tuple["str", tuple[tuple["str", "int"], ...]]

LABELS = {"optional": 0, "required": REQUIRED, "repeated": REPEATED}


class Schema:
    """Message types by full name: ``schema["onnx.ModelProto"]`` is its class, made on first use.

    A schema never changes, and its classes read any bytes that its types describe.
    """

    __slots__ = ("plans",)

    def __init__(
        self,
        messages: Iterable[tuple[str, tuple[tuple[Any, ...], ...], bool]],
        enums: Iterable[tuple[str, bool, tuple[tuple[str, int], ...]]] = (),
        error: type[DecodeError] = DecodeError,
    ) -> None:
        self.plans = PlanSet(tuple(messages), tuple(enums), make_class, error)

    @classmethod
    def from_table(cls, table: ModuleType) -> Schema:
        """The schema of a shipped table: a module with ``SYNTAX``, ``MESSAGES`` and ``ENUMS``.

        Source of the rules: protobuf.dev, "Field Presence", and "Enum Behavior" (proto2 enums are
        closed, proto3 strings are UTF-8).
        """
        proto3 = table.SYNTAX == "proto3"
        messages = [
            (name, tuple([_field(row, proto3) for row in rows]), False)
            for name, rows in table.MESSAGES
        ]
        return cls(messages, [(name, not proto3, values) for name, values in table.ENUMS])

    def __getitem__(self, name: str) -> type[Any]:
        """The class of the type with that full name. Raises ``KeyError``."""
        return self.plans.class_of(self.plans.index_of(name))

    def __contains__(self, name: object) -> bool:
        return any(name == message[0] for message in self.plans.messages)

    def __iter__(self) -> Iterator[str]:
        return (message[0] for message in self.plans.messages)

    def __len__(self) -> int:
        return len(self.plans.messages)

    def __repr__(self) -> str:
        return f"<Schema of {len(self)} message types>"


def _field(row: FieldRow, proto3: bool) -> tuple[int, str, int, int, str, Any, str]:
    number, name, label, kind, type_name, packed, default, oneof = row
    flags = LABELS[label] | (PACKED if packed else 0)
    singular = label != "repeated"
    if singular and (not proto3 or oneof or kind in ("message", "group")):
        flags |= PRESENCE
    if kind == "string" and proto3:
        flags |= UTF8
    if kind == "enum" and not proto3:
        flags |= CLOSED
    return number, name, KINDS[kind], flags, type_name, default, oneof
