"""Absent scalars read as the default of their schema, whatever their width."""

import pytest

from tensorwire import flat

# A root table at 8 without fields: its vtable, at 4, has none.
EMPTY = bytes([8, 0, 0, 0, 4, 0, 4, 0, 4, 0, 0, 0])


@pytest.mark.parametrize(
    ("type", "bits"), [("byte", 8), ("short", 16), ("int", 32), ("long", 64)]
)
def test_integers(type, bits):
    least, most = -(1 << bits - 1), (1 << bits - 1) - 1
    schema = flat.Schema.from_fbs_text(
        f"table T {{ a:{type} = -1; b:{type} = {least}; c:{type} = {most};"
        f" d:u{type} = {2 * most + 1}; }} root_type T;"
    )
    view = schema.root(EMPTY)
    assert (view.a, view.b, view.c, view.d) == (-1, least, most, 2 * most + 1)


def test_floats_bools_and_enums():
    schema = flat.Schema.from_fbs_text(
        "enum E:int { A = -3, B = 70000 }"
        "table T { a:float = 0.5; b:double = -inf; c:bool = true; d:E = A; e:E = B; f:int = null; }"
        "root_type T;"
    )
    view = schema.root(EMPTY)
    assert (view.a, view.b, view.c, view.f) == (0.5, float("-inf"), True, None)
    assert view.d == -3 and view.d.name == "A" and view.e.name == "B"
