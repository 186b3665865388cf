"""Where records lie, told by others: wrong, misaligned, many, or changed since."""

import contextlib
import gc
import random
import threading
import time

import numpy as np
import pytest
import safety_schemas
from test_column_races import Changes

from guard import Guarded, needs_guard_pages
from proto.encode import number, run
from tensorwire import ModelError, proto
from tensorwire._core.arrow_views import span_gather, span_views
from tensorwire._core.batch_encode import BatchEncoder
from tensorwire._core.decoded import Decoded
from tensorwire._core.project import NULL_ROW, VISITED, project
from tensorwire._core.projection import Projection
from tensorwire._core.rows import Rows
from tensorwire._core.span_source import SpanSource
from tensorwire.proto import tf
from tensorwire.proto.classes import type_of

Root = safety_schemas.wide(2)


def misaligned(numbers: np.ndarray) -> np.ndarray:
    return np.frombuffer(b"\0" + numbers.tobytes(), np.uint8)[1:].view(numbers.dtype)


@pytest.mark.parametrize("dtype", ["<i4", "<i8"])
def test_offsets_that_are_not_aligned(dtype):
    rows = [number(2, i) for i in range(300)]
    offsets = np.cumsum([0, *map(len, rows)]).astype(dtype)
    columns = proto.decode_batch((b"".join(rows), misaligned(offsets)), Root, ["x"])
    assert columns["x"].to_pylist() == list(range(300))


def test_spans_that_are_not_aligned():
    starts = misaligned(np.arange(0, 20, 2, dtype="<i8"))
    lengths = misaligned(np.full(10, 2, "<i8"))
    rows = Rows.of_spans(b"".join(number(2, i) for i in range(10)), starts, lengths)
    assert proto.decode_batch(rows, Root, ["x"])["x"].to_pylist() == list(range(10))


def test_views_of_very_many_buffers():
    """Neither holding a buffer nor finding a view's takes a look at all the others."""
    count = 40_000
    record = run(7, run(1, b"0123456789"))
    views = np.zeros((count, 4), "<i4")
    views[:, 0] = len(record)
    views[:, 2] = np.arange(count)[::-1]
    started = time.perf_counter()
    rows = Rows.of_views(views.tobytes(), [record] * count)
    columns = proto.decode_batch(rows, Root, ["texts.key"])
    assert time.perf_counter() - started < 10  # it took minutes
    assert columns["texts.key"].to_pylist()[::9999] == [["0123456789"]] * 5


def test_an_error_of_a_row_that_has_gone():
    """Its offsets point elsewhere when somebody asks what was wrong."""
    rows = [number(2, 1), b"\x0f", number(2, 3)]
    for changed in (1 << 40, -1, 0):
        offsets = np.cumsum([0, *map(len, rows)]).astype(np.int64)
        columns = proto.decode_batch((b"".join(rows), offsets), Root, ["x"], on_error="null")
        offsets[2] = changed
        (error,) = columns.errors
        assert (error.row, error.offset, error.path) == (1, 0, "")
        assert "wire type 7" in error.reason


def test_results_and_projections_among_garbage():
    """Cycles are cleared in any order: the arrays of a result outlive what laid them out."""
    rows = Rows.of_list([number(2, 1) + run(7, run(1, b"a")) + run(5, number(1, 1))] * 20)
    for threads in (1, 2) * 15:
        projection = Projection(type_of(Root), ((-1, 2, False), (-1, 7, False), (1, 1, False)))
        decoded = project(
            projection, (rows, rows), NULL_ROW, VISITED, 100, threads, 1 << 30, False
        )
        cycle: list[object] = [decoded, projection]
        cycle.append(cycle)
        del projection, decoded, cycle
        gc.collect()


def test_results_are_made_by_project():
    with pytest.raises(TypeError, match="project"):
        Decoded()


def test_addresses_that_change_after_they_were_checked():
    starts = np.array([0, 40], "<i8")
    source = SpanSource((b"x" * 40,), starts)
    starts[:] = (-(1 << 40), 1 << 40)
    spans = np.array([(1 << 30, 20)], [("start", "<i8"), ("length", "<i8")])
    with pytest.raises(ValueError, match="leaves its buffer"):
        span_gather(source, spans, np.empty(20, "u1"))
    with pytest.raises(ValueError, match="leaves its buffer"):
        span_views(source, spans, np.empty(1, "V16"))
    assert source.end == 40 and source.sizes() == [40]


def test_a_block_that_two_threads_move():
    """One of them gets it, and neither its memory while the other copies."""
    values = np.arange(200_000, dtype=np.int32)
    encoder = BatchEncoder(
        type_of(Root), ((2, None, len(values), values, None, None, None, "x"),), len(values)
    )
    for _ in range(20):
        block = encoder.write(0, len(values), np.empty(len(values), np.int64))
        size, target = block.size, bytearray(block.size)
        threads = [threading.Thread(target=block.move_into, args=(target, 0)) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert block.size == 0 and block.fault is None
        assert size == len(target) and target.endswith(number(2, 199_999))


def test_one_decoder_and_one_input_in_eight_threads():
    rng = random.Random(3)

    def row(i: int) -> bytes:
        keys = [run(1, b"%d" % rng.randrange(40)) for _ in range(rng.randrange(30))]
        texts = [run(7, key + number(2, i)) for key in keys]
        return b"".join(texts) + run(1, number(1, i)) + (b"\x07" if i % 7 == 0 else b"")

    rows = [row(i) for i in range(3000)]
    shared = Rows.of_list(rows)
    decoder = proto.Decoder(Root, on_error="null", threads=3)
    wanted = {path: decoder(rows, threads=1)[path].to_pylist() for path in decoder.paths}
    found = []

    def decode() -> None:
        for _ in range(3):
            columns = decoder(shared)
            assert len(columns.errors) == 429
            found.append({path: columns[path].to_pylist() for path in columns})

    threads = [threading.Thread(target=decode) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 24 and all(one == wanted for one in found)


@needs_guard_pages
def test_records_of_tensorflow_that_change_meanwhile():
    """Lengths are looked at once: one that grows between two looks leads outside."""
    from proto import schemas

    rng = random.Random(1)

    def example() -> bytes:
        values = run(1, bytes(rng.randrange(128) for _ in range(rng.randrange(90))))
        entries = [
            run(1, run(1, b"k%d" % rng.randrange(4)) + run(2, run(kind, values)))
            for kind in (1, 2, 3)
        ]
        return run(1, b"".join(entries))

    rows = [example() for _ in range(300)]
    features = {f"k{i}": tf.VarLenFeature("int64") for i in range(3)}
    features["k3"] = tf.RaggedFeature("string")
    offsets = np.cumsum([0, *map(len, rows)]).astype(np.int64)
    memory = Guarded(int(offsets[-1])).at_end(b"".join(rows))
    names, types = ["s_int32", "s_string", "r_int64"], ["int32", "string", "int64"]
    with Changes(memory, 2):
        for _ in range(150):
            with contextlib.suppress(ModelError):
                tf.parse_example((memory, offsets), features)
            with contextlib.suppress(ModelError):
                tf.decode_proto((memory, offsets), schemas.PROTO2.ours["All"], names, types)
