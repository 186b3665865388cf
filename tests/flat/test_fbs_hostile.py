"""Texts made to hurt: they are read or refused, in time linear in their size.

A million of anything takes seconds where one takes a microsecond, and centuries where the time
grows with the square: bounds are wide, and only tell these apart.
"""

from __future__ import annotations

import time

import pytest

from tensorwire.errors import SchemaError
from tensorwire.flat.fbs import parse_text

#: Seconds for a text below; measured: up to 1.
PATIENCE = 20


def timed(text):
    """The declarations or the error."""
    start = time.process_time()
    try:
        return parse_text(text)
    except SchemaError as error:
        return error
    finally:
        assert time.process_time() - start < PATIENCE


N = 20_000

REFUSED = {
    "brackets": "table T { a:" + "[" * N,
    "calls": "table T { a:float = " + "sin(" * N,
    "braces": "table T { a:int; } root_type T; " + "{[" * N,
    "a quote": 'attribute "' + "a" * 10 * N,
    "backslashes": 'attribute "' + "\\" * 10 * N + "n",
    "a comment": "table T { /*" + "* " * 10 * N,
    "slashes": "/" * 10 * N,
    "signs": "table T { a:int = " + "-" * N,
    "dots": "table T { a:" + "a." * N + "; }",
    "digits": "table T { a:int = " + "1" * 10 * N + "; }",
    "hexadecimal digits": "table T { a:double = 0x" + "f" * 10 * N + ".p; }",
    "digits in a string": 'table T { a:double = "' + "1" * 10 * N + 'x"; }',
    "a namespace": "namespace " + ".".join(["a"] * N) + ";",
    "names never declared": "table T {" + "".join(f"f{i}:T{i};" for i in range(N)) + "}",
    "words in a default": 'enum E:int (bit_flags) {A} table T { e:E = "' + "A " * N + '"; }',
    "attributes": "table T (" + "key," * N + ")",
    "an unknown name": "table T { a:" + "n" * 10 * N + "; }",
    "an unknown value": "enum E:int {"
    + "".join(f"v{i}," for i in range(N))
    + "} table T { e:E=w; }",
    "includes": 'include "x.fbs";' * N,
}

READ = {
    "fields": "table T {" + "".join(f"f{i}:int;" for i in range(16_000)) + "}",
    "tables": "".join(f"table T{i} {{ next:T{i + 1}; }}" for i in range(N)) + f"table T{N} {{}}",
    "structs": "struct S0 { x:int; }"
    + "".join(f"struct S{i + 1} {{ s:S{i}; }}" for i in range(N)),
    "values": "enum E:int {" + ",".join(f"v{i}" for i in range(N)) + "}",
    "comments": "// x\n" * N + "/* x */" * N + "table T {}",
    "namespaces": "".join(f"namespace a.b{i}; table T {{ t:T; }}" for i in range(N)),
    "a deep namespace": "namespace " + ".".join(["a"] * 64) + "; table T {"
    + "".join(f"f{i}:T;" for i in range(8_000)) + "}",
    "defaults": "table T {" + "".join(f"f{i}:double=0.{'1' * 500};" for i in range(2000)) + "}",
    "attributes": "table T { a:int (" + ", ".join(["deprecated"] * N) + "); }",
    "json": "table T {} root_type T; {" + "[" * N + "]" * N + "}",
    "many attributes": "".join(f'attribute "a{i}";' for i in range(N)) + "table T {}",
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_refused(name):
    error = timed(REFUSED[name])
    assert isinstance(error, SchemaError) and len(str(error)) < 2000


@pytest.mark.parametrize("name", READ)
def test_read(name):
    assert not isinstance(timed(READ[name]), SchemaError)
