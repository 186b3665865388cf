"""Other libraries' Arrow columns of bytes: the values that lie in chunks, and who frees them."""

from __future__ import annotations

import gc
import weakref

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tensorwire._core.arrow_export import export_array, export_schema, export_stream
from tensorwire._core.arrow_input import (
    ArrowBuffer,
    ArrowNode,
    ArrowStream,
    read_schema,
    take_array,
)
from tensorwire.columns.arrow.reading import binary_chunks, binary_stream, is_arrow

pa = pytest.importorskip("pyarrow")

TYPES = {
    "binary": pa.binary(),
    "large_binary": pa.large_binary(),
    "binary_view": pa.binary_view(),
    "string": pa.string(),
    "large_string": pa.large_string(),
    "string_view": pa.string_view(),
}
ROWS = [b"a", None, b"", b"0123456789abcdef", None, b"zz", b"a much longer value"] * 5

types = pytest.mark.parametrize("named", TYPES)


def values_of(chunk):
    """The values of a chunk, as the format has them."""
    found = []
    bits = None if chunk.validity is None else memoryview(chunk.validity).cast("B")
    for i in range(chunk.length):
        bit = chunk.bit_offset + i
        if bits is not None and not bits[bit // 8] >> bit % 8 & 1:
            found.append(None)
        elif chunk.kind == "views":
            found.append(value_of_view(chunk, bytes(chunk.views[16 * i : 16 * i + 16])))
        else:
            start, stop = chunk.offsets[i], chunk.offsets[i + 1]
            found.append(bytes(memoryview(chunk.data[0])[start:stop]))
    return found


def value_of_view(chunk, view):
    length, _, index, offset = (int.from_bytes(view[at : at + 4], "little") for at in (0, 4, 8, 12))
    if length <= 12:
        return view[4 : 4 + length]
    return bytes(memoryview(chunk.data[index])[offset : offset + length])


def read(source):
    return [value for chunk in binary_chunks(source) for value in values_of(chunk)]


@types
def test_arrays_whole_and_sliced(named):
    array = pa.array(ROWS, TYPES[named])
    for start, stop in ((0, 35), (3, 17), (9, 10), (0, 0), (35, 35), (8, 35)):
        assert read(array[start:stop]) == ROWS[start:stop]


@types
def test_chunks_tables_and_batches(named):
    array = pa.array(ROWS, TYPES[named])
    chunked = pa.chunked_array([array[2:9], array[:0], array])
    wanted = ROWS[2:9] + ROWS
    assert read(chunked) == read(pa.table({"x": chunked})) == wanted
    assert [chunk.length for chunk in binary_chunks(chunked)] == [7, 0, 35]
    assert read(pa.table({"x": chunked})[5:20]) == wanted[5:20]
    assert read(pa.record_batch({"x": array})[3:11]) == ROWS[3:11]
    assert binary_chunks(pa.chunked_array([], TYPES[named])) == []
    assert read(pa.table({"x": array}).slice(0, 0)) == []


@types
def test_a_null_of_a_struct_is_a_null_of_its_column(named):
    array = pa.array(ROWS, TYPES[named])
    nulls = [i % 4 == 0 for i in range(35)]
    wanted = [None if null else row for null, row in zip(nulls, ROWS, strict=True)]
    struct = pa.StructArray.from_arrays([array], ["x"], mask=pa.array(nulls))
    assert read(struct) == wanted
    assert read(struct[5:31]) == wanted[5:31]
    full = pa.array([row or b"" for row in ROWS], TYPES[named])
    struct = pa.StructArray.from_arrays([full[2:30]], ["x"], mask=pa.array(nulls[2:30]))
    assert read(struct[3:]) == [
        None if null else row or b"" for null, row in zip(nulls[5:30], ROWS[5:30], strict=True)
    ]


@given(
    st.sampled_from(sorted(TYPES)),
    st.lists(st.none() | st.text(max_size=20).map(str.encode), max_size=40),
    st.data(),
)
def test_random_slices(named, rows, data):
    start = data.draw(st.integers(0, len(rows)))
    stop = data.draw(st.integers(start, len(rows)))
    array = pa.array(rows, TYPES[named])
    assert read(array[start:stop]) == rows[start:stop]
    batch = pa.record_batch({"x": array[start:]})
    assert read(batch[: stop - start]) == rows[start:stop]
    masked = pa.StructArray.from_arrays(
        [array], ["x"], mask=pa.array([r == b"" for r in rows], pa.bool_())
    )
    assert read(masked[start:stop]) == [row or None for row in rows[start:stop]]


@types
def test_nothing_is_copied(named):
    array = pa.array(ROWS, TYPES[named])
    (chunk,) = binary_chunks(array[3:])
    kinds = {"binary": "offsets32", "large": "offsets64"}
    buffers = array.buffers()
    size = {"offsets32": 4, "offsets64": 8, "views": 16}[chunk.kind]
    index = chunk.views if chunk.kind == "views" else chunk.offsets
    assert np.frombuffer(index, "u1").ctypes.data == buffers[1].address + 3 * size
    assert [data.address for data in chunk.data] == [buffer.address for buffer in buffers[2:]]
    assert chunk.validity.address == buffers[0].address and chunk.bit_offset == 3
    assert kinds.get(named, chunk.kind) == chunk.kind


def test_polars():
    pl = pytest.importorskip("polars")
    series = pl.Series(ROWS)
    frame = pl.DataFrame({"x": series})
    assert read(series) == read(frame) == ROWS
    assert read(pl.concat([frame, frame], rechunk=False)[30:40]) == (ROWS + ROWS)[30:40]
    assert read(pl.Series(["a", None, "a value of some length"])) == [
        b"a",
        None,
        b"a value of some length",
    ]


def test_duckdb():
    duckdb = pytest.importorskip("duckdb")
    rows = duckdb.sql("select case when i % 3 > 0 then ('v' || i)::blob end from range(5000) t(i)")
    assert read(rows) == [f"v{i}".encode() if i % 3 else None for i in range(5000)]


@pytest.mark.parametrize(
    ("source", "found"),
    [
        (lambda: pa.array([1]), "not int64"),
        (lambda: pa.array(["a"]).dictionary_encode(), "not dictionary of string: cast it"),
        (lambda: pa.array([[b"a"]]), "not list"),
        (lambda: pa.table({"a": [1.5]}), "not column 'a' of float64"),
        (lambda: pa.table({"a": [b""], "b": [b""]}), r"a table of 2 columns \('a', 'b'\)"),
        (lambda: pa.table({}), "a table of 0 columns"),
        (lambda: [b"a"], "not list"),
    ],
)
def test_other_types_are_named(source, found):
    with pytest.raises(TypeError, match=f"expected .*{found}"):
        binary_chunks(source())


def test_columns_of_type_null_are_nulls():
    assert read(pa.nulls(20)) == [None] * 20
    assert read(pa.nulls(20)[3:9]) == [None] * 6
    assert read(pa.nulls(0)) == []
    assert read(pa.chunked_array([pa.nulls(2), pa.nulls(0), pa.nulls(1)])) == [None] * 3
    assert read(pa.table({"a": pa.nulls(3)})) == [None] * 3
    rows = pa.StructArray.from_arrays([pa.nulls(3)], ["a"], mask=pa.array([False, True, False]))
    assert read(rows) == [*read(rows[1:]), None] == [None] * 3


def test_values_of_a_fixed_size():
    values = [b"abc", None, b"def", b"ghi", None]
    array = pa.array(values, pa.binary(3))
    assert read(array) == values and read(array[2:]) == values[2:] and read(array[5:]) == []
    assert read(pa.table({"a": array[1:]})) == values[1:]
    assert read(pa.array([b"", None], pa.binary(0))) == [b"", None]


def test_what_offers_arrow():
    assert is_arrow(pa.array([1])) and is_arrow(pa.table({}))
    assert not is_arrow([b""]) and not is_arrow(np.zeros(3))


# Hand-made producers: what libraries hardly ever send.


class Given:
    """An object with the interface, of one described field and arrays."""

    def __init__(self, field, *arrays):
        self.field = field
        self.arrays = arrays

    def __arrow_c_array__(self, requested_schema=None):
        return export_schema(self.field), export_array(self.arrays[0])


class Streamed(Given):
    __arrow_c_array__ = property()

    def __arrow_c_stream__(self, requested_schema=None):
        return export_stream(self.field, iter(self.arrays))


BINARY = ("z", "x", 2, None, (), None)
OFFSETS = np.array([0, 1, 3], "<i4")


def test_buffers_may_be_missing_where_there_is_nothing():
    assert read(Given(BINARY, (0, 0, (None, None, None), (), None))) == []
    assert read(Given(BINARY, (2, 0, (None, np.zeros(3, "<i4"), None), (), None))) == [b"", b""]
    assert read(Given(BINARY, (2, -1, (None, OFFSETS, b"abc"), (), None))) == [b"a", b"bc"]
    views = ("vz", "x", 2, None, (), None)
    assert read(Given(views, (0, 0, (None, None, None), (), None))) == []


def test_missing_bytes_are_an_error():
    for buffers in ((None, None, b"abc"), (None, OFFSETS, None), (None, OFFSETS)):
        with pytest.raises(ValueError, match="buffer"):
            read(Given(BINARY, (2, 0, buffers, (), None)))
    negative = np.array([0, 1, -3], "<i4")
    assert binary_chunks(Given(BINARY, (2, 0, (None, negative, None), (), None)))[0].length == 2
    struct = ("+s", "", 0, None, (BINARY,), None)
    with pytest.raises(ValueError, match="3 rows from 0 on has a column of 2 values"):
        read(Given(struct, (3, 0, (None,), ((2, 0, (None, OFFSETS, b"abc"), (), None),), None)))
    for length in (-1, 2**63 - 1):
        with pytest.raises(ValueError, match=r"negative|values from"):
            read(Given(BINARY, (length, 0, (None, OFFSETS, b"abc"), (), None)))


def test_unaligned_offsets_are_copied():
    raw = bytearray(b"?" + OFFSETS.tobytes())
    (chunk,) = binary_chunks(Given(BINARY, (2, 0, (None, memoryview(raw)[1:], b"abc"), (), None)))
    assert values_of(chunk) == [b"a", b"bc"]
    assert np.frombuffer(chunk.offsets, "<i4").ctypes.data % 4 == 0


def test_a_schema_is_read_whole():
    field = pa.field("x", pa.map_(pa.string(), pa.int8()), metadata={"a": "b", "": "c"})
    found = read_schema(field.__arrow_c_schema__())
    assert found[:4] == ("+m", "x", 2, {"a": "b", "": "c"})
    assert found[4][0][0] == "+s" and [child[0] for child in found[4][0][4]] == ["u", "c"]
    dictionary = read_schema(pa.dictionary(pa.int8(), pa.string()).__arrow_c_schema__())
    assert dictionary[0] == "c" and dictionary[5][0] == "u"
    assert read_schema(export_schema(found)) == found


# Memory and errors.


class Memory(bytearray):
    """Memory that a weak reference can point to."""


def test_the_producer_is_let_go_after_the_last_buffer():
    memory = Memory(b"abc")
    alive = weakref.ref(memory)
    source = Given(BINARY, (2, 0, (None, OFFSETS, memory), (), None))
    del memory
    (chunk,) = binary_chunks(source)
    del source
    gc.collect()
    data = memoryview(chunk.data[0])
    del chunk
    gc.collect()
    assert alive() is not None and bytes(data) == b"abc"
    del data
    gc.collect()
    assert alive() is None


def test_pyarrow_gets_its_memory_back():
    before = pa.total_allocated_bytes()
    table = pa.table({"x": pa.array([b"v" * 1000] * 1000)})
    chunks = binary_chunks(table)
    del table
    assert pa.total_allocated_bytes() > before
    del chunks
    gc.collect()
    assert pa.total_allocated_bytes() == before


def test_a_capsule_can_be_taken_once():
    schema, array = Given(BINARY, (2, 0, (None, OFFSETS, b"abc"), (), None)).__arrow_c_array__()
    assert take_array(array).length == 2
    with pytest.raises(ValueError, match="already taken"):
        take_array(array)
    stream = Streamed(BINARY).__arrow_c_stream__()
    ArrowStream(stream)
    with pytest.raises(ValueError, match="already taken"):
        ArrowStream(stream)
    for reader in (take_array, ArrowStream, read_schema):
        with pytest.raises(TypeError, match="expected a capsule named 'arrow_"):
            reader(b"")
    with pytest.raises(TypeError, match="expected a capsule named 'arrow_array'"):
        take_array(schema)


def test_a_stream_is_read_as_it_comes_and_can_be_left():
    closed = []

    def arrays():
        try:
            while True:
                yield 2, 0, (None, OFFSETS, b"abc"), (), None
        finally:
            closed.append(True)

    class Endless:
        def __arrow_c_stream__(self, requested_schema=None):
            return export_stream(BINARY, arrays())

    chunks = binary_stream(Endless())
    assert [values_of(next(chunks)) for _ in range(3)] == [[b"a", b"bc"]] * 3 and closed == []
    del chunks
    gc.collect()
    assert closed == [True]


@pytest.mark.parametrize(
    ("raised", "expected"),
    [(ValueError, ValueError), (NotImplementedError, NotImplementedError), (RuntimeError, OSError)],
)
def test_errors_of_a_stream(raised, expected):
    def arrays():
        yield 2, 0, (None, OFFSETS, b"abc"), (), None
        raise raised("no more")

    class Failing:
        def __arrow_c_stream__(self, requested_schema=None):
            return export_stream(BINARY, arrays())

    with pytest.raises(expected, match=f"{raised.__name__}: no more"):
        binary_chunks(Failing())


def test_errors_of_pyarrows_streams():
    def batches():
        yield pa.record_batch({"x": [b"a"]})
        raise ValueError("broken source")

    reader = pa.RecordBatchReader.from_batches(pa.schema({"x": pa.binary()}), batches())
    with pytest.raises((ValueError, OSError), match="broken source"):
        binary_chunks(reader)


def test_a_closed_stream_is_at_its_end():
    stream = ArrowStream(Streamed(BINARY, (0, 0, (None,) * 3, (), None)).__arrow_c_stream__())
    stream.close()
    stream.close()
    assert list(stream) == []
    with pytest.raises(ValueError, match="closed"):
        stream.schema()


def test_objects_made_by_hand_are_empty():
    node, buffer = ArrowNode.__new__(ArrowNode), ArrowBuffer.__new__(ArrowBuffer)
    assert (node.length, node.buffers, node.children) == (0, 0, ())
    assert bytes(buffer) == b"" and len(buffer) == 0
    with pytest.raises(ValueError, match="no 1 bytes in buffer 0"):
        node.buffer(0, 1)
    with pytest.raises(TypeError):
        memoryview(buffer)[0] = 1
