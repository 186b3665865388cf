"""Scans: every kind of file, in batches, with errors where they belong."""

from __future__ import annotations

import gzip
import io
import os
import threading
import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tensorwire.errors import DecodeError, LimitError
from tensorwire.proto import decode_batch, scanning
from tensorwire.proto.scanning import scan
from tensorwire.proto.streams import unpacked

from . import framed
from .scan_files import BAD, PATHS, Field, Trickle, descriptor_pb2, listed, record, rows_of

PACKERS = {None: bytes, "gzip": gzip.compress, "zlib": zlib.compress}


@pytest.mark.parametrize("framing", ["delimited", "tfrecord"])
@pytest.mark.parametrize("kind", [None, "gzip", "zlib"])
@pytest.mark.parametrize("through", ["name", "file", "moved", "memory", "trickle", "fifo"])
def test_every_kind_of_file(file, tmp_path, framing, kind, through):
    count = 2500
    data = PACKERS[kind](framed.WRITERS[framing]([record(i) for i in range(count)]))
    path = file(data)
    thread = None
    if through == "name":
        given = str(path)
    elif through == "file":
        given = path.open("rb")
    elif through == "moved":
        path = file(b"head" + data)
        given = path.open("rb")
        given.seek(4)
    elif through == "memory":
        given = io.BytesIO(data)
    elif through == "trickle":
        given = Trickle(data, 999)
    else:
        given = tmp_path / "fifo"
        os.mkfifo(given)
        thread = threading.Thread(target=given.write_bytes, args=[data])
        thread.start()
    compression = "auto" if framing == "tfrecord" else kind
    options = {"crc": framing == "tfrecord"}
    with scan(
        given, Field, PATHS, framing=framing, batch_rows=1000, compression=compression, **options
    ) as found:
        sizes = []
        rows = []
        for columns in found:
            sizes.append(len(columns))
            rows += columns.to_pylist()
    assert rows == rows_of(count)
    assert sizes == [1000, 1000, 500]
    if thread is not None:
        thread.join()
    if hasattr(given, "close"):
        assert not given.closed, "the caller's file stays open"
        given.close()


def test_a_name_is_scanned_again_and_a_file_is_not(file):
    path = file(framed.delimited(map(record, range(5))))
    found = scan(path, Field, PATHS, framing="delimited")
    assert listed(found) == listed(found) == rows_of(5)
    with open(path, "rb") as opened:
        once = scan(opened, Field, PATHS, framing="delimited")
        assert listed(once) == rows_of(5)
        with pytest.raises(ValueError, match="this BufferedReader has been read: pass the file's"):
            iter(once)


def test_a_closed_scan(file):
    path = file(framed.delimited(map(record, range(5))))
    with scan(path, Field, PATHS, framing="delimited", batch_rows=2) as found:
        batches = iter(found)
        first = next(batches)
    with pytest.raises(ValueError, match="this scan is closed"):
        next(batches)
    with pytest.raises(ValueError, match="this scan is closed"):
        iter(found)
    assert first.to_pylist() == rows_of(2), "what was given stays"


def test_more_rows_in_a_batch_than_any_file_has(file):
    path = file(framed.delimited(map(record, range(5))))
    for source in (path, Trickle(path.read_bytes(), 7)):
        (columns,) = scan(source, Field, PATHS, framing="delimited", batch_rows=1 << 40)
        assert columns.to_pylist() == rows_of(5)


@pytest.mark.parametrize("batch_rows", [1, 2, 5])
def test_no_batch_is_empty(file, batch_rows):
    path = file(framed.delimited(map(record, range(10))))
    for source in (path, io.BytesIO(path.read_bytes())):
        sizes = [
            len(columns)
            for columns in scan(source, Field, framing="delimited", batch_rows=batch_rows)
        ]
        assert sizes == [batch_rows] * (10 // batch_rows)


@pytest.mark.parametrize("framing", ["delimited", "tfrecord"])
def test_an_empty_file(file, framing):
    path = file(b"")
    assert listed(scan(path, Field, framing=framing)) == []
    assert listed(scan(io.BytesIO(), Field, framing=framing)) == []
    with open(path, "rb") as opened:
        assert listed(scan(opened, Field, framing=framing)) == []


def test_the_whole_file_is_one_record(file):
    path = file(record(3))
    assert listed(scan(path, Field, PATHS, framing=None)) == rows_of(1, 3)
    assert listed(scan(Trickle(record(3)), Field, PATHS, framing="none")) == rows_of(1, 3)
    packed = file(gzip.compress(record(3)))
    assert listed(scan(packed, Field, PATHS, framing=None, compression="gzip")) == rows_of(1, 3)
    with pytest.raises(LimitError, match="batch_bytes=5"):
        listed(scan(Trickle(record(3)), Field, PATHS, framing=None, batch_bytes=5))


@settings(deadline=None)
@given(st.lists(st.integers(0, 2**31 - 1), max_size=30), st.integers(1, 9), st.integers(1, 40))
def test_batches_equal_one_decode(numbers, batch_rows, most):
    records = [record(i) for i in numbers]
    expected = decode_batch(records, Field, PATHS).to_pylist() if records else []
    for framing, write in framed.WRITERS.items():
        options = {"framing": framing, "batch_rows": batch_rows, "batch_bytes": 200}
        stream = Trickle(write(records), most)
        batches = list(scan(stream, Field, PATHS, **options))
        assert listed(batches) == expected
        assert all(0 < len(columns) <= batch_rows for columns in batches)


def test_a_stream_is_held_in_parts(file):
    big = [Field(name="x" * 1000, number=i).SerializeToString() for i in range(5000)]
    data = framed.delimited(big)
    batches = list(scan(io.BytesIO(data), Field, ["number"], framing="delimited",
                        batch_bytes=1 << 20))  # fmt: skip
    assert sum(map(len, batches)) == 5000 and len(batches) > 2
    for columns in batches:
        assert sum(len(buffer) for buffer in columns.sources.buffers) <= 2 << 20
    with pytest.raises(LimitError, match="a frame of 1007 bytes is more than batch_bytes=900"):
        list(scan(Trickle(data, 100), Field, framing="delimited", batch_bytes=900))


def test_a_bomb_is_not_unpacked_whole():
    data = zlib.compress(framed.varint(1 << 40) + bytes(1 << 20))
    stream = Trickle(data, 1 << 20)
    with pytest.raises(LimitError, match=f"a frame of {2**40 + 6} bytes is more than batch_bytes"):
        list(scan(stream, Field, framing="delimited", compression="zlib"))
    zeros = gzip.compress(bytes(64 << 20))
    largest = max(map(len, unpacked(iter([zeros]), "gzip")))
    assert largest <= 1 << 20


def test_mapped_batches_have_their_own_part_of_the_file(file):
    path = file(framed.delimited(map(record, range(20000))))
    assert path.stat().st_size > 64 << 10
    batches = list(scan(path, Field, PATHS, framing="delimited", batch_rows=5000))
    buffers = [columns.sources.buffers for columns in batches]
    assert all(len(each) == 1 and isinstance(each[0], memoryview) for each in buffers)
    assert sum(len(each[0]) for each in buffers) == path.stat().st_size
    assert listed(batches) == rows_of(20000)


def test_prefixes(file):
    records = [framed.confluent(record(i), [1, i]) for i in range(8)]
    records[2], records[5] = b"\1" + records[2][1:], framed.confluent(BAD)
    path = file(framed.delimited(records))
    plain = file(framed.tfrecord(b"abc" + record(i) for i in range(4)), "plain")
    assert listed(
        scan(plain, Field, PATHS, framing="tfrecord", skip_prefix=3, batch_rows=3)
    ) == rows_of(4)
    with pytest.raises(DecodeError, match="row 2: magic byte is 1, not 0"):
        listed(scan(path, Field, PATHS, framing="confluent", batch_rows=3))
    for on_error in ("null", "drop"):
        options = {"framing": "confluent", "on_error": on_error, "batch_rows": 100}
        (columns,) = scan(path, Field, PATHS, **options)
        assert [(error.row, error.offset) for error in columns.errors] == [(2, 0), (5, 0)]
        numbers = [row["number"] for row in columns.to_pylist()]
        blank = [None] if on_error == "null" else []
        assert numbers == [0, 1, *blank, 3, 4, *blank, 6, 7]


@pytest.mark.parametrize("through", ["name", "file"])
@pytest.mark.parametrize("why", ["remote", "unmappable"])
def test_a_file_that_would_be_read_whole_is_read_in_parts(file, monkeypatch, through, why):
    def refuse(*_) -> None:
        raise OSError(19, "No such device")

    if why == "remote":
        monkeypatch.setattr(scanning, "remote_file_system", lambda descriptor: "nfs")
    else:
        monkeypatch.setattr(scanning, "source_of_descriptor", refuse)
    path = file(framed.tfrecord(map(record, range(3000))))
    given = path if through == "name" else path.open("rb")
    batches = list(scan(given, Field, PATHS, framing="tfrecord", batch_rows=2000))
    assert listed(batches) == rows_of(3000)
    assert all(isinstance(each.sources.buffers[0], bytearray) for each in batches)
    if through == "file":
        given.close()


def test_each(file):
    Enum = descriptor_pb2.EnumDescriptorProto  # noqa: N806
    made = [
        Enum(value=[{"name": f"{i}.{j}", "number": j} for j in range(i)]).SerializeToString()
        for i in range(5)
    ]
    path = file(framed.delimited(made))
    batches = list(scan(path, Enum, PATHS, framing="delimited", each="value", batch_rows=2))
    assert [len(columns) for columns in batches] == [1, 5, 4]
    assert [row["name"] for row in listed(batches)] == [
        f"{i}.{j}" for i in range(5) for j in range(i)
    ]


def test_arrow_takes_it_as_a_stream(file):
    pa = pytest.importorskip("pyarrow")
    path = file(framed.delimited(map(record, range(10))))
    found = scan(path, Field, PATHS, framing="delimited", batch_rows=4, utf8="check")
    table = pa.table(found)
    assert table.to_pylist() == rows_of(10)
    assert table.schema == pa.schema(found.arrow_schema) == pa.schema(found)
    reader = pa.RecordBatchReader.from_stream(found)
    assert [batch.num_rows for batch in reader] == [4, 4, 2]
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(Exception, match="frame is cut"):
        pa.table(found)


def told(given) -> list[tuple[int, int]]:
    said = []
    options = {"framing": "tfrecord", "batch_rows": 100}
    list(scan(given, Field, progress=lambda *pair: said.append(pair), **options))
    return said


def test_progress(file):
    data = framed.tfrecord(map(record, range(1000)))
    for path in (file(data), file(gzip.compress(data), "packed")):
        said = told(path)
        assert len(said) == 10 and said[-1] == (path.stat().st_size,) * 2
        assert said == sorted(said)
    assert told(io.BytesIO(data))[-1] == (len(data), 0)


def test_mistakes(file):
    path = file(b"")
    with pytest.raises(TypeError, match=r"call scan\(path, cls, paths\)"):
        scan(Field, str(path), framing="delimited")
    with pytest.raises(TypeError, match="a file's name or an open binary file, not int"):
        scan(3, Field, framing="delimited")
    with pytest.raises(ValueError, match="framing must be one of"):
        scan(path, Field, framing="lines")
    with pytest.raises(ValueError, match="compression must be one of"):
        scan(path, Field, framing="tfrecord", compression="zip")
    with pytest.raises(ValueError, match="batch_rows must be 1 or more, not 0"):
        scan(path, Field, framing="tfrecord", batch_rows=0)
    with pytest.raises(TypeError, match="binary mode"):
        listed(scan(io.StringIO("text"), Field, framing="delimited"))
    with pytest.raises(FileNotFoundError):
        listed(scan(path.with_name("none"), Field, framing="delimited"))
    with pytest.raises(IsADirectoryError):
        listed(scan(path.parent, Field, framing="delimited"))
