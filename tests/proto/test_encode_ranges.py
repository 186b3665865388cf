"""Ranges of an encoding: large ones lie where they were, small ones are joined."""

import threading
import time

import numpy as np
import pytest

from tensorwire import proto
from tensorwire._core.encode import byte_size, equal, ranges, serialize
from tensorwire._core.source import Source

from . import schemas
from .encode import number, run

LARGE = 1 << 20


def address(view) -> int:
    return np.frombuffer(view, np.uint8).__array_interface__["data"][0]


def weights(count: int = 8) -> bytes:
    payload = bytes(range(256)) * (LARGE // 256)
    return b"".join([run(21, number(5, i) + run(12, payload)) for i in range(count)])


def test_large_payloads_are_shown_where_they_are():
    data = weights() + number(3, 1)  # out of order: read item by item
    message = schemas.PROTO2.ours["All"].FromString(data)
    start = address(data)
    parts = ranges(message)
    inside = [view for view in parts if start <= address(view) < start + len(data)]
    assert len(inside) == 8 and b"".join(parts) == number(3, 1) + weights()
    assert sum(view.nbytes for view in parts if view not in inside) < 200


def test_ranges_keep_what_they_show():
    message = schemas.PROTO2.ours["All"].FromString(weights() + number(3, 1))
    message.s_bytes = b"x" * LARGE
    expected = serialize(message)
    parts = ranges(message)
    message.Clear()
    del message
    assert b"".join(parts) == expected
    with pytest.raises(TypeError):
        parts[0][0] = 1


def test_set_payloads_are_not_copied():
    message, array = schemas.PROTO2.ours["All"](), np.arange(LARGE, dtype=np.uint8)
    proto.put(message.sub, "s_bytes", array)
    assert address(array) in [address(view) for view in ranges(message)]
    assert serialize(message).endswith(array.tobytes())


def test_a_message_on_a_source_is_one_range():
    data = b"\0" * 100 + weights()
    source = Source(data)
    message = proto.parse(schemas.PROTO2.ours["All"], source, 100)
    parts = ranges(message)
    assert [address(view) for view in parts] == [address(data) + 100]
    assert serialize(message) == data[100:]


def test_sizes_of_large_messages_take_no_time():
    """Ten thousand times the bytes, and no more than a few times the time."""
    cls = schemas.PROTO2.ours["All"]
    small, large = (cls.FromString(run(21, run(12, b"x" * n)) + number(3, 1))
                    for n in (1000, 10**7))  # fmt: skip

    def best(message) -> float:
        times = []
        for _ in range(50):
            start = time.perf_counter()
            byte_size(message)
            times.append(time.perf_counter() - start)
        return min(times)

    assert byte_size(large) == len(serialize(large)) > 10**7
    assert best(large) < 20 * best(small)


def test_one_edit_of_a_large_message_copies_little():
    data = weights(64)
    message = schemas.PROTO2.ours["All"].FromString(data)
    message.subs[5].s_string = "changed"
    parts = ranges(message)
    start = address(data)
    copied = [view for view in parts if not start <= address(view) < start + len(data)]
    assert sum(view.nbytes for view in copied) < 100
    assert sum(view.nbytes for view in parts) == byte_size(message)


def test_equality_does_not_join():
    one, other = (schemas.PROTO2.ours["All"].FromString(weights()) for _ in range(2))
    assert equal(one, other)
    other.subs[7].s_bool = False
    assert not equal(one, other)
    one.subs[7].s_bool = False
    assert equal(one, other)
    one.subs[0].s_bytes = one.subs[0].s_bytes[:-1] + b"?"
    assert not equal(one, other)


def test_other_threads_run_while_a_large_message_is_joined():
    message = schemas.PROTO2.ours["All"].FromString(weights(64) + number(3, 1))
    done, turns = threading.Event(), 0

    def write() -> None:
        for _ in range(10):
            serialize(message)
        done.set()

    thread = threading.Thread(target=write)
    thread.start()
    while not done.is_set():
        turns += 1
        time.sleep(0)
    thread.join()
    assert turns > 10


def test_many_threads_write_one_message():
    data = weights(2) + number(3, 1)
    message = schemas.PROTO2.ours["All"].FromString(data)
    expected, wrong = number(3, 1) + weights(2), []

    def write() -> None:
        same = [serialize(message) == expected for _ in range(20)]
        wrong.extend([1 for verdict in same if not verdict])

    threads = [threading.Thread(target=write) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong
