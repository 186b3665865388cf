"""What a FlatBuffers schema declares, after names are resolved and everything has its place.

Parsed ``.fbs`` text, ``.bfbs`` files and our own shipped tables all become `Declarations`; plans
and classes are made from nothing else. Source of numbers and terms: google/flatbuffers
``reflection/reflection.fbs``.
"""

from __future__ import annotations

TYPE_CHECKING = False  # see errors.py
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    Number = bool | int | float

# reflection.fbs, BaseType.
NONE, UTYPE, BOOL, INT8, UINT8, INT16, UINT16, INT32, UINT32, INT64, UINT64 = range(11)
FLOAT32, FLOAT64, STRING, VECTOR, OBJECT, UNION, ARRAY, VECTOR64 = range(11, 19)

#: Bytes of a scalar by base type; 0 for what is none.
WIDTHS = (0, 1, 1, 1, 1, 2, 2, 4, 4, 8, 8, 4, 8, 0, 0, 0, 0, 0, 0)

#: Names of the scalars, as the schema language has them; the aliases without width are the same.
SCALARS = {
    "bool": BOOL, "int8": INT8, "byte": INT8, "uint8": UINT8, "ubyte": UINT8, "int16": INT16,
    "short": INT16, "uint16": UINT16, "ushort": UINT16, "int32": INT32, "int": INT32,
    "uint32": UINT32, "uint": UINT32, "int64": INT64, "long": INT64, "uint64": UINT64,
    "ulong": UINT64, "float32": FLOAT32, "float": FLOAT32, "float64": FLOAT64, "double": FLOAT64,
}  # fmt: skip

# Field.flags
DEPRECATED, REQUIRED, KEY, OPTIONAL, OFFSET64, FLEXBUFFER = 1, 2, 4, 8, 16, 32


class Type:
    """``base``; of a vector or array the ``element``'s too; ``ref``: the full name of the object,
    enum or union that it refers to, else None; ``length``: items of a fixed array."""

    __slots__ = ("base", "element", "length", "ref")

    def __init__(
        self, base: int, ref: str | None = None, *, element: int = NONE, length: int = 0
    ) -> None:
        self.base = base
        self.ref = ref
        self.element = element
        self.length = length

    def __repr__(self) -> str:
        return f"Type({self.base}, {self.ref!r}, element={self.element}, length={self.length})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Type) and _values(self) == _values(other)

    def __hash__(self) -> int:
        return hash(_values(self))


class Field:
    """One field of a table or struct.

    ``id``: its number in the vtable, for structs its position; ``offset``: of a table's field its
    place in the vtable, ``4 + 2 * id``; of a struct's its first byte. ``default``: of a scalar what
    an absent one reads as, None for an optional one. ``force_align``: alignment of a vector's
    elements where the schema asks for one, else 0. ``nested``: full name of the root type of bytes
    that are a buffer by themselves. A union is two fields, the first, of base `UTYPE` (or a vector
    of those), named like the second with ``_type`` behind. ``attributes``: those without a meaning
    here, by name.
    """

    __slots__ = (
        "attributes", "default", "flags", "force_align", "id", "name", "nested", "offset", "type",
    )  # fmt: skip

    def __init__(
        self,
        name: str,
        type: Type,
        id: int,
        offset: int,
        *,
        default: Number | None = 0,
        flags: int = 0,
        force_align: int = 0,
        nested: str | None = None,
        attributes: Mapping[str, str] | None = None,
    ) -> None:
        self.name = name
        self.type = type
        self.id = id
        self.offset = offset
        self.default = default
        self.flags = flags
        self.force_align = force_align
        self.nested = nested
        self.attributes = attributes or {}

    def __repr__(self) -> str:
        return f"Field({self.name!r}, {self.type!r}, id={self.id}, offset={self.offset})"


class Object:
    """A table, or a struct of ``size`` bytes at multiples of ``align``; for tables both are 0.

    ``fields``: ascending by id.
    """

    __slots__ = ("align", "attributes", "fields", "is_struct", "name", "size")

    def __init__(
        self,
        name: str,
        fields: Iterable[Field],
        *,
        is_struct: bool = False,
        align: int = 0,
        size: int = 0,
        attributes: Mapping[str, str] | None = None,
    ) -> None:
        self.name = name
        self.fields = tuple(fields)
        self.is_struct = is_struct
        self.align = align
        self.size = size
        self.attributes = attributes or {}

    def __repr__(self) -> str:
        return f"<{'struct' if self.is_struct else 'table'} {self.name}>"


class EnumValue:
    """A name and a number; of a union also the ``type`` of values: `OBJECT`, `STRING`, `NONE`."""

    __slots__ = ("name", "type", "value")

    def __init__(self, name: str, value: int, type: Type | None = None) -> None:
        self.name = name
        self.value = value
        self.type = type

    def __repr__(self) -> str:
        return f"EnumValue({self.name!r}, {self.value}, {self.type!r})"


class Enum:
    """An enum of numbers of ``base``, or a union (``base`` is `UTYPE`). ``values`` ascend.

    ``bit_flags``: the numbers are those of bits set, and may be combined.
    """

    __slots__ = ("attributes", "base", "bit_flags", "is_union", "name", "values")

    def __init__(
        self,
        name: str,
        base: int,
        values: Iterable[EnumValue],
        *,
        is_union: bool = False,
        bit_flags: bool = False,
        attributes: Mapping[str, str] | None = None,
    ) -> None:
        self.name = name
        self.base = base
        self.values = tuple(values)
        self.is_union = is_union
        self.bit_flags = bit_flags
        self.attributes = attributes or {}

    def __repr__(self) -> str:
        return f"<{'union' if self.is_union else 'enum'} {self.name}>"


class Declarations:
    """Everything a schema declares. ``root``: full name of the root table, or None; ``identifier``:
    four characters, or ``""``; ``extension``: of file names, without a dot."""

    __slots__ = ("enums", "extension", "identifier", "objects", "root")

    def __init__(
        self,
        objects: Iterable[Object],
        enums: Iterable[Enum],
        *,
        root: str | None = None,
        identifier: str = "",
        extension: str = "",
    ) -> None:
        self.objects = tuple(objects)
        self.enums = tuple(enums)
        self.root = root
        self.identifier = identifier
        self.extension = extension


def _values(of: Type) -> tuple[int, str | None, int, int]:
    return of.base, of.ref, of.element, of.length
