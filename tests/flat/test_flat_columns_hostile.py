"""Columns of bytes that changed since they were verified, or that unfold without end.

Whatever the bytes are: an error of ours or some columns, nothing outside is touched, and what comes
out is bounded by what went in.
"""

from __future__ import annotations

import contextlib
import struct
import threading
import tracemalloc
from concurrent.futures import ThreadPoolExecutor

import flat_mutate
import flat_values
import flat_writer
import numpy as np
import pytest
from flat_schemas import random_schema

from guard import Guarded, needs_guard_pages
from proto.effort import generators, named
from tensorwire import flat
from tensorwire.errors import DecodeError, LimitError, ModelError
from tensorwire.flat.schema import Schema
from tensorwire.limits import Limits


def look(columns):
    """Reads everything, where it still can be."""
    for path in columns:
        with contextlib.suppress(ModelError):
            columns[path].to_pylist()


def refuses(view, utf8):
    try:
        look(flat.columns(view, utf8=utf8))
    except (DecodeError, LimitError):
        return True
    return False


def changed(rng, guard):
    """A view of bytes that changed since they were verified."""
    schema = random_schema(rng)
    value = flat_values.random_value(rng, schema)
    written = flat_writer.write(schema, value, rng=rng)
    memory = guard.at_end(written.data)
    view = Schema(schema).root(memory, identifier=False, borrow=True)
    return view, written, memory


@needs_guard_pages
def test_changed_bytes_stay_inside():
    guard = Guarded(1 << 20)
    refused = 0
    for seed, rng in generators(150):
        with named(seed):
            view, written, memory = changed(rng, guard)
            for _ in range(6):
                mutant = flat_mutate.mutant(rng, written)[: len(memory)]
                memory[: len(mutant)] = np.frombuffer(mutant, np.uint8)
                refused += refuses(view, "check") + refuses(view, "skip")
    assert refused > 100


@needs_guard_pages
def test_changes_name_their_place():
    schema = Schema.from_fbs_text("table T { ts: [T]; s: string; } root_type T;")
    data = flat_writer.write(schema.declarations, {"ts": [{"s": "x"}, {"s": "yes"}]}).data
    memory = bytearray(data)
    view = schema.root(memory, borrow=True)
    at = data.index(b"\3\0\0\0yes")
    memory[at : at + 4] = b"\xff\xff\xff\x7f"
    with pytest.raises(DecodeError, match="the bytes changed since they were verified") as caught:
        flat.columns(view, ["ts.s"])
    assert caught.value.path == "ts[1].s" and caught.value.offset == at
    with pytest.raises(DecodeError) as caught:
        flat.columns([None, view], ["ts.s"])
    assert caught.value.path == "[1].ts[1].s"
    with pytest.raises(DecodeError) as caught:
        flat.columns(view.ts, ["s"])
    assert caught.value.path == "[1].s"
    memory[at : at + 7] = b"\3\0\0\0y\xffs"
    with pytest.raises(DecodeError, match="string is not UTF-8") as caught:
        flat.columns(view, ["ts.s"])
    assert caught.value.path == "ts[1].s" and caught.value.offset == at + 4


def test_nothing_of_others_memory_shows():
    """A required field whose place is gone leaves its row empty, not unwritten."""
    schema = Schema.from_fbs_text(
        "table U { s: string (required); n: int; } table T { us: [U]; } root_type T;"
    )
    count = 500
    rows = [{"s": "text", "n": 5}] * count
    memory = bytearray(flat_writer.write(schema.declarations, {"us": rows}).data)
    view = schema.root(memory, borrow=True)
    paths = ["us.s", "us.n"]
    assert flat.columns(view, paths)["us.n"].values.tolist() == [5] * count
    for i in range(count):
        at = flat.offset(view.us[i])
        (back,) = struct.unpack_from("<i", memory, at)
        memory[at - back : at - back + 2] = b"\4\0"  # a vtable of no fields
    for _ in range(20):
        columns = flat.columns(view, paths)
        assert columns["us.n"].values.tolist() == [0] * count
        assert set(columns["us.s"].to_pylist()[0]) == {""}


CHAIN = Schema.from_fbs_text("table N { next: [N]; numbers: [int]; } root_type N;")


def unfolding(width, levels):
    """Tables whose vector has the one table of the next level, ``width`` times."""
    vtable = struct.pack("<4H", 8, 8, 4, 0)
    data, size = struct.pack("<I", 12) + vtable, 12 + 4 * width
    for _ in range(levels):
        at = len(data)
        offsets = [size - 12 - 4 * i for i in range(width)]
        data += struct.pack(f"<iII{width}I", at - 4, 4, width, *offsets)
    data += struct.pack("<iII", len(data) - 4, 4, 0)
    return CHAIN.root(data + bytes(4))


def path_of(levels, name="numbers"):
    return ".".join(["next"] * levels + [name])


def test_shared_tables_unfold_to_a_limit():
    small = unfolding(width=3, levels=4)
    shown = flat.columns(small, [path_of(4)])[path_of(4)]
    assert [len(level) - 1 for level in shown.offsets] == [1, 3, 9, 27, 81]
    huge = unfolding(width=1000, levels=4)
    tracemalloc.start()
    with pytest.raises(LimitError, match=r"shared parts unfold .*flat_work") as caught:
        flat.columns(huge, [path_of(4)])
    assert caught.value.path.startswith("next[")
    with pytest.raises(LimitError):
        flat.columns(huge, each="next.next.next.next")
    assert tracemalloc.get_traced_memory()[1] < 4 << 20
    tracemalloc.stop()


def test_the_limit_can_be_raised():
    view = unfolding(width=30, levels=3)
    path = path_of(3)
    with pytest.raises(LimitError):
        flat.columns(view, [path], limits=Limits(flat_work=1))
    found = flat.columns(view, [path], limits=Limits(flat_work=10_000))
    assert len(found[path].offsets[-1]) - 1 == 27_000


def test_arrays_grow_to_a_limit():
    """One empty table of 200 fields, a thousand times: 4 bytes become 800 each time."""
    names = " ".join(f"f{i}: int;" for i in range(200))
    schema = Schema.from_fbs_text(
        f"table T {{ t: [U]; v: [int]; }} table U {{ {names} }} root_type T;"
    )
    count = 100_000
    first = 24
    offsets = [first + 4 * count + 4 - (first + 4 * i) for i in range(count)]
    data = (
        struct.pack("<I4H", 12, 6, 8, 4, 0) + struct.pack("<iII", 8, 4, count)
        + struct.pack(f"<{count}I", *offsets) + struct.pack("<HHi", 4, 4, 4)
    )  # fmt: skip
    view = schema.root(data)
    assert flat.columns(view, ["t.f0"])["t.f0"].values.sum() == 0
    small = Limits(column_growth=0)
    for options in ({}, {"each": "t"}):
        with pytest.raises(LimitError, match=r"columns would take .*column_growth") as caught:
            flat.columns(view, limits=small, **options)
        assert caught.value.path == "t"
    assert len(flat.columns(view, ["t.f0"], limits=small)["t.f0"].values) == count


def test_honest_buffers_stay_far_below_the_limit():
    for seed, rng in generators(60):
        with named(seed):
            schema = random_schema(rng)
            value = flat_values.random_value(rng, schema)
            view = Schema(schema).root(
                flat_writer.write(schema, value).data, identifier=False
            )
            flat.columns(view, limits=Limits(flat_work=2))


def test_rows_count_against_the_limit_together():
    schema = Schema.from_fbs_text("table T { v: [int]; } root_type T;")
    view = schema.root(flat_writer.write(schema.declarations, {"v": list(range(1000))}).data)
    assert len(flat.columns([view] * 10, ["v"])) == 10
    with pytest.raises(LimitError):
        flat.columns([view] * 100, ["v"])


def test_a_long_string_shared_by_many_is_not_checked_without_end():
    schema = Schema.from_fbs_text("table T { names: [string]; } root_type T;")
    count, length = 4000, 100_000
    text = struct.pack("<I", length) + b"x" * length + b"\0" * 4
    vector = struct.pack("<I", count)
    place = 4 + 6 + 2 + 8
    first = place + 4
    target = first + 4 * count
    offsets = [target - (first + 4 * i) for i in range(count)]
    data = (
        struct.pack("<I", 12) + struct.pack("<4H", 6, 8, 4, 0)
        + struct.pack("<iI", 8, 4) + vector + struct.pack(f"<{count}I", *offsets) + text
    )  # fmt: skip
    view = schema.root(data)
    with pytest.raises(LimitError, match="flat_work"):
        flat.columns(view, ["names"])
    spans = flat.columns(view, ["names"], utf8="skip")["names"].values
    assert len(spans) == count and (spans["length"] == length).all()


@needs_guard_pages
def test_bytes_that_change_meanwhile():
    for seed, rng in generators(6):
        with named(seed):
            guard = Guarded(1 << 16)
            view, written, memory = changed(rng, guard)
            done = threading.Event()

            def spoil(rng=rng, written=written, memory=memory, done=done):
                while not done.is_set():
                    mutant = flat_mutate.mutant(rng, written)[: len(memory)]
                    memory[: len(mutant)] = np.frombuffer(mutant, np.uint8)

            spoiler = threading.Thread(target=spoil, daemon=True)
            spoiler.start()
            for _ in range(60):
                with contextlib.suppress(ModelError):
                    look(flat.columns(view, utf8="skip"))
            done.set()
            spoiler.join()


def test_many_threads_at_once():
    schema = Schema.from_fbs_text(
        "table U { v: [int]; s: string; } table T { us: [U]; } root_type T;"
    )
    rows = [{"v": list(range(i % 9)), "s": f"name {i}"} for i in range(5000)]
    data = flat_writer.write(schema.declarations, {"us": rows}).data
    view = schema.root(data)
    wanted = [row["v"] for row in rows], [row["s"] for row in rows]

    def run(_):
        columns = flat.columns(view, each="us")
        return columns["v"].to_pylist(), columns["s"].to_pylist()

    with ThreadPoolExecutor(4) as pool:
        assert all(found == wanted for found in pool.map(run, range(24)))
