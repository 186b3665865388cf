"""Threads inside one decode: the result of one, whatever happens meanwhile."""

import os
import random
import threading

import numpy as np
import pytest
import safety_schemas
from column_inputs import errors_of, in_one_buffer, plain_lists

from proto.encode import number, run
from proto.subprocesses import runs
from tensorwire import DecodeError, proto
from tensorwire._core.rows import Rows
from tensorwire.proto import effort

Root = safety_schemas.wide(3)
PATHS = ["x", "many.f0", "many.f2", "many_lists.f1", "texts.key", "texts.value", "ints.key"]


def record(draw: random.Random) -> bytes:
    """Lists of all lengths, most of them short, maps with keys that come again, and bad bytes."""
    items = [number(2, draw.randrange(100))] * draw.randint(0, 1)
    items += [run(4, number(1, i) + number(3, 5)) for i in range(draw.choice((0, 1, 2, 2, 50)))]
    items += [run(5, run(2, bytes([9]) * draw.choice((1, 40)))) for _ in range(draw.randint(0, 2))]
    keys = (b"a", b"bc", b"d" * 20)
    items += [run(7, run(1, draw.choice(keys)) + number(2, i)) for i in range(3)]
    items += [run(6, number(1, i % 7)) for i in range(draw.choice((0, 3, 12)))]
    draw.shuffle(items)
    return b"".join(items) + (b"\x0f" if draw.random() < 0.02 else b"")


def rows_of(seed: int, count: int) -> list[bytes | None]:
    draw = random.Random(seed)
    return [None if draw.random() < 0.02 else record(draw) for _ in range(count)]


@pytest.mark.parametrize("count", [1, 2, 15, 16, 17, 100, 1500])
@pytest.mark.parametrize("on_error", ["null", "drop"])
def test_any_number_of_threads(count, on_error):
    rows = rows_of(count, count)
    decoder = proto.Decoder(Root, PATHS, on_error=on_error)
    first = decoder(rows, threads=1)
    wanted, errors = plain_lists(first), errors_of(first)
    for threads in (2, 3, 7, 40, 10**9):
        columns = decoder(rows, threads=threads)
        assert plain_lists(columns) == wanted and errors_of(columns) == errors
    chunks = [rows[:1], rows[1:1], rows[1:7], rows[7:]]
    pa = pytest.importorskip("pyarrow")
    chunked = pa.chunked_array([pa.array(chunk, pa.binary()) for chunk in chunks])
    for threads in (1, 2, 5):
        columns = decoder(chunked, threads=threads)
        assert plain_lists(columns) == wanted and errors_of(columns) == errors


@pytest.mark.parametrize("place", [0, 1, 63, 64, 500, 1999])
def test_the_first_bad_row_is_raised(place):
    rows = [run(4, number(1, 1))] * 2000
    for bad in {place, min(place + 1, 1999), 1999}:
        rows[bad] = b"\x0f"
    for threads in (1, 2, 3, 16):
        with pytest.raises(DecodeError) as caught:
            proto.decode_batch(rows, Root, PATHS, threads=threads)
        assert caught.value.row == place


@pytest.mark.parametrize("threads", [1, 2, 3])
def test_a_record_that_leaves_its_buffer(threads):
    data, offsets = in_one_buffer([b"\x10\x01"] * 1000)
    offsets[700:] += 1000
    with pytest.raises(ValueError, match=r"record (699|700) leaves its buffer"):
        proto.decode_batch((data, offsets), Root, PATHS, threads=threads)


@pytest.mark.parametrize("threads", [1, 2, 3])
def test_large_pages_and_arrays_that_grow(threads):
    """Few items first, many later: room was foretold too small, and is made anew."""
    draw = random.Random(3)
    rows = [run(4, number(1, i % 128) + number(3, 1)) * (0 if i < 9000 else draw.randint(30, 60))
            for i in range(18_000)]  # fmt: skip
    for on_error in ("raise", "drop"):
        columns = proto.decode_batch(rows, Root, ["many"], threads=threads, on_error=on_error)
        starts = columns["many.f0"].offsets[0]
        lengths = np.array([len(row) // 6 for row in rows])
        assert np.array_equal(np.diff(starts), lengths)
        wanted = np.repeat(np.arange(len(rows)) % 128, lengths)
        assert np.array_equal(columns["many.f0"].values, wanted)
        assert columns["many.f2"].values.all() and not columns["many.f1"].values.any()


def test_threads_where_nobody_asks(monkeypatch):
    monkeypatch.setattr(effort, "processors", lambda: 6)
    record = b"\x10\x01" + run(15, bytes(1020))
    for count, threads in ((0, 1), (1, 1), (1000, 1), (1100, 2), (2000, 3), (9000, 6)):
        rows = Rows.of_list([record] * count)
        assert effort.threads_for([rows]) == effort.threads_for([rows, Rows.of_list([])]) == threads


STEADY = run(4, number(1, 1) + number(3, 2)) * 8 + run(7, run(1, b"k")) + run(7, run(1, b"l"))
UNSTEADY = {
    "none": b"",
    "null": None,
    "fewer": STEADY[: -len(run(7, run(1, b"l")))],
    "more": STEADY + run(4, b"") * 3,
    "many more": STEADY * 9,
    "a key twice": STEADY + run(7, run(1, b"k")),
    "another list": STEADY + run(5, run(2, b"\1\2")),
    "bad": STEADY + b"\x0f",
}


@pytest.mark.parametrize("kind", UNSTEADY)
@pytest.mark.parametrize("threads", [2, 3, 8])
def test_rows_with_as_many_items_each_until_one_has_others(kind, threads):
    draw = random.Random(kind)
    size = 20_000 if kind == "more" else 3000
    for places in ([size - 1], [draw.randrange(100, size)], draw.sample(range(100, size), 30)):
        rows = [STEADY] * size
        for place in places:
            rows[place] = UNSTEADY[kind]
        for on_error in ("null", "drop"):
            decoder = proto.Decoder(Root, PATHS, on_error=on_error)
            one, columns = decoder(rows, threads=1), decoder(rows, threads=threads)
            assert errors_of(columns) == errors_of(one)
            for path in columns:
                theirs, ours = one[path], columns[path]
                assert np.array_equal(ours.values, theirs.values), path
                for level, wanted in zip(ours.offsets, theirs.offsets, strict=True):
                    assert np.array_equal(level, wanted), path
                assert ours.validity is theirs.validity is None or np.array_equal(
                    ours.validity, theirs.validity
                )


def test_decodes_at_once_in_many_threads():
    rows = rows_of(9, 3000)
    decoder = proto.Decoder(Root, PATHS, on_error="null", threads=3)
    wanted = plain_lists(decoder(rows, threads=1))
    found = []
    threads = [
        threading.Thread(target=lambda: found.append(plain_lists(decoder(rows)))) for _ in range(6)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [wanted] * 6


SETUP = """
import os, signal, sys, threading, time
sys.path[:0] = ["tests", "tests/columns"]
import safety_schemas
from proto.encode import number, run
from tensorwire import proto
decoder = proto.Decoder(safety_schemas.wide(3), ["many"], threads=2)
rows = [run(4, number(1, 1)) * 20] * 200_000
few = rows[:2000]
"""
FORK = """
decoder(rows)
busy = threading.Thread(target=lambda: [decoder(rows) for _ in range(5)])
busy.start()
for _ in range(10):
    child = os.fork()
    if child == 0:
        assert decoder(few)["many.f0"].values.sum() == 40_000
        os._exit(0)
    assert os.waitpid(child, 0)[1] == 0
busy.join()
print("fine")
"""
EXIT = """
def work():
    while True:
        decoder(rows)
threading.Thread(target=work, daemon=True).start()
decoder(rows)
print("fine")
"""
INTERRUPT = """
import _thread
data = b"".join(rows) * 20
import numpy
offsets = numpy.arange(0, len(data) + 1, len(rows[0]))
signal.signal(signal.SIGINT, signal.default_int_handler)  # a background job ignores it
for threads in (1, 2, 3):
    timer = threading.Timer(0.1, _thread.interrupt_main)
    timer.start()
    try:
        while True:
            decoder((data, offsets), threads=threads)
    except KeyboardInterrupt:
        pass
    timer.join()
    assert decoder(few, threads=threads)["many.f0"].values.sum() == 40_000
print("fine")
"""
HANDLER = """
import numpy
data = b"".join(rows) * 4
offsets = numpy.arange(0, len(data) + 1, len(rows[0]))
seen = []
def handle(number, frame):
    seen.append(decoder(few)["many.f0"].values.sum())  # a decode inside of a decode
signal.signal(signal.SIGALRM, handle)
signal.setitimer(signal.ITIMER_REAL, 0.05, 0.05)
for threads in (1, 2):
    columns = decoder((data, offsets), threads=threads)
    assert columns["many.f0"].values.sum() == 16_000_000
signal.setitimer(signal.ITIMER_REAL, 0)
assert seen and set(seen) == {40_000}
print("fine")
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork")
def test_forks():
    """A child of a process that has decoded, and does so in another thread."""
    assert runs(SETUP + FORK) == "fine\n"


def test_the_end_of_the_interpreter():
    """While a daemon's decode is under way."""
    assert runs(SETUP + EXIT) == "fine\n"


def test_keyboard_interrupts():
    assert runs(SETUP + INTERRUPT) == "fine\n"


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no such signals")
def test_handlers_run_meanwhile():
    assert runs(SETUP + HANDLER) == "fine\n"


THREADLESS = """
import resource
resource.setrlimit(resource.RLIMIT_NPROC, (1, 1))
assert decoder(few, threads=8)["many.f0"].values.sum() == 40_000
print("fine")
"""


def test_a_system_without_more_threads():
    pytest.importorskip("resource")
    assert runs(SETUP + THREADLESS) == "fine\n"
