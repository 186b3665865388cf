"""Random batches of records, decoded by us and by upstream, and made small where they differ."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import column_oracle
import column_schemas
import column_wire
from google.protobuf.message import DecodeError as TheirDecodeError

from proto import oracle
from tensorwire import LimitError, proto


@dataclass(frozen=True)
class Case:
    """A call of ``decode_batch`` whose result upstream knows. A row of None is a null row."""

    world: Any
    rows: list[bytes | None]
    paths: list[str] | None
    each: str | None = None
    options: dict[str, Any] = field(default_factory=dict)

    @property
    def absent(self) -> str:
        return self.options.get("absent", "null")

    def decode(self, rows: Any = None, **options: Any) -> Any:
        """Our columns; ``rows`` if they are given in another form."""
        options = {"each": self.each, "on_error": "null", **self.options, **options}
        records = self.rows if rows is None else rows
        return proto.decode_batch(records, self.world.theirs, self.paths, **options)

    def messages(self) -> list[Any]:
        """Upstream's, None also for a row that it refuses."""
        return [None if row is None else parsed(self.world.theirs, row) for row in self.rows]

    def __str__(self) -> str:
        lines = [repr(row and row.hex()) for row in self.rows]
        lines.append(f"paths={self.paths} each={self.each} options={self.options}")
        return "\n".join([*lines, str(self.world.file)])


def parsed(cls: Any, data: bytes) -> Any:
    """Upstream's message, or None if it refuses."""
    try:
        return cls.FromString(data)
    except TheirDecodeError:
        return None


# -- comparing -----------------------------------------------------------------------------------


def lists_of(columns: Any) -> dict[str, Any]:
    """What each column holds; `column_oracle.BEYOND` where that is a time that no one can count."""
    return {path: _listed(columns, path) for path in columns}


def _listed(columns: Any, path: str) -> Any:
    try:
        return columns[path].to_pylist()
    except LimitError:
        return column_oracle.BEYOND


def compare(case: Case, columns: Any, messages: Sequence[Any]) -> int:
    """Every column is what upstream's messages hold; the number of values that were compared."""
    found, kind = lists_of(columns), root_of(case)
    count = 0
    for path in found:
        try:
            want = column_oracle.expected(
                messages, case.world.descriptor, path, case.each, case.absent
            )
        except column_oracle.UnreadableError:
            continue
        maps = column_oracle.maps_of(kind, path)
        if found[path] == column_oracle.BEYOND:
            assert column_oracle.holds(want, column_oracle.BEYOND), path
            continue
        if found.keys() >= {f"{name}.key" for name, _ in maps}:
            got = column_oracle.in_order_of_keys(found, kind, path)
        else:
            got, want = (
                column_oracle.in_any_order(rows, [lists for _, lists in maps])
                for rows in (found[path], want)
            )
        same(path, got, want)
        count += len(want)
    return count


def same(path: str, got: list[Any], want: list[Any]) -> None:
    """Row by row, so that a difference is short."""
    assert len(got) == len(want), (path, len(got), len(want))
    for row, pair in enumerate(zip(got, want, strict=True)):
        ours, theirs = map(column_oracle.plain, pair)
        assert ours == theirs, (path, row, *pair)


def paths_expected(case: Case) -> list[str]:
    """The columns of a call, in order: leaves as they are, of messages every field once."""
    kind, found = root_of(case), []
    for path in [""] if case.paths is None else case.paths:
        above, place = [], kind
        for part in column_oracle.split(path):
            above.append(place.full_name)
            place = column_oracle.field_of(place, part).message_type
        if place is None or (path and column_oracle.is_special(place)):
            found.append(path)
        else:
            prefix = f"{path}." if path else ""
            depth = case.options.get("depth", 1) - 1
            found += column_oracle.leaf_paths(place, depth, prefix, tuple(above))
    return list(dict.fromkeys(found))


def root_of(case: Case) -> Any:
    """The type that paths begin at."""
    kind = case.world.descriptor
    for part in column_oracle.split(case.each) if case.each else ():
        kind = column_oracle.field_of(kind, part).message_type
    return kind


def check(case: Case) -> int:
    """The rows that upstream takes are equal; with ``verify="all"`` only they are taken."""
    messages = case.messages()
    refused = [i for i, row in enumerate(case.rows) if row is not None and messages[i] is None]
    columns = case.decode()
    names, wanted = list(columns), paths_expected(case)
    if any("[" in name for name in wanted):  # extensions come in the order of their declaration
        names, wanted = sorted(names), sorted(wanted)
    assert names == wanted, (names, wanted)
    bad = [error.row for error in columns.errors]
    if case.options.get("verify") == "all":
        assert bad == refused, (bad, refused)
    else:
        assert set(bad) <= set(refused), (bad, refused)
    if bad == refused:
        return compare(case, columns, messages)
    good = [row for i, row in enumerate(case.rows) if i not in refused]
    rest = replace(case, rows=good)
    return compare(rest, rest.decode(), rest.messages())


# -- random cases --------------------------------------------------------------------------------


def rows_of(rng: Any, world: Any, count: int) -> list[bytes | None]:
    """Records, a few of them null; all but a few are well-formed."""
    rows: list[bytes | None] = []
    odd = rng.choice((0, 0, 0.02, 0.1))
    size = rng.choice((2, 5, 8, 30))
    for _ in range(count):
        if rng.random() < 0.1:
            rows.append(None)
            continue
        generator = column_wire.ColumnGenerator(rng, odd)
        data = generator.message(world.descriptor, size, rng.choice((1, 2, 3)))
        rows.append(column_wire.changed(data, world.descriptor, rng))
    return rows


def paths_of(rng: Any, descriptor: Any) -> list[str] | None:
    """A few leaf paths, with the keys of the maps they go through; or None: all."""
    every = list(column_oracle.leaf_paths(descriptor, rng.choice((0, 1))))
    if not every or (len(every) < 80 and rng.random() < 0.2):
        return None
    chosen = rng.sample(every, min(len(every), rng.choice((1, 2, 4, 8, 20))))
    for path in list(chosen):  # what a time or wrapper is made of, beside it or alone
        if rng.random() < 0.5:
            chosen += [f"{path}.{name}" for name in inside(descriptor, path)]
    if rng.random() < 0.2:  # a message as a whole
        chosen = [".".join(column_oracle.split(path)[:-1]) or path for path in chosen]
    for path in list(chosen):
        if rng.random() < 0.7:
            chosen += [f"{name}.key" for name, _ in column_oracle.maps_of(descriptor, path)]
    return list(dict.fromkeys(chosen))


def inside(descriptor: Any, path: str) -> list[str]:
    """The fields of the special message at a path; of others none."""
    for part in column_oracle.split(path):
        field = column_oracle.field_of(descriptor, part)
        descriptor = field.message_type
    if descriptor is None or column_oracle.is_map(field):
        return []
    return [one.name for one in descriptor.fields]


def each_of(rng: Any, descriptor: Any) -> str | None:
    """A repeated message that is no map, at any depth to two."""
    found = []
    for first in column_oracle.fields_of(descriptor):
        kind = first.message_type
        if kind is None or column_oracle.is_map(first) or column_oracle.is_special(kind):
            continue
        name = column_oracle.part_of(first)
        found += [name] if first.is_repeated else []
        for second in column_oracle.fields_of(kind):
            inner = second.message_type
            if inner is None or column_oracle.is_map(second) or column_oracle.is_special(inner):
                continue
            if second.is_repeated:
                found.append(f"{name}.{column_oracle.part_of(second)}")
    return rng.choice(found) if found else None


def random_case(rng: Any, world: Any = None, count: int | None = None) -> Case:
    """Rows, paths and options of a random schema, or of the one given."""
    world = world or column_schemas.world(rng)
    rows = rows_of(rng, world, rng.choice((0, 1, 3, 12, 12, 50)) if count is None else count)
    each = each_of(rng, world.descriptor) if rng.random() < 0.25 else None
    case = Case(world, rows, None, each)
    options = {
        "verify": rng.choice(("visited", "all")),
        "absent": rng.choice(("null", "null", "default")),
    }
    twice = list(itertools.islice(column_oracle.leaf_paths(root_of(case), 1), 200))
    if len(twice) < 200 and rng.random() < 0.3:
        options["depth"] = 2
    return replace(case, paths=paths_of(rng, root_of(case)), options=options)


# -- making small --------------------------------------------------------------------------------


def fails(case: Case, test: Callable[[Case], Any]) -> bool:
    """Whether a test finds anything wrong with a case."""
    try:
        test(case)
    except Exception:  # noqa: BLE001  any failure is what is looked for
        return True
    return False


def reduced(case: Case, test: Callable[[Case], Any]) -> Case:
    """A smaller case that fails as well: fewer rows, paths and items."""
    while True:
        for smaller in _smaller(case):
            if fails(smaller, test):
                case = smaller
                break
        else:
            return case


def _smaller(case: Case) -> Iterator[Case]:
    for i in range(len(case.rows)):
        yield replace(case, rows=case.rows[:i] + case.rows[i + 1 :])
    for i in range(len(case.paths or ())):
        if len(case.paths or ()) > 1:
            yield replace(case, paths=case.paths[:i] + case.paths[i + 1 :])  # type: ignore[index]
    for key in case.options:
        yield replace(case, options={k: v for k, v in case.options.items() if k != key})
    for i, row in enumerate(case.rows):
        for shorter in _shorter(row, case.world.descriptor) if row else ():
            yield replace(case, rows=[*case.rows[:i], shorter, *case.rows[i + 1 :]])


def _shorter(row: bytes, descriptor: Any) -> Iterator[bytes]:
    """A record without one of its items, or written as short as can be."""
    writer = column_wire.Writer(None)
    try:
        items = column_wire.parse(row, descriptor)
    except oracle.Bad:
        for size in (len(row) // 2, 8, 1):
            for at in range(0, len(row), size or 1):
                if size:
                    yield row[:at] + row[at + size :]
        return
    if writer.items(items) != row:
        yield writer.items(items)
    yield from _without_one(items, items, writer)


def _without_one(root: Any, items: Any, writer: Any) -> Iterator[bytes]:
    for i, item in enumerate(items):
        del items[i]
        yield writer.items(root)
        items.insert(i, item)
        if isinstance(item.payload, list):
            if item.packed:
                for at in range(len(item.payload)):
                    value = item.payload.pop(at)
                    yield writer.items(root)
                    item.payload.insert(at, value)
            else:
                yield from _without_one(root, item.payload, writer)
