"""What must hold in declarations that come from a file, where anything may stand.

Nothing but this keeps a wrong schema from plans and classes: they take what is here for granted.
"""

from __future__ import annotations

from tensorwire.errors import SchemaError
from tensorwire.flat.attributes import is_alignment
from tensorwire.flat.consistent_fields import check_field
from tensorwire.flat.declarations import KEY, NONE, UNION, UTYPE
from tensorwire.flat.integers import INTEGERS, range_of
from tensorwire.flat.layout import place_structs
from tensorwire.flat.union_fields import SUFFIX, is_union

TYPE_CHECKING = False  # see errors.py
if TYPE_CHECKING:
    from collections.abc import Container, Mapping

    from tensorwire.flat.declarations import Declarations, Enum, Field, Object

#: Fields of a table: the vtable has a size of 16 bits, and four bytes before the fields' places.
MOST_FIELDS = (0xFFFF - 4) // 2

#: Parts of a full name.
_MOST_PARTS = 65


def check_declarations(declarations: Declarations, structs: Mapping[str, int]) -> None:
    """``structs``: their alignments as the file has them, by name.

    Raises: ``SchemaError`` for the first thing that does not hold.
    """
    objects = {one.name: one for one in declarations.objects}
    enums = {one.name: one for one in declarations.enums}
    names = [*objects, *enums]
    if len({*names}) < len(declarations.objects) + len(declarations.enums):
        raise SchemaError("two types have the same name")
    for name in names:
        check_full_name(name)
    for enum in declarations.enums:
        _check_enum(enum)
    unions = {enum.name for enum in declarations.enums if enum.is_union}
    for one in declarations.objects:
        _check_object(one)
        _check_unions(one, unions)
        for field in one.fields:
            check_field(one, field, objects, enums)
    _check_places(declarations, structs)
    root = declarations.root
    if root is not None and (root not in objects or objects[root].is_struct):
        raise SchemaError(f"the root, {root[:60]!a}, is no table")
    if len(declarations.identifier) not in (0, 4):
        raise SchemaError(f"identifier {declarations.identifier[:60]!a} has not four bytes")


def check_full_name(name: str) -> None:
    """Raises ``SchemaError`` unless it is a name of a type, with its namespaces."""
    if name.count(".") >= _MOST_PARTS or not all(map(is_name, name.split("."))):
        raise SchemaError(f"{name[:60]!a} is no name of a type")


def is_name(text: str) -> bool:
    """Whether it is a name that ``.fbs`` text may have."""
    return text.isascii() and text.isidentifier()


def _check_enum(enum: Enum) -> None:
    if enum.base not in INTEGERS or (enum.base == UTYPE) > enum.is_union:
        raise SchemaError(f"{enum.name}: an enum of type {enum.base}")
    least, most = range_of(enum.base)
    for value in enum.values:
        if not is_name(value.name):
            raise SchemaError(f"{enum.name}: {value.name[:60]!a} is no name")
        if not least <= value.value <= most:
            raise SchemaError(f"{enum.name}.{value.name} is {value.value}: does not fit its type")
        if enum.is_union and (value.value == 0) != (value.type is None or value.type.base == NONE):
            raise SchemaError(f"{enum.name}.{value.name}: 0 is for no member, and nothing else is")
    for what in ({one.name for one in enum.values}, {one.value for one in enum.values}):
        if len(what) < len(enum.values):
            raise SchemaError(f"{enum.name}: a name or number is there twice")


def _check_object(one: Object) -> None:
    fields = one.fields
    if len({field.name for field in fields}) < len(fields):
        raise SchemaError(f"{one.name}: two fields have the same name")
    if sum(field.flags & KEY for field in fields) > KEY:
        raise SchemaError(f"{one.name} has two keys")
    for number, field in enumerate(fields):
        if not is_name(field.name):
            raise SchemaError(f"{one.name}: {field.name[:60]!a} is no name")
        if field.id != number:
            raise SchemaError(f"{one.name}.{field.name}: id {field.id} where {number} follows")
        if not one.is_struct and field.offset != 4 + 2 * number:
            raise SchemaError(f"{one.name}.{field.name}: offset {field.offset} with id {number}")
    if len(fields) > MOST_FIELDS:
        raise SchemaError(f"{one.name} has {len(fields)} fields, over {MOST_FIELDS}")


def _check_unions(one: Object, unions: Container[str | None]) -> None:
    """Each union comes right after the field that tells its member, and these never alone."""
    before: Field | None = None
    for field in (*one.fields, None):
        of_members = before is not None and before.type.ref in unions and not _is_union(before)
        union = field is not None and _is_union(field)
        if of_members != union:
            name = getattr(field if union else before, "name", "")
            raise SchemaError(f"{one.name}.{name}: a union and the field of its member are apart")
        if union and before is not None and field is not None and not _belong(before, field):
            raise SchemaError(f"{one.name}.{field.name}: {before.name} is not of its member")
        before = field


def _belong(of_member: Field, union: Field) -> bool:
    return (
        of_member.name == union.name + SUFFIX
        and of_member.type.ref == union.type.ref
        and (of_member.type.element == NONE) == (union.type.base == UNION)
    )


def _is_union(field: Field) -> bool:
    return is_union(field.type.base, field.type.element)


def _check_places(declarations: Declarations, structs: Mapping[str, int]) -> None:
    """Sizes and places of structs must be those that follow from their fields."""
    found = [one for one in declarations.objects if one.is_struct]
    for one in found:
        if not is_alignment(structs[one.name]):
            raise SchemaError(f"struct {one.name}: {structs[one.name]} is no alignment")
    before = {one.name: (one.size, [field.offset for field in one.fields]) for one in found}
    place_structs(found, structs)
    for one in found:
        if before[one.name] != (one.size, [field.offset for field in one.fields]):
            raise SchemaError(f"struct {one.name}: wrong size, or wrong places of its fields")
