"""``name:type = default (attributes);``"""

from __future__ import annotations

from tensorwire.flat.declarations import ARRAY, OBJECT
from tensorwire.flat.fbs.cursor import NAME, quoted
from tensorwire.flat.fbs.defaults import read_default
from tensorwire.flat.fbs.drafts import FieldDraft, ObjectDraft
from tensorwire.flat.fbs.field_rules import check_field

TYPE_CHECKING = False  # see errors.py
if TYPE_CHECKING:
    from tensorwire.flat.fbs.drafts import Kind
    from tensorwire.flat.fbs.unit import Unit


def read_field(unit: Unit, owner: ObjectDraft) -> FieldDraft:
    """The field that begins at the current token. Raises ``SchemaError`` for what may not be."""
    at, name = unit.at, unit.value
    if unit.kind == NAME and unit.symbols.known_object(unit.namespace, name) is not None:
        raise unit.wrong(f"field {quoted(name)} is named like a table or struct")
    unit.expect(NAME)
    unit.expect(":")
    at_type = unit.at
    field = FieldDraft(name, unit.type(), at)
    _check_type(unit, owner, field.kind, at_type)
    if unit.accept("="):
        read_default(unit, field, owner.is_struct)
    field.attributes = unit.attributes()
    check_field(unit, owner, field)
    if "nested_flatbuffer" in field.attributes:
        field.nested = unit.table(field.attributes["nested_flatbuffer"], at)
    unit.expect(";")
    return field


def _check_type(unit: Unit, owner: ObjectDraft, kind: Kind, at: int) -> None:
    if not owner.is_struct:
        if kind.base == ARRAY:
            raise unit.wrong("a fixed array in a table: put it into a struct", at)
        return
    part = kind.item
    if part.base == OBJECT and isinstance(part.named, ObjectDraft):
        if part.named is owner:
            raise unit.wrong("a struct that contains itself", at)
        if not part.named.declared:
            raise unit.wrong(
                f"struct {quoted(part.named.name)} must be declared before structs with it", at
            )
    if kind.is_vector or not (part.is_scalar or part.is_struct):
        raise unit.wrong("structs contain scalars, structs and fixed arrays of these only", at)
