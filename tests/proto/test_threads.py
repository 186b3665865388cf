"""Parsed messages are read from many threads, and long work leaves the other threads alone."""

import os
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from . import schemas
from .encode import number, run

All = schemas.PROTO2.ours["All"]
SUB, SUBS, FAR = schemas.SUB, schemas.SUBS, schemas.FAR
R_INT32 = "r_int32"
READERS, ROUNDS = 8, 30


def reading(message) -> tuple:
    """Some of everything that a message makes on first use: index, children, lists, maps."""
    return (
        [(sub.s_int32, sub.s_string) for sub in message.subs],
        [message.subs[i].s_int32 for i in range(0, len(message.subs), 7)],
        message.sub.sub.s_string,
        list(message.p_int64),
        np.asarray(message.p_int64).sum(),
        message.HasField("sub"),
        [field.name for field, _ in message.ListFields()],
        message.ByteSize(),
        message.SerializeToString(),
    )


def test_a_parsed_message_is_read_from_many_threads():
    source = All(sub={"sub": {"s_string": "deep"}}, p_int64=range(2000))
    for i in range(500):
        source.subs.add(s_int32=i, s_string=str(i))
    data = source.SerializeToString()
    expected = reading(All.FromString(data))
    with ThreadPoolExecutor(READERS) as pool:
        for _ in range(ROUNDS):
            message = All.FromString(data)
            ready = threading.Barrier(READERS)

            def read(message=message, ready=ready):
                ready.wait()
                return reading(message)

            found = [future.result() for future in [pool.submit(read) for _ in range(READERS)]]
            assert all(one == expected for one in found)


# -- overlap -------------------------------------------------------------------------------------

SECONDS = 0.15  # what one thread is given to do, at least
ATTEMPTS = 8
OVERLAP = 1.6  # two threads take at most this many times what one takes; without overlap, 2.0


def cores() -> int:
    known = getattr(os, "sched_getaffinity", None)
    return len(known(0)) if known else os.cpu_count() or 1


def taken(work, repeats: int, threads: int) -> float:
    """Seconds until so many threads have each done ``work`` ``repeats`` times."""
    ready = threading.Barrier(threads + 1)

    def body():
        ready.wait()
        for _ in range(repeats):
            work()

    running = [threading.Thread(target=body) for _ in range(threads)]
    for one in running:
        one.start()
    ready.wait()
    start = time.perf_counter()
    for one in running:
        one.join()
    return time.perf_counter() - start


def ratio(work, repeats: int) -> float:
    return taken(work, repeats, 2) / taken(work, repeats, 1)


def repeats_of(work) -> int:
    start = time.perf_counter()
    work()
    return max(2, int(SECONDS / (time.perf_counter() - start)) + 1)


def hashing():
    """What is known to leave other threads alone: it tells whether a core is free just now."""
    import hashlib

    data = bytes(8 << 20)
    return lambda: hashlib.sha256(data).digest()


def require_overlap(work) -> None:
    if cores() < 2:
        pytest.skip("two threads need two cores")
    if "PYTEST_XDIST_WORKER" in os.environ:
        pytest.skip("other workers take the cores: `pytest -k overlaps` by itself tells")
    known = hashing()
    counts = repeats_of(work), repeats_of(known)
    refuted = []
    for _ in range(ATTEMPTS):
        found, possible = ratio(work, counts[0]), ratio(known, counts[1])
        if found < OVERLAP:
            return
        if possible < OVERLAP:
            refuted.append(found)
    if len(refuted) < 3:
        pytest.skip("no second core was free: this machine is too busy to tell")
    pytest.fail(f"two threads took {min(refuted):.2f} times what one takes, or more")


def shuffled() -> bytes:
    """Submessages whose fields are out of order: each is written anew, field by field."""
    element = number(5, 300) + number(3, 2) + run(9, b"text" * 3) + number(4, 1)
    return run(SUBS, element) * 60_000


def test_verification_overlaps():
    data = shuffled()
    require_overlap(lambda: All.FromString(data))


def test_bulk_decoding_overlaps():
    values = np.random.default_rng(3).integers(0, 2**62, 800_000)
    message = All.FromString(All(p_int64=values).SerializeToString())
    assert np.array_equal(np.asarray(message.p_int64), values)
    require_overlap(lambda: np.asarray(message.p_int64))


def test_encoding_of_what_is_not_canonical_overlaps():
    data = shuffled()
    message = All.FromString(data)
    again = message.SerializeToString()
    assert again != data and len(again) == len(data)
    require_overlap(message.SerializeToString)


def test_encoding_of_large_payloads_overlaps():
    message = All(s_bytes=bytes(32 << 20), s_int32=1)
    message = All.FromString(message.SerializeToString())
    message.s_int32 = 2
    require_overlap(message.SerializeToString)
