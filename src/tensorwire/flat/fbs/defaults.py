"""What a field has behind ``=``.

Scalars: numbers, ``true``, ``null``, names of enum values (several in one string: ``"A B"``),
numbers in strings, and for floats ``nan``, ``inf``, ``deg(x)``, ``sin(x)`` and the like. Strings:
any. Vectors: ``[]``. Source: google/flatbuffers ``docs/source/grammar.md`` and what flatc accepts.
"""

from __future__ import annotations

from tensorwire.flat.declarations import BOOL, STRING, WIDTHS
from tensorwire.flat.fbs.cursor import FLOAT, INTEGER, NAME, TEXT, quoted
from tensorwire.flat.fbs.functions import function_value
from tensorwire.flat.fbs.literals import FLOATS, float_of, integer_of
from tensorwire.flat.fbs.symbols import near
from tensorwire.flat.integers import UNSIGNED, range_of

TYPE_CHECKING = False  # see errors.py
if TYPE_CHECKING:
    from tensorwire.flat.declarations import Number
    from tensorwire.flat.fbs.drafts import FieldDraft, Kind
    from tensorwire.flat.fbs.unit import Unit

#: The one default of a field of a struct; of floats no other way to write it is allowed.
ZERO = "0"


def read_default(unit: Unit, field: FieldDraft, in_struct: bool) -> None:
    """Reads it into ``field``.

    Raises: ``SchemaError`` for what does not fit the type, and for types that have no defaults.
    """
    kind = field.kind
    if kind.is_scalar:
        text = unit.value
        field.default = scalar(unit, kind)
        if not in_struct:
            return
        if kind.base not in FLOATS:
            text = str(int(field.default)) if field.default is not None else ""
        if text == ZERO:
            return
        raise unit.wrong("fields of structs have no defaults", field.at)
    if in_struct or not (kind.base == STRING or kind.is_vector):
        raise unit.wrong("only scalars, strings and vectors have defaults")
    field.has_default = True
    if kind.base == STRING:
        unit.expect(TEXT)
    else:
        unit.expect("[")
        unit.expect("]")


def scalar(unit: Unit, kind: Kind) -> Number | None:
    """The value of that kind which the current tokens are; None for ``null``."""
    sign = unit.kind if unit.kind in ("+", "-") else ""
    if sign:
        unit.advance()  # what follows is a name: see the tokens
    if unit.kind == NAME and unit.touches == "(":
        return function_value(unit, sign + unit.value, kind)
    if unit.kind in (NAME, TEXT):
        value = _worded(unit, sign + unit.value, kind)
    elif unit.kind == INTEGER or (unit.kind == FLOAT and kind.base in FLOATS):
        value = number(unit, unit.value, kind.base)
    else:
        raise unit.wrong(f"expected a default, found {unit.current}")
    unit.advance()
    return value


def _worded(unit: Unit, word: str, kind: Kind) -> Number | None:
    """The value that a name or a string stands for."""
    if unit.kind == TEXT and not unit.plain:
        raise unit.wrong("a default in a string must be printable ASCII, without escapes")
    if kind.base == BOOL and word in ("true", "false"):
        return word == "true"
    if word == "null":
        return None
    if kind.base not in FLOATS and kind.base != BOOL and (word[:1].isalpha() or word[:1] == "_"):
        return in_range(unit, _enum_values(unit, word, kind), kind.base)
    return number(unit, word.rstrip(" ") if unit.kind == TEXT else word, kind.base)


def _enum_values(unit: Unit, words: str, kind: Kind) -> int:
    """All of the ``words`` together, as bits: of the field's enum, or ``Enum.Value`` of any."""
    bits = 0
    for word in words.split(" "):
        enum, name = kind.enum, word
        if enum is None:
            of, dot, name = word.partition(".")
            if not dot:
                hint = "; name the value's enum, too, in a string: \"Enum.Value\""
                raise unit.wrong(f"{quoted(word)} is no number{hint}")
            enum = unit.symbols.enum(unit.namespace, of)
        if enum is None or name not in enum.values:
            hint = near(name, enum.values) if enum is not None else ""
            if kind.enum is not None and unit.touches == ".":
                hint = "; the name of the value stands alone, without that of its enum"
            raise unit.wrong(f"no enum value {quoted(word)}{hint}")
        bits |= enum.values[name] & 0xFFFFFFFFFFFFFFFF
    signed = (kind.enum.base if kind.enum is not None else kind.base) not in UNSIGNED
    return bits - (1 << 64) if signed and bits >> 63 else bits


def number(unit: Unit, text: str, base: int) -> Number:
    """The number that ``text`` is."""
    if base in FLOATS:
        real = float_of(text)
        if real is None:
            raise unit.wrong(f"{quoted(text)} is no decimal number")
        return real
    value = integer_of(text)
    if value is None:
        raise unit.wrong(f"{quoted(text)} is no integer of a type of {8 * WIDTHS[base]} bits")
    found = in_range(unit, value, base)
    return bool(found) if base == BOOL else found


def in_range(unit: Unit, value: int, base: int) -> int:
    """``value`` itself, which a type of that ``base`` must hold."""
    least, most = range_of(base)
    if not least <= value <= most:
        raise unit.wrong(f"{value} does not fit its type, which holds {least} to {most}")
    return value
