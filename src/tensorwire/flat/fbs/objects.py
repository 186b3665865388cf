"""``table name (attributes) { fields }`` and ``struct name { fields }``."""

from __future__ import annotations

from tensorwire.errors import SchemaError
from tensorwire.flat.attributes import alignment, describe, others
from tensorwire.flat.consistency import MOST_FIELDS
from tensorwire.flat.declarations import (
    BOOL,
    OPTIONAL,
    STRING,
    UNION,
    UTYPE,
    VECTOR,
    Field,
    Object,
)
from tensorwire.flat.fbs.cursor import NAME, quoted
from tensorwire.flat.fbs.fields import read_field
from tensorwire.flat.fbs.literals import FLOATS, integer_of
from tensorwire.flat.fbs.symbols import qualified
from tensorwire.flat.layout import place_struct
from tensorwire.flat.union_fields import SUFFIX, is_union, members_field

TYPE_CHECKING = False  # see errors.py
if TYPE_CHECKING:
    from tensorwire.flat.fbs.drafts import FieldDraft, ObjectDraft
    from tensorwire.flat.fbs.unit import Unit

#: The largest ``force_align`` of a struct, in flatc.
_MOST_ALIGN = 32

#: Generated code has a second accessor called like this for fields of that base type.
_CLASHES = (
    ("_type", UNION), ("Type", UNION), ("_length", VECTOR), ("Length", VECTOR),
    ("_byte_vector", STRING), ("ByteVector", STRING),
)  # fmt: skip


def read_object(unit: Unit) -> None:
    """Reads the declaration that begins at the current token, and makes it known.

    Raises: ``SchemaError`` for a name that is taken, and for what its fields may not be.
    """
    is_struct = unit.is_word("struct")
    if not is_struct and not unit.is_word("table"):
        raise unit.wrong(f"expected a declaration, found {unit.current}")
    unit.advance()
    at, name = unit.at, unit.expect(NAME)
    draft = unit.symbols.declared_object(unit.namespace, name)
    if draft is None:
        raise unit.wrong(f"{quoted(qualified(unit.namespace, name))} is declared already", at)
    draft.is_struct = is_struct
    draft.attributes = unit.attributes()
    unit.expect("{")
    bases: dict[str, int] = {}
    while unit.kind != "}":
        field = read_field(unit, draft)
        _take_names(unit, field, bases)
        draft.fields.append(field)
    if is_struct:
        _place(unit, draft, at)
    else:
        _number(unit, draft, at)
    _check_clashes(unit, draft, bases)
    unit.expect("}")
    if draft.name in unit.symbols.taken:
        raise unit.wrong(f"{quoted(draft.name)} is declared already", at)
    unit.symbols.taken.add(draft.name)


def finished(draft: ObjectDraft) -> Object:
    """The object, once every name is a full one."""
    if draft.placed is not None:
        return draft.placed
    fields: list[Field] = []
    for field in draft.fields:
        found = _field(field)
        if is_union(found.type.base, found.type.element):
            fields.append(members_field(found, field.kind.enum.base if field.kind.enum else UTYPE))
        fields.append(found)
    return Object(draft.name, fields, attributes=others(draft.attributes))


def _take_names(unit: Unit, field: FieldDraft, bases: dict[str, int]) -> None:
    """The field's name, and for unions that of the field which comes with it."""
    names = {field.name: field.kind.base}
    if field.kind.base == UNION:
        names = {field.name + SUFFIX: UTYPE, **names}
    elif field.kind.element == UNION:
        names = {field.name + SUFFIX: VECTOR, **names}
    for name, base in names.items():
        if name in bases:
            raise unit.wrong(f"field {quoted(name)} is there twice", field.at)
        bases[name] = base


def _place(unit: Unit, draft: ObjectDraft, at: int) -> None:
    forced = 0
    try:
        if "force_align" in draft.attributes:
            forced = alignment(f"struct {draft.name}", draft.attributes["force_align"], _MOST_ALIGN)
        for number, field in enumerate(draft.fields):
            field.id = number
        fields = [_field(field) for field in draft.fields]
        draft.placed = Object(
            draft.name, fields, is_struct=True, attributes=others(draft.attributes)
        )
        place_struct(draft.placed, unit.symbols.structs, forced)
    except SchemaError as error:
        raise unit.wrong(error.reason, at) from None
    unit.symbols.structs[draft.name] = draft.placed


def _number(unit: Unit, draft: ObjectDraft, at: int) -> None:
    """Gives fields their ids, and puts them in that order."""
    explicit = [field for field in draft.fields if "id" in field.attributes]
    if explicit and len(explicit) < len(draft.fields):
        without = next(field for field in draft.fields if "id" not in field.attributes)
        raise unit.wrong(
            f"field {quoted(without.name)} has no id: all fields of a table have one, or none",
            without.at,
        )
    for field in explicit:
        field.id = _explicit_id(unit, field)
    draft.fields.sort(key=_id)  # all 0 where ids are not given
    following = 0
    for field in draft.fields:
        following += 2 if is_union(field.kind.base, field.kind.element) else 1
        if explicit and field.id != following - 1:
            raise unit.wrong(
                f"field {quoted(field.name)} has id {field.id}: ids follow each other from 0,"
                f" and {following - 1} is the next",
                field.at,
            )
        field.id = following - 1
    if following > MOST_FIELDS:
        raise unit.wrong(f"{following} fields, over {MOST_FIELDS}", at)


def _explicit_id(unit: Unit, field: FieldDraft) -> int:
    text = field.attributes["id"]
    number = integer_of(text)
    if number is None or not 0 <= number <= 0xFFFF:
        raise unit.wrong(f"field {quoted(field.name)}: {quoted(text)} is no id", field.at)
    if number == 0 and is_union(field.kind.base, field.kind.element):
        raise unit.wrong(
            f"field {quoted(field.name)}: a union has two ids and names the second, 1 or more",
            field.at,
        )
    return number


def _check_clashes(unit: Unit, draft: ObjectDraft, bases: dict[str, int]) -> None:
    for field in draft.fields:
        for suffix, base in _CLASHES:
            if field.name.endswith(suffix) and bases.get(field.name[: -len(suffix)]) == base:
                other = field.name[: -len(suffix)]
                raise unit.wrong(
                    f"field {quoted(field.name)} clashes with code for field {quoted(other)}",
                    field.at,
                )


def _field(draft: FieldDraft) -> Field:
    default = draft.default
    if default is not None and draft.kind.base in FLOATS:
        default = float(default)
    elif default is not None and draft.kind.base == BOOL:
        default = bool(default)
    field = Field(
        draft.name,
        draft.kind.resolved(),
        draft.id,
        4 + 2 * draft.id,
        default=default,
        flags=OPTIONAL if default is None else 0,
    )
    if draft.attributes:
        nested = draft.nested
        describe(field, draft.attributes, lambda name: name if nested is None else nested.name)
    return field


def _id(field: FieldDraft) -> int:
    return field.id
