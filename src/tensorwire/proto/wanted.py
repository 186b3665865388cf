"""Paths into a message type: which fields they name, and the tree of columns that comes of them."""

from __future__ import annotations

from tensorwire._core.plan import KINDS, MAP, PRESENCE, REPEATED, REQUIRED, UTF8
from tensorwire._core.type_fields import fields_of
from tensorwire.columns.paths import PathError, split
from tensorwire.columns.place import Place
from tensorwire.columns.types import ListType, ScalarType, StructType
from tensorwire.columns.wanted_paths import wanted_leaves
from tensorwire.limits import DEFAULT

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import Any

    from tensorwire._core.parse import MessageType
    from tensorwire._core.plan import PlanSet
    from tensorwire.columns.types import AnyType

__all__ = ["Wanted", "wanted"]

EXTENSION = 128  # plan.h, FIELD_EXTENSION

SCALARS = {
    KINDS[name]: kind
    for kind, names in {
        "int32": ("int32", "sint32", "sfixed32"),
        "int64": ("int64", "sint64", "sfixed64"),
        "uint32": ("uint32", "fixed32"),
        "uint64": ("uint64", "fixed64"),
        "float32": ("float",),
        "float64": ("double",),
        "bool": ("bool",),
        "enum": ("enum",),
        "string": ("string",),
        "bytes": ("bytes",),
    }.items()
    for name in names
}

#: Messages that are one value each, and the fields that it is made of.
SPECIAL = {
    "google.protobuf.Timestamp": ("timestamp", ("seconds", "nanos")),
    "google.protobuf.Duration": ("duration", ("seconds", "nanos")),
    **{
        f"google.protobuf.{name}Value": ("wrapper", ("value",))
        for name in (
            *("Double", "Float", "Int64", "UInt64", "Int32", "UInt32"),
            *("Bool", "String", "Bytes"),
        )
    },
}


class Wanted(Place):
    """A field that is asked for, or the record itself."""

    __slots__ = ("field", "special")

    WITH_FIELDS = "message"
    target: tuple[PlanSet, int] | None

    def __init__(self, name: str, field: tuple[Any, ...] | None, target: Any) -> None:
        super().__init__(name, target)
        self.field = field
        self.special = ""

    @property
    def is_repeated(self) -> bool:
        return self.field is not None and bool(self.field[3] & REPEATED)

    @property
    def number(self) -> int:
        return 0 if self.field is None else int(self.field[0])

    def fields_of(self, target: tuple[PlanSet, int]) -> dict[str, tuple[Any, ...]]:
        return fields_by_name(target)

    def place_of(self, name: str, field: tuple[Any, ...]) -> Wanted:
        return Wanted(name, field, field[4])

    def unknown(self, name: str, path: str) -> PathError:
        members = _oneof_members(self.target, name) if self.target is not None else ""
        if members:
            return PathError(f"path {path!r}: {name!r} is a oneof; its fields are {members}")
        return super().unknown(name, path)

    def nodes(self) -> tuple[tuple[int, int, bool], ...]:
        """What `Projection` takes; numbers the nodes."""
        found: list[tuple[int, int, bool]] = []
        pending = [(self, -1)]
        for parent, place in pending:
            for one in parent.below.values():
                one.node = len(found)
                found.append((place, one.number, False))
                pending.append((one, one.node))
        return tuple(found)

    def type(self, check_texts: bool = False) -> AnyType:
        """The tree's type from here on, the list around a repeated field included."""
        item = self.item_type(check_texts)
        if not self.is_repeated:
            return item
        is_map = bool(self.field and self.field[3] & MAP and len(self.below) == 2)
        return ListType(self.name, item, is_map)

    def item_type(self, check_texts: bool = False) -> ScalarType | StructType:
        """The same without the list. ``check_texts``: all strings will be checked."""
        if self.target is not None:
            return self.struct_type(check_texts)
        return self._scalar(check_texts)

    def struct_type(self, check_texts: bool) -> StructType:
        """The same of a message."""
        fields = tuple([one.type(check_texts) for one in self.below.values()])
        return StructType(self.name, fields, self.special)

    def _scalar(self, check_texts: bool) -> ScalarType:
        assert self.field is not None  # noqa: S101  only the record has none, and it is no scalar
        _, _, kind, flags, _, labels, default = self.field
        names = {number: label for label, number in reversed((labels or {}).items())}
        if default is None and labels:
            default = next(iter(labels.values()))
        return ScalarType(
            name=self.name,
            kind=SCALARS[kind],
            nullable=bool(flags & (PRESENCE | REQUIRED)) and not flags & REPEATED,
            default=default,
            labels=tuple(sorted(names.items())),
            checked=check_texts or kind != KINDS["string"] or bool(flags & UTF8),
        )


def wanted(
    kind: MessageType, paths: Sequence[str] | None, each: str | None, depth: int
) -> tuple[Wanted, Wanted, tuple[str, ...]]:
    """The record, what has the rows (the record, or the items of ``each``), and the full paths of
    the columns below that.

    Raises: ``PathError`` for a path that leads nowhere, with near names.
    """
    root = Wanted("", None, (kind.plans, kind.index))
    row = root if each is None else _each(root, each)
    return root, row, wanted_leaves(row, paths, depth, _whole)


def fields_by_name(target: tuple[PlanSet, int]) -> dict[str, tuple[Any, ...]]:
    """The fields of a type; extensions by their full names in brackets."""
    return {
        f"[{field[1]}]" if field[3] & EXTENSION else field[1]: field for field in fields_of(*target)
    }


def _each(root: Wanted, path: str) -> Wanted:
    place = root.follow(split(path))
    if not place.is_repeated or place.target is None:
        raise PathError(f"each={path!r} must name a repeated message field")
    return place


def _oneof_members(target: tuple[PlanSet, int], name: str) -> str:
    """The fields of the oneof of that name; "" if there is none."""
    plans, index = target
    oneofs = plans.class_of(index).DESCRIPTOR.oneofs_by_name
    members = [field.name for field in oneofs[name].fields] if name in oneofs else []
    return ", ".join(map(repr, members))


def _whole(
    place: Wanted, parts: tuple[str, ...], depth: int, types: list[Any]
) -> Iterator[tuple[str, ...] | None]:
    """The leaves of a field that is asked for as a whole; each is asked for then. And None for each
    message on the way, so that those count that have no leaves: they can be as many as 2**depth.

    A type may occur ``depth`` times on the way from the record, and is left out below.
    """
    if place.target is None:
        yield parts
        return
    plans, index = place.target
    kind, names = SPECIAL.get(plans.messages[index][0], ("", ()))
    if kind and parts:
        place.special = kind
        for name in names:
            place.add(name)
        yield parts
        return
    yield None
    for name, field in place.fields().items():
        target = field[4]
        if target is not None and types.count(target) >= depth:
            continue
        if len(types) > DEFAULT.depth + 1:
            continue
        below = place.add(name)
        if below is not None:
            yield from _whole(below, (*parts, name), depth, [*types, target])
