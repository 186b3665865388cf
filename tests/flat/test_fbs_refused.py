"""What is no schema: refused with the line, and with a reason to act on."""

from __future__ import annotations

import pickle

import pytest

from tensorwire.errors import SchemaError
from tensorwire.flat.fbs import parse_text

STRUCT = "struct P { x:int; }"
UNION = "table A {} union U { A }"


def refused(text):
    with pytest.raises(SchemaError) as caught:
        parse_text(text, name="x.fbs")
    assert caught.value.file == "x.fbs" and caught.value.line is not None
    return caught.value


def check(text, reason):
    assert reason in refused(text).reason


class TestPlace:
    def test_line_and_column(self):
        error = refused("table T {\n  a:int;\n  b:Gone;\n}\n")
        assert error.line == 3
        assert str(error) == "x.fbs: line 3, column 5: type 'Gone' is not declared"
        assert pickle.loads(pickle.dumps(error)).line == 3

    def test_without_a_name(self):
        with pytest.raises(SchemaError, match=r"^line 1, column 17: 'x' is declared already$"):
            parse_text("table x{} table x {}")


TOKENS = [
    ("table T { a:int = 1.2.3; }", "invalid number"),
    ("table T { a:int = 0x; }", "invalid number"),
    ("table T { a:int = 1e; }", "invalid number"),
    ("table T { a:int = 5x; }", "invalid number"),
    ("table T { a:double = 0x1.8; }", "invalid number"),
    ("table T { a:int = - 5; }", "invalid number"),
    ("table T { a:int = 5 % 3; }", "illegal character '%'"),
    ("table T { a:int\0; }", "illegal character '\\x00'"),
    ("table T { ä:int; }", "illegal character '\\xe4'"),
    ("table T { /* a:int; }", "a comment without an end"),
    ("table T { / }", "illegal character '/'"),
    ('attribute "x;', "a string without an end"),
    ('attribute "x\n";', "a string without an end"),
    (r'attribute "\q";', "unknown escape 'q'"),
    (r'attribute "\x4";', "\\x without 2 hexadecimal digits"),
    (r'attribute "\u00g0";', "\\u without 4 hexadecimal digits"),
    (r'attribute "\ud83d";', "half of a surrogate pair"),
    (r'attribute "\ud83d\u0041";', "half of a surrogate pair"),
    (r'attribute "\ude00";', "half of a surrogate pair"),
    (r'attribute "\xff";', "not UTF-8"),
    ('attribute "\udcff";', "not UTF-8"),
    ('attribute "\ud800";', "not UTF-8"),
    ("table T { a:int; /// of a\n }", "must have a line of its own"),
    ("", "nothing is declared here"),
    (" // only this", "nothing is declared here"),
]

DECLARATIONS = [
    ("thing T {}", "expected a declaration, found 'thing'"),
    ("table {}", "expected a name, found '{'"),
    ("table T { a:int }", "expected ';', found '}'"),
    ("table T { a:int;", "expected a name, found the end"),
    ("table T { a int; }", "expected ':', found 'int'"),
    ("table T { a:5; }", "expected a type, found '5'"),
    ("table T {} table T {}", "'T' is declared already"),
    ("table T {} struct T { x:int; }", "'T' is declared already"),
    ("enum T:int { A } table T {}", "'T' is declared already"),
    ("table T {} enum T:int { A }", "'T' is declared already"),
    ("enum T:int { A } enum T:int { A }", "'T' is declared already"),
    ("namespace a; table T {} namespace b; table T {} namespace a; table T {}", "'a.T' is"),
    ("table T {} include \"x\";", "includes must come before declarations"),
    ("namespace " + ".".join("a" * 65) + "; table T {}", "a namespace of over 64 parts"),
    ("namespace " + "a" * 1025 + "; table T {}", "a namespace of over 64 parts or 1024 letters"),
    ("root_type T;", "no table 'T' is declared"),
    (STRUCT + "root_type P;", "'P' is a struct"),
    ("table T { f:L; } root_type L; struct L { x:int; }", "'L' is a struct"),
    ('file_identifier "ABC"; table T {}', "file_identifier has 4 bytes, not 3"),
    ('file_identifier "ABCé"; table T {}', "file_identifier has 4 bytes, not 5"),
    ("file_identifier ABCD; table T {}", "expected a string, found 'ABCD'"),
    ("table T {} rpc_service S { }", "expected a name"),
    (STRUCT + "rpc_service S { f(P):P; }", "calls take and give tables"),
    ("table T {} rpc_service S { f(T):T; f(T):T; }", "call 'f' is there twice"),
    ("table T {} rpc_service S { f(T):T; } rpc_service S { f(T):T; }", "declared already"),
    ("table T {} rpc_service S { f(Gone):T; }", "type 'Gone' is not declared"),
    ("table T {} { a: 1 }", "no root_type"),
    ("table T {} root_type T; { a: [1 }", "a JSON object without an end"),
    ("table T {} root_type T; { a: 1 } table U {}", "expected the end, found 'table'"),
]

ENUMS = [
    ("enum E { A }", "an enum needs its integer type"),
    ("enum E:float { A }", "must be one of integers"),
    ("enum E:bool { A }", "must be one of integers"),
    ("enum E:[int] { A }", "must be one of integers"),
    ("enum E:Gone { A }", "must be one of integers"),
    (UNION + "enum E:U { A }", "must be one of integers"),
    ("enum E:byte { A = 128 }", "'A' is 128: must be from -128 to 127"),
    ("enum E:byte { A = 127, B }", "'B' is 128"),
    ("enum E:ubyte { A = -1 }", "'A' is -1"),
    ("enum E:ulong { A = 18446744073709551616 }", "does not fit 64 bits"),
    ("enum E:long { A = 9223372036854775808 }", "does not fit 64 bits"),
    ("enum E:int { A = 1.5 }", "expected an integer, found '1.5'"),
    ("enum E:int { A = B }", "expected an integer, found 'B'"),
    ("enum E:int { A, A }", "'A' is there twice"),
    ("enum E:int { A = 1, B = 1 }", "'A' and 'B' are both 1"),
    ("enum E:int { A B }", "expected '}', found 'B'"),
    ("enum E:int (force_align: 4) { A }", "enums have no force_align"),
    ("enum E:ubyte (bit_flags) { A = 8 }", "bit 8 of 'A': must be from 0 to 7"),
    ("enum E:byte (bit_flags) { A = 7 }", "bit 7 of 'A': must be from 0 to 6"),
    ("enum E:int (bit_flags) { A = -1 }", "bit -1 of 'A'"),
    ("table T { e:E; } enum E:int { A }", "is not declared before this use, and an enum"),
    ("union U { Gone }", "type 'Gone' is not declared"),
    ("union U { a:int }", "members of unions are tables, structs and strings"),
    ("enum E:int { A } union U { a:E }", "members of unions are"),
    ("table A {} union U { NONE }", "'NONE' is there twice"),
    ("table A {} union U { A, A }", "'A' is there twice"),
    ("table A {} union U { A = 256 }", "'A' is 256: must be from 0 to 255"),
]

FIELDS = [
    ("a:int; a:int;", "field 'a' is there twice"),
    ("u_type:int; u:U;", "field 'u_type' is there twice"),
    ("T:int;", "field 'T' is named like a table or struct"),
    ("a:[[int]];", "a vector of vectors"),
    ("a:[int:3];", "a fixed array in a table"),
    ("a:int (gone);", "attribute 'gone' is not declared"),
    ("a:int (requird);", "attribute 'requird' is not declared; near: 'required'"),
    ("a:int ();", "expected the name of an attribute"),
    ("a:int (id: x);", "an attribute's value is a string or an integer"),
    ("a:int (id: 1.5);", "an attribute's value is a string or an integer"),
    ("a:int (id: 2147483648);", "must fit 32 bits"),
    ("a:int (id: 1);", "field 'a' has id 1: ids follow each other from 0, and 0 is the next"),
    ("a:int (id: 0); b:int (id: 0);", "field 'b' has id 0"),
    ("a:int (id: 0); b:int;", "field 'b' has no id"),
    ("a:int (id: -1);", "'-1' is no id"),
    ('a:int (id: "x");', "'x' is no id"),
    ("u:U (id: 0);", "a union has two ids and names the second"),
    ("a:int (id: 0); u:U (id: 1);", "field 'u' has id 1"),
    ("a:int (required);", "a scalar is never required"),
    ("a:int = null (key);", "a key is never null"),
    ("a:int (key); b:int (key);", "a second key"),
    ("a:[int] (key);", "a key is a string"),
    ("a:T (key);", "a key is a string"),
    ('a:float (hash: "fnv1_32");', "only integers"),
    ('a:int (hash: "md5");', "no hash of 32 bits is called 'md5'"),
    ('a:short (hash: "fnv1_32");', "no hash of 16 bits"),
    ("a:int (vector64);", "vector64 is for vectors"),
    ("a:int (offset64);", "offset64 is for strings and vectors"),
    ("a:[string] (vector64);", "vectors with offsets of 64 bits hold scalars or structs"),
    ("a:[E] (offset64);", "vectors with offsets of 64 bits hold scalars or structs"),
    ('a:[int] (nested_flatbuffer: "T");', "nested_flatbuffer is for vectors of ubyte"),
    ('a:[ubyte] (nested_flatbuffer: "Gone");', "type 'Gone' is not declared"),
    ('a:[ubyte] (nested_flatbuffer: "P");', "'P' is a struct"),
    ("a:string (flexbuffer);", "flexbuffer is for vectors of ubyte"),
    ("a:[ubyte] (force_align: 3);", "force_align is '3'"),
    ("a:[ubyte] (force_align: 65536);", "must be a power of two up to 32768"),
    ("a:[ubyte] (force_align);", "force_align is '0'"),
    ('a:uint (cpp_type: "x");', "cpp_type without hash"),
    ("a:int (shared);", "shared is for strings"),
    ("a:int (native_custom_alloc);", "native_custom_alloc is for tables"),
    ("a:int (native_inline);", "native_inline is for structs"),
    ("u:U; uType:int;", "field 'uType' clashes with code for field 'u'"),
    ("v:[int]; v_length:int;", "field 'v_length' clashes with code for field 'v'"),
    ("s:string; sByteVector:int;", "field 'sByteVector' clashes"),
]

DEFAULTS = [
    ("a:int = 2147483648", "does not fit its type, which holds -2147483648 to 2147483647"),
    ("a:uint = -1", "-1 does not fit"),
    ("a:ubyte = 256", "256 does not fit"),
    ("a:bool = 256", "256 does not fit"),
    ("a:ulong = 99999999999999999999999", "is no integer of a type of 64 bits"),
    ("a:int = 1.0", "expected a default, found '1.0'"),
    ("a:int = inf", "name the value's enum"),
    ("a:int = -inf", "is no integer"),
    ('a:int = "x1"', "name the value's enum"),
    ('a:int = "1x"', "is no integer"),
    ('a:int = "1_0"', "is no integer"),
    ('a:int = "\\u0031"', "must be printable ASCII, without escapes"),
    ("a:bool = maybe", "is no integer"),
    ("a:float = 0x10", "is no decimal number"),
    ('a:float = "0x10"', "is no decimal number"),
    ('a:float = "nan(1)"', "is no decimal number"),
    ("a:float = pi", "is no decimal number"),
    ("a:float = log(2)", "no function 'log'"),
    ("a:int = sin(0)", "only floats have functions as defaults"),
    ("a:float = sin(null)", "null is no number"),
    ("a:float = sin(1", "expected ')'"),
    ("a:E = BB", "no enum value 'BB'"),
    ("a:E = E.A", "the name of the value stands alone"),
    ('a:E = "E.A"', "no enum value 'E.A'"),
    ('a:E = "A  B"', "no enum value ''"),
    ("a:E = 7", "its default, 7, is no value of enum 'E'"),
    ("a:N", "its default, 0, is no value of enum 'N'"),
    ("a:Nil = null", "its enum has a value of this name"),
    ('a:int = "E.C"', "no enum value 'E.C'"),
    ('a:int = "X.C"', "no enum value 'X.C'"),
    ("a:string = 5", "expected a string, found '5'"),
    ("a:string = null", "expected a string, found 'null'"),
    ("a:[int] = null", "expected '[', found 'null'"),
    ("a:[int] = [1]", "expected ']', found '1'"),
    ("a:U = NONE", "only scalars, strings and vectors have defaults"),
    ("a:T = null", "only scalars, strings and vectors have defaults"),
    ("a:P = 0", "only scalars, strings and vectors have defaults"),
    ("a:int = ;", "expected a default, found ';'"),
]

STRUCTS = [
    ("", "struct S has no fields"),
    ("a:string;", "structs contain scalars, structs and fixed arrays"),
    ("a:[int];", "structs contain scalars"),
    ("a:T;", "structs contain scalars"),
    ("a:[T:3];", "structs contain scalars"),
    ("a:U;", "structs contain scalars"),
    ("a:S;", "a struct that contains itself"),
    ("a:[S:2];", "a struct that contains itself"),
    ("a:Later;", "struct 'Later' must be declared before structs with it"),
    ("a:[int:0];", "the length of a fixed array must be from 1 to 65535"),
    ("a:[int:65536];", "the length of a fixed array must be from 1 to 65535"),
    ("a:[int:x];", "the length of a fixed array must be an integer"),
    ("a:int = 1;", "fields of structs have no defaults"),
    ("a:float = 0.0;", "fields of structs have no defaults"),
    ("a:int = null;", "fields of structs have no defaults"),
    ("a:int (deprecated);", "a field of a struct is deprecated"),
    ("a:int (required);", "fields of structs are always there"),
    ("a:N;", "its default, 0, is no value of enum 'N'"),
    ("a:[N:2];", "its default, 0, is no value of enum 'N'"),
    ("a:[long:9000]; b:int;", "S.b is at byte 72000, over 65535"),
]

BEFORE = (
    "enum E:byte { A, B } enum N:byte { X = 1 } enum Nil:byte { null }"
    "struct P { x:int; } table A_ {} union U { A_ }"
)


@pytest.mark.parametrize(("text", "reason"), TOKENS + DECLARATIONS + ENUMS)
def test_texts(text, reason):
    check(text, reason)


@pytest.mark.parametrize(("body", "reason"), FIELDS)
def test_fields(body, reason):
    check(f"{BEFORE} table T {{ {body} }}", reason)


@pytest.mark.parametrize(("line", "reason"), DEFAULTS)
def test_defaults(line, reason):
    check(f"{BEFORE} table T {{ {line}; }}", reason)


@pytest.mark.parametrize(("body", "reason"), STRUCTS)
def test_structs(body, reason):
    check(f"{BEFORE} table T {{}} struct S {{ {body} }} struct Later {{ x:int; }}", reason)


def test_alignment_of_structs():
    check("struct S (force_align: 4) { a:long; }", "force_align is 4, must be 8 or more")
    check("struct S (force_align: 64) { a:long; }", "must be a power of two up to 32")


def test_too_many_fields():
    body = " ".join(f"f{i}:int;" for i in range(32766))
    check(f"table T {{ {body} }}", "32766 fields, over 32765")


def test_long_names_are_cut():
    assert len(refused(f"table T {{ a:{'x' * 10_000}; }}").reason) < 200
    assert len(refused(f'table T {{ a:int = "{"x" * 10_000}"; }}').reason) < 300
