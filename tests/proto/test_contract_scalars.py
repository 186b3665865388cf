"""The contract: assignment to scalar fields, to elements, and by keyword."""

import math
import struct

import numpy as np
import pytest

from .contract_schemas import INTEGERS, RANGES
from .refusal import refused

ZEROS = {"string": "", "bytes": b"", "float": 0.0, "double": 0.0, "bool": False}
REALS = ("float", "double")
VIEW = pytest.param(memoryview(b"a"), id="memoryview")  # whose repr has an address


class Index:
    """Anything with ``__index__`` is an integer."""

    def __init__(self, value):
        self.value = value

    def __index__(self):
        return self.value


class Real:
    def __repr__(self):
        return "Real()"  # names tests, so without an address

    def __float__(self):
        return 2.5


def put_field(cls, scalar, value):
    message = cls()
    setattr(message, f"f_{scalar}", value)
    return getattr(message, f"f_{scalar}")


def put_keyword(cls, scalar, value):
    return getattr(cls(**{f"f_{scalar}": value}), f"f_{scalar}")


def put_appended(cls, scalar, value):
    field = getattr(cls(), f"r_{scalar}")
    field.append(value)
    return field[-1]


def put_inserted(cls, scalar, value):
    field = getattr(cls(), f"r_{scalar}")
    field.insert(0, value)
    return field[0]


def put_element(cls, scalar, value):
    field = getattr(cls(**{f"r_{scalar}": [ZEROS.get(scalar, 0)]}), f"r_{scalar}")
    field[0] = value
    return field[0]


def put_slice(cls, scalar, value):
    field = getattr(cls(**{f"r_{scalar}": [ZEROS.get(scalar, 0)]}), f"r_{scalar}")
    field[:] = [value]
    return field[0]


def put_extended(cls, scalar, value):
    field = getattr(cls(), f"r_{scalar}")
    field.extend([value])
    return field[-1]


WAYS = [put_field, put_keyword, put_appended, put_inserted, put_element, put_slice, put_extended]


@pytest.fixture(params=WAYS)
def put(request):
    """A way to give a value to a message of a class; returns what it reads as."""
    return request.param


# -- integers ------------------------------------------------------------------------------------


@pytest.mark.parametrize("scalar", INTEGERS)
def test_the_ends_of_a_range(each, put, scalar):
    low, high = RANGES[scalar]
    for value in (low, high, 0, 1):
        assert put(each.All, scalar, value) == value
        assert type(put(each.All, scalar, value)) is int
    for value in (low - 1, high + 1, 2**64, -(2**70), 10**100):
        with refused(ValueError):
            put(each.All, scalar, value)


@pytest.mark.parametrize("scalar", INTEGERS)
def test_what_is_no_integer(two, put, scalar):
    for value in (1.0, 1.5, math.nan, "1", b"1", [1], 1j, True, False, np.float32(1), Real(),
                  np.float64(1), np.bool_(True), np.array([1]), object):  # fmt: skip
        with refused(TypeError):
            put(two.All, scalar, value)


def test_none_is_no_integer(two):
    message = two.All(r_int32=[1])
    with refused(TypeError):
        message.f_int32 = None
    with refused(TypeError):
        message.r_int32.append(None)
    with refused(TypeError):
        message.r_int32[0] = None
    assert message == two.All(r_int32=[1])


@pytest.mark.parametrize("scalar", INTEGERS)
def test_what_has_an_index_is_an_integer(each, put, scalar):
    for value in (np.int8(3), np.uint16(3), np.int64(3), np.uint64(3), np.array(3), Index(3)):
        assert put(each.All, scalar, value) == 3


def test_numpy_integers_at_the_ends(each, put):
    assert put(each.All, "uint64", np.uint64(2**64 - 1)) == 2**64 - 1
    assert put(each.All, "sint64", np.int64(-(2**63))) == -(2**63)
    with refused(ValueError):
        put(each.All, "int32", np.int64(2**31))
    with refused(ValueError):
        put(each.All, "uint32", np.int8(-1))


class Raising:
    def __index__(self):
        raise KeyError("mine")

    __float__ = __index__
    __bool__ = __index__


@pytest.mark.parametrize("scalar", ["int32", "uint64", "bool", "float", "double"])
def test_the_errors_of_a_number_pass(each, put, scalar):
    with pytest.raises(KeyError, match="mine"):
        put(each.All, scalar, Raising())


# -- bool ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "expected"),
    [(True, True), (False, False), (1, True), (0, False), (17, True), (-1, True),
     (np.int64(1), True), (np.uint8(0), False), (Index(5), True), (2**40, True)],
)  # fmt: skip
def test_bools(each, put, value, expected):
    assert put(each.All, "bool", value) is expected


@pytest.mark.parametrize("value", [2**63, -(2**63) - 1, 10**400, Index(2**64), np.uint64(2**63)])
def test_a_bool_of_more_than_64_bits(each, put, value):
    with refused(OverflowError):
        put(each.All, "bool", value)
    assert put(each.All, "bool", -(2**63)) is put(each.All, "bool", Index(2**63 - 1)) is True


class OnlyIndexRaises:
    def __index__(self):
        raise KeyError("mine")


def test_a_bool_is_taken_by_its_index(each, put):
    with pytest.raises(KeyError, match="mine"):
        put(each.All, "bool", OnlyIndexRaises())


@pytest.mark.parametrize("value", [1.0, "x", b"", [], np.float32(1), Real(), object], ids=repr)
def test_what_is_no_bool(each, put, value):
    with refused(TypeError):
        put(each.All, "bool", value)


def test_numpy_bools(each):
    """A scalar by itself; upstream takes it by its truth, as it has no index."""
    message = each.All(f_bool=np.True_, r_bool=np.array([True, False]))
    message.r_bool.append(np.True_)
    assert message.f_bool is True
    assert message.r_bool == [True, False, True]


# -- float and double ----------------------------------------------------------------------------


@pytest.mark.parametrize("scalar", REALS)
@pytest.mark.parametrize(
    ("value", "expected"),
    [(1, 1.0), (True, 1.0), (1.5, 1.5), (np.float16(1.5), 1.5), (np.float32(1.5), 1.5),
     (np.float64(-2.5), -2.5), (np.int64(3), 3.0), (math.inf, math.inf), (Real(), 2.5),
     (Index(4), 4.0), (-(2**53), -(2.0**53))],
)  # fmt: skip
def test_reals(each, put, scalar, value, expected):
    got = put(each.All, scalar, value)
    assert got == expected and type(got) is float


@pytest.mark.parametrize("scalar", REALS)
@pytest.mark.parametrize("value", ["1", b"1", [], 1j, object, np.array([1.5])], ids=repr)
def test_what_is_no_real(each, put, scalar, value):
    with refused(TypeError):
        put(each.All, scalar, value)


def bits(value):
    return struct.pack("<d", value)


def test_bits_of_doubles(each, put):
    for value in (-0.0, 5e-324, 1.7976931348623157e308, -math.inf):
        assert bits(put(each.All, "double", value)) == bits(value)
    assert math.isnan(put(each.All, "double", math.nan))


def test_floats_are_rounded(each, put):
    assert put(each.All, "float", 0.1) == 0.10000000149011612
    assert put(each.All, "float", 1e300) == math.inf
    assert put(each.All, "float", -1e300) == -math.inf
    assert put(each.All, "float", 3.4028235677973366e38) == math.inf  # halfway to the next
    assert put(each.All, "float", 3.4028235e38) == 3.4028234663852886e38
    assert put(each.All, "float", 1e-50) == 0.0
    assert bits(put(each.All, "float", -1e-50)) == bits(-0.0)
    assert math.isnan(put(each.All, "float", math.nan))


@pytest.mark.parametrize("scalar", REALS)
def test_an_integer_too_large_for_a_double(each, put, scalar):
    with refused(OverflowError):
        put(each.All, scalar, 10**400)


# -- strings and bytes ---------------------------------------------------------------------------


@pytest.mark.parametrize("value", ["", "a", "hé", "€😀", "nul\0", "\x7f\x80\u2028", "x" * 1000])
def test_strings(each, put, value):
    assert put(each.All, "string", value) == value
    assert put(each.All, "string", value.encode()) == value
    assert type(put(each.All, "string", np.str_(value))) is str


@pytest.mark.parametrize("value", [b"\xff", b"\xc0\x80", b"\xed\xa0\x80", b"\xf4\x90\x80\x80"])
def test_bytes_that_are_no_utf8(each, put, value):
    with refused(UnicodeDecodeError):
        put(each.All, "string", value)


def test_a_lone_surrogate(each, put):
    with refused(UnicodeEncodeError):
        put(each.All, "string", "a\ud800")


@pytest.mark.parametrize("value", [3, 1.5, bytearray(b"a"), VIEW, [], object], ids=repr)
def test_what_is_no_string(each, put, value):
    with refused(TypeError):
        put(each.All, "string", value)


def test_bytes(each, put):
    for value in (b"", b"a", b"\xff\0", bytes(1000)):
        got = put(each.All, "bytes", value)
        assert got == value and type(got) is bytes
    assert type(put(each.All, "bytes", np.bytes_(b"a"))) is bytes


@pytest.mark.parametrize(
    "value", ["a", bytearray(b"a"), VIEW, np.zeros(3, "u1"), 3, []], ids=repr
)
def test_what_is_no_bytes(each, put, value):
    with refused(TypeError):
        put(each.All, "bytes", value)


# -- enums ---------------------------------------------------------------------------------------


@pytest.fixture(params=["field", "keyword", "appended", "element", "in a map"])
def put_color(request):
    """A way to give a color to a message of a class; returns what it reads as."""

    def put_it(cls, value):
        message = cls(colors=[0])
        if request.param == "field":
            message.color = value
        elif request.param == "keyword":
            message = cls(color=value)
        elif request.param == "appended":
            message.colors.append(value)
        elif request.param == "element":
            message.colors[-1] = value
        else:
            message.m_int_color[1] = value
        if request.param == "in a map":
            return message.m_int_color[1]
        return message.colors[-1] if request.param in ("appended", "element") else message.color

    return put_it


@pytest.mark.parametrize(
    ("value", "expected"),
    [(0, 0), (2, 2), (-1, -1), ("BLUE", 2), ("FAR", 70000), (np.int64(1), 1), (Index(2), 2)],
)
def test_enums(each, put_color, value, expected):
    got = put_color(each.All, value)
    assert got == expected and type(got) is int


@pytest.mark.parametrize("value", [1.0, b"GREEN", True, [], object], ids=repr)
def test_what_is_no_enum(each, put_color, value):
    with refused(TypeError):
        put_color(each.All, value)


def test_a_label_with_a_lone_surrogate(each, put_color):
    with refused(UnicodeEncodeError):
        put_color(each.All, "\ud800")


@pytest.mark.parametrize("value", ["NOPE", "", "red", 2**31, -(2**31) - 1, 2**64])
def test_enums_that_do_not_exist(each, put_color, value):
    with refused(ValueError):
        put_color(each.All, value)


def test_closed_enums_know_their_numbers(two, put_color):
    for value in (9, -2, 2**31 - 1):
        with refused(ValueError):
            put_color(two.All, value)


def test_open_enums_take_any_number(three, put_color):
    for value in (9, -2, 2**31 - 1, -(2**31)):
        assert put_color(three.All, value) == value


def test_an_edition_has_both(edition):
    message = edition.All(color=9, closed=5)
    assert message.color == 9
    with refused(ValueError):
        message.closed = 9
    with refused(ValueError):
        message.closeds.append(1)
    with refused(ValueError):
        message.m_text_closed["a"] = 1
    assert (message.closed, len(message.closeds), len(message.m_text_closed)) == (5, 0, 0)


# -- what cannot be assigned ---------------------------------------------------------------------


@pytest.mark.parametrize(
    "name", ["sub", "subs", "r_int32", "m_text_int", "m_text_sub", "p_sub", "DESCRIPTOR", "Clear"]
)
def test_messages_and_containers_are_not_assigned(each, name):
    message = each.All(sub={"a": 1}, r_int32=[1])
    for value in (None, each.Sub(), [], {}, 3, getattr(message, name)):
        with refused(AttributeError):
            setattr(message, name, value)
    assert message == each.All(sub={"a": 1}, r_int32=[1])


def test_a_failed_assignment_changes_nothing(each):
    message = each.All(f_int32=5, f_string="x", p_int=1)
    for name, value in (("f_int32", 2**40), ("f_int32", "x"), ("f_string", b"\xff"),
                        ("f_bytes", "x"), ("p_text", 3), ("p_bytes", "x")):  # fmt: skip
        with refused(TypeError, ValueError):
            setattr(message, name, value)
    assert message == each.All(f_int32=5, f_string="x", p_int=1)
    assert message.WhichOneof("pick") == "p_int"
