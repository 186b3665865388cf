"""The field that a type of columns is exported as.

Everything may be null but the keys and entries of maps: such are the types that people write by
hand, and those that the other side compares with.
Source of the letters: arrow.apache.org/docs/format/CDataInterface.html, "Data type description".
"""

from __future__ import annotations

from tensorwire.columns.arrow.fields import Field
from tensorwire.columns.types import ListType, ScalarType, StructType

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tensorwire.columns.arrow.options import ArrowOptions
    from tensorwire.columns.types import AnyType

__all__ = ["DTYPES", "LISTS", "STRINGS", "field_of", "list_field", "requested"]

NUMBERS = {
    "int8": "c",
    "int16": "s",
    "int32": "i",
    "int64": "l",
    "uint8": "C",
    "uint16": "S",
    "uint32": "I",
    "uint64": "L",
    "float32": "f",
    "float64": "g",
    "bool": "b",
    "enum": "i",
}

#: NumPy's name of the numbers of each format.
DTYPES = {
    "c": "|i1",
    "s": "<i2",
    "i": "<i4",
    "l": "<i8",
    "C": "|u1",
    "S": "<u2",
    "I": "<u4",
    "L": "<u8",
    "f": "<f4",
    "g": "<f8",
    "b": "?",
}

#: The signed number that holds each unsigned one; of 64 bits its bits.
SIGNED = {"C": "s", "S": "i", "I": "l", "L": "l"}

#: Formats of strings and of bytes by option.
STRINGS = {"view": ("vu", "vz"), "string": ("u", "z"), "large_string": ("U", "Z")}

LISTS = {"large_list": "+L", "list": "+l"}

UNITS = "smun"

# The formats that one column may be given as, by what it is.
TEXTS = tuple(pair[0] for pair in STRINGS.values())
BYTES = tuple(pair[1] for pair in STRINGS.values())
SETS = (
    (TEXTS, TEXTS + BYTES),
    (BYTES, BYTES),
    (tuple(LISTS.values()),) * 2,
    (tuple(f"ts{unit}:UTC" for unit in UNITS),) * 2,
    (tuple(f"tD{unit}" for unit in UNITS),) * 2,
)


def scalar_format(scalar: ScalarType, options: ArrowOptions) -> str:
    """A string whose bytes nobody has looked at is bytes: Arrow's strings must be UTF-8."""
    if options.enums == "name" and scalar.has_names:
        return STRINGS[options.strings][0]
    if scalar.kind in ("string", "bytes"):
        return STRINGS[options.strings][0 if scalar.kind == "string" and scalar.checked else 1]
    letter = NUMBERS[scalar.kind]
    return SIGNED.get(letter, letter) if options.unsigned == "signed" else letter


def special_format(struct: StructType, options: ArrowOptions) -> str:
    """The format of a message that Arrow has a struct for; "" where it lacks what that needs."""
    names = {field.name for field in struct.fields}
    unit = options.timestamps[0]
    if struct.special == "timestamp" and {"seconds", "nanos"} <= names:
        return f"ts{unit}:UTC"
    if struct.special == "duration" and {"seconds", "nanos"} <= names:
        return f"tD{unit}"
    if struct.special == "wrapper" and len(struct.fields) == 1:
        value = struct.fields[0]
        return scalar_format(value, options) if isinstance(value, ScalarType) else ""
    return ""


def list_field(name: str, item: Field, options: ArrowOptions) -> Field:
    """A list; its items have the name that other libraries give them."""
    return Field(LISTS[options.lists], name, children=(item._replace(name="item"),))


def map_field(pairs: ListType, options: ArrowOptions) -> Field:
    """A map; a list where the entries are not a key and a value."""
    entries = field_of(pairs.item, options)
    if [child.name for child in entries.children] != ["key", "value"]:
        return list_field(pairs.name, entries, options)
    key, value = entries.children
    both = (key._replace(flags=0), value)
    return Field("+m", pairs.name, children=(Field("+s", "entries", 0, children=both),))


def field_of(node: AnyType, options: ArrowOptions, name: str | None = None) -> Field:
    """The field of a node in the nested layout, under its own name or another."""
    if isinstance(node, ScalarType):
        field = Field(scalar_format(node, options), node.name)
    elif isinstance(node, ListType):
        if node.is_map:
            field = map_field(node, options)
        else:
            field = list_field(node.name, field_of(node.item, options), options)
    elif special := special_format(node, options):
        field = Field(special, node.name)
    else:
        children = tuple(field_of(child, options) for child in node.fields)
        field = Field("+s", node.name, children=children)
    return field if name is None else field._replace(name=name)


def requested(field: Field, wanted: Field) -> Field:
    """``field`` in the formats that a consumer asks for, where that is only another way to write
    the same values; the rest as it is. Children of structs are found by name."""
    if field.format.startswith("+") and wanted.format.startswith("+"):
        field = field._replace(children=_requested_children(field, wanted))
    for mine, allowed in SETS:
        if field.format in mine and wanted.format in allowed:
            return field._replace(format=wanted.format)
    return field


def _requested_children(field: Field, wanted: Field) -> tuple[Field, ...]:
    """Of lists and maps by position, of structs by name."""
    if field.format == "+s":
        by_name = {child.name: child for child in wanted.children}
        return tuple(
            requested(child, by_name[child.name]) if child.name in by_name else child
            for child in field.children
        )
    if len(field.children) != len(wanted.children):
        return field.children
    pairs = zip(field.children, wanted.children, strict=True)
    return tuple(requested(child, other) for child, other in pairs)
