"""What records may grow to: the row and item that pass the limit, and nothing else, are refused."""

import os
import pickle
import random

import numpy as np
import pytest
import safety_schemas
from column_inputs import errors_of, in_one_buffer, plain_lists

from proto.encode import number, run
from proto.subprocesses import runs
from tensorwire import LimitError, Limits, flat, limits, proto

Root = safety_schemas.wide(4)
PATHS = ["x", "many.f0", "many.f1", "many_lists.f2"]
#: bytes of a row of each table, as arrays have them
ROW, MANY, LISTS, F2 = 1 + 4 + 1 + 8 + 8, 4 + 4, 8, 4


def record(draw: random.Random) -> bytes:
    items = [run(4, b"")] * draw.randint(0, 6)
    values = draw.randint(0, 40)
    lists = run(5, run(3, bytes([7]) * values) * draw.randint(0, 2))
    items += [lists] * draw.randint(0, 2)
    draw.shuffle(items)
    return number(2, 5) + b"".join(items)


def parts_of(row: bytes):
    """``(offset of the item, path, bytes of what it becomes)`` of each item that has a place."""
    at, many, lists = 2, 0, 0
    while at < len(row):
        stop = at + 2 + row[at + 1]
        if row[at] >> 3 == 4:
            yield at, f"many[{many}]", MANY
            many += 1
        else:
            yield at, f"many_lists[{lists}]", LISTS
            inner = at + 2
            count = 0
            while inner < stop:
                yield inner + 2, f"many_lists[{lists}].f2[{count}]", F2 * row[inner + 1]
                inner += 2 + row[inner + 1]
                count += 1
            lists += 1
        at = stop


def expected(rows: list[bytes], most: int, on_error: str):
    """``(rows that stay, errors)``, item by item."""
    kept: list[bytes | None] = []
    errors = []
    used = len(rows) * ROW
    for place, row in enumerate(rows):
        before = used
        for at, path, nbytes in parts_of(row):
            used += nbytes
            if used > most:
                errors.append((place, at, path))
                used = before
                kept += [None] if on_error == "null" else []
                break
        else:
            kept.append(row)
    return kept, errors


@pytest.fixture
def most(monkeypatch):
    """Sets the limit of what is decoded, whatever its size."""

    def put(nbytes: int) -> Limits:
        monkeypatch.setattr(limits, "COLUMN_BYTES", nbytes)
        return Limits(column_growth=0)

    return put


@pytest.mark.parametrize("on_error", ["null", "drop"])
@pytest.mark.parametrize("seed", range(12))
def test_rows_over_the_limit(most, on_error, seed):
    draw = random.Random(seed)
    rows = [record(draw) for _ in range(draw.choice((3, 60, 700)))]
    everything = sum(ROW + sum(nbytes for *_, nbytes in parts_of(row)) for row in rows)
    whole = proto.decode_batch(rows, Root, PATHS)
    for share in (0.999, 0.8, 0.3):
        limit = max(int(everything * share), len(rows) * ROW)
        kept, errors = expected(rows, limit, on_error)
        wanted = plain_lists(proto.decode_batch(kept, Root, PATHS))
        for threads in (1, 2, 3):
            columns = proto.decode_batch(
                in_one_buffer(rows), Root, PATHS, on_error=on_error, threads=threads,
                limits=most(limit),
            )  # fmt: skip
            assert [error[:3] for error in errors_of(columns)] == errors
            assert plain_lists(columns) == wanted
            assert all(f"more than {limit} bytes" in error.reason for error in columns.errors)
    again = proto.decode_batch(rows, Root, PATHS, limits=most(everything), threads=2)
    assert plain_lists(again) == plain_lists(whole)


@pytest.mark.parametrize("threads", [1, 2, 3])
def test_the_first_row_over_the_limit_is_raised(most, threads):
    draw = random.Random(7)
    rows = [record(draw) for _ in range(500)]
    used = 0
    for _ in range(5):
        used += 3000
        limit = len(rows) * ROW + used
        _, errors = expected(rows, limit, "null")
        with pytest.raises(LimitError, match=r"raise limits\.column_growth") as caught:
            proto.decode_batch(rows, Root, PATHS, threads=threads, limits=most(limit))
        error = caught.value
        assert (error.row, error.offset, error.path) == errors[0]
        assert f"row {errors[0][0]}: {errors[0][2]}: columns would take" in str(error)


def test_a_record_alone_and_its_items(most):
    row = run(4, b"") * 100
    for each, paths in ((None, ["many.f0"]), ("many", ["f0"])):
        with pytest.raises(LimitError) as caught:
            proto.decode_batch(row, Root, paths, each=each, limits=most(9 + 4 * 30))
        assert (caught.value.row, caught.value.offset) == (None, 60)
        assert caught.value.path == "many[30]"
    assert len(proto.decode_batch(row, Root, ["f0"], each="many", limits=most(9 + 400))) == 100


def test_rows_alone_over_the_limit(most):
    for on_error in ("raise", "null", "drop"):
        with pytest.raises(LimitError, match=r"columns of 1000 rows take 22000 bytes, more than 9"):
            proto.decode_batch([b""] * 1000, Root, PATHS, on_error=on_error, limits=most(9))


def test_a_scan_counts_rows_over_the_whole_file(most, tmp_path):
    rows = [run(4, b"") * 3, run(4, b"") * 4] * 5
    path = tmp_path / "rows"
    path.write_bytes(b"".join(bytes([len(row)]) + row for row in rows))
    options = {"framing": "delimited", "batch_rows": 2, "limits": most(2 * 9 + 6 * 4)}
    with pytest.raises(LimitError) as caught:
        list(proto.scan(path, Root, ["many.f0"], **options))
    assert (caught.value.row, caught.value.offset, caught.value.file) == (1, 6, str(path))
    found = list(proto.scan(path, Root, ["many.f0"], on_error="null", **options))
    assert [error.row for one in found for error in one.errors] == [1, 3, 5, 7, 9]
    assert [one["many.f0"].to_pylist() for one in found] == [[[0] * 3, None]] * 5


def test_oneofs_that_go_to_and_fro_take_no_more_than_they_hold(most):
    lists = run(3, run(1, bytes([7]) * 20))
    row = (lists + number(2, 1)) * 50 + lists
    columns = proto.decode_batch(row, Root, ["lists.f0"], limits=most(10 + 80), threads=1)
    assert columns["lists.f0"].to_pylist() == [[7] * 20]
    with pytest.raises(LimitError):
        proto.decode_batch(row, Root, ["lists.f0"], limits=most(9 + 79))


def test_limits_are_part_of_a_decoder():
    decoder = proto.Decoder(Root, PATHS, limits=Limits(column_growth=3, depth=7))
    again = pickle.loads(pickle.dumps(decoder))
    assert again == decoder and again.limits == Limits(column_growth=3, depth=7)
    assert decoder != proto.Decoder(Root, PATHS)


def test_the_default_lets_honest_records_through():
    """Almost empty items of a message of 100 fields; hostile ones of 1000 are refused."""
    cls = safety_schemas.wide(100)
    columns = proto.decode_batch([run(4, number(1, 1)) * 300_000], cls, ["many"])
    assert columns["many.f0"].values.sum() == 300_000
    cls = safety_schemas.wide(1000)
    with pytest.raises(LimitError, match="column_growth"):
        proto.decode_batch([run(4, b"") * 100_000], cls, ["many"])
    raised = Limits(column_growth=10_000)
    assert len(proto.decode_batch([run(4, b"") * 100_000], cls, ["many"], limits=raised)) == 1


def test_padding(most):
    rows = [run(3, run(1, bytes([7]) * 100)), *[b""] * 99]
    column = proto.decode_batch(rows, Root, ["lists.f0"])["lists.f0"]
    assert column.to_numpy(pad=True).shape == (100, 100)
    assert column.to_numpy(pad=True, limits=most(40_000)).sum() == 700
    with pytest.raises(LimitError, match=r"column 'lists.f0': 100 x 100 padded values take 40000"):
        column.to_numpy(pad=True, limits=most(39_999))


def test_padding_as_tensorflow_does_it(most):
    tf = proto.tf
    texts = safety_schemas.wide(1)
    rows = [run(4, b"") * 100, *[b""] * 99]
    sizes, (found,) = tf.decode_proto(rows, texts, ["many"], ["string"], limits=most(80_000))
    assert found.shape == (100, 100) and sizes.sum() == 100
    with pytest.raises(LimitError, match="field 'many': 100 rows of 100 padded values take 80000"):
        tf.decode_proto(rows, texts, ["many"], ["string"], limits=most(79_999))
    example = tf.schema()["tensorflow.Example"]()
    example.features.feature["a"].int64_list.value.extend(range(100))
    rows = [example.SerializeToString(), *[b""] * 99]
    wanted = {"a": tf.FixedLenSequenceFeature([], "int64", allow_missing=True)}
    assert tf.parse_example(rows, wanted, limits=most(80_000))["a"].shape == (100, 100)
    with pytest.raises(LimitError, match="feature 'a': 100 rows of 100 padded items take 80000"):
        tf.parse_example(rows, wanted, limits=most(79_999))


def test_strings_that_share_their_bytes(most):
    schema = flat.Schema.from_fbs_text("table T { t: [U]; } table U { s: string; } root_type T;")
    text = "a" * 1000
    view = schema.root(schema.build({"t": [{"s": text}] * 50}))
    columns = flat.columns(view, ["t.s"])
    assert columns.compact(limits=most(50_000))["t.s"].to_pylist() == [[text] * 50]
    with pytest.raises(LimitError, match="strings and bytes take 50000 bytes"):
        columns.compact(limits=most(49_999))


needs_little_memory = pytest.mark.skipif(
    "asan" in os.environ.get("LD_PRELOAD", ""), reason="a sanitizer takes all addresses there are"
)
MEMORY = """
import resource, sys
sys.path[:0] = ["tests", "tests/columns"]
import safety_schemas
from proto.encode import number, run
from tensorwire import Limits, proto
{setup}
resource.setrlimit(resource.RLIMIT_AS, ({mebibytes} << 20,) * 2)
try:
    {call}
except MemoryError:
    print("MemoryError")
else:
    print("fine")
"""
HOSTILE = """
cls = safety_schemas.wide(1000)
row = run(4, number(1, 1)) * 400_000
no_limit = Limits(column_growth=1_000_000)
"""


@needs_little_memory
@pytest.mark.parametrize(("threads", "on_error"), [(1, "null"), (2, "raise"), (2, "drop")])
def test_no_memory(threads, on_error):
    pytest.importorskip("resource")
    call = f"""proto.decode_batch(
        [b"", row] * 3, cls, ["many"], threads={threads}, on_error="{on_error}", limits=no_limit)"""
    assert runs(MEMORY.format(setup=HOSTILE, mebibytes=1500, call=call)) == "MemoryError\n"


@needs_little_memory
def test_no_memory_for_rows_and_padding():
    pytest.importorskip("resource")
    setup = "cls = safety_schemas.wide(1000)\nno_limit = Limits(column_growth=1_000_000)"
    call = 'proto.decode_batch([b""] * 1_000_000, cls, limits=no_limit)'
    assert runs(MEMORY.format(setup=setup, mebibytes=1500, call=call)) == "MemoryError\n"
    setup += """
rows = [run(3, run(1, bytes(40_000)))] + [b""] * 39_999
column = proto.decode_batch(rows, cls, ["lists.f0"])["lists.f0"]
tf = proto.tf
rows = [run(4, b"") * 40_000] + [b""] * 39_999
"""
    call = "column.to_numpy(pad=True, limits=no_limit)"
    assert runs(MEMORY.format(setup=setup, mebibytes=1500, call=call)) == "MemoryError\n"
    call = 'tf.decode_proto(rows, cls, ["many"], ["string"], limits=no_limit)'
    assert runs(MEMORY.format(setup=setup, mebibytes=1500, call=call)) == "MemoryError\n"


def test_oracle_knows_all_items():
    draw = random.Random(1)
    rows = [record(draw) for _ in range(200)]
    columns = proto.decode_batch(rows, Root, PATHS)
    size = sum(nbytes for row in rows for *_, nbytes in parts_of(row))
    many, lists, f2 = (
        columns[path].offsets[level][-1]
        for path, level in (("many.f0", 0), ("many_lists.f2", 0), ("many_lists.f2", 1))
    )
    assert size == MANY * many + LISTS * lists + F2 * f2
    assert np.asarray(columns["x"].values).sum() == 1000
