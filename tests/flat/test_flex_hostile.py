"""Abuses of a FlexBuffer, one sentence each, and the verdict."""

import time

import pytest
from flex_oracle import TEXTS, Oracle, Wrong
from hypothesis import example, given
from hypothesis import strategies as st

import tensorwire as tw
from guard import Guarded, needs_guard_pages
from tensorwire.flat.flexbuffers import from_flexbuffer

flexbuffers = pytest.importorskip("flatbuffers.flexbuffers")


def rich():
    """One of everything."""
    builder = flexbuffers.Builder()
    with builder.Map():
        builder.Key("vector")
        with builder.Vector():
            builder.Null()
            builder.Bool(True)
            builder.Int(-300)
            builder.UInt(7)
            builder.Float(0.5)
            builder.String("text")
            builder.Blob(b"\0\1\2")
            builder.IndirectInt(-9)
            builder.IndirectFloat(0.1)
            with builder.Map():
                builder.Int("a", 1)
        builder.Key("typed")
        builder.TypedVectorFromElements([1, 70000], flexbuffers.Type.INT)
        builder.Key("keys")
        builder.TypedVectorFromElements(["b", "a"], flexbuffers.Type.KEY)
        builder.Key("three")
        builder.FixedTypedVectorFromElements([1.5, 2.5, 3.5], flexbuffers.Type.FLOAT)
        builder.Key("bools")
        builder.TypedVectorFromElements([True, False], flexbuffers.Type.BOOL)
    return bytes(builder.Finish())


RICH = rich()


def verdict(data):
    """(value or None, word of the reason or None, offset)"""
    try:
        return repr(from_flexbuffer(data)), None, 0
    except (tw.DecodeError, tw.LimitError) as error:
        words = [word for word, text in TEXTS.items() if text in error.reason]
        if isinstance(error, tw.LimitError) != ("busy" in words):
            raise
        # "1, 2, 4 and 8" ends like the sentence on floats
        word = "width" if words == ["width", "float"] else words[0]
        return None, word, error.offset


def expected(data):
    try:
        return repr(Oracle(bytes(data)).root()), None, 0
    except Wrong as wrong:
        return None, wrong.args[0], wrong.args[1]


def test_every_truncation_at_both_ends():
    for at in range(len(RICH) + 1):
        for part in (RICH[:at], RICH[at:]):
            assert verdict(part) == expected(part)


@pytest.mark.parametrize("at", range(len(RICH)))
def test_every_change_of_one_byte(at):
    for value in range(256):
        changed = RICH[:at] + bytes([value]) + RICH[at + 1 :]
        assert verdict(changed) == expected(changed)


@given(st.binary(max_size=40))
@example(b"")
@example(b"\1\4\1")
@example(b"\0\x2b\1")
def test_any_bytes(data):
    assert verdict(data) == expected(data)


@given(st.data())
def test_several_changes(data):
    changed = bytearray(RICH)
    for _ in range(data.draw(st.integers(1, 5))):
        changed[data.draw(st.integers(0, len(RICH) - 1))] = data.draw(st.integers(0, 255))
    assert verdict(changed) == expected(changed)


@needs_guard_pages
def test_nothing_is_read_outside():
    guarded = Guarded(len(RICH))
    for at in range(len(RICH)):
        for value in (0, 1, 0x7F, 0x80, 0xFF, RICH[at] ^ 4):
            changed = RICH[:at] + bytes([value]) + RICH[at + 1 :]
            here = expected(changed)
            assert verdict(guarded.at_end(changed)) == here
            assert verdict(guarded.at_start(changed)) == here


def nested(levels, *, twice=False):
    """Vectors of one item, or of two that are the same, each the vector before."""
    data = b"\1\1\4"  # [1]
    place = 1
    for _ in range(levels):
        count = 2 if twice else 1
        data += bytes([count])
        start = len(data)
        data += b"".join(bytes([start + i - place]) for i in range(count)) + b"\x28" * count
        place = start
    return data + bytes([len(data) - place, 0x28, 1])


def test_vectors_that_share_everything_below_them_do_not_double_without_end():
    two = [[1], [1]]
    assert from_flexbuffer(nested(3, twice=True)) == [[two, two], [two, two]]
    data = nested(40, twice=True)
    assert len(data) < 250
    started = time.process_time()
    with pytest.raises(tw.LimitError, match="shared are counted anew") as caught:
        from_flexbuffer(data)
    assert time.process_time() - started < 0.5 and caught.value.path.startswith("[0][0][0]")


def test_a_vector_that_holds_itself():
    data = b"\2" + b"\0\1" + b"\x28\x28" + b"\4\x28\1"
    for depth in (64, 200):
        message = f"nested deeper than {depth} levels"
        with pytest.raises(tw.DecodeError, match=message) as caught:
            from_flexbuffer(data, limits=tw.Limits(flat_depth=depth))
        assert caught.value.path == "[0]" * depth


def test_depth():
    assert from_flexbuffer(nested(63))
    with pytest.raises(tw.DecodeError, match="nested deeper than 64 levels"):
        from_flexbuffer(nested(64))
    with pytest.raises(tw.DecodeError, match="nested deeper than 2 levels") as caught:
        from_flexbuffer(nested(2), limits=tw.Limits(flat_depth=2))
    assert caught.value.path == "[0][0]"
    assert from_flexbuffer(nested(150), limits=tw.Limits(flat_depth=1000))
    with pytest.raises(tw.DecodeError, match="nested deeper than 200 levels"):
        from_flexbuffer(nested(200), limits=tw.Limits(flat_depth=1000))


def test_strings_that_overlap_are_not_copied_without_end():
    """2,500 strings of 10,240 bytes, each 8 bytes behind the one before."""
    count = 2500
    data = (0x2800).to_bytes(8, "little") * count + bytes(0x2800)
    data += count.to_bytes(8, "little")
    start = len(data)
    for i in range(count):
        data += (start + 8 * i - 8 * (i + 1)).to_bytes(8, "little")
    data += b"\x17" * count  # strings, sizes of 8 bytes
    data += (len(data) - start).to_bytes(8, "little") + b"\x2b\x08"
    with pytest.raises(tw.LimitError, match="shared are counted anew") as caught:
        from_flexbuffer(data)
    assert caught.value.path == "[21]"


def test_sizes_that_wrap():
    for size in (2**64 - 1, 2**63, 2**61, 2**32):
        for kind in (5, 9, 10, 11, 13, 14, 15, 25, 36):
            data = bytes(24) + size.to_bytes(8, "little") + bytes(24)
            data += (24).to_bytes(8, "little") + bytes([kind << 2 | 3, 8])
            with pytest.raises(tw.DecodeError, match="runs past the end") as caught:
                from_flexbuffer(data)
            assert caught.value.offset == 32


def test_offsets_that_wrap():
    for back in (2**64 - 1, 2**63, 100):
        data = bytes(16) + back.to_bytes(8, "little") + bytes([10 << 2, 8])
        with pytest.raises(tw.DecodeError, match=f"offset leads {back} bytes back, 16 are there"):
            from_flexbuffer(data)


def test_errors_say_where_in_the_value_and_in_the_file():
    bad = RICH.replace(b"text\0", b"text!")
    with pytest.raises(tw.DecodeError, match="string of 4 bytes has no zero behind it") as caught:
        from_flexbuffer(bad)
    assert caught.value.path == "vector[5]"
    at = caught.value.offset
    with pytest.raises(tw.DecodeError) as caught:
        from_flexbuffer(bad, origin=1000, path="operators[3].custom_options")
    assert caught.value.path == "operators[3].custom_options.vector[5]"
    assert caught.value.offset == at + 1000
