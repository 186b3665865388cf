"""Columns of FlatBuffers by hand: each kind of field, the options, and what errors say."""

from __future__ import annotations

import math
import re

import flatbuffers
import numpy as np
import pyarrow as pa
import pytest

from tensorwire import flat
from tensorwire._core.flat_projection import FlatProjection
from tensorwire.columns.paths import PathError
from tensorwire.errors import DecodeError, LimitError

SCHEMA = flat.Schema.from_fbs_text(
    """
    namespace shop;
    enum Small : byte { LOW = -1, NONE, HIGH = 100 }
    enum Wide : uint { ZERO, TOP = 4294967295 }
    enum Huge : ulong (bit_flags) { A, B, LAST = 63 }
    struct Point { x: short; y: double; small: Small; flags: [bool:3]; }
    struct Line { ends: [Point:2]; width: ubyte; }
    table Leaf { name: string; count: int = 7; line: Line; }
    union Any { Leaf, Point, Text: string, Root }
    table Root {
      i8: int8; u8: uint8; i16: int16; u16: uint16; i32: int32; u32: uint32;
      i64: int64; u64: uint64; f32: float; f64: double = inf; flag: bool = true;
      maybe: int = null; small: Small = HIGH; wide: Wide = ZERO; huge: Huge = A;
      name: string; needed: string (required);
      bytes: [ubyte]; signed: [byte]; smalls: [Small]; flags: [bool]; floats: [float];
      names: [string]; point: Point; points: [Point]; leaf: Leaf; leaves: [Leaf];
      any: Any; many: [Any]; gone: int (deprecated); inner: [ubyte] (nested_flatbuffer: "Root");
      lines: [Line];
    }
    root_type Root;
    """
)

POINT = {"x": -7, "y": 0.5, "small": -1, "flags": [True, False, True]}


def build(**fields):
    """A root table. Written by hand, in the layout of FlatBuffers' internals: see `Writer`."""
    from flat_writer import write

    value = {"needed": "yes", **fields}
    return SCHEMA.root(write(SCHEMA.declarations, value).data)


def column(view, path, **options):
    return flat.columns(view, [path], **options)[path]


ROOT = build(
    i8=-128, u8=255, i16=-(2**15), u16=2**16 - 1, i32=-(2**31), u32=2**32 - 1, i64=-(2**63),
    u64=2**64 - 1, f32=1.5, f64=-0.25, flag=False, maybe=0, small=-1, wide=2**32 - 1,
    huge=2**63 + 2, name="héllo", bytes=[0, 255, 7], signed=[-1, 2], smalls=[-1, 0, 100, 55],
    flags=[True, False], floats=[0.5, -2.0, 3.25], names=["", "a", "x" * 40], point=POINT,
    points=[POINT, {**POINT, "x": 9}], leaf={"name": "in", "count": 0}, leaves=[{}, {"name": "b"}],
    any_type=1, any={"name": "member"}, many_type=[3, 2, 1, 0], many=["text", POINT, {}, None],
    lines=[{"ends": [POINT, {**POINT, "x": 1}], "width": 3}],
)  # fmt: skip
EMPTY = build()


@pytest.mark.parametrize(
    ("path", "kind", "dtype", "value", "empty"),
    [
        ("i8", "int8", "i1", -128, 0),
        ("u8", "uint8", "u1", 255, 0),
        ("i16", "int16", "<i2", -(2**15), 0),
        ("u16", "uint16", "<u2", 2**16 - 1, 0),
        ("i32", "int32", "<i4", -(2**31), 0),
        ("u32", "uint32", "<u4", 2**32 - 1, 0),
        ("i64", "int64", "<i8", -(2**63), 0),
        ("u64", "uint64", "<u8", 2**64 - 1, 0),
        ("f32", "float32", "<f4", 1.5, 0.0),
        ("f64", "float64", "<f8", -0.25, math.inf),
        ("flag", "bool", "?", False, True),
        ("maybe", "int32", "<i4", 0, None),
        ("small", "enum", "<i4", -1, 100),
        ("wide", "uint32", "<u4", 2**32 - 1, 0),
        ("huge", "uint64", "<u8", 2**63 + 2, 1),
        ("any_type", "enum", "<i4", 1, 0),
        ("name", "string", None, "héllo", None),
        ("bytes", "bytes", None, b"\x00\xff\x07", b""),
        ("inner", "bytes", None, b"", b""),
        ("signed", "int8", "i1", [-1, 2], []),
        ("smalls", "enum", "<i4", [-1, 0, 100, 55], []),
        ("flags", "bool", "?", [True, False], []),
        ("floats", "float32", "<f4", [0.5, -2.0, 3.25], []),
        ("names", "string", None, ["", "a", "x" * 40], []),
        ("many_type", "enum", "<i4", [3, 2, 1, 0], []),
        ("point.x", "int16", "<i2", -7, None),
        ("point.small", "enum", "<i4", -1, None),
        ("point.flags", "bool", "?", [True, False, True], None),
        ("points.x", "int16", "<i2", [-7, 9], []),
        ("points.flags", "bool", "?", [[True, False, True]] * 2, []),
        ("lines.ends.x", "int16", "<i2", [[-7, 1]], []),
        ("lines.ends.flags", "bool", "?", [[[True, False, True]] * 2], []),
        ("lines.width", "uint8", "u1", [3], []),
        ("leaf.name", "string", None, "in", None),
        ("leaf.count", "int32", "<i4", 0, None),
        ("leaves.count", "int32", "<i4", [7, 7], []),
        ("leaf.line.ends.y", "float64", "<f8", None, None),
        ("any.Leaf.name", "string", None, "member", None),
        ("any.Leaf.count", "int32", "<i4", 7, None),
        ("any.Point.x", "int16", "<i2", None, None),
        ("any.Text", "string", None, None, None),
        ("many.Text", "string", None, ["text", None, None, None], []),
        ("many.Point.flags", "bool", "?", [None, [True, False, True], None, None], []),
        ("many.Leaf.count", "int32", "<i4", [None, None, 7, None], []),
    ],
)
def test_kinds(path, kind, dtype, value, empty):
    full, bare = column(ROOT, path), column(EMPTY, path)
    assert (full.kind, bare.kind) == (kind, kind)
    assert dtype is None or full.values.dtype == bare.values.dtype == np.dtype(dtype)
    assert full.to_pylist() == [value] and bare.to_pylist() == [empty]


def test_labels():
    assert column(ROOT, "small").labels == {-1: "LOW", 0: "NONE", 100: "HIGH"}
    assert column(ROOT, "huge").labels == {1: "A", 2: "B", 2**63: "LAST"}
    assert column(ROOT, "any_type").labels[3] == "Text"
    paths = ["small", "smalls", "wide", "huge", "any_type", "many_type"]
    table = pa.table(flat.columns(ROOT, paths, enums="name")).to_pylist()[0]
    assert list(table.values()) == [
        "LOW", ["LOW", "NONE", "HIGH", "55"], "TOP", str(2**63 + 2), "Leaf",
        ["Text", "Point", "Leaf", "NONE"],
    ]  # fmt: skip


def test_bytes_lie_where_they_are():
    data = column(ROOT, "bytes")
    (start, length), source = data.values[0].tolist(), data.sources.buffers[0]
    assert bytes(source)[start : start + length] == b"\x00\xff\x07"


def test_numbers_are_copies_of_their_own():
    values = column(ROOT, "floats").values
    assert not values.flags.writeable and values.flags.c_contiguous


@pytest.mark.parametrize(
    ("paths", "said"),
    [
        (["nmae"], "no field 'nmae'; near: 'name'"),
        (["leaf.nmae"], "no field 'nmae' in path 'leaf.nmae'; near: 'name'"),
        (["any.Leef"], "no field 'Leef' in path 'any.Leef'; near: 'Leaf'"),
        (["any.NONE"], "no field 'NONE' in path 'any.NONE'"),
        (["gone"], "no field 'gone'"),
        (["name.x"], "path 'name.x': 'name' is no table, it has no 'x'"),
        (["any.Text.x"], "path 'any.Text.x': 'Text' is no table"),
        (["a..b"], "malformed"),
        ([""], "a path is empty"),
        (["points[0].x"], "items have no index"),
    ],
)
def test_paths_that_lead_nowhere(paths, said):
    with pytest.raises(PathError, match=re.escape(said)) as caught:
        flat.columns(ROOT, paths)
    assert isinstance(caught.value, KeyError) and isinstance(caught.value, ValueError)


@pytest.mark.parametrize(
    ("options", "kind", "said"),
    [
        ({"paths": "name"}, TypeError, r"paths is a list of paths: \['name'\]"),
        ({"paths": [["name"]]}, TypeError, "a path is a str"),
        ({"paths": [7]}, TypeError, "a path is a str"),
        ({"depth": 0}, ValueError, "depth must be 1 or more"),
        ({"depth": True}, TypeError, "depth must be an int"),
        ({"absent": "zero"}, ValueError, "absent must be one of 'null', 'default'"),
        ({"utf8": "schema"}, ValueError, "utf8 must be one of 'check', 'skip'"),
        ({"layout": "wide"}, ValueError, "layout must be"),
        ({"colour": "red"}, TypeError, "no option .colour'"),
        ({"each": "leaf"}, PathError, "each='leaf' must name a vector of tables"),
        ({"each": "floats"}, PathError, "each='floats' must name a vector of tables"),
        ({"each": "leafs"}, PathError, "near: 'leaf'"),
        ({"paths": [".".join(["leaf"] * 200)]}, LimitError, "a path of 200 names"),
    ],
)
def test_arguments(options, kind, said):
    with pytest.raises(kind, match=said):
        flat.columns(ROOT, **options)


@pytest.mark.parametrize(
    ("rows", "kind", "said"),
    [
        (None, TypeError, "a view, a vector of tables or a list of views is needed, not NoneType"),
        (b"bytes", TypeError, "not bytes"),
        (ROOT.floats, TypeError, "not ndarray"),
        (ROOT.names, TypeError, "not one of strings or unions"),
        (ROOT.many, TypeError, "not one of strings or unions"),
        ([], ValueError, "a list without views says nothing of their type"),
        ([None], ValueError, "a list without views"),
        ([ROOT, 3], TypeError, "a row is a view or None, not int"),
        ([ROOT, ROOT.leaf], TypeError, "all rows must be of one type, shop.Root, of one schema"),
    ],
)
def test_rows_of_no_kind(rows, kind, said):
    with pytest.raises(kind, match=said):
        flat.columns(rows, ["name"])


@pytest.mark.parametrize(
    "nodes",
    [
        ((-1, 99, None),),
        ((-1, -1, None),),
        ((0, 0, None),),
        ((-1, 0, None),),
        ((-1, 0, np.dtype("<i8")),),
        ((-1, 0, np.dtype("i1")), (-1, 0, np.dtype("i1"))),
        ((-1, 0, np.dtype("i1")), (0, 0, np.dtype("i1"))),
        ((-1, 6, np.dtype("O")),),
    ],
)
def test_projections_of_what_is_not_there(nodes):
    place = SCHEMA.plans.object_place("shop.Root")
    with pytest.raises((ValueError, IndexError, OverflowError)):
        FlatProjection(SCHEMA.plans, place, nodes)
    with pytest.raises(IndexError):
        FlatProjection(SCHEMA.plans, 99, ())


def test_rows_of_any_sequence():
    class Rows(list):
        pass

    found = flat.columns(Rows([ROOT, None]), ["i8"])["i8"].to_pylist()
    assert found == flat.columns((ROOT, None), ["i8"])["i8"].to_pylist() == [-128, None]
    assert flat.columns([ROOT] * 3, []).to_pylist() == [{}, {}, {}]


def test_structs_as_rows():
    columns = flat.columns(ROOT.point)
    assert columns.to_pylist() == [POINT]
    pair = flat.columns([ROOT.point, None, ROOT.point], ["x"])
    assert pair["x"].to_pylist() == [-7, None, -7]


def test_a_nested_buffer_is_a_root_of_its_own():
    from flat_writer import write

    inner = write(SCHEMA.declarations, {"needed": "in", "names": ["one", "two"]}).data
    outer = build(inner=inner, name="out")
    within = flat.nested(outer, "inner")
    assert column(within, "names").to_pylist() == [["one", "two"]]
    both = flat.columns([outer, within, outer], ["needed", "names", "name"])
    assert both["needed"].to_pylist() == ["yes", "in", "yes"]
    assert both["name"].to_pylist() == ["out", None, "out"]
    assert len(both.sources.buffers) == 1


def test_each_goes_through_what_may_be_absent():
    assert len(flat.columns(EMPTY, each="leaves")) == 0
    rows = flat.columns(ROOT, ["name", "count"], each="leaves")
    assert rows.to_pylist() == [{"name": None, "count": 7}, {"name": "b", "count": 7}]
    ends = flat.columns(ROOT, ["x"], each="lines.ends")
    assert ends["x"].to_pylist() == [-7, 1]
    members = flat.columns(ROOT, ["Text", "Point.x"], each="many")
    assert members["Text"].to_pylist() == ["text", None, None, None]
    assert members["Point.x"].to_pylist() == [None, -7, None, None]


def test_depth():
    once, twice = (flat.columns(EMPTY, depth=depth).paths for depth in (1, 2))
    assert not [path for path in once if path.startswith("any.Root")]
    assert "any.Root.name" in twice and "any.Root.any.Root.name" not in twice
    with pytest.raises(LimitError, match="more than 10000 fields"):
        flat.columns(EMPTY, depth=9)


def test_absent_as_default():
    rows = flat.columns(EMPTY, ["leaf", "any.Leaf.count", "maybe", "name"], absent="default")
    assert rows.to_pylist() == [
        {
            "leaf.name": "", "leaf.count": 7, "leaf.line.ends.x": [], "leaf.line.ends.y": [],
            "leaf.line.ends.small": [], "leaf.line.ends.flags": [], "leaf.line.width": 0,
            "any.Leaf.count": 7, "maybe": 0, "name": "",
        }
    ]  # fmt: skip


def test_utf8_is_checked_to_the_last_byte():
    good = [text * n for text in ("a", "é", "日", "🦜") for n in range(20)]
    good += ["x" * n + "é" + "y" * m for n in range(20) for m in (0, 1, 7, 8, 15, 16, 17)]
    assert column(build(names=good), "names").to_pylist() == [good]
    for length in range(1, 40):
        for place in range(length):
            text = bytearray(b"x" * length)
            text[place] = 0x80
            odd = text.decode("utf-8", "surrogateescape")
            with pytest.raises(DecodeError, match="string is not UTF-8"):
                column(build(name=odd), "name")
            assert column(build(name=odd), "name", utf8="skip").to_pylist() == [text]


def test_generated_code_has_no_schema():
    class Table(flatbuffers.table.Table):
        pass

    with pytest.raises(TypeError, match="not Table"):
        flat.columns(Table(b"", 0))


def test_projections_are_kept_and_let_go():
    schema = flat.Schema.from_fbs_text("table T { a: int; b: int; } root_type T;")
    from flat_writer import write

    root = schema.root(write(schema.declarations, {"a": 1}).data)
    for depth in range(1, 200):
        assert flat.columns(root, ["a"], depth=depth).to_pylist() == [{"a": 1}]
        assert len(schema.plans.projections) <= 64
    kept = list(schema.plans.projections.values())
    flat.columns(root, iter(["a"]), depth=199)
    assert list(schema.plans.projections.values()) == kept
