"""Schema.build(): what each kind of field takes, and what it says about anything else."""

from __future__ import annotations

import array
import tracemalloc
from typing import NamedTuple

import numpy as np
import pytest

from tensorwire import flat
from tensorwire.errors import EncodeError, LimitError
from tensorwire.limits import Limits

TEXT = """
namespace game;
enum Color : ubyte { Red = 1, Green, None = 7 }
enum Bits : ushort (bit_flags) { A, B, C }
enum Huge : ulong { Last = 18446744073709551615 }
struct Point { x: float; y: double; z: [short: 2]; }
struct Pair { key: int (key); value: short; }
table Item { name: string (key); count: int; type: int; }
table Other { type: string; }
table Rank { number: double (key); label: string; }
union Any { Item, Other, Point, Text: string }
table World {
  color: Color = Red; bits: Bits; huge: Huge = Last; small: byte; flag: bool; real: float;
  maybe: int = null; name: string; point: Point; points: [Point]; pairs: [Pair]; names: [string];
  item: Item; items: [Item]; ranks: [Rank]; any: Any; anys: [Any];
  bytes: [ubyte]; signed: [byte]; shorts: [short]; longs: [long]; flags: [bool]; colors: [Color];
  reals: [float]; doubles: [double]; blob: [ubyte] (force_align: 16);
  inner: [ubyte] (nested_flatbuffer: "World"); old: int (deprecated); in: int;
}
root_type World; file_identifier "WRLD";
"""


@pytest.fixture(scope="module")
def schema():
    return flat.Schema.from_fbs_text(TEXT)


def read(schema, **value):
    """What is read of the only field that was given."""
    root = schema.root(schema.build(value), strict=True)
    return getattr(root, next(iter(value)))


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("color", "Green", 2), ("color", 2, 2), ("color", "None", 7), ("color", "None_", 7),
        ("color", np.uint8(2), 2), ("color", 77, 77), ("bits", "A|C", 5), ("bits", "A C", 5),
        ("bits", 6, 6), ("bits", "A|64", 65), ("huge", 2**64 - 2, 2**64 - 2),
        ("small", -128, -128), ("small", True, 1), ("small", np.int64(-3), -3),
        ("flag", True, True), ("flag", np.bool_(True), True), ("flag", 1, True),
        ("real", 1, 1.0), ("real", 0.5, 0.5), ("real", np.float32(0.25), 0.25),
        ("real", 1e-50, 0.0), ("real", float("inf"), float("inf")), ("real", 2**70, 2.0**70),
        ("maybe", 0, 0), ("maybe", None, None), ("name", "", ""), ("name", "é", "é"),
        ("name", b"ab", "ab"), ("name", bytearray(b"ab"), "ab"), ("name", "a\x00b", "a\x00b"),
        ("names", ["a", b"b", ""], ["a", "b", ""]),
        ("names", ("a",), ["a"]), ("names", (text for text in "ab"), ["a", "b"]), ("names", [], []),
    ],
)  # fmt: skip
def test_values(schema, name, value, expected):
    found = read(schema, **{name: value})
    assert (list(found) if isinstance(expected, list) else found) == expected


SEVEN = [1, 0, 1, 1, 0, 0, 1]


NUMBERS = ["bytes", "signed", "shorts", "longs", "flags", "reals", "doubles"]


@pytest.mark.parametrize("name", NUMBERS)
@pytest.mark.parametrize(
    "make",
    [
        list, tuple, iter, np.array, bytes, bytearray, memoryview,
        lambda v: np.array(v, bool), lambda v: np.array(v, "u1"), lambda v: np.array(v, ">i2"),
        lambda v: np.array(v, "u8"), lambda v: np.repeat(np.array(v, "i4"), 2)[::2],
        lambda v: np.array(v, "f2"), lambda v: np.array(v, "f8"), lambda v: np.array(v, object),
        lambda v: array.array("b", v), lambda v: array.array("l", v), lambda v: array.array("d", v),
        lambda v: memoryview(array.array("h", v)), lambda v: np.array(v)[::-1][::-1],
    ],
)  # fmt: skip
def test_vectors_of_numbers(schema, name, make):
    given = make(bytes(SEVEN)) if make is memoryview else make(SEVEN)
    whole = name not in ("reals", "doubles")
    form = getattr(given, "dtype", None)
    raw = isinstance(given, (bytes, bytearray)) and name not in ("bytes", "signed")
    real = getattr(form, "kind", "") == "f" or getattr(given, "typecode", "") == "d"
    if raw or (whole and real):
        with pytest.raises(EncodeError, match=name):
            schema.build({name: given})
        return
    assert read(schema, **{name: given}).tolist() == SEVEN


def test_bytes_of_signed_numbers_are_taken_as_they_are(schema):
    assert read(schema, signed=b"\xff\x01").tolist() == [-1, 1]
    assert read(schema, colors=["Red", 2]).tolist() == [1, 2]
    assert read(schema, colors=np.array(["Red", "Green"])).tolist() == [1, 2]


class Tuple(NamedTuple):
    x: float
    y: float
    z: list[int]


POINT = {"x": 1.0, "y": 2.0, "z": [3, 4]}


@pytest.mark.parametrize(
    "value", [POINT, (1, 2, (3, 4)), [1, 2, np.array([3, 4])], Tuple(1, 2, [3, 4])]
)
def test_structs(schema, value):
    found = read(schema, point=value)
    assert flat.to_dict(found, arrays=False) == POINT
    assert read(schema, point=found).y == 2.0
    for given in ([value, value], (value, found)):
        assert read(schema, points=given)["z"].tolist() == [[3, 4], [3, 4]]


def test_structured_arrays(schema):
    """What lies between their fields does not come along."""
    form = read(schema, points=[POINT]).dtype
    junk = np.frombuffer(b"\xaa" * (3 * form.itemsize), form).copy()
    junk["x"], junk["y"], junk["z"] = 1, 2, (3, 4)
    clean = schema.build({"points": [POINT] * 3})
    assert schema.build({"points": junk}) == clean
    assert schema.build({"points": np.repeat(junk, 2)[::2]}) == clean
    assert schema.build({"points": list(junk)}) == clean
    packed = np.zeros(3, [("y", "f4"), ("x", "f8"), ("z", "i4", 2)])
    packed["x"], packed["y"], packed["z"] = 1, 2, (3, 4)
    assert schema.build({"points": packed}) == clean


def test_unions(schema):
    item = {"name": "n", "count": 2}
    wanted = schema.build({"any_type": "Item", "any": item})
    view = schema.root(wanted).any
    assert schema.build({"any": {"type": "Item", **item}}) == wanted
    assert schema.build({"any_type": 1, "any": item}) == wanted
    assert schema.build({"any": view}) == wanted
    assert schema.root(schema.build({"any_type": "Other", "any": {"type": "t"}})).any.type == "t"
    assert read(schema, any_type="Text", any="abc") is not None
    assert schema.root(schema.build({"any_type": "Text", "any": "abc"})).any == "abc"
    assert schema.root(schema.build({"any_type": "Point", "any": POINT})).any.y == 2.0
    assert schema.root(schema.build({"any_type": "NONE"})).any is None
    mixed = [{"type": "Item", "name": "a"}, view]
    assert [one.name for one in schema.root(schema.build({"anys": mixed})).anys] == ["a", "n"]
    root = schema.root(schema.build({"anys": ["t", POINT, None], "anys_type": ["Text", 3, 0]}))
    assert root.anys[0] == "t" and root.anys[1].x == 1.0 and root.anys[2] is None


def test_a_view_of_another_schema_with_the_same_names(schema):
    other = flat.Schema.from_fbs_text(TEXT)
    data = schema.build({"any_type": "Item", "any": {"name": "n"}, "color": "Green", "bits": 3})
    assert schema.build(other.root(data)) == data


def test_sorted_by_key(schema):
    names = ["b", "é", "a", "B", "ab", ""]
    value = {
        "items": [{"name": name} for name in names],
        "ranks": [{"number": n} for n in (3, -1.5, 0, 7)],
        "pairs": [(3, 0), (-3, 1), (1, 2)],
    }
    root = schema.root(schema.build(value, sort_keys=True))
    assert [one.name for one in root.items] == sorted(names, key=str.encode)
    assert [one.number for one in root.ranks] == [-1.5, 0, 3, 7]
    assert root.pairs["key"].tolist() == [-3, 1, 3]
    assert all(root.items.lookup(name).name == name for name in names)
    plain = schema.root(schema.build(value))
    assert [one.name for one in plain.items] == names
    assert plain.pairs["key"].tolist() == [3, -3, 1]
    array = np.array([(3, 0), (1, 2)], plain.pairs.dtype)
    assert read(schema, pairs=array)["key"].tolist() == [3, 1]
    again = schema.root(schema.build({"pairs": array}, sort_keys=True))
    assert again.pairs["key"].tolist() == [1, 3]


def test_names_that_python_has_words_for(schema):
    assert schema.root(schema.build({"in": 5})).in_ == 5

    class Named:
        in_ = 6

    assert schema.root(schema.build(Named())).in_ == 6
    assert schema.build(schema.root(schema.build({"in": 5}))) == schema.build({"in": 5})


def test_strings_that_are_no_utf8(schema):
    data = schema.build({"name": b"a\xff"})
    assert schema.root(data).name == "a\udcff"
    assert schema.build(schema.root(data)) == data


def test_shared_strings(schema):
    value = {"names": ["word" * 10] * 50}
    assert len(schema.build(value, share_strings=True)) < 300 < len(schema.build(value))
    assert list(schema.root(schema.build(value, share_strings=True)).names) == value["names"]


def test_force_align(schema):
    for count in range(40):
        data = schema.build({"name": "x" * count, "blob": b"abc"})
        assert data.index(b"abc") % 16 == 0 and len(data) % 16 == 0
        assert schema.build({"name": "x" * count, "blob": np.arange(3, dtype="u1")})


def test_nested_buffers(schema):
    inner = {"name": "inside", "doubles": [1.0]}
    built = schema.build({"inner": inner})
    root = schema.root(built)
    assert flat.nested(root, "inner").name == "inside"
    alone = schema.build(inner, identifier=False)
    assert root.inner.tobytes() == alone and built.index(alone) % 8 == 0
    assert schema.build({"inner": flat.nested(root, "inner")}) == built
    assert schema.root(schema.build({"inner": alone})).inner.tobytes() == alone


def test_size_prefix_and_identifier(schema):
    assert schema.build({})[4:8] == b"WRLD"
    other = schema.build({"type": "t"}, "game.Other")
    assert b"WRLD" not in other and schema.root(other, "game.Other").type == "t"
    data = schema.build({"huge": 1}, size_prefixed=True)
    assert int.from_bytes(data[:4], "little") == len(data) - 4 and data[8:12] == b"WRLD"
    data = schema.build({"huge": 1}, size_prefixed=8, identifier=b"abcd")
    assert int.from_bytes(data[:8], "little") == len(data) - 8 and data[12:16] == b"abcd"
    for wrong in ({"identifier": "abc"}, {"size_prefixed": 5}):
        with pytest.raises(ValueError, match=r"has .*four|has 4 or 8"):
            schema.build({}, **wrong)


BAD = [
    ({"colour": 1}, "has no field 'colour'; near: 'color'"),
    ({"old": 1}, "field old of game.World is deprecated"),
    ({"color": "Blue"}, "color: game.Color has no 'Blue'"),
    ({"bits": "A|D"}, "bits: game.Bits has no 'A|D'"),
    ({"small": 128}, "small: 128 does not fit int8"),
    ({"small": 1.0}, "small: a whole number is needed, not float"),
    ({"small": "1"}, "small: a whole number is needed, not str"),
    ({"flag": 2}, "flag: 2 does not fit bool"),
    ({"huge": 2**64}, "huge: 18446744073709551616 does not fit uint64"),
    ({"real": "1"}, "real: a number is needed, not str"),
    ({"real": 1e300}, "real: 1e+300 is no float32: too large"),
    ({"real": 10**400}, "is no float32"),
    ({"name": 5}, "name: a string is needed, not int"),
    ({"name": "\ud800"}, "is no UTF-8"),
    ({"names": "abc"}, "names: a sequence is needed, not str"),
    ({"names": ["a", 1]}, "names[1]: a string is needed, not int"),
    ({"names": {"a": 1}}, "names: a sequence is needed, not dict"),
    ({"item": {"count": 1}}, "item.name: a required field is absent"),
    ({"items": [{"name": "a"}, {"name": "b", "count": "x"}]}, "items[1].count: a whole number"),
    ({"items": [None]}, "items[0]: a game.Item is needed, not NoneType"),
    ({"items": 5}, "items: a sequence is needed, not int"),
    ({"item": "a"}, "item: a game.Item is needed, not str"),
    ({"item": object()}, "item: a game.Item is needed, not object, which has none"),
    ({"point": {"x": 1}}, "point.y: a struct has all its fields"),
    ({"point": (1, 2)}, "point: 2 values for the 3 fields of game.Point"),
    ({"point": (1, 2, (1, 2, 3))}, "point.z: 3 values for 2"),
    ({"point": (1, 2, (1, 70000))}, "point.z[1]: 70000 does not fit int16"),
    ({"points": [POINT, {**POINT, "w": 1}]}, "points[1]: game.Point has no field 'w'"),
    ({"points": b"abc"}, "points: a sequence is needed, not bytes"),
    ({"bytes": [0, 256]}, "bytes[1]: 256 does not fit uint8"),
    ({"bytes": np.array([-1])}, "bytes: numbers from -1 to -1 do not fit uint8"),
    ({"bytes": np.zeros((2, 2))}, "bytes: an array of one dimension is needed, not of 2"),
    ({"bytes": np.array([0.5])}, "bytes: whole numbers are needed, not float64"),
    ({"bytes": np.array(["a"])}, "bytes[0]: a whole number is needed, not str"),
    ({"bytes": np.array(["2020"], "M8[D]")}, "bytes[0]: a whole number is needed"),
    ({"flags": np.array([2])}, "flags: numbers from 2 to 2 do not fit bool"),
    ({"longs": np.array([2**63], "u8")}, "longs: numbers from"),
    ({"reals": np.array([1e300])}, "reals: numbers up to 1e+300 do not fit float32"),
    ({"reals": b"abcd"}, "reals: a sequence is needed, not bytes"),
    ({"any": {"name": "a"}}, "any: of which type? Give its name as 'any_type'"),
    ({"any_type": "Nothing", "any": {}}, "any: game.Any has no 'Nothing'"),
    ({"any_type": 9, "any": {}}, "any: the union has no type 9"),
    ({"any_type": "NONE", "any": {}}, "any: a value of type NONE"),
    ({"anys": [{"name": "a"}]}, "anys[0]: of which type? Give its name as 'anys_type'"),
    ({"anys": ["a"], "anys_type": []}, "anys: 1 values and 0 types"),
    ({"anys": [None], "anys_type": ["Item"]}, "anys[0]: no value of type Item"),
    ({"inner": {"items": [{}]}}, "inner.items[0].name: a required field is absent"),
    (5, "a game.World is needed, not int"),
    ([], "a game.World is needed, not list"),
]


@pytest.mark.parametrize(("value", "text"), BAD, ids=[text[:40] for _, text in BAD])
def test_errors_name_the_field(schema, value, text):
    with pytest.raises(EncodeError) as caught:
        schema.build(value)
    assert text in str(caught.value)
    assert caught.value.path == text.split(": ")[0] or ": " not in text or caught.value.path == ""


def test_limits(schema):
    value: dict = {"name": "end"}
    deep = flat.Schema.from_fbs_text("table T { t: T; } root_type T;")
    for _ in range(63):
        value = {"t": value} if "t" in value else {"t": {}}
    deep.verify(deep.build(value))
    with pytest.raises(LimitError, match=r"nested deeper than 64 tables; see limits.flat_depth"):
        deep.build({"t": value})
    deep.build({"t": value}, limits=Limits(flat_depth=65))
    ring: dict = {}
    ring["t"] = ring
    with pytest.raises(LimitError, match="nested deeper than 200 tables"):
        deep.build(ring, limits=Limits(flat_depth=10**6))


def test_more_than_offsets_reach(schema):
    """Found before anything is copied: the array's own pages are never touched."""
    for big in (np.zeros(2**31, "u1"), np.zeros(2**29, "f4")):
        name = "bytes" if big.dtype == "u1" else "reals"
        with pytest.raises(LimitError, match=f"{name}: .* offsets of 32 bits reach 2147483647"):
            schema.build({name: big})


def test_arrays_are_copied_once(schema):
    big = np.ones(1 << 24, "u1")
    schema.build({"blob": big[:4096]})
    tracemalloc.start()
    data = schema.build({"blob": big})
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < big.nbytes + 100_000 and len(data) < big.nbytes + 200


class Watch:
    """A number that does something when it is asked for."""

    def __init__(self, action):
        self.action = action

    def __index__(self):
        self.action()
        return 1


def test_values_that_change_while_they_are_written(schema):
    items: list = [{"name": "b"}] * 6
    items[0] = {"name": "a", "count": Watch(items.clear)}
    assert len(read(schema, items=items)) == 6
    numbers: list = [0, 2, 3]
    numbers[0] = Watch(numbers.clear)
    assert read(schema, shorts=numbers).tolist() == [1, 2, 3]
    table: dict = {"name": "n"}
    table["small"] = Watch(table.clear)
    assert read(schema, **table) == "n"

    held = bytearray(b"x" * 5000)

    def shorten():
        with pytest.raises(BufferError):
            held.clear()

    assert read(schema, bytes=held, shorts=[Watch(shorten)]).tolist() == list(b"x" * 5000)

    def fails():
        raise KeyError("mine")

    with pytest.raises(KeyError, match="mine"):
        schema.build({"shorts": [Watch(fails)]})


def test_offsets_of_64_bits():
    schema = flat.Schema.from_fbs_text(
        "table I { far: [ubyte] (offset64); near: [ubyte]; } table T { name: string (offset64);"
        " wide: [short] (vector64); items: [I]; a: int; } root_type T;"
    )
    items = [{"far": bytes([i]) * 9, "near": b"n"} for i in range(3)]
    value = {"name": "far", "wide": [1, 2], "items": items, "a": 5}
    data = schema.build(value)
    root = schema.root(data, strict=True)
    assert root.name == "far" and root.wide.tolist() == [1, 2] and root.a == 5
    assert [one.far.tobytes() for one in root.items] == [item["far"] for item in items]
    assert schema.build(root) == data
    with pytest.raises(EncodeError, match="changed while it was written"):
        schema.build({"items": [TurnedItem()]})


class TurnedItem:
    """Has its field the second time only."""

    asked = 0

    @property
    def far(self):
        self.asked += 1
        return None if self.asked == 1 else b"far"
