"""Loads that are wider than what they look at: texts and varints near either end of a record."""

import numpy as np
import pytest
from column_cases import parsed

from guard import Guarded, needs_guard_pages
from proto import schemas
from proto.encode import number, run, tag, varint
from tensorwire import proto

All = schemas.PROTO3.theirs["All"]
TEXT, BYTES, INT64 = (schemas.KINDS[kind] for kind in ("string", "bytes", "int64"))
REPEATED_INT64, PACKED_INT64 = (at + INT64 for at in (schemas.REPEATED, schemas.PACKED))
SUB, SUBS = schemas.SUB, schemas.SUBS
PATHS = ["s_string", "s_bytes", "s_int64", "r_int64", "p_int64", "sub.s_int64", "subs.s_int64"]
LENGTHS = (0, 1, 2, 7, 8, 9, 15, 16, 17, 24, 31, 32, 48, 63, 64, 65, 80, 127, 128, 130)


def placed(rows):
    """``(buffer, offsets)`` of each row alone, at either end of readable memory."""
    room = Guarded(max(map(len, rows)) or 1)
    for row in rows:
        yield row, (room.at_end(row), np.array([0, len(row)], np.int64))
        yield row, (room.at_start(row), np.array([0, len(row)], np.int64))


def check(row, records):
    """Verdict and values are upstream's."""
    columns = proto.decode_batch(records, All, PATHS, on_error="null")
    message = parsed(All, row)
    assert (message is None) == bool(columns.errors), row.hex()
    if message is not None:
        assert columns["s_string"].to_pylist() == [message.s_string], row.hex()
        assert columns["s_bytes"].to_pylist() == [message.s_bytes]
        assert columns["s_int64"].to_pylist() == [message.s_int64]
        assert columns["r_int64"].to_pylist() == [list(message.r_int64)]
        assert columns["p_int64"].to_pylist() == [list(message.p_int64)]
        sub = message.sub.s_int64 if message.HasField("sub") else None
        assert columns["sub.s_int64"].to_pylist() == [sub]
        assert columns["subs.s_int64"].to_pylist() == [[one.s_int64 for one in message.subs]]


def texts():
    """ASCII of every length, with one byte that is not, or with one character of two bytes."""
    for length in LENGTHS:
        yield b"a" * length
        for place in {0, 1, length // 2, length - 1}:
            if 0 <= place < length:
                yield b"a" * place + b"\xff" + b"a" * (length - place - 1)
                yield b"a" * place + "é".encode() + b"a" * (length - place - 1)


def varints():
    """Of every length, padded ones, and one that never ends."""
    yield from (varint(value) for value in (0, 1, 127, 128, 255, 1 << 13, (1 << 14) - 1))
    yield from (varint(1 << (7 * size - 1)) for size in range(2, 10))
    yield from (varint(5, size) for size in range(2, 11))
    yield from (varint(-1), b"\xff" * 9 + b"\x7f", b"\x80" * 10 + b"\0", b"\x80" * 11)


@needs_guard_pages
def test_texts_at_either_end_of_a_record():
    pads = [b"", *(run(BYTES, b"\xff" * size) for size in (0, 3, 20, 80))]
    for text in texts():
        rows = [before + run(TEXT, text) + behind for before in pads for behind in pads]
        for row, records in placed(rows):
            check(row, records)


@needs_guard_pages
@pytest.mark.parametrize("cut", [0, 1, 2])
def test_varints_at_either_end_of_a_record(cut):
    heads = [b"", number(BYTES, 3), run(BYTES, b"abc"), run(BYTES, b"x" * 20)]
    for value in varints():
        items = [tag(at, 0) + value for at in (INT64, REPEATED_INT64, 19)]
        items += [run(PACKED_INT64, value), run(PACKED_INT64, b"\1" + value + b"\x96\1")]
        items += [run(at, tag(INT64, 0) + value) for at in (SUB, SUBS)]
        items += [run(SUBS, tag(INT64, 0) + value[:-1])]
        rows = [head + item for head in heads for item in items]
        rows += [head + item + b"\x80\x80\x80\x80" for head in heads for item in items]
        for row, records in placed([row[: len(row) - cut] for row in rows]):
            check(row, records)


def test_a_list_that_is_no_list_of_bytes_alone():
    rows = [run(TEXT, b"a"), None, bytearray(run(TEXT, b"b")), run(TEXT, b"c")]
    for records in (rows, tuple(rows)):
        assert proto.decode_batch(records, All, ["s_string"])["s_string"].to_pylist() == [
            "a", None, "b", "c",
        ]  # fmt: skip
    with pytest.raises(TypeError, match="record 1 "):
        proto.decode_batch([b"", 3], All, ["s_string"])


def test_lists_of_many_rows():
    """More than lie between two rows whose place is noted."""
    rows = [run(TEXT, b"%d" % i) for i in range(2100)]
    rows[700] = None
    found = proto.decode_batch(rows, All, ["s_string"])["s_string"].to_pylist()
    assert found == [None if row is None else row[2:].decode() for row in rows]
    assert proto.decode_batch(tuple(rows), All, ["s_string"])["s_string"].to_pylist() == found
