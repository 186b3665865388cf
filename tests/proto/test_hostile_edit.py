"""Abuses of messages that are changed, each a sentence, and what comes of them."""

import contextlib
import itertools
import subprocess
import sys

import numpy as np
import pytest

from tensorwire import proto

from . import contract_schemas
from .refusal import refused

two = contract_schemas.ours("proto2")
DEEP = 100_000

# -- depth ---------------------------------------------------------------------------------------

CHAIN = """
import contextlib, sys
from tests.proto import contract_schemas
from tensorwire import ModelError
Sub = contract_schemas.ours("proto2").Sub

def chain(step, levels):
    root = Sub(a=1)
    child = root
    for _ in range(levels):
        child = step(child)
    child.a = 2
    return root

STEPS = {
    "sub": lambda message: message.sub,
    "subs": lambda message: message.subs.add(),
    "m": lambda message: message.m["k"],
}
USES = {
    "ByteSize": lambda message: message.ByteSize(),
    "Serialize": lambda message: len(message.SerializeToString()),
    "deterministic": lambda message: len(message.SerializeToString(deterministic=True)),
    "equal": lambda message: message == message,
    "equal to another": lambda message: message == chain(STEPS[sys.argv[1]], LEVELS),
    "deepcopy": lambda message: __import__("copy").deepcopy(message),
    "CopyFrom": lambda message: Sub().CopyFrom(message),
    "MergeFrom": lambda message: message.MergeFrom(message),
    "append": lambda message: Sub().subs.append(message),
    "constructor": lambda message: Sub(sub=message),
    "repr": lambda message: len(repr(message)),
    "pickle": lambda message: len(__import__("pickle").dumps(message.__getstate__())),
    "IsInitialized": lambda message: message.IsInitialized(),
    "errors": lambda message: message.FindInitializationErrors(),
    "Discard": lambda message: message.DiscardUnknownFields(),
    "ListFields": lambda message: len(message.ListFields()),
    "again": lambda message: Sub.FromString(message.SerializeToString()),
    "Clear": lambda message: message.Clear(),
}
LEVELS = int(sys.argv[2])
import os
with contextlib.suppress(ImportError):  # text of so many levels of indentation would fill a disk
    import resource
    if "libasan" not in os.environ.get("LD_PRELOAD", ""):  # which reserves terabytes of addresses
        resource.setrlimit(resource.RLIMIT_AS, (4 << 30, 4 << 30))
for name, use in USES.items():
    message = chain(STEPS[sys.argv[1]], LEVELS)
    try:
        use(message)
        print(name, "done", flush=True)
    except (ModelError, ValueError, RecursionError) as error:
        print(name, type(error).__name__, flush=True)
    del message
    print(name, "dropped", flush=True)
"""


def outcomes(step: str, levels: int) -> dict[str, list[str]]:
    """What each use of a chain of so many messages came to; the process ended well."""
    command = [sys.executable, "-c", CHAIN, step, str(levels)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=240)
    assert done.returncode == 0, (done.returncode, done.stdout[-300:], done.stderr[-2000:])
    found: dict[str, list[str]] = {}
    for line in done.stdout.splitlines():
        name, _, outcome = line.rpartition(" ")
        found.setdefault(name, []).append(outcome)
    return found


@pytest.mark.parametrize("step", ["sub", "subs", "m"])
def test_a_chain_of_messages_deeper_than_any_stack_is_used_or_refused(step):
    found = outcomes(step, DEEP)
    assert len(found) == 18
    assert all(one[-1] == "dropped" and len(one) == 2 for one in found.values()), found


@pytest.mark.parametrize("step", ["sub", "subs", "m"])
def test_a_chain_of_150_messages_is_used(step):
    found = outcomes(step, 150)
    assert found.pop("again")[0] != "done"  # deeper than bytes may nest
    assert all(one == ["done", "dropped"] for one in found.values()), found


# -- a message and itself ------------------------------------------------------------------------


def test_a_message_put_into_itself_again_and_again():
    message = two.All(f_int32=1)
    for levels in range(1, 12):
        message.all.CopyFrom(message)
        depth, inner = 0, message
        while inner.HasField("all"):
            depth, inner = depth + 1, inner.all
        assert depth == levels and inner.f_int32 == 1
    assert message.ByteSize() == len(message.SerializeToString())


def test_a_list_that_takes_in_its_owner():
    message = two.All(f_int32=1)
    for _ in range(8):
        message.alls.append(message)
        message.alls.extend([message])
        message.alls.insert(0, message)
        if len(message.SerializeToString()) > 10**6:
            break
    assert message.ByteSize() == len(message.SerializeToString()) > 10**6


def test_a_map_that_takes_in_its_owner():
    message = two.All(f_int32=1)
    message.m_text_all["a"].CopyFrom(message)
    value = message.m_text_all["a"]
    value.MergeFrom(message)
    message.MergeFrom(value)
    value.m_text_all.MergeFrom(message.m_text_all)
    message.m_text_all.MergeFrom(message.m_text_all["a"].m_text_all)
    assert message.ByteSize() == len(message.SerializeToString())
    assert message.f_int32 == 1


def test_ancestors_and_descendants_copied_into_each_other_both_ways():
    for levels in (1, 2, 5):
        message = two.All.FromString(two.All(f_string="x").SerializeToString())
        child = message
        for _ in range(levels):
            child = child.all
        child.f_int32 = 3
        child.CopyFrom(message)
        message.CopyFrom(child)
        message.MergeFrom(message.all)
        assert message.f_string == "x"
        assert two.All.FromString(message.SerializeToString()) == message


# -- callbacks that change what is being changed -------------------------------------------------


def clear_list(message):
    message.r_int32.clear()


def clear_message(message):
    message.Clear()


def clear_field(message):
    message.ClearField("r_int32")


def grow(message):
    message.r_int32.extend(range(1000))


def parse(message):
    message.ParseFromString(two.All(r_int32=[7] * 3).SerializeToString())


def copy_other(message):
    message.CopyFrom(two.All(r_int32=[5]))


def shrink(message):
    del message.r_int32[1:]


CHANGES = [clear_list, clear_message, clear_field, grow, parse, copy_other, shrink]


class Meddler:
    """A number that changes the message when it is asked for, so often as a list can bear."""

    def __init__(self, message, change, value=1):
        self.message, self._change, self.value, self.left = message, change, value, 5

    def change(self, message):
        self.left -= 1
        if self.left >= 0:
            self._change(message)

    def __index__(self):
        self.change(self.message)
        return self.value

    def __float__(self):
        return float(self.__index__())

    __int__ = __index__

    def __bool__(self):
        return bool(self.__index__())

    def __eq__(self, other):
        self.change(self.message)
        return False

    __hash__ = object.__hash__

    def __lt__(self, other):
        self.change(self.message)
        return True


def elements(meddler):
    """An iterator that changes the message between its elements."""
    for value in (1, 2, 3):
        meddler.change(meddler.message)
        yield value


ATTEMPTS = {
    "append": lambda m, x: m.r_int32.append(x),
    "insert a value": lambda m, x: m.r_int32.insert(2, x),
    "insert at": lambda m, x: m.r_int32.insert(x, 5),
    "set an item": lambda m, x: m.r_int32.__setitem__(2, x),
    "set at": lambda m, x: m.r_int32.__setitem__(x, 5),
    "get at": lambda m, x: m.r_int32[x],
    "delete at": lambda m, x: m.r_int32.__delitem__(x),
    "pop at": lambda m, x: m.r_int32.pop(x),
    "get a slice": lambda m, x: m.r_int32[x:],
    "get a stepped slice": lambda m, x: m.r_int32[::x],
    "delete a slice": lambda m, x: m.r_int32.__delitem__(slice(x, 3)),
    "set a slice at": lambda m, x: m.r_int32.__setitem__(slice(x, 3), [1, 2, 3]),
    "set a slice": lambda m, x: m.r_int32.__setitem__(slice(1, 3), [x, 2]),
    "set a stepped slice": lambda m, x: m.r_int32.__setitem__(slice(0, 4, 2), [x, 2]),
    "set a slice from an iterator": lambda m, x: m.r_int32.__setitem__(slice(0, 2), elements(x)),
    "extend by values": lambda m, x: m.r_int32.extend([1, x, 2]),
    "extend by an iterator": lambda m, x: m.r_int32.extend(elements(x)),
    "extend by itself and a value": lambda m, x: m.r_int32.extend([*m.r_int32, x]),
    "merge": lambda m, x: m.r_int32.MergeFrom(elements(x)),
    "remove": lambda m, x: m.r_int32.remove(x),
    "contains": lambda m, x: x in m.r_int32,
    "equal": lambda m, x: m.r_int32 == [1, 2, x, 4, 5],
    "sort by key": lambda m, x: m.r_int32.sort(key=lambda value: x.__index__()),
    "sort by order": lambda m, x: m.r_int32.sort(key=lambda value: x),
    "set a field": lambda m, x: setattr(m, "f_int32", x),
    "set a real": lambda m, x: setattr(m, "f_double", x),
    "set a bool": lambda m, x: setattr(m, "f_bool", x),
    "set an enum": lambda m, x: setattr(m, "color", x),
    "set a member": lambda m, x: setattr(m, "p_int", x),
    "map key": lambda m, x: m.m_int_text[x],
    "map value": lambda m, x: m.m_text_int.__setitem__("a", x),
    "map update": lambda m, x: m.m_int_text.update({x: "a", 5: "b"}),
    "map get": lambda m, x: m.m_int_text.get(x),
    "map delete": lambda m, x: m.m_int_text.__delitem__(x),
    "add": lambda m, x: m.subs.add(a=x, c=elements(x)),
    "construct": lambda m, x: type(m)(r_int32=elements(x), f_int32=x, sub={"c": elements(x)}),
}


@pytest.mark.parametrize("parsed", [False, True])
@pytest.mark.parametrize("attempt", ATTEMPTS.values(), ids=ATTEMPTS)
def test_a_number_that_changes_the_message_it_goes_into(attempt, parsed):
    for change, value in itertools.product(CHANGES, (0, 1, 3, -1)):
        message = two.All(r_int32=[1, 2, 3, 4, 5], m_int_text={1: "x"}, subs=[{}])
        if parsed:
            message = two.All.FromString(message.SerializeToString())
        field, mapping = message.r_int32, message.m_int_text
        with contextlib.suppress(IndexError, ValueError, RuntimeError, KeyError):
            attempt(message, Meddler(message, change, value))
        assert len(field) == len(list(field)) and len(mapping) == len(dict(mapping))
        assert all(type(number) is int for number in field)
        again = two.All.FromString(message.SerializeToString())
        assert again == message and message.ByteSize() == len(message.SerializeToString())


def sort_by(message, change):
    def key(child):
        change(message)
        return child.a

    message.subs.sort(key=key)


def remove_all(message):
    message.subs.clear()


def add_some(message):
    for _ in range(20):
        message.subs.add(a=5)


def drop_first(message):
    del message.subs[0]


def parse_subs(message):
    message.ParseFromString(two.All(subs=[{"a": 9}]).SerializeToString())


@pytest.mark.parametrize("parsed", [False, True])
@pytest.mark.parametrize("change", [remove_all, add_some, drop_first, parse_subs, clear_message])
def test_elements_that_go_away_while_they_are_sorted_compared_or_copied(change, parsed):
    def start():
        message = two.All(subs=[{"a": value, "b": "x"} for value in (3, 1, 2, 5)])
        return two.All.FromString(message.SerializeToString()) if parsed else message

    def changing(message, values):
        for value in values:
            change(message)
            yield value

    for attempt in (
        lambda m: sort_by(m, change),
        lambda m: m.subs.extend(changing(m, [two.Sub(a=1), two.Sub(a=2)])),
        lambda m: m.subs.extend(changing(m, list(m.subs))),
        lambda m: m.subs.extend(changing(m, itertools.islice(m.subs, 9))),
        lambda m: [change(m) for _ in itertools.islice(m.subs, 9)],
        lambda m: [change(m) for _ in itertools.islice(reversed(m.subs), 3)],
        lambda m: m.subs.remove(Meddler(m, change)),
        lambda m: m.subs == [Meddler(m, change)] * 4,
        lambda m: m.subs.pop(Meddler(m, change, 2)),
        lambda m: m.subs[Meddler(m, change, 2) :],
        lambda m: m.subs.insert(Meddler(m, change, 2), two.Sub(a=1)),
        lambda m: m.subs.__delitem__(slice(Meddler(m, change, 0), 3)),
        lambda m: m.MergeFrom(type(m)(subs=changing(m, list(m.subs)))),
    ):
        message = start()
        field, held = message.subs, list(message.subs)
        with contextlib.suppress(IndexError, ValueError, RuntimeError, TypeError):
            attempt(message)
        assert len(field) == len(list(field))
        assert {child.b for child in held} == {"x"}
        assert two.All.FromString(message.SerializeToString()) == message


# -- memory that is exported, and buffers that change --------------------------------------------


def test_arrays_keep_what_they_were_made_of():
    data = two.Packed(int32s=range(100), doubles=[1.5] * 100, bools=[True] * 9).SerializeToString()
    message = two.Packed.FromString(data)
    arrays = [np.asarray(message.int32s), np.asarray(message.doubles), np.asarray(message.bools)]
    before = [found.tobytes() for found in arrays]
    for edit in (
        lambda m: m.doubles.append(2.5),
        lambda m: m.doubles.extend(range(10_000)),
        lambda m: m.int32s.clear(),
        lambda m: m.doubles.sort(),
        lambda m: m.bools.__setitem__(0, False),
        lambda m: m.Clear(),
        lambda m: m.ParseFromString(data[:0]),
    ):
        edit(message)
        arrays += [np.asarray(message.doubles)]
        before += [arrays[-1].tobytes()]
        assert [found.tobytes() for found in arrays] == before
    del message
    assert [found.tobytes() for found in arrays] == before


def test_a_buffer_that_was_put_is_read_when_it_is_encoded():
    for buffer in (bytearray(b"before"), np.frombuffer(b"before", np.uint8).copy()):
        message = two.All()
        proto.put(message, "f_bytes", buffer)
        assert message.f_bytes == b"before"
        buffer[:] = type(buffer)(b"behind") if isinstance(buffer, bytearray) else list(b"behind")
        assert message.f_bytes == b"behind"
        assert message.SerializeToString() == two.All(f_bytes=b"behind").SerializeToString()
        assert message == two.All(f_bytes=b"behind") and message.ByteSize() == 8


def test_a_buffer_that_was_put_cannot_shrink():
    buffer, message = bytearray(b"before"), two.All()
    proto.put(message, "f_bytes", buffer)
    with refused(BufferError):
        buffer.clear()
    message.ClearField("f_bytes")
    buffer.clear()
