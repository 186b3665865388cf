"""What a tree of columns looks like, before any data is there.

The tree has the shape of Arrow's nested layout: scalars, structs, and lists around either. Nothing
in it depends on the format that the records are in.
"""

from __future__ import annotations

from dataclasses import dataclass, field

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

#: NumPy's name of the values of each kind; of strings and bytes they are spans (see `sources`).
NUMPY_NAMES = {
    "int8": "|i1",
    "int16": "<i2",
    "int32": "<i4",
    "int64": "<i8",
    "uint8": "|u1",
    "uint16": "<u2",
    "uint32": "<u4",
    "uint64": "<u8",
    "float32": "<f4",
    "float64": "<f8",
    "bool": "?",
    "enum": "<i4",
    "string": [("start", "<i8"), ("length", "<i8")],
    "bytes": [("start", "<i8"), ("length", "<i8")],
}


#: Kinds of the numbers of enums that "enum" has no room for.
WIDE = ("uint32", "int64", "uint64")


@dataclass(frozen=True, slots=True)
class ScalarType:
    """One value per row.

    ``kind`` is a key of `NUMPY_NAMES`; ``nullable`` says whether a value may be absent while what
    it lies in is there; ``default`` is what the schema reads an absent one as; ``labels`` the
    names of an enum by number, the first name of each; ``checked`` whether the bytes of a string
    are known to be UTF-8.
    """

    name: str
    kind: str
    nullable: bool = False
    default: Any = None
    labels: tuple[tuple[int, str], ...] = ()
    checked: bool = True

    @property
    def has_names(self) -> bool:
        """Whether the values are numbers of an enum, which has names for them. Those of enums that
        go beyond int32 are of another kind than "enum"."""
        return self.kind == "enum" or (bool(self.labels) and self.kind in WIDE)


@dataclass(frozen=True, slots=True)
class StructType:
    """A message in place: one per row, or none where it is absent.

    ``special``: ``"timestamp"``, ``"duration"`` (both with fields ``seconds`` and ``nanos``) or
    ``"wrapper"`` (one field ``value``) for what Arrow has types of its own for; else ``""``.
    """

    name: str
    fields: tuple[ScalarType | StructType | ListType, ...]
    special: str = ""


@dataclass(frozen=True, slots=True)
class ListType:
    """Any number of items per row. ``is_map``: the items are structs of ``key`` and ``value``."""

    name: str
    item: ScalarType | StructType
    is_map: bool = field(default=False)


AnyType = ScalarType | StructType | ListType
