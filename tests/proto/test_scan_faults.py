"""Scans of files with something wrong: what is given before, and what is said."""

from __future__ import annotations

import gzip
import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tensorwire.errors import DecodeError
from tensorwire.proto import decode_batch, scan
from tensorwire.proto.streams import compression_of

from . import framed
from .scan_files import BAD, PATHS, Field, Trickle, listed, record, rows_of


@pytest.mark.parametrize("through", ["name", "stream"])
@pytest.mark.parametrize(
    ("framing", "tail", "reason"),
    [
        ("delimited", b"\x09abc", "frame is cut: 10 bytes promised, 4 present"),
        ("delimited", b"\xff" * 11, "length of a frame has more than ten bytes"),
        ("tfrecord", b"\0" * 5, "frame is cut inside its length"),
        ("tfrecord", b"\xff" * 30, "crc32c of a frame's length is"),
    ],
)
def test_a_bad_tail(file, framing, tail, reason, through):
    good = framed.WRITERS[framing](map(record, range(3)))
    path = file(good + tail)
    options = {"framing": framing, "crc": framing == "tfrecord", "batch_rows": 2}

    def found(**more):
        given = path if through == "name" else Trickle(path.read_bytes(), 11)
        return scan(given, Field, PATHS, **options, **more)

    batches = iter(found())
    assert len(next(batches)) == 2 and len(next(batches)) == 1
    with pytest.raises(DecodeError, match=reason) as caught:
        next(batches)
    assert (caught.value.row, caught.value.offset) == (3, len(good))
    if through == "name":
        assert caught.value.file == str(path) and str(caught.value).startswith(str(path))
    for on_error in ("null", "drop"):
        scanned = found(on_error=on_error)
        batches = list(scanned)
        assert listed(batches) == rows_of(3)
        errors = [error for columns in batches for error in columns.errors]
        assert [(error.row, error.offset) for error in errors] == [(3, len(good))]
        assert errors[0].reason.endswith("; the scan ends") and reason in errors[0].reason
        assert scanned.bad_rows == 1


def test_a_wrong_checksum_is_a_bad_row(file):
    data = bytearray(framed.tfrecord(map(record, range(4))))
    size = len(data) // 4
    data[size + 14] ^= 1
    path = file(data)
    batches = iter(scan(path, Field, PATHS, framing="tfrecord", crc=True))
    assert len(next(batches)) == 1
    with pytest.raises(DecodeError, match="crc32c of the record") as caught:
        next(batches)
    assert (caught.value.row, caught.value.offset) == (1, size)
    options = {"framing": "tfrecord", "crc": True, "batch_rows": 3}
    for source in (path, Trickle(bytes(data))):
        batches = list(scan(source, Field, PATHS, on_error="null", **options))
        blank = {"name": None, "number": None}
        assert listed(batches) == [*rows_of(1), blank, *rows_of(2, 2)]
        errors = [error for columns in batches for error in columns.errors]
        assert [(error.row, error.offset) for error in errors] == [(1, 0)]
        assert "crc32c of the record is" in errors[0].reason
    batches = list(scan(path, Field, PATHS, on_error="drop", **options))
    assert [len(columns) for columns in batches] == [2, 1]
    assert len(listed(scan(path, Field, PATHS, framing="tfrecord", on_error="drop"))) >= 3


def test_rows_of_errors_count_over_the_whole_file(file):
    records = [record(i) for i in range(10)]
    records[4] = records[7] = BAD
    path = file(framed.delimited(records))
    options = {"framing": "delimited", "batch_rows": 3}
    with pytest.raises(DecodeError, match="row 4: ") as caught:
        listed(scan(path, Field, PATHS, **options))
    assert caught.value.row == 4 and caught.value.file == str(path)
    where = f"{path}: row 4: name: {caught.value.reason} at byte 0 (0x0)"
    assert str(caught.value) == f"Error parsing message: {where}"
    assert str(caught.value).count("row 4: ") == 1
    for on_error, sizes in (("null", [3, 3, 3, 1]), ("drop", [3, 2, 2, 1])):
        batches = list(scan(path, Field, PATHS, on_error=on_error, **options))
        assert [len(columns) for columns in batches] == sizes
        errors = [[error.row for error in columns.errors] for columns in batches]
        assert errors == [[], [4], [7], []]


def test_packed_data_that_is_damaged(file):
    good = framed.tfrecord(map(record, range(3)))
    members = gzip.compress(good) + bytes(7) + gzip.compress(good) + bytes(100)
    assert len(listed(scan(file(members), Field, framing="tfrecord"))) == 6
    for cut in (1, 8, 9):
        path = file(gzip.compress(good)[:-cut])
        with pytest.raises(DecodeError, match="gzip data is cut") as caught:
            listed(scan(path, Field, framing="tfrecord"))
        assert caught.value.offset <= len(good)
        (columns,) = scan(path, Field, framing="tfrecord", on_error="null")
        assert "gzip data is cut" in columns.errors[-1].reason
    with pytest.raises(DecodeError, match="gzip data is damaged"):
        listed(scan(file(gzip.compress(good) + b"more"), Field, framing="tfrecord"))
    with pytest.raises(DecodeError, match="zlib data is damaged"):
        listed(scan(file(good), Field, framing="tfrecord", compression="zlib"))


def test_what_is_packed_is_seen_by_its_first_bytes():
    data = framed.tfrecord([bytes(376)])
    assert data[:2] == zlib.compress(b"", 1)[:2], "a length as zlib data begins"
    assert compression_of(data) is None
    assert compression_of(zlib.compress(data)) == "zlib"
    assert compression_of(gzip.compress(data)) == "gzip"
    for level in range(10):
        assert compression_of(zlib.compress(data, level)) == "zlib"
    assert compression_of(b"") is None and compression_of(b"\x78") is None


@settings(deadline=None)
@given(
    st.lists(st.sampled_from([record(1), record(70000), b"", BAD]), max_size=8),
    st.sampled_from(["delimited", "tfrecord"]),
    st.booleans(),
    st.sampled_from(["null", "drop"]),
    st.data(),
)
def test_damaged_streams_give_the_same_however_they_come(records, framing, crc, on_error, draws):
    data = bytearray(framed.WRITERS[framing](records))
    for _ in range(draws.draw(st.integers(0, 3))):
        if data:
            data[draws.draw(st.integers(0, len(data) - 1))] = draws.draw(st.integers(0, 255))
    del data[draws.draw(st.integers(0, len(data))) :]
    options = {"framing": framing, "crc": crc and framing == "tfrecord", "on_error": on_error}
    whole = decode_batch(bytes(data), Field, PATHS, utf8="check", **options)
    expected = [(error.row, error.offset, error.path) for error in whole.errors]
    for most, batch_rows in ((1, 1), (7, 3), (1 << 20, 100)):
        batches = list(
            scan(
                Trickle(bytes(data), most), Field, PATHS, batch_rows=batch_rows,
                batch_bytes=2**64, compression=None, utf8="check", **options,
            )
        )  # fmt: skip
        assert listed(batches) == whole.to_pylist()
        errors = [error for columns in batches for error in columns.errors]
        assert [(error.row, error.offset, error.path) for error in errors] == expected
