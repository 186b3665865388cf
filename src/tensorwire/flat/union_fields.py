"""The field before a union, which tells what member it holds.

Source: google/flatbuffers ``docs/source/schema.md``, "Unions", and ``internals.md``, "Unions".
"""

from __future__ import annotations

from tensorwire.flat.declarations import DEPRECATED, REQUIRED, UNION, UTYPE, VECTOR, Field, Type

SUFFIX = "_type"


def is_union(base: int, element: int) -> bool:
    """A union or a vector of unions: fields of these come with one for the members' numbers."""
    return UNION in (base, element)


def members_field(field: Field, base: int = UTYPE) -> Field:
    """The one before ``field``, which is a union and has its id: deprecated where that is.

    ``base``: that of the union. Where it is declared, ``union U:int``, C++ stores as wide numbers,
    though flatc calls their type `UTYPE` still.
    """
    inherited = DEPRECATED
    if field.type.base == UNION:
        kind = Type(base, field.type.ref)
    else:
        kind = Type(VECTOR, field.type.ref, element=base)
        inherited |= REQUIRED
    return Field(
        field.name + SUFFIX, kind, field.id - 1, field.offset - 2, flags=field.flags & inherited
    )
