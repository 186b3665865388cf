"""What editing costs in memory: nothing is left over, whether an operation succeeds or fails."""

import contextlib
import gc
import os
import sys
import tracemalloc

import numpy as np
import pytest

from tensorwire import proto

from . import contract_schemas

two = contract_schemas.ours("proto2")
TEXT = "a text that nobody else holds, " * 3
BLOB = b"bytes that nobody else holds, " * 3
BIG = 2**62 + 12345
DATA = two.All(
    f_string=TEXT, r_int32=range(50), r_string=[TEXT] * 5, sub={"a": 1, "c": [1]}, f_bytes=BLOB,
    subs=[{"a": 1, "b": TEXT}] * 5, m_text_int={"a": 1, "b": 2}, m_int_sub={1: {"a": 1}},
    m_int_text={1: TEXT}, p_sub={"a": 1}, all={"all": {"sub": {"b": TEXT}}},
).SerializeToString()  # fmt: skip
SUB = two.Sub(a=1, b=TEXT)
OTHER = two.All.FromString(DATA)
ARRAY = np.arange(50, dtype=np.int32)

OPERATIONS = {
    "parse": lambda m: m.ParseFromString(DATA),
    "parse what is no message": lambda m: m.ParseFromString(DATA + b"\xff"),
    "merge bytes": lambda m: m.MergeFromString(DATA),
    "merge what is no message": lambda m: m.MergeFromString(DATA + b"\xff"),
    "merge": lambda m: m.MergeFrom(OTHER),
    "merge itself": lambda m: m.MergeFrom(m),
    "merge its child": lambda m: m.MergeFrom(m.all),
    "merge the wrong type": lambda m: m.MergeFrom(SUB),
    "copy": lambda m: m.CopyFrom(OTHER),
    "copy its child": lambda m: m.CopyFrom(m.all),
    "copy into its child": lambda m: m.all.CopyFrom(m),
    "set a number": lambda m: setattr(m, "f_int64", BIG),
    "set a wrong number": lambda m: setattr(m, "f_int32", BIG),
    "set a text": lambda m: setattr(m, "f_string", TEXT),
    "set a text as bytes": lambda m: setattr(m, "f_string", BLOB),
    "set a text that is none": lambda m: setattr(m, "f_string", b"\xff" + BLOB),
    "set bytes": lambda m: setattr(m, "f_bytes", BLOB),
    "set bytes to a text": lambda m: setattr(m, "f_bytes", TEXT),
    "set an enum": lambda m: setattr(m, "color", "BLUE"),
    "set an enum wrong": lambda m: setattr(m, "color", TEXT),
    "set a message": lambda m: setattr(m, "sub", SUB),
    "set an unknown name": lambda m: setattr(m, TEXT, TEXT),
    "switch a oneof": lambda m: (setattr(m, "p_text", TEXT), setattr(m.p_sub, "b", TEXT)),
    "clear a field": lambda m: m.ClearField("all"),
    "clear": lambda m: m.Clear(),
    "a child that stays absent": lambda m: m.group.all.sub.b,
    "a child": lambda m: setattr(m.all.all.sub, "b", TEXT),
    "append": lambda m: m.r_string.append(TEXT),
    "append wrong": lambda m: m.r_string.append(BIG),
    "insert": lambda m: m.r_string.insert(1, TEXT),
    "pop": lambda m: m.r_string.pop(),
    "pop out of range": lambda m: m.r_string.pop(1000),
    "set an item": lambda m: m.r_string.__setitem__(0, TEXT),
    "set an item wrong": lambda m: m.r_string.__setitem__(0, BIG),
    "set a slice": lambda m: m.r_string.__setitem__(slice(0, 2), [TEXT, TEXT]),
    "set a slice wrong": lambda m: m.r_string.__setitem__(slice(0, 2), [TEXT, BIG]),
    "delete a slice": lambda m: m.r_string.__delitem__(slice(0, 2)),
    "remove": lambda m: m.r_string.remove(TEXT),
    "remove what is not there": lambda m: m.r_string.remove(BLOB),
    "extend": lambda m: m.r_string.extend([TEXT, TEXT]),
    "extend wrong": lambda m: m.r_string.extend([TEXT, BIG]),
    "extend by itself": lambda m: m.r_string.extend(m.r_string),
    "sort": lambda m: m.r_string.sort(key=len),
    "sort wrong": lambda m: m.r_string.sort(key=lambda text: text.no_such),
    "extend by an array": lambda m: m.r_int32.extend(ARRAY),
    "extend by a wrong array": lambda m: m.r_string.extend(ARRAY),
    "an array": lambda m: np.asarray(m.r_int32),
    "add": lambda m: m.subs.add(b=TEXT),
    "add wrong": lambda m: m.subs.add(b=BIG),
    "append a message": lambda m: m.subs.append(SUB),
    "append a wrong message": lambda m: m.subs.append(OTHER),
    "extend by messages": lambda m: m.subs.extend([SUB, SUB]),
    "extend by wrong messages": lambda m: m.subs.extend([SUB, OTHER]),
    "delete elements": lambda m: m.subs.__delitem__(slice(0, 2)),
    "pop an element": lambda m: setattr(m.subs.pop(), "b", TEXT),
    "sort elements": lambda m: m.subs.sort(key=lambda child: child.a),
    "map set": lambda m: m.m_int_text.__setitem__(5, TEXT),
    "map set wrong": lambda m: m.m_int_text.__setitem__(5, BIG),
    "map wrong key": lambda m: m.m_int_text.__setitem__(TEXT, TEXT),
    "map delete": lambda m: m.m_int_text.__delitem__(1),
    "map delete what is not there": lambda m: m.m_int_text.__delitem__(1000),
    "map pop": lambda m: m.m_int_sub.pop(1),
    "map get": lambda m: (m.m_int_text.get(1), m.m_int_text.get(99, TEXT)),
    "map create": lambda m: setattr(m.m_int_sub[7], "b", TEXT),
    "map merge": lambda m: m.m_int_sub.MergeFrom(OTHER.m_int_sub),
    "map update wrong": lambda m: m.m_int_text.update({7: TEXT, 8: BIG}),
    "map iterate": lambda m: [len(m.m_int_text), *m.m_int_text, *m.m_int_sub.items()],
    "construct": lambda m: type(m)(f_string=TEXT, subs=[{"b": TEXT}], m_int_text={1: TEXT}),
    "construct wrong": lambda m: type(m)(f_string=TEXT, subs=[{"b": TEXT}], f_bytes=TEXT),
    "write": lambda m: (m.SerializeToString(), m.SerializeToString(deterministic=True)),
    "size": lambda m: m.ByteSize(),
    "text": repr,
    "compare": lambda m: (m == OTHER, m == TEXT, m != m),
    "copy deeply": lambda m: type(m).__deepcopy__(m, {}),
    "state": lambda m: m.__setstate__(m.__getstate__()),
    "list": lambda m: m.ListFields(),
    "discard": lambda m: m.DiscardUnknownFields(),
    "has": lambda m: (m.HasField("sub"), m.WhichOneof("pick"), "all" in m),
    "has wrong": lambda m: m.HasField(TEXT),
    "errors": lambda m: m.FindInitializationErrors(),
    "put": lambda m: proto.put(m, "f_bytes", ARRAY),
    "put wrong": lambda m: proto.put(m, "f_string", ARRAY),
    "view": lambda m: proto.view(m, "f_bytes"),
}  # fmt: skip
FAILURES = (TypeError, ValueError, IndexError, KeyError, AttributeError)
HELD = (TEXT, BLOB, DATA, SUB, OTHER, ARRAY, two.All, two.Sub, BIG)


@pytest.fixture(autouse=True)
def collector_looks_at_new_objects_only():
    """A session holds a million objects by now, and each collection would look at them all."""
    gc.freeze()
    yield
    gc.unfreeze()


def once(operation, start):
    """On a message of its own, while parts of it are held."""
    message = start()
    held = message.sub, message.subs, message.r_string, message.m_int_sub, message.all
    with contextlib.suppress(*FAILURES):
        operation(message)
    return len(held)


STARTS = {
    "parsed": lambda: two.All.FromString(DATA),
    "copied": lambda: two.All(all={"sub": {}}, subs=[{}, {}, {}], r_string=[TEXT], sub=SUB),
    "empty": two.All,
}


@pytest.mark.parametrize("start", STARTS.values(), ids=STARTS)
@pytest.mark.parametrize("operation", OPERATIONS.values(), ids=OPERATIONS)
def test_an_operation_leaves_no_reference_behind(operation, start):
    for _ in range(3):
        once(operation, start)
    before = [sys.getrefcount(one) for one in HELD]
    for _ in range(20):
        once(operation, start)
    if [sys.getrefcount(one) for one in HELD] != before:
        gc.collect()  # tracebacks are in cycles
    assert [sys.getrefcount(one) for one in HELD] == before


def blocks_left_by(function, times: int) -> int:
    """Blocks of memory that so many calls leave behind."""
    for _ in range(5):
        function()
    before = sys.getallocatedblocks()
    for _ in range(times):
        function()
    if sys.getallocatedblocks() - before > times // 3:
        gc.collect()
    return sys.getallocatedblocks() - before


@pytest.mark.parametrize("start", STARTS.values(), ids=STARTS)
def test_operations_leave_no_memory_behind(start):
    leaks = {}
    for name, operation in OPERATIONS.items():
        left = blocks_left_by(lambda once_more=operation: once(once_more, start), 60)
        if left > 20:  # fewer than one in three calls: caches of the interpreter
            leaks[name] = left
    assert leaks == {}


def test_bytes_that_native_code_allocates_come_back():
    """tracemalloc sees what PyMem and PyObject allocate; repeated cycles do not grow it."""

    def cycle(message):
        message.ParseFromString(DATA)
        message.r_int32.extend(range(1000))
        message.subs.add(b=TEXT).sub.b = TEXT
        message.m_int_sub[5].b = TEXT
        message.all.CopyFrom(OTHER)
        message.SerializeToString()
        message.Clear()

    message = two.All()
    tracemalloc.start()
    try:
        for _ in range(20):
            cycle(message)
        before = tracemalloc.get_traced_memory()[0]
        for _ in range(300):
            cycle(message)
        grown = tracemalloc.get_traced_memory()[0] - before
    finally:
        tracemalloc.stop()
    assert grown < 20_000


@pytest.mark.skipif(
    "libasan" in os.environ.get("LD_PRELOAD", ""), reason="the sanitizer keeps what was freed"
)
def test_one_message_parsed_and_cleared_again_and_again_does_not_grow():
    """Upstream's arena does."""
    resource = pytest.importorskip("resource")
    data = two.All(subs=[{"b": "x" * 100, "c": range(100)}] * 2000).SerializeToString()
    message = two.All()

    def cycle():
        message.ParseFromString(data)
        for child in message.subs[::50]:
            child.c.append(1)
        message.SerializeToString()
        message.Clear()

    for _ in range(5):
        cycle()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for _ in range(60):
        cycle()
    unit = 1 if sys.platform == "darwin" else 1024
    assert (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) * unit < 20 * len(data)


def test_a_cycle_through_a_buffer_is_not_made_by_messages():
    """A message holds what was put into it, and lets it go with the field."""
    buffer = bytearray(1000)
    before = sys.getrefcount(buffer)
    messages = [two.All() for _ in range(10)]
    for message in messages:
        proto.put(message, "f_bytes", buffer)
    assert sys.getrefcount(buffer) > before
    messages[0].ClearField("f_bytes")
    messages[1].f_bytes = b""
    messages[2].Clear()
    messages[3].CopyFrom(two.All())
    messages[4].ParseFromString(b"")
    del messages[5:], message
    gc.collect()
    assert sys.getrefcount(buffer) == before
