"""Threads that read and change messages at once."""

import contextlib
import random
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from . import contract_schemas
from .edit_oracle import Difference, random_program
from .edit_world import plain

two = contract_schemas.ours("proto2")
THREADS = 8
DATA = two.All(
    f_string="text", r_int32=range(200), r_string=["text"] * 50, sub={"a": 1, "c": range(20)},
    subs=[{"a": value, "b": "text"} for value in range(100)], m_text_int={"a": 1, "b": 2},
    m_int_sub={value: {"a": value} for value in range(20)}, p_sub={"a": 1},
    all={"all": {"sub": {"b": "text"}}},
).SerializeToString()  # fmt: skip


@pytest.fixture(autouse=True, params=[1e-6, 5e-3])
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


def test_threads_reading_one_parsed_message():
    message = two.All.FromString(DATA)
    expected = two.All.FromString(DATA)
    wanted = [(field.number, plain(value)) for field, value in expected.ListFields()]

    def read(i):
        for _ in range(5):
            assert [(field.number, plain(value)) for field, value in message.ListFields()] == wanted
            assert message == expected and message.ByteSize() == len(DATA)
            assert message.SerializeToString(deterministic=True) and repr(message)
            assert message.subs[i].a == i and message.m_int_sub[i].a == i
            assert np.asarray(message.r_int32)[i] == i
        return message.sub is message.sub and message.subs[i] is message.subs[i]

    assert all(all_at_once(read))


def test_threads_reading_one_edited_message():
    message = two.All.FromString(DATA)
    message.subs.add(b="new")
    message.sub.a = 7
    message.m_int_sub[3].a = 30
    written = message.SerializeToString(deterministic=True)

    def read(i):
        for _ in range(10):
            assert message.SerializeToString(deterministic=True) == written
            assert [child.a for child in message.subs][:3] == [0, 1, 2]
            assert two.All.FromString(written) == message
        return len(written)

    assert set(all_at_once(read)) == {len(written)}


def test_threads_changing_messages_of_their_own():
    """Each is a view of the same bytes."""

    def change(i):
        message = two.All.FromString(DATA)
        for step in range(100):
            message.f_int32 = i * 1000 + step
            message.subs[step].a = i
            message.subs.add(a=i)
            message.r_int32.append(i)
            message.m_text_int[str(step)] = i
            message.m_int_sub[step].b = str(i)
        again = two.All.FromString(message.SerializeToString())
        return again == message and sum(child.a == i for child in message.subs) >= 199

    assert all(all_at_once(change))


def test_threads_copying_from_one_message():
    source = two.All.FromString(DATA)
    source.subs[5].b = "edited"

    def copy(i):
        message = two.All(f_int32=i)
        for _ in range(20):
            message.CopyFrom(source)
            message.MergeFrom(source)
            message.subs.append(source.subs[i])
            message.subs[0].a = i
        return len(message.subs) == 201 and source.subs[0].a == 0

    assert all(all_at_once(copy))


def test_threads_running_programs_of_their_own():
    def run(i):
        try:
            return random_program(random.Random(i), 60)
        except Difference as difference:
            return str(difference)

    assert all(isinstance(lines, int) for lines in all_at_once(run))


SHAKES = (
    lambda m, i: m.subs.add(a=i),
    lambda m, i: m.subs.pop(),
    lambda m, i: m.subs.sort(key=lambda child: -child.a),
    lambda m, i: m.subs.__delitem__(slice(0, 3)),
    lambda m, i: [child.b for child in m.subs],
    lambda m, i: m.r_int32.extend(range(50)),
    lambda m, i: m.r_int32.clear(),
    lambda m, i: m.r_string.append("x" * i),
    lambda m, i: m.r_string.insert(0, "y"),
    lambda m, i: setattr(m.sub, "a", i),
    lambda m, i: m.sub.c.append(i),
    lambda m, i: m.ClearField("sub"),
    lambda m, i: m.m_int_sub[i].c.append(i),
    lambda m, i: m.m_int_sub.clear(),
    lambda m, i: m.m_text_int.update({str(i): i}),
    lambda m, i: dict(m.m_text_int),
    lambda m, i: m.MergeFromString(DATA[:0]),
    lambda m, i: m.CopyFrom(two.All.FromString(DATA)),
    lambda m, i: m.Clear(),
    lambda m, i: setattr(m, "p_int", i),
    lambda m, i: setattr(m.p_sub, "a", i),
    lambda m, i: m.SerializeToString(),
    lambda m, i: m.ByteSize(),
    lambda m, i: m == two.All.FromString(DATA),
    lambda m, i: m.ListFields(),
    lambda m, i: np.asarray(m.r_int32),
    lambda m, i: m.all.all.sub.SetInParent(),
)


def shake(message, i):
    """Anything that changes a message; what others do in between may make it fail."""
    rng = random.Random(i)
    for _ in range(300):
        with contextlib.suppress(IndexError, KeyError, ValueError, RuntimeError):
            rng.choice(SHAKES)(message, i)


def test_threads_changing_one_message_do_not_end_the_process():
    """Which change wins is anybody's guess; what is left is a message."""
    message = two.All.FromString(DATA)
    all_at_once(lambda i: shake(message, i + 1))
    assert two.All.FromString(message.SerializeToString()) == message
    assert message.ByteSize() == len(message.SerializeToString())
