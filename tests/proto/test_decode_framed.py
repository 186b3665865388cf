"""`decode_batch` of framed streams, and of records that begin with something else."""

import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from guard import Guarded, needs_guard_pages
from tensorwire._core.source import Source
from tensorwire.errors import DecodeError
from tensorwire.proto import Decoder, decode_batch

from . import framed

descriptor_pb2 = pytest.importorskip("google.protobuf.descriptor_pb2")
Field = descriptor_pb2.FieldDescriptorProto
PATHS = ["name", "number"]
BLANK = {"name": None, "number": None}


def record(i: int) -> bytes:
    return Field(name=f"name of field {i}", number=i).SerializeToString()


def row(i: int):
    return {"name": f"name of field {i}", "number": i}


@pytest.mark.parametrize("framing", ["delimited", "tfrecord"])
@pytest.mark.parametrize("kind", [bytes, bytearray, memoryview, Source])
def test_a_stream_in_one_buffer(framing, kind):
    data = kind(framed.WRITERS[framing](map(record, range(200))))
    for threads in (1, 3):
        found = decode_batch(data, Field, PATHS, framing=framing, threads=threads)
        assert found.to_pylist() == [row(i) for i in range(200)]
    assert len(decode_batch(kind(b""), Field, PATHS, framing=framing)) == 0


def test_a_stream_in_pieces_is_refused():
    with pytest.raises(TypeError, match="framing='delimited' reads one buffer of bytes, not list"):
        decode_batch([b""], Field, framing="delimited")


def test_streams_that_are_damaged():
    good = framed.tfrecord(map(record, range(4)))
    size = len(good) // 4
    bad = bytearray(good[:-1])
    bad[size + 14] ^= 1
    options = {"framing": "tfrecord", "crc": True}
    with pytest.raises(DecodeError, match="crc32c of the record") as caught:
        decode_batch(bad, Field, PATHS, **options)
    assert (caught.value.row, caught.value.offset) == (1, size)
    found = decode_batch(bad, Field, PATHS, on_error="null", **options)
    assert found.to_pylist() == [row(0), BLANK, row(2)]
    assert [(error.row, error.offset) for error in found.errors] == [(1, 0), (3, 3 * size)]
    assert found.errors[1].reason.endswith("; the rest is left out")
    found = decode_batch(bad, Field, PATHS, on_error="drop", **options)
    assert found.to_pylist() == [row(0), row(2)]
    assert [error.row for error in found.errors] == [1, 3]


def test_a_bad_record_before_a_cut_frame_is_the_error():
    stream = framed.delimited([record(0), b"\x0a\xff", record(2)])[:-1]
    with pytest.raises(DecodeError, match="row 1: name: item runs past") as caught:
        decode_batch(stream, Field, PATHS, framing="delimited")
    assert caught.value.row == 1


def inputs(records):
    """The same records in every kind of input."""
    yield records
    if None not in records:
        offsets = np.cumsum([0, *map(len, records)])
        yield b"".join(records), offsets
        yield b"".join(records), offsets.astype(np.int32)
    try:
        import pyarrow as pa
    except ImportError:
        return
    for kind in (pa.binary(), pa.large_binary(), pa.binary_view()):
        yield pa.array(records, kind)
    yield pa.chunked_array([records[:3], records[3:]], pa.binary())


@pytest.mark.parametrize("with_nulls", [False, True])
def test_prefixes_in_every_kind_of_input(with_nulls):
    plain = [record(i) for i in range(7)]
    framings = [
        ({"skip_prefix": 5}, [b"01234" + each for each in plain]),
        ({"framing": "confluent"}, [framed.confluent(each, [2, 300]) for each in plain]),
        ({"framing": "confluent", "skip_prefix": 1}, [b"x" + framed.confluent(e) for e in plain]),
    ]
    expected = [row(i) for i in range(7)]
    if with_nulls:
        expected[4] = BLANK
    for options, records in framings:
        if with_nulls:
            records[4] = None
        for held in inputs(records):
            for threads in (1, 3):
                found = decode_batch(held, Field, PATHS, threads=threads, **options)
                assert found.to_pylist() == expected
                assert list(found.errors) == []
    assert decode_batch(b"0" + plain[2], Field, PATHS, skip_prefix=1).to_pylist() == [row(2)]


@given(
    st.lists(st.sampled_from(["good", "short", "damaged", "null"]), max_size=12),
    st.sampled_from([1, 3]),
)
def test_bad_rows_among_good_ones(kinds, threads):
    made = {"good": b"abc" + record(1), "short": b"ab", "damaged": b"abc\x0a\xff", "null": None}
    records = [made[kind] for kind in kinds]
    bad = [i for i, kind in enumerate(kinds) if kind in ("short", "damaged")]
    options = {"skip_prefix": 3, "threads": threads}
    for given_ in [records] if None in records or not records else list(inputs(records)):
        found = decode_batch(given_, Field, PATHS, on_error="null", **options)
        assert found.to_pylist() == [row(1) if kind == "good" else BLANK for kind in kinds]
        assert [error.row for error in found.errors] == bad
        found = decode_batch(given_, Field, PATHS, on_error="drop", **options)
        kept = [kind for kind in kinds if kind in ("good", "null")]
        assert found.to_pylist() == [row(1) if kind == "good" else BLANK for kind in kept]
        assert [error.row for error in found.errors] == bad
        reasons = {error.row: error.reason for error in found.errors}
        for i in bad:
            expected = "prefix is cut: 3 bytes" if kinds[i] == "short" else "item runs past"
            assert reasons[i].startswith(expected)
        if bad:
            with pytest.raises(DecodeError, match=r"row \d+: ") as caught:
                decode_batch(given_, Field, PATHS, **options)
            assert caught.value.row in bad


@given(st.lists(st.binary(max_size=30), min_size=1, max_size=6), st.integers(0, 3), st.booleans())
def test_any_bytes_with_any_prefix(records, skip, is_confluent):
    framing = "confluent" if is_confluent else None
    options = {"skip_prefix": skip, "framing": framing, "on_error": "null"}
    found = decode_batch(records, Field, PATHS, **options)
    sizes = [framed.prefix(each, skip, is_confluent) for each in records]
    bare = [
        None if size is None else each[size:] for each, size in zip(records, sizes, strict=True)
    ]
    expected = decode_batch(bare, Field, PATHS, on_error="null")
    assert found.to_pylist() == expected.to_pylist()
    wrong = {i for i, size in enumerate(sizes) if size is None}
    assert {error.row for error in found.errors} == wrong | {e.row for e in expected.errors}


@needs_guard_pages
def test_nothing_outside_is_read():
    memory = Guarded(100)
    whole = framed.confluent(b"", [1, 500, 70000])
    for stop in range(len(whole) + 1):
        for skip in range(4):
            data = bytes(skip) + whole[:stop]
            placed = memory.at_end(data)
            found = decode_batch(
                (placed, np.array([0, len(data)])), Field, PATHS,
                framing="confluent", skip_prefix=skip, on_error="null",
            )  # fmt: skip
            assert len(found.errors) == (stop < len(whole))


def test_a_decoder_travels_with_its_framing():
    made = Decoder(Field, PATHS, framing="confluent", skip_prefix=2)
    again = pickle.loads(pickle.dumps(made))
    assert again == made and made != Decoder(Field, PATHS)
    data = b"ab" + framed.confluent(record(4))
    assert again([data]).to_pylist() == [row(4)]
    with pytest.raises(ValueError, match="framing must be one of"):
        Decoder(Field, framing="lines")
