"""Defaults of absent scalars, of every width."""

from tensorwire import flat

SCHEMA = """
table T {
  a:byte = -2; b:ubyte = 200; c:short = -300; d:ushort = 60000; e:int = -5; f:uint = 4000000000;
  g:long = -12345678901234; h:ulong = 18000000000000000000; i:float = 2.5; j:double = -0.1;
  k:bool = true; l:int; m:long = null;
}
root_type T;
"""
EMPTY = bytes.fromhex("08000000 04000400 04000000 00000000")


def test_defaults_of_every_width():
    found = flat.Schema.from_fbs_text(SCHEMA).root(EMPTY)
    assert [getattr(found, name) for name in "abcdefghijklm"] == [
        -2, 200, -300, 60000, -5, 4000000000, -12345678901234, 18000000000000000000, 2.5, -0.1,
        True, 0, None,
    ]  # fmt: skip
