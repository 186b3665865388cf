"""Frames of records and prefixes of rows: against a reader in plain Python, cut and mutated."""

import io
import struct

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from guard import Guarded, needs_guard_pages
from tensorwire._core.records import find_frames, strip_rows
from tensorwire._core.rows import Rows
from tensorwire.errors import DecodeError
from tensorwire.proto.framing import Framing, frame_rows

from . import framed

RECORDS = st.lists(st.binary(max_size=300), max_size=20)
EITHER = st.sampled_from(["delimited", "tfrecord"])


def found(data, framing, *, limit=400, at=0, crc=False):
    starts, lengths = np.full((2, limit), -7, np.int64)
    count, after, fault = find_frames(data, framing, starts, lengths, at=at, crc=crc)
    assert (starts[count:] == -7).all() and (lengths[count:] == -7).all()
    return list(zip(starts[:count].tolist(), lengths[:count].tolist(), strict=True)), after, fault


@given(RECORDS, EITHER, st.booleans())
def test_what_is_framed_is_found(records, framing, crc):
    data = framed.WRITERS[framing](records)
    crc = crc and framing == "tfrecord"
    spans, after, fault = found(data, framing, crc=crc)
    assert [data[start : start + length] for start, length in spans] == records
    assert after == len(data) and fault is None
    starts, lengths = frame_rows(data, framing, crc=crc)
    assert list(zip(starts.tolist(), lengths.tolist(), strict=True)) == spans


@given(RECORDS, EITHER, st.integers(1, 5))
def test_a_few_at_a_time(records, framing, limit):
    data = framed.WRITERS[framing](records)
    spans, at = [], 0
    while at < len(data):
        some, after, fault = found(data, framing, limit=limit, at=at)
        assert 0 < len(some) <= limit and after > at and fault is None
        spans, at = spans + some, after
    assert [data[start : start + length] for start, length in spans] == records


def compare(data: bytes, framing: str, crc: bool) -> None:
    spans, after, fault = found(data, framing, crc=crc)
    expected, stopped, kind = framed.frames(data, framing, crc=crc)
    assert (spans, after, fault and fault[0]) == (expected, stopped, kind)
    if kind == "cut":
        assert fault[2] == after
        assert fault[3] == 0 or fault[3] > len(data) - after
    elif kind == "record":
        assert fault[2] < after


@given(RECORDS, EITHER, st.booleans(), st.data())
def test_cuts_and_changes_are_seen_as_the_oracle_sees_them(records, framing, crc, draws):
    data = bytearray(framed.WRITERS[framing](records))
    del data[draws.draw(st.integers(0, len(data))) :]
    for _ in range(draws.draw(st.integers(0, 3))):
        if data:
            data[draws.draw(st.integers(0, len(data) - 1))] = draws.draw(st.integers(0, 255))
    compare(bytes(data), framing, crc)


@given(st.binary(max_size=60), EITHER, st.booleans())
def test_any_bytes_at_all(data, framing, crc):
    compare(data, framing, crc)


@given(st.lists(st.binary(max_size=40), min_size=1, max_size=6), EITHER)
def test_a_cut_frame_says_how_much_it_needs(records, framing):
    data = framed.WRITERS[framing](records)
    for stop in range(len(data)):
        spans, after, fault = found(data[:stop], framing)
        if after == stop:
            assert fault is None
        elif fault[3]:
            more, _, _ = found(data[: after + fault[3]], framing)
            assert len(more) == len(spans) + 1


@pytest.mark.parametrize(
    ("data", "framing", "fault"),
    [
        (b"\x05abc", "delimited", ("cut", "frame is cut: 6 bytes promised, 4 present", 0, 6)),
        (b"\x01a\x80", "delimited", ("cut", "frame is cut inside its length", 2, 0)),
        (b"\x01a" + b"\xff" * 10, "delimited",
         ("frame", "length of a frame has more than ten bytes", 2, 0)),
        (b"\xff" * 9 + b"\x01a", "delimited",
         ("cut", f"frame is cut: {2**64 - 1} bytes promised, 11 present", 0, 2**64 - 1)),
        (b"\0" * 11, "tfrecord", ("cut", "frame is cut inside its length", 0, 0)),
        (b"\xff" * 40, "tfrecord",
         ("cut", f"frame is cut: {2**64 - 1} bytes promised, 40 present", 0, 2**64 - 1)),
        (struct.pack("<QI", 1, 0) + b"abcd", "tfrecord",
         ("cut", "frame is cut: 17 bytes promised, 16 present", 0, 17)),
    ],
)  # fmt: skip
def test_faults(data, framing, fault):
    assert found(data, framing)[2] == fault
    with pytest.raises(DecodeError, match="byte") as caught:
        frame_rows(data, framing)
    assert (caught.value.reason, caught.value.offset) == fault[1:3]


def test_checksums():
    data = bytearray(framed.tfrecord([b"one", b"two", b"three"]))
    second = 19
    data[second + 12] ^= 1
    spans, after, fault = found(data, "tfrecord", crc=True)
    assert len(spans) == 2 and after == 38 and fault[0] == "record" and fault[2] == second
    assert "crc32c of the record is" in fault[1]
    spans, after, fault = found(data, "tfrecord", crc=True, at=after)
    assert spans == [(50, 5)] and fault is None
    data[second] ^= 1
    spans, after, fault = found(data, "tfrecord", crc=True)
    assert len(spans) == 1 and after == second and fault[0] == "frame"
    assert "crc32c of a frame's length is" in fault[1]


@needs_guard_pages
@pytest.mark.parametrize("framing", ["delimited", "tfrecord"])
def test_nothing_outside_is_read(framing):
    data = framed.WRITERS[framing]([b"", b"x" * 5, b"y" * 200, b"z" * 17])
    memory = Guarded(1000)
    for stop in range(len(data) + 1):
        for crc in (False, True):
            expected = found(data[:stop], framing, crc=crc)
            assert found(memory.at_end(data[:stop]), framing, crc=crc) == expected


def test_arguments():
    starts = np.empty(3, np.int64)
    with pytest.raises(ValueError, match="no framing 'lines'; there are: delimited, tfrecord"):
        find_frames(b"", "lines", starts, starts.copy())
    with pytest.raises(ValueError, match="items of 4 bytes; int64"):
        find_frames(b"", "tfrecord", starts, np.empty(3, np.int32))
    with pytest.raises(ValueError, match="3 starts and 2 lengths"):
        find_frames(b"", "tfrecord", starts, np.empty(2, np.int64))
    with pytest.raises(ValueError, match="byte 1 is behind the end of 0"):
        find_frames(b"", "tfrecord", starts, starts.copy(), at=1)
    with pytest.raises(ValueError, match="framing must be one of 'delimited', 'tfrecord', 'conf"):
        Framing("lines")
    with pytest.raises(ValueError, match="skip_prefix must be 0 or more, not -1"):
        Framing(None, -1)
    with pytest.raises(ValueError, match="only framing='tfrecord' has checksums"):
        Framing("delimited", 0, True)


@given(
    st.lists(st.one_of(st.none(), st.binary(max_size=30)), max_size=8),
    st.integers(0, 6),
    st.booleans(),
    st.data(),
)
def test_prefixes_against_the_oracle(records, skip, is_confluent, draws):
    held = []
    for record in records:
        if record is not None and draws.draw(st.booleans()):
            indexes = draws.draw(st.lists(st.integers(-3, 300), max_size=4))
            record = bytes(skip) + framed.confluent(record, indexes or (0,))
        held.append(record)
    for drop in (False, True):
        rows, faults = strip_rows(Rows.of_list(held), skip, is_confluent, drop=drop)
        sizes = [
            None if record is None else framed.prefix(record, skip, is_confluent) for record in held
        ]
        wrong = [i for i, size in enumerate(sizes) if held[i] is not None and size is None]
        assert [fault[0] for fault in faults] == wrong
        assert len(rows) == len(held) - (len(wrong) if drop else 0)


@pytest.mark.parametrize(
    ("record", "offset", "reason"),
    [
        (b"ab", 0, "prefix is cut: 3 bytes to skip, 2 present"),
        (b"abc\0\0\0\0", 3, "prefix is cut: 5 bytes to skip, 4 present"),
        (b"abc\1\0\0\0\0\0", 3, "magic byte is 1, not 0"),
        (b"abc\0\0\0\0\0", 8, "message indexes are cut, or no varints"),
        (b"abc\0\0\0\0\0\x80", 8, "message indexes are cut, or no varints"),
        (b"abc\0\0\0\0\0\x01a", 8, "number of message indexes is impossible: 1 in 1 bytes"),
        (b"abc\0\0\0\0\0\x04\x02", 8, "number of message indexes is impossible: 4 in 1 bytes"),
        (b"abc\0\0\0\0\0\x04\x02\x80", 10, "message indexes are cut, or no varints"),
    ],
)
def test_faults_of_prefixes(record, offset, reason):
    rows = Rows.of_list([b"abc" + framed.confluent(b""), record])
    stripped, faults = strip_rows(rows, 3, True)
    assert faults == [(1, offset, reason)] and len(stripped) == 2


def test_rows_named_by_others():
    rows = Rows.of_list([b"a", b"", b"b", b"c"])
    stripped, faults = strip_rows(rows, 1, False, [0, 3], drop=True)
    assert len(stripped) == 1 and [fault[0] for fault in faults] == [1]
    again, faults = strip_rows(rows, 0, False, [3, 9])
    assert len(again) == 4 and faults == []
    wrong = Rows.of_spans(b"abc", np.array([0, 2]), np.array([1, 2]))
    with pytest.raises(ValueError, match="row 1 leaves its buffer"):
        strip_rows(wrong, 0, False)


def test_upstream_writes_what_is_read():
    upstream = pytest.importorskip("google.protobuf.proto")
    descriptor_pb2 = pytest.importorskip("google.protobuf.descriptor_pb2")
    messages = [descriptor_pb2.FileDescriptorProto(name="x" * n) for n in (0, 1, 125, 126, 20000)]
    file = io.BytesIO()
    for message in messages:
        upstream.serialize_length_prefixed(message, file)
    data = file.getvalue()
    starts, lengths = frame_rows(data, "delimited")
    read = [data[a : a + n] for a, n in zip(starts.tolist(), lengths.tolist(), strict=True)]
    assert read == [message.SerializeToString() for message in messages]
