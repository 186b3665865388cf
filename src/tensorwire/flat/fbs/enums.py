"""``enum name:type (attributes) { A, B = 4 }`` and ``union name { A, alias:B = 4 }``."""

from __future__ import annotations

from tensorwire.flat.declarations import (
    INT64,
    NONE,
    OBJECT,
    STRING,
    UINT64,
    UTYPE,
    WIDTHS,
)
from tensorwire.flat.fbs.cursor import INTEGER, NAME, quoted
from tensorwire.flat.fbs.drafts import EnumDraft, Kind
from tensorwire.flat.fbs.literals import integer_of
from tensorwire.flat.fbs.symbols import qualified
from tensorwire.flat.integers import INTEGERS, UNSIGNED, range_of

TYPE_CHECKING = False  # see errors.py
if TYPE_CHECKING:
    from tensorwire.flat.fbs.unit import Unit


def read_enum(unit: Unit) -> None:
    """Reads the declaration that begins at the current token, and makes it known.

    Raises: ``SchemaError`` for a name that is taken, numbers that do not fit or occur twice, ...
    """
    is_union = unit.is_word("union")
    unit.advance()
    at, full = unit.at, qualified(unit.namespace, unit.expect(NAME))
    if full in unit.symbols.enums:
        raise unit.wrong(f"{quoted(full)} is declared already", at)
    enum = unit.symbols.enums[full] = EnumDraft(full, UTYPE, is_union)
    if not is_union and unit.kind != ":":
        raise unit.wrong("an enum needs its integer type: enum name:int")
    if unit.accept(":"):
        enum.base = _base(unit)
    enum.attributes = unit.attributes()
    if "force_align" in enum.attributes:
        raise unit.wrong(f"{quoted(full)}: enums have no force_align", at)
    _read_values(unit, enum)
    if "bit_flags" in enum.attributes:
        _to_bits(unit, enum, at)
    enum.numbers = frozenset(enum.values.values())
    if len(enum.numbers) < len(enum.values):
        raise unit.wrong(f"{quoted(full)}: {_twice(enum)}", at)
    if full in unit.symbols.taken:
        raise unit.wrong(f"{quoted(full)} is declared already", at)
    unit.symbols.taken.add(full)


def _base(unit: Unit) -> int:
    at, kind = unit.at, unit.type()
    if kind.base not in INTEGERS:
        raise unit.wrong("the type of an enum must be one of integers", at)
    return kind.base


def _read_values(unit: Unit, enum: EnumDraft) -> None:
    unit.expect("{")
    if enum.is_union or unit.kind == "}":  # flatc: an enum is never empty
        enum.values["NONE"] = 0
        enum.kinds["NONE"] = Kind(NONE)
    number = 0 if enum.values else -1  # of the last one
    while unit.kind != "}":
        at = unit.at
        name = _member(unit, enum) if enum.is_union else unit.expect(NAME)
        number = _number(unit, enum) if unit.accept("=") else number + 1
        least, most = range_of(enum.base)
        if not least <= number <= most:
            raise unit.wrong(f"{quoted(name)} is {number}: must be from {least} to {most}", at)
        unit.attributes()
        if name in enum.values:
            raise unit.wrong(f"{quoted(name)} is there twice", at)
        enum.values[name] = number
        if not unit.accept(","):
            break
    unit.expect("}")


def _member(unit: Unit, enum: EnumDraft) -> str:
    """The name of a union's member, which is its type's unless that follows."""
    at, spelled = unit.at, unit.dotted_name()
    name = spelled.replace(".", "_")
    if unit.accept(":"):
        at = unit.at
        kind = unit.type()
        if kind.base not in (OBJECT, STRING):
            raise unit.wrong("members of unions are tables, structs and strings", at)
    else:
        kind = Kind(OBJECT, unit.object(spelled, at))
    enum.kinds.setdefault(name, kind)
    return name


def _number(unit: Unit, enum: EnumDraft) -> int:
    if unit.kind != INTEGER:
        raise unit.wrong(f"expected an integer, found {unit.current}")
    number = integer_of(unit.value)
    least, most = range_of(UINT64 if enum.base == UINT64 else INT64)
    if number is None or not least <= number <= most:
        raise unit.wrong(f"{quoted(unit.value)} does not fit 64 bits")
    unit.advance()
    return number


def _to_bits(unit: Unit, enum: EnumDraft, at: int) -> None:
    """Numbers count bits, from 0."""
    bits = 8 * WIDTHS[enum.base] - (0 if enum.base in UNSIGNED else 1)
    for name, number in enum.values.items():
        if not 0 <= number < bits:
            raise unit.wrong(f"bit {number} of {quoted(name)}: must be from 0 to {bits - 1}", at)
        enum.values[name] = 1 << number


def _twice(enum: EnumDraft) -> str:
    first: dict[int, str] = {}
    for name, number in enum.values.items():
        if number in first:
            return f"{quoted(first[number])} and {quoted(name)} are both {number}"
        first[number] = name
    return ""
