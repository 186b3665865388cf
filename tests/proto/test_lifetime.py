"""Who keeps whom alive, and many threads reading one message for the first time."""

import gc
import random
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from tensorwire import proto
from tensorwire._core.source import Source

from . import reading, schemas
from .effort import generators
from .encode import number, run
from .generate import Generator

All = schemas.PROTO2.ours["All"]
THREADS = 8


@pytest.fixture
def source(tmp_path):
    """A mapped file of a message, of which only the caller holds the Source."""
    path = tmp_path / "message"
    inner = number(5, 5) + run(12, b"payload") + run(schemas.PACKED + 7, bytes(range(8)))
    path.write_bytes(run(20, run(20, inner)) + run(21, inner) * 100)
    return Source.map(str(path))


def references(source) -> int:
    gc.collect()
    return sys.getrefcount(source)


@pytest.mark.parametrize(
    "read",
    [
        lambda message: message.sub.sub,
        lambda message: message.subs,
        lambda message: message.subs[70],
        lambda message: iter(message.subs),
        lambda message: iter(message.sub.sub.p_fixed32),
        lambda message: proto.view(message.sub.sub, "s_bytes"),
        lambda message: np.asarray(message.subs[3].p_fixed32),
    ],
)
def test_what_was_read_outlives_its_parent_and_lets_go_at_last(source, read):
    before = references(source)
    held = read(proto.parse(All, source))
    gc.collect()
    if isinstance(held, All):
        assert (held.s_int32, held.s_bytes) == (5, b"payload")
    elif isinstance(held, memoryview):
        assert held == b"payload"
    elif isinstance(held, np.ndarray):
        assert held.tobytes() == bytes(range(8))
    else:
        assert len(list(held)) in (100, 2)
    del held
    assert references(source) <= before


def test_the_source_goes_last(source):
    view = proto.view(proto.parse(All, source).sub.sub, "s_bytes")
    element = proto.parse(All, source).subs[99]
    del source
    gc.collect()
    assert (bytes(view), element.s_bytes) == (b"payload", b"payload")


def test_bytes_are_kept_and_let_go():
    data = bytes(bytearray(run(20, number(5, 5)) * 3))
    before = sys.getrefcount(data)
    held = [All.FromString(data).sub for _ in range(10)]
    assert [message.s_int32 for message in held] == [5] * 10
    del held
    assert sys.getrefcount(data) == before


@pytest.fixture(params=[1e-6, 5e-3])
def switching(request):
    """How often threads change places."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(request.param)
    yield
    sys.setswitchinterval(before)


def all_at_once(function) -> list:
    """``function(i)`` in every thread at the same moment; the results, or the first error."""
    barrier = threading.Barrier(THREADS)

    def run_one(i):
        barrier.wait()
        return function(i)

    with ThreadPoolExecutor(THREADS) as pool:
        return list(pool.map(run_one, range(THREADS)))


def test_threads_reading_one_message_for_the_first_time(switching):
    """Index, tables of starts and the place last looked at are made while others read."""
    for seed, rng in generators(25):
        generator = Generator(rng, rng.choice((0, 0.1)))
        data = generator.message(schemas.PROTO2.theirs["All"].DESCRIPTOR, 150, 1)
        try:
            message = All.FromString(data)
        except ValueError:
            continue
        theirs = schemas.PROTO2.theirs["All"].FromString(data)
        all_at_once(
            lambda i, m=message, t=theirs, s=seed: reading.Comparison(random.Random(s + i)).run(
                m, t, 400
            )
        )


def test_threads_indexing_one_field_for_the_first_time(switching):
    data = b"".join(number(schemas.NEAR_REPEATED, i) + run(21, number(5, i)) for i in range(2000))
    for _ in range(5):
        message = All.FromString(data)

        def read(i, message=message):
            order = random.Random(i).sample(range(2000), 200)
            return all(
                message.near_repeated[at] == at == message.subs[at].s_int32 for at in order
            )

        assert all(all_at_once(read))


def test_threads_sharing_one_iterator(switching):
    """Each element is given out once."""
    data = b"".join(number(schemas.NEAR_REPEATED, i) for i in range(4000))
    iterator = iter(All.FromString(data).near_repeated)
    parts = all_at_once(lambda i: list(iterator))
    assert sorted(value for part in parts for value in part) == list(range(4000))


def test_threads_making_the_classes_of_one_schema(switching):
    fresh = schemas.load(schemas.file_of("proto2"))
    classes = all_at_once(lambda i: proto.message_class(fresh.theirs["Need"]))
    assert len(set(classes)) == 1
