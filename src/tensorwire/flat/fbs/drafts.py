"""What is declared so far, while types may be used before they are declared."""

from __future__ import annotations

from tensorwire.flat.declarations import ARRAY, NONE, OBJECT, VECTOR, VECTOR64, WIDTHS, Type

TYPE_CHECKING = False  # see errors.py
if TYPE_CHECKING:
    from collections.abc import Callable

    from tensorwire.errors import SchemaError
    from tensorwire.flat.declarations import Number, Object


class ObjectDraft:
    """A table or struct. ``declared``: whether its declaration was met, or only its name.

    ``name``: as used first until then, afterwards the full one. ``placed``: of a struct whose
    declaration is over, its size and places.
    """

    __slots__ = ("attributes", "declared", "fields", "is_struct", "name", "placed", "undeclared")

    def __init__(self, name: str, undeclared: Callable[[str], SchemaError] | None) -> None:
        self.name = name
        self.undeclared = undeclared  # makes what to raise where none follows
        self.declared = False
        self.is_struct = False
        self.fields: list[FieldDraft] = []
        self.attributes: dict[str, str] = {}
        self.placed: Object | None = None


class EnumDraft:
    """An enum or union: ``values`` and ``kinds`` of union members by their names."""

    __slots__ = ("attributes", "base", "is_union", "kinds", "name", "numbers", "values")

    def __init__(self, name: str, base: int, is_union: bool) -> None:
        self.name = name
        self.base = base
        self.is_union = is_union
        self.values: dict[str, int] = {}
        self.kinds: dict[str, Kind] = {}
        self.numbers: frozenset[int] = frozenset()
        self.attributes: dict[str, str] = {}


class Kind:
    """A `Type` on its way: ``named`` is the draft that it refers to."""

    __slots__ = ("base", "element", "length", "named")

    def __init__(
        self,
        base: int,
        named: ObjectDraft | EnumDraft | None = None,
        element: int = NONE,
        length: int = 0,
    ) -> None:
        self.base = base
        self.named = named
        self.element = element
        self.length = length

    @property
    def is_vector(self) -> bool:
        return self.base in (VECTOR, VECTOR64)

    @property
    def is_scalar(self) -> bool:
        return WIDTHS[self.base] > 0

    @property
    def is_struct(self) -> bool:
        """Whether it is a struct whose declaration has at least begun."""
        return self.base == OBJECT and isinstance(self.named, ObjectDraft) and self.named.is_struct

    @property
    def enum(self) -> EnumDraft | None:
        return self.named if isinstance(self.named, EnumDraft) else None

    @property
    def item(self) -> Kind:
        """Of a vector or an array: the kind of one element; else itself."""
        return Kind(self.element, self.named) if self.is_vector or self.base == ARRAY else self

    def resolved(self) -> Type:
        """The type, once every name is a full one."""
        ref = None if self.named is None else self.named.name
        return Type(self.base, ref, element=self.element, length=self.length)


class FieldDraft:
    """A field as it is written. ``default``: None for ``null``; ``has_default``: a string or vector
    that is never absent; ``at``: of its name in the text; ``nested``: see `Field.nested`."""

    __slots__ = (
        "at", "attributes", "default", "has_default", "id", "kind", "name", "nested", "required",
    )  # fmt: skip

    def __init__(self, name: str, kind: Kind, at: int) -> None:
        self.name = name
        self.kind = kind
        self.at = at
        self.id = 0
        self.default: Number | None = 0
        self.has_default = False
        self.required = False
        self.attributes: dict[str, str] = {}
        self.nested: ObjectDraft | None = None
