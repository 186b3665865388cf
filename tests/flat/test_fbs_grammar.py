"""Everything that ``.fbs`` text may hold, and what it declares."""

from __future__ import annotations

import math

import pytest
from flat_facts import facts

from tensorwire.flat import declarations as d
from tensorwire.flat.consistency import check_declarations
from tensorwire.flat.fbs import parse_text


def parse(text):
    """The declarations, which hold together."""
    found = parse_text(text)
    before = facts(found)
    check_declarations(found, {one.name: one.align for one in found.objects if one.is_struct})
    assert facts(found) == before
    return found


def objects(text):
    return {one.name: one for one in parse(text).objects}


def enums(text):
    return {one.name: one for one in parse(text).enums}


def fields(body, before=""):
    """Fields of a table with that body."""
    table = objects(f"{before} table T {{ {body} }}")["T"]
    return {field.name: field for field in table.fields}


def field(line, before=""):
    return fields(f"f:{line};", before)["f"]


class TestScalars:
    @pytest.mark.parametrize(("name", "base"), d.SCALARS.items())
    def test_every_name_of_a_type(self, name, base):
        assert field(name).type == d.Type(base)
        assert field(f"[{name}]").type == d.Type(d.VECTOR, element=base)

    def test_aliases_are_the_same(self):
        new = "int8 uint8 int16 uint16 int32 uint32 int64 uint64 float32 float64".split()
        old = "byte ubyte short ushort int uint long ulong float double".split()
        for one, other in zip(new, old, strict=True):
            assert field(one).type == field(other).type

    @pytest.mark.parametrize(
        ("line", "value"),
        [
            ("int = 5", 5),
            ("int = +5", 5),
            ("int = -5", -5),
            ("int = 0x1F", 31),
            ("int = -0X10", -16),
            ("int = 0010", 10),
            ('int = "12"', 12),
            ('int = " 12  "', 12),
            ("byte = -128", -128),
            ("ubyte = 255", 255),
            ("ulong = 18446744073709551615", (1 << 64) - 1),
            ("long = -9223372036854775808", -1 << 63),
            ("bool = true", True),
            ("bool = false", False),
            ('bool = "true"', True),
            ("bool = 1", True),
            ("bool = 7", True),
            ("float = 1", 1.0),
            ("float = -1.5e3", -1500.0),
            ("float = .5", 0.5),
            ("float = 3.", 3.0),
            ("float = 1e2", 100.0),
            ("double = 0x1.8p1", 3.0),
            ("double = -0x.8P2", -2.0),
            ("float = inf", math.inf),
            ("float = -inf", -math.inf),
            ("double = +infinity", math.inf),
            ('double = "-inf"', -math.inf),
            ("double = 1e999", math.inf),
            ("double = 0x1p9999", math.inf),
            ("double = rad(180)", 3.14159265359),
            ("double = deg(rad(90))", 90.000000000006),
            ("float = cos(0)", 1.0),
            ("float = acos( 1 )", 0.0),
        ],
    )
    def test_defaults(self, line, value):
        found = field(line).default
        assert found == value and type(found) is type(value)

    def test_nan(self):
        for text in ("nan", "+nan", "-nan", "NaN", '"nan"', "asin(2)"):
            assert math.isnan(field(f"double = {text}").default)

    def test_without_a_default(self):
        assert [repr(field(name).default) for name in ("int", "float", "bool", "string")] == [
            "0",
            "0.0",
            "False",
            "0",
        ]

    def test_null_makes_optional(self):
        for name in ("bool", "int", "double", "E"):
            found = field(f"{name} = null", "enum E:byte { A = 1 }")
            assert found.default is None and found.flags == d.OPTIONAL


class TestEnums:
    def test_numbers(self):
        found = enums("enum E : short { A, B = 5, C, D = -7, F = 0x10 }")["E"]
        assert [(v.name, v.value, v.type) for v in found.values] == [
            ("D", -7, None),
            ("A", 0, None),
            ("B", 5, None),
            ("C", 6, None),
            ("F", 16, None),
        ]
        assert (found.base, found.is_union, found.bit_flags) == (d.INT16, False, False)

    def test_commas_may_end_it(self):
        assert len(enums("enum E:int { A, B, }")["E"].values) == 2

    def test_an_empty_one_has_none(self):
        assert [(v.name, v.value) for v in enums("enum E:int {}")["E"].values] == [("NONE", 0)]

    def test_all_64_bits(self):
        found = enums("enum E:ulong { A = 18446744073709551615, B = 0 }")["E"]
        assert [v.value for v in found.values] == [0, (1 << 64) - 1]

    def test_bits(self):
        found = enums("enum E:ulong (bit_flags) { A, B, C = 63 }")["E"]
        assert found.bit_flags and [v.value for v in found.values] == [1, 2, 1 << 63]

    def test_one_over_another(self):
        assert enums("enum A:ushort { X } enum B:A { Y }")["B"].base == d.UINT16

    def test_attributes(self):
        text = 'attribute "mine"; attribute "yours"; enum E:int (mine, yours:"x") { A (mine:2) }'
        assert enums(text)["E"].attributes == {"mine": "0", "yours": "x"}

    @pytest.mark.parametrize(
        ("line", "value"),
        [
            ("E = B", 2),
            ('E = "B"', 2),
            ("E = 2", 2),
            ("F = X", 1),
            ('F = "X Z"', 9),
            ("F = 6", 6),
            ('int = "E.B"', 2),
            ('long = "E.M"', -1),
            ('long = "F.X F.Z"', 9),
            ("E = M", -1),
        ],
    )
    def test_defaults(self, line, value):
        found = field(line, "enum E:byte { M = -1, A, B = 2 } enum F:ubyte (bit_flags) {X,Y,Z=3}")
        assert found.default == value

    def test_fields(self):
        found = fields("a:E; b:[E]; c:P;", "enum E:ubyte { A } struct P { e:E; f:[E:2]; }")
        assert found["a"].type == d.Type(d.UINT8, "E")
        assert found["b"].type == d.Type(d.VECTOR, "E", element=d.UINT8)


class TestUnions:
    TEXT = """
        namespace a; table One {} struct Two { x:int; } namespace b; table Three {}
        union U { a.One, Three = 7, word:string, a.Two, again:Three }
        table T { before:int; u:U; v:[U] (required); w:U (deprecated); }
    """

    def test_members(self):
        found = enums(self.TEXT)["b.U"]
        assert (found.base, found.is_union) == (d.UTYPE, True)
        assert [(v.name, v.value, v.type) for v in found.values] == [
            ("NONE", 0, d.Type(d.NONE)),
            ("a_One", 1, d.Type(d.OBJECT, "a.One")),
            ("Three", 7, d.Type(d.OBJECT, "b.Three")),
            ("word", 8, d.Type(d.STRING)),
            ("a_Two", 9, d.Type(d.OBJECT, "a.Two")),
            ("again", 10, d.Type(d.OBJECT, "b.Three")),
        ]

    def test_fields_take_two_ids(self):
        table = objects(self.TEXT)["b.T"]
        assert [(f.name, f.id, f.type, f.flags) for f in table.fields] == [
            ("before", 0, d.Type(d.INT32), 0),
            ("u_type", 1, d.Type(d.UTYPE, "b.U"), 0),
            ("u", 2, d.Type(d.UNION, "b.U"), 0),
            ("v_type", 3, d.Type(d.VECTOR, "b.U", element=d.UTYPE), d.REQUIRED),
            ("v", 4, d.Type(d.VECTOR, "b.U", element=d.UNION), d.REQUIRED),
            ("w_type", 5, d.Type(d.UTYPE, "b.U"), d.DEPRECATED),
            ("w", 6, d.Type(d.UNION, "b.U"), d.DEPRECATED),
        ]

    def test_ids(self):
        table = objects("table A{} union U{A} table T { u:U (id:2); x:int (id:0); v:[U] (id:4); }")
        assert [f.name for f in table["T"].fields] == ["x", "u_type", "u", "v_type", "v"]

    def test_wider_numbers(self):
        text = "table A{} union U : int { A = 70000 } table T { u:U; v:[U]; }"
        assert enums(text)["U"].base == d.INT32 and enums(text)["U"].values[1].value == 70000
        assert [f.type for f in objects(text)["T"].fields] == [
            d.Type(d.INT32, "U"),
            d.Type(d.UNION, "U"),
            d.Type(d.VECTOR, "U", element=d.INT32),
            d.Type(d.VECTOR, "U", element=d.UNION),
        ]

    def test_members_may_follow(self):
        assert enums("union U { A } table A {}")["U"].values[1].type.ref == "A"


class TestStructs:
    def test_places(self):
        found = objects(
            "struct In { x:byte; y:int; }"
            "struct S { a:byte; b:double; c:[ushort:3]; d:In; e:[In:2]; }"
        )
        assert (found["In"].size, found["In"].align) == (8, 4)
        struct = found["S"]
        assert (struct.size, struct.align) == (48, 8)
        assert [f.offset for f in struct.fields] == [0, 8, 16, 24, 32]
        assert [f.id for f in struct.fields] == [0, 1, 2, 3, 4]
        assert struct.fields[4].type == d.Type(d.ARRAY, "In", element=d.OBJECT, length=2)

    def test_force_align(self):
        found = objects("struct S (force_align: 16) { a:int; } struct O { a:byte; s:S; }")
        assert (found["S"].size, found["S"].align) == (16, 16)
        assert (found["O"].size, found["O"].fields[1].offset) == (32, 16)

    def test_zero_is_a_default(self):
        assert objects("struct S { a:int = 0; b:float = 0; c:bool = false; }")["S"].size == 12

    def test_a_key(self):
        assert objects("struct S { a:int (key); }")["S"].fields[0].flags == d.KEY


class TestAttributes:
    def test_flags(self):
        found = fields(
            """a:int (deprecated); b:string (required); c:string (key); d:[ubyte] (flexbuffer);
               e:string (offset64); f:[double] (vector64); g:[P] (offset64);""",
            "struct P { x:int; }",
        )
        assert {name: one.flags for name, one in found.items()} == {
            "a": d.DEPRECATED,
            "b": d.REQUIRED,
            "c": d.KEY | d.REQUIRED,
            "d": d.FLEXBUFFER,
            "e": d.OFFSET64,
            "f": d.OFFSET64,
            "g": d.OFFSET64,
        }
        assert found["f"].type == d.Type(d.VECTOR64, element=d.FLOAT64)
        assert found["g"].type.base == d.VECTOR

    def test_force_align(self):
        found = fields("a:[ubyte] (force_align: 64); b:int (force_align: 8);")
        assert found["a"].force_align == 64 and found["b"].force_align == 0

    def test_nested(self):
        text = 'namespace a; table In {} table T { f:[ubyte] (nested_flatbuffer: "In"); }'
        assert objects(text)["a.T"].fields[0].nested == "a.In"
        text = 'table T { f:[ubyte] (nested_flatbuffer: "Later"); } table Later {}'
        assert objects(text)["T"].fields[0].nested == "Later"

    def test_others_are_kept(self):
        found = field(
            'uint (hash: "fnv1a_32", mine, native_default: "7", cpp_type: "X", mine: "again")',
            "attribute mine;",
        )
        assert found.attributes == {
            "hash": "fnv1a_32",
            "mine": "0",
            "native_default": "7",
            "cpp_type": "X",
            "cpp_ptr_type": "naked",
        }

    def test_of_tables(self):
        found = objects('attribute "mine"; table T (private, original_order, mine: 0x10) {}')["T"]
        assert found.attributes == {"private": "0", "original_order": "0", "mine": "16"}

    def test_ids_sort_fields(self):
        table = objects('table T { a:int (id: 2); b:int (id: "0"); c:int (id: 0x1); }')["T"]
        assert [(f.name, f.id, f.offset) for f in table.fields] == [
            ("b", 0, 4),
            ("c", 1, 6),
            ("a", 2, 8),
        ]


class TestNames:
    def test_innermost_namespace_first(self):
        text = """
            table X {} namespace a; table X {} namespace a.b; table X {} table T { f:X; g:a.X; }
            namespace a.c; table T { f:X; g:b.X; } namespace q; table T { f:X; }
        """
        found = objects(text)
        refs = [[f.type.ref for f in found[name].fields] for name in ("a.b.T", "a.c.T", "q.T")]
        assert refs == [["a.b.X", "a.X"], ["a.X", "a.b.X"], ["X"]]

    def test_used_before_declared(self):
        found = objects("namespace a; table T { f:Later; g:b.Other; } table Later {} namespace a.b;"
                        " table Unused {} namespace b; table Other {}")  # fmt: skip
        assert [f.type.ref for f in found["a.T"].fields] == ["a.Later", "b.Other"]

    def test_the_first_of_that_name_whatever_its_namespace(self):
        """As flatc: a name without a meaning goes to the next table that is called so."""
        found = objects("namespace a; table T { f:Later; } namespace b; table Later {}")
        assert found["a.T"].fields[0].type.ref == "b.Later"

    def test_no_namespace_again(self):
        assert set(objects("namespace a; table X {} namespace ; table Y {}")) == {"a.X", "Y"}

    def test_words_of_the_language_are_names_too(self):
        body = " ".join(
            f"{word}:int;"
            for word in "table struct enum union namespace root_type include attribute rpc_service"
            " file_identifier file_extension string int bool true false null nan".split()
        )
        assert len(fields(body)) == 18
        assert "table" in objects("table table { struct:[enum]; } table enum { table_:table; }")

    def test_order_of_declaration_is_kept(self):
        found = parse("table T { a:Z; } table Z {} table A {} struct S { x:int; }")
        assert [one.name for one in found.objects] == ["T", "Z", "A", "S"]


class TestTheRest:
    def test_root_identifier_extension(self):
        found = parse(
            'namespace a.b; table T {} root_type T; file_identifier "A\\x42\\u0043\\\\";'
            ' file_extension "bin";'
        )
        assert (found.root, found.identifier, found.extension) == ("a.b.T", "ABC\\", "bin")
        assert parse("namespace a; table T {} namespace b; root_type a.T;").root == "a.T"

    def test_an_identifier_is_four_bytes(self):
        """Each is one character, whatever they mean together."""
        found = parse('table T {} file_identifier "é12";')
        assert found.identifier.encode("latin-1") == "é12".encode()

    def test_services_are_read_over(self):
        found = parse("""
            table In {} table Out {}
            rpc_service S (private) { one(In):Out (streaming: "both"); two(Out):Later; }
            table Later {}
        """)
        assert [one.name for one in found.objects] == ["In", "Out", "Later"]

    def test_strings_and_vectors_with_defaults(self):
        found = fields("""a:string = "x"; b:string = ""; c:[int] = []; d:[string] = [];""")
        assert {one.default for one in found.values()} == {0}

    def test_json_at_the_end(self):
        text = 'table T { a:string; } root_type T; { a: "}", b: [1, {c: -inf}] } // end'
        assert parse(text).root == "T"

    def test_comments(self):
        text = """
            /// Documentation.
            //// This, too.
            table T /* here */ { // and here
                /// Of a field.
                a:int; /* over
                lines */ b:int; /**/ c:int; /***/
            } // the end"""
        assert len(objects(text)["T"].fields) == 3

    @pytest.mark.parametrize("end", ["\n", "\r\n", " "])
    def test_ends_of_lines(self, end):
        assert len(fields(f"{end}a:int;{end}b:int;{end}")) == 2

    def test_no_spaces_at_all(self):
        text = "enum E:int{A,B=3}table T{a:int=-1;b:[E];c:E=B (deprecated);}root_type T;"
        assert parse(text).objects[0].fields[2].default == 3

    def test_a_byte_order_mark(self):
        assert parse("\ufefftable T {}").objects[0].name == "T"

    def test_escapes(self):
        text = r"""attribute "\n\t\r\b\f\"\'\/\\ é \u00e9 \xc3\xa9 \uD83D\uDE00"; table T {}"""
        assert parse(text).objects[0].name == "T"
        assert parse("attribute 'single'; table T (single) {}").objects[0].attributes == {
            "single": "0"
        }

    def test_native_includes_are_read_over(self):
        assert parse('native_include "x.h"; table T {}').objects[0].name == "T"
