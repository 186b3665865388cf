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

    from tensorwire.flat.declarations import Object, Type

# reflection.fbs: Field.offset is a ushort, Object.bytesize an int.
MOST_OFFSET = 0xFFFF
MOST_BYTES = 0x7FFFFFFF


def place_structs(structs: Iterable[Object], forced: Mapping[str, int]) -> None:
    """Gives every struct its size and alignment, and every field of one its first byte.

    ``forced``: ``force_align`` by name of the struct, where there is one. Structs may contain each
    other in any order and to any depth; the time is linear in the number of fields.

    Raises: ``SchemaError`` for a struct that contains itself, is empty, or is too large.
    """
    named = {struct.name: struct for struct in structs}
    placed: set[str] = set()
    for name in named:
        _place_after_parts(name, named, forced, placed)


def part_of(kind: Type) -> str | None:
    """Name of the struct that lies inside a field of that type of a struct, or None."""
    return kind.ref if OBJECT in (kind.base, kind.element) else None


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
            parts = {part_of(field.type) for field in named[name].fields} - placed
            for part in parts:
                if part in opened:
                    raise SchemaError(f"struct {part} contains itself")
                if part is not None:
                    pending.append(part)
            continue
        if name not in placed:
            _place(named[name], named, forced.get(name, 1))
            placed.add(name)
        pending.pop()


def _place(struct: Object, named: Mapping[str, Object], align: int) -> None:
    end = 0
    for field in struct.fields:
        size, alignment = _extent(field.type, named)
        start = -(-end // alignment) * alignment
        if start > MOST_OFFSET:
            raise SchemaError(
                f"{struct.name}.{field.name} lies at byte {start} of its struct, over {MOST_OFFSET}"
            )
        field.offset = start
        end = start + size
        align = max(align, alignment)
    if end == 0:
        raise SchemaError(f"struct {struct.name} has no fields")
    struct.align = align
    struct.size = -(-end // align) * align
    if struct.size > MOST_BYTES:
        raise SchemaError(f"struct {struct.name} has {struct.size} bytes, over {MOST_BYTES}")


def _extent(kind: Type, named: Mapping[str, Object]) -> tuple[int, int]:
    """``(bytes, alignment)`` of a field of a struct, whose parts are placed."""
    base, count = (kind.element, kind.length) if kind.base == ARRAY else (kind.base, 1)
    if base == OBJECT and kind.ref is not None:
        part = named[kind.ref]
        return part.size * count, part.align
    return WIDTHS[base] * count, WIDTHS[base]
