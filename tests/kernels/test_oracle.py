"""The oracle against values worked out by hand from the encoding guide."""

import pytest

from kernels import oracle


@pytest.mark.parametrize(
    ("value", "encoded"),
    [
        (0, "00"),
        (1, "01"),
        (127, "7f"),
        (128, "8001"),
        (150, "9601"),  # the guide's own example
        (2**64 - 1, "ffffffffffffffffff01"),
        (2**64 - 2, "feffffffffffffffff01"),
    ],
)
def test_encoding(value, encoded):
    assert oracle.encode(value).hex() == encoded
    assert oracle.value_of(bytes.fromhex(encoded)) == value


def test_padding_keeps_the_value():
    assert oracle.encode(1, 10).hex() == "81808080808080808000"
    assert oracle.value_of(oracle.encode(1, 10)) == 1


@pytest.mark.parametrize(("wire", "meaning"), [(0, 0), (1, -1), (2, 1), (3, -2)])
def test_zigzag(wire, meaning):
    assert oracle.item(wire, "sint32") == oracle.item(wire, "sint64") == meaning


def test_zigzag_ends_of_the_range():
    assert oracle.item(0xFFFFFFFE, "sint32") == 2**31 - 1
    assert oracle.item(0xFFFFFFFF, "sint32") == -(2**31)
    assert oracle.item(2**64 - 1, "sint64") == -(2**63)


def test_narrow_kinds_take_the_low_bits():
    assert oracle.item(2**32 + 5, "uint32") == 5
    assert oracle.item(2**32 + 3, "sint32") == -2
    assert oracle.item(2**64 - 1, "int32") == -1
    assert oracle.item(2**63, "bool") is True


def test_verdicts():
    assert oracle.split(b"\x01\x80") == oracle.Bad(oracle.TRUNCATED, 1)
    assert oracle.split(b"\x01" + b"\x80" * 9) == oracle.Bad(oracle.TRUNCATED, 1)
    assert oracle.split(b"\x01" + b"\x80" * 10) == oracle.Bad(oracle.OVERLONG, 1)
    assert oracle.split(b"\x80" * 9 + b"\x7f") == [b"\x80" * 9 + b"\x7f"]
