"""The shortest name by which a scope refers to a type.

Source: descriptor.proto, ``FieldDescriptorProto.type_name``: names are looked up from the innermost
scope outwards, and the first part that is found anywhere decides.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tensorwire.proto.description import FileDescription


def reference(full_name: str, scope: str, file: FileDescription) -> str:
    """``full_name`` as it may be written inside ``scope``: whole, after a dot, if need be."""
    parts, around = full_name.split("."), scope.split(".") if scope else []
    shared = 0
    while shared < min(len(parts) - 1, len(around)) and parts[shared] == around[shared]:
        shared += 1
    declares = file.pool.declares
    for kept in range(shared, -1, -1):
        first = parts[kept]
        inner = [".".join([*around[:end], first]) for end in range(len(around), kept, -1)]
        if not any(map(declares, inner)):
            return f".{full_name}" if first in WORDS else ".".join(parts[kept:])
    return f".{full_name}"


# What the grammar takes for something else where a type may stand.
WORDS = frozenset(
    "double float int32 int64 uint32 uint64 sint32 sint64 fixed32 fixed64 sfixed32 sfixed64"
    " bool string bytes group message optional required repeated oneof map extend extensions"
    " reserved enum option export local".split()
)
