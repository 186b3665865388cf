"""Trees of columns made from plain Python rows, and what those rows are as columns.

A row is None or a dict of field -> value; an absent message or value is None, a repeated field a
list, a map a list of pairs, a timestamp or duration a pair of seconds and nanoseconds.
"""

from __future__ import annotations

import datetime as dt

import numpy as np
from column_trees import NUMBERS
from hypothesis import strategies as st

from tensorwire.columns.arrow import export
from tensorwire.columns.arrow.options import ArrowOptions
from tensorwire.columns.data import ListData, ScalarData, StructData
from tensorwire.columns.sources import Sources
from tensorwire.columns.types import NUMPY_NAMES, ListType, ScalarType, StructType

LABELS = ((0, "ZERO"), (1, "ONE"), (5, "A_NAME_OF_MORE_THAN_TWELVE"), (-3, "LESS"))
EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.timezone.utc)


class Table:
    """What `Columns` is to the export, with nothing but the methods of the interface."""

    def __init__(self, data, paths, sources, arrow=None):
        self.data = data
        self.paths = paths
        self.sources = sources
        self.arrow = arrow or ArrowOptions()

    def __arrow_c_schema__(self):
        return export.table_schema(self.data.type, self.paths, self.arrow)

    def __arrow_c_array__(self, requested_schema=None):
        return export.table_capsules(self, requested_schema)

    def __arrow_c_stream__(self, requested_schema=None):
        of = self.data.type, self.paths, self.arrow
        return export.stream_capsule([self], *of, requested_schema)


class Column:
    """One column of a table."""

    def __init__(self, table, path):
        self.table = table
        self.path = path

    def __arrow_c_schema__(self):
        return export.column_schema(self.table, self.path)

    def __arrow_c_array__(self, requested_schema=None):
        return export.column_capsules(self.table, self.path, requested_schema)


class Text:
    """Collects strings, and gives each its span. ``each``: a buffer of its own per string."""

    def __init__(self, each=False):
        self.each = each
        self.parts = [b"" if each else b"<junk>"]

    def add(self, value):
        start = sum(map(len, self.parts))
        self.parts += [value, b"-" * (len(value) % 3)]
        return start, len(value)

    def sources(self):
        parts = self.parts if self.each else [b"".join(self.parts)]
        return Sources(parts, np.cumsum([0, *map(len, parts)], dtype="<i8"))


def table_of(schema, rows, *, each=False, layout="flat", **options):
    """The table of these rows."""
    text = Text(each)
    data = struct_data(schema, rows, text)
    arrow = ArrowOptions(layout, **options)
    return Table(data, tuple(leaves(schema)), text.sources(), arrow)


def validity(values):
    valid = np.array([value is not None for value in values], bool)
    return None if valid.all() else valid


def data_of(node, values, text):
    if isinstance(node, StructType):
        return struct_data(node, values, text)
    if isinstance(node, ListType):
        lists = [value or [] for value in values]
        offsets = np.cumsum([0, *map(len, lists)], dtype="<i8")
        items = [item for one in lists for item in one]
        if node.is_map:
            items = [{"key": key, "value": value} for key, value in items]
        return ListData(node, offsets, data_of(node.item, items, text))
    if node.kind in ("string", "bytes"):
        values = [value.encode() if isinstance(value, str) else value for value in values]
        spans = [(0, 0) if value is None else text.add(value) for value in values]
        return ScalarData(node, np.array(spans, NUMPY_NAMES["bytes"]), validity(values))
    numbers = [0 if value is None else value for value in values]
    return ScalarData(node, np.array(numbers, NUMPY_NAMES[node.kind]), validity(values))


def struct_data(node, values, text):
    def of(value, field):
        if value is None:
            return None
        if node.special in ("timestamp", "duration"):
            return value[field.name == "nanos"]
        return value if node.special == "wrapper" else value[field.name]

    fields = [data_of(field, [of(v, field) for v in values], text) for field in node.fields]
    return StructData(node, len(values), tuple(fields), validity(values))


def leaves(node, above=""):
    for field in node.fields:
        item = field.item if isinstance(field, ListType) else field
        path = above + field.name
        if isinstance(item, StructType) and not item.special:
            yield from leaves(item, f"{path}.")
        else:
            yield path


def plain(node, value, options):
    """A value as Arrow's libraries give it in the nested layout."""
    if value is None:
        return None
    if isinstance(node, ListType):
        if node.is_map:
            key, item = node.item.fields
            return [(plain(key, k, options), plain(item, v, options)) for k, v in value]
        return [plain(node.item, item, options) for item in value]
    if isinstance(node, StructType):
        if node.special == "wrapper":
            return plain(node.fields[0], value, options)
        if node.special:
            span = dt.timedelta(seconds=value[0], microseconds=int(value[1] / 1000))
            return span if node.special == "duration" else EPOCH + span
        return {field.name: plain(field, value[field.name], options) for field in node.fields}
    return plain_scalar(node, value, options)


def plain_scalar(node, value, options):
    wide = node.labels and node.kind in ("uint32", "int64", "uint64")
    if (node.kind == "enum" or wide) and options.enums == "name":
        return dict(LABELS).get(value, str(value))
    if node.kind == "string" and not node.checked:
        return value.encode()
    if node.kind == "uint64" and options.unsigned == "signed" and value >= 2**63:
        return value - 2**64
    return value


def plain_flat(node, value, parts, options):
    """The value of a flat column in one row: what lies in something absent is absent."""
    if value is None:
        return None
    if not parts:
        return plain(node, value, options)
    index, field = next((i, f) for i, f in enumerate(node.fields) if f.name == parts[0])
    below = value[index] if isinstance(value, tuple) else value[field.name]
    if isinstance(field, ListType):
        return [plain_flat(field.item, item, parts[1:], options) for item in below]
    return plain_flat(field, below, parts[1:], options)


def expected(table, rows):
    """What ``to_pylist`` of a record batch gives."""
    schema, options = table.data.type, table.arrow
    if options.layout == "nested":
        none = {field.name: None for field in schema.fields}
        return [none if row is None else plain(schema, row, options) for row in rows]
    return [
        {path: plain_flat(schema, row, path.split("."), options) for path in table.paths}
        for row in rows
    ]


# Random types and rows of them.

KINDS = NUMBERS | {"enum": st.sampled_from([0, 1, 5, -3, 77, -(2**31), 2**31 - 1])}


def scalars(name):
    return st.builds(
        ScalarType,
        st.just(name),
        st.sampled_from(sorted(KINDS)),
        nullable=st.booleans(),
        labels=st.just(LABELS),
        checked=st.booleans(),
    )


def special(name, kind):
    seconds = ScalarType("seconds", "int64")
    return StructType(name, (seconds, ScalarType("nanos", "int32")), kind)


@st.composite
def fields(draw, name, depth):
    kinds = ["scalar", "list", "map", "timestamp", "duration", "wrapper"]
    kind = draw(st.sampled_from([*kinds, "struct", "structs"] if depth else kinds))
    if kind == "scalar":
        return draw(scalars(name))
    if kind in ("timestamp", "duration"):
        return special(name, kind)
    if kind == "wrapper":
        value = draw(scalars("value").filter(lambda scalar: scalar.kind != "enum"))
        return StructType(name, (ScalarType("value", value.kind, checked=value.checked),), kind)
    if kind == "list":
        item = draw(scalars(name))
        return ListType(name, ScalarType(name, item.kind, labels=LABELS, checked=item.checked))
    if kind == "map":
        key = ScalarType("key", draw(st.sampled_from(["string", "int64", "bool"])))
        value = draw(fields("value", 0).filter(lambda f: not isinstance(f, ListType)))
        return ListType(name, StructType(name, (key, value)), is_map=True)
    struct = draw(structs(name, depth - 1))
    return struct if kind == "struct" else ListType(name, struct)


def structs(name="", depth=2):
    return st.integers(1, 4).flatmap(
        lambda count: st.tuples(*[fields(f"f{i}", depth) for i in range(count)]).map(
            lambda made: StructType(name, made)
        )
    )


def values(node, absent=True):
    """``absent``: whether a message here may be missing; the items of a list are not."""
    if isinstance(node, ScalarType):
        return st.none() | KINDS[node.kind] if node.nullable else KINDS[node.kind]
    if isinstance(node, ListType):
        if node.is_map:
            key, value = node.item.fields
            pair = st.tuples(KINDS[key.kind], values(value))
            return st.lists(pair, max_size=3, unique_by=lambda pair: pair[0])
        return st.lists(values(node.item, absent=False), max_size=3)
    if node.special == "wrapper":
        made = KINDS[node.fields[0].kind]
    elif node.special:
        # Signs agree in a duration; nanoseconds of a timestamp count upwards.
        made = st.tuples(st.integers(0, 10**9), st.integers(0, 10**9 - 1))
        if node.special == "duration":
            made |= made.map(lambda pair: (-pair[0], -pair[1]))
        else:
            made |= made.map(lambda pair: (-pair[0], pair[1]))
    else:
        made = st.fixed_dictionaries({field.name: values(field) for field in node.fields})
    return st.none() | made if absent else made


@st.composite
def tables(draw, layout):
    """``(table, rows)``."""
    schema = draw(structs())
    rows = draw(st.lists(values(schema), max_size=6))
    options = {
        "strings": draw(st.sampled_from(["view", "string", "large_string"])),
        "unsigned": draw(st.sampled_from(["keep", "signed"])),
        "enums": draw(st.sampled_from(["int", "name"])),
        "lists": draw(st.sampled_from(["large_list", "list"])),
        "timestamps": "us",
    }
    return table_of(schema, rows, each=draw(st.booleans()), layout=layout, **options), rows


# A type with everything in it, and rows of it.

USER = StructType("user", (ScalarType("name", "string"), ScalarType("age", "uint32", True)))
ITEM = StructType(
    "items", (ScalarType("price", "float64"), ListType("tags", ScalarType("tags", "string")))
)
EVENT = StructType(
    "",
    (
        ScalarType("id", "int64", True),
        USER,
        ListType("items", ITEM),
        special("at", "timestamp"),
        ListType(
            "counts",
            StructType("counts", (ScalarType("key", "string"), ScalarType("value", "int32"))),
            is_map=True,
        ),
        ScalarType("kind", "enum", labels=LABELS),
    ),
)
LONG = "a string of more than twelve bytes"
ROWS = [
    {
        "id": 7,
        "user": {"name": "Ann", "age": None},
        "items": [{"price": 1.5, "tags": ["a", LONG]}, {"price": 2.5, "tags": []}],
        "at": (1, 500_000_000),
        "counts": [("x", 1), (LONG, 2)],
        "kind": 5,
    },
    None,
    {"id": None, "user": None, "items": [], "at": None, "counts": [], "kind": 99},
]
