"""The classes that read schemas: descriptor.proto's, from our own table."""

from __future__ import annotations

from tensorwire.proto import descriptor_table
from tensorwire.proto.tables import TableWorld

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_WORLD = TableWorld(descriptor_table)


def own_class(name: str) -> type[Any]:
    """The class of a type of descriptor.proto, by its name without the package."""
    return _WORLD.class_named(f"google.protobuf.{name}")
