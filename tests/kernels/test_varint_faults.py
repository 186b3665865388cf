"""Every kernel refuses the oracle's runs, for its reason, at its offset."""

import pytest

from kernels import oracle
from kernels.compare import check, verdict
from tensorwire._core import bulk

HEADS = {
    "short": b"\x01",
    "mixed": b"\x01\x80\x01\xff\xff\x01",
    "long": b"\xff" * 9 + b"\x01",
}


def bad(data: bytes, kernel: str) -> oracle.Bad:
    found = verdict(lambda: bulk.varint_count(data, kernel=kernel))
    assert found == oracle.split(data)
    return found


@pytest.mark.parametrize("continuing", range(1, 12))
@pytest.mark.parametrize("before", range(130))
def test_a_last_value_without_end(kernel, before, continuing):
    found = bad(b"\x01" * before + b"\x80" * continuing, kernel)
    reason = oracle.TRUNCATED if continuing < 10 else oracle.OVERLONG
    assert found == oracle.Bad(reason, before)


@pytest.mark.parametrize("before", range(130))
def test_an_eleventh_byte(kernel, before):
    found = bad(b"\x01" * before + b"\x80" * 10 + b"\x01" * 90, kernel)
    assert found == oracle.Bad(oracle.OVERLONG, before)


@pytest.mark.parametrize("head", HEADS.values(), ids=HEADS)
@pytest.mark.parametrize("repeated", [1, 7, 30])
def test_the_offset_is_that_of_the_first_bad_value(kernel, head, repeated):
    run = head * repeated + b"\xff" * 12 + b"\x01" * 100 + b"\x80" * 20
    assert bad(run, kernel) == oracle.Bad(oracle.OVERLONG, len(head) * repeated)


@pytest.mark.parametrize("length", [63, 64, 65, 127, 128, 129, 1000])
def test_nothing_but_continuation_bytes(kernel, length):
    assert bad(b"\x80" * length, kernel) == oracle.Bad(oracle.OVERLONG, 0)
    assert bad(b"\x80" * length + b"\x01", kernel) == oracle.Bad(oracle.OVERLONG, 0)
    check(b"\x80" * length, kernel)


def test_a_bad_run_leaves_the_output_alone(kernel):
    out = bytearray(b"\x55" * 200)
    with pytest.raises(ValueError, match="longer than ten bytes"):
        bulk.varint_decode(b"\x01" * 100 + b"\x80" * 11, out, "bool", kernel=kernel)
    assert out == b"\x55" * 200


@pytest.mark.parametrize("repeated", [1, 10, 100])
@pytest.mark.parametrize("kind", oracle.KINDS)
@pytest.mark.parametrize(
    "value",
    [
        b"\x80\x00",  # zero, padded
        b"\xff\xff\xff\xff\x07",  # the largest int32
        b"\x80\x80\x80\x80\x08",  # one more
        b"\xff\xff\xff\xff\x0f",  # the largest uint32
        b"\x80\x80\x80\x80\x10",  # one more
        b"\x80\x80\x80\x80\xf8\xff\xff\xff\xff\x01",  # the smallest int32
        b"\xff\xff\xff\xff\xf7\xff\xff\xff\xff\x01",  # one less
        b"\xff\xff\xff\xff\xff\xff\xff\xff\x7f",  # bit 63 missing
        b"\xff\xff\xff\xff\xff\xff\xff\xff\xff\x03",  # a surplus bit
        b"\xff\xff\xff\xff\xff\xff\xff\xfe\xff\x01",
        b"\x02",
    ],
)
def test_canonical_edges(kernel, value, kind, repeated):
    run = (b"\x01" + value) * repeated + b"\x00" * 70
    wanted = oracle.canonical(run, kind)
    assert bulk.varint_canonical(run, kind, kernel=kernel) == wanted


@pytest.mark.parametrize("kind", oracle.KINDS)
def test_one_odd_value_in_each_position_is_found(kernel, kind):
    for position in range(200):
        run = b"\x01" * position + b"\x81\x00" + b"\x01" * 70
        assert not bulk.varint_canonical(run, kind, kernel=kernel), position
