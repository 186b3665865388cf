"""Where the fields of structs lie: in their order, each at a multiple of its own alignment.

Source: google/flatbuffers ``docs/source/schema.md``, "Structs", and ``docs/source/internals.md``,
"Structs".
"""

from __future__ import annotations

from tensorwire.errors import SchemaError
from tensorwire.flat.declarations import ARRAY, OBJECT, WIDTHS

TYPE_CHECKING = False  # see errors.py
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from tensorwire.flat.declarations import Field, Object

# reflection.fbs: Field.offset is a ushort, Object.bytesize an int, Type.fixed_length a uint16.
MOST_OFFSET = 0xFFFF
MOST_BYTES = 0x7FFFFFFF
MOST_ITEMS = 0xFFFF


def place_structs(structs: Iterable[Object], forced: Mapping[str, int]) -> None:
    """Gives every struct its size and alignment, and every field of one its first byte.

    ``forced``: ``force_align`` by name of the struct, where there is one. Structs may contain each
    other in any order and to any depth; the time is linear in the number of fields.

    Raises: ``SchemaError`` for a struct that contains itself, and as `place_struct`.
    """
    named = {struct.name: struct for struct in structs}
    placed: set[str] = set()
    for name in named:
        _place_after_parts(name, named, forced, placed)


def place_struct(struct: Object, parts: Mapping[str, Object], forced: int = 0) -> None:
    """The same for one struct, whose parts are placed.

    Raises: ``SchemaError`` where it is empty or too large, contains what is no scalar, struct or
    array, or where an alignment of ``forced`` bytes is less than it has anyway.
    """
    end, align = 0, 1
    for field in struct.fields:
        size, alignment = _extent(struct, field, parts)
        align = max(align, alignment)
        field.offset = _aligned(end, alignment)
        if field.offset > MOST_OFFSET:
            raise SchemaError(
                f"{struct.name}.{field.name} is at byte {field.offset}, over {MOST_OFFSET}"
            )
        end = field.offset + size
    if end == 0:
        raise SchemaError(f"struct {struct.name} has no fields")
    if 0 < forced < align:
        raise SchemaError(f"struct {struct.name}: force_align is {forced}, must be {align} or more")
    struct.align = max(align, forced)
    struct.size = _aligned(end, struct.align)
    if struct.size > MOST_BYTES:
        raise SchemaError(f"struct {struct.name} has {struct.size} bytes, over {MOST_BYTES}")


def _place_after_parts(
    name: str, named: Mapping[str, Object], forced: Mapping[str, int], placed: set[str]
) -> None:
    """No recursion: the schema's text decides how deep structs lie in each other."""
    opened: set[str] = set()  # opened and not placed: on the way from `name` to the last pending
    pending = [name]
    while pending:
        name = pending[-1]
        if name not in placed and name not in opened:
            opened.add(name)
            for part in _parts(named[name]):
                if part in opened and part not in placed:
                    raise SchemaError(f"struct {part} contains itself")
                if part in named and part not in placed:
                    pending.append(part)
            continue
        if name not in placed:
            place_struct(named[name], named, forced.get(name, 0))
            placed.add(name)
        pending.pop()


def _parts(struct: Object) -> set[str]:
    """Names of what the struct has inside."""
    return {
        field.type.ref
        for field in struct.fields
        if field.type.ref is not None and OBJECT in (field.type.base, field.type.element)
    }


def _extent(struct: Object, field: Field, parts: Mapping[str, Object]) -> tuple[int, int]:
    """``(bytes, alignment)`` of a field."""
    kind = field.type
    base, count = (kind.element, kind.length) if kind.base == ARRAY else (kind.base, 1)
    part = parts.get(kind.ref or "") if base == OBJECT else None
    width = WIDTHS[base] if part is None else part.size
    align = WIDTHS[base] if part is None else part.align
    if not width or not 0 < count <= MOST_ITEMS:
        raise SchemaError(
            f"{struct.name}.{field.name}: structs hold scalars, structs, and arrays of 1 to"
            f" {MOST_ITEMS} of these"
        )
    return width * count, align


def _aligned(end: int, align: int) -> int:
    return -(-end // align) * align
