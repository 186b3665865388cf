"""Columns beside a message type: which field each is for, and whether it can be.

Makes the tuples that `tensorwire._core.batch_encode.BatchEncoder` takes.
"""

from __future__ import annotations

from dataclasses import dataclass

from tensorwire._core.batch_encode import Space, labels_of, message_of
from tensorwire._core.plan import KINDS, MAP, MAP_ENTRY, REPEATED, REQUIRED
from tensorwire.columns.paths import split, unknown_name
from tensorwire.columns.sources import Sources
from tensorwire.errors import LimitError
from tensorwire.limits import DEFAULT
from tensorwire.proto.batch.nodes import Items, Node, Struct, Values
from tensorwire.proto.batch.places import Place
from tensorwire.proto.batch.values import (
    EXACT,
    NAMES,
    SPAN,
    TEXTS,
    exact,
    is_spans,
    numbers_of_labels,
    special,
)

TYPE_CHECKING = False  # see errors.py
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    import numpy as np

    from tensorwire._core.parse import MessageType

    Array = np.ndarray[Any, Any]
    Parts = tuple[str, ...]
    Spec = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Entry:
    """A column on its way down: what is left of its path, and the whole path for errors."""

    rest: Parts
    node: Node
    path: str


class FieldOf:
    """A field or extension of a type, as plans list it."""

    __slots__ = ("flags", "kind", "name", "number", "owner", "type_name")

    def __init__(self, owner: MessageType, spec: tuple[Any, ...], is_extension: bool) -> None:
        self.owner = owner
        self.number: int = spec[0]
        self.name: str = f"[{spec[1]}]" if is_extension else spec[1]
        self.kind: int = spec[2]
        self.flags: int = spec[3]
        self.type_name: str = spec[4]

    @property
    def repeated(self) -> bool:
        return bool(self.flags & (REPEATED | MAP))

    def message(self) -> MessageType | None:
        return message_of(self.owner, self.number)


def fields_of(owner: MessageType) -> dict[str, FieldOf]:
    """The fields and known extensions of a type; the latter's names are in brackets."""
    plain = owner.plans.messages[owner.index][1]
    more = owner.plans.extensions(owner.index)
    found = [FieldOf(owner, spec, False) for spec in plain]
    found += [FieldOf(owner, spec, True) for spec in more]
    return {field.name: field for field in found}


def field_named(owner: MessageType, name: str, path: str) -> FieldOf:
    """The field of that name. Raises: ``PathError`` that lists near names."""
    known = fields_of(owner)
    if name not in known and name.startswith("["):
        _learn_extension(owner, name[1:-1])
        known = fields_of(owner)
    if name not in known:
        raise unknown_name(path, name, known)
    return known[name]


def _learn_extension(owner: MessageType, name: str) -> None:
    """Upstream's pools may have been given an extension after our class was made."""
    from tensorwire.proto.upstream import learn_extension

    pool = owner.plans.class_of(owner.index).DESCRIPTOR.file.pool
    if hasattr(pool, "files"):  # one of ours, which knows all
        return
    try:
        learn_extension(pool.FindExtensionByName(name))
    except KeyError:
        return


class Matcher:
    """Lays columns beside the fields of a message type and what it holds."""

    def __init__(self, partial: bool) -> None:
        self.partial = partial
        self._spaces: dict[int, tuple[Space, Sources]] = {}

    def fields(
        self,
        owner: MessageType,
        entries: Iterable[Entry],
        rows: int,
        place: Place,
        wanted: tuple[Parts, ...] | None = None,
        depth: int = 0,
    ) -> tuple[Spec, ...]:
        """What is written for a message of type ``owner`` in each of ``rows``."""
        if depth > DEFAULT.depth:
            raise LimitError(f"columns nest deeper than {DEFAULT.depth} levels", path=place.path)
        groups: dict[str, list[Entry]] = {}
        for entry in entries:
            groups.setdefault(entry.rest[0], []).append(
                Entry(entry.rest[1:], entry.node, entry.path)
            )
        specs = []
        for name, below in _chosen(groups, wanted).items():
            field = field_named(owner, name, groups[name][0].path)
            specs.append(self._field(field, groups[name], rows, place, below, depth))
        return (*specs, *self._missing(owner, {spec[0] for spec in specs}, rows, place))

    def _missing(
        self, owner: MessageType, given: set[int], rows: int, place: Place
    ) -> Iterable[Spec]:
        """Fields that must be written, and that no column is there for."""
        is_entry = owner.plans.messages[owner.index][3] & MAP_ENTRY
        for field in fields_of(owner).values():
            needed = is_entry or (field.flags & REQUIRED and not self.partial)
            if needed and field.number not in given:
                yield (field.number, None, rows, None, None, None, None, Place(field.name, place))

    def _field(
        self,
        field: FieldOf,
        group: list[Entry],
        rows: int,
        parent: Place,
        wanted: tuple[Parts, ...] | None,
        depth: int,
    ) -> Spec:
        group = _fitted(group, field, field.repeated)
        whole = [entry for entry in group if not entry.rest]
        if whole and len(group) > 1:
            first, second = (entry.path for entry in group[:2])
            raise ValueError(f"columns {first!r} and {second!r} are for the same field")
        offsets: Array | None = None
        if field.repeated:
            offsets, group = _lists(field, group)
            group = _fitted(group, field, False)
        items = group[0].node.rows if field.repeated else rows
        for entry in group:
            if entry.node.rows != items:
                raise ValueError(
                    f"column {entry.path!r} has {entry.node.rows} rows, and "
                    f"{_other(group, parent)} {items}"
                )
        place = Place(field.name, parent, offsets)
        child = field.message()
        if child is None:
            values, valid, space = self._scalar(field, group[0], place)
            return (field.number, offsets, items, values, valid, None, space, place)
        valid, entries = _message(field, group, place)
        below = self.fields(child, entries, items, place, wanted, depth + 1)
        return (field.number, offsets, items, None, _bools(valid), below, None, place)

    def _scalar(self, field: FieldOf, entry: Entry, place: Place) -> tuple[Any, Any, Space | None]:
        """Values, validity, and the space of spans."""
        if entry.rest:
            raise unknown_name(entry.path, entry.rest[0], ())
        node = entry.node
        if isinstance(node, Items):
            raise TypeError(f"{entry.path}: a list for each row, and the field is not repeated")
        if not isinstance(node, Values):
            raise TypeError(f"{entry.path}: a struct for a field of type {NAMES[field.kind]}")
        place.node = node
        place.about = field.type_name
        if field.kind in TEXTS:
            return self._texts(field, node, place)
        if field.kind == KINDS["enum"] and is_spans(node.values):
            node = numbers_of_labels(node, labels_of(field.owner, field.number), place)
        return exact(node, field.kind, place), _bools(node.valid), None

    def _texts(self, field: FieldOf, node: Values, place: Place) -> tuple[Any, Any, Space]:
        import numpy as np

        sources = node.sources
        if not is_spans(node.values) or sources is None:
            what = f"{node.values.dtype} values"
            raise TypeError(f"{place.path}: a {NAMES[field.kind]} field cannot hold {what}")
        if id(sources) not in self._spaces:
            starts = np.ascontiguousarray(sources.starts, dtype=np.int64)
            self._spaces[id(sources)] = Space(tuple(sources.buffers), starts), sources
        return np.ascontiguousarray(node.values), _bools(node.valid), self._spaces[id(sources)][0]


def _chosen(
    groups: dict[str, list[Entry]], wanted: tuple[Parts, ...] | None
) -> dict[str, tuple[Parts, ...] | None]:
    """The names whose fields are written; with each, the paths below it, None for all."""
    if wanted is None:
        return dict.fromkeys(groups)
    chosen: dict[str, tuple[Parts, ...] | None] = {}
    for path in wanted:
        name = path[0]
        if name not in groups:
            raise unknown_name(".".join(path), name, groups)
        before = chosen.get(name, ())
        chosen[name] = None if before is None or not path[1:] else (*before, path[1:])
    return chosen


def _fitted(group: list[Entry], field: FieldOf, in_lists: bool) -> list[Entry]:
    """The columns; those of nothing but nulls have the field's own type, as whoever tells types by
    values gives them any. ``in_lists``: they are to be lists of values of the field."""
    return [
        Entry(entry.rest, _absent(entry, field, in_lists), entry.path)
        if isinstance(entry.node, Values) and not _has_values(entry.node)
        else entry
        for entry in group
    ]


def _has_values(node: Values) -> bool:
    return node.rows > 0 and (node.valid is None or bool(node.valid.any()))


def _absent(entry: Entry, field: FieldOf, in_lists: bool) -> Node:
    import numpy as np

    rows, absent = entry.node.rows, np.zeros(entry.node.rows, dtype=bool)
    if in_lists:
        return Items(np.zeros(rows + 1, np.int64), Values(np.zeros(0, np.int32)), absent)
    if entry.rest:  # what is below decides
        return Values(np.zeros(rows, np.int32), absent)
    if field.message() is not None:
        return Struct((), rows, absent)
    if field.kind in TEXTS:
        return Values(np.zeros(rows, SPAN), absent, Sources.of([]))
    return Values(np.zeros(rows, EXACT[field.kind]), absent)


def _lists(field: FieldOf, group: list[Entry]) -> tuple[Array, list[Entry]]:
    """The offsets that all columns of a repeated field have, and their items."""
    import numpy as np

    items = []
    offsets: Array | None = None
    for entry in group:
        node = entry.node
        if not isinstance(node, Items):
            raise TypeError(
                f"{entry.path}: {field.name} is repeated, so that this needs a list for each row, "
                "such as (values, offsets)"
            )
        if offsets is None:
            offsets = np.ascontiguousarray(node.offsets, dtype=np.int64)
        elif not np.array_equal(offsets, node.offsets):
            raise ValueError(
                f"columns {group[0].path!r} and {entry.path!r} lie in the same lists, "
                f"those of {field.name!r}, and their offsets differ"
            )
        items.append(Entry(entry.rest, node.item, entry.path))
    if offsets is None:
        raise ValueError(f"no column for {field.name}")
    return offsets, items


def _message(field: FieldOf, group: list[Entry], place: Place) -> tuple[Array | None, list[Entry]]:
    """In which rows there is a message, and the columns of its fields."""
    if group[0].rest:
        if field.repeated:
            return None, group
        return _any_present([entry.node for entry in group]), group
    node = group[0].node
    if isinstance(node, Values):
        node = special(node, field.type_name, place)
    if not isinstance(node, Struct):
        raise TypeError(f"{group[0].path}: a list for each row, and the field is not repeated")
    path = group[0].path
    fields = node.fields
    if field.flags & MAP and len(fields) == 2 and {name for name, _ in fields} != {"key", "value"}:
        fields = (("key", fields[0][1]), ("value", fields[1][1]))
    return node.valid, entries_of(fields, path)


def entries_of(fields: Iterable[tuple[str, Node]], path: str = "") -> list[Entry]:
    """The fields of a struct, whose names may be dotted paths."""
    prefix = f"{path}." if path else ""
    return [Entry(split(name), node, prefix + name) for name, node in fields]


def _any_present(nodes: list[Node]) -> Array | None:
    found: Array | None = None
    for node in nodes:
        here = node.valid
        if here is None:
            return None
        found = here if found is None else found | here
    return found


def _other(group: list[Entry], parent: Place) -> str:
    """What a column's length is compared with, in words."""
    if len(group) > 1:
        return f"column {group[0].path!r} has"
    return f"those of {parent.path!r} have" if parent.path else "the others have"


def _bools(valid: Array | None) -> Array | None:
    import numpy as np

    if valid is None or valid.all():
        return None
    return np.ascontiguousarray(valid, dtype=bool)
