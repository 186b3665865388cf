"""The contract: messages as text."""

import math

import pytest


def test_empty_messages(each):
    assert repr(each.All()) == str(each.All()) == ""
    assert str(each.All.FromString(b"\xf8\x7f\x09")) == ""
    message = each.All()
    message.sub.a
    assert str(message) == ""


def test_fields_in_order_of_numbers(each):
    message = each.All(r_int32=[1, -2], f_string="x", f_int32=5, f_bool=True, f_bytes=b"\xff")
    expected = (
        'f_int32: 5\nf_bool: true\nf_string: "x"\nf_bytes: "\\377"\nr_int32: 1\nr_int32: -2\n'
    )
    assert str(message) == repr(message) == expected
    assert str(each.All.FromString(message.SerializeToString())) == expected


def test_messages_are_indented(each):
    message = each.All(sub={"a": 1, "sub": {}}, subs=[{"b": "x"}, {}])
    assert str(message) == (
        "sub {\n  a: 1\n  sub {\n  }\n}\nsubs {\n  b: \"x\"\n}\nsubs {\n}\n"
    )


def test_groups(two, edition):
    message = two.All(group={"a": 1}, groups=[{"b": "x"}])
    assert str(message) == 'group {\n  a: 1\n}\ngroups {\n  b: "x"\n}\n'
    assert str(edition.All(framed={"a": 1})) == "framed {\n  a: 1\n}\n"


def test_maps(each):
    message = each.All(m_int_text={3: "x"}, m_text_sub={"k": {"a": 1}}, m_bool_double={True: 0.5})
    assert str(message) == (
        'm_int_text {\n  key: 3\n  value: "x"\n}\n'
        'm_text_sub {\n  key: "k"\n  value {\n    a: 1\n  }\n}\n'
        "m_bool_double {\n  key: true\n  value: 0.5\n}\n"
    )


def test_enums_by_name(two, three):
    message = two.All(color=70000, colors=[0, -1], mood=-3, p_color=2)
    assert str(message) == (
        "color: FAR\nmood: DARK\ncolors: RED\ncolors: NEGATIVE\np_color: BLUE\n"
    )
    assert str(three.All(color=12345, colors=[5, 1])) == "color: 12345\ncolors: 5\ncolors: GREEN\n"
    assert str(two.All(m_int_color={1: 2})) == "m_int_color {\n  key: 1\n  value: BLUE\n}\n"


TEXTS = {
    "plain": "plain",
    'quote " and \'': "quote \\\" and \\'",
    "back\\slash": "back\\\\slash",
    "\n\r\t": "\\n\\r\\t",
    "\0\x01\x1f\x7f": "\\000\\001\\037\\177",
    "hé€😀": "hé€😀",
    "\x80\u2028": "\x80\u2028",
}


@pytest.mark.parametrize(("value", "expected"), TEXTS.items())
def test_strings(each, value, expected):
    assert str(each.All(f_string=value)) == f'f_string: "{expected}"\n'
    assert str(each.All(r_string=[value])) == f'r_string: "{expected}"\n'


def test_bytes(each):
    assert str(each.All(f_bytes="hé\0\n".encode())) == 'f_bytes: "h\\303\\251\\000\\n"\n'
    everything = str(each.All(f_bytes=bytes(range(256))))
    assert everything.count("\\") == 256 - 95 + 4  # 95 are printable, 3 of them escaped, one as two


def test_strings_that_are_no_utf8(two, edition):
    assert str(two.All.FromString(b"\x72\x02a\xff")) == 'f_string: "a\\377"\n'
    assert str(edition.All.FromString(b"\xea\x06\x01\xff")) == 'any_text: "\\377"\n'


DOUBLES = {
    0.0: "0", 1.0: "1", -1.5: "-1.5", 0.1: "0.1", 1e22: "1e+22", 1e-7: "1e-07",
    123456789.123: "123456789.123", 1e15: "1e+15", 1e16: "1e+16", 1e5: "100000",
    5e-324: "4.94065645841247e-324", 1.7976931348623157e308: "1.7976931348623157e+308",
    1 / 3: "0.33333333333333331", 2.0**53: "9007199254740992", 100000000.0: "100000000",
    math.inf: "inf", -math.inf: "-inf",
}  # fmt: skip
FLOATS = {
    0.0: "0", 1.0: "1", 0.1: "0.1", 1e10: "1e+10", 16777216.0: "16777216", 1.5e-5: "1.5e-05",
    3.4028234663852886e38: "3.40282347e+38", 1e-45: "1.4013e-45", 1 / 3: "0.333333343",
    123456.789: "123456.789", 1e6: "1e+06", math.inf: "inf",
}  # fmt: skip


def test_doubles(each):
    for value, expected in DOUBLES.items():
        message = each.All(r_double=[value])
        assert str(message) == f"r_double: {expected}\n", value
    assert str(each.All(f_double=math.nan)) == "f_double: nan\n"
    assert str(each.All(f_double=-0.0)) == "f_double: -0\n"


def test_floats(each):
    for value, expected in FLOATS.items():
        assert str(each.All(r_float=[value])) == f"r_float: {expected}\n", value
    assert str(each.All(f_float=math.nan)) == "f_float: nan\n"


def test_integers_at_the_ends(each):
    message = each.All(f_int64=-(2**63), f_uint64=2**64 - 1, f_sint32=-(2**31), f_fixed32=2**32 - 1)
    assert str(message) == (
        "f_int64: -9223372036854775808\nf_uint64: 18446744073709551615\n"
        "f_sint32: -2147483648\nf_fixed32: 4294967295\n"
    )


def test_text_of_containers(each):
    message = each.All(r_string=["a"], r_bool=[True], subs=[{"a": 1}], m_text_int={"a": 1})
    assert (repr(message.r_string), repr(message.r_bool)) == ("['a']", "[True]")
    assert (repr(message.subs), repr(message.m_text_int)) == ("[a: 1\n]", "{'a': 1}")
    assert str(message.subs) == repr(message.subs)


def test_a_repr_that_somebody_gave_a_class_is_not_its_text(each):
    """onnx does this to its largest classes."""
    message = each.Sub(a=1)
    each.Sub.__repr__ = lambda self: "mine"
    try:
        assert (repr(message), str(message), f"{message}") == ("mine", "a: 1\n", "a: 1\n")
    finally:
        del each.Sub.__repr__
    assert repr(message) == str(message) == "a: 1\n"
