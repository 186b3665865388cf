"""The same records in any form, by any number of threads, give the same columns."""

import array
import ctypes
import mmap
import random

import column_cases
import column_inputs
import numpy as np
import pytest
from column_inputs import in_one_buffer, plain_lists

from proto import schemas
from proto.effort import generators, named
from tensorwire import DecodeError, proto

pa = pytest.importorskip("pyarrow")
All = schemas.PROTO2.theirs["All"]
PATHS = ["s_int32", "s_string", "subs.s_int64", "subs.r_string", "m_int32_int64.key"]


def ctypes_bytes(row: bytes) -> ctypes.Array:
    return (ctypes.c_char * len(row)).from_buffer_copy(row)


def test_every_form_of_random_records():
    for seed, rng in generators(20):
        with named(seed):
            column_inputs.check(column_cases.random_case(rng))


@pytest.mark.parametrize("kind", [
    bytearray, memoryview, pa.py_buffer, ctypes_bytes, lambda row: array.array("b", row),
    lambda row: array.array("B", row), lambda row: np.frombuffer(row, "i1"),
    lambda row: np.frombuffer(row, "u1"),
])  # fmt: skip
def test_one_message_in_any_buffer(kind):
    row = All(s_int32=5, s_string="text").SerializeToString()
    for records, count in ((kind(row), 1), ([kind(row), None], 2)):
        found = proto.decode_batch(records, All, ["s_int32", "s_string"])
        assert found.to_pylist()[0] == {"s_int32": 5, "s_string": "text"} and len(found) == count


def many(count: int) -> list[bytes]:
    rng = random.Random(1)
    rows = []
    for i in range(count):
        row = All(s_int32=i, s_string=rng.choice(("", "short", "longer than twelve bytes")))
        for _ in range(rng.choice((0, 0, 1, 3))):
            row.subs.add(s_int64=i).r_string.extend(["a", "b" * rng.randrange(30)])
        if rng.random() < 0.2:
            row.m_int32_int64[i] = i
        rows.append(row.SerializeToString())
    return rows


ROWS = many(5000)


@pytest.mark.parametrize("threads", [2, 3, 8])
def test_threads_change_nothing(threads):
    rows = [*ROWS, None, *ROWS]
    records = in_one_buffer(ROWS)
    one = plain_lists(proto.decode_batch(rows, All, PATHS, threads=1))
    assert plain_lists(proto.decode_batch(rows, All, PATHS, threads=threads)) == one
    one = plain_lists(proto.decode_batch(records, All, PATHS, threads=1))
    assert plain_lists(proto.decode_batch(records, All, PATHS, threads=threads)) == one


@pytest.mark.parametrize("on_error", ["null", "drop"])
@pytest.mark.parametrize("form", ["list", "pair"])
def test_bad_rows_among_many_are_the_same_for_any_number_of_threads(on_error, form):
    rows = list(ROWS)
    for at in (0, 1, 17, 2500, 2501, 4998, 4999):
        rows[at] = b"\x0a\xff"
    records = rows if form == "list" else in_one_buffer(rows)
    found = [
        proto.decode_batch(records, All, PATHS, threads=threads, on_error=on_error)
        for threads in (1, 2, 5)
    ]
    for columns in found:
        assert [error.row for error in columns.errors] == [0, 1, 17, 2500, 2501, 4998, 4999]
        assert plain_lists(columns) == plain_lists(found[0])
        assert len(columns) == len(rows) - (7 if on_error == "drop" else 0)


@pytest.mark.parametrize("threads", [1, 2, 4])
def test_the_first_bad_row_is_raised_for_any_number_of_threads(threads):
    rows = list(ROWS)
    rows[1200] = rows[2600] = rows[4900] = b"\x0a\xff"
    with pytest.raises(DecodeError, match=r"row 1200\b"):
        proto.decode_batch(rows, All, PATHS, threads=threads)


def test_one_record_is_a_row():
    row = All(s_int32=7).SerializeToString()
    ours = proto.message_class(All).FromString(row)
    for record in (row, bytearray(row), memoryview(row), memoryview(bytearray(row)), ours):
        columns = proto.decode_batch(record, All, ["s_int32"])
        assert columns["s_int32"].to_pylist() == [7]


def test_a_mapped_file_is_a_record(tmp_path):
    row = All(s_string="text" * 9).SerializeToString()
    (tmp_path / "record").write_bytes(row)
    with (
        open(tmp_path / "record", "rb") as file,
        mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as mapped,
    ):
        columns = proto.decode_batch(mapped, All, ["s_string"])
        assert columns["s_string"].to_pylist() == ["text" * 9]
        pair = proto.decode_batch((mapped, np.array([0, len(row)])), All, ["s_string"])
        assert pair["s_string"].to_pylist() == ["text" * 9]
        own = columns.compact()
        del columns, pair
    assert own["s_string"].to_pylist() == ["text" * 9]


def test_other_collections_of_records():
    rows = [All(s_int32=i).SerializeToString() for i in range(5)] + [None]
    array = np.empty(6, dtype=object)
    array[:] = rows
    views, arrays = ([row and kind(row) for row in rows] for kind in (memoryview, bytearray))
    for records in (iter(rows), array, dict.fromkeys(rows), views, arrays):
        columns = proto.decode_batch(records, All, ["s_int32"])
        assert columns["s_int32"].to_pylist() == [0, 1, 2, 3, 4, None]
    with pytest.raises(TypeError, match="zero"):
        proto.decode_batch(np.array(rows[:5]), All, ["s_int32"])


def test_series_frames_and_batches():
    import pyarrow as pa

    pl = pytest.importorskip("polars")
    pd = pytest.importorskip("pandas")
    rows = [All(s_int32=i, s_string="x" * i).SerializeToString() for i in range(20)] + [None]
    wanted = plain_lists(proto.decode_batch(rows, All, PATHS))
    parts = [pa.record_batch({"a": pa.array(part, pa.binary())}) for part in (rows[:4], rows[4:])]
    for records in (
        pl.Series(rows), pl.DataFrame({"a": rows}), pl.Series(rows[:9]).extend(pl.Series(rows[9:])),
        pd.Series(rows), pa.record_batch({"a": pa.array(rows, pa.large_binary())}),
        pa.RecordBatchReader.from_batches(parts[0].schema, iter(parts)),
    ):  # fmt: skip
        assert plain_lists(proto.decode_batch(records, All, PATHS)) == wanted


def test_text_is_bytes_too():
    import pyarrow as pa

    rows = [All(s_string="abc" * i).SerializeToString().decode() for i in range(20)] + [None]
    for kind in (pa.string(), pa.large_string(), pa.string_view()):
        columns = proto.decode_batch(pa.array(rows, kind), All, ["s_string"])
        assert columns["s_string"].to_pylist() == [*("abc" * i for i in range(20)), None]


def test_null_rows_may_hide_anything():
    import pyarrow as pa

    data = b"\x28\x01" + b"\xff" * 5 + b"\x28\x02"
    offsets = np.array([0, 2, 7, 9], np.int32)
    buffers = [pa.py_buffer(bytes([0b101])), pa.py_buffer(offsets), pa.py_buffer(data)]
    array = pa.Array.from_buffers(pa.binary(), 3, buffers)
    assert proto.decode_batch(array, All, ["s_int32"])["s_int32"].to_pylist() == [1, None, 2]
    offsets = np.array([0, 2, 2**30, 9], np.int32)
    buffers[1] = pa.py_buffer(np.array([0, 2, 2**30, 9], np.int32))
    hidden = pa.Array.from_buffers(pa.binary(), 3, buffers)
    with pytest.raises(ValueError, match="buffer"):  # the last row begins at 2**30
        proto.decode_batch(hidden, All, ["s_int32"])


def test_arrow_arrays_that_lie_are_refused():
    """pyarrow looks at the first and last offsets only, and not at views, unless asked to."""
    import pyarrow as pa

    data = pa.py_buffer(b"\x28\x01" * 4)
    for wrong in (9, -2, 2**31 - 1, -(2**31)):
        places = pa.py_buffer(np.array([0, wrong, 8], np.int32))
        array = pa.Array.from_buffers(pa.binary(), 2, [None, places, data])
        with pytest.raises(ValueError, match="buffer"):
            proto.decode_batch(array, All, ["s_int32"])
    for words in ([13, 0, 9, 0], [13, 0, 0, 1], [13, 0, -1, 0], [13, 0, 0, -1], [-1, 0, 0, 0]):
        views = pa.py_buffer(np.array(words, np.int32))
        array = pa.Array.from_buffers(pa.binary_view(), 1, [None, views, data])
        with pytest.raises(ValueError, match="buffer"):
            proto.decode_batch(array, All, ["s_int32"])


# -- forms that are wrong --------------------------------------------------------------------------


@pytest.mark.parametrize("offsets", [
    [0, 5, 3, 7], [0, 9], [-1, 3], [1, 2**40], [0, 2**63 - 1], [-(2**62), 2**62], [8, 9], [3, 2],
])  # fmt: skip
@pytest.mark.parametrize("kind", [np.int64, np.int32])
def test_offsets_outside_their_buffer_are_refused(offsets, kind):
    if kind is np.int32:
        offsets = [max(min(at, 2**31 - 1), -(2**31)) for at in offsets]
    with pytest.raises(ValueError, match="leaves its buffer"):
        proto.decode_batch((b"\x28\x01" * 4, np.array(offsets, kind)), All, [], on_error="null")


@pytest.mark.parametrize("threads", [1, 3])
def test_the_record_that_leaves_its_buffer_is_named(threads):
    data, offsets = in_one_buffer(ROWS)
    offsets[3001] = len(data) + 1
    with pytest.raises(ValueError, match=r"record 300\d leaves its buffer"):
        proto.decode_batch((data, offsets), All, PATHS, threads=threads)


@pytest.mark.parametrize("offsets", [
    np.array([0.0, 2.0]), np.array([0, 2], np.int16), np.array([[0, 2]]), "02", 7,
])  # fmt: skip
def test_offsets_of_another_type_are_refused(offsets):
    with pytest.raises((TypeError, ValueError)):
        proto.decode_batch((b"\x08\x01", offsets), All, ["s_int32"])


def test_offsets_that_step_are_read_in_steps_or_refused():
    offsets = np.array([0, 99, 2, 99], np.int64)[::2]
    try:
        columns = proto.decode_batch((b"\x28\x01", offsets), All, ["s_int32"])
    except (ValueError, TypeError, BufferError):
        return
    assert columns["s_int32"].to_pylist() == [1]


@pytest.mark.parametrize("records", [
    [1], ["text"], [b"", 1], [[b""]], 7, "text", {"a": b""}, None, [All()],
])  # fmt: skip
def test_what_is_no_records_is_refused(records):
    with pytest.raises(TypeError):
        proto.decode_batch(records, All, ["s_int32"])


def test_arrow_arrays_of_other_types_are_refused():
    import pyarrow as pa

    for given in (pa.array([1]), pa.array([[b""]]), pa.table({"a": [b""], "b": [b""]})):
        with pytest.raises((TypeError, ValueError)):
            proto.decode_batch(given, All, ["s_int32"])


def test_the_input_may_go_before_the_columns():
    row = All(s_string="longer than twelve bytes" * 3, s_bytes=b"y" * 50).SerializeToString()
    rows = [bytes(bytearray(row)) for _ in range(100)]
    columns = proto.decode_batch(rows, All, ["s_string", "s_bytes"])
    pair = proto.decode_batch(in_one_buffer(rows), All, ["s_string", "s_bytes"])
    del rows
    spare = [b"z" * len(row) for _ in range(1000)]
    assert columns["s_string"].to_pylist() == ["longer than twelve bytes" * 3] * 100
    assert pair["s_bytes"].to_pylist() == [b"y" * 50] * 100
    del spare


def test_a_list_that_changes_meanwhile_does_no_harm():
    class Odd(list):
        def __getitem__(self, at):
            self.clear()
            return b""

        def __iter__(self):
            yield b"\x28\x01"
            self.clear()
            yield b"\x28\x02"

    odd = Odd([b"\x28\x07"] * 3)
    try:
        columns = proto.decode_batch(odd, All, ["s_int32"])
    except (TypeError, ValueError, RuntimeError, IndexError):
        return
    assert all(value in (1, 2, 7, 0, None) for value in columns["s_int32"].to_pylist())
