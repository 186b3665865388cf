"""Shipped tables: schemas written down as Python rows, compiled without a description.

A table is a module with ``SYNTAX``, ``MESSAGES`` and ``ENUMS``, and maybe ``RANGES``, the numbers
that types set aside for extensions, and ``MAP_ENTRIES``, the names of the types that are entries of
maps. Descriptions of its types are made when they are asked for.
"""

from __future__ import annotations

import threading
from functools import partial

from tensorwire._core.plan import (
    CLOSED,
    KINDS,
    MAP,
    MAP_ENTRY,
    PACKED,
    PRESENCE,
    RANGES,
    REPEATED,
    REQUIRED,
    UTF8,
    PlanSet,
)
from tensorwire.proto.classes import make_class
from tensorwire.proto.late import Late
from tensorwire.proto.members import nested_class

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import ModuleType
    from typing import Any

    from tensorwire.proto.description import FileDescription
    from tensorwire.proto.pool import Pool

# (number, name, label, type, type name, packed, default, oneof), as tables write a field.
FieldRow = tuple["int", "str", "str", "str", "str", "bool", "Any", "str"]
MessageRow = tuple["str", tuple["FieldRow", ...]]
EnumRow = tuple["str", tuple[tuple["str", "int"], ...]]

LABELS = {"optional": 0, "required": REQUIRED, "repeated": REPEATED}


class TableWorld:
    """The types of a table, and the pool that describes them once someone asks.

    Source of the rules: protobuf.dev, "Field Presence", and "Enum Behavior" (proto2 enums are
    closed, proto3 strings are UTF-8).
    """

    def __init__(self, table: ModuleType) -> None:
        self.table = table
        self._lock = threading.Lock()
        self._pool: Pool | None = None
        proto3, ranges = table.SYNTAX == "proto3", getattr(table, "RANGES", {})
        self._entries: frozenset[str] = getattr(table, "MAP_ENTRIES", frozenset())
        messages = [
            _message(name, rows, name in ranges, proto3, self._entries)
            for name, rows in table.MESSAGES
        ]
        enums = tuple([(name, not proto3, values) for name, values in table.ENUMS])
        self.plans = PlanSet(tuple(messages), enums, self.make_class)

    def make_class(self, plans: PlanSet, index: int) -> type[Any]:
        """The class of a type, with what its name and the names around it tell."""
        name = plans.messages[index][0]
        members: dict[str, Any] = {"DESCRIPTOR": Late(partial(self.description, name))}
        for message in plans.messages:
            scope, _, short = message[0].rpartition(".")
            if scope == name:
                members[short] = nested_class(plans, message[0])
        for full_name, _, values in plans.enumerations:
            scope, _, short = full_name.rpartition(".")
            if scope == name:
                members[short] = Late(partial(self.enum, full_name))
                members.update(values)
        return make_class(plans, index, members)

    def names(self) -> tuple[str, ...]:
        """The full names of the message types, without the entries of maps."""
        names = [message[0] for message in self.plans.messages]
        return tuple([name for name in names if name not in self._entries])

    def class_named(self, name: str) -> type[Any]:
        """The class of the type with that full name. Raises ``KeyError``."""
        return self.plans.class_of(self.plans.index_of(name))

    def files(self) -> tuple[FileDescription, ...]:
        """The one file that the table stands for."""
        return self.pool().files()

    def pool(self) -> Pool:
        """The descriptions of the table's types."""
        with self._lock:
            if self._pool is None:
                from tensorwire.proto.pool import Pool
                from tensorwire.proto.table_file import file_of_table

                self._pool = Pool()
                self._pool.adopt(file_of_table(self.table), self.plans)
        return self._pool

    def description(self, name: str) -> Any:
        return self.pool().FindMessageTypeByName(name)

    def enum(self, name: str) -> Any:
        from tensorwire.proto.enum_type import EnumType

        return EnumType(self.pool().FindEnumTypeByName(name))


def _message(
    name: str,
    rows: tuple[FieldRow, ...],
    extendable: bool,
    proto3: bool,
    entries: frozenset[str],
) -> tuple[str, tuple[tuple[Any, ...], ...], int]:
    flags = (RANGES if extendable else 0) | (MAP_ENTRY if name in entries else 0)
    return name, tuple([_field(row, proto3, entries) for row in rows]), flags


def _field(
    row: FieldRow, proto3: bool, entries: frozenset[str]
) -> tuple[int, str, int, int, str, Any, str]:
    number, name, label, kind, type_name, packed, default, oneof = row
    flags = LABELS[label] | (PACKED if packed else 0) | (MAP if type_name in entries else 0)
    singular = label != "repeated"
    if singular and (not proto3 or oneof or kind in ("message", "group")):
        flags |= PRESENCE
    if kind == "string" and proto3:
        flags |= UTF8
    if kind == "enum" and not proto3:
        flags |= CLOSED
    return number, name, KINDS[kind], flags, type_name, default, oneof
